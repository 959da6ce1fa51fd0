/* See picture.h. */
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "picture.h"

__attribute__((format(printf, 2, 3))) void picture_add(char *picture, const char *format, ...)
{
	size_t len = strlen(picture);
	va_list args;

	va_start(args, format);
	vsnprintf(picture + len, PICTURE_MAX - len, format, args);
	va_end(args);
}

static void user_want(
	char *picture, const struct model *model, const char *label, int user, pid_t pid)
{
	picture_add(picture, " %s uid %u pid %d", label, model->uids[user], (int)pid);
}

/* What status and a descriptor's line say of a hold alike. */
static void hold_want(char *picture, const struct model *model, const struct hold *h)
{
	user_want(picture, model, h->label, h->user, h->pid);
	picture_add(picture, " %s", h->ask.shared ? "shared" : "exclusive");
	if (strchr(h->names, '+'))
		picture_add(picture, " [%s]", h->names);
}

static void grant_want(char *picture, const struct hold *h)
{
	picture_add(picture, " token %" PRIu64 " ttl ", h->token);
	if (h->ask.ttl_ms)
		picture_add(picture, "%" PRIu64, h->ask.ttl_ms);
	else
		picture_add(picture, "none");
}

void name_want(char *picture, const struct model *model, int name)
{
	const struct freeze *freeze = &model->freezes[name];
	const struct hold *h = model_holder(model, name, 0);
	char text[16];

	if (!freeze->on)
		freeze = &model->freezes[ALL];
	if (!h && !model_waiter(model, name, 0) && freeze != &model->freezes[name])
		return;
	picture_add(picture, "%s %s\n", model_name(model, name, text),
		h                    ? "held"
			: freeze->on ? "frozen"
				     : "free");
	for (; h; h = model_holder(model, name, h->granted)) {
		picture_add(picture, "  %s %s by", h->lease ? "lease" : "open",
			h->opener == NOBODY ? "dead" : "alive");
		hold_want(picture, model, h);
		grant_want(picture, h);
		picture_add(picture, " renewals %u\n", h->renewals);
	}
	for (h = NULL; (h = model_waiter(model, name, h ? h->arrival : 0));) {
		picture_add(picture, "  waits");
		hold_want(picture, model, h);
		picture_add(picture, "\n");
	}
	if (freeze->on)
		picture_add(picture, "  %s\n",
			freeze == &model->freezes[ALL] ? "frozen with all" : "frozen");
}

void freezes_want(char *picture, const struct model *model)
{
	char text[16];

	for (int i = 0; i <= NAMES; i++) {
		const struct freeze *f = &model->freezes[i == 0 ? ALL : i - 1];

		if (!f->on)
			continue;
		picture_add(picture, "freeze %s by", model_name(model, i == 0 ? ALL : i - 1, text));
		user_want(picture, model, model->users[f->user], f->user, f->pid);
		picture_add(picture, " ttl %" PRIu64 "\n", f->ms);
	}
}

void line_want(char *picture, const struct model *model, const struct hold *h)
{
	if (!strchr(h->names, '+'))
		picture_add(picture, "%s", h->names);
	hold_want(picture, model, h);
	grant_want(picture, h);
	picture_add(picture, " %s", h->stage == HELD ? "held" : "lost");
}

void poll_want(char *picture, const struct model *model, const struct hold *h)
{
	int events = POLLIN;

	for (int name = 0; name < NAMES; name++)
		if ((h->ask.names >> name & 1) && model_waiter(model, name, 0))
			events |= POLLPRI;
	picture_add(picture, "poll %#x", h->stage == HELD ? (unsigned)events : POLLERR | POLLHUP);
}

void lists_want(char *picture, const struct model *model)
{
	char text[16];

	picture_add(picture, "locks:");
	for (int i = 0; i < NAMES; i++)
		if (model->freezes[i].on || model_holder(model, i, 0) || model_waiter(model, i, 0))
			picture_add(picture, " %s", model_name(model, i, text));
	picture_add(picture, "\nfreezes:%s", model->freezes[ALL].on ? " @all" : "");
	for (int i = 0; i < NAMES; i++)
		if (model->freezes[i].on)
			picture_add(picture, " %s", model_name(model, i, text));
	picture_add(picture, "\nleases:");
	for (int i = 0; i < NAMES; i++)
		if (model_lease(model, i))
			picture_add(picture, " %s", model_name(model, i, text));
	picture_add(picture, "\n");
}

void totals_want(char *picture, const struct model *model)
{
	int holders = 0, leases = 0, freezes = 0;

	for (const struct hold *h = model->holds; h < model->holds + HOLDS; h++) {
		holders += h->stage == HELD;
		leases += h->stage == HELD && h->lease;
	}
	for (int i = 0; i <= NAMES; i++)
		freezes += model->freezes[i].on;
	picture_add(
		picture, "in all %d holders, %d leases, %d freezes\n", holders, leases, freezes);
}

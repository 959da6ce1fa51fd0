/* See attempt.h. */
#include "attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

/* CLOCK_MONOTONIC in milliseconds. */
static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool word_parse(struct attempt *a, const char *word)
{
	static const struct {
		const char *word;
		int flag;
	} words[] = {
		{"rd", O_RDONLY},
		{"wr", O_WRONLY},
		{"rw", O_RDWR},
		{"path", O_PATH},
		{"nonblock", O_NONBLOCK},
		{"creat", O_CREAT},
		{"excl", O_EXCL},
		{"trunc", O_TRUNC},
		{"append", O_APPEND},
		{"retry", 0},
		{"thread", 0},
		{"later", 0},
	};

	a->retry = a->retry || strcmp(word, "retry") == 0;
	a->thread = a->thread || strcmp(word, "thread") == 0;
	a->later = a->later || strcmp(word, "later") == 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i].word) == 0) {
			a->flags |= words[i].flag;
			return true;
		}
	}
	return false;
}

bool attempt_parse(struct attempt *a, char *text)
{
	char *path = strchr(text, ':'), *rest = NULL;

	*a = (struct attempt){.path = text, .flags = O_CLOEXEC, .fd = -1};
	if (!path)
		return false;
	*path = '\0';
	for (char *word = strtok_r(text, "+", &rest); word; word = strtok_r(NULL, "+", &rest)) {
		a->path = word;
		if (!word_parse(a, word))
			return false;
	}
	a->path = path + 1;
	return true;
}

static void *attempt_run(void *attempt)
{
	struct attempt *a = attempt;

	while ((a->fd = open(a->path, a->flags, 0666)) < 0 && errno == EINTR && a->retry)
		a->interrupted++;
	a->err = a->fd < 0 ? errno : 0;
	a->end = now_ms();
	return NULL;
}

void attempt_begin(struct attempt *a)
{
	bool alone = !a->thread && !a->later;

	a->begin = now_ms();
	if (alone || pthread_create(&a->runner, NULL, attempt_run, a) != 0) {
		attempt_run(a);
		a->thread = a->later = false;
	}
}

void attempt_end(struct attempt *a)
{
	if (a->thread || a->later)
		pthread_join(a->runner, NULL);
	a->thread = a->later = false;
}

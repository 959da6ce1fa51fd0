/* See worker.h. */
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPIES 3

static int fds[HOLDS][COPIES]; /* 0: none; standard input is always open */

/* The place of the newest descriptor in a slot, or of the next one. */
static int *newest(int slot)
{
	int i = COPIES - 1;

	while (i > 0 && fds[slot][i] == 0)
		i--;
	return &fds[slot][i];
}

static void report_put(struct report *report, int result)
{
	report->err = result < 0 ? errno : 0;
	report->value = result;
}

static void do_open(const struct order *order, int *interrupts, struct report *report)
{
	int fd;

	while ((fd = open(order->path, order->flags | O_CLOEXEC)) < 0 && errno == EINTR)
		__atomic_add_fetch(interrupts, 1, __ATOMIC_SEQ_CST);
	report_put(report, fd);
	if (fd >= 0)
		fds[order->slot][0] = fd;
}

static void do_close(const struct order *order, struct report *report)
{
	int *fd = newest(order->slot);

	report_put(report, close(*fd));
	*fd = 0;
}

/* Keeps the first line that `fd` gives. */
static void line_read(int fd, struct report *report)
{
	ssize_t len = pread(fd, report->text, sizeof(report->text) - 1, 0);

	report_put(report, (int)len);
	report->text[len > 0 ? len : 0] = '\0';
}

static void do_put(const struct order *order, struct report *report)
{
	int fd = open(order->path, order->flags | O_CLOEXEC, 0644);

	report_put(report, fd);
	if (fd < 0)
		return;
	report_put(report, (int)write(fd, order->text, strlen(order->text)));
	close(fd);
}

static void do_show(const struct order *order, struct report *report)
{
	int fd = open(order->path, O_RDONLY | O_CLOEXEC);

	report_put(report, fd);
	if (fd < 0)
		return;
	line_read(fd, report);
	close(fd);
}

static void do_touch(const struct order *order, struct report *report)
{
	int fd = open(order->path, O_WRONLY | O_CREAT | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0644);

	report_put(report, fd);
	if (fd < 0)
		return;
	report_put(report, futimens(fd, NULL));
	close(fd);
}

static void do_poll(const struct order *order, struct report *report)
{
	struct pollfd p = {.fd = *newest(order->slot), .events = POLLIN | POLLPRI};

	report_put(report, poll(&p, 1, 0));
	report->value = p.revents;
}

static void do_order(const struct order *order, int *interrupts, struct report *report)
{
	const char *text = order->text;

	switch (order->deed) {
	case DEED_OPEN: do_open(order, interrupts, report); break;
	case DEED_CLOSE: do_close(order, report); break;
	case DEED_PUT: do_put(order, report); break;
	case DEED_SHOW: do_show(order, report); break;
	case DEED_TOUCH: do_touch(order, report); break;
	case DEED_POLL: do_poll(order, report); break;
	case DEED_READ: line_read(*newest(order->slot), report); break;
	case DEED_UNLINK: report_put(report, unlink(order->path)); break;
	case DEED_DUP: {
		int fd = dup(*newest(order->slot));

		report_put(report, fd);
		newest(order->slot)[1] = fd;
		break;
	}
	case DEED_WRITE:
		report_put(report, (int)write(*newest(order->slot), text, strlen(text)));
		break;
	case DEED_FORK: report_put(report, fork()); break;
	case DEED_EXIT: _exit(order->slot);
	}
}

/* It interrupts what waits, and does nothing else. */
static void on_signal(int number)
{
	(void)number;
}

_Noreturn void worker_run(const int ends[WORKERS], int *interrupts, int self)
{
	const struct sigaction catch = {.sa_handler = on_signal};
	struct order order;

	sigaction(SIGUSR1, &catch, NULL);
	while (recv(ends[self], &order, sizeof(order), 0) == sizeof(order)) {
		struct report report = {0};

		do_order(&order, &interrupts[self], &report);
		if (order.deed == DEED_FORK && report.value == 0) {
			self = order.slot;
			continue;
		}
		if (send(ends[self], &report, sizeof(report), 0) < 0)
			break;
	}
	_exit(0);
}

/* See crew.h. */
#include "crew.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void must(bool done, const char *what)
{
	if (done)
		return;
	perror(what);
	exit(1);
}

void crew_init(struct crew *crew)
{
	const struct rlimit no_cores = {0};
	int ends[2];

	signal(SIGCHLD, SIG_IGN); /* nobody has to be reaped; workers inherit this */
	signal(SIGPIPE, SIG_IGN);
	setrlimit(RLIMIT_CORE, &no_cores);
	/* Whose parent died is ours, and not the child of somebody who might hold something. */
	must(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0, "prctl");
	crew->interrupts = mmap(NULL, WORKERS * sizeof(int), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(crew->interrupts != MAP_FAILED, "mmap");
	for (int i = 0; i < WORKERS; i++) {
		must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0,
			"socketpair");
		crew->ours[i] = ends[0];
		crew->theirs[i] = ends[1];
		crew->pidfds[i] = -1;
	}
}

/* What a worker does before it is one. */
static _Noreturn void begin(const struct crew *crew, int worker, uid_t uid, gid_t group)
{
	for (int i = 0; i < WORKERS; i++) {
		close(crew->ours[i]);
		if (crew->pidfds[i] >= 0)
			close(crew->pidfds[i]);
	}
	if (uid != getuid())
		must(setgroups(group ? 1 : 0, &group) == 0 && setgid(uid) == 0 && setuid(uid) == 0,
			"setuid");
	worker_run(crew->theirs, crew->interrupts, worker);
}

void crew_adopt(struct crew *crew, int worker, pid_t pid)
{
	crew->pidfds[worker] = (int)syscall(SYS_pidfd_open, pid, 0);
	must(crew->pidfds[worker] >= 0, "pidfd_open");
}

pid_t crew_spawn(struct crew *crew, int worker, uid_t uid, gid_t group)
{
	pid_t pid = fork();

	must(pid >= 0, "fork");
	if (pid == 0)
		begin(crew, worker, uid, group);
	crew_adopt(crew, worker, pid);
	return pid;
}

void crew_tell(struct crew *crew, int worker, const struct order *order)
{
	must(send(crew->ours[worker], order, sizeof(*order), 0) == sizeof(*order), "send");
}

/* Whether there is something to be had from `fd` within `ms`. */
static bool ready(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, ms) > 0;
}

bool crew_hear(struct crew *crew, int worker, int ms, struct report *report)
{
	const int end = crew->ours[worker];

	return ready(end, ms) && recv(end, report, sizeof(*report), 0) == sizeof(*report);
}

void crew_signal(struct crew *crew, int worker, int signal)
{
	must(syscall(SYS_pidfd_send_signal, crew->pidfds[worker], signal, NULL, 0) == 0, "kill");
}

bool crew_interrupt(struct crew *crew, int worker, int ms)
{
	const int before = __atomic_load_n(&crew->interrupts[worker], __ATOMIC_SEQ_CST);

	crew_signal(crew, worker, SIGUSR1);
	while (__atomic_load_n(&crew->interrupts[worker], __ATOMIC_SEQ_CST) == before && ms-- > 0)
		usleep(1000);
	return ms > 0;
}

bool crew_bury(struct crew *crew, int worker, int ms)
{
	if (!ready(crew->pidfds[worker], ms))
		return false;
	close(crew->pidfds[worker]);
	crew->pidfds[worker] = -1;
	return true;
}

void crew_end(struct crew *crew)
{
	for (int i = 0; i < WORKERS; i++)
		if (crew->pidfds[i] >= 0)
			crew_signal(crew, i, SIGKILL);
}

/* The other system calls of the server: time, sleeping, signals. See vcalls.h.
 *
 * The world goes on while the server sleeps in poll(2), and, now and then, while it reads its requests. */
#include "vcalls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "judge.h"
#include "kernel.h"
#include "life.h"
#include "schedule.h"
#include "stores.h"
#include "story.h"
#include "vdisk.h"

int __wrap_close(int fd)
{
	struct vfd *vfd = vfd_of(fd);

	if (!vfd)
		return fd >= 10000 ? 0 : __real_close(fd);
	if (vfd->vfile && vfd->vfile->locked && strcmp(vfd->vfile->name, "lock") == 0)
		vfd->vfile->locked = false;
	vfd->kind = VFD_NONE;
	return 0;
}

static bool process_over(const struct vfd *vfd)
{
	return !vfd->process->used || vfd->process->pid != vfd->pid || !vfd->process->alive;
}

static bool is_ready(const struct vfd *vfd)
{
	if (!vfd)
		return false;
	switch (vfd->kind) {
	case VFD_KERNEL: return kernel_has_request();
	case VFD_TIMER: return world->boot_ns >= vfd->timer_ns;
	case VFD_SIGNALS: return world->terminate;
	case VFD_PIDFD: return process_over(vfd);
	case VFD_EPOLL:
		for (unsigned i = 0; i < world->n_watches; i++)
			if (is_ready(vfd_of(world->watches[i].fd)))
				return true;
		return false;
	default: return false;
	}
}

static int look(struct pollfd *fds, nfds_t count)
{
	int ready = 0;

	for (nfds_t i = 0; i < count; i++) {
		fds[i].revents = is_ready(vfd_of(fds[i].fd)) ? POLLIN : 0;
		ready += fds[i].revents != 0;
	}
	return ready;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	stores_settle();

	int ready = look(fds, count);
	uint64_t until_ns = world->mono_ns + (uint64_t)timeout * MS;

	while (ready == 0 && timeout != 0) {
		time_pass(1000);
		if ((ready = look(fds, count)) > 0)
			break; /* a timer that was set to the very next moment */
		judge_rest();
		point("while it sleeps");
		if (timeout > 0) {
			if (world->mono_ns >= until_ns)
				break;
			time_pass(MS);
		} else {
			schedule_step();
		}
		ready = look(fds, count);
	}
	return ready;
}

ssize_t __wrap_read(int fd, void *data, size_t len)
{
	struct vfd *vfd = vfd_of(fd);
	struct signalfd_siginfo *info = data;
	const uint64_t one = 1;

	if (!vfd)
		return __real_read(fd, data, len);
	stores_settle();
	switch (vfd->kind) {
	case VFD_FILE: return vfile_read(vfd, data, len);
	case VFD_KERNEL: return kernel_read(data, len);
	case VFD_TIMER:
		if (is_ready(vfd)) {
			vfd->timer_ns = NONE;
			memcpy(data, &one, sizeof(one));
			return sizeof(one);
		}
		break;
	case VFD_SIGNALS:
		if (world->terminate) {
			world->terminate = false;
			*info = (struct signalfd_siginfo){.ssi_signo = SIGTERM};
			return sizeof(*info);
		}
		break;
	default: break;
	}
	errno = EAGAIN;
	return -1;
}

int __wrap_fcntl64(int fd, int command, ...)
{
	(void)fd, (void)command;
	return 0;
}

int __wrap_timerfd_create(int clock, int flags)
{
	struct vfd *vfd;

	(void)clock, (void)flags;
	return vfd_open(VFD_TIMER, &vfd);
}

int __wrap_timerfd_settime(
	int fd, int flags, const struct itimerspec *fresh, struct itimerspec *old)
{
	uint64_t ns =
		(uint64_t)fresh->it_value.tv_sec * 1000000000 + (uint64_t)fresh->it_value.tv_nsec;

	(void)flags, (void)old;
	vfd_of(fd)->timer_ns = ns ? world->boot_ns + ns : NONE;
	return 0;
}

int __wrap_signalfd(int fd, const sigset_t *set, int flags)
{
	struct vfd *vfd;

	(void)fd, (void)set, (void)flags;
	return vfd_open(VFD_SIGNALS, &vfd);
}

int __wrap_sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	(void)how, (void)set, (void)old;
	return 0;
}

void (*__wrap_signal(int number, void (*handler)(int)))(int)
{
	(void)number, (void)handler;
	return SIG_DFL;
}

int __wrap_epoll_create1(int flags)
{
	struct vfd *vfd;

	(void)flags;
	return vfd_open(VFD_EPOLL, &vfd);
}

int __wrap_epoll_ctl(int fd, int operation, int watched, struct epoll_event *event)
{
	(void)fd;
	if (operation == EPOLL_CTL_ADD) {
		if (world->n_watches == WATCHES)
			fail("too many processes are watched for this simulation");
		world->watches[world->n_watches++] = (struct watch){watched, event->data.u64};
		return 0;
	}
	for (unsigned i = 0; i < world->n_watches; i++)
		if (world->watches[i].fd == watched) {
			world->watches[i] = world->watches[--world->n_watches];
			return 0;
		}
	errno = ENOENT;
	return -1;
}

int __wrap_epoll_wait(int fd, struct epoll_event *events, int room, int timeout)
{
	int count = 0;

	(void)fd, (void)timeout;
	for (unsigned i = 0; i < world->n_watches && count < room; i++)
		if (is_ready(vfd_of(world->watches[i].fd)))
			events[count++] = (struct epoll_event){
				.events = EPOLLIN, .data.u64 = world->watches[i].data};
	return count;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
	uint64_t ns = world->mono_ns;

	if (clock == CLOCK_MONOTONIC_COARSE)
		ns -= ns % (4 * MS);
	else if (clock == CLOCK_BOOTTIME)
		ns = world->boot_ns;
	else if (clock == CLOCK_REALTIME)
		ns = (uint64_t)world->wall_ns;
	t->tv_sec = (time_t)(ns / 1000000000);
	t->tv_nsec = (long)(ns % 1000000000);
	return 0;
}

time_t __wrap_time(time_t *t)
{
	(void)t;
	return (time_t)(world->wall_ns / 1000000000);
}

int __wrap_uname(struct utsname *name)
{
	strcpy(name->nodename, "sim");
	return 0;
}

pid_t __wrap_getpid(void)
{
	return (pid_t)(100 + world->lives);
}

uid_t __wrap_geteuid(void)
{
	return 0;
}

gid_t __wrap_getegid(void)
{
	return 0;
}

int __wrap_setrlimit64(int resource, const struct rlimit64 *limit)
{
	(void)resource, (void)limit;
	return 0;
}

int __wrap_close_range(unsigned first, unsigned last, int flags)
{
	(void)first, (void)last, (void)flags;
	return 0;
}

void __wrap_exit(int code)
{
	if (!world->in_server)
		__real_exit(code);
	stores_settle();
	say("the server exits with %d", code);
	life_end(END_EXIT);
}

/* A server that makes room for the next does not say good-bye. */
void __wrap__exit(int code)
{
	stores_settle();
	say("the server makes room for the next (%d)", code);
	life_end(END_KILLED);
}

int __wrap_usleep(useconds_t us)
{
	stores_settle();
	time_pass(us * 1000ULL);
	return 0;
}

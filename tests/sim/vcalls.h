/* What the files of the server's system calls share. */
#ifndef TESTS_SIM_VCALLS_H
#define TESTS_SIM_VCALLS_H

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/utsname.h>
#include <time.h>

#include "world.h"

/* The log may end before where it did: what the judge read of it is gone. */
void log_was_cut(void);

/* Reads an ordinary file where it stands. */
ssize_t vfile_read(struct vfd *vfd, void *data, size_t len);

/* What the linker puts in the place of the C library's functions, and those themselves. */
int __wrap_open64(const char *path, int flags, ...);
int __wrap_openat64(int dir, const char *name, int flags, ...);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_flock(int fd, int operation);
ssize_t __wrap_write(int fd, const void *data, size_t len);
ssize_t __real_write(int fd, const void *data, size_t len);
ssize_t __wrap_pwrite64(int fd, const void *data, size_t len, off_t offset);
ssize_t __wrap_pread64(int fd, void *data, size_t len, off_t offset);
int __wrap_ftruncate64(int fd, off_t len);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int __wrap_fallocate64(int fd, int mode, off_t offset, off_t len);
int __wrap_unlinkat(int dir, const char *name, int flags);
int __wrap_fstat64(int fd, struct stat *st);
int __wrap_stat64(const char *path, struct stat *st);
int __wrap_fstatat64(int dir, const char *name, struct stat *st, int flags);
DIR *__wrap_fdopendir(int fd);
struct dirent *__wrap_readdir64(DIR *dir);
int __wrap_closedir(DIR *dir);
int __wrap_dprintf(int fd, const char *format, ...);

int __wrap_close(int fd);
int __real_close(int fd);
ssize_t __wrap_read(int fd, void *data, size_t len);
ssize_t __real_read(int fd, void *data, size_t len);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_fcntl64(int fd, int command, ...);
int __wrap_timerfd_create(int clock, int flags);
int __wrap_timerfd_settime(
	int fd, int flags, const struct itimerspec *fresh, struct itimerspec *old);
int __wrap_signalfd(int fd, const sigset_t *set, int flags);
int __wrap_sigprocmask(int how, const sigset_t *set, sigset_t *old);
void (*__wrap_signal(int number, void (*handler)(int)))(int);
int __wrap_epoll_create1(int flags);
int __wrap_epoll_ctl(int fd, int operation, int watched, struct epoll_event *event);
int __wrap_epoll_wait(int fd, struct epoll_event *events, int room, int timeout);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t);
int __real_clock_gettime(clockid_t clock, struct timespec *t);
time_t __wrap_time(time_t *t);
int __wrap_uname(struct utsname *name);
pid_t __wrap_getpid(void);
uid_t __wrap_geteuid(void);
gid_t __wrap_getegid(void);
int __wrap_setrlimit64(int resource, const struct rlimit64 *limit);
int __wrap_close_range(unsigned first, unsigned last, int flags);
void __wrap_exit(int code) __attribute__((noreturn));
void __real_exit(int code) __attribute__((noreturn));
void __wrap__exit(int code) __attribute__((noreturn));
int __wrap_usleep(useconds_t us);
int __wrap_memfd_create(const char *name, unsigned flags);
void *__wrap_mmap64(void *where, size_t len, int rights, int flags, int fd, off_t offset);
void *__real_mmap64(void *where, size_t len, int rights, int flags, int fd, off_t offset);
void *__wrap_memcpy(void *to, const void *from, size_t len);
void *__real_memcpy(void *to, const void *from, size_t len);
int __wrap_munmap(void *where, size_t len);
int __real_munmap(void *where, size_t len);
struct iovec;
ssize_t __wrap_writev(int fd, const struct iovec *parts, int count);

long __wrap_syscall(long number, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
ssize_t __wrap_process_madvise(int fd, const void *parts, size_t count, int advice, unsigned flags);

#endif

/* Processes: what they have open, and the calls that they are in. */
#ifndef TESTS_SIM_PEOPLE_H
#define TESTS_SIM_PEOPLE_H

#include "world.h"

/* The process of this number, or that this thread is of; NULL: there is none. */
struct process *process_of(int32_t pid);
struct process *process_of_thread(int32_t tid);

/* A new process, with what its parent (NULL: none) has open. NULL: there are too many. */
struct process *process_fork(const struct process *parent, uint32_t uid, unsigned threads);

/* What a user is called. */
const char *user_of(uint32_t uid);

/* A process ends: by a signal, or by itself (0). */
void process_end_by(struct process *process, int signal);

/* Begins a call. Each is answered by thread_answered(), at once or later. */
void thread_open(struct process *process, struct thread *thread, enum place place, const char *text,
	int flags);
void thread_read(struct process *process, struct thread *thread, int fd, bool wait);
void thread_write(struct process *process, struct thread *thread, int fd, const char *text);
void thread_poll(struct process *process, struct thread *thread, int fd);
void thread_unlink(
	struct process *process, struct thread *thread, enum place place, const char *text);
void thread_touch(struct process *process, struct thread *thread, const char *text);
void process_close(struct process *process, int fd);

/* The kernel has the answer to what a thread waits for. */
void thread_answered(struct request *request, int err, const char *data, size_t len);

/* The call of a thread is over. */
void thread_idle(struct process *process, struct thread *thread);

/* Who sleeps in poll(2) on this file looks again. */
void people_wake(struct file *file);

/* What the contract makes of a file's name. */
void wish_parse(const char *text, struct wish *wish);

#endif

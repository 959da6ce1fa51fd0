/*
 * lokt-crowd: many processes at one lock, or at one each.
 *
 *	lokt-crowd wait N FILE       N processes open FILE at once; each closes when it got it.
 *	                             "crowd started" is printed when all are about to open.
 *	lokt-crowd churn N TIMES DIR N processes, each with a name of its own: open DIR/own-I@try
 *	                             and close, TIMES times without a pause
 *
 * At the end it prints "crowd good N bad N ERRNO". Exit: 0 none was bad · 1 some were · 64 usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_USAGE = 64 };

/* What the processes count together. */
struct tally {
	int started, good, bad;
	int first_errno; /* of those that went wrong, one */
};

static struct tally *tally_create(void)
{
	struct tally *t =
		mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (t == MAP_FAILED) {
		perror("lokt-try: mmap");
		exit(1);
	}
	return t;
}

static void tally_add(struct tally *t, bool good)
{
	__atomic_add_fetch(good ? &t->good : &t->bad, 1, __ATOMIC_SEQ_CST);
	if (!good)
		t->first_errno = errno;
}

/* One of wait: waits for the lock, gives it back. */
static void crowd_member(struct tally *t, const char *path)
{
	int lock;

	__atomic_add_fetch(&t->started, 1, __ATOMIC_SEQ_CST);
	lock = open(path, O_RDWR);
	tally_add(t, lock >= 0);
	close(lock);
}

/* One of churn: from the second round on, only its own close stands before each try. */
static void churn_member(struct tally *t, const char *dir, int number, int times)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/own-%d@try", dir, number);
	for (int i = 0; i < times; i++) {
		int lock = open(path, O_RDWR);

		tally_add(t, lock >= 0);
		if (lock >= 0)
			close(lock);
	}
}

static int reap_all(struct tally *t)
{
	while (wait(NULL) > 0)
		continue;
	printf("crowd good %d bad %d", t->good, t->bad);
	printf(" %s\n", t->bad ? strerrorname_np(t->first_errno) : "");
	return t->bad ? 1 : 0;
}

/* Forks; the child dies with its parent, and returns true. */
static bool spawned(void)
{
	pid_t pid = fork();

	if (pid < 0) {
		perror("lokt-try: fork");
		exit(1);
	}
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid == 0;
}

static int crowd(int count, const char *path)
{
	struct tally *t = tally_create();

	for (int i = 0; i < count; i++) {
		if (spawned()) {
			crowd_member(t, path);
			_exit(0);
		}
	}
	while (__atomic_load_n(&t->started, __ATOMIC_SEQ_CST) < count)
		usleep(1000);
	puts("crowd started");
	return reap_all(t);
}

static int churn(int count, int times, const char *dir)
{
	struct tally *t = tally_create();

	for (int i = 0; i < count; i++) {
		if (spawned()) {
			while (__atomic_load_n(&t->started, __ATOMIC_SEQ_CST) == 0)
				usleep(1000);
			churn_member(t, dir, i, times);
			_exit(0);
		}
	}
	__atomic_store_n(&t->started, 1, __ATOMIC_SEQ_CST);
	return reap_all(t);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 4 && strcmp(argv[1], "wait") == 0)
		return crowd(atoi(argv[2]), argv[3]);
	if (argc == 5 && strcmp(argv[1], "churn") == 0)
		return churn(atoi(argv[2]), atoi(argv[3]), argv[4]);
	fputs("usage: lokt-crowd wait N FILE | churn N TIMES DIR\n", stderr);
	return EXIT_USAGE;
}

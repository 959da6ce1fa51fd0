/* The life of a mount: a daemon and those that go on after it died. See kernel.h. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/directory.h"
#include "fs/handle.h"
#include "fs/loop.h"
#include "fs/process.h"
#include "fs/revival.h"
#include "fs/session.h"
#include "fuzz.h"
#include "kernel.h"

#define OWN_FILES 64 /* descriptors that one server may leave behind */

/* What main() sets, with limits that are soon reached and a log that is soon full. */
static void options_set(struct options *options)
{
	*options = (struct options){.mountpoint = "/nowhere",
		.defaults = {TIME_NONE, TIME_NONE},
		.freeze_ttl_ms = 900000,
		.lease_ttl_ms = 900000,
		.settings.deadlock_ms = 500,
		.has_admins = true,
		.admins = 4,
		.audit_max = 65536};
	for (int i = 0; i < LIMITS; i++)
		options->settings.limits.user[i] = options->settings.limits.total[i] = 12;
}

/* As begin() of fs/server.c does. */
static void server_begin(struct kernel *kernel)
{
	struct daemon *daemon = &kernel->daemon;
	struct carry_head *head;
	bool again;

	*daemon = (struct daemon){.supervisor_fd = -1};
	options_set(&daemon->options);
	processes_init(64);
	CHECK(daemon_init(daemon, kernel->directory, kernel->lock, kernel->carry));
	CHECK(session_open(daemon, fcntl(kernel->near, F_DUPFD_CLOEXEC, 0)));
	fuzz_hush();
	engine_configure(daemon->host.engine, &daemon->options.settings);
	head = daemon->carry.head;
	again = head->init_len > 0;
	head->life = LIFE_SERVING;
	if (again)
		revival_begin(daemon);
	host_start(&daemon->host, again ? head->signal : -1);
	if (head->first_token == 0) {
		head->first = disk_first(&daemon->host.disk);
		head->first_token = host_next_token(&daemon->host);
	}
	if (again)
		revival_finish(daemon);
}

/* What it shared with the next goes out of the reach of one that is dead. */
static void server_forget(struct kernel *kernel)
{
	struct carry_head *head = kernel->daemon.carry.head;
	struct stat st;

	head->restarts++;
	head->signal = 9;
	CHECK(fstat(kernel->carry, &st) == 0);
	CHECK(mmap(head, (size_t)st.st_size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, kernel->carry, 0) == head);
}

/* Serves until the mount is over, or the server dies. False: it died. */
static bool server_run(struct kernel *kernel)
{
	const int first =
		fcntl(kernel->near, F_DUPFD_CLOEXEC, 0); /* of the descriptors that it opens */
	volatile bool lived = true;

	close(first);
	if (setjmp(kernel->death) == 0) {
		server_begin(kernel);
		if (kernel->begun)
			kernel->begun(kernel);
		CHECK(loop_run(&kernel->daemon, NULL, NULL) == 0);
	} else {
		lived = false;
		server_forget(kernel);
	}
	if (lived)
		for (size_t i = 0; i < kernel->n_asked; i++)
			CHECK(kernel->asked[i].answered);
	daemon_finish(&kernel->daemon);
	close_range((unsigned)first, (unsigned)first + OWN_FILES, 0);
	return lived;
}

static void kernel_begin(struct kernel *kernel)
{
	int ends[2];

	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
	kernel->near = ends[0];
	CHECK(fcntl(kernel->near, F_SETFL, O_NONBLOCK) == 0); /* as mount_open() does */
	kernel->far = ends[1];
	CHECK(write(kernel->far, "", 1) == 1);
	kernel->directory = fuzz_directory();
	CHECK((kernel->lock = directory_claim(kernel->directory, "/nowhere")) >= 0);
	CHECK((kernel->carry = carry_create()) >= 0);
}

void kernel_run(struct kernel *kernel, enum turn (*next)(struct kernel *), void *story)
{
	fuzz_ns = 0;
	memset(kernel, 0, offsetof(struct kernel, asked));
	kernel->next = next;
	kernel->story = story;
	kernel_speak(kernel);
	kernel_begin(kernel);
	while (!server_run(kernel))
		;
	for (size_t i = 0; i < kernel->n_asked; i++)
		free(kernel->asked[i].message);
	close(kernel->near);
	close(kernel->far);
	close(kernel->lock);
	close(kernel->carry);
}

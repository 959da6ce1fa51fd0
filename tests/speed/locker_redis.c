/*
 * A lock in Redis, as its manual describes it (https://redis.io/docs/latest/commands/set/, "Patterns"):
 * SET key value NX PX takes it, a script that compares before it deletes releases it. Who does not get
 * it sleeps a little and asks again, for Redis has no queue of waiters.
 *
 * The protocol is spoken directly, with both commands made beforehand: no client is faster. The pause
 * is 1 to 10 ms, where redis-py sleeps 100 ms and redsync 50 to 250 ms.
 */
#include "locker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TTL_MS = 30000, PAUSE_MIN_US = 1000, PAUSE_MAX_US = 10000, BYTES = 512 };

static const char script[] = "if redis.call('get',KEYS[1])==ARGV[1] then "
			     "return redis.call('del',KEYS[1]) else return 0 end";

struct redis_lock {
	struct locker base;
	int fd;
	unsigned seed;
	char take[BYTES]; /* the SET, ready to send */
	char drop[BYTES]; /* the EVALSHA */
	char reply[BYTES];
};

/* Writes a command of `count` words as RESP into `out`; 0, or EMSGSIZE. */
static int redis_format(char *out, int count, ...)
{
	va_list words;
	int used = snprintf(out, BYTES, "*%d\r\n", count);

	va_start(words, count);
	for (int i = 0; i < count && used < BYTES; i++) {
		const char *word = va_arg(words, const char *);

		used += snprintf(
			out + used, (size_t)(BYTES - used), "$%zu\r\n%s\r\n", strlen(word), word);
	}
	va_end(words);
	return used < BYTES ? 0 : EMSGSIZE;
}

/* Whether a reply is all there: of the kinds that come here only a bulk string has a second line. */
static bool redis_complete(const char *reply, size_t length)
{
	bool bulk = reply[0] == '$' && reply[1] != '-';
	const char *end = strstr(reply, "\r\n");

	return end != NULL && (!bulk || (size_t)(end - reply) + 2 < length) &&
		strcmp(reply + length - 2, "\r\n") == 0;
}

/* Sends one command and reads its reply, which is short, into `reply`; 0 or an errno. */
static int redis_call(struct redis_lock *redis, const char *command)
{
	ssize_t length = (ssize_t)strlen(command),
		sent = send(redis->fd, command, length, MSG_NOSIGNAL);
	size_t got = 0;

	if (sent != length)
		return sent < 0 ? errno : EIO;
	do {
		ssize_t n = recv(redis->fd, redis->reply + got, BYTES - 1 - got, 0);

		if (n <= 0)
			return n < 0 ? errno : ECONNRESET;
		got += (size_t)n;
		redis->reply[got] = '\0';
	} while (!redis_complete(redis->reply, got));
	return redis->reply[0] == '-' ? EPROTO : 0;
}

static void redis_pause(struct redis_lock *redis)
{
	long us = PAUSE_MIN_US + rand_r(&redis->seed) % (PAUSE_MAX_US - PAUSE_MIN_US);
	struct timespec pause = {.tv_nsec = us * 1000};

	nanosleep(&pause, NULL);
}

static int redis_acquire(struct locker *locker)
{
	struct redis_lock *redis = (struct redis_lock *)locker;

	for (;;) {
		int err = redis_call(redis, redis->take);

		if (err != 0)
			return err;
		if (redis->reply[0] == '+')
			return 0;
		redis_pause(redis);
	}
}

static int redis_release(struct locker *locker)
{
	struct redis_lock *redis = (struct redis_lock *)locker;
	int err = redis_call(redis, redis->drop);

	if (err != 0)
		return err;
	return strcmp(redis->reply, ":1\r\n") == 0 ? 0 : ESTALE;
}

static void redis_destroy(struct locker *locker)
{
	struct redis_lock *redis = (struct redis_lock *)locker;

	if (redis->fd >= 0)
		close(redis->fd);
	free(redis);
}

static const struct locker_ops redis_ops = {redis_acquire, redis_release, redis_destroy};

/* Connects to 127.0.0.1; 0 or an errno. */
static int redis_connect(struct redis_lock *redis, const char *port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(port)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int on = 1;

	redis->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (redis->fd < 0 || connect(redis->fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
		setsockopt(redis->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
		return errno;
	return 0;
}

/* Loads the script and makes the two commands; 0 or an errno. */
static int redis_prepare(struct redis_lock *redis, const char *name)
{
	char value[32], ttl[16], sha[41];
	int err = redis_format(redis->take, 3, "SCRIPT", "LOAD", script);

	if (err == 0)
		err = redis_call(redis, redis->take);
	if (err != 0)
		return err;
	if (sscanf(redis->reply, "$40 %40[0-9a-f]", sha) != 1)
		return EPROTO;
	snprintf(value, sizeof(value), "%d", getpid());
	snprintf(ttl, sizeof(ttl), "%d", TTL_MS);
	err = redis_format(redis->take, 6, "SET", name, value, "NX", "PX", ttl);
	if (err == 0)
		err = redis_format(redis->drop, 5, "EVALSHA", sha, "1", name, value);
	return err;
}

struct locker *locker_redis_create(const char *port, const char *name)
{
	struct redis_lock *redis = calloc(1, sizeof(*redis));
	int err;

	if (redis == NULL)
		return NULL;
	redis->base.ops = &redis_ops;
	redis->seed = (unsigned)getpid();
	err = redis_connect(redis, port);
	if (err == 0)
		err = redis_prepare(redis, name);
	if (err == 0)
		return &redis->base;
	redis_destroy(&redis->base);
	errno = err;
	return NULL;
}

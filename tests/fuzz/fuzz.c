/* See fuzz.h. */
#include "fuzz.h"

#include <dirent.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fs/fuse.h"
#include "fs/message.h"

/* In the place of the C library's: fs/ is compiled to call these. */
int fuzz_clock_gettime(clockid_t clock, struct timespec *t);
void __wrap_message(int priority, const char *format, ...);

#define BORN_NS 1000000000000ULL /* what the clocks say first: the machine has run for a while */
#define BORN_WALL_NS 1769631312123000000ULL

uint64_t fuzz_ns;

_Noreturn void fuzz_fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
	abort();
}

uint8_t input_byte(struct input *input)
{
	return input->at < input->end ? *input->at++ : 0;
}

uint64_t input_number(struct input *input, unsigned bytes)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < bytes; i++)
		number |= (uint64_t)input_byte(input) << (8 * i);
	return number;
}

size_t input_line(struct input *input, const char **line)
{
	const uint8_t *start = input->at;
	const uint8_t *end = memchr(start, '\n', (size_t)(input->end - start));

	*line = (const char *)start;
	input->at = end ? end + 1 : input->end;
	return (size_t)((end ? end : input->end) - start);
}

int fuzz_clock_gettime(clockid_t clock, struct timespec *t)
{
	uint64_t ns = (clock == CLOCK_REALTIME ? BORN_WALL_NS : BORN_NS) + fuzz_ns;

	fuzz_ns += 1000;
	t->tv_sec = (time_t)(ns / 1000000000);
	t->tv_nsec = (long)(ns % 1000000000);
	return 0;
}

void __wrap_message(int priority, const char *format, ...)
{
	(void)priority, (void)format;
}

void fuzz_tell(const char *format, ...)
{
	static int tells = -1;
	va_list args;

	if (tells < 0)
		tells = getenv("FUZZ_TELL") != NULL;
	if (!tells)
		return;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static void say_nothing(enum fuse_log_level level, const char *format, va_list args)
{
	(void)level, (void)format, (void)args;
}

void fuzz_hush(void)
{
	fuse_set_log_func(say_nothing);
}

static char directory[4096];

static void directory_empty(void)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

static void directory_remove(void)
{
	directory_empty();
	rmdir(directory);
}

const char *fuzz_directory(void)
{
	const char *where = getenv("TMPDIR");

	if (!directory[0]) {
		snprintf(directory, sizeof(directory), "%s/lokt-fuzz.XXXXXX",
			where ? where : "/dev/shm");
		CHECK(mkdtemp(directory));
		atexit(directory_remove);
	}
	directory_empty();
	return directory;
}

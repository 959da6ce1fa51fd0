/* Has the server run inside another program, wherever the supervisor starts it: to be preloaded.
 *
 * The words of LOKT_INSIDE come before the program. For valgrind, in which a supervisor cannot live: it hides
 * what a program needs to start itself again. What valgrind does not know, and what the server cannot do
 * without (pidfd_open(2), process_madvise(2)), is asked of the kernel behind its back. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__) && __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define ON_VALGRIND RUNNING_ON_VALGRIND
#else
#define ON_VALGRIND 0
#endif

#define WORDS 64

/* The file behind a descriptor. NULL: it cannot be told. To who is in valgrind, its own program is valgrind,
 * unless it asks for it by this name. */
static char *path_of(int fd)
{
	static char path[4096];
	char link[64] = "/proc/self/exe";
	ssize_t len;

	if (!ON_VALGRIND)
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return NULL;
	path[len] = '\0';
	return path;
}

int fexecve(int fd, char *const argv[], char *const envp[])
{
	char *words[WORDS + 1], *inside = getenv("LOKT_INSIDE"), *path = path_of(fd);
	int count = 0;

	if (!inside || !path || !(inside = strdup(inside))) {
		errno = ENOENT;
		return -1;
	}
	if (strcmp(argv[1], "--serve") != 0)
		return execve(path, argv, envp);
	for (char *word = strtok(inside, " "); word && count < WORDS / 2; word = strtok(NULL, " "))
		words[count++] = word;
	words[count++] = path;
	for (int i = 1; argv[i] && count < WORDS; i++)
		words[count++] = argv[i];
	words[count] = NULL;
	return execvp(words[0], words);
}

#ifdef RUNNING_ON_VALGRIND
/* Leaks are looked for when it ends, and not when it dies: it would take half a minute to, with all that it
 * has mapped, and then the dead one would have touched all that the next one goes on from. */
__attribute__((destructor)) static void end(void)
{
	if (ON_VALGRIND)
		VALGRIND_DO_LEAK_CHECK;
}

/* The system call of these seven words, and the kernel's answer to it. Runs on the bare processor, where the
 * C library has nothing: no errno, and no other function. */
__attribute__((no_stack_protector)) static long kernel(long thread, const long *words)
{
	register long fourth __asm__("r10") = words[4];
	register long fifth __asm__("r8") = words[5];
	register long sixth __asm__("r9") = words[6];
	long answer;

	(void)thread;
	__asm__ volatile("syscall"
			 : "=a"(answer)
			 : "a"(words[0]), "D"(words[1]), "S"(words[2]), "d"(words[3]), "r"(fourth),
			 "r"(fifth), "r"(sixth)
			 : "rcx", "r11", "memory");
	return answer;
}

static long answered(long answer)
{
	if (answer >= 0 || answer < -4095)
		return answer;
	errno = (int)-answer;
	return -1;
}

static long behind(const long *words)
{
	return answered((long)VALGRIND_NON_SIMD_CALL1(kernel, words));
}

long syscall(long number, ...)
{
	long words[7] = {number};
	va_list args;

	va_start(args, number);
	for (int i = 1; i < 7; i++)
		words[i] = va_arg(args, long);
	va_end(args);
	if (ON_VALGRIND && number == SYS_pidfd_open)
		return behind(words);
	return answered(kernel(0, words));
}

ssize_t process_madvise(
	int pidfd, const struct iovec *parts, size_t count, int advice, unsigned flags)
{
	const long words[7] = {
		SYS_process_madvise, pidfd, (long)parts, (long)count, advice, (long)flags};

	return ON_VALGRIND ? behind(words) : answered(kernel(0, words));
}
#endif

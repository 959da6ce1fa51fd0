/* Has the server run inside another program, wherever the supervisor starts it: to be preloaded.
 *
 * The words of LOKT_INSIDE come before the program. For valgrind, which knows no pidfd_open(2), so that a
 * supervisor cannot live in it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS 64

/* The file behind a descriptor. NULL: it cannot be told. */
static char *path_of(int fd)
{
	static char path[4096];
	char link[64];
	ssize_t len;

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

	if (!inside || !path) {
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
	unsetenv("LD_PRELOAD");
	return execvp(words[0], words);
}

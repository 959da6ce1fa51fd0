/* In the place of loktfs, after an upgrade: a program that is none, or a bad one. What it does goes by the name of its
 * file; what is not said there, the program of LOKT_REAL does. */
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is(const char *name, const char *wanted)
{
	return strcmp(name, wanted) == 0;
}

int main(int argc, char **argv)
{
	const char *role = argc > 1 ? argv[1] : "", *name, *real = getenv("LOKT_REAL");
	char path[4096];
	const ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	const pid_t parent = getppid();

	path[len > 0 ? len : 0] = '\0';
	name = strrchr(path, '/') ? strrchr(path, '/') + 1 : "";
	if (is(name, "silent"))
		close(2);
	if (is(name, "hangs") || is(name, "silent") || (is(name, "late") && is(role, "--serve")))
		for (;;)
			pause();
	if (is(name, "ends") || (is(name, "late") && is(role, "--try")))
		return 0;
	while (is(name, "babbles"))
		if (write(2, "nothing that anybody could read\n", 32) < 0)
			usleep(1000);
	if (is(name, "hangup") && is(role, "--serve"))
		kill(getpid(), SIGHUP);
	if (is(name, "orphan") && is(role, "--serve"))
		for (int i = 0; i < 1000 && kill(parent, SIGKILL) == 0; i++)
			usleep(1000);
	if (!real)
		return 1;
	execv(real, argv);
	return 1;
}

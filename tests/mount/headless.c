/* headless FILE: its first thread ends; the second opens FILE, closes it, and lives on for a moment. */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static void *second(void *file)
{
	usleep(100000); /* the first has ended by now */
	int fd = open(file, O_RDWR);

	if (fd < 0 || close(fd) != 0)
		exit(1);
	usleep(300000);
	exit(0);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 2 || pthread_create(&thread, NULL, second, argv[1]) != 0)
		return 64;
	pthread_exit(NULL);
}

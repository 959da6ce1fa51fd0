/* See control.h: the supervisor's end. A file, and no abstract name (unix(7)): that could be taken by any user before we
 * do, and any user could hand us a descriptor by it whose close(2) never returns. */
#include "control.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "file.h"

#define PREFIX "upgrade."
#define CALLERS 64 /* who may be on their way at once */

void control_name(const char *mount, char name[CONTROL_NAME])
{
	snprintf(name, CONTROL_NAME, PREFIX "%.*s", (int)strcspn(mount, "/"), mount);
}

void control_clear(const struct options *options)
{
	DIR *dir = opendir(options->state);
	const struct dirent *entry;
	struct stat st;

	while (dir && (entry = readdir(dir)))
		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 &&
			fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISSOCK(st.st_mode))
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

/* Binds to a file that its owner alone may connect to. The path of the directory may be too long for an address,
 * and has a shorter one in /proc, for as long as we have it open. */
static bool name_take(int fd, const char *directory, const char *name)
{
	static int dir = -1;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const mode_t before = umask(0177);
	bool taken;

	file_close(&dir);
	dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/%d/fd/%d/%s", getpid(), dir,
		name);
	taken = dir >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	umask(before);
	if (!taken)
		file_close(&dir);
	return taken;
}

int control_listen(const struct options *options, const char *mount)
{
	char name[CONTROL_NAME];
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	control_clear(options);
	control_name(mount, name);
	if (fd >= 0 && name_take(fd, options->state, name) && listen(fd, CALLERS) == 0)
		return fd;
	file_close(&fd);
	return -1;
}

bool control_is_there(int listener)
{
	struct sockaddr_un address;
	socklen_t len = sizeof(address);

	return getsockname(listener, (struct sockaddr *)&address, &len) == 0 &&
		access(address.sun_path, F_OK) == 0;
}

uid_t control_peer(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 ? peer.uid : (uid_t)-1;
}

int control_accept(int listener)
{
	int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	uid_t uid;

	if (client < 0 || (uid = control_peer(client)) == 0 || uid == geteuid())
		return client;
	close(client);
	return -1;
}

int control_hear(int client)
{
	char word;
	union control_rights rights;
	struct iovec part = {&word, 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = rights.room,
		.msg_controllen = sizeof(rights.room)};
	const struct cmsghdr *header;
	int program = -1;

	if (recvmsg(client, &message, MSG_CMSG_CLOEXEC) == 1 &&
		(header = CMSG_FIRSTHDR(&message)) && header->cmsg_type == SCM_RIGHTS)
		memcpy(&program, CMSG_DATA(header), sizeof(program));
	return program;
}

void control_answer(int client, const char *refusal)
{
	const char *word = refusal ? refusal : "";

	if (client < 0)
		return;
	send(client, word, strlen(word) + 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(client);
}

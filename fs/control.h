/* How `loktfs --upgrade` speaks to the supervisor of a mount: a socket in the state directory, which nobody else may
 * connect to, and whose name has the mount's device in it. It is found also where no server answers. */
#ifndef FS_CONTROL_H
#define FS_CONTROL_H

#include <sys/socket.h>
#include <sys/types.h>

#include "options.h"

#define CONTROL_WORD 400 /* bytes of an answer */
#define CONTROL_NAME 64

/* A message that a descriptor goes along with. */
union control_rights {
	struct cmsghdr header; /* for its alignment */
	char room[CMSG_SPACE(sizeof(int))];
};

/* The name of the socket of a mount, "upgrade.0:53", by what begins as mountpoint_identity() does. */
void control_name(const char *mount, char name[CONTROL_NAME]);

/* Who is at the other end; (uid_t)-1: it is not known. */
uid_t control_peer(int fd);

/* Where the supervisor listens; -1 with errno set if that cannot be: there is no upgrade then. */
int control_listen(const struct options *options, const char *mount);

/* Whether its socket is still where it can be called. */
bool control_is_there(int listener);

/* Takes the socket's file away, and whatever a supervisor that was killed left. */
void control_clear(const struct options *options);

/* Takes a call, of somebody with the right to make it: root or our own user. He may not have spoken yet. -1: there
 * was none. */
int control_accept(int listener);

/* What he who called has said: the program that is to serve from now on. -1: he has gone, or said something else. */
int control_hear(int client);

/* Answers, and ends the connection. `refusal` NULL: it is done. */
void control_answer(int client, const char *refusal);

/* Puts the program that runs behind the mount of these options. The exit code, after a line that says what
 * happened. */
int control_upgrade(const struct options *options);

#endif

/* Tells the service manager that started the daemon how it is: sd_notify(3), without its library. */
#ifndef FS_NOTIFY_H
#define FS_NOTIFY_H

/* Takes the manager's address from NOTIFY_SOCKET and unsets it: no child shall speak for us.
 * Without one, notify() does nothing. */
void notify_init(void);

/* Sends `state`, lines of VARIABLE=VALUE. A manager that does not listen is warned about and costs
 * a second at most. */
void notify(const char *state);

/* Puts it back into the environment, for the program that this process becomes. */
void notify_hand_on(void);

#endif

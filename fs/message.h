/* What the daemon tells its operator: a line on standard error, or in the system's log once it runs
 * in the background. */
#ifndef FS_MESSAGE_H
#define FS_MESSAGE_H

/* From here on messages go to syslog(3). */
void message_to_syslog(void);

/* `priority` is one of syslog(3)'s. The line says what is wrong and what to do; no newline. */
void message(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

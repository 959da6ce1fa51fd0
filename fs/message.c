/* See message.h. */
#include "message.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <syslog.h>

static bool background;

void message_to_syslog(void)
{
	openlog("loktfs", LOG_PID, LOG_DAEMON);
	background = true;
}

void message(int priority, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (background) {
		vsyslog(priority, format, args);
	} else {
		fputs("loktfs: ", stderr);
		vfprintf(stderr, format, args);
		fputc('\n', stderr);
	}
	va_end(args);
}

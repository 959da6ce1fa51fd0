/* What was found in the log, told to it and to the operator. */
#ifndef FS_FINDINGS_H
#define FS_FINDINGS_H

#include "host.h"

/* Says what recovery found, and who comes: a daemon, or a server for one that died of `signal`, see host_start(). */
void findings_record(struct host *host, int signal);

/* Says what was set aside since it was last said, and where it went. */
void findings_aside(struct host *host);

#endif

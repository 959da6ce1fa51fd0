/* See daemon.h. */
#include "daemon.h"

#include "core/timer.h"
#include "handle.h"
#include "message.h"
#include "process.h"
#include "request.h"
#include "session.h"
#include "users.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

bool daemon_init(struct daemon *daemon, const char *state, int lock, int carry)
{
	list_init(&daemon->interrupted);
	list_init(&daemon->openings);
	list_init(&daemon->reads);
	list_init(&daemon->polled);
	list_init(&daemon->bound);
	daemon->next_id = 1;
	daemon->doubt_ns = NEVER;
	if (!carry_map(&daemon->carry, carry)) {
		message(LOG_ERR, "what servers leave to the next cannot be read: %s",
			strerror(errno));
		return false;
	}
	if (!host_init(&daemon->host, state, lock, daemon->options.audit_max,
		    &daemon->carry.head->seen))
		return false;
	daemon->host.answer = request_answer;
	daemon->host.promise = requests_promise;
	daemon->host.context = daemon;
	if (inodes_init(&daemon->inodes, &daemon->carry))
		return true;
	message(LOG_ERR, "not enough memory for the files that are known");
	return false;
}

void daemon_finish(struct daemon *daemon)
{
	daemon->stopping = true;
	if (daemon->carry.head)
		handles_close(daemon);
	orphans_finish(daemon);
	host_finish(&daemon->host);
	session_close(daemon);
	inodes_finish(&daemon->inodes);
	processes_finish();
	users_finish();
	carry_unmap(&daemon->carry);
}

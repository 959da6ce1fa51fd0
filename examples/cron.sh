#!/bin/sh
# A cron job that must not overlap: a run that finds the one before it still at work gives way.
#
#	*/5 * * * *  cron.sh backup tar -C /srv -czf /var/backups/srv.tgz .
set -eu
mount=${LOKT_MOUNT:-/mnt/lokt} job=$1
shift

if ! command exec 9>"$mount/locks/$job@try"; then
	[ -e "$mount/status.json" ] || exit 1 # no lock service: somebody should know
	echo "$job gives way to this:" >&2
	cat "$mount/status/$job.json" >&2
	exit 0
fi
# The job has descriptor 9 from here on: however it ends, the lock ends with its last process.
exec "$@"

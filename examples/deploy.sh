#!/bin/sh
# A rolling deploy: host by host is frozen, so that nothing new begins there; drained, changed and
# thawed. Whoever works on a host holds locks/HOST@shared, and goes elsewhere when it is frozen.
#
#	deploy.sh ./install.sh web-1 web-2 web-3
set -eu
mount=${LOKT_MOUNT:-/mnt/lokt} install=$1
shift

exec 9>"$mount/locks/deploy" # one deploy at a time
for host; do
	echo 10m >"$mount/freezes/$host"
	echo "$host: waiting for those that are at work"
	until grep -q '"holder":null' "$mount/status/$host.json"; do
		sleep 0.1
	done
	# When this fails the deploy ends here, and the host gets no work until it thaws by itself.
	"$install" "$host"
	rm "$mount/freezes/$host"
	echo "$host: done"
done

#!/bin/sh
# Two agents share one checkout. Each step of an agent is a process of its own, so no descriptor
# could keep a lock from one to the next: a lease does, until it is given back, or ten minutes.
#
#	agents.sh ada take src/main.c     0: it is ada's · 2: somebody else has it, and who
#	agents.sh ada keep src/main.c     ten more minutes · 3: it was lost meanwhile
#	agents.sh ada give src/main.c
set -eu
leases=${LOKT_MOUNT:-/mnt/lokt}/leases
name=checkout-$(printf %s "$3" | tr -c 'A-Za-z0-9.-' _)

case $2 in
take)
	if ! echo 10m >"$leases/$name@owner=$1"; then
		cat "$leases/$name"
		exit 2
	fi
	;;
keep)
	if ! echo 10m >>"$leases/$name@owner=$1"; then
		echo "$3 is no longer $1's: look at what changed before you go on" >&2
		exit 3
	fi
	;;
give) rm "$leases/$name@owner=$1" ;;
*) exit 64 ;;
esac

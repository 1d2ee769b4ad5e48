#!/bin/sh
# keep.sh COMMAND… - a cron program, run again as soon as it ends, until TERM

child=
trap '[ -z "$child" ] || { kill "$child"; wait "$child"; } 2>/dev/null; exit 0' TERM INT HUP

# Not in the shell's foreground, where a trap would wait for its end.
run()
{
	"$@" &
	child=$!
	wait "$child"
}

while :; do
	began=$(date +%s)
	run "$@"
	code=$?
	# What failed, or ended at once, must not spin.
	if [ $code -ne 0 ] || [ "$(date +%s)" -eq "$began" ]; then
		run sleep 1
	fi
done

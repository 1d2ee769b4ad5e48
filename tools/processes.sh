# processes.sh - the processes of one folder: started, looked after, ended
#
# Sourced by shop.sh. Each has a session of its own, a pid file DIR/run/NAME.pid,
# a log DIR/log/NAME.log and a line "name pid start-time" in DIR/run/started: a
# pid that the kernel has given to somebody else since is never touched. While
# they are being ended the lines stand in DIR/run/ending, so that who looks
# after them knows that it was wanted. A Ctrl-C reaches every program of the
# foreground: what must not be lost is done by the shell itself.

# on_signal: the end, but for the moment in which a process is being written down
starting=no
signalled=no
on_signal()
{
	if [ $starting = yes ]; then signalled=yes; else exit 0; fi
}

# look PID: $ticks is its start time, empty when it is dead or a zombie
look()
{
	ticks=
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	# shellcheck disable=SC2086 # the fields behind the name
	set -- ${stat##*) }
	[ "$1" = Z ] || [ "$1" = X ] || ticks=${20}
}

# in_shop DIR COMMAND…: becomes it, with the settings of DIR and not with those
# that the caller's environment happens to hold; for a subshell or with &
in_shop()
{
	home=$1
	shift
	exec env -i PATH="$PATH" HOME="${HOME:-/}" LANG=C.UTF-8 \
	    TILLBRIDGE_CONF="$home/tillbridge.conf" \
	    ${TMPDIR+TMPDIR="$TMPDIR"} ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} \
	    ${UBSAN_OPTIONS+UBSAN_OPTIONS="$UBSAN_OPTIONS"} \
	    ${LSAN_OPTIONS+LSAN_OPTIONS="$LSAN_OPTIONS"} \
	    ${TILLBRIDGE_TEST_RUN+TILLBRIDGE_TEST_RUN="$TILLBRIDGE_TEST_RUN"} \
	    "$@"
}

# launch DIR NAME COMMAND…: in the background
launch()
{
	folder=$1
	label=$2
	shift 2
	starting=yes
	in_shop "$folder" setsid "$@" </dev/null >>"$folder/log/$label.log" 2>&1 9>&- &
	look $!
	echo "$label $! $ticks" >>"$folder/run/started"
	echo $! >"$folder/run/$label.pid"
	starting=no
	[ $signalled = no ] || exit 0
}

# lines DIR: of all that were started and not yet ended
lines()
{
	cat "$1/run/ending" "$1/run/started" 2>/dev/null
}

# running DIR: the names of those that live
running()
{
	lines "$1" | while read -r name pid since; do
		look "$pid"
		[ -z "$ticks" ] || [ "$ticks" != "$since" ] || echo "$name"
	done
}

# ended DIR: the names of those that ended by themselves
ended()
{
	[ -s "$1/run/started" ] && while read -r name pid since; do
		look "$pid"
		[ "$ticks" = "$since" ] || echo "$name"
	done <"$1/run/started"
}

# end_process PID SINCE: TERM, five seconds, then what is left of its session
end_process()
{
	look "$1"
	[ -z "$ticks" ] || [ "$ticks" = "$2" ] || return 0
	kill -s TERM "$1" 2>/dev/null
	for _ in $(seq 250); do
		look "$1"
		[ "$ticks" = "$2" ] || break
		sleep 0.02
	done
	kill -s KILL -- "-$1" 2>/dev/null
	return 0
}

# end_all DIR: in the reverse order of their start; 1 when nothing was there
end_all()
{
	lines "$1" >"$1/run/ending.new"
	if [ ! -s "$1/run/ending.new" ]; then
		rm -f "$1/run/ending.new"
		return 1
	fi
	mv "$1/run/ending.new" "$1/run/ending"
	rm -f "$1/run/started"
	sed '1!G;h;$!d' "$1/run/ending" | while read -r name pid since; do
		end_process "$pid" "$since"
		rm -f "$1/run/$name.pid"
	done
	rm -f "$1/run/ending" "$1"/run/*.sock
}

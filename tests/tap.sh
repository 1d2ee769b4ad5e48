# tap.sh - what the script tests share: "ok - name" lines and a clean end
#
# A script sources this, tests with `ok NAME command …` or `same NAME WANTED
# GOT`, and ends with `finish`. $dir is its folder; at_end names the commands
# that undo what it started.

set -u
: "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}"
srcdir=$(cd "$srcdir" && pwd -P)
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
failed=0
at_end=:
dir=$(mktemp -d "${TMPDIR:-/tmp}/tillbridge.XXXXXX") || exit 99
contract=$PWD/docs/openapi.yaml
judge=$srcdir/tests/contract

tap_end()
{
	trap '' HUP INT TERM
	$at_end
	rm -rf "$dir"
}
trap tap_end EXIT
trap 'exit 99' HUP INT TERM

# is_judged: is what compares with the contract here?
is_judged()
{
	[ -e "$judge/node_modules/.package-lock.json" ] && [ -s "$contract" ] &&
	    command -v node >/dev/null 2>&1
}

# record_curl: a curl that comes first in PATH and leaves a trace of what went
# over the wire. Not over TLS (mostly the till), nor with many at once.
record_curl()
{
	real=$(command -v curl) && is_judged || return 0
	mkdir "$dir/bin.curl" "$dir/traces" && chmod 1777 "$dir/traces" || exit 99
	cat >"$dir/bin.curl/curl" <<-END
	#!/bin/sh
	case " \$* " in
	*" https://"*|*" -Z "*|*" -K "*|*" --trace"*) exec $real "\$@" ;;
	esac
	trace=\$(mktemp $dir/traces/XXXXXXXX 2>/dev/null) || exec $real "\$@"
	exec $real --trace "\$trace" "\$@"
	END
	chmod 755 "$dir/bin.curl/curl"
	PATH=$dir/bin.curl:$PATH
}
record_curl

# keeps_the_contract: what was recorded, held against it
keeps_the_contract()
{
	[ -n "$(ls -A "$dir/traces" 2>/dev/null)" ] || return 0
	find "$dir/traces" -type f -print0 |
	    xargs -0 node "$judge/exchanges.mjs" "$contract" >"$dir/judged" 2>&1
	judged=$?
	same "every request and answer is one of the contract" 0 $judged
	if [ $judged -eq 0 ]; then echo "# $(cat "$dir/judged") exchanges"; else cat "$dir/judged"; fi
}

# ok NAME command...: it must succeed
ok()
{
	name=$1
	shift
	if "$@"; then echo "ok - $name"; else echo "not ok - $name"; failed=1; fi
}

# same NAME WANTED GOT
same()
{
	if [ "$2" = "$3" ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		printf '\twanted: %s\n\tgot:    %s\n' "$2" "$3"
		failed=1
	fi
}

# has NAME WANTED TEXT: the text holds what is wanted
has_text()
{
	case $3 in
	*"$2"*)	echo "ok - $1" ;;
	*)	same "$1" "… $2 …" "$3" ;;
	esac
}

# needs PROGRAM…: skips the script where one is missing
needs()
{
	for program in "$@"; do
		command -v "$program" >/dev/null 2>&1 || { echo "skipped: no $program"; exit 77; }
	done
}

# once WHY: skips the script in the sanitized half of ./bootstrap check, where it
# would only prove again what the other half has proved
once()
{
	[ "${TILLBRIDGE_SUITE-}" != sanitized ] || { echo "skipped here: $1"; exit 77; }
}

# soon COMMAND…: tries it for half a minute
soon()
{
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || return 1
		sleep 0.05
	done
}

# is_over PID: it has ended, waited for or not
is_over()
{
	! kill -0 "$1" 2>/dev/null || grep -qs '^State:.Z' "/proc/$1/status"
}

finish()
{
	keeps_the_contract
	exit $failed
}

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

tap_end()
{
	trap '' HUP INT TERM
	$at_end
	rm -rf "$dir"
}
trap tap_end EXIT
trap 'exit 99' HUP INT TERM

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

# soon COMMAND…: tries it for 10 seconds
soon()
{
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || return 1
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
	exit $failed
}

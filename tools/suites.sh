# suites.sh - every test in both builds, what they left behind, and the count
#
# Sourced by bootstrap. A test may leave no process and no file: each suite
# runs with a TMPDIR of its own, which must be empty at the end, and with a
# mark in the environment that no living process may carry afterwards.
#
# What is shipped is compiled as ./configure has it. The test programs, and all
# of the sanitized tree, are compiled with QUICK: half the work, and a report
# still names its line. One test more than there are processors runs at a time,
# because many wait for a till, a clock or each other.

QUICK='-g1 -O1'

# run_suites: ends with "N passed, N failed"; 1 when anything failed
run_suites()
{
	log=$(mktemp "${TMPDIR:-/tmp}/bootstrap-count.XXXXXX") || die 73 "no room in /tmp"
	mark=
	trap 'rm -rf "$log" ${mark:+"$mark"}' EXIT
	trap 'exit 130' HUP INT TERM
	export TILLBRIDGE_SUITE=shipped
	run_suite "$top/build"
	export TILLBRIDGE_SUITE=sanitized
	run_suite "$top/build-asan" --enable-sanitize CFLAGS="$QUICK"
	awk '{ p += $1; f += $2; s += $3 } END {
		if (s) printf "%d skipped (the reasons stand in tests/*.log)\n", s
		printf "%d passed, %d failed\n", p, f
		exit (f > 0 || p == 0) }' "$log"
}

# run_suite BUILD [configure options]: adds "passed failed skipped" to $log
run_suite()
{
	build_tree "$@"
	build=$1
	say "testing in ${build##*/}/"
	mark=$(mktemp -d /tmp/suite.XXXXXX) || die 73 "no room in /tmp"
	chmod 1777 "$mark"	# as /tmp: some tests leave root
	rm -f "$build"/tests/*.trs "$build"/tests/*.log
	TMPDIR=$mark TILLBRIDGE_TEST_RUN=$mark make -s -k -C "$build" \
	    -j$(($(nproc) + 1)) CFLAGS="$QUICK" check
	made=$?
	"$top/tools/tally.sh" "$build/tests" >>"$log"
	left=$(left_behind "$mark")
	if [ -n "$left" ]; then
		printf 'left behind by a test:\n%s\n' "$left" >&2
		echo "0 1 0" >>"$log"
	elif [ $made -ne 0 ] && ! tail -n 1 "$log" | grep -q '^[0-9]* [1-9]'; then
		echo "make check failed, though no test says why" >&2
		echo "0 1 0" >>"$log"
	fi
	rm -rf "$mark"
}

# left_behind MARK: the processes and files that a suite forgot
left_behind()
{
	find "$1" -mindepth 1 | head -n 20
	for process in /proc/[0-9]*; do
		{ grep -qs "$1" "$process/environ" || grep -qs "$1" "$process/cmdline"; } &&
		    [ "${process#/proc/}" != $$ ] &&
		    echo "process ${process#/proc/}: $(tr '\0' ' ' <"$process/cmdline")"
	done 2>/dev/null
}

#!/bin/sh
# tally.sh DIR - "passed failed skipped" of the tests whose .trs lie in DIR
#
# A Check program counts its checks, a script its "ok - " and "not ok - "
# lines; one that failed without such a line counts as one failure.

set -u
cd "$1" || exit 70

count_one()
{
	result=$(sed -n 's/^:test-result: *//p' "$1.trs")
	awk -v result="${result%% *}" '
	/Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+/ {
		gsub(/,/, "")
		for (i = 1; i < NF; i++) {
			if ($i == "Checks:") p += $(i + 1)
			if ($i == "Failures:" || $i == "Errors:") bad += $(i + 1)
		}
	}
	/^ok - / { p++ }
	/^not ok - / { p++; bad++ }
	END {
		if (result == "SKIP") { print 0, 0, 1; exit }
		if (result ~ /^(FAIL|ERROR|XPASS)$/ && !bad) { p++; bad = 1 }
		if (!p) p = 1
		print p - bad, bad, 0
	}' "$1.log"
}

for trs in *.trs; do
	[ -e "$trs" ] && count_one "${trs%.trs}"
done | awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }'

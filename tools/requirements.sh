#!/bin/sh
# requirements.sh [DIR] - which test proves which requirement
#
# A line for each number of docs/REQUIREMENTS.md with the tests that name it,
# alone (G16) or in a range (G30–G35). Exit 1, with their names, when some of
# the HTTP side have none.

set -u
cd "${1:-$(dirname "$0")/..}" || exit 70

grep -oE 'G[0-9]+((–|-)G[0-9]+)?' tests/*.c tests/*.h tests/*.test tests/*.sh |
	sed 's/–/-/' |
	awk '
	FNR == NR {
		split($0, part, ":")
		file = part[1]
		sub(/^tests\//, "", file)
		sub(/\.[ch]$/, "", file)
		to = from = part[2]
		sub(/-.*/, "", from)
		sub(/.*-/, "", to)
		for (n = substr(from, 2) + 0; n <= substr(to, 2) + 0; n++)
			if (!((n, file) in seen)) {
				seen[n, file] = 1
				tests[n] = tests[n] " " file
			}
		next
	}
	/^## / { http = /HTTP/ }
	/^\| G[0-9]+ \|/ {
		split($0, part, / *\| */)
		n = substr(part[2], 2) + 0
		printf "%-4s %s\n    %s\n", part[2], part[3], tests[n] == "" ? " no test" : tests[n]
		if (http && tests[n] == "")
			bare = bare " " part[2]
		told++
	}
	END {
		if (!told) { print "no requirements are told"; exit 1 }
		if (bare != "") { print "without a test:" bare; exit 1 }
	}' - docs/REQUIREMENTS.md

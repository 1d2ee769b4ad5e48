#!/bin/sh
# style.sh [DIR] - the rules of style that a machine can keep
#
# Prints file:line: rule for every breach; exit 1 when there is one. Comments
# and strings are blanked before the rules about code look at a line.

set -u
cd "${1:-$(dirname "$0")/..}" || exit 70

# Built trees, demos and whatever git ignores are not ours to judge.
ours()
{
	find . \( -name .git -o -name 'build*' -o -name 'tillbridge-*' -o -name demo \
	    -o -name node_modules -o -name autom4te.cache \) -prune -o -type f "$@" -print | sed 's,^\./,,' | sort
}

c_rules='
function breach(rule) { printf "%s:%d: %s\n", FILENAME, FNR, rule; bad = 1 }
function layer(path) {
	if (match(path, /^lib\/(base|shop|pos)\//)) return substr(path, 1, RLENGTH - 1)
	if (match(path, /^(app|push|sync|admin)\//)) return substr(path, 1, RLENGTH - 1)
	return ""
}
# What each layer may include beside itself.
function allowed(from, to) {
	if (from == "" || to == "" || from == to || to == "lib/base") return 1
	return from !~ /^lib\// && to ~ /^lib\//
}
function code_of(line,    out, c, i) {
	out = ""
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		if (comment) {
			if (substr(line, i, 2) == "*/") { comment = 0; i++ }
		} else if (quote != "") {
			if (c == "\\") i++
			else if (c == quote) { quote = ""; out = out c }
		} else if (substr(line, i, 2) == "/*") { comment = 1; i++ }
		else if (substr(line, i, 2) == "//") break
		else { if (c == "\"" || c == "\047") quote = c; out = out c }
	}
	quote = ""
	return out
}
FNR == 1 { comment = 0; quote = ""; start = 0; here = layer(FILENAME) }
FNR == 501 { breach("a file has at most 500 lines") }
/[ \t]$/ { breach("space at the end of a line") }
/^        / { breach("tabs of 8, not spaces") }
/#[ \t]*include[ \t]*"/ {
	split($0, part, "\"")
	if (!allowed(here, layer(part[2])))
		breach(here " may not include " layer(part[2]))
}
/#[ \t]*include[ \t]*<sqlite3\.h>/ && FILENAME !~ /^lib\/base\/db[a-z_]*\.c$/ &&
    FILENAME !~ /^tests\// { breach("sqlite3.h only in lib/base/db*.c and tests") }
/#[ \t]*include[ \t]*<curl\// && FILENAME !~ /^lib\/pos\/http/ &&
    FILENAME != "sync/smtp.c" && FILENAME !~ /^tests\// {
	breach("libcurl only in lib/pos/http.c and sync/smtp.c") }
/SELECT \*/ { breach("columns by name, never SELECT *") }
{
	code = code_of($0)
	if (code ~ /(^|[^A-Za-z0-9_])(strcpy|strcat|sprintf|vsprintf|strtok|gets|atoi|atol|atof|system|alloca|setjmp|longjmp|rand|srand|localtime|pthread_[a-z_]*)[ \t]*\(/)
		breach("banned function")
}
/^\{/ { start = FNR }
/^\}/ && start { if (FNR - start > 60) breach("a function has at most 60 lines"); start = 0 }
END { exit bad }
'
sh_rules='
function breach(rule) { printf "%s:%d: %s\n", FILENAME, FNR, rule; bad = 1 }
FNR == 1 { start = 0 }
FNR == 501 { breach("a file has at most 500 lines") }
/[ \t]$/ { breach("space at the end of a line") }
/^\{/ || /^[a-z_]+\(\) *[{]/ { start = FNR }
/^\}/ && start { if (FNR - start > 60) breach("a function has at most 60 lines"); start = 0 }
END { exit bad }
'

bad=0
ours -name '*.[ch]' | xargs -r awk "$c_rules" || bad=1
{ ours -name '*.sh'; ours -name '*.test'; echo bootstrap; } | xargs -r awk "$sh_rules" || bad=1

# A word that puts work off, and a file without an end of line.
mark='TO''DO|FIX''ME|X''XX'
late=$(ours \( -name '*.[ch]' -o -name '*.sh' -o -name '*.test' -o -name '*.sql' \
    -o -name '*.md' -o -name '*.conf' -o -name '*.am' -o -name '*.ac' \) |
	xargs -r grep -nEw "$mark" /dev/null)
[ -z "$late" ] || { echo "$late"; bad=1; }
# The last bytes of all of them together: nothing but ends of lines.
texts() { ours \( -name '*.[ch]' -o -name '*.sql' -o -name '*.sh' \); }
[ -z "$(texts | xargs -r tail -qc 1 | tr -d '\n')" ] || {
	for file in $(texts); do
		[ -z "$(tail -c 1 "$file")" ] || echo "$file: no newline at the end"
	done
	bad=1
}

# make dist ships what Makefile.am names: a file that it forgets is lost.
[ ! -e Makefile.am ] || {
	tr -c 'A-Za-z0-9_./-' '\n' <Makefile.am
	echo =
	ours \( -path './lib/*' -o -path './app/*' -o -path './push/*' \
	    -o -path './sync/*' -o -path './admin/*' -o -path './tests/*' -o -path './tools/*' \
	    -o -path './docs/*' -o -path './nginx/*' -o -path './cron/*' -o -path './profiles/*' \) \
	    ! -path '*/corpus/*' ! -name '.*' ! -name '*.[oa]' ! -name '*.log' ! -name '*.trs'
} | awk '
	$0 == "=" { files = 1; next }
	!files { sub(/^\//, ""); named[$0] = 1; next }
	{ program = $0; sub(/\.c$/, "", program) }
	!($0 in named) && !(program in named) { print $0 ": not named in Makefile.am"; bad = 1 }
	END { exit bad }' || bad=1
exit $bad

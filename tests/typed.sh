# typed.sh - the examples of a text typed into a shell, for the tests of README
# and of docs/CONNECT.md
#
# Sourced after tap.sh. A block of ```sh is typed; the block of ```json or
# ```text behind it is what it must answer, where … stands for anything.

# answers WANTED GOT: the same but for blanks, and … stands for anything
answers()
{
	awk '
	FNR == 1 { file++ }
	{ gsub(/[ \t\r]/, ""); text[file] = text[file] $0 }
	END {
		n = split(text[1], part, "…")
		got = text[2]
		for (i = 1; i <= n; i++) {
			at = index(got, part[i])
			if (part[i] == "")
				continue
			if (at == 0 || (i == 1 && at != 1)) {
				print "\tnot there: " part[i]
				exit 1
			}
			got = substr(got, at + length(part[i]))
		}
		exit (part[n] != "" && got != "")
	}' "$1" "$2"
}

# typed_blocks FILE [BEGIN END]: block.1.sh, block.1.out, block.2.sh, … in $dir,
# of the whole file or of what stands between two lines that begin so
typed_blocks()
{
	awk -v dir="$dir" -v from="${2-}" -v to="${3-}" '
	BEGIN { on = from == "" }
	from != "" && index($0, from) == 1 { on = 1 }
	to != "" && index($0, to) == 1 { on = 0 }
	!on { next }
	/^```sh$/ { file = dir "/block." ++n ".sh"; next }
	/^```(json|text)$/ { file = dir "/block." n ".out"; next }
	/^```$/ { close(file); file = ""; next }
	file != "" { print >file }' "$1"
	# The comparison has teeth.
	printf '{"a":1,…"c":"S…"}\n' >"$dir/wanted"
	printf '{"a":1, "b":2,\n"c":"S1"}\n' >"$dir/good"
	printf '{"b":2,"a":1,"c":"S1"}\n' >"$dir/bad"
	ok "… stands for anything" answers "$dir/wanted" "$dir/good"
	answers "$dir/wanted" "$dir/bad" >"$dir/why"
	same "what is missing is seen" 1 $?
}

# typed_run: all blocks, one after the other, in this shell and folder
typed_run()
{
	n=1
	while [ -e "$dir/block.$n.sh" ]; do
		tries=0
		while :; do
			# shellcheck disable=SC1090 # the shell that the text is typed into
			. "$dir/block.$n.sh" >"$dir/answer.$n" 2>&1
			code=$?
			[ -e "$dir/block.$n.out" ] || : >"$dir/block.$n.out"
			answers "$dir/block.$n.out" "$dir/answer.$n" >"$dir/why" && break
			# What waits a moment may have to wait longer on a busy machine.
			tries=$((tries + 1))
			head -n 1 "$dir/block.$n.sh" | grep -q '^sleep' && [ $tries -lt 10 ] || break
		done
		[ ! -s "$dir/why" ] || code="$code $(cat "$dir/why")"
		typed_ends "$n" "$code"
		n=$((n + 1))
	done
}

# typed_ends N CODE: the example's judgement; a text whose examples may fail
# puts its own in the place of this one
typed_ends()
{
	same "example $1: $(grep -v '^sleep' "$dir/block.$1.sh" | head -n 1)" 0 "$2"
	[ "$2" = 0 ] || cat "$dir/answer.$1"
}

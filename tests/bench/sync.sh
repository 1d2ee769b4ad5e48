# sync.sh - what pos-sync costs: a large catalogue, and a chain of many branches
#
# Sourced by bench.sh. BENCH_SYNC names the shops as DISHESxBRANCHES (100000x1
# 5000x20). The till is pos-sim behind nginx with TLS on this same machine, so
# dishes per second are those of all three together.

. "$srcdir/tests/till.sh"

# sync_timed options…: pos-sync as cron starts it; $sync_s seconds, $sync_kb at the most
sync_timed()
{
	bench_run pos-sync "$@" >"$dir/sync.run" 2>"$dir/sync.err" ||
	    { cat "$dir/sync.err" >&2; return 1; }
	read -r sync_s sync_kb <"$dir/sync.run"
}

# sync_written: rows that the last run of products changed
sync_written()
{
	"$PWD/tests/ask" "$DATABASE" "SELECT added + changed + gone FROM sync_run
	    WHERE feed = 'products' ORDER BY id DESC LIMIT 1"
}

# sync_asked: the requests that the till has had
sync_asked()
{
	pos-sim requests --limit 1000000 | wc -l
}

# sync_shop DISHES BRANCHES: one line of the table
sync_shop()
{
	mkdir -p "$dir/sync-$1" && till_start "$dir/till-$1" --products "$1" --branches "$2" ||
	    return 1
	. "$dir/till-$1/till.env"
	export POS_SIM_DB DATABASE="$dir/sync-$1/shop.db" POS_URL="$TILL_URL" POS_CA_FILE="$TILL_CA"
	export POS_TOKEN_FILE="$TILL_TOKEN_FILE" PROFILE_DIR="$srcdir/profiles"
	export TILLBRIDGE_CONF=/dev/null LOG_TO=stderr LOG_LEVEL=error
	pos-admin init >/dev/null && sync_timed --full || return 1
	sync_first="$sync_s $sync_kb"
	sync_timed --full || return 1
	sync_again="$sync_s $sync_kb $(sync_written)"
	for dish in 01 02 03 04 05 06 07 08 09 10; do
		pos-sim set-price "G00000$dish" 77.00 >/dev/null || return 1
	done
	asked=$(sync_asked)
	sync_timed --only branches,products || return 1
	till_stop "$dir/till-$1"
	# the last 10,000 requests are remembered
	echo "$1 $2 $sync_first $sync_again $sync_s $(($(sync_asked) - asked)) $(sync_written)" |
	    awk '{ printf "%6d dishes x %2d branches: %5.0f/s new, %6.0f/s unchanged " \
	    "(%.1f x as fast, at least 2; %d rows written), at most %.0f MB (64);\n", $1, $2,
	    $1 / $3, $1 / $5, $3 / $5, $7, ($4 > $6 ? $4 : $6) / 1024;
	    printf "%27s 10 changes in %d requests (at most 5), %d rows, %.2f s\n", "", $9, $10, $8 }'
}

# sync_bench: the table on standard output
sync_bench()
{
	for sync_size in ${BENCH_SYNC:-100000x1 5000x20}; do
		sync_shop "${sync_size%x*}" "${sync_size#*x}" || return 1
	done
}

#!/bin/sh
# sender.sh - from an order placed to the till having it, while copies of
# pos-sender take turns each minute as under cron
#
# Run by bench.sh, or alone in the build folder. BENCH_SENDER_SECONDS (150: two
# hand-overs; 600 for ten minutes), BENCH_SENDER_PER_SECOND orders (2). What is measured lies
# between the event of the order placed and that of the till's answer, so it is
# a little more than the till's having it.

srcdir=${srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
. "$srcdir/tests/tap.sh"
. "$srcdir/tests/till.sh"
. "$srcdir/tests/orders.sh"
needs nginx curl openssl spawn-fcgi multiwatch

seconds=${BENCH_SENDER_SECONDS:-150}
at_end=stop_all
turns=

stop_all()
{
	: >"$dir/enough"
	# shellcheck disable=SC2086 # a list
	kill ${customers-} $turns 2>/dev/null
	shop_stop
}

# customer NAME: orders, one a second
customer()
{
	trap - EXIT
	mkdir -p "$dir/$1"
	enough=$dir/enough
	dir=$dir/$1
	register "$1"
	while [ ! -e "$enough" ]; do
		place
		sleep "0.$(printf %02d $((60 + $(random 40))))"
	done
}

all_sent()
{
	[ "$(sql "SELECT count(*) FROM orders WHERE status = 'pending'")" = 0 ]
}

# latencies: of each order in milliseconds, sorted
latencies()
{
	sql "WITH t AS (SELECT json_extract(payload, '\$.order_id') AS id, type, created_ms FROM event
	    WHERE type = 'order.placed' OR type = 'order.status' AND
	    json_extract(payload, '\$.status') = 'sent_to_pos')
	    SELECT min(b.created_ms) - a.created_ms FROM t a JOIN t b ON b.id = a.id AND
	    b.type = 'order.status' WHERE a.type = 'order.placed' GROUP BY a.id" | sort -n
}

shop_start || { echo "bench: no shop" >&2; exit 70; }
unset OUTBOX_BACKOFF_S OUTBOX_BACKOFF_MAX_S
./pos-sim set-stock D001 all 1000000 >/dev/null
./pos-sync --full >"$dir/out" 2>&1
end=$(($(date +%s) + seconds))
next=$(date +%s)
while [ "$(date +%s)" -lt "$end" ]; do
	if [ "$(date +%s)" -ge "$next" ]; then
		./pos-sender --for 60 >>"$dir/sender.log" 2>&1 &
		turns="$turns $!"
		next=$((next + 60))
	fi
	if [ -z "${customers-}" ]; then
		sleep 1
		for n in $(seq "${BENCH_SENDER_PER_SECOND:-2}"); do
			customer "c$n" &
			customers="${customers-} $!"
		done
	fi
	sleep 0.2
done
: >"$dir/enough"
# shellcheck disable=SC2086 # a list
wait $customers
soon all_sent
latencies >"$dir/ms"
awk -v of="$(sql "SELECT count(*) FROM orders")" -v turns="$(echo "$turns" | wc -w)" \
    -v load="$(cut -d' ' -f1-3 /proc/loadavg)" '{ ms[NR] = $1; late += $1 > 300 }
    END { p = int((NR * 99 + 99) / 100); printf "%d of %d orders at the till, %d hand-overs: p50 %d ms, p99 %d ms, longest %d ms, %d over 300 ms; load %s\n",
    NR, of, turns - 1, ms[int((NR + 1) / 2)], ms[p], ms[NR], late, load }' "$dir/ms"

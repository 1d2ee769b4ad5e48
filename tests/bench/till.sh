# till.sh - orders and readers while the till runs, and while it is stopped
#
# Sourced by bench.sh, whose `measure` and `median` it uses. The shop is that of
# bench.sh; its till runs, then is stopped, in turns: its processes hold still
# and their socket is away, so that what is open hangs and what is new fails.

till_pids()
{
	for till_pid in $(cat "$run/pos-sim.pid"); do
		echo "$till_pid" $(cat "/proc/$till_pid/task/$till_pid/children" 2>/dev/null)
	done
}

till_stopped()
{
	kill -s STOP $(till_pids)
	mv "$run/pos-sim.sock" "$run/pos-sim.away"
}

# What waits is due at once, so that the sender is as busy as it was before.
till_running()
{
	[ ! -e "$run/pos-sim.away" ] || mv "$run/pos-sim.away" "$run/pos-sim.sock"
	kill -s CONT $(till_pids)
	tests/ask --run "$dir/shop/shop.db" "UPDATE lane SET open_until = 0, failures = 0" >/dev/null
	tests/ask --run "$dir/shop/shop.db" "UPDATE outbox SET next_ms = 0 WHERE state = 'due'" >/dev/null
}

# till_phase NAME: p50 and p99 of each, one line a round, in $dir/till.NAME.*
till_phase()
{
	till_$1
	bench_orders "$port" "$seconds" | tr ' ' '\n' | awk -F= '
	    $1 == "per_s" { rps = $2 } $1 == "p50_ms" { p50 = $2 } $1 == "p99_ms" { p99 = $2 }
	    $1 == "failed" { bad = $2 }
	    END { print rps, p99, 0, bad, p50 }' >>"$dir/till.$1.orders"
	measure "till.$1.list" "$SHOP/products?branch_id=1&limit=50" "$site" -H "$past"
	measure "till.$1.detail" "$SHOP/products/100" "$site" -H "$past"
	measure "till.$1.search" "$SHOP/products?branch_id=1&search=%D0%B1%D0%BE%D1%80%D1%89" "$site" -H "$past"
	measure "till.$1.branches" "$SHOP/branches" "$site" -H "$past"
	measure "till.$1.cart" "$SHOP/cart" "$site" -H "Authorization: Bearer $token"
	measure "till.$1.history" "$SHOP/orders" "$site" -H "Authorization: Bearer $token"
}

# till_line NAME TITLE
till_line()
{
	paste -d' ' "$dir/till.running.$1" "$dir/till.stopped.$1" | awk '{ print $10 / $5, $7 / $2 }' >"$dir/till.$1"
	awk -v t="$2" -v a50="$(median "till.running.$1" 5)" -v b50="$(median "till.stopped.$1" 5)" \
	    -v a99="$(median "till.running.$1" 2)" -v b99="$(median "till.stopped.$1" 2)" \
	    -v r50="$(median "till.$1" 1)" -v r99="$(median "till.$1" 2)" \
	    -v bad="$(cat "$dir/till.running.$1" "$dir/till.stopped.$1" | awk '{ n += $4 } END { print n }')" 'BEGIN {
	    printf "%-20s p50 %6.2f -> %6.2f ms, %5.2f   p99 %7.2f -> %7.2f ms, %5.2f%s\n",
	    t, a50, b50, r50, a99, b99, r99, bad ? "   NOT ALL 2xx: " bad : "" }'
}

till_bench()
{
	for till_round in $(seq "$rounds"); do
		till_phase running
		till_phase stopped
	done
	till_running
	echo "till running -> stopped, $rounds rounds in turns: medians, and the median of the rounds' ratios (p99 at most 1)"
	till_line orders "POST /orders"
	till_line list "GET /products"
	till_line detail "GET /products/{id}"
	till_line search "GET /products?search"
	till_line branches "GET /branches"
	till_line cart "GET /cart"
	till_line history "GET /orders"
}

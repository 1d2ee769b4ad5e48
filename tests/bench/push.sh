# push.sh - what browsers hear, through nginx: how many, how soon, and what a
# reload and a kill cost
#
# Sourced by bench.sh, with a demo shop in $dir/shop. BENCH_SOCKETS (10000) and
# BENCH_COMMITS (100 a second) for BENCH_PUSH_SECONDS (60); BENCH_PUSH_ORDERS
# (50) are watched by a WebSocket of Node and by curl; who is away is so for
# BENCH_AWAY seconds (30).

push_sockets=${BENCH_SOCKETS:-10000}
push_commits=${BENCH_COMMITS:-100}
push_seconds=${BENCH_PUSH_SECONDS:-60}
push_orders=${BENCH_PUSH_ORDERS:-50}
push_away=${BENCH_AWAY:-30}

# push_children PIDFILE: of the program that keeps it going
push_children()
{
	cat "/proc/$(cat "$run/$1.pid")/task/"*/children 2>/dev/null
}

# push_pid: of pos-push, when there is one
push_pid()
{
	set -- $(push_children pos-push)
	echo "${1-0}"
}

# push_room: nginx takes so many, as main.conf and a real nginx.conf say it
push_room()
{
	sed -i -e "s/worker_connections .*/worker_connections $((push_sockets * 2 + 2000));/" \
	    -e '1i worker_rlimit_nofile 65536;' "$dir/shop/nginx/nginx.conf"
	kill -HUP "$(cat "$run/nginx.pid")"
	sleep 2
}

# push_crowd NAME [PID]: in the background, until all of them listen
push_crowd()
{
	: >"$dir/$1"
	crowd "$port" "${2-$(push_pid)}" "$push_seconds" "$push_sockets" "$push_commits" >"$dir/$1" &
	crowd=$!
	until grep -q ready "$dir/$1" || ! kill -0 $crowd 2>/dev/null; do
		sleep 0.2
	done
}

# push_done NAME TITLE
push_done()
{
	wait $crowd
	printf '%-26s %s\n' "$2" "$(sed -n 's/cpu_ms=0 .*//; /^sockets/p' "$dir/$1")"
}

# push_nginx: what its workers cost
push_nginx()
{
	for p in $(push_children nginx); do
		awk '/^Pss:/ { print $2 }' "/proc/$p/smaps_rollup" 2>/dev/null
	done | awk '{ kb += $1 } END { printf "nginx: %d workers, %d KB\n", NR, kb }'
}

push_crowds()
{
	push_room
	push_crowd steady
	push_before=$(ticks "$(cat "$run/nginx.pid")")
	push_done steady "push, through nginx:"
	push_after=$(ticks "$(cat "$run/nginx.pid")")
	echo "push, nginx of it: cpu_ms=$(((push_after - push_before) * 10))"

	push_crowd reloads
	push_nginx
	for _ in 1 2 3; do
		sleep $((push_seconds / 5 + 1))
		kill -HUP "$(cat "$run/nginx.pid")"
	done
	push_done reloads "push, three reloads:"

	push_crowd kill 0
	sleep $((push_seconds / 3))
	kill -KILL "$(push_pid)"
	push_done kill "push, killed with -9:"
}

# push_login NAME: $token
push_login()
{
	token=$(curl -s "$SHOP/auth/login" -H 'Content-Type: application/json' \
	    -d "{\"email\":\"$1\",\"password\":\"$2\"}" | sed 's/.*"token":"\([^"]*\)".*/\1/')
}

# push_socket NAME [SINCE]: a WebSocket of Node
push_socket()
{
	ticket=$(curl -s -X POST "$SHOP/ws/ticket" -H "Authorization: Bearer $customer" |
	    sed 's/.*"ticket":"\([^"]*\)".*/\1/')
	node --experimental-websocket --no-warnings "$srcdir/tests/listen.mjs" \
	    "ws${SHOP#http}/ws?ticket=$ticket${2:+&since=$2}" </dev/null >"$dir/$1" &
	ours="$ours $!"
	socket=$!
	until grep -q hello "$dir/$1" || ! kill -0 $socket; do sleep 0.1; done
}

# push_events AFTER: what the customer must hear, and when it was written
push_events()
{
	"$PWD/tests/ask" "$dir/shop/shop.db" "SELECT id, created_ms FROM event WHERE id > $1 AND
	    (user_id = (SELECT id FROM users WHERE email = '$DEMO_CUSTOMER_EMAIL') AND
	    type <> 'session.ended' OR type IN ('catalog', 'stock', 'branch')) ORDER BY id" | tr '|' ' '
}

# push_delay NAME TITLE: from its writing in the transaction to its arrival
push_delay()
{
	sed -n 's/^\([0-9]*\) {"id":\([0-9]*\),.*/\2 \1/p' "$dir/$1" >"$dir/$1.came"
	cut -d' ' -f1 "$dir/events" >"$dir/ids"
	cut -d' ' -f1 "$dir/$1.came" | cmp -s - "$dir/ids" && all=yes || all=NO
	awk 'NR == FNR { at[$1] = $2; next } { print $2 - at[$1] }' "$dir/events" "$dir/$1.came" |
	    sort -n | awk -v t="$2" -v all=$all '{ v[NR] = $1 } END {
	    printf "%-26s messages=%d all_in_order=%s p50_ms=%d p99_ms=%d max_ms=%d\n", t, NR, all,
	    v[int((NR + 1) / 2)], v[int((NR * 99 + 99) / 100)], v[NR] }'
}

# push_sees: orders and each of their statuses, as a page and as curl see them
push_sees()
{
	push_login "$DEMO_ADMIN_EMAIL" "$DEMO_ADMIN_PASSWORD"
	admin=$token
	push_login "$DEMO_CUSTOMER_EMAIL" "$DEMO_CUSTOMER_PASSWORD"
	customer=$token
	push_last=$("$PWD/tests/ask" "$dir/shop/shop.db" "SELECT coalesce(max(id), 0) FROM event")
	push_socket seen
	curl -sN -H "Authorization: Bearer $customer" "$SHOP/events" |
	    node "$srcdir/tests/listen.mjs" - >"$dir/streamed" &
	ours="$ours $!"
	until grep -q hello "$dir/streamed"; do sleep 0.1; done
	CUSTOMER=$customer STAFF=$admin node "$srcdir/tests/bench/orders.mjs" "$SHOP" "$push_orders"
	sleep 2
	push_events "$push_last" >"$dir/events"
	push_delay seen "orders, by a WebSocket:"
	push_delay streamed "orders, by curl (SSE):"
	kill $socket
	push_last=$(awk 'END { print $1 }' "$dir/events")
	CUSTOMER=$customer STAFF=$admin node "$srcdir/tests/bench/orders.mjs" "$SHOP" 5
	sleep "$push_away"
	push_socket back "$push_last"
	sleep 2
	push_events "$push_last" >"$dir/events"
	push_delay back "back after $push_away s:" | sed 's/ p50_ms.*//'	# it was away
}

push_bench()
{
	"$PWD/tests/ask" --run "$dir/shop/shop.db" \
	    "UPDATE lane SET paused_why = 'measuring' WHERE name = 'pos'" &&
	    "$PWD/tests/ask" --run "$dir/shop/shop.db" "UPDATE product_branch
	    SET stock_quantity = 1000000 WHERE product_id = 1 AND branch_id = 1" || return 1
	echo "load before: $(cut -d' ' -f1-3 /proc/loadavg), $(nproc) cores"
	push_sees
	push_crowds
	echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
}

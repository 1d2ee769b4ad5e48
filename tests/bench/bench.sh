#!/bin/sh
# bench.sh - the shop against its reference points, in one run, as ratios
#
# Run by `make bench` in the build folder. BENCH_SECONDS per measurement (3),
# BENCH_ROUNDS interleaved rounds (3), BENCH_PRODUCTS (20000), BENCH_CATALOGUE the
# sizes of the shops compared at the end (1000 100000 1000000), BENCH_ONLY=catalogue
# for these alone, BENCH_ONLY=push for what browsers hear (push.sh), BENCH_ONLY=sender
# for an order's way to the till (sender.sh), BENCH_ONLY=till for the shop whose till
# stops (till.sh), BENCH_ONLY=sync for what pos-sync costs (sync.sh; BENCH_SYNC,
# 100000x1 5000x20). Medians; CPU is microseconds of nginx + pool per request.
# Everything lies in a folder of its own and is removed at the end.

set -u
: "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
srcdir=$(cd "$srcdir" && pwd)
seconds=${BENCH_SECONDS:-3}
rounds=${BENCH_ROUNDS:-3}
PATH=$PWD:$PWD/tests:$PWD/tests/bench:$PATH:/usr/sbin:/sbin
command -v wrk >/dev/null || { echo "bench: wrk is needed: apt install wrk" >&2; exit 69; }

dir=$(mktemp -d /tmp/tillbridge-bench.XXXXXX)
ours=
end()
{
	trap '' INT TERM
	[ -z "$ours" ] || kill $ours 2>/dev/null
	"$srcdir/bootstrap" stop --dir "$dir/shop" >/dev/null 2>&1
	rm -rf "$dir"
}
trap end EXIT
trap 'exit 130' INT TERM

. "$srcdir/tests/bench/catalogue.sh"
. "$srcdir/tests/bench/till.sh"
. "$srcdir/tests/bench/sync.sh"
[ "${BENCH_ONLY-}" != sync ] || { sync_bench; exit; }
[ "${BENCH_ONLY-}" != catalogue ] || { catalogue_bench; exit; }
[ "${BENCH_ONLY-}" != sender ] || { "$srcdir/tests/bench/sender.sh"; exit; }

TILLBRIDGE_SETTINGS="SYNC_EVERY_S=86400 MAX_REQUESTS=0" "$srcdir/bootstrap" demo --detach \
    --no-limits --products "${BENCH_PRODUCTS:-20000}" --port 0 --dir "$dir/shop" \
    >"$dir/start" 2>&1 || { cat "$dir/start"; exit 70; }
. "$dir/shop/env.sh"
port=${SHOP##*:}
run=$dir/shop/run

# ticks PID…: processor time of these processes and their children, in 10 ms
ticks()
{
	for pid in "$@"; do
		for p in $pid $(cat /proc/$pid/task/$pid/children 2>/dev/null); do
			awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$p/stat" 2>/dev/null
		done
	done | awk '{ n += $1 } END { print n + 0 }'
}

. "$srcdir/tests/bench/push.sh"
[ "${BENCH_ONLY-}" != push ] || { push_bench; exit; }

# ---- the reference: hello and a static file behind the same nginx settings

mkdir -p "$dir/ref/www"
hello_port=$((port + 1))
head -c 2048 /dev/zero | tr '\0' a >"$dir/ref/www/static.json"
user=
[ "$(id -u)" -ne 0 ] || user='user root;'
cat >"$dir/ref/nginx.conf" <<END
$user
worker_processes 2;
daemon off;
pid $dir/ref/nginx.pid;
error_log $dir/ref/error.log;
events { worker_connections 4096; }
http {
	access_log off;
	keepalive_requests 1000000;
	client_body_temp_path $dir/ref/b; proxy_temp_path $dir/ref/p;
	fastcgi_temp_path $dir/ref/f; uwsgi_temp_path $dir/ref/u; scgi_temp_path $dir/ref/s;
	open_file_cache max=100;
	map "" \$tb_request_id { default \$request_id; }
	upstream hello { server unix:$dir/ref/hello.sock; keepalive 64; keepalive_requests 1000;
		keepalive_time 2s; keepalive_timeout 3s; }
	server {
		listen 127.0.0.1:$hello_port;
		root $dir/ref/www;
		location = /static.json { }
		location = /hello { include $srcdir/nginx/fastcgi.conf; fastcgi_pass hello; }
	}
}
END
spawn-fcgi -n -s "$dir/ref/hello.sock" -b 4096 -- "$(command -v multiwatch)" -s TERM -f 4 -- \
    "$(command -v hello)" >/dev/null 2>&1 &
ours="$ours $!"
nginx -p "$dir/ref" -c "$dir/ref/nginx.conf" -e "$dir/ref/error.log" &
ours="$ours $!"
sleep 1

# ---- measuring

# measure NAME URL PIDS [wrk options]: appends "rps p99_ms cpu_us bad p50_ms" to NAME
measure()
{
	name=$1
	url=$2
	pids=$3
	shift 3
	before=$(ticks $pids)
	wrk -t1 -c32 "-d${seconds}s" --latency --timeout 5s "$@" "$url" >"$dir/wrk"
	after=$(ticks $pids)
	awk -v t=$((after - before)) '
	    function ms(s) { return s ~ /us$/ ? s / 1000 : s ~ /ms$/ ? s + 0 : s * 1000 }
	    $1 == "50%" { p50 = ms($2) } $1 == "99%" { p99 = ms($2) } /requests in/ { n = $1 } /^Requests\/sec/ { rps = $2 }
	    /Non-2xx/ { bad = $NF }
	    END { printf "%.0f %.2f %.1f %d %.2f\n", rps, p99, n ? t * 10000 / n : 0, bad, p50 }' \
	    "$dir/wrk" >>"$dir/$name"
}

# median NAME COLUMN
median()
{
	sort -n -k "$2,$2" "$dir/$1" | awk -v c="$2" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'
}

site="$(cat "$run/nginx.pid") $(cat "$run/pos-api-read.pid")"
reference=$ours
token=$(curl -s "$SHOP/auth/login" -H 'Content-Type: application/json' \
    -d "{\"email\":\"$DEMO_CUSTOMER_EMAIL\",\"password\":\"$DEMO_CUSTOMER_PASSWORD\"}" |
    sed 's/.*"token":"\([^"]*\)".*/\1/')
for id in 1 2 3; do
	curl -s -o /dev/null "$SHOP/cart/add" -H "Authorization: Bearer $token" \
	    -H 'Content-Type: application/json' \
	    -d "{\"product_id\":$id,\"quantity\":1,\"branch_id\":1}"
done
# An Authorization header goes past the micro-cache.
past='Authorization: none'
[ "${BENCH_ONLY-}" != till ] || { till_bench; exit; }
for round in $(seq "$rounds"); do
	measure static "http://127.0.0.1:$hello_port/static.json" "$reference"
	measure hello "http://127.0.0.1:$hello_port/hello" "$reference"
	measure detail "$SHOP/products/$((round * 100))" "$site" -H "$past"
	measure list "$SHOP/products?branch_id=1&limit=50&page=$round" "$site" -H "$past"
	measure cart "$SHOP/cart" "$site" -H "Authorization: Bearer $token"
	measure cached "$SHOP/products/$((round * 100))" "$site"
done

# ---- the catalogue beside 20 logins at a time

login()
{
	while [ ! -e "$dir/enough" ]; do
		curl -s -o /dev/null "$SHOP/auth/login" -H 'Content-Type: application/json' \
		    -d "{\"email\":\"$DEMO_CUSTOMER_EMAIL\",\"password\":\"$DEMO_CUSTOMER_PASSWORD\"}"
	done
}

for round in $(seq "$rounds"); do
	measure alone "$SHOP/products?limit=50&branch_id=1" "$site"
	rm -f "$dir/enough"
	stormers=
	for _ in $(seq 20); do login & stormers="$stormers $!"; done
	measure storm "$SHOP/products?limit=50&branch_id=1" "$site"
	: >"$dir/enough"
	wait $stormers
done

# ---- with the till and without

stopping=$(till_bench)

# ---- orders, with the till's lane paused: what sending costs is not the shopper's

"$PWD/tests/ask" --run "$dir/shop/shop.db" \
    "UPDATE lane SET paused_why = 'measuring' WHERE name = 'pos'" || exit 70
orders=$(bench_orders "$port" "$seconds") || exit 70
raw=$(bench_db "$seconds" 16 0 | tee "$dir/raw" | awk '/bare/ { print $5 }')

# ---- what it came to

# line NAME TITLE REFERENCE AT_LEAST
line()
{
	awk -v t="$2" -v r="$(median "$1" 1)" -v ref="$(median "$3" 1)" -v p="$(median "$1" 2)" \
	    -v c="$(median "$1" 3)" -v least="$4" -v bad="$(median "$1" 4)" -v of="$3" 'BEGIN {
	    printf "%-34s %8d/s  p99 %6.2f ms  CPU %6.1f us  %5.2f of %-6s (at least %s)%s\n",
	    t, r, p, c, r / ref, of, least, bad ? " NOT ALL 2xx: " bad : "" }'
}

printf '%d s x %d rounds, %s products, %d cores\n' "$seconds" "$rounds" \
    "${BENCH_PRODUCTS:-20000}" "$(nproc)"
line static "static file, 2 KB" static -
line hello "libfcgi mux hello, 2 KB" hello -
line cached "GET /products/{id}, micro-cache" static 0.90
line detail "GET /products/{id}, uncached" hello 0.80
line cart "GET /cart with JWT" hello 0.70
line list "GET /products, 50, uncached" hello 0.25
awk -v a="$(median alone 2)" -v s="$(median storm 2)" 'BEGIN {
    printf "catalogue p99 beside 20 logins     %.2f ms against %.2f ms alone: %.2f (at most 2)\n",
    s, a, s / a }'
bench_count 1
cat "$dir/raw"
echo "POST /orders, 16 clients: $orders"
echo "$stopping"
echo "$orders" | awk -v raw="$raw" '{ split($2, n, "="); printf "of bare transactions on a small schema (about 20 pages, an order writes 54): %.2f (at least 0.50)\n",
    raw ? n[2] / raw : 0 }'
# What browsers hear: none missed, p99 at most 50 ms.
echo "push: $(crowd "$run/push.sock" "$(push_pid)" "$seconds" 5000 | sed 1d)"
# Nearest branches, at most 1.5 of a small chain's work and 1 ms (G87).
bench_branches "$srcdir/schema.sql"
for pool in read write auth; do
	for p in $(cat "/proc/$(cat "$run/pos-api-$pool.pid")/task/"*/children 2>/dev/null); do
		awk -v pool=$pool '/^Pss:/ { pss = $2 } /^Private_(Clean|Dirty):/ { own += $2 }
		    END { print pool, pss, own }' "/proc/$p/smaps_rollup"
	done
done | awk '{ pss += $2; if ($3 > most) most = $3; n++ }
    END { printf "memory of %d workers: %.1f MB together (PSS), the largest keeps %.1f MB of its own\n",
    n, pss / 1024, most / 1024 }'
"$srcdir/bootstrap" stop --dir "$dir/shop" >/dev/null 2>&1
catalogue_bench
sync_bench
# From the order to the till: p99 at most 300 ms on a machine with time.
echo "orders on their way: $("$srcdir/tests/bench/sender.sh")"

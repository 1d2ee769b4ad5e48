# orders.sh - a shop for tests: real workers behind the nginx of till.sh, and
# somebody who orders there
#
# Sourced after tap.sh and till.sh. shop_start gives $shop (its address) and
# exports the settings that pos-sync, pos-sender and pos-admin need; shop_stop
# ends all of it.

# shop_start: till, database, pools, the catalogue
shop_start()
{
	export DATABASE="$dir/shop/shop.db" PROFILE_DIR="$srcdir/profiles" LOG_TO=stderr
	export LIMITS=no ORDER_MAX_OPEN=1000000 BCRYPT_COST=4 MAX_REQUESTS=0
	export POS_TIMEOUT_S="${POS_TIMEOUT_S:-5}" OUTBOX_BACKOFF_S=1 OUTBOX_BACKOFF_MAX_S=1
	pools=
	till_start "$dir/till" || return 1
	. "$dir/till/till.env"
	export POS_URL=$TILL_URL${TILL_BASE-} POS_CA_FILE=$TILL_CA POS_TOKEN_FILE=$TILL_TOKEN_FILE POS_SIM_DB
	shop=http://127.0.0.1:$till_other
	./pos-admin init >/dev/null || return 1
	shop_pool read 2
	shop_pool write 2
	shop_pool auth 1
	soon curl -sf "$shop/healthz" || { cat "$dir"/till/log/*.log >&2; return 1; }
	[ -n "${TILL_OPTIONS-}" ] || ./pos-sim set-stock D001 all 900 >/dev/null
	./pos-sync --full >"$dir/out" 2>&1 || { cat "$dir/out" >&2; return 1; }
}

# shop_pool NAME WORKERS
shop_pool()
{
	spawn-fcgi -n -s "$dir/till/run/$1.sock" -M 0660 -b 4096 -- "$(command -v multiwatch)" \
	    -s TERM -r 100000 -f "$2" -- "$PWD/pos-api" --pool "$1" \
	    >"$dir/till/log/$1.log" 2>&1 &
	pools="$pools $!"
	eval "pool_$1=$!"
	soon test -S "$dir/till/run/$1.sock"
}

shop_stop()
{
	till_stop "$dir/till"
	for pool in ${pools-}; do
		kill "$pool" 2>/dev/null
	done
	wait
}

# children PID: of a process
children()
{
	cat /proc/[0-9]*/stat 2>/dev/null | sed -n "s/^\([0-9]*\) (.*) [^ Z] $1 .*/\1/p"
}

# sql QUERY: its rows; run STATEMENT: does it
sql()
{
	tests/ask "$DATABASE" "$1"
}

run()
{
	tests/ask --run "$DATABASE" "$1"
}

# call METHOD PATH [BODY]: prints the status; the answer lies in $dir/answer
call()
{
	curl -s --max-time 20 -o "$dir/answer" -w '%{http_code}' -X "$1" "$shop$2" \
	    ${token:+-H "Authorization: Bearer $token"} -H 'Accept-Language: en' \
	    ${3:+-H 'Content-Type: application/json' -d "$3"}
}

# register NAME: $token is this customer's
register()
{
	token=
	call POST /auth/register "{\"email\":\"$1@example.com\",\"password\":\"a long password\",
	    \"name\":\"$1\",\"phone\":\"+380501234567\"}" >/dev/null
	token=$(sed -n 's/.*"token":"\([^"]*\)".*/\1/p' "$dir/answer")
	[ -n "$token" ]
}

# place [MEMBERS]: two dishes 1 from branch 1; $id is the order's, 0 when refused
place()
{
	call PUT /cart '{"branch_id":1,"items":[{"product_id":1,"quantity":2}]}' >/dev/null
	placed=$(call POST /orders "{\"branch_id\":1,${1:-\"order_type\":\"pickup\"}}")
	id=$(sed -n 's/.*"order":{"id":\([0-9]*\).*/\1/p' "$dir/answer")
	: "${id:=0}"
}

# order ID: status, submission, attention, reason
order()
{
	sql "SELECT status, submission, attention, reason_code FROM orders WHERE id = $1"
}

# row ID: of its outbox: state, mode, tries, whether the till may have it
row()
{
	sql "SELECT state, mode, attempts, sent_at IS NOT NULL FROM outbox WHERE order_id = $1"
}

# told ID: what the customer was told of it
told()
{
	echo $(sql "SELECT template FROM notification WHERE order_id = $1 ORDER BY id")
}

# held: portions of dish 1 in branch 1 that orders hold, and those of its rows
held()
{
	sql "SELECT reserved_quantity, (SELECT total(quantity) + 0 FROM reservation
	    WHERE product_id = 1 AND branch_id = 1) FROM product_branch
	    WHERE product_id = 1 AND branch_id = 1" | sed 's/\.0$//'
}

# sales ID: how often the till took it
sales()
{
	./pos-sim orders --json | grep -c "\"our_order_id\":\"[0-9]*-$1\""
}

# fault …: this one only
fault()
{
	./pos-sim fault none >/dev/null && ./pos-sim fault "$@" >/dev/null
}

# complaints: of sanitizers, and of ourselves, in any log
complaints()
{
	cat "$dir"/*.log "$dir"/till/log/*.log 2>/dev/null |
	    grep -e Sanitizer -e 'runtime error' -e 'event=panic' | head -n 5
}

# sender WANTED NAME [options]: pos-sender ends with that code
sender()
{
	wanted=$1
	name=$2
	shift 2
	timeout 30 ./pos-sender "$@" >"$dir/out" 2>"$dir/err"
	code=$?
	cat "$dir/err" >>"$dir/sender.log"
	same "$name: exit $wanted" "$wanted" $code
	[ $code = "$wanted" ] || cat "$dir/err"
}

# Whatever waits for its time is due now.
wake()
{
	run "UPDATE outbox SET next_ms = 0 WHERE state = 'due'"
	run "UPDATE lane SET open_until = 0, failures = 0"
}

# arrives NAME ID: it is with the till, once, and its customer knows
arrives()
{
	same "$1: arrives" "sent_to_pos|sent||" "$(order "$2")"
	same "$1: is one sale" 1 "$(sales "$2")"
	same "$1: told once (G47)" "order_received sent_to_pos" "$(told "$2")"
}

test_hit()
{
	./pos-sim faults | grep -q '1 hits'
}

# is_status ID STATUS
is_status()
{
	test "$(sql "SELECT status FROM orders WHERE id = $1")" = "$2"
}

# ends NAME ID REASON: it failed, once, its customer knows, its portions are free
ends()
{
	same "$1: fails (G49)" "failed|stopped||$3" "$(order "$2")"
	same "$1: told once (C5)" "order_received failed" "$(told "$2")"
	same "$1: frees its portions" 0 \
	    "$(sql "SELECT count(*) FROM reservation WHERE order_id = $2")"
}

# keep NAME COMMAND…: as cron would, again and again; DIR/NAME.pid is the newest
keep()
{
	name=$1
	shift
	(
		trap - EXIT
		while [ ! -e "$dir/enough" ]; do
			"$@" >>"$dir/$name.log" 2>&1 &
			echo $! >"$dir/$name.pid"
			wait $!
			echo "ended with $?" >>"$dir/$name.log"
		done
	) 2>/dev/null &
	eval "keeper_$name=$!"
}

# end_keeper NAME: and what it keeps
end_keeper()
{
	: >"$dir/enough"
	eval "keeper=\${keeper_$1-}"
	[ -n "$keeper" ] || return 0
	while kill -0 "$keeper" 2>/dev/null && ! grep -qs '^State:.Z' "/proc/$keeper/status"; do
		kill "$(cat "$dir/$1.pid")" 2>/dev/null
		sleep 0.05
	done
	eval "keeper_$1="
}

# random N: 0 to N - 1
random()
{
	echo $(($(od -An -N2 -tu2 /dev/urandom) % $1))
}

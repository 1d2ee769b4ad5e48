#!/bin/sh
# till.sh - a till for tests: pos-sim behind a real nginx with TLS, in a folder
#
#	tests/till.sh start DIR [options of pos-sim init]
#	tests/till.sh stop DIR
#
# start returns once the till answers; DIR/till.env then tells TILL_URL,
# TILL_CA, TILL_TOKEN_FILE and POS_SIM_DB, and orders move by hand only
# (pos-sim set-speed). Run in the build folder, or with POS_SIM naming the
# program. Sourced, it gives till_start and till_stop, and like site.sh sets
# variables of its own, $till among them.

: "${srcdir:=$(dirname "$0")/..}"
. "$srcdir/tools/site.sh"

# till_launch DIR: nginx on a new port; 1 when somebody else was quicker
till_launch()
{
	till_port=$(random_port) && till_other=$(free_port $((till_port + 1))) || return 1
	rm -rf "$1/nginx"
	site_lay_out "$srcdir/nginx" "$1" &&
	    site_render "$1" "127.0.0.1:$till_other" 1 "$till_port" || return 1
	PATH=$PATH:/usr/sbin:/sbin nginx -p "$1" -c "$1/nginx/nginx.conf" -e "$1/log/nginx.log" \
	    >"$1/log/start.log" 2>&1 &
	till_pid=$!
	till_tries=0
	until case "$(curl -s -o "$1/log/first" -w '%{http_code}' --cacert "$1/tls/ca.crt" \
	    "https://127.0.0.1:$till_port/")" in 404|200) ;; *) false ;; esac; do
		kill -0 $till_pid 2>/dev/null && [ $till_tries -lt 200 ] || return 1
		till_tries=$((till_tries + 1))
		sleep 0.05
	done
	echo $till_pid >"$1/run/nginx.own"
}

# till_start DIR [options of pos-sim init]
till_start()
{
	till_dir=$1
	shift
	mkdir -p "$till_dir/run" "$till_dir/log" "$till_dir/tls" || return 1
	till_dir=$(cd "$till_dir" && pwd -P)
	site_certificate "$till_dir" || return 1
	(umask 077 && echo "till-$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')" >"$till_dir/till.token")
	${POS_SIM:-./pos-sim} init --db "$till_dir/till.db" "$@" >/dev/null || return 1
	${POS_SIM:-./pos-sim} serve --db "$till_dir/till.db" --speed 0 --workers 8 \
	    --listen "unix:$till_dir/run/pos-sim.sock" --token-file "$till_dir/till.token" \
	    ${TILL_OPTIONS-} >"$till_dir/log/pos-sim.log" 2>&1 &
	echo $! >"$till_dir/run/pos-sim.own"
	for till_attempt in 1 2 3 4 5; do
		till_launch "$till_dir" && break
		[ $till_attempt -lt 5 ] || { cat "$till_dir"/log/*.log >&2; return 1; }
	done
	cat >"$till_dir/till.env" <<-END
	TILL_URL=https://127.0.0.1:$till_port
	TILL_CA=$till_dir/tls/ca.crt
	TILL_TOKEN_FILE=$till_dir/till.token
	POS_SIM_DB=$till_dir/till.db
	END
}

# till_stop DIR: both are gone when it returns
till_stop()
{
	for till_file in "$1/run/nginx.own" "$1/run/pos-sim.own"; do
		[ -s "$till_file" ] || continue
		till_pid=$(cat "$till_file")
		kill "$till_pid" 2>/dev/null
		while kill -0 "$till_pid" 2>/dev/null &&
		    ! grep -qs '^State:.Z' "/proc/$till_pid/status"; do
			sleep 0.02
		done
		rm -f "$till_file"
	done
}

case $0 in
*till.sh)
	case ${1-} in
	start|stop)
		till_verb=$1
		shift
		[ $# -ge 1 ] || { echo "till.sh $till_verb: which folder?" >&2; exit 64; }
		till_$till_verb "$@"
		exit ;;
	*)
		echo "usage: till.sh start|stop DIR" >&2
		exit 64 ;;
	esac ;;
esac

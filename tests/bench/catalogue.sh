# catalogue.sh - shops of growing catalogues, asked in turns
#
# Sourced by bench.sh. BENCH_CATALOGUE names their sizes (1000 100000 1000000:
# some 3 GB and minutes to fill, most of it for the search index).

. "$srcdir/tools/site.sh"

# catalogue_shop DIR DISHES: a shop with that many, read by one worker behind nginx; $catalogue_port,
# $catalogue_worker
catalogue_shop()
{
	catalogue_port=$(random_port) && catalogue_till=$(free_port $((catalogue_port + 1))) &&
	    site_lay_out "$srcdir/nginx" "$1" && site_certificate "$1" &&
	    site_render "$1" "127.0.0.1:$catalogue_port" 1 || return 1
	TILLBRIDGE_CONF=/dev/null DATABASE=$1/shop.db pos-admin init >/dev/null &&
	    bench_catalogue fill "$1/shop.db" "$2" || return 1
	TILLBRIDGE_CONF=/dev/null DATABASE=$1/shop.db LIMITS=no spawn-fcgi -n -s "$1/run/read.sock" \
	    -b 4096 -- "$(command -v pos-api)" --pool read >"$1/log/read.log" 2>&1 &
	catalogue_worker=$!
	ours="$ours $!"
	nginx -p "$1" -c "$1/nginx/nginx.conf" -e "$1/log/nginx.log" >"$1/log/start.log" 2>&1 &
	ours="$ours $!"
	for _ in $(seq 100); do
		[ "$(curl -s -o /dev/null -w '%{http_code}' \
		    "http://127.0.0.1:$catalogue_port/healthz")" != 200 ] || return 0
		sleep 0.1
	done
	return 1
}

# catalogue_bench: the table on standard output
catalogue_bench()
{
	catalogue_asked=
	for dishes in ${BENCH_CATALOGUE:-1000 100000 1000000}; do
		catalogue_shop "$dir/dishes-$dishes" "$dishes" ||
		    { cat "$dir/dishes-$dishes"/log/*.log >&2; return 1; }
		catalogue_asked="$catalogue_asked $dishes=$catalogue_port:$catalogue_worker"
	done
	# shellcheck disable=SC2086 # a list
	bench_catalogue ask $catalogue_asked
}

# shop.sh - a whole shop in one folder: nginx, workers, cron programs, a till
#
# Sourced by bootstrap after prepare.sh, site.sh and processes.sh. Everything
# that is written lies in $dir; two shops with two folders know nothing of
# each other.

# What must be built.
PROGRAMS='pos-api pos-push pos-sync pos-sender pos-admin pos-sim'

shop_defaults()
{
	dir=$top/demo
	port=8080
	address=127.0.0.1
	limits=yes
	readers=4
	writers=3
	products=
	pos_url=
	profile=generic
	pos_token_file=
	detach=no
}

# What this folder's data was made of: the till, then its size and our version.
shop_made_of()
{
	echo "till ${pos_url:-pos-sim}"
	echo "size ${products:-default}"
	cat "$top/schema.sql" "$top"/tests/pos-sim/*.[ch] "$top"/tests/pos-sim/data/* | cksum
}

# The folder is ours or new; the end when it is neither, or a shop runs in it.
shop_claim_folder()
{
	case $dir in
	*[[:space:]\'\"\\\;\{\}\$\#\&\|\<\>\(\)\*\?\[\]\,\`]*)
		die 64 "--dir: blanks and the shell's own characters are not possible: $dir" ;;
	esac
	mkdir -p "$dir" 2>/dev/null && [ -w "$dir" ] ||
	    die 73 "cannot write to $dir: choose another folder with --dir"
	dir=$(cd "$dir" && pwd -P)
	[ -e "$dir/made-of" ] || [ -z "$(ls -A "$dir" | grep -vx -e run -e made-of.new)" ] ||
	    die 73 "$dir holds other things: choose an empty or new folder"
	# A socket's path has at most 107 bytes.
	[ "$(printf %s "$dir/run/pos-sim.sock" | wc -c)" -le 107 ] ||
	    die 64 "--dir: the path is too long for sockets: $dir"
	chmod 700 "$dir"
	mkdir -p "$dir/run" && exec 9>"$dir/run/lock" || die 73 "cannot write to $dir"
	flock -n 9 || die 69 "a demo is just being started in $dir"
	[ -z "$(running "$dir")" ] ||
	    die 69 "a demo runs in $dir: ./bootstrap stop --dir $dir ends it"
	end_all "$dir"
	shop_fit_data
}

# Another till never gets this one's data; another size or version begins anew.
shop_fit_data()
{
	made=$(shop_made_of)
	if [ -e "$dir/made-of" ]; then
		[ "$(sed -n 1p "$dir/made-of")" = "till ${pos_url:-pos-sim}" ] ||
		    die 64 "$dir is the shop of another till: choose another --dir"
		[ "$(cat "$dir/made-of")" = "$made" ] || {
			say "the data in $dir is of another version or size: it begins anew"
			rm -f "$dir/ready"
		}
	fi
	echo "$made" >"$dir/made-of.new" && mv "$dir/made-of.new" "$dir/made-of"
}

shop_choose_ports()
{
	if [ "$port" -eq 0 ]; then
		port=$(random_port)
	elif port_taken "$port"; then
		die 69 "port $port is taken: choose another with --port N"
	fi
	till_port=
	[ -n "$pos_url" ] || till_port=$(free_port $((port + 363))) ||
	    die 69 "no free port for the till above $((port + 363))"
	case $address in
	0.0.0.0) host=127.0.0.1 ;;
	"[::]") host="[::1]" ;;
	*) host=$address ;;
	esac
	url=http://$host:$port
}

# The built programs come first in PATH; the end when one is not there.
shop_find_programs()
{
	PATH=$build:$PATH
	absent=
	for program in $PROGRAMS; do
		command -v "$program" >/dev/null 2>&1 || absent="$absent $program"
	done
	[ -z "$absent" ] || die 70 "not built in $build:$absent"
}

# A line of random letters and digits, kept in DIR/NAME.
shop_secret()
{
	[ -s "$dir/$1" ] || {
		od -An -N12 -tx1 /dev/urandom | tr -d ' ' >"$dir/$1.new" &&
		    mv "$dir/$1.new" "$dir/$1"
	}
}

# The settings; TILLBRIDGE_SETTINGS ("KEY=value KEY=value") wins, for tests.
shop_configure()
{
	shop_secret webhook.secret
	{
		echo "DATABASE=$dir/shop.db"
		echo "RUN_DIR=$dir/run"
		echo "PUBLIC_URL=$url"
		echo "CORS_ORIGINS=loopback"
		echo "PROFILE=$profile"
		echo "PROFILE_DIR=$top/profiles"
		if [ -n "$pos_url" ]; then
			echo "POS_URL=$pos_url"
			echo "POS_TOKEN_FILE=$pos_token_file"
			case $pos_url in http:*) echo "POS_ALLOW_HTTP=yes" ;; esac
		else
			shop_secret till.token
			echo "POS_URL=https://127.0.0.1:$till_port"
			echo "POS_TOKEN_FILE=$dir/till.token"
			echo "POS_CA_FILE=$dir/tls/ca.crt"
			echo "WEBHOOK_SECRET_FILE=$dir/webhook.secret"
		fi
		echo "POLL_YOUNG_S=1"
		echo "SYNC_EVERY_S=10"
		echo "LOG_TO=stderr"
		echo "LIMITS=$limits"
		[ "$limits" = yes ] || echo "ORDER_MAX_OPEN=1000000"
	} >"$dir/tillbridge.conf"
	for pair in ${TILLBRIDGE_SETTINGS-}; do
		sed -i "/^${pair%%=*}=/d" "$dir/tillbridge.conf"
		echo "$pair" >>"$dir/tillbridge.conf"
	done
}

# shop_account ROLE: with a password nobody else knows
shop_account()
{
	shop_secret "$1.password"
	attend in_shop "$dir" pos-admin user add --email "$1@example.com" \
	    --name "Demo $1" --role "$1" --password-file "$dir/$1.password" >/dev/null ||
	    die 70 "pos-admin cannot add the account $1@example.com"
	echo "$1 $1@example.com $(cat "$dir/$1.password")" >>"$dir/accounts"
	rm -f "$dir/$1.password"
}

# Both databases, whole or not at all: what was interrupted begins anew.
shop_data()
{
	[ ! -e "$dir/ready" ] || return 0
	rm -f "$dir"/shop.db* "$dir"/pos-sim.db* "$dir/accounts" "$dir"/*.password
	attend in_shop "$dir" pos-admin init >/dev/null ||
	    die 70 "pos-admin cannot make $dir/shop.db"
	for role in admin staff customer; do
		shop_account $role
	done
	[ -n "$pos_url" ] || attend in_shop "$dir" pos-sim init --db "$dir/pos-sim.db" \
	    ${products:+--products "$products"} >/dev/null ||
	    die 70 "pos-sim cannot make $dir/pos-sim.db"
	: >"$dir/ready"
}

# shop_pool NAME WORKERS BACKLOG [NICE]
shop_pool()
{
	launch "$dir" "pos-api-$1" nice -n "${4:-0}" spawn-fcgi -n -s "$dir/run/$1.sock" -M 0660 -b "$3" -- \
	    "$(command -v multiwatch)" -s TERM -r 100000 -f "$2" -- \
	    "$(command -v pos-api)" --pool "$1"
}

shop_launch()
{
	unlimited=0
	[ "$limits" = yes ] || unlimited=1
	site_lay_out "$top/nginx" "$dir" "$build" && site_certificate "$dir" &&
	    site_render "$dir" "$address:$port" $unlimited "$till_port" ||
	    die 73 "cannot lay out nginx in $dir"
	most=$(ulimit -H -n)
	[ "$most" != unlimited ] && [ "$most" -le 16384 ] || most=16384
	ulimit -S -n "$most"
	[ -n "$pos_url" ] || launch "$dir" pos-sim pos-sim serve --db "$dir/pos-sim.db" \
	    --listen "unix:$dir/run/pos-sim.sock" --speed "${TILLBRIDGE_SIM_SPEED:-5}" \
	    --token-file "$dir/till.token" --webhook-url "$url/webhooks/pos" \
	    --webhook-secret-file "$dir/webhook.secret"
	shop_pool read "$readers" 4096
	shop_pool write "$writers" 4096
	shop_pool auth 2 32 5	# hashing passwords never starves the shop
	launch "$dir" pos-push "$top/tools/keep.sh" "$(command -v pos-push)" \
	    --listen "$dir/run/push.sock"
	launch "$dir" nginx nginx -p "$dir" -c "$dir/nginx/nginx.conf" -e "$dir/log/nginx.log"
}

# The end, with what the logs say, unless the shop answers within 20 seconds.
shop_await()
{
	for _ in $(seq 200); do
		[ "$(curl -s -o /dev/null -w '%{http_code}' "$url/healthz")" != 200 ] || return 0
		[ -z "$(ended "$dir")" ] || break
		attend sleep 0.1
	done
	gone=$(ended "$dir")
	for name in ${gone:-nginx pos-api-read}; do
		tail -n 5 "$dir/log/$name.log" >&2
	done
	die 69 "the shop does not answer at $url: see $dir/log/"
}

# The first sync by hand, so that the shop is full when it is announced.
shop_fill()
{
	attend in_shop "$dir" pos-sync --full >>"$dir/log/pos-sync.log" 2>&1 ||
	    say "the first sync failed and is tried again by itself: see $dir/log/pos-sync.log"
	# only now are there branches: staff of none would see nothing
	attend in_shop "$dir" pos-admin user role staff@example.com staff --branch 1 >/dev/null 2>&1 || :
	launch "$dir" pos-sync "$top/tools/keep.sh" "$(command -v pos-sync)" --for 60
	launch "$dir" pos-sender "$top/tools/keep.sh" "$(command -v pos-sender)" --for 60
}

# DIR/env.sh: a second shell knows what this one does.
shop_environment()
{
	{
		echo "# . $dir/env.sh gives a shell the demo in this folder"
		echo "export PATH='$PATH'"
		echo "export TILLBRIDGE_CONF='$dir/tillbridge.conf'"
		echo "export SHOP='$url'"
		echo "export SHOP_DB='$dir/shop.db'"
		[ -n "$pos_url" ] || echo "export POS_SIM_DB='$dir/pos-sim.db'"
		echo "export POS_WEBHOOK_SECRET='$(cat "$dir/webhook.secret")'"
		while read -r role email password; do
			upper=$(echo "$role" | tr '[:lower:]' '[:upper:]')
			echo "export DEMO_${upper}_EMAIL='$email' DEMO_${upper}_PASSWORD='$password'"
		done <"$dir/accounts"
	} >"$dir/env.sh"
}

# shop_start: all of it, in a claimed folder; end_all "$dir" ends it
shop_start()
{
	shop_choose_ports
	shop_find_programs
	shop_configure
	shop_data
	shop_launch
	shop_await
	shop_fill
	shop_environment
	exec 9>&-
}

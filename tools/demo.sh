# demo.sh - the verbs demo and stop: options, the shop's life, what to type next
#
# Sourced by bootstrap after shop.sh.

demo_usage()
{
	cat <<-'END'
	usage: ./bootstrap demo [options]
	  --port N               where the shop answers (8080; 0: any free port)
	  --dir DIR              where all of its state lives (demo/ in this tree)
	  --workers N            reading and writing workers, N each (4 and 3)
	  --products N           a made-up catalogue of N dishes at the till
	  --no-limits            no rate limits, for load tests
	  --listen ADDR          another address than 127.0.0.1, say a phone's network
	  --pos-url URL --profile NAME --pos-token-file FILE
	                         another till instead of pos-sim
	  --detach               return when the shop answers
	       ./bootstrap stop [--dir DIR]
	END
}

# whole NAME VALUE MIN MAX: a number in its range, or the end
whole()
{
	case $2 in
	''|*[!0-9]*|?????????*) die 64 "$1 must be a number from $3 to $4, not '$2'" ;;
	esac
	[ "$2" -ge "$3" ] && [ "$2" -le "$4" ] ||
	    die 64 "$1 must be a number from $3 to $4, not $2"
}

demo_options()
{
	while [ $# -gt 0 ]; do
		option=$1
		shift
		case $option in
		--no-limits) limits=no; continue ;;
		--detach) detach=yes; continue ;;
		-h|--help) demo_usage; exit 0 ;;
		--*=*) set -- "${option#*=}" "$@"; option=${option%%=*} ;;
		esac
		case $option in
		--port|--dir|--workers|--products|--listen|--pos-url|--profile|--pos-token-file) ;;
		*) die 64 "unknown option: $option (see ./bootstrap demo --help)" ;;
		esac
		[ $# -gt 0 ] && [ -n "$1" ] || die 64 "$option needs a value"
		demo_option "$option" "$1"
		shift
	done
}

demo_option()
{
	case $1 in
	--port) whole "$1" "$2" 0 65535; port=$2 ;;
	--dir) dir=$2 ;;
	--workers) whole "$1" "$2" 1 64; readers=$2; writers=$2 ;;
	--products) whole "$1" "$2" 1 10000000; products=$2 ;;
	--listen) address=$2 ;;
	--pos-url) pos_url=$2 ;;
	--profile) profile=$2 ;;
	--pos-token-file) pos_token_file=$2 ;;
	esac
}

# What only makes sense together, and what another till must be.
demo_agree()
{
	case $address in
	*:*) address="[$(echo "$address" | tr -d '[]')]" ;;
	*[!0-9.]*) die 64 "--listen must be an IP address, not '$address'" ;;
	esac
	if [ -z "$pos_url" ]; then
		[ -z "$pos_token_file" ] || die 64 "--pos-token-file needs --pos-url"
		[ "$profile" = generic ] || die 64 "--profile needs --pos-url"
		return
	fi
	[ -z "$products" ] || die 64 "--products is for pos-sim, not for --pos-url"
	[ -n "$pos_token_file" ] || die 64 "--pos-url needs --pos-token-file"
	[ -r "$pos_token_file" ] || die 66 "cannot read $pos_token_file"
	pos_token_file=$(cd "$(dirname "$pos_token_file")" && pwd)/${pos_token_file##*/}
	case $pos_url in
	https://?*|http://127.*|http://localhost|http://localhost[:/]*|http://\[::1\]*) ;;
	http:*) die 64 "--pos-url: plain http only to this machine's loopback" ;;
	*) die 64 "--pos-url must begin with https://, not '$pos_url'" ;;
	esac
}

# attend COMMAND…: as in the foreground, but a signal is heard at once
attend()
{
	"$@" &
	attended=$!
	wait "$attended"
}

demo_end()
{
	trap '' HUP INT TERM
	[ -z "${attended-}" ] || kill "$attended" 2>/dev/null
	[ "${demo_began-no}" = no ] || end_all "$dir"
}

# Until a signal, or `stop` in another shell; or until a part of the shop is
# gone, which is told.
demo_watch()
{
	while [ -s "$dir/run/started" ]; do
		gone=$(ended "$dir" | tr '\n' ' ')
		[ -z "$gone" ] || break
		attend sleep 1
	done
	[ -s "$dir/run/started" ] || return 0
	for name in $gone; do
		tail -n 5 "$dir/log/$name.log" >&2
	done
	die 69 "ended by itself: ${gone}- the logs are in $dir/log/"
}

demo_announce()
{
	loopback=yes
	case $address in 127.*|"[::1]") ;; *) loopback=no ;; esac
	cat <<-END

	The shop answers at  $url      (its files: $dir)
	Open                 $url/products?search=борщ
	The API              $url/docs/
	END
	while read -r role email password; do
		printf '%-20s %s  %s\n' "Account ($role)" "$email" "$password"
	done <"$dir/accounts"
	[ "$limits" = yes ] || echo "No rate limits and no limit of open orders (--no-limits)."
	outside=$address
	case $address in 0.0.0.0|"[::]") outside=$(hostname -I 2>/dev/null | cut -d' ' -f1) ;; esac
	[ $loopback = yes ] || cat <<-END
	Others can reach it at http://${outside:-this machine}:$port. Without TLS a browser gives such a page
	no geolocation and no service worker.
	END
	demo_next_steps
}

demo_next_steps()
{
	cat <<END

Type next, in a second shell:

	. $dir/env.sh
	curl -sGw '\\n' "\$SHOP/products" --data-urlencode search=борщ
	TOKEN=\$(curl -s "\$SHOP/auth/login" -H 'Content-Type: application/json' \\
	    -d "{\"email\":\"\$DEMO_CUSTOMER_EMAIL\",\"password\":\"\$DEMO_CUSTOMER_PASSWORD\"}" |
	    sed 's/.*"token":"\([^"]*\)".*/\1/')
	curl -sw '\\n' "\$SHOP/cart/add" -H "Authorization: Bearer \$TOKEN" \\
	    -H 'Content-Type: application/json' -d '{"product_id":1,"quantity":2,"branch_id":1}'
	curl -sw '\\n' "\$SHOP/orders" -H "Authorization: Bearer \$TOKEN" \\
	    -H 'Content-Type: application/json' \\
	    -d '{"branch_id":1,"order_type":"pickup","contact_phone":"0501234567"}'
	curl -sw '\\n' "\$SHOP/orders" -H "Authorization: Bearer \$TOKEN"
	curl -sw '\\n' "\$SHOP/notifications" -H "Authorization: Bearer \$TOKEN"
	pos-sync --full
END
	[ -n "$pos_url" ] || printf '\tpos-sim orders\n'
	echo
}

# TILLBRIDGE_BUILD names a built tree, so that a test neither installs nor builds.
verb_demo()
{
	shop_defaults
	demo_options "$@"
	demo_agree
	if [ -n "${TILLBRIDGE_BUILD-}" ]; then
		build=$(cd "$TILLBRIDGE_BUILD" && pwd -P) || die 66 "no folder $TILLBRIDGE_BUILD"
	else
		need_packages
		build_tree "$top/build"
		npm_folder "$top/docs/reference"
	fi
	umask 077
	shop_claim_folder
	trap demo_end EXIT
	trap on_signal HUP INT TERM
	demo_began=yes
	shop_start
	demo_announce
	if [ "$detach" = yes ]; then
		demo_began=no
		echo "It runs on; this ends it:  ./bootstrap stop --dir $dir"
	else
		echo "Ctrl-C ends it."
		demo_watch
	fi
}

verb_stop()
{
	shop_defaults
	while [ $# -gt 0 ]; do
		case $1 in
		--dir=?*) dir=${1#*=} ;;
		--dir) [ -n "${2-}" ] || die 64 "--dir needs a value"; dir=$2; shift ;;
		*) die 64 "stop takes only --dir DIR, not $1" ;;
		esac
		shift
	done
	[ -e "$dir/made-of" ] || die 66 "no demo was ever started in $dir"
	dir=$(cd "$dir" && pwd -P)
	end_all "$dir" || say "nothing runs in $dir"
}

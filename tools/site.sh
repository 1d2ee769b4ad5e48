# site.sh - nginx for one folder: from the pieces in nginx/ to a running site
#
# Sourced by shop.sh and the tests. Works as root and as anybody else.

# site_lay_out FROM DIR [BUILD]: the folder that all state of a site lives in;
# BUILD (.) is where make has put the contract together
site_lay_out()
{
	mkdir -p "$2/nginx/tillbridge" "$2/log" "$2/run" "$2/tls" "$2/share" &&
	    cp "$1"/*.conf "$2/nginx/tillbridge/" &&
	    "$1/../tools/reference.sh" "$1/.." "$2/share/docs" &&
	    cp "${3:-.}/docs/openapi.yaml" "$2/share/" &&
	    sed -i "s,@pkgdatadir@,$2/share," "$2/nginx/tillbridge/docs.conf" &&
	    sed -i "s,unix:/run/tillbridge/,unix:$2/run/," "$2/nginx/tillbridge/upstreams.conf" &&
	    sed -i "s,/run/tillbridge-cache,$2/nginx/cache,; s,/var/cache/tillbridge-pictures,$2/nginx/pictures," \
	    "$2/nginx/tillbridge/cache.conf" &&
	    sed -i "s,/etc/ssl/certs/ca-certificates.crt,$2/tls/trusted.crt," \
	    "$2/nginx/tillbridge/picture.conf" &&
	    { [ -s "$2/tls/trusted.crt" ] || cp /etc/ssl/certs/ca-certificates.crt "$2/tls/trusted.crt"; }
}

# site_render DIR LISTEN UNLIMITED [TILL_PORT]: DIR/nginx/nginx.conf
site_render()
{
	user=
	till=
	[ "$(id -u)" -ne 0 ] || user='user root;'
	[ -z "${4-}" ] || till='include tillbridge/till.conf;'
	sed -i "s,@DIR@,$1,g; s,@TILL_PORT@,${4-0}," "$1/nginx/tillbridge/till.conf"
	sed "s,@DIR@,$1,g; s,@USER@,$user,; s,@LISTEN@,$2,; s,@UNLIMITED@,$3,; s,@TILL@,$till," \
	    "$1/nginx/tillbridge/dev.conf" >"$1/nginx/nginx.conf"
}

# site_certificate DIR: a CA of its own and the till's certificate, for 10 years;
# trusted.crt: that CA and the system's, for pictures
site_certificate()
{
	site_make_certificate "$1" || return 1
	cat "$1/tls/ca.crt" /etc/ssl/certs/ca-certificates.crt >"$1/tls/trusted.crt" 2>/dev/null
	[ -s "$1/tls/trusted.crt" ]
}

# (nginx compares a host with names alone, also where the host is an address)
site_make_certificate()
{
	[ ! -s "$1/tls/till.crt" ] || return 0
	(
		umask 077
		cd "$1/tls" || exit 1
		curve='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
		# shellcheck disable=SC2086 # options
		openssl req -x509 $curve -days 3650 -subj '/CN=Tillbridge demo CA' \
		    -keyout ca.key -out ca.crt &&
		openssl req $curve -subj '/CN=127.0.0.1' -keyout till.key -out till.csr &&
		printf 'subjectAltName=IP:127.0.0.1,DNS:127.0.0.1,DNS:localhost\n' >till.ext &&
		openssl x509 -req -in till.csr -CA ca.crt -CAkey ca.key -CAcreateserial \
		    -days 3650 -extfile till.ext -out till.new &&
		mv till.new till.crt
		made=$?
		rm -f till.csr till.ext till.new ca.srl
		exit $made
	) >/dev/null 2>&1
}

# port_taken PORT: does anybody listen there?
port_taken()
{
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
		awk -v port=":$(printf %04X "$1")\$" '$4 == "0A" && $2 ~ port { found = 1 }
		    END { exit !found }'
}

# free_port FROM: the first one from there on that nobody listens on
free_port()
{
	port=$1
	while port_taken "$port"; do
		port=$((port + 1))
		[ "$port" -le 65535 ] || return 1
	done
	echo "$port"
}

# random_port: any free port outside the range that the kernel hands out
random_port()
{
	free_port $((10000 + $(od -An -N2 -tu2 /dev/urandom) % 20000))
}

# prepare.sh - what the machine must have, and the build
#
# Sourced by bootstrap, which gives die, say and $top. Asks for the things
# themselves (a program, a library, a file) and not for package names, so
# that a library from elsewhere counts too and a second run costs nothing.

# package and what it must bring: cmd = program, pc = pkg-config, file = path
NEEDS='
autoconf	cmd	autoreconf
automake	cmd	automake
ca-certificates	file	/etc/ssl/certs
check	pc	check
curl	cmd	curl
gcc	cmd	gcc
libc6-dev	file	/usr/include/stdio.h
libcjson-dev	pc	libcjson
libcrypt-dev	pc	libcrypt
libcurl4-openssl-dev	pc	libcurl
libfcgi-dev	pc	fcgi
libsqlite3-dev	pc	sqlite3
libssl-dev	pc	libcrypto
libwslay-dev	file	/usr/include/wslay/wslay.h
make	cmd	make
multiwatch	cmd	multiwatch
nginx-light	cmd	nginx
openssl	cmd	openssl
pkg-config	cmd	pkg-config
procps	cmd	ps
spawn-fcgi	cmd	spawn-fcgi
tzdata	file	/usr/share/zoneinfo/Europe/Kyiv
'

# has KIND NAME: is it there?
has()
{
	case $1 in
	cmd)	command -v "$2" >/dev/null 2>&1 ;;
	pc)	command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "$2" ;;
	file)	[ -e "$2" ] ;;
	esac
}

# The packages that are missing, on one line, each with a blank before it.
missing_packages()
{
	echo "$NEEDS" | while read -r package kind name; do
		[ -z "$package" ] || has "$kind" "$name" || printf ' %s' "$package"
	done
}

# Prints the word that makes a command run as root: nothing, or sudo.
root_by()
{
	[ "$(id -u)" -ne 0 ] || return 0
	command -v sudo >/dev/null 2>&1 || return 1
	[ -t 0 ] || sudo -n true 2>/dev/null || return 1
	echo sudo
}

# need_packages: everything is there afterwards, or the end with the reason
need_packages()
{
	missing=$(missing_packages)
	[ -n "$missing" ] || return 0
	command -v apt-get >/dev/null 2>&1 ||
	    die 69 "missing, and there is no apt-get to install it:$missing"
	by=$(root_by) ||
	    die 77 "missing, and only root may install it: apt-get install$missing"
	say "installing with apt (a minute or two):$missing"
	log=$(mktemp "${TMPDIR:-/tmp}/bootstrap-apt.XXXXXX") || die 73 "no room in /tmp"
	install_packages >"$log" 2>&1 || {
		tail -n 15 "$log" >&2
		rm -f "$log"
		die 69 "apt could not install:$missing"
	}
	rm -f "$log"
	missing=$(missing_packages)
	[ -z "$missing" ] || die 69 "installed, and yet missing:$missing"
}

# shellcheck disable=SC2086 # $by is empty or one word, $missing a list
install_packages()
{
	wait_for_lock='-o DPkg::Lock::Timeout=300'
	$by apt-get $wait_for_lock -q update
	$by env DEBIAN_FRONTEND=noninteractive apt-get $wait_for_lock -q -y \
	    --no-install-recommends install $missing
}

# need_node: node and npm, for what only the tests and the page at /docs/ need
need_node()
{
	NEEDS="$NEEDS
nodejs	cmd	node
npm	cmd	npm
"
}

# npm_folder DIR: its node_modules are those of its lock file. Done once; without
# npm or a network it stays as it is, and whoever needs it says so.
npm_folder()
{
	cmp -s "$1/package-lock.json" "$1/node_modules/.fetched" && return 0
	command -v npm >/dev/null 2>&1 || return 0
	say "fetching with npm what ${1#"$top"/} needs"
	timeout 300 npm --prefix "$1" ci --ignore-scripts --prefer-offline --no-audit --no-fund \
	    --no-update-notifier --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=4000 \
	    >/dev/null 2>&1 </dev/null &&
	    cp "$1/package-lock.json" "$1/node_modules/.fetched" ||
	    say "npm could not fetch it; all else goes on without"
}

# prepare_tree: ./configure is there
prepare_tree()
{
	[ ! -x "$top/configure" ] || return 0
	say "preparing the tree (autoreconf)"
	(cd "$top" && mkdir -p build-aux && autoreconf -fi >/dev/null 2>&1) ||
	    die 70 "autoreconf -fi fails in $top"
}

# build_tree DIR [configure options]: the programs are built in DIR
build_tree()
{
	build=$1
	shift
	prepare_tree
	[ ! -e "$top/config.status" ] ||
	    die 70 "the tree itself is configured: make distclean first"
	if [ ! -e "$build/config.status" ]; then
		say "configuring and building ${build##*/}/ (about a minute)"
		mkdir -p "$build" || die 73 "cannot make $build"
		(cd "$build" && "$top/configure" -q "$@") ||
		    die 70 "configure failed: see $build/config.log"
	fi
	make -s -C "$build" -j"$(nproc)" >"$build/make.log" || {
		tail -n 15 "$build/make.log" >&2
		die 70 "the build failed in $build"
	}
}

#!/bin/sh
# render.sh BINDIR SYSCONFDIR DATADIR FROM TO - a file for its installed place

set -e
mkdir -p "$(dirname "$5")"
sed "s,@bindir@,$1,g; s,@sysconfdir@,$2,g; s,@pkgdatadir@,$3,g" "$4" >"$5"

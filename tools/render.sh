#!/bin/sh
# render.sh BINDIR DATADIR FROM TO - a file for its installed place

set -e
mkdir -p "$(dirname "$4")"
sed "s,@bindir@,$1,g; s,@pkgdatadir@,$2,g" "$3" >"$4"

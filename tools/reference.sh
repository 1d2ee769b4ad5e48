#!/bin/sh
# reference.sh TOP TO - the page at /docs/: its files, and its reader if npm
# has brought it (docs/reference/node_modules); the page tells when it has not

set -e
from=$1/docs/reference
reader=$from/node_modules/swagger-ui-dist
mkdir -p "$2"
cp "$from/index.html" "$from/page.css" "$from/page.js" "$2/"
[ ! -e "$reader/swagger-ui-bundle.js" ] ||
    cp "$reader/swagger-ui-bundle.js" "$reader/swagger-ui.css" "$reader/LICENSE" "$2/"

# vendor.sh - a shop whose till plays a vendor (tests/dialects), for the tests
# of the profiles
#
# Sourced after orders.sh. Whatever the shop asks is held against the fields
# that the vendor documents: vendor_ends fails the test if something did not fit.

# vendor_start NAME PATH SETTINGS: the shop, its catalogue read by that profile
vendor_start()
{
	TILL_OPTIONS="--dialect $srcdir/tests/dialects/$1"
	TILL_BASE=$2
	export PROFILE="$1" POS_SETTINGS="$3"
	export WEBHOOK_SECRET="a secret of the vendor" WEBHOOK_URL=https://shop.example/webhooks/pos
	shop_start
}

# asked PREFIX: the requests that begin so, as they came: METHOD PATH QUERY BODY
asked()
{
	./pos-sim asked --on "$1"
}

# last_asked PREFIX
last_asked()
{
	asked "$1" | tail -n 1
}

# mark ORDER NAME VALUE: what the till says of an order from now on
mark()
{
	./pos-sim mark "$1" "$2" "$3" >/dev/null
}

# buy PRODUCT-KEY MEMBERS: two of it from branch 1; $id is the order's
buy()
{
	call PUT /cart "{\"branch_id\":1,\"items\":[{\"product_id\":$(sql "SELECT id FROM product
	    WHERE pos_product_id = '$1'"),\"quantity\":2}]}" >/dev/null
	placed=$(call POST /orders "{\"branch_id\":1,$2}")
	id=$(sed -n 's/.*"order":{"id":\([0-9]*\).*/\1/p' "$dir/answer")
	: "${id:=0}"
	ref=$(sql "SELECT ref FROM orders WHERE id = $id")
	number=$(sql "SELECT number FROM orders WHERE id = $id")
}

# becomes_client PREFIX: the account that was registered, by such a request
becomes_client()
{
	for turn in look make; do
		wake
		timeout 30 ./pos-sender >/dev/null 2>>"$dir/sender.log"
	done
	same "an account becomes a client of the till, once (G67)" 1 "$(asked "$1" | grep -c "^$1 ")"
	client=$(sql "SELECT pos_client_id FROM users WHERE id = 1")
	ok "and is linked with it" test -n "$client"
}

# opens: what a vendor does not tell of a branch is the shop's to set
opens()
{
	run "UPDATE branch SET latitude = 50.4501, longitude = 30.5234, delivery_radius_m = 20000"
}

delivery='"order_type":"delivery","notes":"Без льоду","delivery_address":{"text":"вул. Хрещатик, 1",
    "apartment":"12","latitude":50.4475,"longitude":30.5225}'
pickup='"order_type":"pickup"'

# polls NAME: what became of the orders is asked, at once
polls()
{
	run "UPDATE orders SET poll_at = 0 WHERE poll_at IS NOT NULL"
	./pos-sync --only orders >"$dir/out" 2>"$dir/err" || { cat "$dir/err"; ok "$1: polled" false; }
}

# is_now NAME ID STATUS
is_now()
{
	polls "$1"
	same "$1" "$3" "$(sql "SELECT status FROM orders WHERE id = $2")"
}

# rings NAME STATUS BODY curl's arguments…: the till says something by itself
rings()
{
	name=$1
	wanted=$2
	body=$3
	shift 3
	same "$name" "$wanted" "$(curl -s -o "$dir/answer" -w '%{http_code}' -H 'Content-Type: application/json' \
	    "$@" -d "$body" "$shop/webhooks/pos")"
}

# is_heard: what it said was read, and the order is asked about
is_heard()
{
	same "the letter lies there" 1 "$(sql "SELECT count(*) FROM inbox WHERE done_at IS NULL")"
	./pos-sync --only orders >"$dir/out" 2>"$dir/err" || cat "$dir/err"
	same "and is read" 0 "$(sql "SELECT count(*) FROM inbox WHERE done_at IS NULL")"
}

# signature ALGORITHM FORM TEXT: by openssl, as hex or base64
signature()
{
	printf '%s' "$3" | openssl dgst "-$1" -hmac "$WEBHOOK_SECRET" -binary >"$dir/mac"
	if [ "$2" = hex ]; then od -An -v -tx1 "$dir/mac" | tr -d ' \n'; else openssl base64 -A -in "$dir/mac"; fi
}

vendor_ends()
{
	same "every request is as the vendor documents it" "" "$(./pos-sim complaints | grep -v '^GET /: ')"
	same "nobody complained" "" "$(complaints)"
	shop_stop
}

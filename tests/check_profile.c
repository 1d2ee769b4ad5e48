/*
 * check_profile.c - what a profile may say, and how its mistakes are told
 *
 * G72: the till's addresses and fields are a file, checked when it is read.
 */
#include <stdio.h>
#include <string.h>

#include "lib/pos/parts.h"
#include "tests/suite.h"
#include "tests/temp.h"

/* Line 1 is the head, so a one-line fragment stands on line 2. */
#define HEAD "{\"profile\":1,\"name\":\"t\",\"base\":\"https://till.example\""
#define LIST(call, set, more) "{\"call\":\"" call "\",\"rows\":\"/r\",\"key\":\"/id\"," \
	"\"set\":{" set "}" more "}"
#define NAME "\"name\":\"/n\""
#define PRICE NAME ",\"price\":{\"at\":\"/p\",\"as\":\"major\"}"
#define PRODUCTS(more) "\"products\":" LIST("GET /p", PRICE, more)
#define PSET(set) "\"products\":" LIST("GET /p", PRICE "," set, "")
#define SEARCH(more) "\"products\":" LIST("POST /p", PRICE, ",\"json\":{}" more)
#define BRANCHES(more) "\"branches\":" LIST("GET /b", NAME, more)
#define STOCK(more) "\"stock\":" LIST("GET /s", "\"stock\":{\"at\":\"/s\",\"as\":\"qty\"}", more)
#define CREATE(json) "\"create\":{\"call\":\"POST /o\",\"json\":" json ",\"id\":\"/id\"}"
#define ORDER(json, more) "\"order\":{\"retry\":\"key\"," CREATE(json) more "}"

struct wrong {
	const char *text;	/* a fragment behind HEAD, or a whole profile */
	int line;
	const char *pointer, *says;
};

static const struct wrong wrongs[] = {
	/* the file as a whole */
	{ "{", 1, "", "is not JSON" },
	{ "{\"profile\":1,\n\"name\":\"t\",\n\"name\":\"t\"}", 3, "", "duplicate key" },
	{ "[]", 1, "", "must be an object, is a list" },
	{ "{\"profile\":1,\"name\":\"t\"}", 1, "", "needs \"base\"" },
	{ "{\"profile\":2,\"name\":\"t\",\"base\":\"https://x\"}", 1, "/profile",
	    "whole number from 1 to 1" },
	{ "{\"profile\":\"1\",\"name\":\"t\",\"base\":\"https://x\"}", 1, "/profile",
	    "whole number" },
	{ "{\"profile\":1,\n\"name\":7,\"base\":\"https://x\"}", 2, "/name", "must be text, is a number" },
	{ "{\"profile\":1,\"name\":\"\",\"base\":\"https://x\"}", 1, "/name", "must not be empty" },
	{ "{\"profile\":1,\"name\":\"t\",\"base\":\"http://x\"}", 1, "/base",
	    "must begin with https:// or be {set.base_url}" },
	{ "\"prodcuts\":{}", 2, "/prodcuts", "unknown key: there are profile, name" },
	{ "\"a/b~c\":1", 2, "/a~1b~0c", "unknown key" },
	{ "\"zone\":\"Europe/Kiiv\"", 2, "/zone", "is not a zone like" },
	{ "\"pace_ms\":-1", 2, "/pace_ms", "from 0 to 60000" },
	{ "\"pace_ms\":1.5", 2, "/pace_ms", "whole number" },
	{ "\"settings\":{\"Account\":\"x\"}", 2, "/settings/Account", "a-z" },
	{ "\"settings\":{\"a\":1}", 2, "/settings/a", "must be text" },
	{ "\"headers\":{\"X Y\":\"1\"}", 2, "/headers/X Y", "name of a header" },
	{ "\"headers\":{\"A\":\"\",\"B\":\"1\",\"C\":\"1\",\"D\":\"1\",\"E\":\"1\",\"F\":\"1\",\"G\":\"1\","
	    "\"H\":\"1\",\"I\":\"1\"}", 2, "/headers", "more than 8 headers" },
	{ "\"headers\":{\"X\":\"{token}\"}", 2, "/headers/X", "{token} stands in auth only" },
	{ "\"headers\":{\"X\":\"{set.nope}\"}", 2, "/headers/X", "{set.nope} is not in \"settings\"" },
	/* auth and error */
	{ "\"auth\":{\"put\":\"cookie:x\",\"value\":\"{token}\"}", 2, "/auth/put",
	    "is not like \"query:NAME\" or \"header:NAME\"" },
	{ "\"auth\":{\"put\":\"header:X\"}", 2, "/auth", "needs \"value\"" },
	{ "\"auth\":{\"put\":\"header:X\",\"value\":\"{order.key}\"}", 2, "/auth/value",
	    "{order.key} stands in order only" },
	{ "\"auth\":{\"put\":\"header:X\",\"value\":\"{token}\",\"refresh\":{\"call\":\"POST /t\","
	    "\"token\":\"/t\"}}", 2, "/auth/refresh", "either \"expires_in\" or \"expires_at\"" },
	{ "\"error\":{\"when\":\"error\"}", 2, "/error/when", "begins with /" },
	{ "\"error\":{\"auth\":[\"1\"]}", 2, "/error", "need \"code\"" },
	{ "\"error\":{\"code\":\"/c\",\"auth\":[1]}", 2, "/error/auth/0", "must be text, is a number" },
	{ "\"error\":{\"code\":[]}", 2, "/error/code", "1 to 8 pointers" },
	/* calls */
	{ "\"products\":" LIST("FETCH /p", PRICE, ""), 2, "/products/call", "is not like \"GET /path\"" },
	{ "\"products\":" LIST("GET p", PRICE, ""), 2, "/products/call", "is not like" },
	{ "\"products\":" LIST("GET /p?x=1", PRICE, ""), 2, "/products/call", "\"query\"" },
	{ PRODUCTS(",\"json\":{}"), 2, "/products", "GET has no body" },
	{ "\"products\":" LIST("POST /p", PRICE, ",\"json\":{},\"form\":{}"), 2, "/products",
	    "do not go together" },
	{ PRODUCTS(",\"query\":[1]"), 2, "/products/query", "must be an object, is a list" },
	{ PRODUCTS(",\"query\":{\"a\":{\n\"b\":\"{since|rfc}\"}}"), 3, "/products/query/a/b",
	    "unknown filter |rfc: there are minor, major, num" },
	{ PRODUCTS(",\"query\":{\"a\":\"{order.key}\"}"), 2, "/products/query/a", "order only" },
	{ PRODUCTS(",\"query\":{\"a\":\"{now}\"}"), 2, "/products/query/a", "is a time" },
	/* lists */
	{ "\"products\":{\"call\":\"GET /p\",\"rows\":\"/r\",\"set\":{" PRICE "}}", 2, "/products",
	    "needs \"key\"" },
	{ "\"products\":" LIST("GET /p", NAME, ""), 2, "/products", "needs a price" },
	{ "\"branches\":" LIST("GET /p", "\"phone\":\"/p\"", ""), 2, "/branches",
	    "\"set\" needs \"name\"" },
	{ "\"stock\":" LIST("GET /p", "\"tracked\":\"/p\"", ""), 2, "/stock", "\"set\" needs \"stock\"" },
	{ PRODUCTS(",\"rows\":\"/x\""), 1, "", "duplicate key" },
	{ PSET("\"price2\":\"/x\""), 2, "/products/set/price2", "unknown field: here are name, text" },
	{ PSET("\"latitude\":\"/x\""), 2, "/products/set/latitude", "unknown field" },
	{ PSET("\"stock\":\"/x\""), 2, "/products/set/stock", "stock takes as \"as\": qty" },
	{ PSET("\"sku\":{\"at\":\"/x\",\"as\":\"major\"}"), 2, "/products/set/sku", "str or text" },
	{ PSET("\"sku\":{\"at\":\"/x\",\"as\":\"money\"}"), 2, "/products/set/sku/as",
	    "\"money\" is not one of raw, str, minor" },
	{ PSET("\"sku\":{\"all\":[\"/x\"]}"), 2, "/products/set/sku", "is not yes/no" },
	{ PSET("\"sale\":{\"join\":[\"/x\"]}"), 2, "/products/set/sale", "is not text" },
	{ PSET("\"sale\":{\"const\":\"yes\"}"), 2, "/products/set/sale", "cannot be this constant" },
	{ PSET("\"sku\":{\"of\":\"/x\"}"), 2, "/products/set/sku", "needs one of at, all, any, join, const" },
	{ PSET("\"sku\":5"), 2, "/products/set/sku", "must be a pointer, an array of pointers" },
	{ PSET("\"sku\":{\"at\":\"/x\",\"els\":1}"), 2, "/products/set/sku/els", "unknown key: there are at, as" },
	{ PSET("\"sku\":{\"at\":\"x\"}"), 2, "/products/set/sku/at", "\"x\" is not a pointer" },
	{ PSET("\"sku\":{\"at\":\"/x~2\"}"), 2, "/products/set/sku/at", "~ in a pointer is ~0" },
	{ PSET("\"sku\":\"^/x\""), 2, "/products/set/sku", "no row above without \"each\"" },
	{ PSET("\"sku\":{\"at\":\"/x\",\"map\":{\"a\":[]}}"), 2, "/products/set/sku/map/a", "must be text" },
	{ PSET("\"sku\":{\"at\":\"/x\",\"default\":null}"), 2, "/products/set/sku/default", "must be" },
	{ PSET("\"image\":{\"at\":\"/x\",\"base\":\"https://x\"}"), 2, "/products/set/image", "\"as\": \"url\"" },
	{ PSET("\"image\":{\"at\":\"/x\",\"as\":\"url\",\"base\":\"{since}\"}"), 2,
	    "/products/set/image/base", "{since} stands in the feeds only" },
	{ PRODUCTS(",\"keep\":{\"at\":\"/x\"}"), 2, "/products/keep", "must be an array" },
	{ PRODUCTS(",\"keep\":[{\"at\":\"/x\",\"in\":\"2\"}]"), 2, "/products/keep/0/in", "array of texts" },
	{ PRODUCTS(",\"or_self\":true"), 2, "/products", "goes with \"each\"" },
	{ PRODUCTS(",\"one\":true,\"page\":{\"by\":\"page\",\"put\":\"query:p\"}"), 2, "/products",
	    "\"one\" object has no pages" },
	{ PRODUCTS(",\"or_self\":1"), 2, "/products/or_self", "must be true or false" },
	{ PRODUCTS(",\"per\":\"shop\""), 2, "/products/per", "\"shop\" is not one of once, depot, branch" },
	{ PRODUCTS(",\"depots\":{\"rows\":\"/x\",\"key\":\"/k\"}"), 2, "/products", "goes with branches" },
	{ BRANCHES(",\"branches\":{\"rows\":\"/x\",\"key\":\"/k\"}"), 2, "/branches", "goes with products" },
	{ PRODUCTS(",\"branches\":{\"rows\":\"/x\",\"key\":\"/k\",\"set\":{\"name\":\"/n\"}}"), 2,
	    "/products/branches/set/name", "unknown field: here are price, stock" },
	{ PRODUCTS(",\"per\":\"depot\""), 2, "/products", "\"per\" is here once or branch" },
	{ BRANCHES(",\"per\":\"branch\""), 2, "/branches", "\"per\" is here once" },
	{ BRANCHES(",\"branch\":\"/b\""), 2, "/branches", "goes with products and stock" },
	{ PRODUCTS(",\"per\":\"branch\",\"branch\":\"/b\""), 2, "/products", "goes with \"per\": \"once\"" },
	{ PRODUCTS(",\"branch\":\"/b\",\"branches\":{\"rows\":\"/x\",\"key\":\"/k\"}"), 2, "/products",
	    "does not go with \"branch\" or \"per\"" },
	{ PRODUCTS("") "," STOCK(",\"per\":\"depot\""), 2, "/stock/per", "needs \"depots\" in branches" },
	{ PSET("\"image_key\":\"/i\""), 2, "/products/set", "image_key needs the list \"images\"" },
	{ PSET("\"choice\":{\"any\":[\"/a\"],\"of\":[\"/g\"]}"), 2, "/products/set/choice/of",
	    "must be a pointer" },
	{ PSET("\"choice\":{\"any\":[\"/a\"],\"of\":\"^/g\"}"), 2, "/products/set/choice/of",
	    "no row above without \"each\"" },
	{ PSET("\"choice\":{\"at\":\"/a\",\"of\":\"/g\"}"), 2, "/products/set/choice/of",
	    "unknown key: there are at, as" },
	{ PSET("\"choice\":{\"any\":[\"/a\"],\"off\":\"/g\"}"), 2, "/products/set/choice/off",
	    "unknown key: there are any, of" },
	{ PRODUCTS(",\"match\":{}"), 2, "/products/match", "unknown key" },
	/* paging */
	{ PRODUCTS(",\"page\":{\"by\":\"pages\"}"), 2, "/products/page/by",
	    "\"pages\" is not one of none, cursor, page, offset, link" },
	{ PRODUCTS(",\"page\":{\"by\":\"cursor\",\"put\":\"query:c\"}"), 2, "/products/page", "needs \"from\"" },
	{ PRODUCTS(",\"page\":{\"by\":\"cursor\",\"from\":\"/c\"}"), 2, "/products/page", "needs \"put\"" },
	{ PRODUCTS(",\"page\":{\"by\":\"page\",\"put\":\"query:p\",\"from\":\"/c\"}"), 2,
	    "/products/page", "goes with by cursor or link" },
	{ PRODUCTS(",\"page\":{\"by\":\"page\",\"put\":\"query:p\",\"stop\":\"absent\"}"), 2,
	    "/products/page", "\"stop\": \"absent\"" },
	{ PRODUCTS(",\"page\":{\"by\":\"page\",\"put\":\"query:p\",\"stop\":\"short\"}"), 2,
	    "/products/page", "needs \"size\"" },
	{ PRODUCTS(",\"page\":{\"by\":\"page\",\"put\":\"query:p\",\"size\":200}"), 2,
	    "/products/page/size", "must be like" },
	{ PRODUCTS(",\"page\":{\"by\":\"page\",\"put\":\"query:p\",\"size\":[\"query:n\",0]}"), 2,
	    "/products/page/size/1", "from 1 to 10000" },
	{ PRODUCTS(",\"page\":{\"by\":\"page\",\"put\":\"json:p\"}"), 2, "/products", "needs \"json\" in the call" },
	{ SEARCH(",\"page\":{\"by\":\"link\",\"from\":\"/l\"}"), 2, "/products", "by link goes with GET" },
	{ PRODUCTS(",\"since\":{\"put\":\"query:s\",\"as\":\"date\"}"), 2, "/products/since/as",
	    "is not one of rfc3339, local, unix_ms, str" },
	{ PRODUCTS(",\"since\":{\"put\":\"query:s\"}"), 2, "/products/since", "needs \"as\"" },
	/* orders and customers */
	{ "\"order\":{" CREATE("{}") "}", 2, "/order", "needs \"retry\"" },
	{ "\"order\":{\"retry\":\"twice\"," CREATE("{}") "}", 2, "/order/retry",
	    "\"twice\" is not one of key, unique, find, never" },
	{ "\"order\":{\"retry\":\"find\"," CREATE("{}") "}", 2, "/order", "\"retry\": \"find\" needs \"find\"" },
	{ ORDER("{\"a\":\"{order.totall}\"}", ""), 2, "/order/create/json/a",
	    "unknown name {order.totall}: there are order.key, order.ref" },
	{ ORDER("{\"a\":\"{oder.total}\"}", ""), 2, "/order/create/json/a", "unknown name {oder.total}" },
	{ ORDER("{\"a\":\"{order.total}\"}", ""), 2, "/order/create/json/a", "is money: say |minor" },
	{ ORDER("{\"a\":\"{order.ref|major}\"}", ""), 2, "/order/create/json/a", "|major does not fit" },
	{ ORDER("{\"a\":\"{order.ref|max}\"}", ""), 2, "/order/create/json/a", "|max needs a number" },
	{ ORDER("{\"a\":\"{order.ref|max:0}\"}", ""), 2, "/order/create/json/a", "from 1 to" },
	{ ORDER("{\"a\":\"{order.ref|str:3}\"}", ""), 2, "/order/create/json/a", "takes nothing" },
	{ ORDER("{\"a\":\"{order.ref|str|str|str|str}\"}", ""), 2, "/order/create/json/a", "more than 3" },
	{ ORDER("{\"a\":\"{order.ref\"}", ""), 2, "/order/create/json/a", "{ without its }" },
	{ ORDER("{\"a\":\"to {order.address}\"}", ""), 2, "/order/create/json/a", "{order.address.text}" },
	{ ORDER("{\"a\":\"{item.name}\"}", ""), 2, "/order/create/json/a", "stands in \"$each\" only" },
	{ ORDER("{\"a\":\"{item.key.x}\"}", ""), 2, "/order/create/json/a", "unknown name" },
	{ ORDER("{\"a\":\"{window.from|local}\"}", ""), 2, "/order/create/json/a", "find" },
	{ ORDER("{\"a\":\"{prev}\"}", ""), 2, "/order/create/json/a", "order.status.next" },
	{ ORDER("{\"a\":\"{secret.key}\"}", ""), 2, "/order/create/json/a", "{secret.x} stands in auth only" },
	{ ORDER("{\"a\":{\"$each\":\"lines\",\"$do\":{}}}", ""), 2, "/order/create/json/a",
	    "\"$each\" is \"items\" or \"units\"" },
	{ ORDER("{\"a\":{\"$each\":\"items\"}}", ""), 2, "/order/create/json/a", "stand together" },
	{ ORDER("{\"a\":{\"$each\":\"items\",\"$do\":{},\"x\":1}}", ""), 2, "/order/create/json/a", "alone" },
	{ ORDER("{\"a\":{\"$if\":\"order.payed\"}}", ""), 2, "/order/create/json/a/$if", "unknown name" },
	{ ORDER("{\"a\":{\"$when\":\"order.paid\"}}", ""), 2, "/order/create/json/a/$when", "unknown word" },
	{ ORDER("{\"a\":{\"$if\":[\"order.paid\",\"order.payed\"]}}", ""), 2,
	    "/order/create/json/a/$if/1", "unknown name" },
	{ ORDER("{\"a\":{\"$if\":\"set.nope\"}}", ""), 2, "/order/create/json/a/$if",
	    "{set.nope} is not in \"settings\"" },
	{ ORDER("{\"a\":{\"$unless\":[\"order.paid\"]}}", ""), 2, "/order/create/json/a/$unless",
	    "must be text" },
	{ ORDER("{\"a\":{\"$also\":[]}}", ""), 2, "/order/create/json/a", "\"$each\" is" },
	{ ORDER("{\"a\":{\"$each\":\"items\",\"$do\":{},\"$also\":{}}}", ""), 2,
	    "/order/create/json/a/$also", "must be an array" },
	{ ORDER("{\"a\":{\"$each\":\"items\",\"$do\":{},\"$also\":[\"{item.name}\"]}}", ""), 2,
	    "/order/create/json/a/$also/0", "stands in \"$each\" only" },
	{ ORDER("{\"$if\":\"order.paid\"}", ""), 2, "/order/create/json", "further inside" },
	{ ORDER("{}", ",\"status\":{\"call\":\"GET /o\",\"value\":\"/s\",\"map\":{\"1\":\"cooking\"}}"), 2,
	    "/order/status/map/1", "\"cooking\" is not one of sent_to_pos, processing" },
	{ ORDER("{}", ",\"status\":{\"call\":\"GET /o\",\"value\":\"/s\"}"), 2, "/order/status", "needs \"map\"" },
	{ ORDER("{}", ",\"find\":{\"call\":\"GET /o\",\"rows\":\"/r\",\"key\":\"/id\","
	    "\"match\":{\"at\":\"/x\"}}"), 2, "/order/find/match", "exactly one of is, starts, phone" },
	{ ORDER("{}", ",\"then\":[{\"call\":\"POST /p\",\"retry\":\"find\"}]"), 2, "/order/then/0/retry",
	    "\"find\" is not one of order, key, never" },
	{ ORDER("{}", ",\"then\":[{\"call\":\"POST /p\",\"if\":\"paid\"}]"), 2, "/order/then/0/if",
	    "unknown name {paid}" },
	{ "\"customer\":{\"create\":{\"call\":\"POST /c\",\"json\":{\"a\":\"{order.ref}\"},"
	    "\"id\":\"/id\"}}", 2, "/customer/create/json/a", "order only" },
	{ "\"order\":{\"retry\":\"key\",\"create\":{\"call\":\"POST /o\",\"json\":{},\"id\":\"/id\","
	    "\"total\":\"/t\"}}", 2, "/order/create", "\"total\" takes as \"as\"" },
	{ ORDER("{}", ",\"status\":{\"call\":\"GET /o\",\"value\":\"/s\",\"map\":{},\"driver\":{\"phone\":\"/p\"}}"), 2,
	    "/order/status/driver", "\"name\"" },
	{ ORDER("{}", ",\"status\":{\"call\":\"GET /o\",\"value\":\"/s\",\"map\":{},\"driver\":\"/d\"}"), 2,
	    "/order/status/driver", "must be an object" },
	/* order, customer: every key of theirs, and what a promise needs */
	{ "\"order\":[]", 2, "/order", "must be an object" },
	{ "\"order\":{\"retry\":\"key\"}", 2, "/order", "needs \"create\"" },
	{ "\"order\":{" CREATE("{}") "}", 2, "/order", "needs \"retry\"" },
	{ "\"order\":{\"retry\":\"maybe\"}", 2, "/order/retry", "is not one of key, unique, find, never" },
	{ ORDER("{}", ",\"send_on\":\"ready\""), 2, "/order/send_on", "is not one of placed, accepted, paid" },
	{ ORDER("{}", ",\"send_on\":true"), 2, "/order/send_on", "must be text" },
	{ ORDER("{}", ",\"stock_moves\":\"later\""), 2, "/order/stock_moves", "created, accepted, done, never" },
	{ ORDER("{}", ",\"reserve\":{}"), 2, "/order/reserve", "unknown key: there are retry, send_on" },
	{ ORDER("{}", ",\"cancel\":{\"call\":\"POST /c\",\"id\":\"/id\"}"), 2, "/order/cancel/id",
	    "unknown key: there are call, query" },
	{ ORDER("{}", ",\"cancel\":{\"call\":\"POST c\"}"), 2, "/order/cancel/call", "is not like \"GET /path\"" },
	{ ORDER("{}", ",\"cancel\":{\"call\":\"POST /c?x=1\"}"), 2, "/order/cancel/call", "parameters stand in" },
	{ ORDER("{}", ",\"status\":{\"call\":\"GET /o\",\"value\":\"/s\",\"map\":{},\"next\":{\"call\":"
	    "\"GET /n\",\"value\":\"/s\",\"map\":{},\"when\":\"open\"}}"), 2, "/order/status/next/when",
	    "is not one of sent_to_pos" },
	{ ORDER("{}", ",\"status\":{\"call\":\"GET /o\",\"value\":\"/s\",\"map\":{},\"next\":{\"call\":"
	    "\"GET /n\",\"value\":\"/s\",\"map\":{},\"next\":{}}}"), 2, "/order/status/next/next",
	    "one \"next\" is the most" },
	{ ORDER("{}", ",\"then\":{}"), 2, "/order/then", "an array of at most 4 calls" },
	{ ORDER("{}", ",\"then\":[{},{},{},{},{}]"), 2, "/order/then", "an array of at most 4 calls" },
	{ ORDER("{}", ",\"then\":[{\"id\":\"/id\"}]"), 2, "/order/then/0", "needs \"call\"" },
	{ ORDER("{}", ",\"then\":[{\"call\":\"POST /p\",\"total\":\"/t\"}]"), 2, "/order/then/0/total",
	    "unknown key: there are call" },
	{ ORDER("{}", ""), 2, "/order/create", "needs {order.key} (or {order.ref})" },
	{ ORDER("{\"k\":\"{order.key}\"}", ",\"then\":[{\"call\":\"POST /p\",\"json\":{}}]"), 2,
	    "/order/then/0", "must send {order.key}" },
	{ "\"order\":{\"retry\":\"never\"," CREATE("{}") ",\"then\":[{\"call\":\"POST /p\",\"retry\":\"key\"}]}",
	    2, "/order/then/0", "or say \"retry\": \"never\"" },
	{ "\"order\":{\"retry\":\"find\"," CREATE("{\"k\":\"{order.number}\"}") ",\"find\":{\"call\":\"GET /o\","
	    "\"rows\":\"/r\",\"key\":\"/id\",\"match\":{\"at\":\"/x\",\"is\":\"{order.ref}\"}}}", 2, "/order/find",
	    "which \"create\" sends" },
	{ "\"order\":{\"retry\":\"find\"," CREATE("{\"k\":\"{order.ref}\"}") "}", 2, "/order", "needs \"find\"" },
	{ "\"customer\":{}", 2, "/customer", "needs \"find\", \"create\" or both" },
	{ "\"customer\":{\"update\":{}}", 2, "/customer/update", "unknown key: there are find, create" },
	{ "\"customer\":{\"create\":{\"call\":\"POST /c\"}}", 2, "/customer/create", "needs \"id\"" },
	{ "\"customer\":{\"create\":{\"call\":\"POST /c\",\"id\":\"/id\",\"total\":\"/t\"}}", 2,
	    "/customer/create/total", "unknown key: there are call" },
	{ "\"customer\":{\"find\":{\"call\":\"GET /c\",\"rows\":\"/r\",\"key\":\"/id\"}}", 2, "/customer/find",
	    "needs \"match\"" },
	{ "\"customer\":{\"find\":{\"call\":\"GET /c\",\"rows\":\"/r\",\"key\":\"/id\",\"match\":{\"at\":\"/p\","
	    "\"phone\":\"{order.ref}\"}}}", 2, "/customer/find/match/phone", "order only" },
	/* auth and error, once more */
	{ "\"auth\":{\"put\":\"header:A\"}", 2, "/auth", "needs \"value\"" },
	{ "\"auth\":{\"value\":\"{token}\"}", 2, "/auth", "needs \"put\"" },
	{ "\"auth\":{\"put\":\"json:a\",\"value\":\"{token}\"}", 2, "/auth/put", "\"query:NAME\" or \"header:NAME\"" },
	{ "\"auth\":{\"put\":\"header:A\",\"value\":\"{order.ref}\"}", 2, "/auth/value", "order only" },
	{ "\"auth\":{\"put\":\"header:A\",\"value\":\"x\",\"refresh\":{\"call\":\"POST /t\",\"token\":\"/t\","
	    "\"expires_in\":\"/e\"}}", 2, "/auth", "\"value\" must hold it" },
	{ "\"auth\":{\"put\":\"header:A\",\"value\":\"{token}\",\"refresh\":{\"call\":\"POST /t\","
	    "\"expires_in\":\"/e\"}}", 2, "/auth/refresh", "needs \"token\"" },
	{ "\"auth\":{\"put\":\"header:A\",\"value\":\"{token}\",\"refresh\":{\"call\":\"POST /t\",\"token\":\"/t\"}}",
	    2, "/auth/refresh", "either \"expires_in\" or \"expires_at\"" },
	{ "\"auth\":{\"put\":\"header:A\",\"value\":\"{token}\",\"refresh\":{\"call\":\"POST /t\",\"token\":\"/t\","
	    "\"expires_in\":\"/e\",\"scope\":\"x\"}}", 2, "/auth/refresh/scope", "unknown key: there are call" },
	{ "\"error\":{\"code\":\"/c\",\"auth\":[\"1\"],\"retry\":[\"2\",\"1\"]}", 2, "/error",
	    "\"1\" is in \"auth\" and in \"retry\"" },
	{ "\"error\":{\"code\":\"/c\",\"auth\":[1]}", 2, "/error/auth/0", "must be text" },
	{ "\"error\":{\"code\":\"/c\",\"auth\":\"1\"}", 2, "/error/auth", "must be an array of texts" },
	{ "\"error\":{\"when\":\"error\"}", 2, "/error/when", "pointer" },
	{ "\"error\":{\"wait\":[]}", 2, "/error/wait", "unknown key: there are when, code" },
	/* webhook */
	{ "\"webhook\":{\"verify\":{\"alg\":\"sha1\",\"parts\":[\"$secret\"],\"in\":\"/x\"},\"type\":\"/t\",\"map\":{}}",
	    2, "/webhook/verify/alg", "is not one of md5, hmac-sha1" },
	{ "\"webhook\":{\"verify\":{\"alg\":\"md5\",\"parts\":[\"body\",\"$secret\"],\"in\":\"/x\"},\"type\":\"/t\","
	    "\"map\":{}}", 2, "/webhook/verify/parts/0", "is not $url, $body, $secret or a pointer" },
	{ "\"webhook\":{\"verify\":{\"alg\":\"md5\",\"parts\":[\"$secret\"],\"in\":\"X-Sig\"},\"type\":\"/t\","
	    "\"map\":{}}", 2, "/webhook/verify/in", "header:NAME" },
	{ "\"webhook\":{\"verify\":{\"alg\":\"hmac-sha1\",\"parts\":[],\"in\":\"/x\"},\"type\":\"/t\","
	    "\"map\":{}}", 2, "/webhook/verify/parts", "nothing would be signed" },
	{ "\"webhook\":{\"verify\":{\"alg\":\"md5\",\"parts\":[\"$body\"],\"in\":\"/x\"},\"type\":\"/t\","
	    "\"map\":{}}", 2, "/webhook/verify", "anybody could make that" },
	{ "\"webhook\":{\"verify\":{\"alg\":\"equal\",\"parts\":[\"/a\"],\"in\":\"/x\"},\"type\":\"/t\","
	    "\"map\":{}}", 2, "/webhook/verify", "anybody could make that" },
	{ "\"webhook\":{\"verify\":{\"standard_webhooks\":false},\"type\":\"/t\",\"map\":{}}",
	    2, "/webhook/verify", "must be true" },
	{ "\"webhook\":{\"verify\":{\"standard_webhooks\":true},\"type\":\"/t\",\"map\":{\"a\":\"orders\"}}",
	    2, "/webhook/map/a", "is not one of order, products, stock, categories" },
};

static struct profile *
parse(const char *text, struct profile_faults *faults)
{
	char whole[4096];

	if (text[0] == '{' || text[0] == '[')
		snprintf(whole, sizeof whole, "%s", text);
	else
		snprintf(whole, sizeof whole, HEAD ",\n%s}", text);
	return profile_parse(whole, strlen(whole), faults);
}

START_TEST(tells_each_mistake_with_line_and_pointer)
{
	struct profile_faults faults;
	const struct profile_fault *f = &faults.list[0];

	for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
		const struct wrong *w = &wrongs[i];

		ck_assert_msg(parse(w->text, &faults) == NULL, "%s", w->text);
		ck_assert_uint_ge(faults.count, 1);
		ck_assert_msg(strstr(f->text, w->says) != NULL && strcmp(f->pointer, w->pointer) == 0 &&
		    (f->line == w->line || strcmp(w->says, "duplicate key") == 0), "%s\n%d %s: %s",
		    w->text, f->line, f->pointer, f->text);
	}
}
END_TEST

START_TEST(takes_what_is_right)
{
	static const char *const rights[] = {
		"\"title\":\"x\"", PRODUCTS(""), SEARCH(""), BRANCHES(""),
		"\"zone\":\"Europe/Kyiv\",\"pace_ms\":250",
		"\"settings\":{\"a\":\"x\"},\"headers\":{\"X\":\"{set.a} {set.currency}\"}",
		"\"auth\":{\"put\":\"query:token\",\"value\":\"{token}\"}",
		PSET("\"sku\":{\"join\":[\"/a\",[\"/b\",\"/c\"],{\"at\":\"/d\",\"map\":{\"0\":null}}]}"),
		PSET("\"sale\":{\"all\":[{\"any\":[\"/a\"]},{\"at\":\"/b\",\"as\":\"not\"}]}"),
		PSET("\"choice\":{\"any\":[\"/a\",\"^/b\"],\"of\":\"/g\"}"),
		PSET("\"sale\":{\"const\":true},\"currency\":{\"const\":\"UAH\"}"),
		PRODUCTS(",\"each\":\"/v\",\"or_self\":true,\"since\":{\"put\":\"query:s\","
		    "\"as\":\"unix_ms\"}"),
		PRODUCTS(",\"query\":{\"a\":\"{since?}\",\"b\":\"{since|rfc3339}\",\"c\":\"{since}\"}"),
		SEARCH(",\"page\":{\"by\":\"cursor\",\"from\":\"/c\",\"put\":\"json:c\",\"max\":5}"),
		PRODUCTS(",\"page\":{\"by\":\"link\",\"from\":\"header:Link\"}"),
		ORDER("{\"a\":\"{{x}} {order.ref} {now|unix_ms}\",\"b\":{\"$each\":\"units\","
		    "\"$do\":\"{item.key.0}\"},\"c\":{\"$if\":\"order.paid\",\"d\":1}}", ""),
	};
	struct profile_faults faults;
	struct profile *p;

	for (size_t i = 0; i < sizeof rights / sizeof *rights; i++) {
		p = parse(rights[i], &faults);
		ck_assert_msg(p != NULL, "%s\n%s: %s", rights[i], faults.list[0].pointer,
		    faults.list[0].text);
		profile_free(p);
	}
}
END_TEST

START_TEST(tells_all_mistakes_up_to_a_bound)
{
	char text[4096] = "\"a\":1", one[16];
	struct profile_faults faults;

	ck_assert_ptr_null(parse("\"a\":1,\n\"zone\":5,\n\"b\":2", &faults));
	ck_assert_uint_eq(faults.count, 3);
	ck_assert_int_eq(faults.list[0].line, 2);
	ck_assert_int_eq(faults.list[1].line, 3);
	ck_assert_str_eq(faults.list[2].pointer, "/b");
	ck_assert_uint_eq(faults.more, 0);
	for (int i = 0; i < 29; i++) {
		snprintf(one, sizeof one, ",\"a%d\":1", i);
		strncat(text, one, sizeof text - strlen(text) - 1);
	}
	ck_assert_ptr_null(parse(text, &faults));
	ck_assert_uint_eq(faults.count, PROFILE_FAULTS);
	ck_assert_uint_eq(faults.more, 30 - PROFILE_FAULTS);
}
END_TEST

START_TEST(says_a_fault_as_editors_jump_to_it)
{
	struct profile_fault f = { .line = 14, .pointer = "/products", .text = "needs \"key\"" };
	char out[200];

	profile_fault_text("profiles/generic.json", &f, out, sizeof out);
	ck_assert_str_eq(out, "generic.json:14: /products: needs \"key\"");
	f = (struct profile_fault){ .text = "cannot be read: gone" };
	profile_fault_text("x.json", &f, out, sizeof out);
	ck_assert_str_eq(out, "x.json: cannot be read: gone");
}
END_TEST

static char *
source(const char *name)
{
	static char path[PATH_MAX];
	const char *dir = getenv("srcdir");

	snprintf(path, sizeof path, "%s/%s", dir != NULL ? dir : "..", name);
	return path;
}

START_TEST(the_generic_profile_is_right)
{
	struct profile_faults faults;
	struct profile *p = profile_load(source("profiles/generic.json"), &faults);
	const char *help;

	ck_assert_msg(p != NULL, "%d %s %s", faults.list[0].line, faults.list[0].pointer,
	    faults.list[0].text);
	ck_assert_str_eq(profile_name(p), "generic");
	ck_assert_str_eq(profile_setting(p, 0, &help), "base_url");
	ck_assert_str_ne(help, "");
	ck_assert_ptr_null(profile_setting(p, 1, &help));
	ck_assert_int_eq(p->retry, POS_RETRY_KEY);
	ck_assert_int_eq(p->stock_moves, POS_MOVES_ACCEPTED);
	profile_free(p);
	profile_free(NULL);
}
END_TEST

START_TEST(tells_what_is_wrong_with_a_file)
{
	static char big[PROFILE_MAX + 2];
	struct profile_faults faults;
	FILE *f;

	temp_make();
	ck_assert_ptr_null(profile_load(temp_path("none.json"), &faults));
	ck_assert_ptr_nonnull(strstr(faults.list[0].text, "cannot be read: No such file"));
	ck_assert_ptr_null(profile_load(temp_folder, &faults));
	ck_assert_ptr_nonnull(strstr(faults.list[0].text, "cannot be read"));
	memset(big, ' ', sizeof big);
	f = fopen(temp_path("big.json"), "w");
	ck_assert_uint_eq(fwrite(big, 1, sizeof big, f), sizeof big);
	fclose(f);
	ck_assert_ptr_null(profile_load(temp_path("big.json"), &faults));
	ck_assert_ptr_nonnull(strstr(faults.list[0].text, "is larger than"));
	temp_remove();
}
END_TEST

int
main(void)
{
	return SUITE("profile", tells_each_mistake_with_line_and_pointer, takes_what_is_right,
	    tells_all_mistakes_up_to_a_bound, says_a_fault_as_editors_jump_to_it,
	    the_generic_profile_is_right, tells_what_is_wrong_with_a_file);
}

# openapi.awk - docs/openapi.yaml from its pieces
#
#	awk -f tools/openapi.awk lib/shop/problem.c nginx/http.conf docs/openapi/…
#
# Pieces are YAML as they stand in the result, but for three words: a line
# "refusals: [codes]" under responses becomes one response for each status,
# "headers: [names]" a response's headers, and @codes@ every code there is.
# What every operation may be refused with is added by what it takes.

function camel(code,   n, i, w, s)
{
	n = split(code, w, "_")
	for (i = 1; i <= n; i++)
		s = s toupper(substr(w[i], 1, 1)) substr(w[i], 2)
	return s
}

function die(text)
{
	printf "openapi.awk: %s:%d: %s\n", FILENAME, FNR, text >"/dev/stderr"
	failed = 1
	exit 1
}

function know(code, its_status)
{
	if (!(code in status)) {
		codes = codes (codes == "" ? "" : ", ") code
		status[code] = its_status
	}
}

# Any request may be counted, and then its answer tells what is left.
function put_headers(told, indent,   n, i, name)
{
	print indent "headers:"
	n = split("X-Request-Id,RateLimit-Policy,RateLimit," told, name, ",")
	for (i = 1; i <= n; i++)
		if (name[i] != "")
			printf "%s  %s: {$ref: '#/components/headers/%s'}\n", indent, name[i], name[i]
}

# A success whose headers were not told has those that every answer has.
function end_response()
{
	if (waits)
		put_headers("", "          ")
	waits = 0
}

# What stands behind "[", up to "]", on one line or more
function list(line)
{
	sub(/^[^[]*\[/, "", line)
	while (line !~ /\]/ && (getline more) > 0)
		line = line more
	sub(/\].*/, "", line)
	gsub(/[ \t]/, "", line)
	return line
}

function put_refusals(told,   n, i, code, s, of, order, k)
{
	n = split(told every (account ? ",unauthorized,account_blocked" : "") \
	    (staff ? ",not_found" : "") \
	    (body ? ",bad_json,wrong_media_type" : "") \
	    (key ? ",idempotency_key_reused" : ""), code, ",")
	for (i = 1; i <= n; i++) {
		if (code[i] == "")
			continue
		if (!(code[i] in status))
			die("no such code: " code[i])
		s = status[code[i]]
		if (index("," of[s] ",", "," code[i] ",") == 0)
			of[s] = of[s] (of[s] == "" ? "" : ",") code[i]
	}
	for (s = 400; s < 600; s++)
		if (s in of)
			put_refusal(s, of[s])
}

# A response of one code or a few is shared by all operations that have it.
function put_refusal(s, told,   n, i, code, name)
{
	n = split(told, code, ",")
	printf "        '%d':\n", s
	if (n > SHARED_MAX) {
		put_problems(s, told, "          ")
		return
	}
	for (i = 1; i <= n; i++)
		name = name (i > 1 ? "Or" : "") camel(code[i])
	if (!(name in shared)) {
		shared[name] = told
		names[++name_count] = name
	}
	printf "          $ref: '#/components/responses/%s'\n", name
}

function put_problems(s, told, indent,   n, i, code)
{
	n = split(told, code, ",")
	gsub(",", "`, `", told)
	print indent "description: " (n > 1 ? "One of `" : "'`") told (n > 1 ? "`." : "`.'")
	put_headers(extra[s] (told ~ /being_sent/ ? "Retry-After" : ""), indent)
	print indent "content:"
	print indent "  application/json:"
	if (n == 1) {
		printf "%s    schema: {$ref: '#/components/schemas/%s'}\n", indent, camel(code[1])
	} else {
		print indent "    schema:"
		print indent "      oneOf:"
		for (i = 1; i <= n; i++)
			printf "%s        - $ref: '#/components/schemas/%s'\n", indent, camel(code[i])
	}
	print indent "    examples:"
	for (i = 1; i <= n; i++)
		printf "%s      %s: {$ref: '#/components/examples/%s'}\n", indent, code[i], camel(code[i])
}

function put_responses(   i, part)
{
	print "  responses:"
	for (i = 1; i <= name_count; i++) {
		print "    " names[i] ":"
		split(shared[names[i]], part, ",")
		put_problems(status[part[1]], shared[names[i]], "      ")
	}
}

function begin_section(name)
{
	if (name == section)
		return
	if (section == "paths")
		print "components:"
	if (name == "responses")
		put_responses()
	else if (name == "paths")
		print "paths:"
	else if (name != "head")
		print "  " name ":"
	section = name
}

# Where a file stands in the result, in whatever order they are named.
function place(path,   n, i, part, kind, order)
{
	if (path ~ /\.(c|conf)$/)
		return 0
	n = split(path, part, "/")
	kind = part[n - 1] == "openapi" ? part[n] : part[n - 1]
	sub(/\.yaml$/, "", kind)
	n = split("head paths schemas examples parameters headers security", order, " ")
	for (i = 1; i <= n; i++)
		if (order[i] == kind)
			return i
	printf "openapi.awk: what is %s?\n", path >"/dev/stderr"
	exit failed = 1
}

function sort_files(   i, k, path)
{
	for (i = 2; i < ARGC; i++) {
		path = ARGV[i]
		for (k = i; k > 1 && place(ARGV[k - 1]) > place(path); k--)
			ARGV[k] = ARGV[k - 1]
		ARGV[k] = path
	}
}

BEGIN {
	SHARED_MAX = 3
	sort_files()
	every = ",bad_request,bad_encoding,request_timeout,too_large,uri_too_long,too_many_requests," \
	    "headers_too_large,internal,bad_gateway,busy,gateway_timeout"
	extra[401] = "WWW-Authenticate"
	extra[405] = "Allow"
	extra[429] = extra[502] = extra[503] = extra[504] = "Retry-After"
}

FILENAME ~ /problem\.c$/ {
	if (match($0, /\{ [4-5][0-9][0-9], "[a-z_]*"/)) {
		split(substr($0, RSTART, RLENGTH), part, /[ ,"]+/)
		know(part[3], part[2])
	}
	next
}

# map $status $tb_problem_code { 404 not_found; … }
FILENAME ~ /http\.conf$/ {
	if ($0 ~ /\$tb_problem_code \{/)
		of_nginx = 1
	else if (/^\}/)
		of_nginx = 0
	else if (of_nginx && $1 ~ /^[0-9]+$/)
		know(substr($2, 1, length($2) - 1), $1)
	next
}

FNR == 1 {
	end_response()
	n = split(FILENAME, part, "/")
	name = part[n]
	sub(/\.yaml$/, "", name)
	if (part[n - 1] != "openapi")
		name = part[n - 1]
	else if (name == "security")
		name = "securitySchemes"
	begin_section(name)
}

section == "paths" && /^    [a-z]+:/ {
	account = staff = body = key = 0
}
section == "paths" && /^      security: \[\{/ {
	account = 1
}
section == "paths" && /^      security: \[\{bearer: \[(staff|admin)/ {
	staff = 1
}
section == "paths" && /^      requestBody:/ {
	body = 1
}
section == "paths" && /parameters\/IdempotencyKey/ {
	key = 1
}
section == "paths" && /^        refusals: / {
	end_response()
	put_refusals(list($0))
	next
}
section == "paths" && /^        '[23][0-9][0-9]':/ {
	end_response()
	print
	waits = 1
	next
}
section == "paths" && /^          headers: \[/ {
	put_headers(list($0), "          ")
	waits = 0
	next
}
{
	if (section == "paths" && /^ ? ? ? ? ? ? ? ?[^ ]/)
		end_response()
	sub(/@codes@/, codes)
	print
}

END {
	if (failed)
		exit 1
	end_response()
	begin_section("responses")
}

/*
 * clients.c - the people whom the till knows
 *
 * GET  /api/pos/clients      ?phone= finds one; else a list (?page&limit&updated_since)
 * POST /api/pos/clients      {name, phone, email}; 409 with the client when the
 *                            phone is known, however it is written
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "tests/pos-sim/web.h"

enum { PHONE_DIGITS = 16, NAME_MOST = 200, PAGE_MOST = 500 };

enum { BY_PHONE, LIST, CREATE, STATEMENTS };

#define COLUMNS "SELECT seq, name, phone, email, created_ms FROM client "

static struct query sql[STATEMENTS] = {
	[BY_PHONE] = { COLUMNS "WHERE digits = ?1", NULL },
	[LIST] = { COLUMNS "WHERE created_ms >= ?3 ORDER BY seq LIMIT ?1 OFFSET ?2", NULL },
	[CREATE] = { "INSERT INTO client (digits, name, phone, email, created_ms)"
	    " VALUES (?1, ?2, ?3, ?4, ?5)", NULL },
};

static void
put_client(struct buf *b, const char *key, const struct query *q)
{
	char id[32];

	snprintf(id, sizeof id, "C%lld", (long long)store_int(q, 0));
	json_open(b, key, '{');
	json_put_text(b, "id", id);
	json_put_text(b, "name", store_text(q, 1));
	json_put_text(b, "phone", store_text(q, 2));
	json_put_text(b, "email", store_text(q, 3));
	json_put_time(b, "created_at", store_int(q, 4) / 1000);
	json_close(b, '}');
}

/* 0501234567, 380 50 123-45-67 and +380501234567 are one. -1: no phone. */
static int
phone_digits(const char *phone, char out[PHONE_DIGITS])
{
	size_t n = 0;

	for (; *phone != '\0'; phone++) {
		if (strchr(" -()+", *phone) != NULL)
			continue;
		if (!isdigit((unsigned char)*phone) || n + 3 >= PHONE_DIGITS)
			return -1;
		out[n++] = *phone;
	}
	if (n < 8)
		return -1;
	out[n] = '\0';
	if (n == 10 && out[0] == '0') {
		memmove(out + 2, out, n + 1);
		memcpy(out, "38", 2);
	}
	return 0;
}

void
clients_list(struct request *r)
{
	struct buf *b = &r->answer->body;
	const char *phone = api_param(r, "phone");
	struct query *q = &sql[phone != NULL ? BY_PHONE : LIST];
	int64_t since = api_since(r), page, limit;
	char digits[PHONE_DIGITS] = "";

	if (since < 0 || api_paging(r, PAGE_MOST, &page, &limit) != 0)
		return;
	if (phone != NULL && phone_digits(phone, digits) != 0) {
		api_fail(r, 422, "invalid_parameter", "phone", "phone must have 8 to 13 digits");
		return;
	}
	if (phone != NULL)
		store_query(r->store, q, "s", digits);
	else
		store_query(r->store, q, "iii", limit, (page - 1) * limit, since);
	json_open(b, NULL, '{');
	json_open(b, "clients", '[');
	while (store_row(r->store, q))
		put_client(b, NULL, q);
	json_close(b, ']');
	json_close(b, '}');
}

static void
refuse_known(struct request *r, const struct query *q)
{
	struct buf *b = &r->answer->body;

	r->answer->status = 409;
	json_open(b, NULL, '{');
	json_open(b, "error", '{');
	json_put_text(b, "code", "client_exists");
	json_put_text(b, "message", "a client with this phone is known already");
	json_put_text(b, "field", "phone");
	json_close(b, '}');
	put_client(b, "client", q);
	json_close(b, '}');
}

void
client_create(struct request *r)
{
	const char *name = api_text(r, r->json, "name", NAME_MOST, 1);
	const char *phone = api_failed(r) ? NULL : api_text(r, r->json, "phone", 32, 1);
	const char *email = api_failed(r) ? NULL : api_text(r, r->json, "email", 254, 0);
	struct query *q = &sql[BY_PHONE];
	char digits[PHONE_DIGITS];

	if (api_failed(r))
		return;
	if (phone_digits(phone, digits) != 0) {
		api_fail(r, 422, "invalid_field", "phone", "phone must have 8 to 13 digits");
		return;
	}
	if (store_find(r->store, q, "s", digits)) {
		refuse_known(r, q);
		store_done(q);
		return;
	}
	store_run(r->store, &sql[CREATE], "ssssi", digits, name, phone, email, clock_ms());
	if (store_find(r->store, q, "s", digits))
		put_client(&r->answer->body, NULL, q);
	store_done(q);
	r->answer->status = 201;
}

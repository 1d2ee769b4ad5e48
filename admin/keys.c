/*
 * keys.c - keys list, rotate, drop-old: the shop's signing keys
 *
 * A running worker reads the file again by itself: nothing is restarted, nobody
 * is logged out. No key is ever shown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin/command.h"
#include "lib/base/clock.h"
#include "lib/shop/audit.h"
#include "lib/shop/keyfile.h"

enum {
	DAY = 86400, DAYS_MAX = 3650,
	/* what a key is looked for: 30 days of known places, 7 of Idempotency-Key */
	DROP_DAYS = 31
};

static const char *
when(int64_t at, char out[CLOCK_TEXT])
{
	if (at == -1)
		return "not known";
	clock_rfc3339(at, out);
	return out;
}

int
admin_keys_list(struct admin *a)
{
	char fault[KEYFILE_FAULT], made[CLOCK_TEXT], until[CLOCK_TEXT];
	struct keyfile f;

	if (a->argc != 0)
		return admin_fail(EX_USAGE, "keys list takes no words");
	if (keyfile_read(a->conf.key_file, &f, fault) == -1)
		return admin_fail(EX_CONFIG, "%s", fault);
	for (size_t i = 0; i < f.count; i++)
		if (i == 0)
			printf("%s  signs; made %s\n", f.key[i].kid, when(f.key[i].made_at, made));
		else
			printf("%s  verifies; made %s, signed until %s\n", f.key[i].kid,
			    when(f.key[i].made_at, made), when(keyfile_replaced_at(&f, i), until));
	explicit_bzero(&f, sizeof f);
	return EX_OK;
}

/* The trace of a change that is made already. An exit code. */
static int
note(struct admin *a, const char *action, const char *detail)
{
	struct db *db = admin_open(a, DB_WRITER);
	int rc;

	if (db == NULL)
		return EX_CONFIG;
	if ((rc = db_begin(db)) == DB_OK) {
		rc = audit_add(db, DB_NULL, action, "keys", detail);
		if (db_end(db, rc == DB_OK) != DB_OK)
			rc = DB_ERROR;
	}
	if (rc != DB_OK)
		admin_fail(EX_IOERR, "done, but not noted in audit: %s", db_error(db));
	db_close(db);
	return rc == DB_OK ? EX_OK : EX_IOERR;
}

int
admin_keys_rotate(struct admin *a)
{
	char fault[KEYFILE_FAULT], kid[KID_MAX + 1], detail[64];

	if (a->argc != 0)
		return admin_fail(EX_USAGE, "keys rotate takes no words");
	if (keyfile_rotate(a->conf.key_file, kid, fault) == -1)
		return admin_fail(EX_IOERR, "%s", fault);
	printf("%s signs from now on; the keys before it still verify\n", kid);
	snprintf(detail, sizeof detail, "{\"kid\":\"%s\"}", kid);
	return note(a, "keys.rotate", detail);
}

int
admin_keys_drop_old(struct admin *a)
{
	const char *days = admin_option(a, "--days");
	int64_t n = days == NULL ? DROP_DAYS : strtoll(days, NULL, 10);
	char fault[KEYFILE_FAULT], detail[64];
	int gone;

	if (admin_unknown(a, 0, "--days") != NULL || n < 0 || n > DAYS_MAX ||
	    (days != NULL && (*days == '\0' || days[strspn(days, "0123456789")] != '\0')))
		return admin_fail(EX_USAGE, "keys drop-old [--days N], N up to %d", DAYS_MAX);
	if ((gone = keyfile_drop(a->conf.key_file, clock_now() - n * DAY + 1, fault)) == -1)
		return admin_fail(EX_IOERR, "%s", fault);
	if (gone == 0) {
		puts("no key has been out of use for so long");
		return EX_OK;
	}
	printf("%d old keys are forgotten\n", gone);
	snprintf(detail, sizeof detail, "{\"keys\":%d}", gone);
	return note(a, "keys.drop", detail);
}

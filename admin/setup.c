/* setup.c - init, config, backup: the database's beginning and its copies */
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/command.h"
#include "admin/schema_text.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/shop/keyfile.h"

enum { SCRIPT_MAX = 1 << 20 };

/*
 * schema.sql, with an epoch that no other database of this till has: its minute
 * since 2026. An order's reference begins with it, so an order of a shop that was
 * set up anew is never taken for an old one that the till still knows. Caller
 * frees; NULL = no memory.
 */
static char *
schema_of_now(void)
{
	const int64_t year_2026 = INT64_C(1767225600);
	struct buf b = BUF_INIT(SCRIPT_MAX);

	buf_str(&b, schema_text);
	buf_printf(&b, "UPDATE meta SET value = '%lld' WHERE key = 'epoch';\n",
	    (long long)(clock_now() > year_2026 ? (clock_now() - year_2026) / 60 + 1 : 1));
	if (!b.failed)
		return b.s;
	buf_free(&b);
	return NULL;
}

/* The folder of path, made with 0700 when it is missing. 0 or -1. */
static int
make_folder(const char *path)
{
	char folder[4096];
	char *slash;

	snprintf(folder, sizeof folder, "%s", path);
	slash = strrchr(folder, '/');
	if (slash == NULL || slash == folder)
		return 0;
	*slash = '\0';
	if (mkdir(folder, 0700) == 0 || errno == EEXIST)
		return 0;
	admin_fail(EX_CANTCREAT, "%s: %s", folder, strerror(errno));
	return -1;
}

int
admin_init(struct admin *a)
{
	char fault[DB_FAULT], *script;
	struct db *db;

	if (a->argc != 0)
		return admin_fail(EX_USAGE, "init takes no words: DATABASE says where");
	umask(077);
	if (make_folder(a->conf.database) == -1)
		return EX_CANTCREAT;
	if ((script = schema_of_now()) == NULL)
		return admin_fail(EX_OSERR, "out of memory");
	db = db_create(a->conf.database, script, fault);
	free(script);
	if (db == NULL)
		return admin_fail(EX_CANTCREAT, "%s", fault);
	db_close(db);
	if (access(a->conf.key_file, F_OK) == -1 &&
	    keyfile_create(a->conf.key_file, fault) == -1)
		return admin_fail(EX_CANTCREAT, "%s", fault);
	printf("created %s and %s\nnext: pos-sync --full, then pos-admin doctor\n",
	    a->conf.database, a->conf.key_file);
	return EX_OK;
}

int
admin_config(struct admin *a)
{
	char value[4200];
	size_t count;
	const struct conf_key *keys = settings_keys(&count);

	if (a->argc != 0)
		return admin_fail(EX_USAGE, "config takes no words");
	for (size_t i = 0; i < count; i++) {
		conf_show(&keys[i], &a->conf, value, sizeof value);
		printf("# %s\n%s=%s\n", keys[i].help, keys[i].name, value);
	}
	return EX_OK;
}

int
admin_backup(struct admin *a)
{
	char fault[DB_FAULT];
	struct db *db;
	int rc;

	if (a->argc != 1)
		return admin_fail(EX_USAGE, "backup takes one word: the file to write");
	umask(077);
	if ((db = admin_open(a, DB_READER)) == NULL)
		return EX_CONFIG;
	rc = db_backup(db, a->argv[0], fault);
	db_close(db);
	if (rc == -1)
		return admin_fail(EX_IOERR, "%s", fault);
	printf("%s: a checked copy of %s\n", a->argv[0], a->conf.database);
	return EX_OK;
}

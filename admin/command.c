/* command.c - what the commands of pos-admin share: words, refusals, the database */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/command.h"

int
admin_fail(int exit_code, const char *fmt, ...)
{
	va_list ap;

	fputs("pos-admin: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return exit_code;
}

struct db *
admin_open(struct admin *a, enum db_mode mode)
{
	char fault[DB_FAULT] = "";
	struct db *db = db_open(a->conf.database, mode, (int)a->conf.busy_timeout_ms, fault);

	if (db == NULL)
		admin_fail(EX_CONFIG, "%s", fault);
	return db;
}

const char *
admin_option(const struct admin *a, const char *name)
{
	for (int i = 0; i + 1 < a->argc; i++)
		if (strcmp(a->argv[i], name) == 0)
			return a->argv[i + 1];
	return NULL;
}

/* Is word one of the blank-separated allowed ones? */
static int
is_among(const char *word, const char *allowed)
{
	size_t n = strlen(word);

	for (const char *p = allowed; (p = strstr(p, word)) != NULL; p += n)
		if ((p == allowed || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
			return 1;
	return 0;
}

const char *
admin_unknown(const struct admin *a, int from, const char *allowed)
{
	for (int i = from; i < a->argc; i += 2)
		if (!is_among(a->argv[i], allowed) || i + 1 == a->argc)
			return a->argv[i];
	return NULL;
}

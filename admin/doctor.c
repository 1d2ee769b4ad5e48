/*
 * doctor.c - is this deployment sound? each finding with its cure in one line
 *
 * A list of checks in the order in which one mends them. A check says what it
 * found through say(); it never changes anything. Exit: 0 sound (warnings
 * allowed), 78 when something is wrong.
 */
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/command.h"
#include "admin/doctor.h"
#include "lib/base/clock.h"
#include "lib/shop/keyring.h"

enum { SPACE_LEAST_MB = 200, COST_LEAST = 10, MB = 1024 * 1024 };

static const char *const marks[FINDINGS] = { "ok  ", "warn", "BAD " };
static const char *const colours[FINDINGS] = { "\033[32m", "\033[33m", "\033[31m" };

void
say(struct doctor *d, enum finding f, const char *cure, const char *fmt, ...)
{
	va_list ap;

	d->count[f]++;
	printf("%s%s%s ", d->colour ? colours[f] : "", marks[f], d->colour ? "\033[0m" : "");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	if (f != SOUND && cure != NULL)
		printf("\n     cure: %s", cure);
	putchar('\n');
}

static void
check_settings(struct doctor *d)
{
	const struct settings *c = &d->admin->conf;
	struct tm tm;

	if (d->admin->conf_fault != NULL) {
		say(d, BAD, "correct that line; pos-admin config shows what is allowed",
		    "settings: %s", d->admin->conf_fault);
		d->stop = 1;
		return;
	}
	say(d, SOUND, NULL, "settings: all known and in range");
	if (!c->limits)
		say(d, WARN, "set LIMITS=yes before customers come", "rate limits are off");
	if (c->bcrypt_cost < COST_LEAST)
		say(d, WARN, "set BCRYPT_COST to 12", "BCRYPT_COST=%lld is cheap to guess",
		    (long long)c->bcrypt_cost);
	if (strncmp(c->public_url, "https://", 8) != 0)
		say(d, WARN, "serve the shop by nginx/shop.conf with a certificate, set PUBLIC_URL",
		    "PUBLIC_URL=%s is not https", c->public_url);
	if (clock_local(c->default_timezone, clock_now(), &tm) == -1)
		say(d, BAD, "apt install tzdata, or correct DEFAULT_TIMEZONE",
		    "DEFAULT_TIMEZONE=%s is not known here", c->default_timezone);
}

/* The kinds of file systems whose locks and syncs do not hold. */
static const char *
unsafe_file_system(const char *path)
{
	static const struct { unsigned long magic; const char *name; } kinds[] = {
		{ 0x6969, "NFS" }, { 0x517b, "SMB" }, { 0xff534d42, "CIFS" },
		{ 0xfe534d42, "SMB2" }, { 0x65735546, "FUSE" }, { 0x794c7630, "overlay" },
		{ 0x01021997, "9p" }, { 0x5346414f, "AFS" }, { 0x00c36400, "Ceph" },
	};
	struct statfs fs;

	if (statfs(path, &fs) == -1)
		return NULL;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if ((unsigned long)fs.f_type == kinds[i].magic)
			return kinds[i].name;
	return NULL;
}

static void
check_mode(struct doctor *d, const char *path, mode_t want, int required)
{
	struct stat st;
	char cure[160];

	if (stat(path, &st) == -1) {
		if (required)
			say(d, BAD, "pos-admin init creates it", "%s: %s", path, strerror(errno));
		return;
	}
	snprintf(cure, sizeof cure, "chmod %o it", (unsigned)want);
	if ((st.st_mode & 07777 & ~want) != 0)
		say(d, BAD, cure, "%s: mode %o lets others in", path,
		    (unsigned)(st.st_mode & 07777));
	if (st.st_uid != geteuid())
		say(d, BAD, "chown it to the user the shop runs as", "%s belongs to user %u, not to us (%u)",
		    path, (unsigned)st.st_uid, (unsigned)geteuid());
}

static void
check_place(struct doctor *d)
{
	char folder[4096], path[4200];
	const char *file = d->admin->conf.database, *kind;
	struct statvfs space;
	char *slash;

	snprintf(folder, sizeof folder, "%s", file);
	if ((slash = strrchr(folder, '/')) == NULL)
		snprintf(folder, sizeof folder, ".");
	else
		*slash = '\0';
	check_mode(d, folder, 0700, 1);
	check_mode(d, file, 0600, 1);
	check_mode(d, d->admin->conf.key_file, 0600, 1);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s%s", file,
		    (const char *[]){ "-wal", "-shm", ".lock" }[i]);
		check_mode(d, path, 0600, 0);
	}
	if ((kind = unsafe_file_system(folder)) != NULL)
		say(d, BAD, "move DATABASE to a local disk (ext4, xfs, btrfs)",
		    "%s is on a %s file system: locks and syncs do not hold there", folder, kind);
	if (statvfs(folder, &space) == 0 &&
	    space.f_bavail * space.f_frsize < (unsigned long)SPACE_LEAST_MB * MB)
		say(d, WARN, "free some space", "%s has less than %d MB left", folder, SPACE_LEAST_MB);
	snprintf(path, sizeof path, "%s.stopped", file);
	if (access(path, F_OK) == 0)
		say(d, BAD, "read that file, check the disk, restart the workers, then remove it",
		    "writing is stopped: %s", path);
	if (d->count[BAD] == 0)
		say(d, SOUND, NULL, "place: %s, rights and file system", folder);
}

static void
check_keys(struct doctor *d)
{
	char fault[KEYRING_FAULT];
	struct keyring *k = keyring_open(d->admin->conf.key_file, fault);

	if (k == NULL)
		say(d, BAD, "pos-admin init creates it; restore it from a backup if it was there",
		    "signing keys: %s", fault);
	else
		say(d, SOUND, NULL, "signing keys: %s", d->admin->conf.key_file);
	keyring_free(k);
}

static void
check_database(struct doctor *d)
{
	const struct settings *c = &d->admin->conf;
	char fault[DB_FAULT];
	struct db_facts f;

	if ((d->db = db_open(c->database, DB_READER, (int)c->busy_timeout_ms, fault)) == NULL) {
		say(d, BAD, "pos-admin init creates a new one; restore a backup if it was there",
		    "database: %s", fault);
		d->stop = 1;
		return;
	}
	if (db_facts(d->db, &f) != 0) {
		say(d, BAD, "see the log", "database: %s", db_error(d->db));
		return;
	}
	if (!f.wal_mode)
		say(d, BAD, "stop everything; pos-admin init was not what made this file",
		    "database: not in WAL mode");
	if (!f.integrity_ok)
		say(d, BAD, "stop everything and restore the last backup", "database: %s", f.integrity);
	if (f.wal_mode && f.integrity_ok)
		say(d, SOUND, NULL, "database: %s, schema %lld, WAL mode, whole; log %lld KB",
		    f.engine, (long long)f.schema_version, (long long)f.wal_bytes / 1024);
	if (*f.lock_holder != '\0')
		say(d, SOUND, NULL, "write lock: held by %s just now", f.lock_holder);
}



int
admin_doctor(struct admin *a)
{
	static void (*const checks[])(struct doctor *) = { check_settings, check_place, check_keys, check_database,
		doctor_branches, doctor_catalog, doctor_outbox,
		doctor_clients, doctor_mail, doctor_webhook, doctor_till };
	struct doctor d = { .admin = a };

	if (a->argc > 1 || (a->argc == 1 && strcmp(a->argv[0], "--offline") != 0))
		return admin_fail(EX_USAGE, "doctor [--offline]");
	d.offline = a->argc == 1;
	d.colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
	for (size_t i = 0; i < sizeof checks / sizeof *checks && !d.stop; i++)
		checks[i](&d);
	db_close(d.db);
	printf("%d wrong, %d warnings\n", d.count[BAD], d.count[WARN]);
	return d.count[BAD] > 0 ? EX_CONFIG : EX_OK;
}

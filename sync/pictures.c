/* pictures.c - which address a picture's host has, and whether it may be asked */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/pos/http.h"
#include "lib/shop/picture.h"
#include "sync/pictures.h"

_Static_assert((int)PICTURE_ADDRESS == (int)HTTP_ADDRESS, "one text fits into the other");

enum {
	HOSTS = 200,		/* a till has one or two */
	ADDRESSES = 8,
	PATIENCE_MS = 5000	/* for all: a resolver that is down must not hold up a sync */
};

static int
is_own(const struct job *j, const char *host)
{
	struct picture till;

	return picture_read(&till, j->conf.pos_url) == 0 && strcmp(till.host, host) == 0;
}

/* 1 and the address to ask, "" when there is none; 0 not found: as it was. */
static int
judge(const struct job *j, const char *host, char address[PICTURE_ADDRESS])
{
	char found[ADDRESSES][HTTP_ADDRESS];
	int n = http_look_up(host, found, ADDRESSES);

	if (n <= 0)
		return 0;
	*address = '\0';
	for (int i = 0; i < n && *address == '\0'; i++)
		if (picture_is_outside(found[i]) || is_own(j, host))
			memcpy(address, found[i], HTTP_ADDRESS);
	if (*address == '\0')
		log_warn("picture_host_refused", "host=%s address=%s why=\"not of the open internet\"",
		    host, found[0]);
	return 1;
}

static int
keep(struct job *j, const char *host, const char *address)
{
	int rc = db_begin(j->db);

	if (rc != DB_OK)
		return rc;
	rc = picture_set_host(j->db, host, address);
	return db_end(j->db, rc == DB_OK) != DB_OK ? DB_ERROR : rc;
}

int
pictures_look_up(struct job *j)
{
	char host[PICTURE_HOST] = "", old[PICTURE_ADDRESS], address[PICTURE_ADDRESS];
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	int rc = DB_OK;

	for (int i = 0; i < HOSTS && rc == DB_OK && clock_mono_ms() < until; i++) {
		if (job_signalled() || (rc = picture_next_host(j->db, host, host, old)) != 1)
			break;
		rc = judge(j, host, address) && strcmp(address, old) != 0 ?
		    keep(j, host, address) : DB_OK;
	}
	return rc < 0 ? rc : DB_OK;
}

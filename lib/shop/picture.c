/* picture.c - the till's pictures under addresses of ours; see picture.h */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/shop/picture.h"

enum { PORT = 443, PORT_MAX = 65535 };

enum { URL_OF, ADDRESS_OF, NOTE, NEXT, SET, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[URL_OF] = { .sql = "SELECT image_url FROM product WHERE id = ?1" },
	[ADDRESS_OF] = { .sql = "SELECT address FROM picture_host WHERE host = ?1" },
	[NOTE] = { .sql = "INSERT INTO picture_host (host) VALUES (?1) ON CONFLICT DO NOTHING" },
	[NEXT] = { .sql =
	    "SELECT host, address FROM picture_host WHERE host > ?1 ORDER BY host LIMIT 1" },
	[SET] = { .sql = "UPDATE picture_host SET address = ?2 WHERE host = ?1" },
};
DB_STATEMENTS(sql);

/* ---- the till's address */

/* Where the host ends, or NULL: a name of letters, digits, dots and dashes, or
 * an IPv6 address in brackets. */
static const char *
read_host(struct picture *p, const char *s)
{
	const char *end;
	unsigned char six[16];
	size_t n;

	if (*s == '[') {
		n = strcspn(++s, "]");
		end = s[n] == ']' ? s + n + 1 : NULL;
	} else {
		n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
		end = s + n;
	}
	if (end == NULL || n == 0 || n >= PICTURE_HOST)
		return NULL;
	for (size_t i = 0; i < n; i++)
		p->host[i] = (char)(s[i] >= 'A' && s[i] <= 'Z' ? s[i] + ('a' - 'A') : s[i]);
	p->host[n] = '\0';
	if (s[-1] == '[')
		return inet_pton(AF_INET6, p->host, six) == 1 ? end : NULL;
	return p->host[0] == '-' || p->host[0] == '.' ? NULL : end;
}

static const char *
read_port(struct picture *p, const char *s)
{
	int n = 0;

	p->port = PORT;
	if (*s != ':')
		return s;
	for (s++; *s >= '0' && *s <= '9' && n <= PORT_MAX; s++)
		n = n * 10 + (*s - '0');
	p->port = n;
	return n >= 1 && n <= PORT_MAX ? s : NULL;
}

/* What a request line cannot hold is percent-encoded; what is already, stays. */
static int
read_path(struct picture *p, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = 0;

	if (*s != '/')
		p->path[n++] = '/';
	for (; *s != '\0' && *s != '#'; s++) {
		unsigned char c = (unsigned char)*s;

		if (n + 4 > PICTURE_PATH || c < 0x20 || c == 0x7F)
			return -1;
		if (c > 0x20 && c < 0x7F && strchr("\"<>\\^`{|}", c) == NULL) {
			p->path[n++] = (char)c;
			continue;
		}
		p->path[n++] = '%';
		p->path[n++] = hex[c >> 4];
		p->path[n++] = hex[c & 15];
	}
	p->path[n] = '\0';
	return 0;
}

int
picture_read(struct picture *p, const char *url)
{
	const char *s;

	if (url == NULL || strncasecmp(url, "https://", 8) != 0)
		return -1;
	if ((s = read_host(p, url + 8)) == NULL || (s = read_port(p, s)) == NULL)
		return -1;
	return *s != '\0' && strchr("/?#", *s) == NULL ? -1 : read_path(p, s);
}

/* ---- whom we ask */

/* The first bits of networks that are not the open internet: RFC 6890 and its
 * successors in IANA's registries of special-purpose addresses. */
static const struct network { unsigned char bytes[4]; int bits; } closed4[] = {
	{ { 0 }, 8 }, { { 10 }, 8 }, { { 100, 64 }, 10 }, { { 127 }, 8 }, { { 169, 254 }, 16 },
	{ { 172, 16 }, 12 }, { { 192, 0, 0 }, 24 }, { { 192, 0, 2 }, 24 }, { { 192, 88, 99 }, 24 },
	{ { 192, 168 }, 16 }, { { 198, 18 }, 15 }, { { 198, 51, 100 }, 24 },
	{ { 203, 0, 113 }, 24 }, { { 224 }, 4 }, { { 240 }, 4 },
};
/* Of IPv6 only 2000::/3 is given out; these of it are special. */
static const struct network closed6[] = {
	{ { 0x20, 0x01, 0x00 }, 23 },		/* Teredo, ORCHID, benchmarks */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },	/* examples */
	{ { 0x20, 0x02 }, 16 },			/* 6to4: holds any IPv4 address */
	{ { 0x3f, 0xff }, 16 },			/* examples */
};

static int
is_in(const struct network *list, size_t count, const unsigned char *address)
{
	for (size_t i = 0; i < count; i++) {
		int whole = list[i].bits / 8, rest = list[i].bits % 8;

		if (memcmp(list[i].bytes, address, (size_t)whole) == 0 && (rest == 0 ||
		    (list[i].bytes[whole] ^ address[whole]) >> (8 - rest) == 0))
			return 1;
	}
	return 0;
}

int
picture_is_outside(const char *address)
{
	unsigned char a[16];

	if (inet_pton(AF_INET, address, a) == 1)
		return !is_in(closed4, sizeof closed4 / sizeof *closed4, a);
	if (inet_pton(AF_INET6, address, a) == 1)
		return a[0] >> 5 == 1 && !is_in(closed6, sizeof closed6 / sizeof *closed6, a);
	return 0;
}

/* ---- our address */

/* 1 to 2^53 - 1, so that it is a whole number in any client. */
static int64_t
version_of(const char *url)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *url != '\0'; url++)
		h = (h ^ (unsigned char)*url) * UINT64_C(1099511628211);
	h = (h ^ h >> 53) & ((UINT64_C(1) << 53) - 1);
	return h == 0 ? 1 : (int64_t)h;
}

void
picture_put(struct buf *b, const char *key, int64_t product_id, const char *url)
{
	struct picture p;
	char text[64];

	if (picture_read(&p, url) == -1) {
		json_put_null(b, key);
		return;
	}
	snprintf(text, sizeof text, "/img/%lld/%lld", (long long)product_id,
	    (long long)version_of(url));
	json_put_text(b, key, text);
}

/* 1 an address that may be asked, 0 none, else a db_status. */
static int
find_address(struct db *db, const char *own, const struct picture *p,
    char address[PICTURE_ADDRESS])
{
	struct stmt *s = &sql[ADDRESS_OF];
	struct picture till;
	int rc = db_find(db, s, "s", p->host);

	if (rc != 1)
		return rc;
	snprintf(address, PICTURE_ADDRESS, "%s", db_is_null(s, 0) ? "" : db_text(s, 0));
	db_done(s);
	if (*address == '\0')
		return 0;
	return picture_is_outside(address) || (picture_read(&till, own) == 0 &&
	    till.port == p->port && strcmp(till.host, p->host) == 0);
}

int
picture_find(struct db *db, int64_t product_id, int64_t version, const char *own,
    struct picture *p, char address[PICTURE_ADDRESS])
{
	struct stmt *s = &sql[URL_OF];
	int rc = db_find(db, s, "i", product_id);

	if (rc != 1)
		return rc;
	rc = !db_is_null(s, 0) && picture_read(p, db_text(s, 0)) == 0 &&
	    version_of(db_text(s, 0)) == version;
	db_done(s);
	return rc == 1 ? find_address(db, own, p, address) : 0;
}

/* ---- hosts */

int
picture_note_host(struct db *db, const char *url)
{
	struct picture p;

	return picture_read(&p, url) == -1 ? 0 : db_run(db, &sql[NOTE], "s", p.host);
}

int
picture_next_host(struct db *db, const char *after, char host[PICTURE_HOST],
    char address[PICTURE_ADDRESS])
{
	struct stmt *s = &sql[NEXT];
	char from[PICTURE_HOST];
	int rc;

	snprintf(from, sizeof from, "%s", after);
	if ((rc = db_find(db, s, "s", from)) != 1)
		return rc;
	snprintf(host, PICTURE_HOST, "%s", db_text(s, 0));
	snprintf(address, PICTURE_ADDRESS, "%s", db_is_null(s, 1) ? "" : db_text(s, 1));
	db_done(s);
	return 1;
}

int
picture_set_host(struct db *db, const char *host, const char *address)
{
	return db_run(db, &sql[SET], "ss", host, *address == '\0' ? NULL : address);
}

/*
 * picture.h - the till's pictures: under which address of ours, and from where
 *
 * A dish's picture is /img/{dish}/{version}, where the version is a number made
 * from the till's address: another picture has another address, so a browser
 * may keep each for ever, and the till's own address is told to nobody.
 * The till's feed is foreign text. So only https is fetched, and only from an
 * address of the open internet: pos-sync looks each host up and writes down an
 * address that it judged; nginx connects to that one and asks no resolver. The
 * till's own host, as POS_URL names it, may be on this network.
 */
#ifndef PICTURE_H
#define PICTURE_H

#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/db.h"

enum { PICTURE_HOST = 256, PICTURE_PATH = 4096, PICTURE_ADDRESS = 48 };

struct picture {
	char host[PICTURE_HOST];	/* a name in lower case, or an IP without brackets */
	int port;
	char path[PICTURE_PATH];	/* and query, percent-encoded */
};

/* 0, or -1: nothing that we would fetch. */
int picture_read(struct picture *, const char *url) __attribute__((warn_unused_result));

/* Is it an IP address of the open internet: not of this machine, a private
 * network, a link, a group, or reserved? 0 for what is no address. */
int picture_is_outside(const char *address);

/* "/img/7/4711", or null where there is nothing to fetch. */
void picture_put(struct buf *, const char *key, int64_t product_id, const char *url);

/* The till's address of a dish's picture, which must still be this version:
 * 1 and both filled, 0 there is none, else a db_status. own: POS_URL. */
int picture_find(struct db *, int64_t product_id, int64_t version, const char *own,
    struct picture *, char address[PICTURE_ADDRESS]) __attribute__((warn_unused_result));

/* Write down the host of a dish's picture, for pos-sync to look up. */
int picture_note_host(struct db *, const char *url) __attribute__((warn_unused_result));
/* The next host behind this one, and its address ("" = none). 1, 0, or a db_status. */
int picture_next_host(struct db *, const char *after, char host[PICTURE_HOST],
    char address[PICTURE_ADDRESS]) __attribute__((warn_unused_result));
/* address "" = none that may be asked. */
int picture_set_host(struct db *, const char *host, const char *address)
    __attribute__((warn_unused_result));

#endif

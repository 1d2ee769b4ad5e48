/*
 * fuzz_profile.c - a profile, NUL byte, a till's reply to each of its lists
 *
 * What is refused has a fault that says where; what is taken must read any
 * reply without a step aside, and rows that come out are whole.
 */
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/pos/engine.h"
#include "tests/fuzz/fuzz.h"

static void
look_at(const struct pos_row *row)
{
	MUST(row->key != NULL && *row->key != '\0' && strlen(row->key) <= POS_KEY_MAX);
	for (int f = 0; f < POS_FIELDS; f++) {
		const struct pos_cell *c = &row->f[f];

		MUST(c->set || (c->text == NULL && c->number == 0 && c->keys == NULL));
		MUST(c->text == NULL || utf8_valid(c->text, strlen(c->text)));
		if (profile_fields[f].kind == FIELD_MONEY || profile_fields[f].kind == FIELD_QTY)
			MUST(c->number >= 0);
	}
	for (size_t i = 0; i < row->branch_count; i++)
		MUST(row->branches[i].key != NULL && *row->branches[i].key != '\0');
}

static void
read_feed(struct pos *pos, enum feed_what what, const char *reply, size_t n)
{
	struct feed *f = feed_sample(pos, what, reply, n);
	const struct pos_row *row;
	const struct feed_aside *aside;
	int rc;

	if (f == NULL)
		return;
	while ((rc = feed_page(f)) == 1) {
		while ((row = feed_row(f)) != NULL)
			look_at(row);
		while ((aside = feed_aside(f)) != NULL)
			MUST(aside->why != NULL && *aside->why != '\0');
	}
	MUST(rc == 0 || feed_end(f)->message[0] != '\0');
	MUST(rc == 0 || !feed_end(f)->complete);
	feed_close(f);
}

FUZZ_TARGET(profile)(const uint8_t *data, size_t n)
{
	const char *text = (const char *)data, *nul;
	static struct profile_faults faults;
	struct pos pos = { 0 };
	size_t len;

	if (n > 65536)
		return 0;
	nul = n == 0 ? NULL : memchr(text, '\0', n);
	len = nul == NULL ? n : (size_t)(nul - text);
	pos.profile = profile_parse(text, len, &faults);
	MUST((pos.profile == NULL) == (faults.count > 0));
	MUST(faults.count <= PROFILE_FAULTS);
	for (size_t i = 0; i < faults.count; i++)
		MUST(faults.list[i].text[0] != '\0');
	if (pos.profile == NULL)
		return 0;
	pos.base = (char *)"https://till.example";
	for (int what = 0; nul != NULL && what < FEEDS; what++)
		read_feed(&pos, (enum feed_what)what, nul + 1, n - len - 1);
	profile_free(pos.profile);
	return 0;
}

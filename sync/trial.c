/*
 * trial.c - a profile tried out; see trial.h
 *
 * A list is read as in earnest, to its end and with every check, but its rows
 * are shown and counted instead of being put into the shop.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/buf.h"
#include "sync/trial.h"

enum {
	SAMPLE_MAX = 8 << 20,		/* as a page of the till */
	SHOW_MAX = 1 << 20,		/* of one row or request */
	ROWS_SHOWN = 3, SAMPLE_SHOWN = 1000, ASIDE_SHOWN = 10, KEY_TEXT = POS_KEY_MAX + 1
};

/* What one list needs of those before it. */
struct tried {
	struct job *j;
	const struct trial *t;
	char branch[KEY_TEXT], depot[KEY_TEXT];	/* the first of each; "" = none met */
};

int
trial_lists(struct trial *t, const char *text)
{
	char word[16];
	size_t n;
	int list;

	for (;; text += n + 1) {
		n = strcspn(text, ",");
		if (n >= sizeof word)
			return -1;
		memcpy(word, text, n);
		word[n] = '\0';
		if ((list = feed_by_name(word)) == -1)
			return -1;
		t->wanted[list] = 1;
		if (text[n] == '\0')
			return 0;
	}
}

static void
show_request(void *arg, const struct pos_request *q)
{
	struct tried *w = arg;
	struct buf b = BUF_INIT(SHOW_MAX);
	char *line, *save = NULL;

	pos_show(till_pos(w->j->till), q, &b);
	for (line = b.failed ? NULL : strtok_r(b.s, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save))
		printf("> %s\n", line);
	fflush(stdout);
	buf_free(&b);
}

static void
show_row(const struct pos_row *row)
{
	struct buf b = BUF_INIT(SHOW_MAX);

	feed_show(row, &b);
	puts(b.failed ? "(a row too long to be shown)" : b.s);
	buf_free(&b);
}

/* The keys that lists per branch or depot are asked with. */
static void
note_keys(struct tried *w, const struct pos_row *row)
{
	if (*w->branch == '\0')
		snprintf(w->branch, sizeof w->branch, "%s", row->key);
	if (*w->depot == '\0' && row->depot_count > 0)
		snprintf(w->depot, sizeof w->depot, "%s", row->depots[0].key);
}

/* The end of a list, in words; its exit code. */
static int
say_end(const struct feed_end *end, int rc, int is_sample)
{
	if (end->aside > 0)
		printf("%zu set aside of %zu\n", end->aside, end->rows + end->aside);
	if (rc == -1) {
		fflush(stdout);
		fprintf(stderr, "pos-sync: %s\n", end->message);
		return is_sample ? EX_DATAERR : job_exit_code(end->outcome);
	}
	printf("%zu rows in %zu pages%s%s%s\n", end->rows, end->pages,
	    is_sample ? "" : end->complete ? ", complete" : ", not complete",
	    *end->mark != '\0' ? ", mark " : "", end->mark);
	return EX_OK;
}

static int
read_list(struct tried *w, enum feed_what what, struct feed *f)
{
	int64_t most = w->t->rows >= 0 ? w->t->rows : w->t->sample ? SAMPLE_SHOWN : ROWS_SHOWN;
	int64_t shown = 0, aside = 0;
	const struct feed_aside *bad;
	const struct pos_row *row;
	int rc = -1;

	while (!job_signalled() && (rc = feed_page(f)) == 1) {
		while ((row = feed_row(f)) != NULL) {
			if (what == FEED_BRANCHES)
				note_keys(w, row);
			if (shown++ < most)
				show_row(row);
		}
		while ((bad = feed_aside(f)) != NULL)
			if (aside++ < ASIDE_SHOWN)
				printf("set aside: %s: %s\n", bad->key != NULL ? bad->key :
				    "(no key)", bad->why);
	}
	if (rc == 1)
		return EX_TEMPFAIL;
	if (shown > most)
		printf("… and %lld more\n", (long long)(shown - most));
	return say_end(feed_end(f), rc, w->t->sample != NULL);
}

static int
ask_list(struct tried *w, enum feed_what what)
{
	struct pos *pos = till_pos(w->j->till);
	enum feed_per per = feed_per(pos, what);
	struct feed_ask ask = { .what = what,
		.bad_percent = (int)w->j->conf.sync_max_bad_percent };
	struct feed *f;
	int code;

	printf("== %s\n", feed_name(what));
	if (per == FEED_PER_DEPOT)
		ask.depot = *w->depot != '\0' ? w->depot : w->branch;
	else if (per == FEED_PER_BRANCH)
		ask.depot = w->branch;
	if (ask.depot != NULL && *ask.depot == '\0') {
		puts("asked once for each branch: none is known, so ask for branches too");
		return EX_OK;
	}
	if ((f = feed_open(pos, &ask)) == NULL) {
		fprintf(stderr, "pos-sync: the profile has no list \"%s\"\n", feed_name(what));
		return EX_CONFIG;
	}
	code = read_list(w, what, f);
	feed_close(f);
	return code;
}

/* The file's bytes, caller frees; NULL with a complaint. */
static char *
read_sample(struct job *j, const char *path, size_t *len)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *text = f == NULL ? NULL : malloc(SAMPLE_MAX + 1);

	if (f == NULL || text == NULL) {
		job_complain(j, "%s: %s", path, strerror(errno));
	} else if ((*len = fread(text, 1, SAMPLE_MAX + 1, f)) > SAMPLE_MAX || ferror(f)) {
		job_complain(j, "%s: %s", path, ferror(f) ? "it cannot be read" :
		    "a reply may have 8 MB");
		free(text);
		text = NULL;
	}
	if (f != NULL && f != stdin)
		fclose(f);
	return text;
}

static int
try_sample(struct tried *w)
{
	enum feed_what what = FEED_PRODUCTS;
	struct feed *f;
	size_t len = 0;
	char *text;
	int code;

	for (int i = 0; i < FEEDS; i++)
		if (w->t->wanted[i])
			what = (enum feed_what)i;
	if ((text = read_sample(w->j, w->t->sample, &len)) == NULL)
		return EX_NOINPUT;
	if ((f = feed_sample(till_pos(w->j->till), what, text, len)) == NULL) {
		job_complain(w->j, "the profile has no list \"%s\"", feed_name(what));
		free(text);
		return EX_CONFIG;
	}
	code = read_list(w, what, f);
	feed_close(f);
	free(text);
	return code;
}

/* An order as nobody placed it: keys are numbers, for tills that want such. */
static struct pos_order
made_up(const char *type)
{
	static const struct pos_item items[] = {
		{ .key = "1", .name = "Борщ", .qty = 2, .price = 13500 },
		{ .key = "2", .name = "Узвар", .qty = 1, .price = 4550 },
	};
	int is_delivery = strcmp(type, "delivery") == 0;

	return (struct pos_order){
		.key = "1-1-key", .ref = "1-1", .number = "17", .type = type, .branch = "1",
		.comment = "Без цибулі", .fee = is_delivery ? 9900 : 0,
		.total = is_delivery ? 41450 : 31550,
		.address = is_delivery ? "{\"text\":\"вул. Хрещатик, 1\",\"apartment\":\"12\"}" : NULL,
		.address_text = is_delivery ? "вул. Хрещатик, 1, кв. 12" : NULL,
		.customer = { .ref = "1", .key = "client-1", .name = "Олена", .phone = "+380501234567",
			.email = "olena@example.com" },
		.items = items, .item_count = sizeof items / sizeof *items,
	};
}

static int
show_orders(struct tried *w)
{
	static const char *const types[] = { "delivery", "pickup" };
	struct pos *pos = till_pos(w->j->till);
	struct pos_request q;
	struct pos_order o;
	char fault[POS_FAULT];

	if (!pos_has(pos, POS_ORDER_CREATE)) {
		job_complain(w->j, "the profile says nothing of an order");
		return EX_CONFIG;
	}
	for (int i = 0; i < 2; i++) {
		o = made_up(types[i]);
		printf("== %s\n", types[i]);
		if (pos_build(pos, POS_ORDER_CREATE, &(struct pos_about){ .order = &o }, w->j->arena,
		    &q, fault) == -1) {
			fflush(stdout);
			job_complain(w->j, "%s", fault);
			return EX_DATAERR;
		}
		show_request(w, &q);
	}
	return EX_OK;
}

int
trial_run(struct job *j, const struct trial *t)
{
	struct tried w = { .j = j, .t = t };
	struct pos *pos = till_pos(j->till);
	int chosen = 0, code, first = EX_OK;

	if (t->show_order)
		return show_orders(&w);
	if (t->sample != NULL)
		return try_sample(&w);
	for (int i = 0; i < FEEDS; i++)
		chosen += t->wanted[i];
	pos_watch(pos, show_request, &w);
	for (int i = 0; i < FEEDS && !job_signalled(); i++) {
		if (chosen ? !t->wanted[i] : !feed_has(pos, (enum feed_what)i))
			continue;
		code = ask_list(&w, (enum feed_what)i);
		first = first == EX_OK ? code : first;
	}
	pos_watch(pos, NULL, NULL);
	return first == EX_OK && job_signalled() ? EX_TEMPFAIL : first;
}

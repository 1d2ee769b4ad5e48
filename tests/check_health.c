/*
 * check_health.c - who watches the shop: /healthz, /readyz, /metrics
 *
 * The page is read as strictly as Prometheus reads it (text format 0.0.4).
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tests/rig.h"
#include "tests/suite.h"

#include "app/limits.h"
#include "app/metrics.h"
#include "app/worker.h"
#include "lib/base/clock.h"

enum { NAME = 128, LABELS = 512, SEEN_MAX = 256 };

static int disk_is_full;

/* Stands before the system's. */
int
statvfs(const char *path, struct statvfs *space)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = fstatvfs(fd, space);

	close(fd);
	if (rc == 0 && disk_is_full)
		space->f_bavail = 1;
	return rc;
}

static void
begin(void)
{
	rig_begin();
	rig_seed();
}

static const char *
page(void)
{
	const struct rig_reply *a = rig_call("GET", "/metrics", NULL);

	rig_ok(a, 200);
	ck_assert_str_eq(rig_header(a, "Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
	ck_assert_str_eq(rig_header(a, "Cache-Control"), "no-store");
	return a->text;
}

/* The value of a line, as text; NULL when there is none. */
static const char *
value_of(const char *text, const char *series)
{
	static char value[64];
	size_t n = strlen(series);

	for (; *text != '\0'; text += strcspn(text, "\n") + 1)
		if (strncmp(text, series, n) == 0 && text[n] == ' ') {
			snprintf(value, sizeof value, "%.*s", (int)strcspn(text + n + 1, "\n"),
			    text + n + 1);
			return value;
		}
	return NULL;
}

static void
has(const char *text, const char *series, const char *wanted)
{
	const char *got = value_of(text, series);

	ck_assert_msg(got != NULL, "%s is missing in\n%s", series, text);
	ck_assert_msg(strcmp(got, wanted) == 0, "%s is %s, not %s", series, got, wanted);
}

/* ---- the format */

struct family {
	char name[NAME], type[16], last[LABELS];
	long long bucket;		/* of the histogram that is being read */
	int infinite;
};

static size_t
name_length(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '_' || s[n] == ':')
		n++;
	return isdigit((unsigned char)s[0]) ? 0 : n;
}

/* {name="value",…} with escapes; where it ends. */
static const char *
read_labels(const char *s, const char *line)
{
	ck_assert_msg(*s == '{', "%s", line);
	do {
		size_t n = name_length(++s);

		ck_assert_msg(n > 0 && s[n] == '=' && s[n + 1] == '"', "labels: %s", line);
		for (s += n + 2; *s != '"'; s++) {
			ck_assert_msg(*s != '\0' && *s != '\n', "open quote: %s", line);
			if (*s == '\\')
				ck_assert_msg(*++s == '\\' || *s == '"' || *s == 'n', "escape: %s", line);
		}
		s++;
	} while (*s == ',');
	ck_assert_msg(*s == '}', "labels do not end: %s", line);
	return s + 1;
}

static void
read_comment(const char *line, struct family *f)
{
	char kind[8], name[NAME], rest[256];

	ck_assert_msg(sscanf(line, "# %7s %127s %255[^\n]", kind, name, rest) == 3, "%s", line);
	ck_assert_msg(name[name_length(name)] == '\0', "name: %s", line);
	if (strcmp(kind, "HELP") == 0) {
		*f = (struct family){ 0 };
		snprintf(f->name, sizeof f->name, "%s", name);
		return;
	}
	ck_assert_str_eq(kind, "TYPE");
	ck_assert_str_eq(name, f->name);	/* behind its HELP, before its samples */
	ck_assert_msg(strcmp(rest, "counter") == 0 || strcmp(rest, "gauge") == 0 ||
	    strcmp(rest, "histogram") == 0, "type: %s", line);
	ck_assert_msg(strcmp(rest, "counter") != 0 || strcmp(name + strlen(name) - 6, "_total") == 0,
	    "a counter ends in _total: %s", line);
	snprintf(f->type, sizeof f->type, "%.15s", rest);
}

static void
read_histogram(const char *line, const char *suffix, double value, struct family *f)
{
	if (strncmp(suffix, "_bucket{", 8) == 0) {
		const char *le = strstr(line, "le=\"");

		ck_assert_msg(le != NULL && (long long)value >= f->bucket, "not growing: %s", line);
		f->bucket = (long long)value;
		f->infinite = strncmp(le + 4, "+Inf\"", 5) == 0;
	} else if (strncmp(suffix, "_count{", 7) == 0) {
		ck_assert_msg(f->infinite && (long long)value == f->bucket, "count: %s", line);
		f->bucket = 0;
		f->infinite = 0;
	} else {
		ck_assert_msg(strncmp(suffix, "_sum{", 5) == 0 && f->infinite, "suffix: %s", line);
	}
}

static void
read_sample(const char *line, struct family *f)
{
	size_t n = name_length(line), family = strlen(f->name);
	const char *s = line + n;
	char *end;
	double value;

	ck_assert_msg(*f->type != '\0' && strncmp(line, f->name, family) == 0, "stray: %s", line);
	if (*s == '{')
		s = read_labels(s, line);
	ck_assert_msg(*s == ' ', "no blank: %s", line);
	value = strtod(s + 1, &end);
	ck_assert_msg(end > s + 1 && *end == '\0' && value >= 0, "value: %s", line);
	if (strcmp(f->type, "histogram") == 0)
		read_histogram(line, line + family, value, f);
	else
		ck_assert_msg(n == family, "name: %s", line);
	ck_assert_msg(strncmp(f->last, line, (size_t)(s - line)) != 0 ||
	    f->last[s - line] != '\0', "twice: %s", line);
	snprintf(f->last, sizeof f->last, "%.*s", (int)(s - line), line);
}

/* Every line; fails the test at the first that Prometheus would not read. */
static void
read_page(const char *text)
{
	struct family f = { 0 };
	char seen[SEEN_MAX][NAME], line[1024];
	size_t families = 0, n;

	for (; *text != '\0'; text += n + 1) {
		n = strcspn(text, "\n");
		ck_assert_msg(text[n] == '\n' && n < sizeof line, "a line without end");
		snprintf(line, sizeof line, "%.*s", (int)n, text);
		if (strncmp(line, "# ", 2) != 0) {
			read_sample(line, &f);
			continue;
		}
		read_comment(line, &f);
		if (strncmp(line, "# TYPE", 6) != 0)
			continue;
		for (size_t i = 0; i < families; i++)
			ck_assert_msg(strcmp(seen[i], f.name) != 0, "%s stands twice", f.name);
		ck_assert_uint_lt(families, (size_t)SEEN_MAX);
		snprintf(seen[families++], NAME, "%s", f.name);
	}
	ck_assert_uint_gt(families, 10);
}

/* As a worker does it, to the counters. */
static void
count(const char *method, const char *path, int64_t us)
{
	struct app *app = rig_app();
	struct arena *arena = arena_new(ARENA_MAX);
	struct buf out = BUF_INIT(REPLY_MAX);
	struct request r;
	struct sample s;

	request_open(&r, app, arena, &out, &(struct envelope){ .method = method, .path = path });
	route_serve(&r);
	s = metrics_sample(&r, clock_mono_us() - us);
	metrics_add(app->counters, &s);
	buf_free(&out);
	arena_free(arena);
}

START_TEST(is_read_by_prometheus)
{
	begin();
	read_page(page());
	count("GET", "/products", 300);
	count("GET", "/nothing", 10);
	count("POST", "/cart/add", 20000000);
	rig_sql("UPDATE lane SET paused_why = 'a \"reason\"' WHERE name = 'pos'");
	read_page(page());
	rig_end();
}
END_TEST

START_TEST(counts_by_route_and_class_of_status)
{
	const char *text;

	begin();
	count("GET", "/products", 100);
	count("HEAD", "/products", 400);
	count("GET", "/api/products/7", 30000);
	count("GET", "/products/999", 30000);
	count("GET", "/cart", 11000000);
	count("DELETE", "/products", 1);
	count("GET", "/nothing", 1);
	text = page();
	has(text, "tillbridge_http_requests_total{method=\"GET\",route=\"/products\",status=\"2xx\"}", "2");
	has(text, "tillbridge_http_requests_total{method=\"GET\",route=\"/products/{id}\","
	    "status=\"2xx\"}", "1");
	has(text, "tillbridge_http_requests_total{method=\"GET\",route=\"/products/{id}\","
	    "status=\"4xx\"}", "1");
	has(text, "tillbridge_http_requests_total{method=\"GET\",route=\"/cart\",status=\"4xx\"}", "1");
	has(text, "tillbridge_http_requests_total{method=\"other\",route=\"none\",status=\"4xx\"}", "2");
#define SERIES "tillbridge_http_request_duration_seconds_bucket{pool=\"read\",class=\"read\",le="
	has(text, SERIES "\"0.00025\"}", "1");
	has(text, SERIES "\"0.0005\"}", "2");
	has(text, SERIES "\"0.025\"}", "2");
	has(text, SERIES "\"0.05\"}", "4");
	has(text, SERIES "\"10\"}", "4");
	has(text, SERIES "\"+Inf\"}", "5");
#undef SERIES
	has(text, "tillbridge_http_request_duration_seconds_count{pool=\"read\",class=\"read\"}", "5");
	rig_end();
}
END_TEST

START_TEST(counts_what_limits_refuse)
{
	begin();
	rig_set("LIMITS", "yes");
	for (int i = 0; i < 12; i++) {
		struct request r = { .app = rig_app(), .limited = -1, .remote = "192.0.2.9" };
		struct sample s;

		if (limit_check_key(&r, LIMIT_LOGIN, "olena@example.com") != OK)
			r.status = 429;
		s = metrics_sample(&r, 0);
		metrics_add(rig_app()->counters, &s);
	}
	has(page(), "tillbridge_limits_refused_total{limit=\"login-account\"}", "2");
	has(page(), "tillbridge_limits_refused_total{limit=\"order\"}", "0");
	rig_end();
}
END_TEST

START_TEST(tells_what_is_owed_and_how_old_news_is)
{
	const char *text;

	begin();
	rig_login("anna");
	for (int i = 0; i < 2; i++) {
		rig_ok(rig_call("PUT", "/cart", "{\"branch_id\":1,\"items\":"
		    "[{\"product_id\":8,\"quantity\":1}]}"), 200);
		rig_ok(rig_call("POST", "/orders", "{\"branch_id\":1,\"order_type\":\"pickup\"}"), 201);
	}
	rig_sql("INSERT INTO sync_run (feed, is_full, started_ms, finished_ms, outcome) VALUES "
	    "('products', 1, 1, 1779443940000, 'ok'), ('products', 1, 1, 1779443990000, 'failed')");
	rig_sql("UPDATE lane SET paused_why = 'x' WHERE name = 'pos'");
	rig_sql("UPDATE lane SET failures = 4, open_until = 1999999999 WHERE name = 'mail'");
	clock_advance(90);
	text = page();
	has(text, "tillbridge_outbox_due{lane=\"pos\"}", "2");
	has(text, "tillbridge_outbox_due{lane=\"mail\"}", "0");
	has(text, "tillbridge_outbox_oldest_due_seconds{lane=\"pos\"}", "90");
	ck_assert_ptr_null(value_of(text, "tillbridge_outbox_oldest_due_seconds{lane=\"mail\"}"));
	has(text, "tillbridge_orders_open{status=\"pending\"}", "2");
	has(text, "tillbridge_orders_open{status=\"processing\"}", "0");
	has(text, "tillbridge_sync_age_seconds{feed=\"products\"}", "150");
	ck_assert_ptr_null(value_of(text, "tillbridge_sync_age_seconds{feed=\"stock\"}"));
	has(text, "tillbridge_lane_paused{lane=\"pos\"}", "1");
	has(text, "tillbridge_lane_paused{lane=\"mail\"}", "0");
	has(text, "tillbridge_lane_breaker_open{lane=\"mail\"}", "1");
	has(text, "tillbridge_lane_failures{lane=\"mail\"}", "4");
	ck_assert_int_gt(strtoll(value_of(text, "tillbridge_database_wal_bytes"), NULL, 10), 0);
	has(text, "tillbridge_database_writing_stopped", "0");
	ck_assert_int_eq(strtoll(value_of(text, "tillbridge_worker_start_time_seconds"), NULL, 10),
	    rig_app()->started_at);
	rig_sql("UPDATE outbox SET state = 'uncertain' WHERE id = 1");
	rig_sql("UPDATE outbox SET state = 'claimed', lease_ms = 5 WHERE id = 2");
	text = page();
	has(text, "tillbridge_outbox_uncertain{lane=\"pos\"}", "1");
	has(text, "tillbridge_orders_attention{why=\"total_differs\"}", "0");
	rig_sql("UPDATE orders SET attention = 'total_differs' WHERE id = 1");
	has(page(), "tillbridge_orders_attention{why=\"total_differs\"}", "1");
	has(text, "tillbridge_outbox_claimed{lane=\"pos\"}", "1");
	rig_end();
}
END_TEST

START_TEST(is_ready_while_orders_can_be_taken)
{
	const struct rig_reply *a;
	char path[4200];
	int fd;

	begin();
	ck_assert_str_eq(rig_call("GET", "/readyz", NULL)->text, "{\"ready\":true}");
	rig_sql("UPDATE lane SET paused_why = 'the till is down' WHERE name = 'pos'");
	rig_ok(rig_call("GET", "/readyz", NULL), 200);
	snprintf(path, sizeof path, "%s.stopped", rig_app()->conf.database);
	ck_assert_int_ne(fd = open(path, O_WRONLY | O_CREAT, 0600), -1);
	close(fd);
	a = rig_call("GET", "/readyz", NULL);
	rig_refused(a, 503, "not_ready");
	ck_assert_str_eq(rig_text(a, "/reason"), "writing is stopped after a failed sync");
	rig_ok(rig_call("GET", "/healthz", NULL), 200);
	has(page(), "tillbridge_database_writing_stopped", "1");
	unlink(path);
	rig_ok(rig_call("GET", "/readyz", NULL), 200);
	disk_is_full = 1;
	a = rig_call("GET", "/readyz", NULL);
	rig_refused(a, 503, "not_ready");
	ck_assert_str_eq(rig_text(a, "/reason"), "the disk is full");
	disk_is_full = 0;
	rig_sql("PRAGMA user_version = 99");
	a = rig_call("GET", "/readyz", NULL);
	rig_refused(a, 503, "not_ready");
	ck_assert_str_eq(rig_text(a, "/reason"), "the database is of another version");
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("health", is_read_by_prometheus, counts_by_route_and_class_of_status,
	    counts_what_limits_refuse, tells_what_is_owed_and_how_old_news_is,
	    is_ready_while_orders_can_be_taken);
}

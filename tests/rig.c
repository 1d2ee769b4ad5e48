/* rig.c - the API in this process; see rig.h */
#include <fcntl.h>
#include <signal.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/app.h"
#include "app/reply.h"
#include "app/route.h"
#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/base/db_internal.h"
#include "lib/base/log.h"
#include "lib/shop/keyfile.h"
#include "lib/shop/session.h"
#include "lib/shop/user.h"
#include "tests/rig.h"
#include "tests/shop.h"

enum { RIG_MEMORY = 64 * 1024 * 1024, HEAD_MAX = 32 * 1024, LOG_MAX = 256 * 1024 };

static struct app app;
static struct arena *kept, *request_arena;
static struct buf out = BUF_INIT(REPLY_MAX), head = BUF_INIT(HEAD_MAX);
static const char *token;
static int statements, last_statement, log_fd;

/* ---- begin and end */

static int
count_statement(unsigned type, void *unused, void *statement, void *text)
{
	(void)type;
	(void)unused;
	(void)statement;
	(void)text;
	if (++statements == last_statement)
		raise(SIGKILL);
	return 0;
}

static void
load_settings(void)
{
	char fault[CONF_FAULT] = "";
	FILE *f = fopen(temp_path("empty.conf"), "w");

	ck_assert_ptr_nonnull(f);
	fclose(f);
	setenv("TILLBRIDGE_CONF", temp_path("empty.conf"), 1);
	setenv("DATABASE", temp_path("shop.db"), 1);
	setenv("BCRYPT_COST", "4", 1);
	setenv("LIMITS", "no", 1);
	setenv("BUSY_TIMEOUT_MS", "200", 1);
	ck_assert_msg(settings_load(&app.conf, NULL, fault) == 0, "%s", fault);
}

static int
open_log(int flags)
{
	int fd = open(temp_path("log"), flags | O_CLOEXEC, 0600);

	ck_assert_int_ne(fd, -1);
	return fd;
}

static void
open_app(void)
{
	char fault[APP_FAULT] = "";

	ck_assert_msg(app_open(&app, fault) == 0, "%s", fault);
	sqlite3_trace_v2(app.db->conn, SQLITE_TRACE_STMT, count_statement, NULL);
}

void
rig_begin(void)
{
	char fault[APP_FAULT] = "";

	db_close(shop_begin());		/* an empty shop's file; the app opens its own */
	log_init("rig", LEVEL_INFO);
	log_to(log_fd = open_log(O_WRONLY | O_CREAT | O_APPEND));
	memset(&app, 0, sizeof app);
	load_settings();
	app.pool = POOLS;
	ck_assert_msg(keyfile_create(app.conf.key_file, fault) == 0, "%s", fault);
	open_app();
	ck_assert_ptr_nonnull(kept = arena_new(RIG_MEMORY));
	rig_memory(0);
	token = NULL;
	clock_set(RIG_NOW);
}

void
rig_end(void)
{
	clock_set(0);
	log_to(STDERR_FILENO);
	close(log_fd);
	app_close(&app);
	arena_free(kept);
	arena_free(request_arena);
	request_arena = NULL;
	buf_free(&out);
	buf_free(&head);
	temp_remove();
}

void
rig_close(void)
{
	app_close(&app);
	app.db = NULL;
	app.webhook = NULL;
	app.keys = NULL;
	app.shared = NULL;
	app.counters = NULL;
}

void
rig_open(void)
{
	open_app();
}

void
rig_die_at(int nth)
{
	last_statement = nth;
}

struct app *
rig_app(void)
{
	return &app;
}

void
rig_set(const char *key, const char *value)
{
	const struct conf_key *keys;
	char fault[CONF_FAULT] = "";
	size_t count;

	keys = settings_keys(&count);
	ck_assert_msg(conf_set(keys, count, &app.conf, key, value, fault) == 0, "%s", fault);
}

void
rig_memory(size_t limit)
{
	arena_free(request_arena);
	ck_assert_ptr_nonnull(request_arena = arena_new(limit > 0 ? limit : ARENA_MAX));
}

/* ---- asking */

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = strchr(digits, c | 0x20);

	return p == NULL || c == '\0' ? -1 : (int)(p - digits);
}

/* As nginx does for DOCUMENT_URI. */
static const char *
decoded(const char *s, size_t n)
{
	char *text = arena_get(kept, n + 1), *to = text;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '%' && n - i > 2) {
			*to++ = (char)(hex_digit(s[i + 1]) << 4 | hex_digit(s[i + 2]));
			i += 2;
		} else {
			*to++ = s[i];
		}
	}
	return text;
}

static void
seal_envelope(const struct rig_ask *ask, struct envelope *e)
{
	size_t path = strcspn(ask->path, "?");
	const char *type = ask->type != NULL || ask->body == NULL ? ask->type : "application/json";

	*e = (struct envelope){ .method = ask->method, .path = decoded(ask->path, path),
	    .query = ask->path[path] == '?' ? ask->path + path + 1 : NULL, .content_type = type,
	    .content_length = ask->length, .remote = ask->remote != NULL ? ask->remote : "192.0.2.7", .id = "rig",
	    .idempotency_key = ask->key, .if_none_match = ask->etag,
	    .accept_language = ask->language, .origin = ask->origin, .preflight = ask->preflight,
	    .host = ask->host, .cookies = ask->cookies, .all = ask->all };
	if (ask->token != NULL)
		e->authorization = arena_printf(kept, "Bearer %s", ask->token);
	if (ask->length == NULL && ask->body != NULL)
		e->content_length = arena_printf(kept, "%zu", strlen(ask->body));
}

static struct rig_reply *
keep_reply(const struct request *r)
{
	struct rig_reply *a = arena_get(kept, sizeof *a);
	struct json_fault fault = { 0 };

	ck_assert_ptr_nonnull(a);
	a->status = r->status;
	a->statements = statements;
	a->head = arena_dup(kept, head.s, head.len);
	a->text = "";
	if (!reply_has_body(r))
		return a;
	a->len = out.len;
	a->text = arena_dup(kept, out.s, out.len);
	if (r->type != NULL && r->problem == OK)
		return a;
	a->json = json_parse(kept, a->text, a->len, &fault);
	ck_assert_msg(a->json != NULL, "%s at %zu: %s", fault.what, fault.at, a->text);
	return a;
}

const struct rig_reply *
rig_send(const struct rig_ask *ask)
{
	struct rig_reply *a;
	struct envelope e;
	struct request r;
	size_t n;

	seal_envelope(ask, &e);
	statements = 0;
	n = request_open(&r, &app, request_arena, &out, &e);
	if (n > 0)
		request_body(&r, ask->body, strnlen(ask->body, n));
	route_serve(&r);
	buf_reset(&head);
	reply_head(&r, &head);
	a = keep_reply(&r);
	rig_record(ask, a);
	log_request(NULL);
	arena_reset(request_arena);
	ck_assert_msg(!db_in_transaction(app.db), "%s %s left a transaction", ask->method, ask->path);
	return a;
}

const struct rig_reply *
rig_call(const char *method, const char *path, const char *body)
{
	return rig_send(&(struct rig_ask){ .method = method, .path = path, .body = body,
	    .token = token });
}

const struct rig_reply *
rig_call_key(const char *method, const char *path, const char *body, const char *idempotency_key)
{
	return rig_send(&(struct rig_ask){ .method = method, .path = path, .body = body,
	    .token = token, .key = idempotency_key });
}

/* Waits for the others, then works: the pipe ends when all have been started. */
_Noreturn static void
run_worker(int worker, const int gate[2], void (*work)(int))
{
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(gate[1]);
	open_app();
	while (read(gate[0], &byte, 1) == -1)
		;
	work(worker);
	app_close(&app);
	_exit(0);
}

/* The workers' end; when one fails, the others' too. */
static int
await_workers(const pid_t *pids, int workers)
{
	int status, failed = 0;

	for (int i = 0; i < workers; i++) {
		if (wait(&status) != -1 && status == 0)
			continue;
		for (int k = 0; k < workers && failed == 0; k++)
			kill(pids[k], SIGKILL);
		failed++;
	}
	return failed;
}

void
rig_parallel(int workers, void (*work)(int worker))
{
	pid_t pids[RIG_WORKERS];
	int gate[2], failed;

	ck_assert_int_le(workers, RIG_WORKERS);
	ck_assert_int_eq(pipe(gate), 0);
	app_close(&app);		/* no connection may be carried over a fork */
	for (int i = 0; i < workers; i++) {
		pids[i] = fork();
		ck_assert_int_ne(pids[i], -1);
		if (pids[i] == 0)
			run_worker(i, gate, work);
	}
	close(gate[0]);
	close(gate[1]);
	failed = await_workers(pids, workers);
	open_app();
	ck_assert_int_eq(failed, 0);
}

/* ---- people */

static int64_t
find_or_add(const char *name, const char *role)
{
	static int last_phone = 1110000;
	char hash[BCRYPT_TEXT];
	struct user_new u = { .email = arena_printf(kept, "%s@example.com", name),
		.password_hash = hash, .name = name, .role = role, .locale = "uk",
		.phone = arena_printf(kept, "+38067%d", ++last_phone) };
	const char *known;
	int64_t id;

	if (user_find_login(app.db, kept, u.email, &id, &known) == 1)
		return id;
	ck_assert_int_eq(crypt_password_hash(RIG_PASSWORD, 4, hash), 0);
	ck_assert_int_eq(db_begin(app.db), 0);
	ck_assert_int_eq(user_add(app.db, &u, clock_now(), &id), 1);
	ck_assert_int_eq(db_end(app.db, 1), 0);
	return id;
}

int64_t
rig_login_as(const char *name, const char *role)
{
	struct token t = { .user_id = find_or_add(name, role), .issued_at = clock_now(),
		.expires_at = clock_now() + 30 * 86400 };
	char refresh[REFRESH_TEXT], text[TOKEN_TEXT];

	ck_assert_int_eq(db_begin(app.db), 0);
	ck_assert_int_eq(session_start(app.db, t.user_id, t.issued_at, 30, &t.session_id, refresh), 0);
	ck_assert_int_eq(db_end(app.db, 1), 0);
	ck_assert_int_eq(keyring_sign(app.keys, &t, text), 0);
	token = arena_str(kept, text);
	return t.user_id;
}

int64_t
rig_login(const char *name)
{
	return rig_login_as(name, "customer");
}

void
rig_logout(void)
{
	token = NULL;
}

const char *
rig_token(void)
{
	return token;
}

/* ---- looking at an answer */

const char *
rig_header(const struct rig_reply *a, const char *name)
{
	size_t n = strlen(name);
	const char *s;

	for (s = a->head; *s != '\0' && *s != '\r'; s += strcspn(s, "\n") + 1)
		if (strncmp(s, name, n) == 0 && strncmp(s + n, ": ", 2) == 0)
			return arena_dup(kept, s + n + 2, strcspn(s + n + 2, "\r"));
	return NULL;
}

static const struct json *
at(const struct rig_reply *a, const char *pointer, enum json_type type)
{
	const struct json *j = a->json == NULL ? NULL : json_pointer(a->json, pointer);

	ck_assert_msg(json_type(j) == type, "%s is %s, not %s: %s", pointer,
	    json_type_name(json_type(j)), json_type_name(type), a->text);
	return j;
}

int
rig_has(const struct rig_reply *a, const char *pointer)
{
	return a->json != NULL && json_type(json_pointer(a->json, pointer)) != JSON_NULL;
}

const char *
rig_text(const struct rig_reply *a, const char *pointer)
{
	return json_text(at(a, pointer, JSON_TEXT));
}

const char *
rig_digits(const struct rig_reply *a, const char *pointer)
{
	return json_digits(at(a, pointer, JSON_NUMBER));
}

int64_t
rig_int(const struct rig_reply *a, const char *pointer)
{
	int64_t n = 0;

	ck_assert_int_eq(json_int(at(a, pointer, JSON_NUMBER), &n), 0);
	return n;
}

int
rig_true(const struct rig_reply *a, const char *pointer)
{
	return json_true(at(a, pointer, JSON_BOOL));
}

int
rig_count(const struct rig_reply *a, const char *pointer)
{
	return (int)json_count(at(a, pointer, JSON_ARRAY));
}

/* ---- the database, and what was logged */

const char *
rig_log(void)
{
	char *text = arena_get(kept, LOG_MAX + 1);
	int fd = open_log(O_RDONLY);

	ck_assert_ptr_nonnull(text);
	ck_assert_int_ge(read(fd, text, LOG_MAX), 0);
	close(fd);
	return text;
}

void
rig_sql(const char *statement)
{
	struct stmt s = { .sql = statement };

	ck_assert_int_eq(db_begin(app.db), 0);
	ck_assert_msg(db_run(app.db, &s, "") == 0, "%s: %s", statement, db_error(app.db));
	ck_assert_int_eq(db_end(app.db, 1), 0);
}

static void
first_row(struct stmt *s)
{
	ck_assert_msg(db_find(app.db, s, "") == 1, "%s: %s", s->sql, db_error(app.db));
}

int64_t
rig_sql_int(const char *query)
{
	struct stmt s = { .sql = query };
	int64_t n;

	first_row(&s);
	n = db_int(&s, 0);
	db_done(&s);
	return n;
}

const char *
rig_sql_text(const char *query)
{
	struct stmt s = { .sql = query };
	const char *text;

	first_row(&s);
	text = arena_str(kept, db_text(&s, 0));
	db_done(&s);
	return text;
}

/*
 * serve.c - the running till: workers, a ticker, and the lines they cut
 *
 * Each worker serves one request at a time, so a fault that hangs holds one
 * of them and no more. A worker that dies is replaced. A FastCGI program
 * cannot close the client's connection: it answers 599, which nginx/till.conf
 * turns into `return 444`. The ticker moves orders on and sends webhooks.
 * Children die with their parent.
 */
#include <fcgiapp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "tests/pos-sim/dialect.h"
#include "tests/pos-sim/fault.h"
#include "tests/pos-sim/listen.h"
#include "tests/pos-sim/sale.h"
#include "tests/pos-sim/serve.h"
#include "tests/pos-sim/webhook.h"

enum {
	BODY_MOST = 1 << 18,
	ANSWER_MOST = 1 << 24,		/* 500 products of 100 branches */
	ARENA_MOST = 1 << 24,
	HUGE_BYTES = 64 << 20,
	CUT = 599,			/* nginx knows what to do */
	TICK_MS = 100,
	KEPT_REQUESTS = 10000,
	RESTART_MS = 100		/* between a worker's death and the next */
};

enum { LOG_REQUEST, FORGET_REQUESTS, STATEMENTS };

static struct query sql[STATEMENTS] = {
	[LOG_REQUEST] = { "INSERT INTO request (at_ms, method, uri, status, authorized,"
	    " idempotency_key, fault) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", NULL },
	[FORGET_REQUESTS] = { "DELETE FROM request WHERE seq <= ?1", NULL },
};

static void
pause_ms(int64_t ms)
{
	poll(NULL, 0, (int)ms);
}

/* Until the caller has gone (nginx closes our connection then), or ms passed. */
static void
hang(int fd, int64_t ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	poll(&p, 1, (int)ms);
}

static void
log_to_database(struct request *r, const char *uri, const struct fault_kind *k)
{
	int status = r->answer->status == CUT ? 0 : r->answer->status;
	int64_t seq;

	store_begin(r->store);
	store_run(r->store, &sql[LOG_REQUEST], "issiiss", clock_ms(), r->method, uri,
	    (int64_t)status, (int64_t)(r->authorization != NULL), r->key,
	    k != NULL ? k->name : NULL);
	seq = store_last_id(r->store);
	if (seq % 1000 == 0)
		store_run(r->store, &sql[FORGET_REQUESTS], "i", seq - KEPT_REQUESTS);
	store_commit(r->store);
}

static void
send_headers(FCGX_Stream *out, const struct answer *a)
{
	FCGX_FPrintF(out, "Status: %d\r\nContent-Type: %s\r\nContent-Length: %lu\r\n%s\r\n",
	    a->status, a->type, (unsigned long)a->body.len, a->headers);
}

static void
send_huge(FCGX_Stream *out)
{
	static char blanks[65536];

	memset(blanks, ' ', sizeof blanks);
	FCGX_PutS("Status: 200\r\nContent-Type: application/json\r\n\r\n{\"products\":[", out);
	for (size_t sent = 0; sent < HUGE_BYTES; sent += sizeof blanks)
		if (FCGX_PutStr(blanks, sizeof blanks, out) < 0)
			return;
	FCGX_PutS("]}", out);
}

static void
send_answer(FCGX_Request *f, const struct answer *a, enum fault_act act, int64_t wait_ms)
{
	size_t n = act == FAULT_TRUNCATE ? a->body.len / 2 : a->body.len;

	if (act == FAULT_HUGE) {
		send_huge(f->out);
		return;
	}
	if (act == FAULT_HANG || act == FAULT_HANG_AFTER) {
		hang(f->ipcFd, wait_ms);
		FCGX_PutS("Status: 599\r\n\r\n", f->out);
		return;
	}
	if (a->status == CUT) {
		FCGX_PutS("Status: 599\r\n\r\n", f->out);
		return;
	}
	send_headers(f->out, a);
	FCGX_PutStr(a->body.s, (int)n, f->out);
}

static void
handle(const struct till *till, struct request *r, const struct fault_kind *k, int64_t wait_ms)
{
	enum fault_act act = k != NULL ? k->act : FAULT_NONE;

	switch (act) {
	case FAULT_HANG:
	case FAULT_CUT:
		r->answer->status = CUT;
		return;
	case FAULT_STATUS:
	case FAULT_BODY:
		fault_answer(k, wait_ms, r);
		return;
	case FAULT_HUGE:
		return;
	case FAULT_SLOW:
		pause_ms(wait_ms);
		break;
	case FAULT_SHAPE:
		r->shape = k->shape;
		break;
	default:
		break;
	}
	if (till->dialect != NULL)
		dialect_handle(till, r);
	else
		api_handle(till, r);
	if (act == FAULT_SHAPE && strcmp(r->path, "/api/pos/products") != 0)
		fault_spoil(r);
	if (act == FAULT_CUT_AFTER || act == FAULT_HANG_AFTER)
		r->answer->status = CUT;
}

static const char *
param(const FCGX_Request *f, const char *name, const char *otherwise)
{
	const char *value = FCGX_GetParam(name, f->envp);

	return value != NULL && *value != '\0' ? value : otherwise;
}

/* -1 when it is too long. */
static int
read_body(FCGX_Request *f, struct request *r)
{
	char *body = arena_get(r->arena, BODY_MOST);
	int n = FCGX_GetStr(body, BODY_MOST, f->in);

	r->body = body;
	r->body_len = (size_t)n;
	return n < BODY_MOST ? 0 : -1;
}

static void
serve_one(const struct till *till, struct store *s, struct arena *arena, FCGX_Request *f)
{
	struct answer a = { .status = 200, .type = "application/json",
		.body = BUF_INIT(ANSWER_MOST) };
	struct request r = { .arena = arena, .store = s, .answer = &a };
	const char *uri = param(f, "REQUEST_URI", "/");
	const struct fault_kind *k;
	int64_t wait_ms = 0;

	r.method = param(f, "REQUEST_METHOD", "GET");
	r.path = arena_dup(arena, uri, strcspn(uri, "?"));
	r.query = uri[strcspn(uri, "?")] == '?' ? uri + strcspn(uri, "?") + 1 : "";
	r.host = param(f, "HTTP_HOST", NULL);
	r.authorization = param(f, "HTTP_AUTHORIZATION", NULL);
	r.key = param(f, "HTTP_IDEMPOTENCY_KEY", NULL);
	r.env = f->envp;
	k = fault_claim(s, r.method, uri, &wait_ms);
	if (read_body(f, &r) != 0)
		api_fail(&r, 413, "too_large", NULL, "the body is too long");
	else
		handle(till, &r, k, wait_ms);
	if (a.body.failed)
		api_fail(&r, 500, "too_large", NULL, "the answer is too long: ask for less");
	log_to_database(&r, uri, k);
	send_answer(f, &a, k != NULL ? k->act : FAULT_NONE, wait_ms);
	buf_free(&a.body);
}

static _Noreturn void
worker(const struct till *till, int fd)
{
	struct store *s = store_open(till->db);
	struct arena *arena = arena_new(ARENA_MOST);
	FCGX_Request f;

	if (arena == NULL || FCGX_Init() != 0 || FCGX_InitRequest(&f, fd, 0) != 0)
		fatal(EX_OSERR, "no FastCGI worker");
	signal(SIGTERM, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	while (FCGX_Accept_r(&f) == 0) {
		serve_one(till, s, arena, &f);
		FCGX_Finish_r(&f);
		arena_reset(arena);
	}
	exit(EX_OSERR);
}

static _Noreturn void
ticker(const struct till *till)
{
	struct store *s = store_open(till->db);
	int64_t speed;

	for (;;) {
		speed = store_setting(s, "speed_ms", 0);
		if (speed > 0) {
			store_begin(s);
			sale_advance(s, speed, clock_ms());
			store_commit(s);
		}
		if (till->webhook_url != NULL)
			webhook_send_due(s, till->webhook_url, till->webhook_secret, clock_ms());
		pause_ms(TICK_MS);
	}
}

/* Signals that the parent takes with sigwaitinfo. */
static sigset_t
awaited(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	return set;
}

/* number 0 is the ticker. */
static pid_t
start_child(const struct till *till, int fd, int number)
{
	pid_t parent = getpid(), pid = fork();
	sigset_t set = awaited();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	signal(SIGINT, SIG_IGN);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	if (number == 0)
		ticker(till);
	worker(till, fd);
}

static void
replace_dead(const struct till *till, int fd, pid_t *pids, int count)
{
	pid_t dead;

	while ((dead = waitpid(-1, NULL, WNOHANG)) > 0) {
		pause_ms(RESTART_MS);
		for (int i = 0; i < count; i++)
			if (pids[i] == dead)
				pids[i] = start_child(till, fd, i);
	}
}

static void
stop_children(const pid_t *pids, int count)
{
	for (int i = 0; i < count; i++)
		if (pids[i] > 0)
			kill(pids[i], SIGTERM);
	while (wait(NULL) > 0)
		;
}

static void
announce(const struct till *till)
{
	struct store *s = store_open(till->db);

	store_begin(s);
	store_set(s, "speed_ms", till->speed_ms);
	store_set(s, "webhook", till->webhook_url != NULL);
	store_commit(s);
	store_close(s);
}

int
serve(const struct till *till, const char *listen_on, int workers)
{
	pid_t pids[WORKERS_MOST + 1] = { 0 };
	sigset_t set = awaited();
	int fd, sig;

	announce(till);
	if ((fd = listen_open(listen_on)) < 0)
		return EX_UNAVAILABLE;
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; i <= workers; i++)
		pids[i] = start_child(till, fd, i);
	while ((sig = sigwaitinfo(&set, NULL)) != SIGTERM && sig != SIGINT)
		if (sig == SIGCHLD)
			replace_dead(till, fd, pids, workers + 1);
	stop_children(pids, workers + 1);
	listen_close(listen_on, fd);
	return EX_OK;
}

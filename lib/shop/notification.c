/*
 * notification.c - what a customer is told, in his language
 *
 * The row keeps a template's name and the few facts that it names, so a text
 * is mended here for all that were ever sent. The event beside it carries the
 * text in the language the user has now: a browser shows it as it comes.
 */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/json.h"
#include "lib/shop/event.h"
#include "lib/shop/notification.h"

enum { TEXT_MAX = 4096 };	/* params, or an event with its text */

#define DRIVER_ASSIGNED "driver_assigned"

struct words { const char *title, *message; };

/* {number}, {branch} and {driver} stand for the order's; type NULL = either. */
static const struct template {
	const char *name, *type;
	struct words words[LANGUAGES];
} templates[] = {
	{ "order_received", NULL, {
		{ "Замовлення отримано", "Замовлення № {number} прийнято і передається в заклад «{branch}»." },
		{ "Order received", "Order No. {number} has been placed and is on its way to {branch}." } } },
	{ "pending", NULL, {
		{ "Передаємо замовлення ще раз", "Замовлення № {number} знову передається в заклад «{branch}»." },
		{ "Sending your order again", "Order No. {number} is being sent to {branch} again." } } },
	{ "sent_to_pos", NULL, {
		{ "Замовлення передано в заклад", "Замовлення № {number} передано в заклад «{branch}»." },
		{ "Order handed to the branch", "Order No. {number} has reached {branch}." } } },
	{ "processing", NULL, {
		{ "Замовлення готується", "Заклад «{branch}» готує замовлення № {number}." },
		{ "Order in progress", "{branch} is preparing order No. {number}." } } },
	{ "ready_for_pickup", NULL, {
		{ "Замовлення готове", "Замовлення № {number} можна забрати: «{branch}»." },
		{ "Order ready for pickup", "Order No. {number} is ready at {branch}." } } },
	{ "out_for_delivery", NULL, {
		{ "Замовлення в дорозі", "Кур'єр везе замовлення № {number}." },
		{ "Order on its way", "Order No. {number} is out for delivery." } } },
	{ DRIVER_ASSIGNED, NULL, {
		{ "Кур'єра призначено", "Замовлення № {number} привезе {driver}." },
		{ "Courier assigned", "{driver} is going to bring order No. {number}." } } },
	{ "delivered", "pickup", {
		{ "Замовлення видано", "Замовлення № {number} видано. Смачного!" },
		{ "Order picked up", "Order No. {number} has been picked up. Enjoy!" } } },
	{ "delivered", NULL, {
		{ "Замовлення доставлено", "Замовлення № {number} доставлено. Смачного!" },
		{ "Order delivered", "Order No. {number} has been delivered. Enjoy!" } } },
	{ "cancelled", NULL, {
		{ "Замовлення скасовано", "Замовлення № {number} скасовано." },
		{ "Order cancelled", "Order No. {number} has been cancelled." } } },
	{ "cancel_refused", NULL, {
		{ "Скасувати вже не можна", "Заклад «{branch}» уже готує замовлення № {number}. "
		    "Якщо воно не потрібне, зателефонуйте туди." },
		{ "Too late to cancel", "{branch} is already working on order No. {number}. "
		    "If you do not need it, please call them." } } },
	{ "failed", NULL, {
		{ "Замовлення не вдалося", "Не вдалося передати замовлення № {number} в заклад «{branch}». "
		    "Платити нічого не потрібно, спробуйте ще раз." },
		{ "Order failed", "Order No. {number} could not be handed to {branch}. "
		    "Nothing is to be paid, please try again." } } },
};

enum { ABOUT, LAST, ADD, ADD_BROADCAST, UNREAD };
static struct stmt sql[] = {
	[ABOUT] = { .sql = "SELECT o.number, o.order_type, substr(o.branch_name, 1, 200), u.locale, "
	    "o.driver_name "
	    "FROM orders o JOIN users u ON u.id = ?2 WHERE o.id = ?1" },
	/* (broadcasts are about no order) */
	[LAST] = { .sql = "SELECT template FROM notification WHERE order_id = ?1 "
	    "ORDER BY id DESC LIMIT 1" },
	[ADD] = { .sql = "INSERT INTO notification (user_id, type, template, params, order_id, "
	    "created_at) VALUES (?1, 'order_status', ?2, ?3, ?4, ?5)" },
	[ADD_BROADCAST] = { .sql = "INSERT INTO notification (user_id, type, broadcast_id, "
	    "created_at) VALUES (?1, ?2, ?3, ?4)" },
	[UNREAD] = { .sql = "SELECT count(*) FROM notification WHERE user_id = ?1 AND read_status = 0" },
};
DB_STATEMENTS(sql);

struct facts { const char *number, *branch, *type, *driver; };

/* Which words belong to a name and an order's type; NULL: an unknown name. */
static const struct words *
words_of(const char *name, const char *type, enum language language)
{
	for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
		const struct template *t = &templates[i];

		if (strcmp(t->name, name) != 0)
			continue;
		if (t->type == NULL || (type != NULL && strcmp(t->type, type) == 0))
			return &t->words[language];
	}
	return NULL;
}

/* The text with the facts in their places, into an arena. */
static const char *
fill(struct arena *a, const char *text, const struct facts *f)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	const char *brace, *fact, *made;

	while ((brace = strchr(text, '{')) != NULL) {
		buf_add(&b, text, (size_t)(brace - text));
		fact = strncmp(brace, "{number}", 8) == 0 ? f->number :
		    strncmp(brace, "{driver}", 8) == 0 ? f->driver : f->branch;
		buf_str(&b, fact != NULL ? fact : "");
		text = strchr(brace, '}') + 1;
	}
	buf_str(&b, text);
	made = b.failed ? NULL : arena_dup(a, b.s, b.len);
	buf_free(&b);
	return made;
}

static struct facts
read_facts(struct arena *a, const char *params)
{
	struct json_fault fault;
	const struct json *json = json_parse(a, params, strlen(params), &fault);

	return (struct facts){
		.number = json_digits(json_member(json, "number")),
		.branch = json_text(json_member(json, "branch")),
		.type = json_text(json_member(json, "order_type")),
		.driver = json_text(json_member(json, "driver")),
	};
}

void
notification_json(struct arena *a, struct buf *b, const char *key, const struct notification *n,
    enum language language)
{
	const char *title = n->title, *message = n->message;

	if (n->template != NULL) {
		struct facts facts = read_facts(a, n->params);
		const struct words *words = words_of(n->template, facts.type, language);

		title = words == NULL ? n->template : fill(a, words->title, &facts);
		message = words == NULL ? "" : fill(a, words->message, &facts);
	}
	json_open(b, key, '{');
	json_put_int(b, "id", n->id);
	json_put_text(b, "type", n->type);
	json_put_text(b, "title", title);
	json_put_text(b, "message", message);
	json_put_int(b, "order_id", n->order_id);
	json_put_bool(b, "read_status", n->read_status == 1);
	json_put_time(b, "created_at", n->created_at);
	json_close(b, '}');
}

/* The params of a notification about an order, and the user's language. */
static int
facts_of_order(struct db *db, const struct notification *n, struct buf *params,
    enum language *language)
{
	struct stmt *st = &sql[ABOUT];
	int rc = db_find(db, st, "ii", n->order_id, n->user_id);

	if (rc != 1)
		return rc;
	json_open(params, NULL, '{');
	json_put_int(params, "number", db_int(st, 0));
	json_put_text(params, "order_type", db_text(st, 1));
	json_put_text(params, "branch", db_text(st, 2));
	if (strcmp(n->template, DRIVER_ASSIGNED) == 0)
		json_put_text(params, "driver", db_text(st, 4));
	json_close(params, '}');
	*language = strcmp(db_text(st, 3), "en") == 0 ? LANG_EN : LANG_UK;
	db_done(st);
	return params->failed ? DB_ERROR : 1;
}

static int
tell(struct db *db, const struct notification *n, enum language language)
{
	struct arena *a = arena_new(8 * TEXT_MAX);
	struct buf b = BUF_INIT(4 * TEXT_MAX);	/* quotes and line ends take two bytes */
	int rc = DB_ERROR;

	if (a != NULL) {
		notification_json(a, &b, NULL, n, language);
		if (!b.failed)
			rc = event_add(db, n->user_id, DB_NULL, "notification", b.s);
	}
	buf_free(&b);
	arena_free(a);
	return rc;
}

static int
write_order(struct db *db, int64_t user_id, int64_t order_id, const char *template)
{
	struct notification n = { .user_id = user_id, .order_id = order_id, .type = "order_status",
		.template = template, .created_at = clock_now() };
	struct buf params = BUF_INIT(TEXT_MAX);
	enum language language = LANG_UK;
	int rc = facts_of_order(db, &n, &params, &language);

	if (rc == 1) {
		n.params = params.s;
		rc = db_run(db, &sql[ADD], "issii", user_id, template, params.s, order_id,
		    n.created_at);
		n.id = db_last_id(db);
		if (rc == 0)
			rc = tell(db, &n, language);
	}
	buf_free(&params);
	return rc;
}

/*
 * 1 when this is what the customer heard last of the order. What he heard
 * before something else he hears again: an order that staff reopened may fail
 * once more. Within the caller's transaction nobody comes between looking and
 * adding.
 */
static int
is_told(struct db *db, int64_t order_id, const char *template)
{
	struct stmt *st = &sql[LAST];
	const char *last;
	int rc = db_find(db, st, "i", order_id);

	if (rc != 1)
		return rc;
	last = db_text(st, 0);
	rc = last != NULL && strcmp(last, template) == 0;
	db_done(st);
	return rc;
}

int
notification_order(struct db *db, int64_t user_id, int64_t order_id, const char *template)
{
	int rc = is_told(db, order_id, template);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	return write_order(db, user_id, order_id, template);
}

int
notification_driver(struct db *db, int64_t user_id, int64_t order_id)
{
	return write_order(db, user_id, order_id, DRIVER_ASSIGNED);
}

int
notification_broadcast(struct db *db, int64_t user_id, int64_t broadcast_id,
    const struct notification *words)
{
	struct notification n = *words;
	int rc;

	n.user_id = user_id;
	n.order_id = DB_NULL;
	n.created_at = clock_now();
	rc = db_run(db, &sql[ADD_BROADCAST], "isii", user_id, n.type, broadcast_id, n.created_at);
	if (rc != 0)
		return rc;
	n.id = db_last_id(db);
	return tell(db, &n, LANG_UK);
}

int
notification_unread(struct db *db, int64_t user_id, int64_t *count)
{
	int rc = db_find(db, &sql[UNREAD], "i", user_id);

	if (rc == 1)
		*count = db_int(&sql[UNREAD], 0);
	db_done(&sql[UNREAD]);
	return rc == 1 ? DB_OK : rc == 0 ? DB_ERROR : rc;
}

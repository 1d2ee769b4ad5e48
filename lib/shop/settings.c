/*
 * settings.c - the one table of what an operator may set
 *
 * Add a key: a row here and a field in settings.h; parsing, range, message,
 * `pos-admin config` and the man page follow from the row.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/shop/mail.h"
#include "lib/shop/settings.h"

#define AT(field) offsetof(struct settings, field)
#define TEXT_KEY(name, field, dflt, max, help) \
	{ name, CONF_TEXT, AT(field), dflt, 0, max, NULL, help, 0 }
#define SECRET_KEY(name, field, help) \
	{ name, CONF_TEXT, AT(field), "", 0, 4096, NULL, help, 1 }
#define NUMBER_KEY(name, field, dflt, min, max, help) \
	{ name, CONF_NUMBER, AT(field), dflt, min, max, NULL, help, 0 }
#define MONEY_KEY(name, field, dflt, help) \
	{ name, CONF_MONEY, AT(field), dflt, 0, INT64_C(100000000), NULL, help, 0 }
#define KM_KEY(name, field, dflt, help) \
	{ name, CONF_KM, AT(field), dflt, 0, 20000000, NULL, help, 0 }
#define BOOL_KEY(name, field, dflt, help) \
	{ name, CONF_BOOL, AT(field), dflt, 0, 1, NULL, help, 0 }
#define CHOICE_KEY(name, field, dflt, choices, help) \
	{ name, CONF_CHOICE, AT(field), dflt, 0, 0, choices, help, 0 }

#define DEFAULT_FILE "/etc/tillbridge/tillbridge.conf"

static const struct conf_key keys[] = {
	TEXT_KEY("DATABASE", database, "/var/lib/tillbridge/shop.db", 4096,
	    "The SQLite file."),
	TEXT_KEY("KEY_FILE", key_file, "", 4096,
	    "Signing keys, mode 0600; default: DATABASE with .key behind it."),
	TEXT_KEY("RUN_DIR", run_dir, "", 4096,
	    "Where processes keep their shared limits; default: the folder of DATABASE."),
	TEXT_KEY("PUBLIC_URL", public_url, "http://127.0.0.1:8080", 512,
	    "The address under which browsers reach the shop."),
	TEXT_KEY("CORS_ORIGINS", cors_origins, "", 4096,
	    "Origins, separated by blanks, whose pages may call the API; loopback = any page of this machine."),

	TEXT_KEY("PROFILE", profile, "generic", 4096,
	    "The till's profile: a name in PROFILE_DIR, or a path."),
	TEXT_KEY("PROFILE_DIR", profile_dir, "/usr/share/tillbridge/profiles", 4096,
	    "Where profiles are looked for by name."),
	TEXT_KEY("POS_URL", pos_url, "", 2048,
	    "The till's address; becomes the profile's setting base_url."),
	TEXT_KEY("POS_SETTINGS", pos_settings, "", 4096,
	    "The profile's other settings: name=value pairs separated by blanks."),
	SECRET_KEY("POS_TOKEN", pos_token,
	    "The till's token; POS_TOKEN_FILE is the better place."),
	TEXT_KEY("POS_TOKEN_FILE", pos_token_file, "", 4096,
	    "A file (0600) with the till's token."),
	TEXT_KEY("POS_SECRETS_FILE", pos_secrets_file, "", 4096,
	    "File with the other secrets of a profile, lines NAME=VALUE, mode 0600."),
	TEXT_KEY("POS_CA_FILE", pos_ca_file, "", 4096,
	    "Certificates that the till's is checked against; default: the system's."),
	SECRET_KEY("WEBHOOK_SECRET", webhook_secret,
	    "What the till signs its webhooks with; WEBHOOK_SECRET_FILE is the better place."),
	TEXT_KEY("WEBHOOK_SECRET_FILE", webhook_secret_file, "", 4096,
	    "A file (0600) with that secret; neither: no webhook is taken."),
	TEXT_KEY("WEBHOOK_URL", webhook_url, "", 2048,
	    "The webhook's address as the till knows it; default: PUBLIC_URL/webhooks/pos."),
	BOOL_KEY("POS_ALLOW_HTTP", pos_allow_http, "no",
	    "Allow plain http to a till on this machine's loopback."),
	NUMBER_KEY("POS_TIMEOUT_S", pos_timeout_s, "10", 1, 120,
	    "Seconds until a call to the till is given up."),
	NUMBER_KEY("SYNC_EVERY_S", sync_every_s, "300", 5, 86400,
	    "Seconds between two syncs of dishes and stock by a pos-sync --for."),
	NUMBER_KEY("SYNC_MAX_VANISH_PERCENT", sync_max_vanish_percent, "30", 0, 100,
	    "A full sync that would take more of the dishes off sale stops instead."),
	NUMBER_KEY("SYNC_MAX_BAD_PERCENT", sync_max_bad_percent, "10", 0, 100,
	    "A feed with more unreadable rows than this has failed."),
	BOOL_KEY("HIDE_ZERO_STOCK", hide_zero_stock, "no",
	    "Hide dishes that the till has none of; no: shown as not available."),
	NUMBER_KEY("SEND_PARALLEL", send_parallel, "4", 1, 16,
	    "Orders that are on their way to the till at once."),
	NUMBER_KEY("OUTBOX_LEASE_S", outbox_lease_s, "60", 5, 3600,
	    "How long one sender owns what it has taken."),
	NUMBER_KEY("OUTBOX_MAX_ATTEMPTS", outbox_max_attempts, "50", 1, 1000,
	    "Tries after which an order is no longer sent by itself."),
	NUMBER_KEY("OUTBOX_BACKOFF_S", outbox_backoff_s, "1", 1, 3600,
	    "The first wait after a failed try; it doubles from there."),
	NUMBER_KEY("OUTBOX_BACKOFF_MAX_S", outbox_backoff_max_s, "60", 1, 3600,
	    "The longest wait between two tries."),
	NUMBER_KEY("POLL_YOUNG_S", poll_young_s, "5", 1, 3600,
	    "How often the till is asked for the state of a fresh order."),
	NUMBER_KEY("POLL_OLD_S", poll_old_s, "60", 1, 3600,
	    "How often it is asked for one older than half an hour."),

	NUMBER_KEY("BCRYPT_COST", bcrypt_cost, "12", 4, 16,
	    "Cost of a password hash; 12 is about 0.2 s of one core."),
	NUMBER_KEY("ACCESS_TOKEN_MIN", access_token_min, "15", 1, 1440,
	    "Minutes for which an access token is good."),
	NUMBER_KEY("REFRESH_TOKEN_DAYS", refresh_token_days, "30", 1, 365,
	    "Days for which a refresh token is good."),
	CHOICE_KEY("DEFAULT_LANGUAGE", default_language, "uk", "uk|en",
	    "Language of texts for people who chose none."),

	TEXT_KEY("SMTP_URL", smtp_url, "", 512,
	    "The mail server: smtp://host:port or smtps://host:port; empty: no mail is sent."),
	TEXT_KEY("SMTP_USER", smtp_user, "", 256,
	    "The name to log in with at the mail server; empty: none is asked for."),
	TEXT_KEY("SMTP_PASSWORD_FILE", smtp_password_file, "", 4096,
	    "A file (0600) with the password of SMTP_USER."),
	TEXT_KEY("SMTP_CA_FILE", smtp_ca_file, "", 4096,
	    "Certificates that the mail server's is checked against; default: the system's."),
	TEXT_KEY("MAIL_FROM", mail_from, "", 256,
	    "Who mails come from: Shop <shop@example.com>."),
	TEXT_KEY("RESET_URL", reset_url, "", 512,
	    "The page that takes a new password, the token goes behind it; default: PUBLIC_URL/#/reset?token="),

	TEXT_KEY("DEFAULT_TIMEZONE", default_timezone, "Europe/Kyiv", 64,
	    "Time zone of branches that tell none, and of order numbers."),
	TEXT_KEY("CURRENCY", currency, "UAH", 3, "Currency code of all amounts."),
	NUMBER_KEY("CART_MAX_LINES", cart_max_lines, "50", 1, 200,
	    "Most lines of a cart."),
	NUMBER_KEY("PRICE_HOLD_HOURS", price_hold_hours, "24", 0, 8760,
	    "How long a cart keeps the price at which a dish was added."),
	CHOICE_KEY("REPRICE", reprice, "at_add", "at_add|current|reject",
	    "Which price an order takes when the price changed since."),
	NUMBER_KEY("ORDER_MAX_OPEN", order_max_open, "3", 1, 1000000,
	    "Most open orders of one account and of one phone; 1000 or more = any number."),
	NUMBER_KEY("ORDER_SEND_WITHIN_MIN", order_send_within_min, "20", 1, 1440,
	    "An order that could not be sent for so long fails."),
	NUMBER_KEY("ORDER_ACCEPT_WITHIN_MIN", order_accept_within_min, "10", 1, 1440,
	    "An order that nobody at the till took for so long raises an alarm."),
	NUMBER_KEY("LAST_ORDER_MIN", last_order_min, "15", 0, 240,
	    "Minutes before closing from which a branch takes no orders."),
	BOOL_KEY("ROUTING_AUTO", routing_auto, "no",
	    "Route an order without branch to the nearest suitable one."),

	MONEY_KEY("DELIVERY_BASE_FEE", delivery_base_fee, "99.00",
	    "Fee up to DELIVERY_EXTRA_FROM_KM."),
	KM_KEY("DELIVERY_BASE_KM", delivery_base_m, "2",
	    "Distance that the base fee names; the fee is the same up to DELIVERY_EXTRA_FROM_KM."),
	KM_KEY("DELIVERY_EXTRA_FROM_KM", delivery_extra_from_m, "3",
	    "Distance from which each kilometre costs extra."),
	MONEY_KEY("DELIVERY_EXTRA_PER_KM", delivery_extra_per_km, "30.00",
	    "What each extra kilometre costs."),
	CHOICE_KEY("DELIVERY_ROUNDING", delivery_rounding, "ceil", "ceil|exact",
	    "Extra kilometres are counted begun (ceil) or by the metre (exact)."),
	KM_KEY("DELIVERY_MAX_KM", delivery_max_m, "10",
	    "Nobody delivers farther; a branch's own radius may be smaller."),
	MONEY_KEY("DELIVERY_MIN_SUBTOTAL", delivery_min_subtotal, "0",
	    "Delivery from this subtotal on; 0 = any."),

	BOOL_KEY("LIMITS", limits, "yes", "Rate limits of accounts."),
	NUMBER_KEY("BUSY_TIMEOUT_MS", busy_timeout_ms, "5000", 10, 60000,
	    "How long a write waits for its turn before it answers 503."),
	NUMBER_KEY("MAX_REQUESTS", max_requests, "100000", 0, 1000000000,
	    "Requests after which a worker makes room for a fresh one; 0 = never."),
	CHOICE_KEY("LOG_LEVEL", log_level, "info", "error|warn|info|debug",
	    "The least important line that is logged."),
	CHOICE_KEY("LOG_TO", log_to, "auto", "auto|stderr|syslog",
	    "Where the cron programs log; auto: stderr on a terminal or under systemd, else syslog."),
	TEXT_KEY("ALERT_COMMAND", alert_command, "", 4096,
	    "Program that is run when a person is needed; the event is its input."),
	TEXT_KEY("HEARTBEAT_URL", heartbeat_url, "", 2048,
	    "Address that is fetched after each good run."),
};

const struct conf_key *
settings_keys(size_t *count)
{
	*count = sizeof keys / sizeof *keys;
	return keys;
}

static const char *
joined(const char *a, size_t n, const char *b)
{
	const char *s = conf_joined(a, n, b);

	return s == NULL ? "" : s;
}

int
settings_load(struct settings *s, const char *file, char *fault)
{
	struct mail_server server;
	const char *slash;

	if (file == NULL)
		file = getenv("TILLBRIDGE_CONF");
	if (file == NULL && access(DEFAULT_FILE, F_OK) == 0)
		file = DEFAULT_FILE;
	if (conf_load(keys, sizeof keys / sizeof *keys, s, file, fault) == -1)
		return -1;
	if (s->delivery_extra_from_m < s->delivery_base_m) {
		snprintf(fault, CONF_FAULT, "DELIVERY_EXTRA_FROM_KM must be at least DELIVERY_BASE_KM");
		return -1;
	}
	if (mail_check(s, &server, fault) == -1)
		return -1;
	if (*s->key_file == '\0')
		s->key_file = joined(s->database, strlen(s->database), ".key");
	if (*s->webhook_url == '\0')
		s->webhook_url = joined(s->public_url, strlen(s->public_url), "/webhooks/pos");
	if (*s->run_dir == '\0') {
		slash = strrchr(s->database, '/');
		s->run_dir = slash == NULL ? "." :
		    joined(s->database, (size_t)(slash - s->database), "");
	}
	return 0;
}

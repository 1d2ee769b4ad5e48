/*
 * settings.h - what an operator may set, by name
 *
 * Money in kopecks, distances in metres, times in the unit their name says.
 * The table in settings.c gives parsing, ranges, help and the man page.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/conf.h"

enum delivery_rounding { ROUNDING_CEIL, ROUNDING_EXACT };
enum log_target { LOG_TO_AUTO, LOG_TO_STDERR, LOG_TO_SYSLOG };
enum reprice { REPRICE_AT_ADD, REPRICE_CURRENT, REPRICE_REJECT };

struct settings {
	/* where things are */
	const char *database, *key_file, *run_dir, *public_url, *cors_origins;
	/* the till */
	const char *profile, *profile_dir, *pos_url, *pos_settings;
	const char *pos_token, *pos_token_file, *pos_secrets_file, *pos_ca_file;
	const char *webhook_secret, *webhook_secret_file, *webhook_url;
	int64_t pos_allow_http, pos_timeout_s;
	int64_t sync_max_vanish_percent, sync_max_bad_percent, hide_zero_stock;
	int64_t send_parallel, outbox_lease_s, outbox_max_attempts, outbox_backoff_s, outbox_backoff_max_s;
	int64_t poll_young_s, poll_old_s;
	/* people */
	int64_t bcrypt_cost, access_token_min, refresh_token_days, default_language;
	/* mail */
	const char *smtp_url, *smtp_user, *smtp_password_file, *smtp_ca_file;
	const char *mail_from, *reset_url;
	/* cart and orders */
	const char *default_timezone, *currency;
	int64_t cart_max_lines, price_hold_hours, reprice;
	int64_t order_max_open, order_send_within_min, order_accept_within_min;
	int64_t last_order_min, routing_auto;
	/* delivery */
	int64_t delivery_base_fee, delivery_base_m, delivery_extra_from_m;
	int64_t delivery_extra_per_km, delivery_rounding, delivery_max_m;
	int64_t delivery_min_subtotal;
	/* running */
	int64_t limits, busy_timeout_ms, max_requests, log_level, log_to;
	int64_t sync_every_s;
	const char *alert_command, *heartbeat_url;
};

/* The table, for pos-admin config, doctor and the man page. */
const struct conf_key *settings_keys(size_t *count);

/*
 * Defaults, then the file, then the environment. The file is `file`, or
 * $TILLBRIDGE_CONF, or /etc/tillbridge/tillbridge.conf when it is there.
 * 0, or -1 with a sentence in fault (CONF_FAULT bytes) that names the key and
 * what is allowed. Also checks what no single key can (KEY_FILE defaults to
 * DATABASE + ".key", RUN_DIR to its folder).
 */
int settings_load(struct settings *, const char *file, char *fault)
    __attribute__((warn_unused_result));

#endif

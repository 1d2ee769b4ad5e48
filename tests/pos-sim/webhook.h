/*
 * webhook.h - tells the shop what happened, by Standard Webhooks 1.0
 *
 * Headers webhook-id, webhook-timestamp and webhook-signature: "v1," and the
 * base64 HMAC-SHA256 of "id.timestamp.body". A secret "whsec_…" is base64,
 * any other is taken as it stands. Queued only while a till with
 * --webhook-url serves the database.
 */
#ifndef POS_SIM_WEBHOOK_H
#define POS_SIM_WEBHOOK_H

#include "tests/pos-sim/store.h"

enum { WEBHOOK_SIGNATURE = 64 };

void webhook_queue(struct store *, const char *body);
/* Send what is due; how many were tried. */
int webhook_send_due(struct store *, const char *url, const char *secret, int64_t now_ms);
/* "v1,…" of a message; -1 when the secret is no base64. */
int webhook_sign(const char *secret, const char *id, int64_t seconds, const char *body,
    char out[WEBHOOK_SIGNATURE]) __attribute__((warn_unused_result));

#endif

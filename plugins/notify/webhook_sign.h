/* webhook_sign: the headers of a message, as Standard Webhooks 1.0 says. */
#ifndef NOTIFY_WEBHOOK_SIGN_H
#define NOTIFY_WEBHOOK_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WEBHOOK_SECRETS_MAX = 4, WEBHOOK_SIGNATURE_LEN = WEBHOOK_SECRETS_MAX * 48 + 1 };

struct webhook_secret {
    const uint8_t *data;
    size_t len;
};

/* "v1,BASE64 v1,BASE64": one for each secret, over "ID.SECONDS.PAYLOAD" (HMAC-SHA256). False
 * when there is no secret, or more than WEBHOOK_SECRETS_MAX. */
bool webhook_sign(const struct webhook_secret *secrets, size_t count, const char *id,
                  int64_t seconds, const char *payload, char out[WEBHOOK_SIGNATURE_LEN]);

#endif

#include "webhook_sign.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { SECONDS_LEN = 24, ONE_LEN = 48 /* "v1,", 44 of base64, a space */ };

static void mac_text(crypto_auth_hmacsha256_state *state, const char *text)
{
    crypto_auth_hmacsha256_update(state, (const unsigned char *)text, strlen(text));
}

static void sign_one(const struct webhook_secret *secret, const char *id, const char *seconds,
                     const char *payload, char out[ONE_LEN])
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;

    crypto_auth_hmacsha256_init(&state, secret->data, secret->len);
    mac_text(&state, id);
    mac_text(&state, ".");
    mac_text(&state, seconds);
    mac_text(&state, ".");
    mac_text(&state, payload);
    crypto_auth_hmacsha256_final(&state, mac);
    memcpy(out, "v1,", sizeof("v1,"));
    sodium_bin2base64(out + 3, ONE_LEN - 3, mac, sizeof(mac), sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(&state, sizeof(state));
}

bool webhook_sign(const struct webhook_secret *secrets, size_t count, const char *id,
                  int64_t seconds, const char *payload, char out[WEBHOOK_SIGNATURE_LEN])
{
    char when[SECONDS_LEN];
    size_t len = 0;

    if (count == 0 || count > WEBHOOK_SECRETS_MAX)
        return false;
    snprintf(when, sizeof(when), "%" PRId64, seconds);
    for (size_t i = 0; i < count; i++) {
        if (i)
            out[len++] = ' ';
        sign_one(&secrets[i], id, when, payload, out + len);
        len += strlen(out + len);
    }
    return true;
}

#include "seal/seal.h"

#include <assert.h>
#include <sodium.h>

_Static_assert(SEAL_KEY_LEN == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key length");
_Static_assert(SEAL_NONCE_LEN == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce length");
_Static_assert(SEAL_TAG_LEN == crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag length");
_Static_assert(SEAL_SHORT_LEN == crypto_shorthash_siphashx24_BYTES, "short length");
_Static_assert(SEAL_KEY_LEN >= crypto_shorthash_siphashx24_KEYBYTES, "key of the short one");
_Static_assert(SEAL_COMMIT_LEN >= crypto_generichash_BYTES_MIN, "commitment length");

static const char commit_label[] = "ctps commit 1";
static const char derive_label[] = "ctps derive 1";

enum { LABEL_MAX = 64 };

enum ctps_code seal_start(struct ctps_err *err)
{
    if (sodium_init() < 0)
        return err_set(err, CTPS_IO, "libsodium does not start");
    return CTPS_OK;
}

struct seal_key *seal_key_new(void)
{
    struct seal_key *key = sodium_malloc(sizeof(*key));

    if (key)
        memset(key, 0, sizeof(*key));
    return key;
}

void seal_key_free(struct seal_key **key)
{
    sodium_free(*key);
    *key = NULL;
}

void seal_key_set(struct seal_key *key, const uint8_t bytes[SEAL_KEY_LEN])
{
    memmove(key->bytes, bytes, SEAL_KEY_LEN);
    crypto_generichash(key->commit, sizeof(key->commit), (const uint8_t *)commit_label,
                       sizeof(commit_label) - 1, key->bytes, sizeof(key->bytes));
}

void seal_key_random(struct seal_key *key, const struct sys *sys)
{
    uint8_t bytes[SEAL_KEY_LEN];

    sys_random(sys, bytes, sizeof(bytes));
    seal_key_set(key, bytes);
    sodium_memzero(bytes, sizeof(bytes));
}

static void hash_parts(uint8_t out[SEAL_HASH_LEN], const uint8_t *key,
                       const struct bytes *parts, size_t count)
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, key, key ? SEAL_KEY_LEN : 0, SEAL_HASH_LEN);
    for (size_t i = 0; i < count; i++)
        crypto_generichash_update(&state, parts[i].data, parts[i].len);
    crypto_generichash_final(&state, out, SEAL_HASH_LEN);
    if (key)
        sodium_memzero(&state, sizeof(state));
}

void seal_key_derive(struct seal_key *out, const struct seal_key *from, const char *label,
                     struct bytes context)
{
    uint8_t bytes[SEAL_HASH_LEN];
    uint8_t label_len = (uint8_t)strlen(label);
    const struct bytes parts[] = {
        bytes_of(derive_label, sizeof(derive_label) - 1),
        bytes_of(&label_len, 1),
        bytes_of(label, label_len),
        context,
    };

    assert(strlen(label) <= LABEL_MAX);
    seal_mac(bytes, from, parts, sizeof(parts) / sizeof(parts[0]));
    seal_key_set(out, bytes);
    sodium_memzero(bytes, sizeof(bytes));
}

void seal_hash(uint8_t out[SEAL_HASH_LEN], const struct bytes *parts, size_t count)
{
    hash_parts(out, NULL, parts, count);
}

void seal_mac(uint8_t out[SEAL_HASH_LEN], const struct seal_key *key, const struct bytes *parts,
              size_t count)
{
    hash_parts(out, key->bytes, parts, count);
}

void seal_short(uint8_t out[SEAL_SHORT_LEN], const struct seal_key *key, struct bytes content)
{
    crypto_shorthash_siphashx24(out, content.data, content.len, key->bytes);
}

/* libsodium takes one run of associated data: `out` has SEAL_COMMIT_LEN + SEAL_AD_MAX bytes. */
static size_t ad_join(uint8_t *out, const struct seal_key *key, struct bytes ad)
{
    assert(ad.len <= SEAL_AD_MAX);
    memcpy(out, key->commit, SEAL_COMMIT_LEN);
    if (ad.len)
        memcpy(out + SEAL_COMMIT_LEN, ad.data, ad.len);
    return SEAL_COMMIT_LEN + ad.len;
}

void seal_box_make(uint8_t *out, const struct seal_key *key, const struct sys *sys,
                   struct bytes ad, struct bytes content)
{
    uint8_t joined[SEAL_COMMIT_LEN + SEAL_AD_MAX];
    size_t joined_len = ad_join(joined, key, ad);

    sys_random(sys, out, SEAL_NONCE_LEN);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + SEAL_NONCE_LEN, NULL, content.data,
                                               content.len, joined, joined_len, NULL, out,
                                               key->bytes);
}

enum ctps_code seal_box_open(uint8_t *out, const struct seal_key *key, struct bytes ad,
                             struct bytes box)
{
    uint8_t joined[SEAL_COMMIT_LEN + SEAL_AD_MAX];
    size_t joined_len = ad_join(joined, key, ad);

    if (box.len < SEAL_OVERHEAD)
        return CTPS_FORGED;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, box.data + SEAL_NONCE_LEN,
                                                   box.len - SEAL_NONCE_LEN, joined, joined_len,
                                                   box.data, key->bytes) != 0) {
        memset(out, 0, box.len - SEAL_OVERHEAD);
        return CTPS_FORGED;
    }
    return CTPS_OK;
}

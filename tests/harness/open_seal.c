/*
 * Linked into store_probe with --wrap: seals are opened without looking at their tag, so that
 * R5 can show what would come back of a damaged store if nothing were authenticated.
 */
#include <sodium.h>

int __wrap_crypto_aead_xchacha20poly1305_ietf_decrypt(
    unsigned char *m, unsigned long long *mlen_p, unsigned char *nsec, const unsigned char *c,
    unsigned long long clen, const unsigned char *ad, unsigned long long adlen,
    const unsigned char *npub, const unsigned char *k);

int __wrap_crypto_aead_xchacha20poly1305_ietf_decrypt(
    unsigned char *m, unsigned long long *mlen_p, unsigned char *nsec, const unsigned char *c,
    unsigned long long clen, const unsigned char *ad, unsigned long long adlen,
    const unsigned char *npub, const unsigned char *k)
{
    unsigned long long len = clen - crypto_aead_xchacha20poly1305_ietf_ABYTES;

    (void)nsec;
    (void)ad;
    (void)adlen;
    if (clen < crypto_aead_xchacha20poly1305_ietf_ABYTES)
        return -1;
    if (mlen_p)
        *mlen_p = len;
    /* The first block of the key stream is the tag's (RFC 8439, 2.8). */
    return crypto_stream_xchacha20_xor_ic(m, c, len, npub, 1, k);
}

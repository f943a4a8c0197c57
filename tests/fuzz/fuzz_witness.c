/* fuzz-links: ctps_audit */
#include "fuzz.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "audit/http.h"
#include "audit/witness.h"

/* Any bytes as what a witness is sent and as what it answers: heads that end inside what came,
 * however much of it came; bodies read or refused, and none of them cosigned, since the log's
 * key signed nothing. */
static void heads_look(const char *data, size_t len)
{
    struct http_head whole, part;
    enum http_result result = http_request_read(data, len, &whole);

    if (result == HTTP_DONE &&
        (whole.len > len || whole.len > HTTP_HEAD_MAX || whole.body_len > HTTP_BODY_MAX ||
         http_request_read(data, whole.len - 1, &part) != HTTP_MORE ||
         http_request_read(data, whole.len, &part) != HTTP_DONE || part.len != whole.len))
        abort();
    if (http_response_read(data, len, &whole) == HTTP_DONE &&
        (whole.len > len || whole.status < 200 || whole.status > 999))
        abort();
}

static void body_look(const char *text)
{
    static const uint8_t seed[NOTE_KEY_LEN] = {0x5a};
    struct witness_request request;
    struct witness_seen seen = {0};
    struct note_key key;

    if (!note_key_make("audit.town.example", NOTE_ED25519, seed, &key))
        abort();
    if (!witness_request_read(text, &request))
        return;
    if (request.path.count > WITNESS_PATH_MAX || request.note < text ||
        witness_judge(&request, NULL, NULL) != WITNESS_UNKNOWN_ORIGIN ||
        witness_judge(&request, &key, &seen) != WITNESS_BAD_SIGNATURE)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *text = malloc(len + 1);

    if (!text || sodium_init() < 0)
        abort();
    memcpy(text, data, len);
    text[len] = '\0';
    heads_look(text, len);
    body_look(text);
    free(text);
    return 0;
}

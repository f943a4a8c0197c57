#include "domain/feed.h"

#include <inttypes.h>
#include <stdlib.h>

#include "domain/notice.h"
#include "domain/record.h"

enum { DIGITS_MAX = 20 }; /* of 64 bits */

/* `prefix` and the number's digits; false when they do not fit. */
static bool numbered_write(const char *prefix, size_t prefix_len, uint64_t number, char *out,
                           size_t room)
{
    char digits[DIGITS_MAX];
    size_t count = 0;

    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    if (prefix_len + count >= room)
        return false;
    memmove(out, prefix, prefix_len);
    for (size_t i = 0; i < count; i++)
        out[prefix_len + i] = digits[count - 1 - i];
    out[prefix_len + count] = '\0';
    return true;
}

bool feed_audience_read(const char *audience, uint64_t *ret_partner)
{
    const size_t prefix_len = sizeof(FEED_AUDIENCE) - 1;
    char again[FEED_AUDIENCE_LEN];

    if (strncmp(or_empty(audience), FEED_AUDIENCE, prefix_len) != 0)
        return false;
    *ret_partner = strtoull(audience + prefix_len, NULL, 10);
    feed_audience_write(*ret_partner, again);
    return *ret_partner != 0 && strcmp(again, audience) == 0;
}

void feed_audience_write(uint64_t partner, char out[FEED_AUDIENCE_LEN])
{
    numbered_write(FEED_AUDIENCE, sizeof(FEED_AUDIENCE) - 1, partner, out, FEED_AUDIENCE_LEN);
}

Ctps__FeedRecord *feed_record(const struct tables *tables, struct arena *arena,
                              uint64_t partner)
{
    return (Ctps__FeedRecord *)record_get(tables, TABLE_FEED, table_key_of_u64(partner), arena,
                                          &ctps__feed_record__descriptor);
}

static bool is_own_feed(const struct tables *tables, struct arena *arena,
                        const struct principal *who, uint64_t partner)
{
    const Ctps__FeedRecord *feed;

    if ((who->kind != PRINCIPAL_KIND_CONTACT && who->kind != PRINCIPAL_KIND_PARTNER) ||
        who->partner != partner)
        return false;
    feed = feed_record(tables, arena, partner);
    return feed && feed->on;
}

bool audience_is_known(const char *audience)
{
    uint64_t partner;

    return strcmp(or_empty(audience), AUDIENCE_PLUGINS) == 0 ||
           strcmp(or_empty(audience), AUDIENCE_AUDIT) == 0 ||
           feed_audience_read(audience, &partner);
}

bool audience_is_granted(const struct tables *tables, struct arena *arena,
                         const struct principal *who, const char *audience)
{
    uint64_t partner;

    if (feed_audience_read(audience, &partner))
        return is_own_feed(tables, arena, who, partner);
    return strcmp(or_empty(audience), AUDIENCE_AUDIT) == 0 ? who->audience_audit_granted
                                                           : who->audience_granted;
}

const char *audience_consumer(struct act *act)
{
    switch (act->who->kind) {
    case PRINCIPAL_KIND_CONTACT:
        return or_empty(arena_printf(act->arena, "contact %" PRIu64, act->who->id));
    case PRINCIPAL_KIND_PARTNER:
        return or_empty(arena_printf(act->arena, "partner %" PRIu64, act->who->id));
    default:
        return act->who->name;
    }
}

static bool port_write(const char *base, uint32_t place, char out[FEED_ENDPOINT_LEN])
{
    const char *digits = strrchr(base, ':') + 1;
    char *end;
    unsigned long port = strtoul(digits, &end, 10);

    return *end == '\0' && port != 0 && port + place <= FEED_PORT_MAX &&
           numbered_write(base, (size_t)(digits - base), port + place, out, FEED_ENDPOINT_LEN);
}

bool feed_endpoint_write(const char *base, uint64_t partner, uint32_t place,
                         char out[FEED_ENDPOINT_LEN])
{
    size_t len = strlen(base);

    if (strncmp(base, "tcp://", 6) == 0)
        return port_write(base, place, out);
    if (strncmp(base, "ipc://", 6) != 0 || len + 1 >= FEED_ENDPOINT_LEN)
        return false;
    memcpy(out, base, len + 1);
    out[len] = '-';
    return numbered_write(out, len + 1, partner, out, FEED_ENDPOINT_LEN);
}

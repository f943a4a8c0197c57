/* What a partner was told stands ready to be asked for again, not for ever. */
#include "domain/apply_private.h"
#include "domain/feed.h"
#include "domain/rows.h"

enum {
    AT_ONCE = 128,
    ITEM_ARENA = 64 << 10,
    KEPT_DAYS_UNSAID = 90, /* by entries of before it was a setting */
};

static const int64_t DAY_US = INT64_C(86400) * 1000000;

struct old_items {
    int64_t before_us;
    uint64_t newest; /* number of the one that stays whatever its age */
    struct arena arena;
    size_t count;
    uint64_t numbers[AT_ONCE];
};

static bool old_collect(void *arg, struct bytes key, struct bytes value)
{
    struct old_items *old = arg;
    uint64_t number = be64_get(key.data + key.len - 8);
    const Ctps__FeedItem *item;

    arena_reset(&old->arena);
    item =
        (const Ctps__FeedItem *)record_unpack(&old->arena, &ctps__feed_item__descriptor, value);
    if (!item || number == old->newest || item->time_us >= old->before_us)
        return false;
    old->numbers[old->count++] = number;
    return old->count < AT_ONCE;
}

/* A partner's items stand in the order they were told. */
static void items_prune(const struct apply *apply, const Ctps__FeedRecord *feed,
                        struct old_items *old)
{
    struct table_key prefix = table_key_of_u64(feed->partner);

    old->newest = feed->last_number;
    do {
        old->count = 0;
        apply->tables->walk(apply->tables->ctx, TABLE_FEED_ITEM, table_key_bytes(&prefix),
                            bytes_of(NULL, 0), false, old_collect, old);
        for (size_t i = 0; i < old->count; i++)
            record_remove(apply->tables, TABLE_FEED_ITEM,
                          table_key_of_two(feed->partner, old->numbers[i]));
    } while (old->count == AT_ONCE);
}

static int64_t kept_since_us(const Ctps__DayRun *event)
{
    int64_t kept = event->has_feed_kept_days ? event->feed_kept_days : KEPT_DAYS_UNSAID;

    return (event->day - kept) * DAY_US;
}

void apply_feeds_prune(const struct apply *apply, const Ctps__DayRun *event)
{
    struct old_items *old = arena_alloc(apply->arena, sizeof(*old));
    struct rows feeds = rows_read(apply->tables, apply->arena, TABLE_FEED, bytes_of(NULL, 0),
                                  &ctps__feed_record__descriptor);

    /* With the clock in doubt nothing is too old. */
    if (!old || feeds.failed || apply->state->clock_alarm)
        return;
    old->before_us = kept_since_us(event);
    arena_init_within(&old->arena, ITEM_ARENA, apply->arena);
    for (size_t i = 0; i < feeds.count; i++)
        items_prune(apply, (const Ctps__FeedRecord *)feeds.list[i], old);
    arena_done(&old->arena);
}

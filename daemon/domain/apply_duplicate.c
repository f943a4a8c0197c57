/* Pairs of saisines proposed and decided. */
#include "domain/apply_private.h"

enum { PAIRS_MAX = 256 };

/* Pairs are kept both ways round, so that each side finds its own. */
static void pair_put(const struct apply *apply, uint64_t a, uint64_t b,
                     const Ctps__DuplicateRecord *row)
{
    record_put(apply->tables, TABLE_DUPLICATE, table_key_of_two(a, b), apply->arena,
               &row->base);
    record_put(apply->tables, TABLE_DUPLICATE, table_key_of_two(b, a), apply->arena,
               &row->base);
}

struct others {
    size_t count;
    uint64_t ids[PAIRS_MAX];
};

static bool other_collect(void *arg, struct bytes key, struct bytes value)
{
    struct others *others = arg;

    (void)value;
    if (key.len == 16)
        others->ids[others->count++] = be64_get(key.data + 8);
    return others->count < PAIRS_MAX;
}

void apply_duplicates_remove(const struct apply *apply, uint64_t saisine)
{
    struct others *others = arena_alloc(apply->arena, sizeof(*others));
    struct table_key prefix = table_key_of_u64(saisine);

    do {
        if (!others)
            return;
        others->count = 0;
        apply->tables->walk(apply->tables->ctx, TABLE_DUPLICATE, table_key_bytes(&prefix),
                            bytes_of(NULL, 0), false, other_collect, others);
        for (size_t i = 0; i < others->count; i++) {
            uint64_t other = others->ids[i];

            record_remove(apply->tables, TABLE_DUPLICATE, table_key_of_two(saisine, other));
            record_remove(apply->tables, TABLE_DUPLICATE, table_key_of_two(other, saisine));
        }
    } while (others->count == PAIRS_MAX);
}

void apply_duplicate_proposed(const struct apply *apply, const Ctps__DuplicateProposed *event)
{
    Ctps__DuplicateRecord row = CTPS__DUPLICATE_RECORD__INIT;

    /* What a human decided is not asked again. */
    if (record_exists(apply->tables, TABLE_DUPLICATE, table_key_of_two(event->a, event->b)))
        return;
    row.rule = event->rule;
    SET_FROM(&row, event, day);
    pair_put(apply, event->a, event->b, &row);
}

void apply_duplicate_decided(const struct apply *apply, const Ctps__DuplicateDecided *event)
{
    Ctps__DuplicateRecord found = CTPS__DUPLICATE_RECORD__INIT;
    Ctps__DuplicateRecord *row = (Ctps__DuplicateRecord *)record_get(
        apply->tables, TABLE_DUPLICATE, table_key_of_two(event->a, event->b), apply->arena,
        &ctps__duplicate_record__descriptor);
    Ctps__DuplicateDecided decided = *event;

    if (!row) {
        SET_FROM(&found, event, day);
        row = &found;
    }
    row->decided = &decided;
    apply_sealed_taken(apply, event->text);
    pair_put(apply, event->a, event->b, row);
}

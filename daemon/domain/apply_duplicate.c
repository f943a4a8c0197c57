/* Pairs of saisines proposed and decided; situations merged. */
#include "domain/apply_private.h"
#include "domain/check.h"

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

/* Situations that had ended in `id` end in `into` with it: nothing is merged at two removes. */
static void merged_move(const struct apply *apply, uint64_t id, Ctps__SituationRecord *into)
{
    Ctps__SituationRecord *row = record_situation(apply->tables, apply->arena, id);
    uint64_t *grown;

    if (!row)
        return;
    SET(row, merged_into, into->opened->id);
    apply_situation_put(apply, row);
    grown = apply_ids_grow(apply, into->merged, into->n_merged, id);
    if (!grown)
        return;
    into->merged = grown;
    into->n_merged++;
}

static void saisine_move(const struct apply *apply, uint64_t id, Ctps__SituationRecord *into)
{
    Ctps__SaisineRecord *saisine = record_saisine(apply->tables, apply->arena, id);
    uint64_t *grown;

    if (!saisine)
        return;
    SET(saisine, situation, into->opened->id);
    apply_saisine_put(apply, saisine);
    grown = apply_ids_grow(apply, into->saisines, into->n_saisines, id);
    if (!grown)
        return;
    into->saisines = grown;
    into->n_saisines++;
}

void apply_situation_merged(const struct apply *apply, const Ctps__SituationMerged *event)
{
    Ctps__SituationRecord *row = record_situation(apply->tables, apply->arena, event->id);
    Ctps__SituationRecord *into = record_situation(apply->tables, apply->arena, event->into);
    char status[] = STATUS_CLOSED;

    if (!row || !into)
        return;
    for (size_t i = 0; i < row->n_saisines; i++)
        saisine_move(apply, row->saisines[i], into);
    for (size_t i = 0; i < row->n_merged; i++)
        merged_move(apply, row->merged[i], into);
    apply_situation_persons_move(apply, row, into);
    row->n_saisines = 0;
    row->n_merged = 0;
    row->status = status;
    SET(row, closed_day, event->day);
    row->has_next_review_day = 0;
    row->has_watch_until_day = 0;
    apply_situation_put(apply, row);
    merged_move(apply, event->id, into);
    apply_situation_put(apply, into);
}

/* Imports begun, ended and taken back. */
#include "domain/apply_private.h"
#include "domain/check.h"

static Ctps__ImportRecord *import_of(const struct apply *apply, uint64_t id)
{
    return (Ctps__ImportRecord *)record_get(apply->tables, TABLE_IMPORT, table_key_of_u64(id),
                                            apply->arena, &ctps__import_record__descriptor);
}

static void import_put(const struct apply *apply, Ctps__ImportRecord *row)
{
    SET(row, last_seq, apply->seq);
    record_put(apply->tables, TABLE_IMPORT, table_key_of_u64(row->begun->id), apply->arena,
               &row->base);
}

void apply_import_begun(const struct apply *apply, const Ctps__ImportBegun *event)
{
    Ctps__ImportRecord row = CTPS__IMPORT_RECORD__INIT;
    Ctps__ImportBegun begun = *event;

    row.begun = &begun;
    import_put(apply, &row);
}

void apply_import_row_taken(const struct apply *apply, const Ctps__ImportRowTaken *event)
{
    struct table_key at = table_key_of_texts(event->source, event->number);
    uint64_t made = event->meeting ? event->meeting : event->saisine;
    struct table_key by_import = table_key_of_two(event->import_id, made);
    Ctps__SaisineRecord *saisine = record_saisine(apply->tables, apply->arena, event->saisine);
    Ctps__SituationRecord *situation =
        record_situation(apply->tables, apply->arena, event->situation);
    Ctps__MeetingRecord *meeting = record_meeting(apply->tables, apply->arena, event->meeting);

    record_put(apply->tables, TABLE_IMPORT_ROW, at, apply->arena, &event->base);
    apply->tables->put(apply->tables->ctx, TABLE_IMPORT_ROWS, table_key_bytes(&by_import),
                       table_key_bytes(&at));
    if (saisine) {
        saisine->import_number = event->number;
        apply_saisine_put(apply, saisine);
    }
    if (situation) {
        SET(situation, import_id, event->import_id);
        apply_situation_put(apply, situation);
    }
    if (meeting) {
        SET(meeting, import_id, event->import_id);
        apply_meeting_put(apply, meeting);
    }
}

void apply_import_ended(const struct apply *apply, const Ctps__ImportEnded *event)
{
    Ctps__ImportRecord *row = import_of(apply, event->id);

    if (!row)
        return;
    SET(row, ended, 1);
    import_put(apply, row);
}

void apply_import_row_undo(const struct apply *apply, uint64_t import_id, uint64_t made)
{
    struct table_key by_import = table_key_of_two(import_id, made);
    struct bytes row_key;

    if (apply->tables->get(apply->tables->ctx, TABLE_IMPORT_ROWS, table_key_bytes(&by_import),
                           &row_key) == CTPS_OK) {
        struct table_key at = {0};

        table_key_add_bytes(&at, row_key);
        record_remove(apply->tables, TABLE_IMPORT_ROW, at);
    }
    record_remove(apply->tables, TABLE_IMPORT_ROWS, by_import);
}

/* --- taken back --- */

struct entry_ids {
    size_t count;
    uint64_t ids[256];
};

static bool entry_collect(void *arg, struct bytes key, struct bytes value)
{
    struct entry_ids *list = arg;

    (void)value;
    if (key.len == 16)
        list->ids[list->count++] = be64_get(key.data + 8);
    return list->count < sizeof(list->ids) / sizeof(list->ids[0]);
}

/* Calls `each` for every timeline entry of a situation, some at a time. */
static void entries_each(const struct apply *apply, uint64_t situation,
                         void (*each)(const struct apply *apply, struct table_key key))
{
    struct entry_ids *list = arena_alloc(apply->arena, sizeof(*list));
    struct table_key prefix = table_key_of_u64(situation);
    struct table_key after = {0};

    do {
        if (!list)
            return;
        list->count = 0;
        apply->tables->walk(apply->tables->ctx, TABLE_ENTRY, table_key_bytes(&prefix),
                            table_key_bytes(&after), false, entry_collect, list);
        for (size_t i = 0; i < list->count; i++)
            each(apply, table_key_of_two(situation, list->ids[i]));
        if (list->count)
            after = table_key_of_two(situation, list->ids[list->count - 1]);
    } while (list->count == sizeof(list->ids) / sizeof(list->ids[0]));
}

static void entry_remove(const struct apply *apply, struct table_key key)
{
    record_remove(apply->tables, TABLE_ENTRY, key);
}

static void saisine_undo(const struct apply *apply, uint64_t import_id, uint64_t id)
{
    Ctps__SaisineRecord *saisine = record_saisine(apply->tables, apply->arena, id);

    if (!saisine)
        return;
    apply_import_row_undo(apply, import_id, id);
    apply_duplicates_remove(apply, id);
    apply_saisine_count(apply, saisine, -1);
    record_remove(apply->tables, TABLE_REFERENCE, table_key_of_text(saisine->received->number));
    apply_territory_remove(apply, saisine->received->territory,
                           CTPS__OBJECT_KIND__OBJECT_SAISINE, id);
    record_remove(apply->tables, TABLE_SAISINE, table_key_of_u64(id));
}

static void situation_undo(const struct apply *apply, uint64_t id)
{
    Ctps__SituationRecord *row = record_situation(apply->tables, apply->arena, id);

    if (!row)
        return;
    entries_each(apply, id, entry_remove);
    if (row->has_erase_due_day)
        apply_due_remove(apply, row->erase_due_day, id);
    record_remove(apply->tables, TABLE_REFERENCE, table_key_of_text(row->opened->reference));
    apply_territory_remove(apply, row->territory, CTPS__OBJECT_KIND__OBJECT_SITUATION, id);
    record_remove(apply->tables, TABLE_SITUATION, table_key_of_u64(id));
}

void apply_import_undone(const struct apply *apply, const Ctps__ImportUndone *event)
{
    Ctps__ImportRecord *row = import_of(apply, event->id);

    for (size_t i = 0; i < event->n_situations; i++)
        situation_undo(apply, event->situations[i]);
    for (size_t i = 0; i < event->n_saisines; i++)
        saisine_undo(apply, event->id, event->saisines[i]);
    for (size_t i = 0; i < event->n_meetings; i++)
        apply_meeting_undo(apply, event->id, event->meetings[i]);
    if (!row)
        return;
    if (!event->more)
        SET(row, undone, 1);
    import_put(apply, row);
}

/* --- a large import is taken back in parts: until then nothing of it may be touched --- */

enum { SHUT_AT_ONCE = 64, SHUT_ARENA = 1 << 20 };

struct shut {
    size_t count;
    struct table_key last;
    uint64_t made[SHUT_AT_ONCE];
};

static bool shut_collect(void *arg, struct bytes key, struct bytes value)
{
    struct shut *shut = arg;

    (void)value;
    if (key.len == 16)
        shut->made[shut->count++] = be64_get(key.data + 8);
    shut->last = (struct table_key){0};
    table_key_add_bytes(&shut->last, key);
    return shut->count < SHUT_AT_ONCE;
}

/* As an order to erase does, but that what is taken back need not remember it. */
static void row_shut(const struct apply *apply, uint64_t id)
{
    Ctps__SaisineRecord *saisine = record_saisine(apply->tables, apply->arena, id);
    Ctps__SituationRecord *situation =
        saisine ? record_situation(apply->tables, apply->arena, saisine->situation) : NULL;

    if (!situation)
        return;
    SET(saisine, erasure_ordered, 1);
    SET(situation, erasure_ordered, 1);
    apply_saisine_put(apply, saisine);
    apply_situation_put(apply, situation);
}

void apply_import_undo_begun(const struct apply *apply, const Ctps__ImportUndoBegun *event)
{
    Ctps__ImportRecord *row = import_of(apply, event->id);
    struct table_key prefix = table_key_of_u64(event->id);
    struct shut shut = {0};
    struct arena arena;
    struct apply part = *apply;

    if (!row)
        return;
    SET(row, undoing, 1);
    SET(row, undo_by_agent, event->by_agent);
    import_put(apply, row);
    /* Rows by the thousand: in an arena of their own, let go some at a time. */
    arena_init_within(&arena, SHUT_ARENA, apply->arena);
    part.arena = &arena;
    do {
        struct table_key after = shut.last;

        shut.count = 0;
        apply->tables->walk(apply->tables->ctx, TABLE_IMPORT_ROWS, table_key_bytes(&prefix),
                            table_key_bytes(&after), false, shut_collect, &shut);
        for (size_t i = 0; i < shut.count; i++)
            row_shut(&part, shut.made[i]);
        arena_reset(&arena);
    } while (shut.count == SHUT_AT_ONCE);
    arena_done(&arena);
}

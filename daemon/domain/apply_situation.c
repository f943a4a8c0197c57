/* Situations: from opening to closing; rows that saisines share with them. */
#include "domain/apply_private.h"
#include "domain/check.h"

static struct table_key territory_key(const char *territory, Ctps__ObjectKind kind, uint64_t id)
{
    struct table_key key = {0};

    table_key_add_text(&key, territory);
    table_key_add_u32(&key, (uint32_t)kind);
    table_key_add_u64(&key, id);
    return key;
}

/* Saisines nobody has answered and situations that are open, so that what is due is found
 * without walking over all there ever were. */
static void open_note(const struct apply *apply, const char *territory, Ctps__ObjectKind kind,
                      uint64_t id, bool open)
{
    struct table_key key = territory_key(territory, kind, id);
    bool was_open = record_exists(apply->tables, TABLE_OPEN, key);

    if (open && !was_open)
        apply->tables->put(apply->tables->ctx, TABLE_OPEN, table_key_bytes(&key),
                           bytes_of(NULL, 0));
    else if (!open && was_open)
        record_remove(apply->tables, TABLE_OPEN, key);
}

void apply_territory_add(const struct apply *apply, const char *territory,
                         Ctps__ObjectKind kind, uint64_t id)
{
    struct table_key key = territory_key(territory, kind, id);

    apply->tables->put(apply->tables->ctx, TABLE_BY_TERRITORY, table_key_bytes(&key),
                       bytes_of(NULL, 0));
}

void apply_territory_remove(const struct apply *apply, const char *territory,
                            Ctps__ObjectKind kind, uint64_t id)
{
    record_remove(apply->tables, TABLE_BY_TERRITORY, territory_key(territory, kind, id));
    open_note(apply, territory, kind, id, false);
}

static struct table_key due_key(int32_t day, uint64_t id)
{
    struct table_key key = {0};

    table_key_add_day(&key, day);
    table_key_add_u64(&key, id);
    return key;
}

void apply_due_add(const struct apply *apply, int32_t day, Ctps__ObjectKind kind, uint64_t id)
{
    struct table_key key = due_key(day, id);
    uint8_t value = (uint8_t)kind;

    apply->tables->put(apply->tables->ctx, TABLE_DUE, table_key_bytes(&key),
                       bytes_of(&value, 1));
}

void apply_due_remove(const struct apply *apply, int32_t day, uint64_t id)
{
    record_remove(apply->tables, TABLE_DUE, due_key(day, id));
}

void apply_reference_add(const struct apply *apply, const char *reference, uint64_t id)
{
    Ctps__IdRecord row = CTPS__ID_RECORD__INIT;

    SET(&row, id, id);
    record_put(apply->tables, TABLE_REFERENCE, table_key_of_text(reference), apply->arena,
               &row.base);
}

void apply_saisine_put(const struct apply *apply, const Ctps__SaisineRecord *record)
{
    record_put(apply->tables, TABLE_SAISINE, table_key_of_u64(record->received->id),
               apply->arena, &record->base);
    open_note(apply, record->received->territory, CTPS__OBJECT_KIND__OBJECT_SAISINE,
              record->received->id,
              strcmp(or_empty(record->status), SAISINE_RECEIVED) == 0 && !record->erased);
}

void apply_situation_touch(const struct apply *apply, Ctps__SituationRecord *record)
{
    SET(record, last_touched_seq, apply->seq);
    record_put(apply->tables, TABLE_SITUATION, table_key_of_u64(record->opened->id),
               apply->arena, &record->base);
}

void apply_situation_put(const struct apply *apply, Ctps__SituationRecord *record)
{
    apply_situation_touch(apply, record);
    open_note(apply, record->territory, CTPS__OBJECT_KIND__OBJECT_SITUATION, record->opened->id,
              !record->has_closed_day && !record->erased && !record->merged_into);
}

static Ctps__SituationRecord *situation_of(const struct apply *apply, uint64_t id)
{
    return record_situation(apply->tables, apply->arena, id);
}

void apply_number_raise(const struct apply *apply, const char *number, uint32_t ordinal)
{
    const char *end = number ? strrchr(number, '-') : NULL;
    char *series;

    if (!end)
        return;
    series = arena_copy(apply->arena, number, (size_t)(end - number) + 1);
    if (!series)
        return;
    series[end - number] = '\0';
    record_counter_raise(apply->tables, apply->arena, series, ordinal);
}

void apply_situation_opened(const struct apply *apply, const Ctps__SituationOpened *event)
{
    Ctps__SituationRecord row = CTPS__SITUATION_RECORD__INIT;
    Ctps__SituationOpened opened = *event;

    row.opened = &opened;
    row.status = event->status;
    row.territory = event->territory;
    SET(&row, lead_agent, event->lead_agent);
    SET_FROM(&row, event, next_review_day);
    SET(&row, last_entry_day, event->opened_day);
    SET(&row, known_us, apply_clock_us(apply));
    apply_slot_taken(apply, event->slot);
    apply_situation_put(apply, &row);
    apply_reference_add(apply, event->reference, event->id);
    apply_number_raise(apply, event->reference, event->reference_ordinal);
    apply_territory_add(apply, event->territory, CTPS__OBJECT_KIND__OBJECT_SITUATION,
                        event->id);
}

void apply_situation_status_changed(const struct apply *apply,
                                    const Ctps__SituationStatusChanged *event)
{
    Ctps__SituationRecord *row = situation_of(apply, event->id);
    Ctps__CourseStep step = CTPS__COURSE_STEP__INIT;
    char kind[] = "status";

    if (!row)
        return;
    row->status = event->status;
    SET_FROM(row, event, watch_until_day);
    SET_FROM(row, event, blocked_by);
    row->blocked_what = event->blocked_what;
    step.kind = kind;
    SET_FROM(&step, event, day);
    step.code = event->status;
    SET(&step, agent, event->by_agent);
    if (event->has_watch_until_day)
        SET(&step, until_day, event->watch_until_day);
    apply_course_add(apply, row, &step);
    apply_situation_touch(apply, row);
}

void apply_situation_entry_added(const struct apply *apply,
                                 const Ctps__SituationEntryAdded *event)
{
    Ctps__SituationRecord *row = situation_of(apply, event->situation);

    if (!row)
        return;
    record_put(apply->tables, TABLE_ENTRY, table_key_of_two(event->situation, event->id),
               apply->arena, &event->base);
    apply_step_count(apply, row, event->kind, 1);
    if (event->day > row->last_entry_day)
        SET(row, last_entry_day, event->day);
    apply_situation_touch(apply, row);
}

void apply_situation_reviewed(const struct apply *apply, const Ctps__SituationReviewed *event)
{
    Ctps__SituationRecord *row = situation_of(apply, event->id);
    Ctps__CourseStep step = CTPS__COURSE_STEP__INIT;
    char kind[] = "reviewed";

    if (!row)
        return;
    row->evolution = event->evolution;
    if (event->has_next_review_day)
        SET(row, next_review_day, event->next_review_day);
    if (event->has_day)
        SET(row, reviewed_day, event->day);
    step.kind = kind;
    SET_FROM(&step, event, day);
    step.code = event->evolution;
    SET(&step, agent, event->by_agent);
    apply_course_add(apply, row, &step);
    apply_situation_touch(apply, row);
}

void apply_situation_closed(const struct apply *apply, const Ctps__SituationClosed *event)
{
    Ctps__SituationRecord *row = situation_of(apply, event->id);
    Ctps__CourseStep step = CTPS__COURSE_STEP__INIT;
    char kind[] = "closed";
    char status[] = STATUS_CLOSED;

    if (!row)
        return;
    row->status = status;
    SET(row, closed_day, event->day);
    row->closing_motive = event->motive;
    row->closing_result = event->result;
    row->closing_text = event->text;
    SET(row, erase_due_day, event->erase_due_day);
    row->has_next_review_day = 0;
    row->has_watch_until_day = 0;
    step.kind = kind;
    SET_FROM(&step, event, day);
    step.code = event->motive;
    SET(&step, agent, event->by_agent);
    apply_course_add(apply, row, &step);
    apply_situation_put(apply, row);
    /* What was taken over as facts only has nothing left to erase. */
    if (!row->opened->facts_only)
        apply_due_add(apply, event->erase_due_day, CTPS__OBJECT_KIND__OBJECT_SITUATION,
                      event->id);
}

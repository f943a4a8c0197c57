/* Decisions: who has what to do, by when. */
#include "domain/apply_private.h"
#include "domain/decision.h"

static void owner_add(const struct apply *apply, uint64_t owner, uint64_t id)
{
    struct table_key key = table_key_of_two(owner, id);

    if (owner)
        apply->tables->put(apply->tables->ctx, TABLE_DECISION_OF, table_key_bytes(&key),
                           bytes_of(NULL, 0));
}

/* Those of no meeting open no agenda. */
static struct table_key undone_key(const Ctps__DecisionTaken *taken)
{
    struct table_key key = {0};

    table_key_add_text(&key, taken->instance);
    table_key_add_text(&key, taken->meeting_territory);
    table_key_add_day(&key, taken->due_day);
    table_key_add_u64(&key, taken->id);
    return key;
}

static struct table_key open_key(const Ctps__DecisionTaken *taken)
{
    struct table_key key = {0};

    table_key_add_day(&key, taken->due_day);
    table_key_add_u64(&key, taken->id);
    return key;
}

static void decision_put(const struct apply *apply, const Ctps__DecisionRecord *row)
{
    record_put(apply->tables, TABLE_DECISION, table_key_of_u64(row->taken->id), apply->arena,
               &row->base);
}

/* Text of a decision about no situation stands under its meeting's own key. */
static void slot_note(const struct apply *apply, uint64_t id, uint64_t slot, int32_t due_day)
{
    Ctps__MeetingRecord *meeting =
        slot ? record_meeting(apply->tables, apply->arena, id) : NULL;

    if (!meeting)
        return;
    apply_meeting_slot_add(apply, meeting, slot, due_day);
    apply_meeting_put(apply, meeting);
}

void apply_decision_taken(const struct apply *apply, const Ctps__DecisionTaken *event)
{
    Ctps__DecisionRecord row = CTPS__DECISION_RECORD__INIT;
    Ctps__DecisionTaken taken = *event;
    struct table_key undone = undone_key(event);
    struct table_key open = open_key(event);

    row.taken = &taken;
    SET(&row, known_us, apply_clock_us(apply));
    decision_put(apply, &row);
    owner_add(apply, event->meeting, event->id);
    owner_add(apply, event->situation, event->id);
    owner_add(apply, event->agent, event->id);
    owner_add(apply, event->contact, event->id);
    apply_territory_add(apply, event->territory, CTPS__OBJECT_KIND__OBJECT_DECISION, event->id);
    if (event->meeting)
        apply->tables->put(apply->tables->ctx, TABLE_DECISION_UNDONE, table_key_bytes(&undone),
                           bytes_of(NULL, 0));
    apply->tables->put(apply->tables->ctx, TABLE_DECISION_OPEN, table_key_bytes(&open),
                       bytes_of(NULL, 0));
    slot_note(apply, event->meeting, event->slot, event->erase_due_day);
}

/* One not done stays: the next meeting hears of it. */
void apply_decision_completed(const struct apply *apply, const Ctps__DecisionCompleted *event)
{
    Ctps__DecisionRecord *row = decision_record(apply->tables, apply->arena, event->id);
    Ctps__DecisionCompleted completed = *event;

    if (!row)
        return;
    row->completed = &completed;
    decision_put(apply, row);
    record_remove(apply->tables, TABLE_DECISION_OPEN, open_key(row->taken));
    slot_note(apply, row->taken->meeting, event->slot, event->erase_due_day);
    if (row->taken->meeting && decision_result_is_done(event->result))
        record_remove(apply->tables, TABLE_DECISION_UNDONE, undone_key(row->taken));
}

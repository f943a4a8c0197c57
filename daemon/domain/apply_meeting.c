/* Instance kinds and meetings: scheduled, moved, held or cancelled, who comes, the agenda. */
#include "domain/apply_private.h"
#include "domain/check.h"

void apply_instance_set(const struct apply *apply, const Ctps__Instance *event)
{
    record_put(apply->tables, TABLE_INSTANCE, table_key_of_text(event->code), apply->arena,
               &event->base);
}

static Ctps__MeetingRecord *meeting_of(const struct apply *apply, uint64_t id)
{
    return record_meeting(apply->tables, apply->arena, id);
}

void apply_meeting_put(const struct apply *apply, Ctps__MeetingRecord *record)
{
    SET(record, last_touched_seq, apply->seq);
    record_put(apply->tables, TABLE_MEETING, table_key_of_u64(record->scheduled->id),
               apply->arena, &record->base);
}

static struct table_key day_key(int32_t day, uint64_t id)
{
    struct table_key key = {0};

    table_key_add_day(&key, day);
    table_key_add_u64(&key, id);
    return key;
}

static void day_add(const struct apply *apply, const Ctps__MeetingScheduled *scheduled)
{
    struct table_key key = day_key(scheduled->day, scheduled->id);
    struct table_key where = table_key_of_texts(scheduled->territory, scheduled->instance);

    apply->tables->put(apply->tables->ctx, TABLE_MEETING_DAY, table_key_bytes(&key),
                       table_key_bytes(&where));
}

static void pair_add(const struct apply *apply, enum table table, uint64_t first,
                     uint64_t second)
{
    struct table_key key = table_key_of_two(first, second);

    if (first)
        apply->tables->put(apply->tables->ctx, table, table_key_bytes(&key), bytes_of(NULL, 0));
}

void apply_meeting_slot_add(const struct apply *apply, Ctps__MeetingRecord *row, uint64_t slot,
                            int32_t due_day)
{
    if (!slot)
        return;
    apply_slot_taken(apply, slot);
    SET(row->scheduled, slot, slot);
    SET(row->scheduled, erase_due_day, due_day);
    apply_due_add(apply, due_day, CTPS__OBJECT_KIND__OBJECT_MEETING, row->scheduled->id);
}

void apply_meeting_scheduled(const struct apply *apply, const Ctps__MeetingScheduled *event)
{
    Ctps__MeetingRecord row = CTPS__MEETING_RECORD__INIT;
    Ctps__MeetingScheduled scheduled = *event;
    char state[] = MEETING_SCHEDULED;

    row.scheduled = &scheduled;
    row.state = state;
    SET(&row, known_us, apply_clock_us(apply));
    apply_meeting_slot_add(apply, &row, event->slot, event->erase_due_day);
    apply_meeting_put(apply, &row);
    apply_reference_add(apply, event->reference, event->id);
    apply_number_raise(apply, event->reference, event->reference_ordinal);
    day_add(apply, event);
    pair_add(apply, TABLE_MEETING_SERIES, event->series, event->id);
    pair_add(apply, TABLE_MEETING_SITUATION, event->situation, event->id);
}

void apply_meeting_rescheduled(const struct apply *apply, const Ctps__MeetingRescheduled *event)
{
    Ctps__MeetingRecord *row = meeting_of(apply, event->id);
    Ctps__MeetingScheduled *scheduled;

    if (!row)
        return;
    scheduled = row->scheduled;
    record_remove(apply->tables, TABLE_MEETING_DAY, day_key(scheduled->day, event->id));
    if (scheduled->slot && event->has_erase_due_day) {
        apply_due_remove(apply, scheduled->erase_due_day, event->id);
        apply_meeting_slot_add(apply, row, scheduled->slot, event->erase_due_day);
        row->has_erase_announced_day = 0;
        row->has_erase_announced_runs = 0;
    }
    if (scheduled->day != event->day || scheduled->minute != event->minute)
        SET(row, known_us, apply_clock_us(apply));
    SET_FROM(scheduled, event, day);
    SET_FROM(scheduled, event, minute);
    scheduled->zone = event->zone;
    SET_FROM(scheduled, event, duration_min);
    scheduled->place = event->place;
    scheduled->warnings = event->warnings;
    scheduled->n_warnings = event->n_warnings;
    SET(row, rescheduled_count, row->rescheduled_count + 1);
    day_add(apply, scheduled);
    apply_meeting_put(apply, row);
}

void apply_meeting_cancelled(const struct apply *apply, const Ctps__MeetingCancelled *event)
{
    Ctps__MeetingRecord *row = meeting_of(apply, event->id);
    char state[] = MEETING_CANCELLED;

    if (!row)
        return;
    row->state = state;
    apply_meeting_put(apply, row);
}

void apply_meeting_held(const struct apply *apply, const Ctps__MeetingHeld *event)
{
    Ctps__MeetingRecord *row = meeting_of(apply, event->id);
    char state[] = MEETING_HELD;

    if (!row)
        return;
    row->state = state;
    SET(row, held_day, event->day);
    if (!event->history) {
        row->scheduled->n_invited = event->n_attendance;
        row->scheduled->invited = event->attendance;
    }
    apply_meeting_put(apply, row);
}

/* Who is to be told of it; and an invitation is numbered by those taken back. */
static void changes_note(const struct apply *apply, Ctps__MeetingRecord *row,
                         Ctps__Attendee *const *who, size_t count, bool removed)
{
    Ctps__AttendeeChange **grown =
        arena_alloc(apply->arena, (row->n_changes + count + 1) * sizeof(grown[0]));
    Ctps__AttendeeChange *added = arena_alloc(apply->arena, (count + 1) * sizeof(added[0]));

    if (!grown || !added)
        return;
    if (row->n_changes)
        memcpy(grown, row->changes, row->n_changes * sizeof(grown[0]));
    for (size_t i = 0; i < count; i++) {
        ctps__attendee_change__init(&added[i]);
        SET(&added[i], seq, apply->seq);
        SET(&added[i], removed, removed);
        added[i].who = who[i];
        grown[row->n_changes++] = &added[i];
    }
    row->changes = grown;
}

void apply_meeting_invited(const struct apply *apply, const Ctps__MeetingInvited *event)
{
    Ctps__MeetingRecord *row = meeting_of(apply, event->id);
    Ctps__Attendee **grown;
    size_t count;

    if (!row)
        return;
    count = row->scheduled->n_invited;
    grown = arena_alloc(apply->arena, (count + event->n_invited + 1) * sizeof(grown[0]));
    if (!grown)
        return;
    if (count)
        memcpy(grown, row->scheduled->invited, count * sizeof(grown[0]));
    for (size_t i = 0; i < event->n_invited; i++)
        grown[count++] = event->invited[i];
    row->scheduled->invited = grown;
    row->scheduled->n_invited = count;
    changes_note(apply, row, event->invited, event->n_invited, false);
    apply_meeting_put(apply, row);
}

static bool is_among(Ctps__Attendee *const *list, size_t count, const Ctps__Attendee *attendee)
{
    for (size_t i = 0; i < count; i++)
        if (list[i]->agent == attendee->agent && list[i]->contact == attendee->contact)
            return true;
    return false;
}

void apply_meeting_uninvited(const struct apply *apply, const Ctps__MeetingUninvited *event)
{
    Ctps__MeetingRecord *row = meeting_of(apply, event->id);
    size_t kept = 0;

    if (!row)
        return;
    for (size_t i = 0; i < row->scheduled->n_invited; i++)
        if (!is_among(event->removed, event->n_removed, row->scheduled->invited[i]))
            row->scheduled->invited[kept++] = row->scheduled->invited[i];
    row->scheduled->n_invited = kept;
    changes_note(apply, row, event->removed, event->n_removed, true);
    apply_meeting_put(apply, row);
}

void apply_agenda_item_added(const struct apply *apply, const Ctps__AgendaItemAdded *event)
{
    Ctps__MeetingRecord *row = meeting_of(apply, event->meeting);
    Ctps__AgendaItem **grown;

    if (!row || !event->item)
        return;
    grown = arena_alloc(apply->arena, (row->n_agenda + 1) * sizeof(grown[0]));
    if (!grown)
        return;
    if (row->n_agenda)
        memcpy(grown, row->agenda, row->n_agenda * sizeof(grown[0]));
    grown[row->n_agenda++] = event->item;
    row->agenda = grown;
    apply_meeting_slot_add(apply, row, event->slot, event->erase_due_day);
    pair_add(apply, TABLE_MEETING_SITUATION, event->item->situation, event->meeting);
    apply_meeting_put(apply, row);
}

static bool is_on_agenda(const Ctps__MeetingRecord *row, uint64_t situation)
{
    for (size_t i = 0; i < row->n_agenda; i++)
        if (row->agenda[i]->situation == situation)
            return true;
    return row->scheduled->situation == situation;
}

void apply_agenda_item_removed(const struct apply *apply, const Ctps__AgendaItemRemoved *event)
{
    Ctps__MeetingRecord *row = meeting_of(apply, event->meeting);
    uint64_t situation = 0;
    size_t kept = 0;

    if (!row)
        return;
    for (size_t i = 0; i < row->n_agenda; i++)
        if (row->agenda[i]->id != event->item)
            row->agenda[kept++] = row->agenda[i];
        else
            situation = row->agenda[i]->situation;
    row->n_agenda = kept;
    if (situation && !is_on_agenda(row, situation))
        record_remove(apply->tables, TABLE_MEETING_SITUATION,
                      table_key_of_two(situation, event->meeting));
    apply_meeting_put(apply, row);
}

/* --- the end of its own texts --- */

void apply_meeting_announced(const struct apply *apply, const Ctps__ErasureAnnounced *event)
{
    Ctps__MeetingRecord *row = meeting_of(apply, event->subject);

    if (!row)
        return;
    apply_due_remove(apply, row->scheduled->erase_due_day, event->subject);
    SET(row, erase_announced_day, event->day);
    SET(row, erase_announced_runs, apply_run_total(apply));
    SET(row->scheduled, erase_due_day, event->due_day);
    apply_meeting_put(apply, row);
    apply_due_add(apply, event->due_day, CTPS__OBJECT_KIND__OBJECT_MEETING, event->subject);
}

/* Texts about a situation stand under that situation's key and go with it. */
void apply_meeting_flag(const struct apply *apply, uint64_t id, bool erased)
{
    Ctps__MeetingRecord *row = meeting_of(apply, id);

    if (!row)
        return;
    if (row->scheduled->has_erase_due_day)
        apply_due_remove(apply, row->scheduled->erase_due_day, id);
    SET(row, erasure_ordered, 1);
    if (erased) {
        SET(row, erased, 1);
        row->scheduled->title = NULL;
        for (size_t i = 0; i < row->n_agenda; i++)
            if (!row->agenda[i]->situation)
                row->agenda[i]->text = NULL;
    }
    apply_meeting_put(apply, row);
}

void apply_meeting_undo(const struct apply *apply, uint64_t import_id, uint64_t id)
{
    Ctps__MeetingRecord *row = meeting_of(apply, id);

    if (!row)
        return;
    apply_import_row_undo(apply, import_id, id);
    record_remove(apply->tables, TABLE_MEETING_DAY, day_key(row->scheduled->day, id));
    record_remove(apply->tables, TABLE_REFERENCE, table_key_of_text(row->scheduled->reference));
    record_remove(apply->tables, TABLE_MEETING, table_key_of_u64(id));
}

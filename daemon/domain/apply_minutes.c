/* Minutes: written, validated, distributed. */
#include "domain/apply_private.h"
#include "domain/minutes.h"

static void minutes_put(const struct apply *apply, const Ctps__MinutesRecord *row)
{
    struct table_key key = table_key_of_u64(row->drafted->meeting);

    table_key_add_u32(&key, row->drafted->version);
    record_put(apply->tables, TABLE_MINUTES, key, apply->arena, &row->base);
}

void apply_minutes_drafted(const struct apply *apply, const Ctps__MinutesDrafted *event)
{
    Ctps__MinutesRecord row = CTPS__MINUTES_RECORD__INIT;
    Ctps__MinutesDrafted drafted = *event;
    Ctps__MeetingRecord *meeting = record_meeting(apply->tables, apply->arena, event->meeting);

    row.drafted = &drafted;
    minutes_put(apply, &row);
    if (!meeting)
        return;
    apply_meeting_slot_add(apply, meeting, event->slot, event->erase_due_day);
    apply_meeting_put(apply, meeting);
}

void apply_minutes_validated(const struct apply *apply, const Ctps__MinutesValidated *event)
{
    Ctps__MinutesRecord *row =
        minutes_record(apply->tables, apply->arena, event->meeting, event->version);
    Ctps__MinutesValidated validated = *event;

    if (!row)
        return;
    row->validated = &validated;
    minutes_put(apply, row);
}

void apply_minutes_distributed(const struct apply *apply, const Ctps__MinutesDistributed *event)
{
    Ctps__MinutesRecord *row =
        minutes_record(apply->tables, apply->arena, event->meeting, event->version);
    Ctps__MinutesDistributed distributed = *event;
    Ctps__MinutesDistributed **grown;

    if (!row)
        return;
    grown = arena_alloc(apply->arena, (row->n_distributed + 1) * sizeof(grown[0]));
    if (!grown)
        return;
    if (row->n_distributed)
        memcpy(grown, row->distributed, row->n_distributed * sizeof(grown[0]));
    grown[row->n_distributed++] = &distributed;
    row->distributed = grown;
    minutes_put(apply, row);
}

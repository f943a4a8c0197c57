/* Requests of persons: opened, extended, answered; and the end of who asked. */
#include "domain/apply_private.h"
#include "domain/rights.h"

static void rights_put(const struct apply *apply, const Ctps__RightsRecord *row)
{
    record_put(apply->tables, TABLE_RIGHTS, table_key_of_u64(row->opened->id), apply->arena,
               &row->base);
}

static Ctps__RightsRecord *rights_of(const struct apply *apply, uint64_t id)
{
    return rights_record(apply->tables, apply->arena, id);
}

void apply_rights_opened(const struct apply *apply, const Ctps__RightsOpened *event)
{
    Ctps__RightsRecord row = CTPS__RIGHTS_RECORD__INIT;
    Ctps__RightsOpened opened = *event;

    row.opened = &opened;
    SET(&row, due_day, event->due_day);
    apply_slot_taken(apply, event->slot);
    rights_put(apply, &row);
    apply_reference_add(apply, event->number, event->id);
    apply_number_raise(apply, event->number, event->number_ordinal);
    apply_territory_add(apply, event->territory, CTPS__OBJECT_KIND__OBJECT_RIGHTS_REQUEST,
                        event->id);
}

void apply_rights_extended(const struct apply *apply, const Ctps__RightsExtended *event)
{
    Ctps__RightsRecord *row = rights_of(apply, event->id);
    Ctps__RightsExtended extended = *event;

    if (!row)
        return;
    row->extended = &extended;
    SET(row, due_day, event->due_day);
    rights_put(apply, row);
}

void apply_rights_answered(const struct apply *apply, const Ctps__RightsAnswered *event)
{
    Ctps__RightsRecord *row = rights_of(apply, event->id);
    Ctps__RightsAnswered answered = *event;

    if (!row)
        return;
    row->answered = &answered;
    SET(row, erase_due_day, event->erase_due_day);
    rights_put(apply, row);
    apply_due_add(apply, event->erase_due_day, CTPS__OBJECT_KIND__OBJECT_RIGHTS_REQUEST,
                  event->id);
}

void apply_rights_announced(const struct apply *apply, const Ctps__ErasureAnnounced *event)
{
    Ctps__RightsRecord *row = rights_of(apply, event->subject);

    if (!row)
        return;
    apply_due_remove(apply, row->erase_due_day, event->subject);
    SET(row, erase_announced_day, event->day);
    SET(row, erase_announced_runs, apply_run_total(apply));
    SET(row, erase_due_day, event->due_day);
    rights_put(apply, row);
    apply_due_add(apply, event->due_day, CTPS__OBJECT_KIND__OBJECT_RIGHTS_REQUEST,
                  event->subject);
}

void apply_rights_flag(const struct apply *apply, uint64_t id, bool erased)
{
    Ctps__RightsRecord *row = rights_of(apply, id);

    if (!row)
        return;
    if (row->has_erase_due_day)
        apply_due_remove(apply, row->erase_due_day, id);
    SET(row, erasure_ordered, 1);
    if (erased) {
        SET(row, erased, 1);
        row->opened->requester = NULL;
        if (row->extended)
            row->extended->reason = NULL;
        if (row->answered)
            row->answered->text = NULL;
    }
    rights_put(apply, row);
}

/* An export leaves its trace in the journal; the views have nothing to say of it. */
void apply_export_made(const struct apply *apply, const Ctps__ExportMade *event)
{
    (void)apply;
    (void)event;
}

/*
 * A restricted situation leaves the table of terms, so that nothing announces or orders its
 * erasure, and an order not carried out yet is taken back. Lifted, it stands there again with
 * its old term and no announcement: the fifteen days begin anew.
 */
#include "domain/apply_private.h"
#include "domain/check.h"

static void saisines_flag(const struct apply *apply, const Ctps__SituationRecord *row,
                          bool restricted)
{
    for (size_t i = 0; i < row->n_saisines; i++) {
        Ctps__SaisineRecord *saisine =
            record_saisine(apply->tables, apply->arena, row->saisines[i]);

        if (!saisine)
            continue;
        SET(saisine, restricted, restricted);
        saisine->has_erasure_ordered = saisine->erasure_ordered = 0;
        apply_saisine_put(apply, saisine);
    }
}

/* Those merged into it are held with it: their timelines stand under keys of their own. */
static void merged_flag(const struct apply *apply, const Ctps__SituationRecord *row,
                        bool restricted)
{
    for (size_t i = 0; i < row->n_merged; i++) {
        Ctps__SituationRecord *merged =
            record_situation(apply->tables, apply->arena, row->merged[i]);

        if (!merged)
            continue;
        SET(merged, restricted, restricted);
        merged->has_erasure_ordered = merged->erasure_ordered = 0;
        apply_situation_put(apply, merged);
        saisines_flag(apply, merged, restricted);
    }
}

/* Takes the situation out of an order that still waits; the others of the order stay. False
 * when there is none waiting. */
static bool order_take_back(const struct apply *apply, uint64_t seq, uint64_t situation)
{
    struct table_key at = table_key_of_u64(seq);
    Ctps__ErasureRecord *row = (Ctps__ErasureRecord *)record_get(
        apply->tables, TABLE_ERASURE, at, apply->arena, &ctps__erasure_record__descriptor);
    size_t kept = 0;

    if (!row || !row->ordered || row->done)
        return false;
    for (size_t i = 0; i < row->ordered->n_subjects; i++)
        if (row->ordered->subjects[i]->id != situation)
            row->ordered->subjects[kept++] = row->ordered->subjects[i];
    row->ordered->n_subjects = kept;
    if (kept)
        record_put(apply->tables, TABLE_ERASURE, at, apply->arena, &row->base);
    else
        record_remove(apply->tables, TABLE_ERASURE, at);
    return true;
}

void apply_situation_restricted(const struct apply *apply,
                                const Ctps__SituationRestricted *event)
{
    Ctps__SituationRecord *row = record_situation(apply->tables, apply->arena, event->id);

    if (!row)
        return;
    if (row->erasure_ordered && row->n_erasure_seqs &&
        order_take_back(apply, row->erasure_seqs[row->n_erasure_seqs - 1], event->id))
        row->n_erasure_seqs--;
    row->has_erasure_ordered = row->erasure_ordered = 0;
    row->has_erase_announced_day = row->has_erase_announced_runs = 0;
    if (row->has_erase_due_day)
        apply_due_remove(apply, row->erase_due_day, event->id);
    SET(row, restricted, 1);
    SET(row, restricted_day, event->day);
    row->restriction_reason = event->reason;
    apply_situation_put(apply, row);
    saisines_flag(apply, row, true);
    merged_flag(apply, row, true);
}

void apply_situation_restriction_lifted(const struct apply *apply,
                                        const Ctps__SituationRestrictionLifted *event)
{
    Ctps__SituationRecord *row = record_situation(apply->tables, apply->arena, event->id);

    if (!row)
        return;
    row->has_restricted = row->restricted = 0;
    row->has_restricted_day = 0;
    row->lift_reason = event->reason;
    apply_situation_put(apply, row);
    saisines_flag(apply, row, false);
    merged_flag(apply, row, false);
    if (row->has_erase_due_day && row->has_closed_day && !row->erased)
        apply_due_add(apply, row->erase_due_day, CTPS__OBJECT_KIND__OBJECT_SITUATION,
                      event->id);
}

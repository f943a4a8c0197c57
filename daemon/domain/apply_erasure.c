/* Announcing, ordering and recording erasures. */
#include "domain/apply_private.h"
#include "domain/box.h"
#include "domain/check.h"

static void announced_situation(const struct apply *apply, const Ctps__ErasureAnnounced *event)
{
    Ctps__SituationRecord *row = record_situation(apply->tables, apply->arena, event->subject);

    if (!row)
        return;
    apply_due_remove(apply, row->erase_due_day, event->subject);
    SET(row, erase_announced_day, event->day);
    SET(row, erase_announced_runs, apply_run_total(apply));
    SET(row, erase_due_day, event->due_day);
    /* Not a touch by somebody: an import may still be taken back. */
    record_put(apply->tables, TABLE_SITUATION, table_key_of_u64(event->subject), apply->arena,
               &row->base);
    apply_due_add(apply, event->due_day, CTPS__OBJECT_KIND__OBJECT_SITUATION, event->subject);
}

static void announced_saisine(const struct apply *apply, const Ctps__ErasureAnnounced *event)
{
    Ctps__SaisineRecord *row = record_saisine(apply->tables, apply->arena, event->subject);

    if (!row)
        return;
    apply_due_remove(apply, row->erase_due_day, event->subject);
    SET(row, erase_announced_day, event->day);
    SET(row, erase_announced_runs, apply_run_total(apply));
    SET(row, erase_due_day, event->due_day);
    apply_saisine_put(apply, row);
    apply_due_add(apply, event->due_day, CTPS__OBJECT_KIND__OBJECT_SAISINE, event->subject);
}

void apply_erasure_announced(const struct apply *apply, const Ctps__ErasureAnnounced *event)
{
    if (event->kind == CTPS__OBJECT_KIND__OBJECT_SITUATION)
        announced_situation(apply, event);
    else if (event->kind == CTPS__OBJECT_KIND__OBJECT_MEETING)
        apply_meeting_announced(apply, event);
    else if (event->kind == CTPS__OBJECT_KIND__OBJECT_RIGHTS_REQUEST)
        apply_rights_announced(apply, event);
    else
        announced_saisine(apply, event);
}

/* Adds the order at hand to those about a subject. */
static void order_note(const struct apply *apply, uint64_t **list, size_t *count)
{
    uint64_t *grown = arena_alloc(apply->arena, (*count + 1) * sizeof(uint64_t));

    if (!grown)
        return;
    if (*count)
        memcpy(grown, *list, *count * sizeof(uint64_t));
    grown[(*count)++] = apply->seq;
    *list = grown;
}

static void saisine_flag(const struct apply *apply, uint64_t id, bool erased)
{
    Ctps__SaisineRecord *row = record_saisine(apply->tables, apply->arena, id);

    if (!row)
        return;
    if (row->has_erase_due_day)
        apply_due_remove(apply, row->erase_due_day, id);
    SET(row, erasure_ordered, 1);
    if (!erased)
        order_note(apply, &row->erasure_seqs, &row->n_erasure_seqs);
    if (erased) {
        SET(row, erased, 1);
        row->received->content = NULL;
        row->received->n_persons = 0;
        if (row->declined)
            row->declined->text = NULL;
        if (row->redirected)
            row->redirected->text = NULL;
        apply_duplicates_remove(apply, id);
    }
    apply_saisine_put(apply, row);
}

static void box_blank(void *arg, const struct box_place *place)
{
    const struct apply *apply = arg;

    box_put(apply->tables, apply->arena, place->row->field, &place->key, place->index, NULL);
}

/* Everything sealed for a situation, wherever it stands: its keys are gone. */
static void situation_blank(const struct apply *apply, const Ctps__SituationRecord *row)
{
    struct box_search search = {apply->tables, apply->arena, row};

    box_each(&search, box_blank, (void *)(uintptr_t)apply);
}

static void erased_note(const struct apply *apply, uint64_t id)
{
    struct table_key at = table_key_of_u64(id);

    apply->tables->put(apply->tables->ctx, TABLE_ERASED_TELL, table_key_bytes(&at),
                       bytes_of(NULL, 0));
}

void apply_situation_erased(const struct apply *apply, const Ctps__SituationErased *event)
{
    record_remove(apply->tables, TABLE_ERASED_TELL, table_key_of_u64(event->id));
}

/* One situation, without those merged into it. */
static void situation_flag_one(const struct apply *apply, Ctps__SituationRecord *row,
                               bool erased, int32_t day)
{
    uint64_t id = row->opened->id;
    char status[] = STATUS_ERASED;

    if (erased) {
        situation_blank(apply, row);
        row = record_situation(apply->tables, apply->arena, id);
        if (!row)
            return;
    }
    for (size_t i = 0; i < row->n_saisines; i++)
        saisine_flag(apply, row->saisines[i], erased);
    if (row->has_erase_due_day)
        apply_due_remove(apply, row->erase_due_day, id);
    SET(row, erasure_ordered, 1);
    if (!erased)
        order_note(apply, &row->erasure_seqs, &row->n_erasure_seqs);
    if (erased) {
        SET(row, erased, 1);
        SET(row, erased_day, day);
        row->status = status;
        apply_shares_tell(apply, id, SHARE_TELL_ERASED);
        row->n_persons = 0;
        apply_situation_links_remove(apply, id);
        record_remove(apply->tables, TABLE_MERGE, table_key_of_u64(id));
        erased_note(apply, id);
        apply_situation_contacts_remove(apply, id);
    }
    apply_situation_put(apply, row);
}

static void situation_flag(const struct apply *apply, uint64_t id, bool erased, int32_t day)
{
    Ctps__SituationRecord *row = record_situation(apply->tables, apply->arena, id);

    if (!row)
        return;
    situation_flag_one(apply, row, erased, day);
    for (size_t i = 0; i < row->n_merged; i++) {
        Ctps__SituationRecord *merged =
            record_situation(apply->tables, apply->arena, row->merged[i]);

        if (merged)
            situation_flag_one(apply, merged, erased, day);
    }
}

/* Keys of nobody: of a window's digests, of what was sealed again, of a month's trail. */
static void keys_forget(const struct apply *apply, const Ctps__ErasureSubject *subject)
{
    for (size_t i = 0; i < subject->n_slots; i++) {
        struct table_key key = table_key_of_u64(subject->slots[i]);

        if (record_exists(apply->tables, TABLE_AUDIT_KEY, key))
            record_remove(apply->tables, TABLE_AUDIT_KEY, key);
    }
}

static void subject_flag(const struct apply *apply, const Ctps__ErasureSubject *subject,
                         bool erased, int32_t day)
{
    if (subject->kind == CTPS__OBJECT_KIND__OBJECT_SITUATION)
        situation_flag(apply, subject->id, erased, day);
    else if (subject->kind == CTPS__OBJECT_KIND__OBJECT_MEETING)
        apply_meeting_flag(apply, subject->id, erased);
    else if (subject->kind == CTPS__OBJECT_KIND__OBJECT_RIGHTS_REQUEST)
        apply_rights_flag(apply, subject->id, erased);
    else if (subject->kind == CTPS__OBJECT_KIND__OBJECT_KEY)
        keys_forget(apply, subject);
    else
        saisine_flag(apply, subject->id, erased);
}

void apply_erased(const struct apply *apply, uint64_t id)
{
    situation_flag(apply, id, true, 0);
    saisine_flag(apply, id, true);
    apply_meeting_flag(apply, id, true);
    apply_rights_flag(apply, id, true);
}

/* A part of it was ordered to end: the certificate is found from the situation. */
static void part_note(const struct apply *apply, uint64_t id)
{
    Ctps__SituationRecord *row = id ? record_situation(apply->tables, apply->arena, id) : NULL;

    if (!row)
        return;
    order_note(apply, &row->erasure_seqs, &row->n_erasure_seqs);
    apply_situation_put(apply, row);
}

void apply_erasure_ordered(const struct apply *apply, const Ctps__ErasureOrdered *event)
{
    Ctps__ErasureRecord row = CTPS__ERASURE_RECORD__INIT;
    Ctps__ErasureOrdered ordered = *event;

    row.ordered = &ordered;
    record_put(apply->tables, TABLE_ERASURE, table_key_of_u64(apply->seq), apply->arena,
               &row.base);
    for (size_t i = 0; i < event->n_subjects; i++) {
        subject_flag(apply, event->subjects[i], false, 0);
        part_note(apply, event->subjects[i]->part_of);
    }
}

void apply_erasure_done(const struct apply *apply, const Ctps__ErasureDone *event)
{
    struct table_key at = table_key_of_u64(event->ordered_seq);
    Ctps__ErasureRecord *row = (Ctps__ErasureRecord *)record_get(
        apply->tables, TABLE_ERASURE, at, apply->arena, &ctps__erasure_record__descriptor);

    if (!row || !row->ordered)
        return;
    for (size_t i = 0; i < row->ordered->n_subjects; i++)
        subject_flag(apply, row->ordered->subjects[i], true, event->day);
    SET(row, done, 1);
    SET(row, done_day, event->day);
    SET_FROM(row, event, epoch);
    SET_FROM(row, event, backups_gone_day);
    record_put(apply->tables, TABLE_ERASURE, at, apply->arena, &row->base);
}

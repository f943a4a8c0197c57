/*
 * A situation that ends in another, and that undone. What the merge moves is written down
 * beside it, so that undoing puts back that and nothing that came since.
 */
#include "domain/apply_private.h"
#include "domain/check.h"
#include "domain/engagement.h"
#include "domain/merge.h"

/* --- written down --- */

struct noting {
    const struct apply *apply;
    const Ctps__SituationMerged *event;
    Ctps__MergeRecord record;
    size_t link_cap;
    size_t engagement_cap;
};

/* Room for one more pointer; NULL without memory. */
static void *pointers_grow(const struct apply *apply, void *list, size_t count, size_t *cap)
{
    void *grown;

    if (count < *cap)
        return list;
    grown = arena_alloc(apply->arena, (2 * *cap + 8) * sizeof(void *));
    if (!grown)
        return NULL;
    if (count)
        memcpy(grown, list, count * sizeof(void *));
    *cap = 2 * *cap + 8;
    return grown;
}

static bool link_note(void *arg, struct bytes key, struct bytes value)
{
    struct noting *noting = arg;
    Ctps__LinkRecord *row = (Ctps__LinkRecord *)record_unpack(
        noting->apply->arena, &ctps__link_record__descriptor, value);
    Ctps__LinkRecord **grown = pointers_grow(noting->apply, noting->record.links,
                                             noting->record.n_links, &noting->link_cap);

    if (!row || !row->linked || !grown)
        return true;
    /* Seen from the one that ends: `b` is the other side. */
    SET(row->linked, a, be64_get(key.data));
    SET(row->linked, b, be64_get(key.data + 8));
    noting->record.links = grown;
    noting->record.links[noting->record.n_links++] = row;
    return true;
}

static bool engagement_note(void *arg, struct bytes key, struct bytes value)
{
    struct noting *noting = arg;
    const struct apply *apply = noting->apply;
    Ctps__MergedEngagement *note = arena_alloc(apply->arena, sizeof(*note));
    Ctps__EngagementRecord *row = (Ctps__EngagementRecord *)record_unpack(
        apply->arena, &ctps__engagement_record__descriptor, value);
    Ctps__MergedEngagement **grown =
        pointers_grow(apply, noting->record.engagements, noting->record.n_engagements,
                      &noting->engagement_cap);

    (void)key;
    if (!note || !row || !row->engaged || !grown)
        return true;
    ctps__merged_engagement__init(note);
    note->own = row;
    note->theirs = engagement_get(apply->tables, apply->arena, noting->event->into,
                                  row->engaged->kind, row->engaged->id);
    noting->record.engagements = grown;
    noting->record.engagements[noting->record.n_engagements++] = note;
    return true;
}

static void merge_note(const struct apply *apply, const Ctps__SituationMerged *event,
                       const Ctps__SituationRecord *row)
{
    struct noting noting = {apply, event, CTPS__MERGE_RECORD__INIT, 0, 0};
    struct table_key prefix = table_key_of_u64(event->id);
    Ctps__SituationMerged merged = *event;

    noting.record.merged = &merged;
    noting.record.status = row->status;
    SET_FROM(&noting.record, row, next_review_day);
    SET_FROM(&noting.record, row, watch_until_day);
    noting.record.n_saisines = row->n_saisines;
    noting.record.saisines = row->saisines;
    noting.record.n_situations = row->n_merged;
    noting.record.situations = row->merged;
    noting.record.persons = arena_alloc(apply->arena, (row->n_persons + 1) * sizeof(uint64_t));
    for (size_t i = 0; noting.record.persons && i < row->n_persons; i++)
        noting.record.persons[noting.record.n_persons++] = row->persons[i]->id;
    apply->tables->walk(apply->tables->ctx, TABLE_LINK, table_key_bytes(&prefix),
                        bytes_of(NULL, 0), false, link_note, &noting);
    apply->tables->walk(apply->tables->ctx, TABLE_ENGAGEMENT, table_key_bytes(&prefix),
                        bytes_of(NULL, 0), false, engagement_note, &noting);
    record_put(apply->tables, TABLE_MERGE, table_key_of_u64(event->id), apply->arena,
               &noting.record.base);
}

/* --- merged --- */

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

static void course_note(const struct apply *apply, Ctps__SituationRecord *row, const char *kind,
                        int32_t day, uint64_t agent, const Ctps__SituationRecord *other,
                        Ctps__Sealed *text)
{
    Ctps__CourseStep step = CTPS__COURSE_STEP__INIT;

    step.kind = arena_copy(apply->arena, kind, strlen(kind) + 1);
    SET(&step, day, day);
    SET(&step, agent, agent);
    step.code = other->opened->reference;
    step.text = text;
    apply_course_add(apply, row, &step);
}

void apply_situation_merged(const struct apply *apply, const Ctps__SituationMerged *event)
{
    Ctps__SituationRecord *row = record_situation(apply->tables, apply->arena, event->id);
    Ctps__SituationRecord *into = record_situation(apply->tables, apply->arena, event->into);
    char status[] = STATUS_CLOSED;

    if (!row || !into)
        return;
    merge_note(apply, event, row);
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
    course_note(apply, row, "merged", event->day, event->by_agent, into, NULL);
    course_note(apply, into, "merged", event->day, event->by_agent, row, NULL);
    apply_situation_put(apply, row);
    merged_move(apply, event->id, into);
    apply_situation_put(apply, into);
}

/* --- undone --- */

/* Takes `id` out of a list of ids; whether it was there. */
static bool id_take(uint64_t *list, size_t *count, uint64_t id)
{
    for (size_t i = 0; i < *count; i++)
        if (list[i] == id) {
            memmove(&list[i], &list[i + 1], (--*count - i) * sizeof(list[0]));
            return true;
        }
    return false;
}

static void saisines_return(const struct apply *apply, const Ctps__MergeRecord *merge,
                            Ctps__SituationRecord *from, Ctps__SituationRecord *row)
{
    for (size_t i = 0; i < merge->n_saisines; i++)
        if (id_take(from->saisines, &from->n_saisines, merge->saisines[i]))
            saisine_move(apply, merge->saisines[i], row);
}

static void merged_return(const struct apply *apply, const Ctps__MergeRecord *merge,
                          Ctps__SituationRecord *from, Ctps__SituationRecord *row)
{
    id_take(from->merged, &from->n_merged, row->opened->id);
    for (size_t i = 0; i < merge->n_situations; i++)
        if (id_take(from->merged, &from->n_merged, merge->situations[i]))
            merged_move(apply, merge->situations[i], row);
}

/* As they are now: one corrected since keeps that, one dropped since is gone. */
static void persons_return(const struct apply *apply, const Ctps__MergeRecord *merge,
                           Ctps__SituationRecord *from, Ctps__SituationRecord *row)
{
    size_t kept = 0;

    row->persons = arena_alloc(apply->arena, (from->n_persons + 1) * sizeof(row->persons[0]));
    row->n_persons = 0;
    for (size_t i = 0; row->persons && i < from->n_persons; i++) {
        bool own = false;

        for (size_t j = 0; j < merge->n_persons; j++)
            own |= merge->persons[j] == from->persons[i]->id;
        if (own)
            row->persons[row->n_persons++] = from->persons[i];
        else
            from->persons[kept++] = from->persons[i];
    }
    from->n_persons = kept;
}

static Ctps__LinkRecord *link_of(const struct apply *apply, uint64_t a, uint64_t b)
{
    return (Ctps__LinkRecord *)record_get(apply->tables, TABLE_LINK, table_key_of_two(a, b),
                                          apply->arena, &ctps__link_record__descriptor);
}

static void link_return(const struct apply *apply, Ctps__LinkRecord *own, uint64_t from)
{
    uint64_t id = own->linked->a;
    uint64_t other = own->linked->b;
    const Ctps__SituationRecord *side = record_situation(apply->tables, apply->arena, other);
    const Ctps__LinkRecord *moved = link_of(apply, from, other);

    if (!side || side->erased || side->merged_into)
        return;
    /* Unlinked since, on the situation that remained: it stays so. */
    if (other != from && (!moved || !moved->linked))
        return;
    if (other != from && moved->linked->id == own->linked->id) {
        record_remove(apply->tables, TABLE_LINK, table_key_of_two(from, other));
        record_remove(apply->tables, TABLE_LINK, table_key_of_two(other, from));
    }
    record_put(apply->tables, TABLE_LINK, table_key_of_two(id, other), apply->arena,
               &own->base);
    record_put(apply->tables, TABLE_LINK, table_key_of_two(other, id), apply->arena,
               &own->base);
}

/* What came with the merge goes back as it is now; what the other side had before it is there
 * again. */
static void engagement_return(const struct apply *apply, const Ctps__MergedEngagement *note,
                              uint64_t from)
{
    const Ctps__SituationEngaged *engaged = note->own->engaged;
    struct table_key there = engagement_key(from, engaged->kind, engaged->id);
    Ctps__EngagementRecord *now =
        engagement_get(apply->tables, apply->arena, from, engaged->kind, engaged->id);
    bool moved = merge_moves_engagement(note->own, note->theirs);

    if (moved && now && now->engaged && now->engaged->since_day == engaged->since_day &&
        now->engaged->by_agent == engaged->by_agent) {
        SET_FROM(note->own, now, until_day);
        if (note->theirs)
            record_put(apply->tables, TABLE_ENGAGEMENT, there, apply->arena,
                       &note->theirs->base);
        else
            record_remove(apply->tables, TABLE_ENGAGEMENT, there);
    }
    record_put(apply->tables, TABLE_ENGAGEMENT,
               engagement_key(engaged->situation, engaged->kind, engaged->id), apply->arena,
               &note->own->base);
}

/* Open again, where the one it had ended in is followed now. */
static void course_return(const Ctps__MergeRecord *merge, const Ctps__SituationRecord *from,
                          Ctps__SituationRecord *row)
{
    row->has_merged_into = 0;
    row->merged_into = 0;
    row->has_closed_day = 0;
    row->status = merge->status;
    SET_FROM(row, merge, next_review_day);
    SET_FROM(row, merge, watch_until_day);
    if (strcmp(or_empty(row->territory), or_empty(from->territory)) == 0)
        return;
    row->territory = from->territory;
    row->opened->district = from->opened->district;
    SET_FROM(row, from, lead_agent);
}

void apply_situation_unmerged(const struct apply *apply, const Ctps__SituationUnmerged *event)
{
    Ctps__SituationRecord *row = record_situation(apply->tables, apply->arena, event->id);
    Ctps__SituationRecord *from = record_situation(apply->tables, apply->arena, event->from);
    Ctps__MergeRecord *merge = merge_record(apply->tables, apply->arena, event->id);

    if (!row || !from || !merge)
        return;
    course_return(merge, from, row);
    saisines_return(apply, merge, from, row);
    merged_return(apply, merge, from, row);
    persons_return(apply, merge, from, row);
    for (size_t i = 0; i < merge->n_links; i++)
        link_return(apply, merge->links[i], event->from);
    for (size_t i = 0; i < merge->n_engagements; i++)
        engagement_return(apply, merge->engagements[i], event->from);
    course_note(apply, row, "unmerged", event->day, event->by_agent, from, event->text);
    course_note(apply, from, "unmerged", event->day, event->by_agent, row, NULL);
    apply_situation_put(apply, row);
    apply_situation_put(apply, from);
    record_remove(apply->tables, TABLE_MERGE, table_key_of_u64(event->id));
}

/* --- a saisine attached by mistake --- */

void apply_saisine_detached(const struct apply *apply, const Ctps__SaisineDetached *event)
{
    Ctps__SaisineRecord *saisine = record_saisine(apply->tables, apply->arena, event->id);
    Ctps__SituationRecord *from =
        record_situation(apply->tables, apply->arena, event->situation);
    Ctps__CourseStep step = CTPS__COURSE_STEP__INIT;
    char kind[] = "detached";

    if (!saisine || !from || !id_take(from->saisines, &from->n_saisines, event->id))
        return;
    /* It is answered where it was received. */
    apply_territory_remove(apply, from->territory, CTPS__OBJECT_KIND__OBJECT_SAISINE,
                           event->id);
    apply_territory_add(apply, saisine->received->territory, CTPS__OBJECT_KIND__OBJECT_SAISINE,
                        event->id);
    saisine->has_situation = 0;
    saisine->situation = 0;
    apply_saisine_status(apply, saisine, SAISINE_RECEIVED);
    step.kind = kind;
    SET_FROM(&step, event, day);
    SET(&step, agent, event->by_agent);
    step.code = saisine->received->number;
    step.text = event->text;
    apply_course_add(apply, from, &step);
    apply_situation_put(apply, from);
}

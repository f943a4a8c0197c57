/* Undoing a merge, and taking a saisine out of a situation it was attached to by mistake. */
#include "domain/merge.h"

#include "domain/check.h"
#include "domain/decide.h"
#include "domain/record.h"
#include "domain/situation.h"

Ctps__MergeRecord *merge_record(const struct tables *tables, struct arena *arena,
                                uint64_t situation)
{
    return (Ctps__MergeRecord *)record_get(tables, TABLE_MERGE, table_key_of_u64(situation),
                                           arena, &ctps__merge_record__descriptor);
}

bool merge_moves_engagement(const Ctps__EngagementRecord *own,
                            const Ctps__EngagementRecord *theirs)
{
    return !theirs || (theirs->has_until_day && !own->has_until_day);
}

static bool is_in(const uint64_t *ids, size_t count, uint64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

uint64_t merge_of_saisine(struct act *act, const Ctps__SituationRecord *situation, uint64_t id)
{
    for (size_t i = 0; i < situation->n_merged; i++) {
        const Ctps__MergeRecord *merge =
            merge_record(act->tables, act->arena, situation->merged[i]);

        if (merge && is_in(merge->saisines, merge->n_saisines, id))
            return situation->merged[i];
    }
    return 0;
}

/* --- pairs: what was said to be one is said to be two --- */

enum { PAIRS_MAX = 32 /* an entry holds 64 events; a town has seen three */ };

struct parting {
    struct act *act;
    uint64_t saisine;
    uint64_t situation; /* the other side's */
    const Ctps__MergeRecord *merge;
    size_t count;
};

static void pair_part(struct parting *parting, uint64_t other)
{
    struct act *act = parting->act;
    Ctps__DuplicateDecided *out;
    char outcome[] = DUPLICATE_DIFFERENT;

    if (++parting->count > PAIRS_MAX) {
        act_refuse(act, REFUSAL_LIMIT, "pairs");
        return;
    }
    out = emit_duplicate_decided(act);
    SET(out, a, parting->saisine < other ? parting->saisine : other);
    SET(out, b, parting->saisine < other ? other : parting->saisine);
    out->outcome = act_text(act, outcome);
    SET(out, day, act->today);
    SET(out, by_agent, act->who->id);
}

static bool pair_look(void *arg, struct bytes key, struct bytes value)
{
    struct parting *parting = arg;
    struct act *act = parting->act;
    const Ctps__DuplicateRecord *row = (const Ctps__DuplicateRecord *)record_unpack(
        act->arena, &ctps__duplicate_record__descriptor, value);
    const Ctps__SaisineRecord *other;
    uint64_t id;

    if (!row || !row->decided || key.len != 16 ||
        strcmp(or_empty(row->decided->outcome), DUPLICATE_MERGE) != 0)
        return !act->exhausted;
    id = be64_get(key.data + 8);
    other = record_saisine(act->tables, act->arena, id);
    /* Both may have come with the merge that is undone: they stay together. */
    if (other && other->situation == parting->situation &&
        !(parting->merge && is_in(parting->merge->saisines, parting->merge->n_saisines, id)))
        pair_part(parting, id);
    return act->refusal == REFUSAL_NONE;
}

static void pairs_part(struct parting *parting, uint64_t saisine)
{
    struct act *act = parting->act;
    struct table_key prefix = table_key_of_u64(saisine);

    parting->saisine = saisine;
    act->tables->walk(act->tables->ctx, TABLE_DUPLICATE, table_key_bytes(&prefix),
                      bytes_of(NULL, 0), false, pair_look, parting);
}

/* --- situation.unmerge --- */

/* Undoing takes what merging takes: the right to end, here to open again, on both sides. */
void authorise_situation_unmerge(struct act *act)
{
    const Ctps__SituationRecord *from;
    struct resource resource;

    situation_load(act, act->request->situation_unmerge->id, ACTION_SITUATION_CLOSE);
    if (act->refusal != REFUSAL_NONE || !act->situation->merged_into)
        return;
    from = record_situation(act->tables, act->arena, act->situation->merged_into);
    if (!from) {
        act_refuse(act, REFUSAL_ABSENT, "situation");
        return;
    }
    resource = resource_of_situation(act, from);
    act_judge(act, ACTION_SITUATION_CLOSE, &resource);
}

static char *reference_of(struct act *act, uint64_t id)
{
    const Ctps__SituationRecord *row = record_situation(act->tables, act->arena, id);

    return row ? row->opened->reference : act_text(act, "");
}

static bool course_fits(struct act *act, const Ctps__SituationRecord *from)
{
    if (situation_has_room(act) && from->n_course < SITUATION_COURSE_MAX)
        return true;
    act_refuse(act, REFUSAL_LIMIT, "changes of one situation");
    return false;
}

static bool unmerge_check(struct act *act, const Ctps__MergeRecord *merge)
{
    const Ctps__SituationRecord *row = act->situation;
    const Ctps__SituationRecord *from;

    if (row->erased || row->erasure_ordered) {
        act_refuse(act, REFUSAL_ERASED, "situation");
        return false;
    }
    if (!row->merged_into || !merge) {
        act_refuse(act, REFUSAL_NOT_MERGED, row->opened->reference);
        return false;
    }
    if (merge->merged->into != row->merged_into) {
        act_refuse(act, REFUSAL_MERGE_NOT_LAST, reference_of(act, merge->merged->into));
        return false;
    }
    from = record_situation(act->tables, act->arena, row->merged_into);
    return check_situation_open(act, from, "into") && course_fits(act, from);
}

void decide_situation_unmerge(struct act *act)
{
    const Ctps__SituationUnmerge *in = act->request->situation_unmerge;
    const Ctps__MergeRecord *merge = merge_record(act->tables, act->arena, in->id);
    struct parting parting = {.act = act, .merge = merge};
    Ctps__SituationUnmerged *out;

    if (!unmerge_check(act, merge))
        return;
    out = emit_situation_unmerged(act);
    SET(out, id, in->id);
    SET(out, from, act->situation->merged_into);
    SET(out, day, act->today);
    SET(out, by_agent, act->who->id);
    out->text = situation_seal(act, SEALED_COURSE_TEXT, in->text, NULL);
    parting.situation = act->situation->merged_into;
    for (size_t i = 0; i < merge->n_saisines; i++)
        pairs_part(&parting, merge->saisines[i]);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_SITUATION, in->id,
             act->situation->opened->reference);
}

/* --- saisine.detach --- */

void authorise_saisine_detach(struct act *act)
{
    struct resource resource;

    act->saisine = record_saisine(act->tables, act->arena, act->request->saisine_detach->id);
    if (!act->saisine) {
        act_refuse(act, REFUSAL_ABSENT, "saisine");
        return;
    }
    resource = resource_of_saisine(act, act->saisine);
    act_judge(act, ACTION_SAISINE_DECIDE, &resource);
}

static bool detach_check(struct act *act)
{
    uint64_t id = act->saisine->received->id;
    uint64_t merged;

    if (act->saisine->erased || act->saisine->erasure_ordered) {
        act_refuse(act, REFUSAL_ERASED, "saisine");
        return false;
    }
    act->situation = record_situation(act->tables, act->arena, act->saisine->situation);
    if (!act->situation || strcmp(or_empty(act->saisine->status), SAISINE_ACCEPTED) != 0) {
        act_refuse(act, REFUSAL_STATE_WRONG, "saisine");
        return false;
    }
    if (!check_situation_open(act, act->situation, "situation") || !situation_has_room(act))
        return false;
    merged = merge_of_saisine(act, act->situation, id);
    if (merged)
        act_refuse(act, REFUSAL_DETACH_MERGED, reference_of(act, merged));
    else if (act->situation->saisines[0] == id)
        act_refuse(act, REFUSAL_DETACH_FIRST, act->situation->opened->reference);
    return act->refusal == REFUSAL_NONE;
}

void decide_saisine_detach(struct act *act)
{
    const Ctps__SaisineDetach *in = act->request->saisine_detach;
    struct parting parting = {.act = act};
    Ctps__SaisineDetached *out;

    if (!detach_check(act))
        return;
    out = emit_saisine_detached(act);
    SET(out, id, in->id);
    SET(out, situation, act->situation->opened->id);
    SET(out, day, act->today);
    SET(out, by_agent, act->who->id);
    out->text = situation_seal(act, SEALED_COURSE_TEXT, in->text, NULL);
    parting.situation = act->situation->opened->id;
    pairs_part(&parting, in->id);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_SAISINE, in->id, act->saisine->received->number);
}

/* What a human decides about two saisines: linked, merged, or not the same. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/duplicate_link.h"
#include "domain/record.h"
#include "domain/retention.h"
#include "domain/situation.h"

/* Keys one situation may have so that one erasure still reaches them all. */
enum { MERGED_KEYS_MAX = 255 };

/* The two sides, smaller id first; a situation is NULL while there is none. */
struct pair {
    uint64_t ids[2];
    Ctps__SaisineRecord *saisines[2];
    Ctps__SituationRecord *situations[2];
};

static const char *const side_names[] = {"a", "b"};

static bool pair_load(struct act *act, struct pair *pair)
{
    const Ctps__DuplicateDecide *in = act->request->duplicate_decide;

    pair->ids[0] = in->a < in->b ? in->a : in->b;
    pair->ids[1] = in->a < in->b ? in->b : in->a;
    if (in->a == in->b) {
        act_refuse(act, REFUSAL_FIELD_RANGE, "b");
        return false;
    }
    for (int i = 0; i < 2; i++) {
        pair->saisines[i] = record_saisine(act->tables, act->arena, pair->ids[i]);
        if (!pair->saisines[i]) {
            act_refuse(act, REFUSAL_ABSENT, pair->ids[i] == in->a ? "a" : "b");
            return false;
        }
        pair->situations[i] =
            pair->saisines[i]->situation
                ? record_situation(act->tables, act->arena, pair->saisines[i]->situation)
                : NULL;
    }
    return true;
}

static bool is_outcome(const struct act *act, const char *outcome)
{
    return strcmp(or_empty(act->request->duplicate_decide->outcome), outcome) == 0;
}

/* The side whose situation ends in the other's: the one opened later. */
static int younger_of(const struct pair *pair)
{
    const Ctps__SituationOpened *one = pair->situations[0]->opened;
    const Ctps__SituationOpened *two = pair->situations[1]->opened;

    if (one->opened_day != two->opened_day)
        return one->opened_day > two->opened_day ? 0 : 1;
    return one->id > two->id ? 0 : 1;
}

/* Merging does the work of closing a situation, or of accepting a saisine: who may not do that
 * may not do it by way of a merge either. */
static void merge_judge(struct act *act, const struct pair *pair)
{
    struct resource resource;

    if (pair->situations[0] && pair->situations[1]) {
        resource = resource_of_situation(act, pair->situations[younger_of(pair)]);
        act_judge(act, ACTION_SITUATION_CLOSE, &resource);
        return;
    }
    for (int i = 0; i < 2; i++)
        if (!pair->situations[i]) {
            resource = resource_of_saisine(act, pair->saisines[i]);
            act_judge(act, ACTION_SAISINE_DECIDE, &resource);
        }
}

void authorise_duplicate_decide(struct act *act)
{
    struct pair pair;

    if (!pair_load(act, &pair))
        return;
    for (int i = 0; i < 2; i++) {
        struct resource resource = pair.situations[i]
                                       ? resource_of_situation(act, pair.situations[i])
                                       : resource_of_saisine(act, pair.saisines[i]);

        if (act_judge(act, ACTION_DUPLICATE_DECIDE, &resource) != REFUSAL_NONE)
            return;
    }
    if (is_outcome(act, DUPLICATE_MERGE))
        merge_judge(act, &pair);
}

static bool outcome_check(struct act *act)
{
    if (!check_given(act, is_given(act->request->duplicate_decide->outcome), "outcome"))
        return false;
    if (is_outcome(act, DUPLICATE_LINK) || is_outcome(act, DUPLICATE_MERGE) ||
        is_outcome(act, DUPLICATE_DIFFERENT))
        return true;
    act_refuse(act, REFUSAL_FIELD_RANGE, "outcome");
    return false;
}

/* A decision may be made stronger later (not the same, linked, merged), never weaker. */
static int strength(const char *outcome)
{
    if (strcmp(outcome, DUPLICATE_MERGE) == 0)
        return 3;
    return strcmp(outcome, DUPLICATE_LINK) == 0 ? 2 : 1;
}

static bool is_unsettled(struct act *act, const struct pair *pair)
{
    const Ctps__DuplicateRecord *row = (const Ctps__DuplicateRecord *)record_get(
        act->tables, TABLE_DUPLICATE, table_key_of_two(pair->ids[0], pair->ids[1]), act->arena,
        &ctps__duplicate_record__descriptor);

    if (!row || !row->decided ||
        strength(act->request->duplicate_decide->outcome) >
            strength(or_empty(row->decided->outcome)))
        return true;
    act_refuse(act, REFUSAL_DUPLICATE_SETTLED, "outcome");
    return false;
}

/* Nothing is decided about what was erased, nor joined to what nobody takes up here. */
static bool sides_check(struct act *act, const struct pair *pair)
{
    for (int i = 0; i < 2; i++) {
        const Ctps__SaisineRecord *saisine = pair->saisines[i];
        const char *status = or_empty(saisine->status);

        if (saisine->erased || saisine->erasure_ordered) {
            act_refuse(act, REFUSAL_ERASED, side_names[i]);
            return false;
        }
        if (!is_outcome(act, DUPLICATE_DIFFERENT) && strcmp(status, SAISINE_RECEIVED) != 0 &&
            strcmp(status, SAISINE_ACCEPTED) != 0) {
            act_refuse(act, REFUSAL_STATE_WRONG, side_names[i]);
            return false;
        }
    }
    if (pair->situations[0] && pair->saisines[0]->situation == pair->saisines[1]->situation) {
        act_refuse(act, REFUSAL_SAME_SITUATION, pair->situations[0]->opened->reference);
        return false;
    }
    return true;
}

static bool keys_fit(struct act *act, const struct pair *pair)
{
    size_t count = 0;

    for (int i = 0; i < 2; i++) {
        const Ctps__ErasureSubject *subject =
            retention_subject_of_situation(act, pair->situations[i]);

        count += subject ? subject->n_slots : MERGED_KEYS_MAX;
    }
    if (count < MERGED_KEYS_MAX)
        return true;
    act_refuse(act, REFUSAL_LIMIT, "keys of one situation");
    return false;
}

/* Persons added to the two, who go on together, must still all be known by name. */
static bool persons_fit(struct act *act, const struct pair *pair)
{
    if (pair->situations[0]->n_persons + pair->situations[1]->n_persons <=
        SITUATION_PERSONS_MAX)
        return true;
    act_refuse(act, REFUSAL_LIMIT, "persons of one situation");
    return false;
}

static bool merge_check(struct act *act, const struct pair *pair)
{
    const char *territories[2];

    if (!pair->situations[0] && !pair->situations[1]) {
        act_refuse(act, REFUSAL_MERGE_UNDECIDED, "outcome");
        return false;
    }
    for (int i = 0; i < 2; i++)
        territories[i] =
            pair->situations[i]
                ? record_situation_now(act->tables, act->arena, pair->situations[i])->territory
                : pair->saisines[i]->received->territory;
    if (strcmp(or_empty(territories[0]), or_empty(territories[1])) != 0) {
        act_refuse(act, REFUSAL_MERGE_TERRITORIES, territories[1]);
        return false;
    }
    for (int i = 0; i < 2; i++)
        if (pair->situations[i] &&
            !check_situation_open(act, pair->situations[i], side_names[i]))
            return false;
    return !pair->situations[0] || !pair->situations[1] ||
           (keys_fit(act, pair) && persons_fit(act, pair));
}

static void attach_emit(struct act *act, const struct pair *pair)
{
    int undecided = pair->situations[0] ? 1 : 0;
    const Ctps__SituationRecord *situation = pair->situations[1 - undecided];
    Ctps__SaisineAccepted *out = emit_saisine_accepted(act);

    SET(out, id, pair->ids[undecided]);
    SET(out, situation, situation->opened->id);
    SET(out, attached, 1);
    SET(out, day, act->today);
    duplicate_links_follow(act, pair->ids[undecided], situation->opened->id);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_SITUATION, situation->opened->id,
             situation->opened->reference);
}

static void merged_emit(struct act *act, const struct pair *pair)
{
    int younger = younger_of(pair);
    const Ctps__SituationOpened *survivor = pair->situations[1 - younger]->opened;
    Ctps__SituationMerged *out = emit_situation_merged(act);

    SET(out, id, pair->situations[younger]->opened->id);
    SET(out, into, survivor->id);
    SET(out, day, act->today);
    SET(out, by_agent, act->who->id);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_SITUATION, survivor->id, survivor->reference);
}

/* The text may speak of both: under a key of its own, which ends with the first of them. */
static void decided_emit(struct act *act, const struct pair *pair)
{
    const Ctps__DuplicateDecide *in = act->request->duplicate_decide;
    Ctps__DuplicateDecided *out = emit_duplicate_decided(act);
    Ctps__EntryContent content = CTPS__ENTRY_CONTENT__INIT;

    SET(out, a, pair->ids[0]);
    SET(out, b, pair->ids[1]);
    out->outcome = in->outcome;
    SET(out, day, act->today);
    SET(out, by_agent, act->who->id);
    content.text = in->text;
    if (is_given(in->text))
        out->text = act_seal(act, act_take_slot(act), SEALED_DUPLICATE_TEXT, &content.base);
}

void decide_duplicate(struct act *act)
{
    struct pair pair;

    if (!outcome_check(act) || !pair_load(act, &pair) || !sides_check(act, &pair) ||
        !is_unsettled(act, &pair) ||
        (is_outcome(act, DUPLICATE_MERGE) && !merge_check(act, &pair)))
        return;
    decided_emit(act, &pair);
    if (is_outcome(act, DUPLICATE_LINK))
        duplicate_link_emit(act, pair.saisines[0]->situation, pair.saisines[1]->situation);
    if (!is_outcome(act, DUPLICATE_MERGE))
        return;
    if (pair.situations[0] && pair.situations[1])
        merged_emit(act, &pair);
    else
        attach_emit(act, &pair);
}

/*
 * Requests of persons about what is held on them (GDPR art. 15 to 21): numbered, due one month
 * after reception, once extended by two months (art. 12.3), answered or refused.
 */
#include "base/civil.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/intake.h"
#include "domain/record.h"
#include "domain/rights.h"

Ctps__RightsRecord *rights_record(const struct tables *tables, struct arena *arena, uint64_t id)
{
    return (Ctps__RightsRecord *)record_get(tables, TABLE_RIGHTS, table_key_of_u64(id), arena,
                                            &ctps__rights_record__descriptor);
}

struct resource rights_resource(const struct act *act, const Ctps__RightsRecord *record)
{
    struct resource resource = resource_of_territory(act, record->opened->territory);

    resource.erased = record->erased || record->erasure_ordered;
    return resource;
}

Ctps__RightsRecord *rights_load(struct act *act, uint64_t id, const char *number,
                                enum action action)
{
    Ctps__RightsRecord *record;
    struct resource resource;

    if (!id)
        id = record_reference_find(act->tables, act->arena, or_empty(number));
    record = rights_record(act->tables, act->arena, id);
    if (!record) {
        act_refuse(act, REFUSAL_ABSENT, "request");
        return NULL;
    }
    resource = rights_resource(act, record);
    return act_judge(act, action, &resource) == REFUSAL_NONE ? record : NULL;
}

static bool is_word_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

static bool word_check(struct act *act, const char *word, const char *const *words,
                       size_t count, const char *field)
{
    if (!check_given(act, is_given(word), field))
        return false;
    if (!is_word_of(word, words, count))
        act_refuse(act, REFUSAL_FIELD_RANGE, field);
    return act->refusal == REFUSAL_NONE;
}

/* --- open --- */

void authorise_rights_open(struct act *act)
{
    struct resource resource = resource_of_territory(act, act->request->rights_open->territory);

    act_judge(act, ACTION_RIGHTS_OPEN, &resource);
}

/* A situation may be followed elsewhere by now: its number is all that is said of it. */
static bool situations_check(struct act *act, const Ctps__RightsOpen *in)
{
    for (size_t i = 0; i < in->n_situations; i++) {
        const Ctps__SituationRecord *row =
            record_situation(act->tables, act->arena, in->situations[i]);
        struct judgement judgement = {0};
        struct resource resource;

        if (row)
            resource = resource_of_situation(act, row);
        if (!row || !act_may(act, ACTION_SITUATION_EXISTENCE, &resource, &judgement)) {
            act_refuse(act, REFUSAL_ABSENT, "situations");
            return false;
        }
    }
    return true;
}

static Ctps__Sealed *requester_seal(struct act *act, const Ctps__RightsOpen *in, uint64_t slot)
{
    Ctps__RightsRequester requester = CTPS__RIGHTS_REQUESTER__INIT;

    requester.name = in->name;
    requester.address = in->address;
    requester.email = in->email;
    requester.quality = in->quality;
    requester.text = in->text;
    return act_seal(act, slot, SEALED_RIGHTS_REQUESTER, &requester.base);
}

void decide_rights_open(struct act *act)
{
    static const char *const kinds[] = {"access", "rectification", "erasure", "restriction",
                                        "objection"};
    const Ctps__RightsOpen *in = act->request->rights_open;
    Ctps__RightsOpened *out;
    uint32_t ordinal = 0;
    uint64_t id;

    if (!word_check(act, in->kind, kinds, sizeof(kinds) / sizeof(kinds[0]), "kind") ||
        !check_day_past(act, in->has_received_day, in->received_day, "received_day") ||
        !check_territory(act, in->territory) || !check_given(act, is_given(in->name), "name") ||
        !situations_check(act, in))
        return;
    id = act_new_id(act);
    out = emit_rights_opened(act);
    SET(out, id, id);
    out->number = intake_number(act, "D", "", in->received_day, &ordinal);
    SET(out, number_ordinal, ordinal);
    out->kind = in->kind;
    SET_FROM(out, in, received_day);
    out->territory = in->territory;
    out->situations = in->situations;
    out->n_situations = in->n_situations;
    SET(out, slot, act_take_slot(act));
    out->requester = requester_seal(act, in, out->slot);
    SET(out, due_day, civil_add_months(in->received_day, RIGHTS_MONTHS));
    SET(out, by_agent, act->who->id);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_RIGHTS_REQUEST, id, out->number);
}

/* --- extend --- */

void authorise_rights_extend(struct act *act)
{
    const Ctps__RightsExtend *in = act->request->rights_extend;

    act->rights = rights_load(act, in->id, in->number, ACTION_RIGHTS_ANSWER);
}

static bool is_open(struct act *act)
{
    if (!act->rights->answered)
        return true;
    act_refuse(act, REFUSAL_STATE_WRONG, "request");
    return false;
}

static Ctps__Sealed *text_seal(struct act *act, enum sealed_field field, char *text)
{
    Ctps__EntryContent content = CTPS__ENTRY_CONTENT__INIT;

    content.text = text;
    return act_seal(act, act->rights->opened->slot, field, &content.base);
}

void decide_rights_extend(struct act *act)
{
    const Ctps__RightsExtend *in = act->request->rights_extend;
    const Ctps__RightsRecord *rights = act->rights;
    Ctps__RightsExtended *out;

    if (!check_given(act, is_given(in->reason), "reason") || !is_open(act))
        return;
    if (rights->extended) {
        act_refuse(act, REFUSAL_RIGHTS_EXTENDED, "request");
        return;
    }
    if (act->today > rights->due_day) {
        act_refuse(act, REFUSAL_RIGHTS_LATE, "request");
        return;
    }
    out = emit_rights_extended(act);
    SET(out, id, rights->opened->id);
    SET(out, day, act->today);
    SET(out, due_day,
        civil_add_months(rights->opened->received_day,
                         RIGHTS_MONTHS + RIGHTS_EXTENSION_MONTHS));
    SET(out, by_agent, act->who->id);
    out->reason = text_seal(act, SEALED_RIGHTS_REASON, in->reason);
}

/* --- answer --- */

void authorise_rights_answer(struct act *act)
{
    const Ctps__RightsAnswer *in = act->request->rights_answer;

    act->rights = rights_load(act, in->id, in->number, ACTION_RIGHTS_ANSWER);
}

static bool outcome_check(struct act *act, const Ctps__RightsAnswer *in)
{
    static const char *const outcomes[] = {"granted", "partly", "nothing_held", "refused"};
    static const char *const motives[] = {"unfounded", "excessive", "identity_not_proved",
                                          "legal_obligation", "rights_of_others"};

    if (!word_check(act, in->outcome, outcomes, sizeof(outcomes) / sizeof(outcomes[0]),
                    "outcome"))
        return false;
    if (strcmp(in->outcome, RIGHTS_REFUSED) == 0)
        return word_check(act, in->motive, motives, sizeof(motives) / sizeof(motives[0]),
                          "motive");
    return true;
}

void decide_rights_answer(struct act *act)
{
    const Ctps__RightsAnswer *in = act->request->rights_answer;
    Ctps__RightsAnswered *out;

    if (!is_open(act) || !outcome_check(act, in))
        return;
    out = emit_rights_answered(act);
    SET(out, id, act->rights->opened->id);
    SET(out, day, act->today);
    out->outcome = in->outcome;
    if (strcmp(in->outcome, RIGHTS_REFUSED) == 0)
        out->motive = in->motive;
    SET(out, by_agent, act->who->id);
    if (is_given(in->text))
        out->text = text_seal(act, SEALED_RIGHTS_ANSWER, in->text);
    SET(out, erase_due_day, civil_add_months(act->today, RIGHTS_KEPT_MONTHS));
}

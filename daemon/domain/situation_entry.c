/* Entries of the timeline: what each kind must say, and correcting a mistaken one. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/intake.h"
#include "domain/record.h"
#include "domain/situation.h"

void authorise_situation_entry(struct act *act)
{
    situation_load(act, act->request->situation_add_entry->id, ACTION_SITUATION_ENTRY);
}

void authorise_situation_correct(struct act *act)
{
    situation_load(act, act->request->situation_correct_entry->situation,
                   ACTION_SITUATION_CORRECT);
}

static bool reminder_check(struct act *act, const Ctps__SituationAddEntry *in)
{
    if (!intake_is_minor(act->situation->opened->age_band) || in->representatives_present ||
        is_given(in->representatives_absent_why))
        return true;
    act_refuse(act, REFUSAL_MINOR_REPRESENTATIVES, "representatives_present");
    return false;
}

static bool transmission_check(struct act *act, const Ctps__SituationAddEntry *in)
{
    if (!in->has_transmitted_us || !in->has_mayor_informed) {
        act_refuse(act, REFUSAL_TRANSMISSION_INCOMPLETE, "transmitted_us");
        return false;
    }
    if (in->transmitted_us <= act->now_us)
        return true;
    act_refuse(act, REFUSAL_DATE_FUTURE, "transmitted_us");
    return false;
}

static bool report_check(struct act *act, const Ctps__SituationAddEntry *in)
{
    const Ctps__Partner *partner = record_partner(act->tables, act->arena, in->partner);

    if (partner && strcmp(or_empty(partner->kind), "justice") == 0)
        return true;
    act_refuse(act, REFUSAL_ART40_RECIPIENT, "partner");
    return false;
}

static bool orientation_check(struct act *act, const Ctps__SituationAddEntry *in)
{
    return check_list(act, "type_partenaire", in->oriented_to, "oriented_to");
}

/* Kinds of list "demarche" that the law or the design says more of. */
static const struct {
    const char *kind;
    bool (*check)(struct act *act, const Ctps__SituationAddEntry *in);
} kinds[] = {
    {"rappel_ordre", reminder_check},
    {"transmission_pcd", transmission_check},
    {"art40", report_check},
    {"orientation", orientation_check},
};

static bool entry_check(struct act *act, const Ctps__SituationAddEntry *in)
{
    if (!check_list(act, "demarche", in->kind, "kind") ||
        !check_day_past(act, in->has_day, in->day, "day") ||
        !check_list_optional(act, "resultat", in->result, "result") ||
        !check_partner(act, in->partner, "partner"))
        return false;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(in->kind, kinds[i].kind) == 0)
            return kinds[i].check(act, in);
    return true;
}

static void entry_fill(struct act *act, const Ctps__SituationAddEntry *in,
                       Ctps__SituationEntryAdded *out)
{
    SET(out, situation, act->situation->opened->id);
    out->kind = in->kind;
    SET_FROM(out, in, day);
    SET_FROM(out, in, partner);
    out->result = in->result;
    out->content =
        situation_seal(act, SEALED_ENTRY_CONTENT, in->text, in->representatives_absent_why);
    SET_FROM(out, in, representatives_present);
    SET_FROM(out, in, transmitted_us);
    SET_FROM(out, in, mayor_informed);
    out->oriented_to = in->oriented_to;
}

void decide_situation_entry(struct act *act)
{
    const Ctps__SituationAddEntry *in = act->request->situation_add_entry;
    Ctps__SituationEntryAdded *out;
    uint64_t id;

    if (!situation_is_open(act) || !entry_check(act, in))
        return;
    id = act_new_id(act);
    out = emit_situation_entry_added(act);
    SET(out, id, id);
    SET(out, author, act->who->id);
    entry_fill(act, in, out);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_ENTRY, id, NULL);
}

/* --- correcting --- */

static Ctps__SituationEntryAdded *entry_load(struct act *act)
{
    const Ctps__SituationCorrectEntry *in = act->request->situation_correct_entry;
    Ctps__SituationEntryAdded *entry = (Ctps__SituationEntryAdded *)record_get(
        act->tables, TABLE_ENTRY, table_key_of_two(in->situation, in->entry), act->arena,
        &ctps__situation_entry_added__descriptor);

    if (!entry) {
        act_refuse(act, REFUSAL_ABSENT, "entry");
        return NULL;
    }
    if (act->who->function != FUNCTION_COORDINATOR && entry->author != act->who->id) {
        act_refuse(act, REFUSAL_NOT_AUTHOR, "entry");
        return NULL;
    }
    if (!entry->cancelled)
        return entry;
    act_refuse(act, REFUSAL_STATE_WRONG, "entry");
    return NULL;
}

static char *either(char *given, char *kept)
{
    return given ? given : kept;
}

#define EITHER(out, in, old, field)                                                            \
    do {                                                                                       \
        SET_FROM(out, old, field);                                                             \
        if ((in)->has_##field)                                                                 \
            SET_FROM(out, in, field);                                                          \
    } while (0)

/* What is absent stays. */
static Ctps__SituationAddEntry corrected(const Ctps__SituationCorrectEntry *in,
                                         const Ctps__SituationEntryAdded *old,
                                         const Ctps__EntryContent *content)
{
    Ctps__SituationAddEntry out = CTPS__SITUATION_ADD_ENTRY__INIT;

    out.kind = either(in->kind, old->kind);
    EITHER(&out, in, old, day);
    EITHER(&out, in, old, partner);
    out.result = either(in->result, old->result);
    out.text = either(in->text, content->text);
    EITHER(&out, in, old, representatives_present);
    out.representatives_absent_why =
        either(in->representatives_absent_why, content->representatives_absent_why);
    EITHER(&out, in, old, transmitted_us);
    EITHER(&out, in, old, mayor_informed);
    out.oriented_to = either(in->oriented_to, old->oriented_to);
    return out;
}

static void corrected_emit(struct act *act, const Ctps__SituationEntryAdded *old,
                           const Ctps__EntryContent *content,
                           const Ctps__SituationAddEntry *now)
{
    const Ctps__SituationCorrectEntry *in = act->request->situation_correct_entry;
    Ctps__SituationEntryCorrected *out = emit_situation_entry_corrected(act);

    SET(out, situation, in->situation);
    SET(out, entry, in->entry);
    out->now = act_alloc(act, sizeof(*out->now));
    ctps__situation_entry_added__init(out->now);
    SET_FROM(out->now, old, id);
    SET_FROM(out->now, old, author);
    entry_fill(act, now, out->now);
    SET(out->now, version, old->version + 1);
    if (in->cancelled)
        SET(out->now, cancelled, 1);
    out->before = situation_seal(act, SEALED_ENTRY_BEFORE, content->text,
                                 content->representatives_absent_why);
    out->why = situation_seal(act, SEALED_CORRECTION_WHY, in->why, NULL);
    SET(out, day, act->today);
    SET(out, by_agent, act->who->id);
}

void decide_situation_correct(struct act *act)
{
    const Ctps__SituationCorrectEntry *in = act->request->situation_correct_entry;
    Ctps__EntryContent none = CTPS__ENTRY_CONTENT__INIT;
    Ctps__EntryContent *content;
    Ctps__SituationEntryAdded *old;
    Ctps__SituationAddEntry now;

    act->history = true; /* values retired since are what they were */
    if (!situation_is_kept(act) || !check_given(act, is_given(in->why), "why"))
        return;
    old = entry_load(act);
    if (!old)
        return;
    content = (Ctps__EntryContent *)act_unseal(act, old->content, SEALED_ENTRY_CONTENT,
                                               &ctps__entry_content__descriptor);
    if (!content)
        content = &none;
    now = corrected(in, old, content);
    if (in->cancelled || entry_check(act, &now))
        corrected_emit(act, old, content, &now);
}

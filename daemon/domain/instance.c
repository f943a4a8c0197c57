#include "domain/instance.h"

#include "domain/check.h"
#include "domain/decide.h"
#include "domain/record.h"

enum { INSTANCES_MAX = 200 };

/* Labels as in the towns' sheets (listes.csv). */
static const struct {
    const char *code, *fr, *en, *attendance, *content;
    bool strategic, charter, territory, end;
    uint32_t every;
    const char *unit;
    uint32_t deadline, skipped;
} defaults[] = {
    {"institutionnel", "Groupe Institutionnel", "Institutional group", ATTEND_INSTITUTIONAL,
     CARRY_NUMBERS, .every = 2, .unit = "month"},
    {"local", "Groupe Local", "Local group", ATTEND_TERRITORY, CARRY_COLLECTIVE,
     .charter = true, .territory = true, .every = 1, .unit = "month"},
    {"suivi", "Groupe de Suivi", "Follow-up group", ATTEND_RESTRICTED, CARRY_NEED_TO_KNOW,
     .charter = true, .territory = true, .every = 3, .unit = "week"},
    {"concertation", "concertation collègues", "colleagues’ meeting", ATTEND_AGENTS,
     CARRY_AGENTS, .every = 1, .unit = "week"},
    {"synthese", "réunion de synthèse", "case conference", ATTEND_ENGAGED, CARRY_ONE_SITUATION,
     .charter = true, .deadline = 10},
    {"adhoc", "groupe de travail ad hoc", "ad hoc working group", ATTEND_ANY, CARRY_PROJECT,
     .end = true},
    {"gap", "Groupe d’analyse des pratiques", "practice-analysis group", ATTEND_SUPERVISED,
     CARRY_THEME, .every = 1, .unit = "month", .skipped = 8},
    {"clspd_pleniere", "CLSPD plénier", "CLSPD plenary", ATTEND_ANY, CARRY_NUMBERS,
     .strategic = true, .every = 1, .unit = "year"},
    {"clspd_restreint", "CLSPD restreint", "CLSPD restricted formation", ATTEND_INSTITUTIONAL,
     CARRY_NUMBERS, .strategic = true},
    {"cddf", "conseil pour les droits et devoirs des familles",
     "family rights and duties council", ATTEND_RESTRICTED, CARRY_NEED_TO_KNOW,
     .charter = true},
};

static const uint32_t default_leads[] = {7 * 24, 2 * 24, 2}; /* domain.md section 7 */

static const struct {
    const char *code, *fr, *en;
} themes[] = {
    {"chiffres", "chiffres du territoire", "figures of the territory"},
    {"bilan", "bilan", "review of the work"},
    {"projet", "projet", "project"},
    {"organisation", "organisation", "organisation"},
    {"partenariat", "partenariat", "partnership"},
    {"formation", "formation", "training"},
    {"pratiques", "analyse des pratiques", "analysis of practice"},
    {"autre", "autre", "other"},
};

static void value_emit(struct act *act, const char *list, const char *code, const char *fr,
                       const char *en)
{
    Ctps__ListValue *value = emit_list_value_set(act);

    value->list = act_text(act, list);
    value->code = act_text(act, code);
    value->label_fr = act_text(act, fr);
    value->label_en = act_text(act, en);
}

static void default_emit(struct act *act, size_t i)
{
    Ctps__Instance *out = emit_instance_set(act);
    const size_t lead_count = sizeof(default_leads) / sizeof(default_leads[0]);

    out->code = act_text(act, defaults[i].code);
    out->attendance = act_text(act, defaults[i].attendance);
    out->content = act_text(act, defaults[i].content);
    SET(out, strategic, defaults[i].strategic);
    SET(out, charter_required, defaults[i].charter);
    SET(out, per_territory, defaults[i].territory);
    SET(out, end_required, defaults[i].end);
    SET(out, rhythm_every, defaults[i].every);
    out->rhythm_unit = act_text(act, defaults[i].unit);
    SET(out, deadline_days, defaults[i].deadline);
    SET(out, month_skipped, defaults[i].skipped);
    out->lead_hours = act_alloc(act, sizeof(default_leads));
    memcpy(out->lead_hours, default_leads, sizeof(default_leads));
    out->n_lead_hours = lead_count;
}

void instance_defaults_emit(struct act *act)
{
    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
        value_emit(act, "instance", defaults[i].code, defaults[i].fr, defaults[i].en);
        default_emit(act, i);
    }
    for (size_t i = 0; i < sizeof(themes) / sizeof(themes[0]); i++)
        value_emit(act, "theme", themes[i].code, themes[i].fr, themes[i].en);
}

Ctps__Instance *instance_check(struct act *act, const char *code)
{
    Ctps__Instance *instance;

    if (!check_list(act, "instance", code, "instance"))
        return NULL;
    instance = record_instance(act->tables, act->arena, code);
    if (!instance)
        act_refuse(act, REFUSAL_INSTANCE_UNKNOWN, code);
    return instance;
}

static bool is_one_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(or_empty(word), words[i]) == 0)
            return true;
    return false;
}

bool instance_is_nominative(const Ctps__Instance *instance)
{
    static const char *const by_name[] = {CARRY_COLLECTIVE, CARRY_NEED_TO_KNOW, CARRY_AGENTS,
                                          CARRY_ONE_SITUATION};

    return is_one_of(instance->content, by_name, sizeof(by_name) / sizeof(by_name[0]));
}

/* --- instance.set --- */

void authorise_instance_set(struct act *act)
{
    act_judge_plain(act, ACTION_INSTANCE_SET);
}

static bool words_check(struct act *act, const Ctps__Instance *in)
{
    static const char *const attendance[] = {
        ATTEND_ANY,    ATTEND_INSTITUTIONAL, ATTEND_TERRITORY,  ATTEND_RESTRICTED,
        ATTEND_AGENTS, ATTEND_ENGAGED,       ATTEND_SUPERVISED,
    };
    static const char *const content[] = {
        CARRY_NUMBERS,       CARRY_COLLECTIVE, CARRY_NEED_TO_KNOW, CARRY_AGENTS,
        CARRY_ONE_SITUATION, CARRY_PROJECT,    CARRY_THEME,
    };
    static const char *const units[] = {"", "week", "month", "year"};
    const char *wrong = NULL;

    if (!is_one_of(in->attendance, attendance, sizeof(attendance) / sizeof(attendance[0])))
        wrong = "attendance";
    else if (!is_one_of(in->content, content, sizeof(content) / sizeof(content[0])))
        wrong = "content";
    else if (!is_one_of(in->rhythm_unit, units, sizeof(units) / sizeof(units[0])))
        wrong = "rhythm_unit";
    if (wrong)
        act_refuse(act, REFUSAL_FIELD_RANGE, wrong);
    return !wrong;
}

/* What no town may set: CSI L132-5 (charter; no individual situation in a plenary or restricted
 * formation), CASF L121-6-2 (only professionals of the same person). */
static const char *unlawful(const Ctps__Instance *in)
{
    bool agents = strcmp(in->attendance, ATTEND_AGENTS) == 0;
    bool engaged = strcmp(in->attendance, ATTEND_ENGAGED) == 0;
    bool formation =
        strcmp(in->code, "clspd_pleniere") == 0 || strcmp(in->code, "clspd_restreint") == 0;

    if (formation && !in->strategic)
        return "strategic";
    if (in->strategic && instance_is_nominative(in))
        return "content";
    if ((strcmp(in->content, CARRY_AGENTS) == 0 && !agents) ||
        (strcmp(in->content, CARRY_ONE_SITUATION) == 0 && !engaged))
        return "attendance";
    if (instance_is_nominative(in) && strcmp(in->attendance, ATTEND_ANY) == 0)
        return "attendance";
    if (instance_is_nominative(in) && !agents && !in->charter_required)
        return "charter_required";
    return NULL;
}

void decide_instance_set(struct act *act)
{
    const Ctps__Instance *in = act->request->instance_set;
    Ctps__Instance *out;
    const char *field;

    if (!check_list(act, "instance", in->code, "code") || !words_check(act, in))
        return;
    if (in->month_skipped > 12) {
        act_refuse(act, REFUSAL_FIELD_RANGE, "month_skipped");
        return;
    }
    field = unlawful(in);
    if (field) {
        act_refuse(act, REFUSAL_INSTANCE_UNLAWFUL, field);
        return;
    }
    out = emit_instance_set(act);
    *out = *in;
}

/* --- instance.list --- */

void authorise_instance_list(struct act *act)
{
    act_judge_plain(act, ACTION_REFERENCE_READ);
}

struct kinds {
    struct act *act;
    Ctps__InstanceAnswer *answer;
};

static bool kind_row(void *arg, struct bytes key, struct bytes value)
{
    struct kinds *kinds = arg;
    Ctps__Instance *row =
        (Ctps__Instance *)record_unpack(kinds->act->arena, &ctps__instance__descriptor, value);

    (void)key;
    if (!row) {
        kinds->act->exhausted = true;
        return false;
    }
    kinds->answer->instances[kinds->answer->n_instances++] = row;
    return kinds->answer->n_instances < INSTANCES_MAX;
}

void answer_instance_list(struct act *act)
{
    Ctps__InstanceAnswer *answer = act_alloc(act, sizeof(*answer));
    struct kinds kinds = {act, answer};

    ctps__instance_answer__init(answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_INSTANCE_ANSWER;
    act->reply->instance_answer = answer;
    answer->instances = act_alloc(act, INSTANCES_MAX * sizeof(Ctps__Instance *));
    if (!act->exhausted)
        act->tables->walk(act->tables->ctx, TABLE_INSTANCE, bytes_of(NULL, 0),
                          bytes_of(NULL, 0), false, kind_row, &kinds);
}

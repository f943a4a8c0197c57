/* Reading saisines. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/page.h"
#include "domain/record.h"
#include "domain/view_fill.h"

/* What a partner referred or an assistant typed may lie anywhere: the question is whether
 * they may see their own; each row is judged again. */
static bool sees_own_only(const struct principal *who)
{
    return who->kind == PRINCIPAL_KIND_CONTACT ||
           (who->kind == PRINCIPAL_KIND_AGENT && who->function == FUNCTION_ASSISTANT);
}

static void own_judge(struct act *act)
{
    struct resource own = {.kind = RESOURCE_SAISINE,
                           .referrer_partner = act->who->partner,
                           .typed_by = act->who->id,
                           .typed_us = act->now_us};

    act_judge(act, ACTION_SAISINE_LIST, &own);
}

void authorise_saisine_list(struct act *act)
{
    const char *territory = act->request->saisine_list->territory;
    struct resource resource = resource_of_territory(act, territory);

    if (sees_own_only(act->who))
        own_judge(act);
    else if (is_given(territory))
        act_judge(act, ACTION_SAISINE_LIST, &resource);
    else
        page_judge(act, ACTION_SAISINE_LIST);
}

struct list {
    struct act *act;
    const Ctps__SaisineList *in;
    Ctps__SaisineAnswer *answer;
    uint32_t limit;
};

static bool is_wanted(const struct list *list, const Ctps__SaisineRecord *record)
{
    const Ctps__SaisineList *in = list->in;
    int32_t day = record->received->received_day;

    if (in->overdue && !view_saisine_is_overdue(list->act, record))
        return false;
    if (is_given(in->origin) && strcmp(in->origin, or_empty(record->received->origin)) != 0)
        return false;
    return (!is_given(in->status) || strcmp(in->status, or_empty(record->status)) == 0) &&
           (!in->has_from_day || day >= in->from_day) && (!in->has_to_day || day <= in->to_day);
}

static bool list_row(void *arg, uint64_t id)
{
    struct list *list = arg;
    struct act *act = list->act;
    Ctps__SaisineRecord *record = record_saisine(act->tables, act->arena, id);
    struct judgement judgement = {0};
    struct resource resource;

    if (!record || !is_wanted(list, record))
        return !act->exhausted;
    resource = resource_of_saisine(act, record);
    if (!act_may(act, ACTION_SAISINE_LIST, &resource, &judgement))
        return true;
    if (list->answer->n_saisines == list->limit) {
        SET(list->answer, more, 1);
        return false;
    }
    list->answer->saisines[list->answer->n_saisines++] =
        act->who->kind == PRINCIPAL_KIND_CONTACT ? view_saisine_state(act, record)
                                                 : view_saisine_facts(act, record);
    return true;
}

void answer_saisine_list(struct act *act)
{
    const Ctps__SaisineList *in = act->request->saisine_list;
    Ctps__SaisineAnswer *answer = act_alloc(act, sizeof(*answer));
    struct list list = {act, in, answer, page_limit(in->has_limit, in->limit)};
    const char *codes[PRINCIPAL_TERRITORIES_MAX];
    size_t count = 1;

    ctps__saisine_answer__init(answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_SAISINE_ANSWER;
    act->reply->saisine_answer = answer;
    answer->saisines = act_alloc(act, list.limit * sizeof(Ctps__SaisineView *));
    if (!answer->saisines)
        return;
    codes[0] = in->territory;
    if (!is_given(in->territory))
        count = page_territories(act, codes, PRINCIPAL_TERRITORIES_MAX);
    for (size_t i = 0; i < count && !answer->more; i++)
        page_walk(act, codes[i], CTPS__OBJECT_KIND__OBJECT_SAISINE, in->after, list_row, &list);
}

void authorise_saisine_get(struct act *act)
{
    const Ctps__SaisineGet *in = act->request->saisine_get;
    uint64_t id =
        in->id ? in->id : record_reference_find(act->tables, act->arena, or_empty(in->number));
    struct resource resource;

    act->saisine = record_saisine(act->tables, act->arena, id);
    if (!act->saisine && act->who->kind == PRINCIPAL_KIND_CONTACT) {
        /* What others referred and what nobody did look the same to a partner. */
        resource = resource_of_territory(act, NULL);
        act_judge(act, in->nominative ? ACTION_SAISINE_READ : ACTION_SAISINE_LIST, &resource);
    }
    if (!act->saisine) {
        act_refuse(act, REFUSAL_ABSENT, "saisine");
        return;
    }
    resource = resource_of_saisine(act, act->saisine);
    act_judge(act, in->nominative ? ACTION_SAISINE_READ : ACTION_SAISINE_LIST, &resource);
}

void answer_saisine_get(struct act *act)
{
    Ctps__SaisineAnswer *answer = act_alloc(act, sizeof(*answer));

    ctps__saisine_answer__init(answer);
    answer->saisines = act_alloc(act, sizeof(Ctps__SaisineView *));
    answer->saisines[0] = act->who->kind == PRINCIPAL_KIND_CONTACT
                              ? view_saisine_state(act, act->saisine)
                              : view_saisine_facts(act, act->saisine);
    answer->n_saisines = 1;
    if (act->request->saisine_get->nominative)
        view_saisine_open(act, act->saisine, answer->saisines[0]);
    act->reply->answer_case = CTPS__REPLY__ANSWER_SAISINE_ANSWER;
    act->reply->saisine_answer = answer;
}

/* Reading decisions. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/decision.h"
#include "domain/page.h"
#include "domain/record.h"

/* Whoever is charged with something may ask for his own wherever it lies; each row is judged
 * again. */
static bool asks_own(const struct act *act)
{
    return act->request->decision_list->mine || act->who->kind == PRINCIPAL_KIND_CONTACT;
}

void authorise_decision_list(struct act *act)
{
    const char *territory = act->request->decision_list->territory;
    struct resource resource = resource_of_territory(act, territory);

    resource.charged = asks_own(act);
    if (resource.charged || is_given(territory))
        act_judge(act, ACTION_DECISION_LIST, &resource);
    else
        page_judge(act, ACTION_DECISION_LIST);
}

struct list {
    struct act *act;
    const Ctps__DecisionList *in;
    Ctps__DecisionAnswer *answer;
    uint32_t limit;
};

static bool is_wanted(const struct list *list, const Ctps__DecisionRecord *record)
{
    const Ctps__DecisionList *in = list->in;
    const Ctps__DecisionTaken *taken = record->taken;

    return (!in->situation || in->situation == taken->situation) &&
           (!in->meeting || in->meeting == taken->meeting) &&
           (!is_given(in->territory) ||
            strcmp(in->territory, or_empty(taken->territory)) == 0) &&
           (!is_given(in->instance) || strcmp(in->instance, or_empty(taken->instance)) == 0) &&
           (!is_given(in->state) || decision_is_in(record, in->state, list->act->today));
}

static bool list_row(void *arg, uint64_t id)
{
    struct list *list = arg;
    struct act *act = list->act;
    Ctps__DecisionRecord *record = decision_record(act->tables, act->arena, id);
    struct judgement judgement = {0};
    struct resource resource;

    if (!record || !is_wanted(list, record))
        return !act->exhausted;
    resource = resource_of_decision(act, record);
    if ((asks_own(act) && !resource.charged) ||
        !act_may(act, ACTION_DECISION_LIST, &resource, &judgement))
        return true;
    if (list->answer->n_decisions == list->limit) {
        SET(list->answer, more, 1);
        return false;
    }
    list->answer->decisions[list->answer->n_decisions++] = decision_view(act, record);
    return true;
}

static Ctps__DecisionAnswer *answer_start(struct act *act, size_t room)
{
    Ctps__DecisionAnswer *answer = act_alloc(act, sizeof(*answer));

    ctps__decision_answer__init(answer);
    answer->decisions = act_alloc(act, room * sizeof(Ctps__DecisionView *));
    act->reply->answer_case = CTPS__REPLY__ANSWER_DECISION_ANSWER;
    act->reply->decision_answer = answer;
    return answer;
}

/* Those of the town's own meetings stand under no territory. */
static void territories_walk(struct act *act, struct list *list)
{
    const Ctps__DecisionList *in = list->in;
    const char *codes[PRINCIPAL_TERRITORIES_MAX + 1] = {in->territory};
    size_t count = 1;

    if (!is_given(in->territory)) {
        codes[0] = "";
        count += page_territories(act, codes + 1, PRINCIPAL_TERRITORIES_MAX);
    }
    for (size_t i = 0; i < count && !list->answer->more; i++)
        page_walk(act, codes[i], CTPS__OBJECT_KIND__OBJECT_DECISION, in->before, list_row,
                  list);
}

static bool state_check(struct act *act, const char *state)
{
    static const char *const states[] = {DECISION_OPEN, DECISION_OVERDUE, DECISION_DONE,
                                         DECISION_NOT_DONE, DECISION_UNDONE};

    if (!is_given(state))
        return true;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (strcmp(states[i], state) == 0)
            return true;
    act_refuse(act, REFUSAL_FIELD_RANGE, "state");
    return false;
}

void answer_decision_list(struct act *act)
{
    const Ctps__DecisionList *in = act->request->decision_list;
    struct list list = {act, in, NULL, page_limit(in->has_limit, in->limit)};
    uint64_t owner = asks_own(act) ? act->who->id : in->situation ? in->situation : in->meeting;

    if (!state_check(act, in->state))
        return;
    list.answer = answer_start(act, list.limit);
    if (!list.answer->decisions)
        return;
    if (owner)
        decision_walk(act, owner, in->before, list_row, &list);
    else
        territories_walk(act, &list);
}

void authorise_decision_get(struct act *act)
{
    const Ctps__DecisionGet *in = act->request->decision_get;
    struct resource resource;

    act->decision = decision_record(act->tables, act->arena, in->id);
    if (!act->decision) {
        act_refuse(act, REFUSAL_ABSENT, "decision");
        return;
    }
    resource = resource_of_decision(act, act->decision);
    act_judge(act, in->nominative ? ACTION_DECISION_READ : ACTION_DECISION_LIST, &resource);
}

static char *text_open(struct act *act, const Ctps__Sealed *sealed, enum sealed_field field)
{
    Ctps__EntryContent *content =
        (Ctps__EntryContent *)act_unseal(act, sealed, field, &ctps__entry_content__descriptor);

    return content ? content->text : NULL;
}

void answer_decision_get(struct act *act)
{
    const Ctps__DecisionRecord *record = act->decision;
    Ctps__DecisionAnswer *answer = answer_start(act, 1);
    Ctps__DecisionView *view;

    if (!answer->decisions)
        return;
    view = decision_view(act, record);
    answer->decisions[answer->n_decisions++] = view;
    if (!act->request->decision_get->nominative)
        return;
    act_object_read(act, record->taken->id);
    if (record->taken->situation)
        act_object_read(act, record->taken->situation);
    view->text = text_open(act, record->taken->content, SEALED_DECISION_TEXT);
    if (record->completed)
        view->result_text = text_open(act, record->completed->content, SEALED_DECISION_RESULT);
}

/* Requests of persons: lists with deadlines, one request, who asks. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/page.h"
#include "domain/record.h"
#include "domain/rights.h"

static bool is_overdue(const struct act *act, const Ctps__RightsRecord *record)
{
    return !record->answered && record->due_day < act->today;
}

static const char *state_of(const Ctps__RightsRecord *record)
{
    if (!record->answered)
        return "open";
    return strcmp(or_empty(record->answered->outcome), RIGHTS_REFUSED) == 0 ? "refused"
                                                                            : "answered";
}

static Ctps__RightsView *rights_view(struct act *act, const Ctps__RightsRecord *record)
{
    const Ctps__RightsOpened *opened = record->opened;
    Ctps__RightsView *view = act_alloc(act, sizeof(*view));

    ctps__rights_view__init(view);
    SET(view, id, opened->id);
    view->number = opened->number;
    view->kind = opened->kind;
    view->territory = opened->territory;
    view->state = act_text(act, state_of(record));
    SET_FROM(view, opened, received_day);
    SET_FROM(view, record, due_day);
    SET(view, overdue, is_overdue(act, record));
    SET(view, extended, record->extended != NULL);
    view->situations = opened->situations;
    view->n_situations = opened->n_situations;
    SET_FROM(view, opened, by_agent);
    if (record->answered) {
        SET(view, answered_day, record->answered->day);
        view->outcome = record->answered->outcome;
        view->motive = record->answered->motive;
    }
    SET_FROM(view, record, erase_due_day);
    SET(view, erased, record->erased || record->erasure_ordered);
    return view;
}

static Ctps__RightsListAnswer *answer_start(struct act *act, size_t room)
{
    Ctps__RightsListAnswer *answer = act_alloc(act, sizeof(*answer));

    ctps__rights_list_answer__init(answer);
    answer->requests = act_alloc(act, room * sizeof(Ctps__RightsView *));
    act->reply->answer_case = CTPS__REPLY__ANSWER_RIGHTS_LIST_ANSWER;
    act->reply->rights_list_answer = answer;
    return answer;
}

/* --- list --- */

void authorise_rights_list(struct act *act)
{
    const char *territory = act->request->rights_list->territory;
    struct resource resource = resource_of_territory(act, territory);

    if (is_given(territory))
        act_judge(act, ACTION_RIGHTS_LIST, &resource);
    else
        page_judge(act, ACTION_RIGHTS_LIST);
}

struct list {
    struct act *act;
    const Ctps__RightsList *in;
    Ctps__RightsListAnswer *answer;
    uint32_t limit;
};

static bool is_wanted(const struct list *list, const Ctps__RightsRecord *record)
{
    const Ctps__RightsList *in = list->in;

    if (in->overdue && !is_overdue(list->act, record))
        return false;
    if (is_given(in->state))
        return strcmp(in->state, state_of(record)) == 0;
    return in->with_answered || !record->answered;
}

static bool list_row(void *arg, uint64_t id)
{
    struct list *list = arg;
    struct act *act = list->act;
    Ctps__RightsRecord *record = rights_record(act->tables, act->arena, id);
    struct judgement judgement = {0};
    struct resource resource;

    if (!record || !is_wanted(list, record))
        return !act->exhausted;
    resource = rights_resource(act, record);
    if (!act_may(act, ACTION_RIGHTS_LIST, &resource, &judgement))
        return true;
    if (list->answer->n_requests == list->limit) {
        SET(list->answer, more, 1);
        return false;
    }
    list->answer->requests[list->answer->n_requests++] = rights_view(act, record);
    return true;
}

void answer_rights_list(struct act *act)
{
    const Ctps__RightsList *in = act->request->rights_list;
    struct list list = {act, in, NULL, page_limit(in->has_limit, in->limit)};
    const char *codes[PRINCIPAL_TERRITORIES_MAX];
    size_t count = 1;

    list.answer = answer_start(act, list.limit);
    if (!list.answer->requests)
        return;
    codes[0] = in->territory;
    if (!is_given(in->territory))
        count = page_territories(act, codes, PRINCIPAL_TERRITORIES_MAX);
    for (size_t i = 0; i < count && !list.answer->more; i++)
        page_walk(act, codes[i], CTPS__OBJECT_KIND__OBJECT_RIGHTS_REQUEST, in->before, list_row,
                  &list);
}

/* --- get --- */

void authorise_rights_get(struct act *act)
{
    const Ctps__RightsGet *in = act->request->rights_get;

    act->rights = rights_load(act, in->id, in->number,
                              in->nominative ? ACTION_RIGHTS_READ : ACTION_RIGHTS_LIST);
}

static void texts_open(struct act *act, Ctps__RightsView *view)
{
    const Ctps__RightsRecord *record = act->rights;
    const ProtobufCMessageDescriptor *type = &ctps__entry_content__descriptor;
    Ctps__EntryContent *reason = NULL;
    Ctps__EntryContent *text = NULL;

    act_object_read(act, record->opened->id);
    view->requester = (Ctps__RightsRequester *)act_unseal(act, record->opened->requester,
                                                          SEALED_RIGHTS_REQUESTER,
                                                          &ctps__rights_requester__descriptor);
    if (record->extended)
        reason = (Ctps__EntryContent *)act_unseal(act, record->extended->reason,
                                                  SEALED_RIGHTS_REASON, type);
    if (record->answered)
        text = (Ctps__EntryContent *)act_unseal(act, record->answered->text,
                                                SEALED_RIGHTS_ANSWER, type);
    view->extension_reason = reason ? reason->text : NULL;
    view->answer_text = text ? text->text : NULL;
}

void answer_rights_get(struct act *act)
{
    Ctps__RightsListAnswer *answer = answer_start(act, 1);

    if (!answer->requests)
        return;
    answer->requests[0] = rights_view(act, act->rights);
    answer->n_requests = 1;
    if (act->request->rights_get->nominative)
        texts_open(act, answer->requests[0]);
}

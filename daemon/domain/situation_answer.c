/* Reading situations, searching names. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/page.h"
#include "domain/record.h"
#include "domain/share.h"
#include "domain/view_fill.h"

/*
 * A list without a territory is a list of one's own: asked of the policy territory by
 * territory, and refused by the name the first of them gives when none is allowed.
 */
static void list_judge(struct act *act, enum action action, const char *territory,
                       const struct resource *resource)
{
    if (is_given(territory))
        act_judge(act, action, resource);
    else
        page_judge(act, action);
}

void authorise_situation_list(struct act *act)
{
    const char *territory = act->request->situation_list->territory;
    struct resource resource = resource_of_territory(act, territory);

    list_judge(act, ACTION_SITUATION_LIST, territory, &resource);
}

struct list {
    struct act *act;
    const Ctps__SituationList *in;
    Ctps__SituationAnswer *answer;
    uint32_t limit;
};

static bool is_wanted(const struct list *list, const Ctps__SituationRecord *record)
{
    const Ctps__SituationList *in = list->in;

    if ((in->lead_agent && in->lead_agent != record->lead_agent) ||
        (in->overdue_review && !view_review_is_overdue(list->act, record)) ||
        (in->silent && !view_is_silent(list->act, record, list->act->today)) ||
        (in->not_informed && !view_is_not_informed(list->act, record, list->act->today)))
        return false;
    if (is_given(in->status))
        return strcmp(in->status, or_empty(record->status)) == 0;
    return in->with_closed || !record->has_closed_day;
}

static bool list_row(void *arg, uint64_t id)
{
    struct list *list = arg;
    struct act *act = list->act;
    Ctps__SituationRecord *record = record_situation(act->tables, act->arena, id);
    struct judgement judgement = {0};
    struct resource resource;

    if (!record || !is_wanted(list, record))
        return !act->exhausted;
    resource = resource_of_situation(act, record);
    if (!act_may(act, ACTION_SITUATION_LIST, &resource, &judgement))
        return true;
    if (list->answer->n_situations == list->limit) {
        SET(list->answer, more, 1);
        return false;
    }
    list->answer->situations[list->answer->n_situations++] = view_situation_facts(act, record);
    return true;
}

static Ctps__SituationAnswer *answer_start(struct act *act, size_t room)
{
    Ctps__SituationAnswer *answer = act_alloc(act, sizeof(*answer));

    ctps__situation_answer__init(answer);
    answer->situations = act_alloc(act, room * sizeof(Ctps__SituationView *));
    act->reply->answer_case = CTPS__REPLY__ANSWER_SITUATION_ANSWER;
    act->reply->situation_answer = answer;
    return answer;
}

void answer_situation_list(struct act *act)
{
    const Ctps__SituationList *in = act->request->situation_list;
    struct list list = {act, in, NULL, page_limit(in->has_limit, in->limit)};
    const char *codes[PRINCIPAL_TERRITORIES_MAX];
    size_t count = 1;

    list.answer = answer_start(act, list.limit);
    if (!list.answer->situations)
        return;
    codes[0] = in->territory;
    if (!is_given(in->territory))
        count = page_territories(act, codes, PRINCIPAL_TERRITORIES_MAX);
    page_walk_all(act, codes, count, CTPS__OBJECT_KIND__OBJECT_SITUATION, in->before, list_row,
                  &list);
}

/* Elsewhere a reader learns that it is followed and whom to call: an answer, not a refusal. */
void authorise_situation_get(struct act *act)
{
    const Ctps__SituationGet *in = act->request->situation_get;
    uint64_t id = in->id;
    struct judgement judgement = {0};
    struct resource resource;
    enum action action = in->nominative ? ACTION_SITUATION_READ : ACTION_SITUATION_LIST;

    if (!id)
        id = record_reference_find(act->tables, act->arena, or_empty(in->reference));
    act->situation = record_situation(act->tables, act->arena, id);
    if (!act->situation) {
        act_refuse(act, REFUSAL_ABSENT, "situation");
        return;
    }
    resource = share_resource(act, act->situation, act->who);
    if (!act_may(act, action, &resource, &judgement) && judgement.existence_only)
        action = ACTION_SITUATION_EXISTENCE;
    act_judge(act, action, &resource);
}

void answer_situation_get(struct act *act)
{
    struct resource resource = share_resource(act, act->situation, act->who);
    struct judgement judgement = {0};
    Ctps__SituationAnswer *answer = answer_start(act, 1);
    bool opens = act->request->situation_get->nominative &&
                 act_may(act, ACTION_SITUATION_READ, &resource, &judgement);

    if (!answer->situations)
        return;
    if (opens && judgement.shared_only) {
        share_open(act, act->situation, answer);
        return;
    }
    answer->n_situations = 1;
    if (opens && judgement.glass)
        act->basis = "break_glass";
    else if (!act_may(act, ACTION_SITUATION_LIST, &resource, &judgement)) {
        answer->situations[0] = view_existence(act, act->situation);
        return;
    }
    answer->situations[0] = view_situation_facts(act, act->situation);
    view_situation_sheet(act, act->situation, answer->situations[0]);
    if (opens)
        view_situation_open(act, act->situation, answer->situations[0]);
}

/* --- search --- */

enum { SEARCH_MAX = 100 };

void authorise_name_search(struct act *act)
{
    struct resource resource = resource_of_territory(act, NULL);

    act_judge(act, ACTION_NAME_SEARCH, &resource);
}

/* A name may be found by a saisine and by its situation: shown once. */
struct search {
    struct act *act;
    Ctps__SearchAnswer *answer;
    size_t seen_count;
    uint64_t seen[SEARCH_MAX];
};

static bool is_first(struct search *search, uint64_t situation)
{
    for (size_t i = 0; i < search->seen_count; i++)
        if (search->seen[i] == situation)
            return false;
    search->seen[search->seen_count++] = situation;
    return true;
}

static void situation_hit(struct search *search, const Ctps__SituationRecord *situation)
{
    struct act *act = search->act;
    Ctps__SearchAnswer *answer = search->answer;
    struct resource resource = resource_of_situation(act, situation);
    struct judgement judgement = {0};

    if (!is_first(search, situation->opened->id))
        return;
    if (act_may(act, ACTION_NAME_SEARCH, &resource, &judgement))
        answer->situations[answer->n_situations++] = view_situation_facts(act, situation);
    else if (judgement.existence_only)
        answer->situations[answer->n_situations++] = view_existence(act, situation);
}

static void saisine_hit(struct search *search, const Ctps__SaisineRecord *saisine)
{
    struct act *act = search->act;
    Ctps__SearchAnswer *answer = search->answer;
    struct resource resource = resource_of_saisine(act, saisine);
    struct judgement judgement = {0};

    if (act_may(act, ACTION_NAME_SEARCH, &resource, &judgement))
        answer->saisines[answer->n_saisines++] = view_saisine_facts(act, saisine);
}

/* `id` is a saisine's, or a situation's for somebody added to it later. */
static void hit_add(struct search *search, uint64_t id)
{
    struct act *act = search->act;
    Ctps__SaisineRecord *saisine = record_saisine(act->tables, act->arena, id);
    Ctps__SituationRecord *situation =
        saisine && !saisine->situation
            ? NULL
            : record_situation(act->tables, act->arena, saisine ? saisine->situation : id);

    if (!saisine && !situation)
        return;
    act_object_read(act, id);
    if (situation)
        situation_hit(search, situation);
    else
        saisine_hit(search, saisine);
}

void answer_name_search(struct act *act)
{
    const Ctps__NameSearch *in = act->request->name_search;
    Ctps__SearchAnswer *answer = act_alloc(act, sizeof(*answer));
    struct search search = {.act = act, .answer = answer};
    uint64_t found[SEARCH_MAX];
    size_t count;

    if (!check_given(act, is_given(in->name), "name"))
        return;
    ctps__search_answer__init(answer);
    answer->situations = act_alloc(act, SEARCH_MAX * sizeof(Ctps__SituationView *));
    answer->saisines = act_alloc(act, SEARCH_MAX * sizeof(Ctps__SaisineView *));
    act->reply->answer_case = CTPS__REPLY__ANSWER_SEARCH_ANSWER;
    act->reply->search_answer = answer;
    act->nominative = true; /* journalled even when nobody is found */
    act->query_digest_of = bytes_of_str(in->name);
    SET(answer, index_complete, act->names->complete);
    if (!answer->situations || !answer->saisines)
        return;
    count = act->names->search(act->names->ctx, in->name, in->has_birth_day, in->birth_day,
                               found, SEARCH_MAX);
    for (size_t i = 0; i < count; i++)
        hit_add(&search, found[i]);
}

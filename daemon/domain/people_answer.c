/* The registers of habilitations and charters, and the posts of a day. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/people.h"
#include "domain/record.h"
#include "domain/rows.h"

void authorise_register(struct act *act)
{
    act_judge_plain(act, ACTION_REGISTER_READ);
}

void authorise_agent_posts(struct act *act)
{
    act_judge_plain(act, ACTION_DIRECTORY_READ);
}

static struct rows everything(struct act *act, enum table table,
                              const ProtobufCMessageDescriptor *type)
{
    struct rows rows = rows_read(act->tables, act->arena, table, bytes_of(NULL, 0), type);

    act->exhausted = act->exhausted || rows.failed;
    return rows;
}

/* --- habilitations --- */

static Ctps__HabilitationView *period_view(struct act *act, const Ctps__Agent *agent,
                                           const struct habilitation *period)
{
    Ctps__HabilitationView *view = act_alloc(act, sizeof(*view));

    ctps__habilitation_view__init(view);
    SET(view, id, period->granted->id);
    SET(view, agent, agent->id);
    view->last_name = agent->last_name;
    view->first_name = agent->first_name;
    view->function = agent->function;
    view->act = period->granted->act;
    SET_FROM(view, period->granted, from_day);
    SET(view, to_day, period->to_day);
    if (period->withdrawn) {
        SET(view, withdrawn_day, period->withdrawn->day);
        view->withdrawn_act = period->withdrawn->act;
    }
    SET(view, replaced, period->replaced);
    SET(view, current, habilitation_covers(period, act->today));
    return view;
}

static void habilitations_add(struct act *act, const Ctps__Agent *agent,
                              Ctps__HabilitationAnswer *answer, size_t room)
{
    bool current_only = act->request->habilitation_register->current_only;
    size_t count;
    struct habilitation *periods = habilitations_of(act->tables, act->arena, agent->id, &count);

    for (size_t i = 0; i < count && answer->n_habilitations < room; i++) {
        Ctps__HabilitationView *view = period_view(act, agent, &periods[i]);

        SET(view, expiring,
            habilitation_is_expiring(periods, count, i, act->today,
                                     people_expiring_horizon(act)));
        if (view->current || !current_only)
            answer->habilitations[answer->n_habilitations++] = view;
    }
}

void answer_habilitation_register(struct act *act)
{
    const Ctps__HabilitationRegister *in = act->request->habilitation_register;
    struct rows agents = everything(act, TABLE_AGENT, &ctps__agent__descriptor);
    struct rows periods =
        everything(act, TABLE_HABILITATION, &ctps__habilitation_record__descriptor);
    Ctps__HabilitationAnswer *answer = act_alloc(act, sizeof(*answer));

    ctps__habilitation_answer__init(answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_HABILITATION_ANSWER;
    act->reply->habilitation_answer = answer;
    answer->habilitations =
        arena_alloc(act->arena, (periods.count + 1) * sizeof(Ctps__HabilitationView *));
    if (!answer->habilitations) {
        act->exhausted = true;
        return;
    }
    for (size_t i = 0; i < agents.count; i++) {
        const Ctps__Agent *agent = (const Ctps__Agent *)agents.list[i];

        if (!in->agent || in->agent == agent->id)
            habilitations_add(act, agent, answer, periods.count);
    }
}

/* --- charters --- */

static Ctps__CharterView *charter_view(struct act *act, const Ctps__CharterSigned *charter,
                                       const Ctps__Contact *contact)
{
    Ctps__CharterView *view = act_alloc(act, sizeof(*view));
    bool newest = contact->has_charter_day && contact->charter_day == charter->day &&
                  strcmp(or_empty(contact->charter_version), or_empty(charter->version)) == 0;

    ctps__charter_view__init(view);
    SET_FROM(view, charter, id);
    SET_FROM(view, charter, contact);
    view->last_name = contact->last_name;
    view->first_name = contact->first_name;
    view->function = contact->function;
    SET_FROM(view, contact, partner);
    view->version = charter->version;
    SET_FROM(view, charter, day);
    SET(view, to_day, charter_last_day(charter->day, act->settings));
    SET(view, current,
        newest && !contact->inactive && charter_is_current(contact, act->settings, act->today));
    SET(view, expiring, view->current && view->to_day <= people_expiring_horizon(act));
    return view;
}

void answer_charter_register(struct act *act)
{
    const Ctps__CharterRegister *in = act->request->charter_register;
    struct rows charters = everything(act, TABLE_CHARTER, &ctps__charter_signed__descriptor);
    Ctps__CharterAnswer *answer = act_alloc(act, sizeof(*answer));

    ctps__charter_answer__init(answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_CHARTER_ANSWER;
    act->reply->charter_answer = answer;
    answer->charters =
        arena_alloc(act->arena, (charters.count + 1) * sizeof(Ctps__CharterView *));
    if (!answer->charters) {
        act->exhausted = true;
        return;
    }
    for (size_t i = 0; i < charters.count; i++) {
        const Ctps__CharterSigned *charter = (const Ctps__CharterSigned *)charters.list[i];
        const Ctps__Contact *contact = (Ctps__Contact *)record_get(
            act->tables, TABLE_CONTACT, table_key_of_u64(charter->contact), act->arena,
            &ctps__contact__descriptor);
        Ctps__CharterView *view;

        if (!contact || (in->contact && in->contact != charter->contact) ||
            (in->partner && in->partner != contact->partner))
            continue;
        view = charter_view(act, charter, contact);
        if (view->current || !in->current_only)
            answer->charters[answer->n_charters++] = view;
    }
}

/* --- posts --- */

struct posts {
    struct act *act;
    Ctps__PostsAnswer *answer;
    size_t room;
};

/* Adds to the sum of that funder or function, made when it is the first. */
static void sum_add(struct act *act, Ctps__PostSum **sums, size_t *count, char *funder,
                    char *function, uint32_t fte_centi, bool new_agent)
{
    Ctps__PostSum *sum = NULL;

    for (size_t i = 0; i < *count && !sum; i++)
        if (strcmp(or_empty(sums[i]->funder), or_empty(funder)) == 0 &&
            strcmp(or_empty(sums[i]->function), or_empty(function)) == 0)
            sum = sums[i];
    if (!sum) {
        sum = act_alloc(act, sizeof(*sum));
        ctps__post_sum__init(sum);
        sum->funder = funder;
        sum->function = function;
        sums[(*count)++] = sum;
    }
    SET(sum, fte_centi, sum->fte_centi + fte_centi);
    SET(sum, agent_count, sum->agent_count + (new_agent ? 1 : 0));
}

static bool is_first_of(const Ctps__PostsAnswer *answer, const Ctps__PostView *view,
                        bool same_funder)
{
    for (size_t i = 0; i < answer->n_posts; i++)
        if (answer->posts[i]->agent == view->agent &&
            (!same_funder ||
             strcmp(or_empty(answer->posts[i]->funder), or_empty(view->funder)) == 0))
            return false;
    return true;
}

static void post_add(struct posts *posts, const Ctps__Agent *agent, const Ctps__AgentPost *post)
{
    struct act *act = posts->act;
    Ctps__PostsAnswer *answer = posts->answer;
    Ctps__PostView *view = act_alloc(act, sizeof(*view));
    bool first;

    if (answer->n_posts == posts->room)
        return;
    ctps__post_view__init(view);
    SET(view, agent, agent->id);
    view->function = agent->function;
    SET_FROM(view, post, fte_centi);
    view->funder = post->funder;
    SET_FROM(view, post, from_day);
    SET_FROM(view, post, to_day);
    first = is_first_of(answer, view, false);
    sum_add(act, answer->functions, &answer->n_functions, NULL, agent->function,
            post->fte_centi, first);
    sum_add(act, answer->funders, &answer->n_funders, post->funder, NULL, post->fte_centi,
            is_first_of(answer, view, true));
    SET(answer, agent_count, answer->agent_count + (first ? 1 : 0));
    SET(answer, fte_centi, answer->fte_centi + post->fte_centi);
    answer->posts[answer->n_posts++] = view;
}

/* An agent written down with a share and a funder alone holds that post while habilitated. */
static void agent_posts_add(struct posts *posts, const Ctps__Agent *agent, int32_t day)
{
    Ctps__AgentPost whole = CTPS__AGENT_POST__INIT;

    for (size_t i = 0; i < agent->n_posts; i++)
        if (agent->posts[i]->from_day <= day &&
            (!agent->posts[i]->has_to_day || agent->posts[i]->to_day >= day))
            post_add(posts, agent, agent->posts[i]);
    if (agent->n_posts || !agent->has_fte_centi)
        return;
    SET(&whole, fte_centi, agent->fte_centi);
    whole.funder = agent->funder;
    SET(&whole, from_day, agent->habilitation_from_day);
    SET(&whole, to_day, agent->habilitation_to_day);
    if (whole.from_day <= day && day <= whole.to_day)
        post_add(posts, agent, &whole);
}

void answer_agent_posts(struct act *act)
{
    const Ctps__AgentPosts *in = act->request->agent_posts;
    struct rows agents = everything(act, TABLE_AGENT, &ctps__agent__descriptor);
    struct posts posts = {act, act_alloc(act, sizeof(*posts.answer)), 0};

    ctps__posts_answer__init(posts.answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_POSTS_ANSWER;
    act->reply->posts_answer = posts.answer;
    for (size_t i = 0; i < agents.count; i++) {
        size_t held = ((const Ctps__Agent *)agents.list[i])->n_posts;

        posts.room += held ? held : 1;
    }
    posts.answer->posts = arena_alloc(act->arena, (posts.room + 1) * sizeof(void *));
    posts.answer->funders = arena_alloc(act->arena, (posts.room + 1) * sizeof(void *));
    posts.answer->functions = arena_alloc(act->arena, (posts.room + 1) * sizeof(void *));
    if (!posts.answer->posts || !posts.answer->funders || !posts.answer->functions) {
        act->exhausted = true;
        return;
    }
    SET(posts.answer, day, in->has_day ? in->day : act->today);
    for (size_t i = 0; i < agents.count; i++)
        agent_posts_add(&posts, (const Ctps__Agent *)agents.list[i], posts.answer->day);
}

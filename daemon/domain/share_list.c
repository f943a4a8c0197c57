/* Who was given what, under which law, why, until when: never what it says. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/page.h"
#include "domain/record.h"
#include "domain/share.h"

static bool is_about_self(const struct act *act, const Ctps__ShareList *in)
{
    return (act->who->kind == PRINCIPAL_KIND_CONTACT && in->contact == act->who->id) ||
           (act->who->kind == PRINCIPAL_KIND_AGENT && in->agent == act->who->id);
}

/* One's own shares are asked about as if one held: each is then judged by itself. */
static void authorise_own(struct act *act)
{
    struct resource resource = {
        .kind = RESOURCE_SITUATION,
        .share = RESOURCE_SHARED,
        .shared_to_day = act->today,
    };

    if (act->who->kind == PRINCIPAL_KIND_AGENT)
        page_judge(act, ACTION_SHARE_LIST);
    else
        act_judge(act, ACTION_SHARE_LIST, &resource);
}

void authorise_share_list(struct act *act)
{
    const Ctps__ShareList *in = act->request->share_list;
    struct resource resource;

    if (!in->situation && is_about_self(act, in)) {
        authorise_own(act);
        return;
    }
    if (!in->situation) {
        page_judge(act, ACTION_SHARE_LIST);
        return;
    }
    act->situation = record_situation(act->tables, act->arena, in->situation);
    if (!act->situation) {
        act_refuse(act, REFUSAL_ABSENT, "situation");
        return;
    }
    resource = share_resource(act, act->situation, act->who);
    act_judge(act, ACTION_SHARE_LIST, &resource);
}

struct list {
    struct act *act;
    const Ctps__ShareList *in;
    Ctps__ShareAnswer *answer;
    uint32_t limit;
};

static bool is_wanted(const struct list *list, const Ctps__ShareRecord *share)
{
    const Ctps__ShareList *in = list->in;

    return (!in->has_from_day || share->shared->day >= in->from_day) &&
           (!in->has_to_day || share->shared->day <= in->to_day) &&
           (!in->live || share_is_live(share, list->act->today));
}

/* Recipients do not learn of each other. */
static void recipients_fill(struct act *act, const Ctps__ShareRecord *share, bool own_only,
                            Ctps__ShareView *view)
{
    const Ctps__InformationShared *shared = share->shared;
    uint64_t *self;

    if (!own_only) {
        view->n_contacts = shared->n_contacts;
        view->contacts = shared->contacts;
        view->n_agents = shared->n_agents;
        view->agents = shared->agents;
        view->acknowledged_by =
            act_alloc(act, (share->n_acknowledged + 1) * sizeof(Ctps__Principal *));
        for (size_t i = 0; view->acknowledged_by && i < share->n_acknowledged; i++)
            if (share->acknowledged[i]->by)
                view->acknowledged_by[view->n_acknowledged_by++] = share->acknowledged[i]->by;
        return;
    }
    self = act_alloc(act, sizeof(*self));
    *self = act->who->id;
    if (act->who->kind == PRINCIPAL_KIND_CONTACT) {
        view->n_contacts = 1;
        view->contacts = self;
    } else {
        view->n_agents = 1;
        view->agents = self;
    }
}

static Ctps__ShareView *share_view(struct act *act, const Ctps__ShareRecord *share,
                                   const Ctps__SituationRecord *situation)
{
    const Ctps__InformationShared *shared = share->shared;
    Ctps__ShareView *view = act_alloc(act, sizeof(*view));

    ctps__share_view__init(view);
    SET_FROM(view, shared, id);
    SET_FROM(view, shared, situation);
    view->reference = situation->opened->reference;
    SET_FROM(view, shared, identity);
    SET_FROM(view, shared, summary);
    view->n_entries = shared->n_entries;
    view->entries = shared->entries;
    SET_FROM(view, shared, meeting);
    view->legal_base = shared->legal_base;
    view->purpose = shared->purpose;
    SET_FROM(view, shared, day);
    SET_FROM(view, shared, expiry_day);
    SET_FROM(view, shared, by_agent);
    SET_FROM(view, share, revoked_day);
    SET(view, live, share_is_live(share, act->today));
    SET_FROM(view, share, rectified_day);
    SET_FROM(view, share, erased_day);
    return view;
}

static void purpose_open(struct act *act, const Ctps__ShareRecord *share,
                         const struct resource *resource, Ctps__ShareView *view)
{
    struct judgement judgement = {0};
    Ctps__EntryContent *content;

    if (!act_may(act, ACTION_SITUATION_READ, resource, &judgement))
        return;
    content =
        (Ctps__EntryContent *)act_unseal(act, share->shared->purpose_text, SEALED_SHARE_PURPOSE,
                                         &ctps__entry_content__descriptor);
    if (!content)
        return;
    view->purpose_text = content->text;
    act_object_read(act, share->shared->id);
}

static bool list_add(struct list *list, const Ctps__ShareRecord *share)
{
    struct act *act = list->act;
    Ctps__SituationRecord *situation =
        record_situation(act->tables, act->arena, share->shared->situation);
    struct judgement judgement = {0};
    struct resource resource;
    Ctps__ShareView *view;

    if (!situation)
        return true;
    resource = share_resource(act, situation, act->who);
    if (!act_may(act, ACTION_SHARE_LIST, &resource, &judgement) ||
        (judgement.shared_only &&
         (!share_is_recipient(share->shared, act->who) || !share_is_live(share, act->today))))
        return true;
    if (list->answer->n_shares == list->limit) {
        SET(list->answer, more, 1);
        return false;
    }
    view = share_view(act, share, situation);
    recipients_fill(act, share, judgement.shared_only, view);
    if (list->in->nominative)
        purpose_open(act, share, &resource, view);
    list->answer->shares[list->answer->n_shares++] = view;
    return true;
}

static bool list_row(void *arg, struct bytes key, struct bytes value)
{
    struct list *list = arg;
    struct act *act = list->act;
    Ctps__ShareRecord *share =
        share_record(act->tables, act->arena, be64_get(key.data + key.len - 8));

    (void)value;
    if (!share || !is_wanted(list, share))
        return !act->exhausted;
    return list_add(list, share) && !act->exhausted;
}

/* Where the rows asked for stand: by situation or recipient, else all of them. */
static struct table_key list_prefix(const Ctps__ShareList *in, enum table *ret_table)
{
    *ret_table = TABLE_SHARE_SITUATION;
    if (in->situation)
        return table_key_of_u64(in->situation);
    *ret_table = TABLE_SHARE_BY;
    if (in->contact)
        return share_key_by(CTPS__OBJECT_KIND__OBJECT_CONTACT, in->contact, 0);
    if (in->agent)
        return share_key_by(CTPS__OBJECT_KIND__OBJECT_AGENT, in->agent, 0);
    if (in->partner)
        return share_key_by(CTPS__OBJECT_KIND__OBJECT_PARTNER, in->partner, 0);
    *ret_table = TABLE_SHARE;
    return (struct table_key){0};
}

void answer_share_list(struct act *act)
{
    const Ctps__ShareList *in = act->request->share_list;
    struct list list = {act, in, act_alloc(act, sizeof(Ctps__ShareAnswer)),
                        page_limit(in->has_limit, in->limit)};
    struct table_key after = {0};
    struct table_key prefix;
    enum table table;

    ctps__share_answer__init(list.answer);
    list.answer->shares = act_alloc(act, list.limit * sizeof(Ctps__ShareView *));
    act->reply->answer_case = CTPS__REPLY__ANSWER_SHARE_ANSWER;
    act->reply->share_answer = list.answer;
    if (!list.answer->shares)
        return;
    prefix = list_prefix(in, &table);
    if (in->before) {
        after = prefix;
        table_key_add_u64(&after, in->before);
    }
    act->tables->walk(act->tables->ctx, table, table_key_bytes(&prefix),
                      table_key_bytes(&after), true, list_row, &list);
}

/* --- the audit trail --- */

enum { TRAIL_MAX = 1000 };

struct trail {
    struct act *act;
    const Ctps__SituationRecord *situation;
    int32_t from_day;
    int32_t to_day;
    Ctps__AuditAnswer *answer;
};

static bool trail_row(void *arg, struct bytes key, struct bytes value)
{
    struct trail *trail = arg;
    struct act *act = trail->act;
    Ctps__ShareRecord *share =
        share_record(act->tables, act->arena, be64_get(key.data + key.len - 8));
    Ctps__ShareView *view;

    (void)value;
    if (!share || share->shared->day > trail->to_day ||
        share->shared->expiry_day < trail->from_day ||
        (share->has_revoked_day && share->revoked_day < trail->from_day))
        return !act->exhausted;
    view = share_view(act, share, trail->situation);
    recipients_fill(act, share, false, view);
    trail->answer->shares[trail->answer->n_shares++] = view;
    return trail->answer->n_shares < TRAIL_MAX;
}

void share_trail(struct act *act, const Ctps__SituationRecord *situation, int32_t from_day,
                 int32_t to_day, Ctps__AuditAnswer *answer)
{
    struct trail trail = {act, situation, from_day, to_day, answer};
    struct table_key prefix = table_key_of_u64(situation->opened->id);

    answer->shares = act_alloc(act, TRAIL_MAX * sizeof(Ctps__ShareView *));
    if (answer->shares)
        act->tables->walk(act->tables->ctx, TABLE_SHARE_SITUATION, table_key_bytes(&prefix),
                          bytes_of(NULL, 0), true, trail_row, &trail);
}

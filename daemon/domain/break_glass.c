/* Break-glass: one situation of another territory, three hours, a reason, and a register. */
#include "domain/break_glass.h"

#include "domain/check.h"
#include "domain/decide.h"
#include "domain/page.h"
#include "domain/record.h"

Ctps__BreakGlassRecord *break_glass_record(const struct tables *tables, struct arena *arena,
                                           uint64_t id)
{
    Ctps__BreakGlassRecord *row =
        (Ctps__BreakGlassRecord *)record_get(tables, TABLE_GLASS, table_key_of_u64(id), arena,
                                             &ctps__break_glass_record__descriptor);

    return row && row->used ? row : NULL;
}

struct last {
    const struct act *act;
    uint64_t agent;
    const Ctps__BreakGlassRecord *found;
};

static bool last_take(void *arg, struct bytes key, struct bytes value)
{
    struct last *last = arg;
    const Ctps__BreakGlassRecord *row = break_glass_record(last->act->tables, last->act->arena,
                                                           be64_get(key.data + key.len - 8));

    (void)value;
    if (row && row->used->agent == last->agent)
        last->found = row;
    return last->found == NULL;
}

bool break_glass_last(const struct act *act, uint64_t situation, const struct principal *who,
                      int64_t *ret_us)
{
    struct table_key prefix = table_key_of_u64(situation);
    struct last last = {act, who->id, NULL};

    if (who->kind != PRINCIPAL_KIND_AGENT)
        return false;
    act->tables->walk(act->tables->ctx, TABLE_GLASS_SITUATION, table_key_bytes(&prefix),
                      bytes_of(NULL, 0), true, last_take, &last);
    if (last.found)
        *ret_us = last.found->used_us;
    return last.found != NULL;
}

void authorise_break_glass_use(struct act *act)
{
    const Ctps__BreakGlassUse *in = act->request->break_glass_use;
    uint64_t id = in->situation;
    struct resource resource;

    if (!id)
        id = record_reference_find(act->tables, act->arena, or_empty(in->reference));
    act->situation = record_situation(act->tables, act->arena, id);
    if (!act->situation) {
        act_refuse(act, REFUSAL_ABSENT, "situation");
        return;
    }
    resource = resource_of_situation(act, act->situation);
    act_judge(act, ACTION_GLASS_USE, &resource);
}

void decide_break_glass_use(struct act *act)
{
    const Ctps__BreakGlassUse *in = act->request->break_glass_use;
    const Ctps__SituationOpened *opened = act->situation->opened;
    Ctps__EntryContent content = CTPS__ENTRY_CONTENT__INIT;
    Ctps__BreakGlassUsed *out;

    if (!check_given(act, is_given(in->reason), "reason"))
        return;
    if (act->situation->erased || act->situation->erasure_ordered || !opened->slot) {
        act_refuse(act, REFUSAL_ERASED, "situation");
        return;
    }
    content.text = in->reason;
    out = emit_break_glass_used(act);
    SET(out, id, act_new_id(act));
    SET(out, situation, opened->id);
    SET(out, agent, act->who->id);
    SET(out, day, act->today);
    out->reason = act_seal(act, opened->slot, SEALED_GLASS_REASON, &content.base);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_BREAK_GLASS, out->id, opened->reference);
}

/* --- the register --- */

void authorise_break_glass_list(struct act *act)
{
    act_judge_plain(act, ACTION_GLASS_LIST);
}

struct list {
    struct act *act;
    const Ctps__BreakGlassList *in;
    Ctps__BreakGlassAnswer *answer;
    uint32_t limit;
};

static bool is_wanted(const Ctps__BreakGlassList *in, const Ctps__BreakGlassUsed *used)
{
    return (!in->situation || used->situation == in->situation) &&
           (!in->agent || used->agent == in->agent) &&
           (!in->has_from_day || used->day >= in->from_day) &&
           (!in->has_to_day || used->day <= in->to_day);
}

static void reason_open(struct act *act, const Ctps__BreakGlassUsed *used,
                        const Ctps__SituationRecord *situation, Ctps__BreakGlassView *view)
{
    struct resource resource = resource_of_situation(act, situation);
    struct judgement judgement = {0};
    Ctps__EntryContent *content;

    if (!act_may(act, ACTION_GLASS_READ, &resource, &judgement))
        return;
    content = (Ctps__EntryContent *)act_unseal(act, used->reason, SEALED_GLASS_REASON,
                                               &ctps__entry_content__descriptor);
    if (!content)
        return;
    view->reason = content->text;
    act_object_read(act, used->id);
    act_object_read(act, used->situation);
}

static void list_add(struct list *list, const Ctps__BreakGlassRecord *row)
{
    struct act *act = list->act;
    Ctps__SituationRecord *situation =
        record_situation(act->tables, act->arena, row->used->situation);
    Ctps__BreakGlassView *view = act_alloc(act, sizeof(*view));

    ctps__break_glass_view__init(view);
    SET_FROM(view, row->used, id);
    SET_FROM(view, row->used, situation);
    SET_FROM(view, row->used, agent);
    SET_FROM(view, row, used_us);
    if (situation) {
        view->reference = situation->opened->reference;
        view->territory = situation->territory;
        if (list->in->nominative)
            reason_open(act, row->used, situation, view);
    }
    list->answer->uses[list->answer->n_uses++] = view;
}

static bool list_row(void *arg, struct bytes key, struct bytes value)
{
    struct list *list = arg;
    struct act *act = list->act;
    const Ctps__BreakGlassRecord *row =
        break_glass_record(act->tables, act->arena, be64_get(key.data));

    (void)value;
    if (!row || !is_wanted(list->in, row->used))
        return !act->exhausted;
    if (list->answer->n_uses == list->limit) {
        SET(list->answer, more, 1);
        return false;
    }
    list_add(list, row);
    return !act->exhausted;
}

void answer_break_glass_list(struct act *act)
{
    const Ctps__BreakGlassList *in = act->request->break_glass_list;
    struct list list = {act, in, act_alloc(act, sizeof(Ctps__BreakGlassAnswer)),
                        page_limit(in->has_limit, in->limit)};
    struct table_key after = {0};

    ctps__break_glass_answer__init(list.answer);
    list.answer->uses = act_alloc(act, list.limit * sizeof(Ctps__BreakGlassView *));
    act->reply->answer_case = CTPS__REPLY__ANSWER_BREAK_GLASS_ANSWER;
    act->reply->break_glass_answer = list.answer;
    if (!list.answer->uses)
        return;
    if (in->before)
        table_key_add_u64(&after, in->before);
    act->tables->walk(act->tables->ctx, TABLE_GLASS, bytes_of(NULL, 0), table_key_bytes(&after),
                      true, list_row, &list);
}

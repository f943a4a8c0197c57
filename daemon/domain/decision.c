#include "domain/decision.h"

#include "domain/check.h"
#include "domain/record.h"

Ctps__DecisionRecord *decision_record(const struct tables *tables, struct arena *arena,
                                      uint64_t id)
{
    return (Ctps__DecisionRecord *)record_get(tables, TABLE_DECISION, table_key_of_u64(id),
                                              arena, &ctps__decision_record__descriptor);
}

bool decision_result_is_done(const char *result)
{
    return strcmp(or_empty(result), "realisee") == 0;
}

const char *decision_state(const Ctps__DecisionRecord *record, int32_t today)
{
    if (record->completed)
        return decision_result_is_done(record->completed->result) ? DECISION_DONE
                                                                  : DECISION_NOT_DONE;
    return record->taken->due_day < today ? DECISION_OVERDUE : DECISION_OPEN;
}

bool decision_is_in(const Ctps__DecisionRecord *record, const char *state, int32_t today)
{
    const char *is = decision_state(record, today);

    if (strcmp(state, DECISION_UNDONE) == 0)
        return strcmp(is, DECISION_DONE) != 0;
    return strcmp(state, is) == 0;
}

static bool is_charged(const struct principal *who, const Ctps__DecisionTaken *taken)
{
    if (who->kind == PRINCIPAL_KIND_AGENT)
        return taken->agent && taken->agent == who->id;
    return who->kind == PRINCIPAL_KIND_CONTACT && taken->contact && taken->contact == who->id;
}

struct resource resource_of_decision(struct act *act, const Ctps__DecisionRecord *record)
{
    const Ctps__DecisionTaken *taken = record->taken;
    Ctps__SituationRecord *situation =
        taken->situation ? record_situation(act->tables, act->arena, taken->situation) : NULL;
    struct resource resource = situation ? resource_of_situation(act, situation)
                                         : resource_of_territory(act, taken->territory);

    resource.charged = is_charged(act->who, taken);
    return resource;
}

static void view_course(const Ctps__DecisionRecord *record, Ctps__DecisionView *view)
{
    const Ctps__DecisionTaken *taken = record->taken;
    const Ctps__DecisionCompleted *completed = record->completed;

    SET_FROM(view, taken, meeting);
    SET_FROM(view, taken, situation);
    view->territory = taken->territory;
    view->instance = taken->instance;
    SET_FROM(view, taken, agent);
    SET_FROM(view, taken, contact);
    SET(view, taken_day, taken->day);
    SET(view, taken_by, taken->by_agent);
    if (!completed)
        return;
    SET(view, completed_day, completed->day);
    view->result = completed->result;
    view->has_completed_by = completed->has_by_agent;
    view->completed_by = completed->by_agent;
    view->has_completed_by_contact = completed->has_by_contact;
    view->completed_by_contact = completed->by_contact;
}

Ctps__DecisionView *decision_view(struct act *act, const Ctps__DecisionRecord *record)
{
    const Ctps__DecisionTaken *taken = record->taken;
    Ctps__SituationRecord *situation =
        taken->situation ? record_situation(act->tables, act->arena, taken->situation) : NULL;
    Ctps__DecisionView *view = act_alloc(act, sizeof(*view));

    ctps__decision_view__init(view);
    SET(view, id, taken->id);
    view->reference = situation ? situation->opened->reference : NULL;
    view->verb = taken->verb;
    SET(view, due_day, taken->due_day);
    view->state = act_text(act, decision_state(record, act->today));
    if (act->who->kind != PRINCIPAL_KIND_CONTACT)
        view_course(record, view);
    return view;
}

struct walk {
    bool (*each)(void *arg, uint64_t id);
    void *arg;
};

static bool walk_row(void *arg, struct bytes key, struct bytes value)
{
    struct walk *walk = arg;

    (void)value;
    return key.len != 16 || walk->each(walk->arg, be64_get(key.data + 8));
}

void decision_walk(struct act *act, uint64_t owner, uint64_t before,
                   bool (*each)(void *arg, uint64_t id), void *arg)
{
    struct walk walk = {each, arg};
    struct table_key prefix = table_key_of_u64(owner);
    struct table_key after = {0};

    if (before)
        after = table_key_of_two(owner, before);
    act->tables->walk(act->tables->ctx, TABLE_DECISION_OF, table_key_bytes(&prefix),
                      table_key_bytes(&after), true, walk_row, &walk);
}

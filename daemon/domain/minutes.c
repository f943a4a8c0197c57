#include "domain/minutes.h"

#include "base/civil.h"
#include "domain/check.h"
#include "domain/record.h"

static struct table_key minutes_key(uint64_t meeting, uint32_t version)
{
    struct table_key key = table_key_of_u64(meeting);

    table_key_add_u32(&key, version);
    return key;
}

Ctps__MinutesRecord *minutes_record(const struct tables *tables, struct arena *arena,
                                    uint64_t meeting, uint32_t version)
{
    return (Ctps__MinutesRecord *)record_get(tables, TABLE_MINUTES,
                                             minutes_key(meeting, version), arena,
                                             &ctps__minutes_record__descriptor);
}

struct newest {
    struct arena *arena;
    Ctps__MinutesRecord *record;
};

static bool newest_take(void *arg, struct bytes key, struct bytes value)
{
    struct newest *newest = arg;

    (void)key;
    newest->record = (Ctps__MinutesRecord *)record_unpack(
        newest->arena, &ctps__minutes_record__descriptor, value);
    return false;
}

Ctps__MinutesRecord *minutes_newest(const struct tables *tables, struct arena *arena,
                                    uint64_t meeting)
{
    struct newest newest = {arena, NULL};
    struct table_key prefix = table_key_of_u64(meeting);

    tables->walk(tables->ctx, TABLE_MINUTES, table_key_bytes(&prefix), bytes_of(NULL, 0), true,
                 newest_take, &newest);
    return newest.record;
}

const char *minutes_state(const Ctps__MinutesRecord *record)
{
    if (!record)
        return MINUTES_NONE;
    if (record->n_distributed)
        return MINUTES_DISTRIBUTED;
    return record->validated ? MINUTES_VALIDATED : MINUTES_DRAFT;
}

static bool is_in(const uint64_t *ids, size_t count, uint64_t id)
{
    for (size_t i = 0; id && i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

bool minutes_went_to(const Ctps__MinutesRecord *record, uint64_t agent, uint64_t contact)
{
    for (size_t i = 0; record && i < record->n_distributed; i++) {
        const Ctps__MinutesDistributed *sent = record->distributed[i];

        if (is_in(sent->agents, sent->n_agents, agent) ||
            is_in(sent->contacts, sent->n_contacts, contact))
            return true;
    }
    return false;
}

/* A correction under way does not take back that minutes were distributed. */
int32_t minutes_due_day(const struct act *act, int32_t meeting_day)
{
    return civil_add_working_days(&act->settings->holidays, meeting_day,
                                  act->settings->minutes_working_days);
}

bool minutes_is_overdue(struct act *act, const Ctps__MeetingRecord *meeting)
{
    uint64_t id = meeting->scheduled->id;
    Ctps__MinutesRecord *first = minutes_record(act->tables, act->arena, id, 1);

    return strcmp(or_empty(meeting->state), MEETING_HELD) == 0 &&
           !meeting->scheduled->history && !(first && first->n_distributed) &&
           minutes_due_day(act, meeting->scheduled->day) < act->today;
}

bool minutes_meeting_began(struct act *act, const Ctps__MeetingRecord *meeting)
{
    bool held = strcmp(or_empty(meeting->state), MEETING_HELD) == 0;
    bool under_way = strcmp(or_empty(meeting->state), MEETING_SCHEDULED) == 0 &&
                     meeting->scheduled->day <= act->today;

    if (!held && !under_way)
        act_refuse(act, REFUSAL_MEETING_NOT_YET, "meeting");
    return held || under_way;
}

uint64_t minutes_own_slot(struct act *act, const Ctps__MeetingRecord *meeting,
                          uint64_t *ret_taken)
{
    if (meeting->erased || meeting->erasure_ordered) {
        act_refuse(act, REFUSAL_ERASED, "text");
        return 0;
    }
    if (meeting->scheduled->slot)
        return meeting->scheduled->slot;
    *ret_taken = act_take_slot(act);
    return *ret_taken;
}

static void ids_gather(struct act *act, const Ctps__MinutesRecord *record,
                       Ctps__MinutesView *view)
{
    size_t agents = 0;
    size_t contacts = 0;

    for (size_t i = 0; i < record->n_distributed; i++) {
        agents += record->distributed[i]->n_agents;
        contacts += record->distributed[i]->n_contacts;
    }
    view->to_agents = act_alloc(act, (agents + 1) * sizeof(uint64_t));
    view->to_contacts = act_alloc(act, (contacts + 1) * sizeof(uint64_t));
    for (size_t i = 0; i < record->n_distributed && !act->exhausted; i++) {
        const Ctps__MinutesDistributed *sent = record->distributed[i];

        for (size_t j = 0; j < sent->n_agents; j++)
            view->to_agents[view->n_to_agents++] = sent->agents[j];
        for (size_t j = 0; j < sent->n_contacts; j++)
            view->to_contacts[view->n_to_contacts++] = sent->contacts[j];
    }
}

static void version_fill(struct act *act, const Ctps__MinutesRecord *record,
                         Ctps__MinutesView *view)
{
    SET(view, version, record->drafted->version);
    SET(view, written_by, record->drafted->by_agent);
    SET(view, written_day, record->drafted->day);
    if (record->validated) {
        SET(view, validated_by, record->validated->by_agent);
        SET(view, validated_day, record->validated->day);
    }
    if (record->n_distributed)
        SET(view, distributed_day, record->distributed[0]->day);
    if (act->who->kind != PRINCIPAL_KIND_CONTACT)
        ids_gather(act, record, view);
}

Ctps__MinutesView *minutes_view(struct act *act, const Ctps__MeetingRecord *meeting,
                                const Ctps__MinutesRecord *record)
{
    const Ctps__MeetingScheduled *of = meeting->scheduled;
    Ctps__MinutesView *view = act_alloc(act, sizeof(*view));

    ctps__minutes_view__init(view);
    SET(view, meeting, of->id);
    view->reference = of->reference;
    view->instance = of->instance;
    view->territory = of->territory;
    SET(view, day, of->day);
    SET(view, version, 0);
    view->state = act_text(act, minutes_state(record));
    if (minutes_is_overdue(act, meeting))
        SET(view, overdue, 1);
    if (record)
        version_fill(act, record, view);
    return view;
}

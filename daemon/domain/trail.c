#include "domain/trail.h"

#include <stdlib.h>

#include "domain/record.h"
#include "domain/share.h"

/* --- what is looked for --- */

bool trail_scope_add_id(struct act *act, uint64_t id, struct trail_scope *scope)
{
    if (!scope->ids)
        scope->ids = arena_alloc(act->arena, TRAIL_IDS_MAX * sizeof(scope->ids[0]));
    if (!scope->ids || scope->id_count == TRAIL_IDS_MAX)
        return false;
    scope->ids[scope->id_count++] = id;
    return true;
}

struct adding {
    struct act *act;
    struct trail_scope *scope;
    uint64_t situation;
    bool full;
};

static bool share_add(void *arg, struct bytes key, struct bytes value)
{
    struct adding *adding = arg;

    (void)value;
    adding->full |=
        !trail_scope_add_id(adding->act, be64_get(key.data + key.len - 8), adding->scope);
    return !adding->full;
}

/* Requests of persons are few in a town's life. */
static bool rights_add(void *arg, struct bytes key, struct bytes value)
{
    struct adding *adding = arg;
    const Ctps__RightsRecord *record = (const Ctps__RightsRecord *)record_unpack(
        adding->act->arena, &ctps__rights_record__descriptor, value);

    (void)key;
    for (size_t i = 0; record && record->opened && i < record->opened->n_situations; i++)
        if (record->opened->situations[i] == adding->situation)
            adding->full |= !trail_scope_add_id(adding->act, record->opened->id, adding->scope);
    return !adding->full;
}

static bool one_add(struct act *act, const Ctps__SituationRecord *situation,
                    struct trail_scope *scope)
{
    struct adding adding = {act, scope, situation->opened->id, false};
    struct table_key prefix = table_key_of_u64(situation->opened->id);

    if (!trail_scope_add_id(act, situation->opened->id, scope))
        return false;
    for (size_t i = 0; i < situation->n_saisines; i++)
        if (!trail_scope_add_id(act, situation->saisines[i], scope))
            return false;
    act->tables->walk(act->tables->ctx, TABLE_SHARE_SITUATION, table_key_bytes(&prefix),
                      bytes_of(NULL, 0), false, share_add, &adding);
    act->tables->walk(act->tables->ctx, TABLE_RIGHTS, bytes_of(NULL, 0), bytes_of(NULL, 0),
                      false, rights_add, &adding);
    return !adding.full;
}

bool trail_scope_add(struct act *act, const Ctps__SituationRecord *situation,
                     struct trail_scope *scope)
{
    bool added = one_add(act, situation, scope);

    scope->by_object = true;
    for (size_t i = 0; i < situation->n_merged && added; i++) {
        const Ctps__SituationRecord *merged =
            record_situation(act->tables, act->arena, situation->merged[i]);

        added = !merged || one_add(act, merged, scope);
    }
    return added;
}

static int compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

void trail_scope_sort(struct trail_scope *scope)
{
    if (scope->id_count)
        qsort(scope->ids, scope->id_count, sizeof(scope->ids[0]), compare);
}

static bool has(const struct trail_scope *scope, uint64_t id)
{
    return scope->id_count &&
           bsearch(&id, scope->ids, scope->id_count, sizeof(scope->ids[0]), compare) != NULL;
}

static bool is_wanted_who(const struct trail_scope *scope, const Ctps__Principal *who)
{
    if (!scope->agent && !scope->contact)
        return true;
    if (!who)
        return false;
    return who->id &&
           ((who->kind == CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT && who->id == scope->agent) ||
            (who->kind == CTPS__PRINCIPAL_KIND__PRINCIPAL_CONTACT &&
             who->id == scope->contact));
}

/* --- reads and refusals --- */

/* What was found by name, or asked for in vain, names the sheet and not the person in it. */
static bool names_persons(const Ctps__AuditRecord *record)
{
    return strcmp(or_empty(record->result), "answered") == 0 &&
           strcmp(or_empty(record->action), "name.search") != 0;
}

bool trail_is_about(const struct trail_scope *scope, const Ctps__AuditRecord *record)
{
    if (!is_wanted_who(scope, record->principal))
        return false;
    for (size_t i = 0; i < record->n_objects && scope->by_object; i++) {
        uint64_t id = record->objects[i];

        if (scope->person ? id == scope->person || (!names_persons(record) && has(scope, id))
                          : has(scope, id))
            return true;
    }
    return !scope->by_object;
}

/* --- events --- */

struct told {
    const char *topic;
    uint64_t situation, object;
    const char *purpose, *legal_base;
    size_t n_agents, n_contacts;
    uint64_t *agents, *contacts;
};

static void shared_tell(const Ctps__InformationShared *event, struct told *told)
{
    *told = (struct told){
        .topic = "information.shared",
        .situation = event->situation,
        .object = event->id,
        .purpose = event->purpose,
        .legal_base = event->legal_base,
        .n_agents = event->n_agents,
        .agents = event->agents,
        .n_contacts = event->n_contacts,
        .contacts = event->contacts,
    };
}

static void minutes_tell(const Ctps__MinutesDistributed *event, struct told *told)
{
    *told = (struct told){
        .topic = "meeting.minutes_distributed",
        .object = event->meeting,
        .n_agents = event->n_agents,
        .agents = event->agents,
        .n_contacts = event->n_contacts,
        .contacts = event->contacts,
    };
}

static bool told_of(const Ctps__Event *event, struct told *told)
{
    switch (event->body_case) {
    case CTPS__EVENT__BODY_INFORMATION_SHARED:
        shared_tell(event->information_shared, told);
        return true;
    case CTPS__EVENT__BODY_INFORMATION_REVOKED:
        *told = (struct told){.topic = "information.revoked",
                              .situation = event->information_revoked->situation,
                              .object = event->information_revoked->id};
        return true;
    case CTPS__EVENT__BODY_INFORMATION_ACKNOWLEDGED:
        *told = (struct told){.topic = "information.acknowledged",
                              .situation = event->information_acknowledged->situation,
                              .object = event->information_acknowledged->id};
        return true;
    case CTPS__EVENT__BODY_BREAK_GLASS_USED:
        *told = (struct told){.topic = "break_glass.used",
                              .situation = event->break_glass_used->situation,
                              .object = event->break_glass_used->id,
                              .legal_base = "break_glass"};
        return true;
    case CTPS__EVENT__BODY_MINUTES_DISTRIBUTED:
        minutes_tell(event->minutes_distributed, told);
        return true;
    case CTPS__EVENT__BODY_SITUATION_TRANSFERRED:
        *told = (struct told){.topic = "situation.transferred",
                              .situation = event->situation_transferred->id,
                              .n_agents = event->situation_transferred->lead_agent ? 1 : 0,
                              .agents = &event->situation_transferred->lead_agent};
        return true;
    case CTPS__EVENT__BODY_SITUATION_MERGED:
        *told = (struct told){.topic = "situation.merged",
                              .situation = event->situation_merged->id,
                              .object = event->situation_merged->into};
        return true;
    default:
        return false;
    }
}

/* Minutes carry what stood on the agenda, and what the meeting was about. */
static bool meeting_carries(const struct trail_scope *scope, const struct tables *tables,
                            struct arena *arena, uint64_t id)
{
    const Ctps__MeetingRecord *meeting = record_meeting(tables, arena, id);

    if (!meeting)
        return false;
    if (has(scope, meeting->scheduled->situation))
        return true;
    for (size_t i = 0; i < meeting->n_agenda; i++)
        if (has(scope, meeting->agenda[i]->situation))
            return true;
    return false;
}

static bool is_one_of(const uint64_t *ids, size_t count, uint64_t id)
{
    for (size_t i = 0; id && i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

static bool told_is_about(const struct trail_scope *scope, const struct tables *tables,
                          struct arena *arena, const struct told *told)
{
    if (!scope->by_object)
        return true;
    if (told->situation)
        return has(scope, told->situation) || has(scope, told->object);
    return meeting_carries(scope, tables, arena, told->object);
}

bool trail_of_event(const struct trail_scope *scope, const struct tables *tables,
                    struct arena *arena, const Ctps__Principal *by, const Ctps__Event *event,
                    Ctps__AuditView *ret_view)
{
    struct told told;

    if (!told_of(event, &told) ||
        !(is_wanted_who(scope, by) || is_one_of(told.agents, told.n_agents, scope->agent) ||
          is_one_of(told.contacts, told.n_contacts, scope->contact)) ||
        !told_is_about(scope, tables, arena, &told))
        return false;
    ctps__audit_view__init(ret_view);
    ret_view->principal = (Ctps__Principal *)(uintptr_t)by;
    ret_view->action = (char *)(uintptr_t)told.topic;
    ret_view->result = (char *)(uintptr_t) "done";
    ret_view->purpose = (char *)(uintptr_t)told.purpose;
    ret_view->legal_base = (char *)(uintptr_t)told.legal_base;
    ret_view->agents = told.agents;
    ret_view->n_agents = told.n_agents;
    ret_view->contacts = told.contacts;
    ret_view->n_contacts = told.n_contacts;
    ret_view->objects = arena_alloc(arena, 2 * sizeof(uint64_t));
    if (!ret_view->objects)
        return false;
    if (told.situation)
        ret_view->objects[ret_view->n_objects++] = told.situation;
    if (told.object)
        ret_view->objects[ret_view->n_objects++] = told.object;
    return true;
}

/* Of one's day: what was charged to, shared with or asked of whoever asks, and what was opened
 * in need. */
#include "base/civil.h"
#include "base/zone.h"
#include "domain/check.h"
#include "domain/decision.h"
#include "domain/minutes.h"
#include "domain/notification.h"
#include "domain/record.h"
#include "domain/rights.h"
#include "domain/share.h"
#include "domain/today_private.h"

enum {
    MINUTES_BACK_DAYS = 366, /* older ones are not written any more */
    RIGHTS_AHEAD_DAYS = 30,  /* due one month after they came: all that are not extended */
    GLASS_BACK_DAYS = 7,
    FAILED_BACK_DAYS = 7,
    LOOKED_AT_MAX = 2000,
};

struct bounded {
    struct today *today;
    size_t left;
};

static char *reference_of(struct act *act, uint64_t situation)
{
    Ctps__SituationRecord *record = record_situation(act->tables, act->arena, situation);

    return record ? record->opened->reference : NULL;
}

/* --- decisions charged to the asker --- */

static bool is_charged(const struct principal *who, const Ctps__DecisionTaken *taken)
{
    return who->kind == PRINCIPAL_KIND_CONTACT ? taken->contact == who->id
                                               : taken->agent == who->id;
}

static bool decision_look(void *arg, uint64_t id)
{
    struct bounded *bounded = arg;
    struct act *act = bounded->today->act;
    const Ctps__DecisionRecord *record = decision_record(act->tables, act->arena, id);
    const Ctps__DecisionTaken *taken = record ? record->taken : NULL;
    Ctps__TodayItem *item;

    if (taken && !record->completed && is_charged(act->who, taken) &&
        taken->due_day <= civil_add_working_days(&act->settings->holidays, act->today,
                                                 act->settings->decision_ahead_working_days)) {
        item =
            today_add(bounded->today,
                      taken->due_day < act->today ? TODAY_DECISION_OVERDUE : TODAY_DECISION_DUE,
                      taken->due_day);
        if (item) {
            today_object(item, CTPS__OBJECT_KIND__OBJECT_DECISION, id,
                         reference_of(act, taken->situation), taken->territory);
            item->code = taken->verb;
        }
    }
    return !act->exhausted && --bounded->left > 0;
}

/* --- minutes nobody has had yet --- */

static bool minutes_look(void *arg, struct bytes key, struct bytes value)
{
    struct bounded *bounded = arg;
    struct act *act = bounded->today->act;
    struct judgement judgement = {0};
    const Ctps__MeetingRecord *record;
    struct resource resource;
    Ctps__TodayItem *item;
    int32_t day;
    uint64_t id;

    (void)value;
    if (!today_key_day(key, &day, &id))
        return true;
    if (day < act->today - MINUTES_BACK_DAYS)
        return false;
    record = record_meeting(act->tables, act->arena, id);
    if (!record || !minutes_is_overdue(act, record))
        return !act->exhausted && --bounded->left > 0;
    resource = resource_of_meeting(act, record);
    if (!act_may(act, ACTION_MINUTES_DISTRIBUTE, &resource, &judgement))
        return --bounded->left > 0;
    item = today_add(bounded->today, TODAY_MINUTES_OVERDUE,
                     minutes_due_day(act, record->scheduled->day));
    if (item) {
        today_object(item, CTPS__OBJECT_KIND__OBJECT_MEETING, id, record->scheduled->reference,
                     record->scheduled->territory);
        item->code = record->scheduled->instance;
    }
    return --bounded->left > 0;
}

static void minutes_walk(struct today *today)
{
    struct bounded bounded = {today, LOOKED_AT_MAX};
    struct act *act = today->act;
    struct table_key before = {0};

    table_key_add_day(&before, act->today);
    act->tables->walk(act->tables->ctx, TABLE_MEETING_DAY, bytes_of(NULL, 0),
                      table_key_bytes(&before), true, minutes_look, &bounded);
}

/* --- requests of persons --- */

static bool rights_look(void *arg, struct bytes key, struct bytes value)
{
    struct bounded *bounded = arg;
    struct act *act = bounded->today->act;
    const Ctps__RightsRecord *record = (const Ctps__RightsRecord *)record_unpack(
        act->arena, &ctps__rights_record__descriptor, value);
    struct judgement judgement = {0};
    struct resource resource;
    Ctps__TodayItem *item;

    (void)key;
    if (!record || record->answered || record->due_day > act->today + RIGHTS_AHEAD_DAYS)
        return !act->exhausted && --bounded->left > 0;
    resource = rights_resource(act, record);
    if (!act_may(act, ACTION_RIGHTS_LIST, &resource, &judgement))
        return --bounded->left > 0;
    item = today_add(bounded->today,
                     record->due_day < act->today ? TODAY_RIGHTS_OVERDUE : TODAY_RIGHTS_DUE,
                     record->due_day);
    if (item) {
        today_object(item, CTPS__OBJECT_KIND__OBJECT_RIGHTS_REQUEST, record->opened->id,
                     record->opened->number, record->opened->territory);
        item->code = record->opened->kind;
    }
    return --bounded->left > 0;
}

/* --- shares waiting for the asker's word --- */

static bool is_acknowledged(const Ctps__ShareRecord *share, const struct principal *who)
{
    for (size_t i = 0; i < share->n_acknowledged; i++)
        if (share->acknowledged[i]->by &&
            (int)share->acknowledged[i]->by->kind == (int)who->kind &&
            share->acknowledged[i]->by->id == who->id)
            return true;
    return false;
}

static bool share_look(void *arg, struct bytes key, struct bytes value)
{
    struct bounded *bounded = arg;
    struct act *act = bounded->today->act;
    const Ctps__ShareRecord *share =
        key.len >= 8 ? share_record(act->tables, act->arena, be64_get(key.data + key.len - 8))
                     : NULL;
    Ctps__TodayItem *item;

    (void)value;
    if (share && share_is_recipient(share->shared, act->who) &&
        share_is_live(share, act->today) && !is_acknowledged(share, act->who)) {
        item = today_add(bounded->today, TODAY_SHARE_WAITING, share->shared->day);
        if (item) {
            today_object(item, CTPS__OBJECT_KIND__OBJECT_SHARE, share->shared->id,
                         reference_of(act, share->shared->situation), NULL);
            item->code = share->shared->purpose;
            SET(item, agent, share->shared->by_agent);
            item->has_late = 0; /* given that day: nothing is late */
        }
    }
    return !act->exhausted && --bounded->left > 0;
}

static void shares_look(struct today *today)
{
    struct bounded bounded = {today, LOOKED_AT_MAX};
    struct table_key prefix = share_key_by(today->act->who->kind == PRINCIPAL_KIND_CONTACT
                                               ? CTPS__OBJECT_KIND__OBJECT_CONTACT
                                               : CTPS__OBJECT_KIND__OBJECT_AGENT,
                                           today->act->who->id, 0);

    today->act->tables->walk(today->act->tables->ctx, TABLE_SHARE_BY, table_key_bytes(&prefix),
                             bytes_of(NULL, 0), true, share_look, &bounded);
}

/* --- glass broken of late, for the head and the DPO --- */

static bool glass_look(void *arg, struct bytes key, struct bytes value)
{
    struct bounded *bounded = arg;
    struct act *act = bounded->today->act;
    const Ctps__BreakGlassRecord *record = (const Ctps__BreakGlassRecord *)record_unpack(
        act->arena, &ctps__break_glass_record__descriptor, value);
    Ctps__TodayItem *item;

    (void)key;
    if (!record || record->used->day < act->today - GLASS_BACK_DAYS)
        return false;
    item = today_add(bounded->today, TODAY_GLASS_BROKEN, record->used->day);
    if (item) {
        today_object(item, CTPS__OBJECT_KIND__OBJECT_BREAK_GLASS, record->used->id,
                     reference_of(act, record->used->situation), NULL);
        SET(item, agent, record->used->agent);
        item->has_late = 0;
    }
    return --bounded->left > 0;
}

/* --- messages that could not be delivered, for the assistant --- */

static bool failed_look(void *arg, struct bytes key, struct bytes value)
{
    struct bounded *bounded = arg;
    struct act *act = bounded->today->act;
    uint64_t id = be64_get(key.data + key.len - sizeof(id));
    const Ctps__Effect *effect = (Ctps__Effect *)record_get(
        act->tables, TABLE_EFFECT, table_key_of_u64(id), act->arena, &ctps__effect__descriptor);
    int32_t day = effect ? zone_day_of(effect->done_us) : 0;
    Ctps__TodayItem *item;

    (void)value;
    if (effect && day >= act->today - FAILED_BACK_DAYS &&
        (item = today_add(bounded->today, TODAY_NOTIFICATION_FAILED, day))) {
        today_object(item, effect->object_kind, effect->object, NULL, NULL);
        item->code = effect->cause;
        SET_FROM(item, effect, agent);
        SET_FROM(item, effect, contact);
        item->has_late = 0;
    }
    return --bounded->left > 0;
}

static void failed_walk(struct today *today)
{
    struct act *act = today->act;
    struct table_key prefix = table_key_of_text(NOTIFICATION_FAILED);
    struct bounded bounded = {today, LOOKED_AT_MAX};

    if (act->who->function == FUNCTION_ASSISTANT)
        act->tables->walk(act->tables->ctx, TABLE_NOTIFICATION, table_key_bytes(&prefix),
                          bytes_of(NULL, 0), true, failed_look, &bounded);
}

/* --- what is wrong with the signed log, for those who may see how the daemon is --- */

static void log_alarms_add(struct today *today)
{
    struct act *act = today->act;
    struct resource nothing = {.kind = RESOURCE_NONE};
    struct judgement judgement = {0};

    if (!act->log_alarm_count || !act_may(act, ACTION_STATUS_READ, &nothing, &judgement))
        return;
    for (unsigned i = 0; i < act->log_alarm_count; i++) {
        Ctps__TodayItem *item = today_add(today, TODAY_AUDIT_LOG_ALARM, act->today);

        if (item)
            item->code = act_text(act, act->log_alarms[i]);
    }
}

void today_tasks(struct today *today)
{
    struct act *act = today->act;
    struct resource nothing = {.kind = RESOURCE_NONE};
    struct judgement judgement = {0};
    struct bounded decisions = {today, LOOKED_AT_MAX};
    struct bounded rights = {today, LOOKED_AT_MAX};
    struct bounded glass = {today, LOOKED_AT_MAX};

    decision_walk(act, act->who->id, 0, decision_look, &decisions);
    shares_look(today);
    /* A partner's day holds what was shared with or charged to him, and nothing else. */
    if (act->who->kind == PRINCIPAL_KIND_CONTACT)
        return;
    minutes_walk(today);
    failed_walk(today);
    log_alarms_add(today);
    act->tables->walk(act->tables->ctx, TABLE_RIGHTS, bytes_of(NULL, 0), bytes_of(NULL, 0),
                      true, rights_look, &rights);
    if (act_may(act, ACTION_GLASS_LIST, &nothing, &judgement))
        act->tables->walk(act->tables->ctx, TABLE_GLASS, bytes_of(NULL, 0), bytes_of(NULL, 0),
                          true, glass_look, &glass);
}

/* What is due, late, new or waiting for whoever asks: facts only, capped, earliest first. */
#include <stdlib.h>

#include "base/civil.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/page.h"
#include "domain/people.h"
#include "domain/record.h"
#include "domain/rows.h"
#include "domain/today_private.h"
#include "domain/view_fill.h"

enum {
    SHOWN_PER_KIND_MAX = 100,
    LOOKED_AT_MAX = 20000, /* open things of one kind and territory */
};

static const char *const kind_names[TODAY_KIND_COUNT] = {
#define X(id, name) [TODAY_##id] = (name),
    TODAY_KINDS(X)
#undef X
};

void authorise_today(struct act *act)
{
    act_judge_plain(act, ACTION_TODAY_READ);
}

Ctps__TodayItem *today_add(struct today *today, enum today_kind kind, int32_t due_day)
{
    struct act *act = today->act;
    Ctps__TodayItem *item;

    if (today->counts[kind]++ >= SHOWN_PER_KIND_MAX)
        return NULL;
    item = act_alloc(act, sizeof(*item));
    ctps__today_item__init(item);
    item->kind = act_text(act, kind_names[kind]);
    SET(item, due_day, due_day);
    if (due_day < act->today)
        SET(item, late, 1);
    today->answer->items[today->answer->n_items++] = item;
    return item;
}

void today_object(Ctps__TodayItem *item, Ctps__ObjectKind object, uint64_t id, char *reference,
                  char *territory)
{
    SET(item, object, object);
    SET(item, id, id);
    item->reference = reference;
    item->territory = territory;
}

/* --- saisines and situations of the territories one may see --- */

static bool saisine_look(void *arg, uint64_t id)
{
    struct today *today = arg;
    struct act *act = today->act;
    const Ctps__SaisineRecord *record = record_saisine(act->tables, act->arena, id);
    struct judgement judgement = {0};
    struct resource resource;
    Ctps__TodayItem *item;
    int32_t due;

    if (!record)
        return !act->exhausted;
    resource = resource_of_saisine(act, record);
    if (!act_may(act, ACTION_SAISINE_LIST, &resource, &judgement))
        return true;
    due = civil_add_working_days(&act->settings->holidays, record->received->received_day,
                                 act->settings->answer_working_days);
    item =
        today_add(today, due < act->today ? TODAY_SAISINE_UNANSWERED : TODAY_SAISINE_NEW, due);
    if (!item)
        return true;
    today_object(item, CTPS__OBJECT_KIND__OBJECT_SAISINE, id, record->received->number,
                 record->received->territory);
    item->code = record->received->urgency;
    if (record->received->referrer_partner)
        SET(item, partner, record->received->referrer_partner);
    return true;
}

static void situation_item(struct today *today, enum today_kind kind,
                           const Ctps__SituationRecord *record, int32_t due)
{
    Ctps__TodayItem *item = today_add(today, kind, due);

    if (!item)
        return;
    today_object(item, CTPS__OBJECT_KIND__OBJECT_SITUATION, record->opened->id,
                 record->opened->reference, record->territory);
    item->code = record->status;
    if (record->lead_agent)
        SET(item, agent, record->lead_agent);
}

static void situation_dues(struct today *today, const Ctps__SituationRecord *record)
{
    const struct act *act = today->act;
    int32_t now = act->today;

    if (view_review_is_overdue(act, record))
        situation_item(today, TODAY_REVIEW_OVERDUE, record, record->next_review_day);
    else if (record->has_next_review_day &&
             record->next_review_day <= now + act->settings->review_ahead_days)
        situation_item(today, TODAY_REVIEW_DUE, record, record->next_review_day);
    if (strcmp(or_empty(record->status), STATUS_WATCH) == 0 && record->has_watch_until_day &&
        record->watch_until_day <= now)
        situation_item(today, TODAY_WATCH_OVER, record, record->watch_until_day);
    if (view_is_not_informed(act, record, now))
        situation_item(today, TODAY_NOT_INFORMED, record, view_inform_day(act, record));
    if (view_is_silent(act, record, now))
        situation_item(today, TODAY_SITUATION_SILENT, record, view_silent_day(act, record));
}

static bool situation_look(void *arg, uint64_t id)
{
    struct today *today = arg;
    struct act *act = today->act;
    const Ctps__SituationRecord *record = record_situation(act->tables, act->arena, id);
    struct judgement judgement = {0};
    struct resource resource;

    if (!record)
        return !act->exhausted;
    resource = resource_of_situation(act, record);
    if (act_may(act, ACTION_SITUATION_LIST, &resource, &judgement))
        situation_dues(today, record);
    return true;
}

/* A territory nothing of which may be seen is not walked over. */
static void territory_look(struct today *today, const char *code, Ctps__ObjectKind kind,
                           enum action action, bool (*look)(void *arg, uint64_t id))
{
    struct resource resource = resource_of_territory(today->act, code);
    struct judgement judgement = {0};

    if (act_may(today->act, action, &resource, &judgement) &&
        !page_walk_open(today->act, code, kind, LOOKED_AT_MAX, look, today))
        SET(today->answer, incomplete, 1);
}

static void territories_look(struct today *today)
{
    const char *codes[PRINCIPAL_TERRITORIES_MAX];
    size_t count = page_territories(today->act, codes, PRINCIPAL_TERRITORIES_MAX);

    for (size_t i = 0; i < count; i++) {
        territory_look(today, codes[i], CTPS__OBJECT_KIND__OBJECT_SAISINE, ACTION_SAISINE_LIST,
                       saisine_look);
        territory_look(today, codes[i], CTPS__OBJECT_KIND__OBJECT_SITUATION,
                       ACTION_SITUATION_LIST, situation_look);
    }
}

/* --- what is kept by its day: erasures announced, meetings --- */

bool today_key_day(struct bytes key, int32_t *ret_day, uint64_t *ret_id)
{
    if (key.len != 12)
        return false;
    *ret_day = (int32_t)(be32_get(key.data) ^ UINT32_C(0x80000000));
    *ret_id = be64_get(key.data + 4);
    return true;
}

/* From today on. */
static void days_walk(struct today *today, enum table table, tables_each *each)
{
    struct act *act = today->act;
    struct table_key after = {0};

    table_key_add_day(&after, act->today);
    act->tables->walk(act->tables->ctx, table, bytes_of(NULL, 0), table_key_bytes(&after),
                      false, each, today);
}

static bool erasure_look(void *arg, struct bytes key, struct bytes value)
{
    struct today *today = arg;
    struct act *act = today->act;
    struct judgement judgement = {0};
    const Ctps__SituationRecord *record;
    struct resource resource;
    int32_t day;
    uint64_t id;

    if (!today_key_day(key, &day, &id))
        return true;
    if (day > act->today + act->settings->announce_days)
        return false;
    if (value.len != 1 || value.data[0] != CTPS__OBJECT_KIND__OBJECT_SITUATION)
        return true;
    record = record_situation(act->tables, act->arena, id);
    if (!record || !record->has_erase_announced_day || record->erased)
        return !act->exhausted;
    resource = resource_of_situation(act, record);
    if (act_may(act, ACTION_SITUATION_LIST, &resource, &judgement))
        situation_item(today, TODAY_ERASURE_SOON, record, day);
    return true;
}

static bool meeting_look(void *arg, struct bytes key, struct bytes value)
{
    struct today *today = arg;
    struct act *act = today->act;
    struct judgement judgement = {0};
    const Ctps__MeetingRecord *record;
    struct resource resource;
    Ctps__TodayItem *item;
    int32_t day;
    uint64_t id;

    (void)value;
    if (!today_key_day(key, &day, &id))
        return true;
    if (day > act->today + act->settings->meeting_ahead_days)
        return false;
    record = (const Ctps__MeetingRecord *)record_get(act->tables, TABLE_MEETING,
                                                     table_key_of_u64(id), act->arena,
                                                     &ctps__meeting_record__descriptor);
    if (!record || strcmp(or_empty(record->state), MEETING_SCHEDULED) != 0)
        return !act->exhausted;
    resource = resource_of_meeting(act, record);
    if (!act_may(act, ACTION_MEETING_LIST, &resource, &judgement))
        return true;
    item = today_add(today, day == act->today ? TODAY_MEETING_TODAY : TODAY_MEETING_SOON, day);
    if (!item)
        return true;
    today_object(item, CTPS__OBJECT_KIND__OBJECT_MEETING, id, record->scheduled->reference,
                 record->scheduled->territory);
    item->code = record->scheduled->instance;
    SET_FROM(item, record->scheduled, minute);
    return true;
}

/* --- what expires, for those who have it renewed --- */

static void habilitations_look(struct today *today)
{
    struct act *act = today->act;
    struct rows agents = rows_read(act->tables, act->arena, TABLE_AGENT, bytes_of(NULL, 0),
                                   &ctps__agent__descriptor);

    act->exhausted = act->exhausted || agents.failed;
    for (size_t i = 0; i < agents.count; i++) {
        const Ctps__Agent *agent = (const Ctps__Agent *)agents.list[i];
        Ctps__TodayItem *item;
        int32_t last;

        if (!habilitation_expires(act, agent, &last))
            continue;
        item = today_add(today, TODAY_HABILITATION_EXPIRING, last);
        if (item)
            SET(item, agent, agent->id);
    }
}

static void charters_look(struct today *today)
{
    struct act *act = today->act;
    struct rows contacts = rows_read(act->tables, act->arena, TABLE_CONTACT, bytes_of(NULL, 0),
                                     &ctps__contact__descriptor);

    act->exhausted = act->exhausted || contacts.failed;
    for (size_t i = 0; i < contacts.count; i++) {
        const Ctps__Contact *contact = (const Ctps__Contact *)contacts.list[i];
        Ctps__TodayItem *item;
        int32_t last;

        if (contact->inactive || !charter_is_current(contact, act->settings, act->today))
            continue;
        last = charter_last_day(contact->charter_day, act->settings);
        item = last <= people_expiring_horizon(act)
                   ? today_add(today, TODAY_CHARTER_EXPIRING, last)
                   : NULL;
        if (!item)
            continue;
        SET(item, contact, contact->id);
        SET(item, partner, contact->partner);
    }
}

static void expiring_look(struct today *today)
{
    enum agent_function function = today->act->who->function;

    if (function != FUNCTION_HEAD && function != FUNCTION_ASSISTANT)
        return;
    habilitations_look(today);
    charters_look(today);
}

/* --- the answer --- */

static int earliest_first(const void *a, const void *b)
{
    const Ctps__TodayItem *one = *(Ctps__TodayItem *const *)a;
    const Ctps__TodayItem *two = *(Ctps__TodayItem *const *)b;

    if (one->due_day != two->due_day)
        return one->due_day < two->due_day ? -1 : 1;
    if (one->minute != two->minute)
        return one->minute < two->minute ? -1 : 1;
    if (one->id != two->id)
        return one->id < two->id ? -1 : 1;
    return strcmp(one->kind, two->kind);
}

static void counts_fill(struct today *today)
{
    Ctps__TodayAnswer *answer = today->answer;

    answer->counts = act_alloc(today->act, TODAY_KIND_COUNT * sizeof(Ctps__TodayCount *));
    for (size_t i = 0; i < TODAY_KIND_COUNT; i++) {
        Ctps__TodayCount *count;

        if (!today->counts[i])
            continue;
        count = act_alloc(today->act, sizeof(*count));
        ctps__today_count__init(count);
        count->kind = act_text(today->act, kind_names[i]);
        SET(count, count, today->counts[i]);
        answer->counts[answer->n_counts++] = count;
    }
}

void answer_today(struct act *act)
{
    struct today today = {.act = act, .answer = act_alloc(act, sizeof(*today.answer))};

    ctps__today_answer__init(today.answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_TODAY_ANSWER;
    act->reply->today_answer = today.answer;
    SET(today.answer, day, act->today);
    today.answer->items = arena_alloc(
        act->arena, (size_t)TODAY_KIND_COUNT * SHOWN_PER_KIND_MAX * sizeof(Ctps__TodayItem *));
    if (!today.answer->items) {
        act->exhausted = true;
        return;
    }
    if (act->who->kind != PRINCIPAL_KIND_CONTACT) {
        territories_look(&today);
        days_walk(&today, TABLE_DUE, erasure_look);
        days_walk(&today, TABLE_MEETING_DAY, meeting_look);
        expiring_look(&today);
    }
    today_tasks(&today);
    if (today.answer->n_items)
        qsort(today.answer->items, today.answer->n_items, sizeof(Ctps__TodayItem *),
              earliest_first);
    counts_fill(&today);
}

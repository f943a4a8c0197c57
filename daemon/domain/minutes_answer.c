/* Reading minutes: each as he may, and what is late. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/meeting.h"
#include "domain/minutes.h"
#include "domain/pack.h"
#include "domain/page.h"
#include "domain/record.h"

static Ctps__MinutesAnswer *answer_start(struct act *act, size_t room)
{
    Ctps__MinutesAnswer *answer = act_alloc(act, sizeof(*answer));

    ctps__minutes_answer__init(answer);
    answer->minutes = act_alloc(act, room * sizeof(answer->minutes[0]));
    act->reply->answer_case = CTPS__REPLY__ANSWER_MINUTES_ANSWER;
    act->reply->minutes_answer = answer;
    return answer;
}

/* --- minutes.get --- */

void authorise_minutes_get(struct act *act)
{
    meeting_load(act, act->request->minutes_get->meeting, ACTION_MINUTES_READ);
}

/* Who may read them only because he attends reads what was sent to him. */
static bool reads_as_attendee(struct act *act)
{
    struct resource resource = resource_of_meeting(act, act->meeting);
    struct judgement judgement = {0};

    resource.invited = false;
    return !act_may(act, ACTION_MINUTES_READ, &resource, &judgement);
}

static bool went_to_asker(const struct act *act, const Ctps__MinutesRecord *record)
{
    bool agent = act->who->kind == PRINCIPAL_KIND_AGENT;

    return minutes_went_to(record, agent ? act->who->id : 0, agent ? 0 : act->who->id);
}

/* The version asked for, or the newest one that may be read; NULL after refusing. */
static Ctps__MinutesRecord *version_find(struct act *act, uint32_t version)
{
    uint64_t meeting = act->meeting->scheduled->id;
    bool sent_only = reads_as_attendee(act);
    Ctps__MinutesRecord *record =
        version ? minutes_record(act->tables, act->arena, meeting, version)
                : minutes_newest(act->tables, act->arena, meeting);

    if (!record) {
        act_refuse(act, REFUSAL_ABSENT, "minutes");
        return NULL;
    }
    for (uint32_t at = record->drafted->version; sent_only && !went_to_asker(act, record);) {
        at = version || at <= 1 ? 0 : at - 1;
        record = at ? minutes_record(act->tables, act->arena, meeting, at) : NULL;
        if (record)
            continue;
        act_refuse(act, REFUSAL_MINUTES_NOT_DISTRIBUTED, "meeting");
        return NULL;
    }
    return record;
}

static char *text_open(struct act *act, const Ctps__Sealed *sealed, enum sealed_field field)
{
    Ctps__MinutesContent *content = (Ctps__MinutesContent *)act_unseal(
        act, sealed, field, &ctps__minutes_content__descriptor);

    return content ? content->text : NULL;
}

static bool may_general(struct act *act, const struct principal *attendee)
{
    if (act->situation)
        return pack_may_situation(act, attendee, act->situation);
    return !act->meeting->erased && !act->meeting->erasure_ordered &&
           pack_may_meeting(act, attendee, ACTION_MINUTES_READ);
}

static const Ctps__StoredMinutesItem *stored_find(const Ctps__MinutesRecord *record,
                                                  uint64_t item)
{
    for (size_t i = 0; i < record->drafted->n_items; i++)
        if (record->drafted->items[i]->item == item)
            return record->drafted->items[i];
    return NULL;
}

static void items_fill(struct act *act, const struct principal *attendee,
                       const Ctps__MinutesRecord *record, Ctps__MinutesView *view)
{
    bool general = may_general(act, attendee);

    view->items = act_alloc(act, (act->meeting->n_agenda + 1) * sizeof(view->items[0]));
    for (size_t i = 0; i < act->meeting->n_agenda && !act->exhausted; i++) {
        const Ctps__AgendaItem *item = act->meeting->agenda[i];
        const Ctps__StoredMinutesItem *stored = stored_find(record, item->id);
        const Ctps__SituationRecord *about;
        Ctps__PackItem *out = pack_item(act, attendee, item, &about);

        view->items[view->n_items++] = out;
        /* What was said is not among the parts that are shared. */
        if (!stored ||
            !(item->situation ? about && strcmp(out->shown, PACK_OPEN) == 0 : general))
            continue;
        if (about)
            act_object_read(act, item->situation);
        out->text = text_open(act, stored->text, SEALED_MINUTES_ITEM);
    }
    if (general)
        view->text = text_open(act, record->drafted->text, SEALED_MINUTES_TEXT);
}

void answer_minutes_get(struct act *act)
{
    const Ctps__MinutesGet *in = act->request->minutes_get;
    Ctps__MinutesAnswer *answer = answer_start(act, 1);
    Ctps__MinutesRecord *record = version_find(act, in->version);
    struct principal attendee;

    if (!record || !pack_attendee_load(act, in->agent, in->contact, &attendee) ||
        act->exhausted)
        return;
    act_object_read(act, act->meeting->scheduled->id);
    answer->minutes[0] = minutes_view(act, act->meeting, record);
    answer->n_minutes = 1;
    items_fill(act, &attendee, record, answer->minutes[0]);
}

/* --- minutes.list --- */

void authorise_minutes_list(struct act *act)
{
    const Ctps__MinutesList *in = act->request->minutes_list;
    struct resource resource = resource_of_territory(act, in->territory);

    if (in->meeting) {
        meeting_load(act, in->meeting, ACTION_MEETING_LIST);
        return;
    }
    resource.invited = true; /* judged again meeting by meeting */
    act_judge(act, ACTION_MEETING_LIST, &resource);
}

struct list {
    struct act *act;
    const Ctps__MinutesList *in;
    Ctps__MinutesAnswer *answer;
    uint32_t limit;
};

static bool has_minutes(const Ctps__MeetingRecord *meeting, int32_t today)
{
    return meeting->scheduled->day <= today && !meeting->scheduled->history &&
           strcmp(or_empty(meeting->state), MEETING_CANCELLED) != 0;
}

static bool is_wanted(const struct list *list, const Ctps__MeetingRecord *meeting,
                      const Ctps__MinutesRecord *record)
{
    const Ctps__MinutesList *in = list->in;

    return (!is_given(in->territory) ||
            strcmp(in->territory, or_empty(meeting->scheduled->territory)) == 0) &&
           (!is_given(in->state) || strcmp(in->state, minutes_state(record)) == 0) &&
           (!in->overdue || minutes_is_overdue(list->act, meeting));
}

static bool list_row(void *arg, struct bytes key, struct bytes value)
{
    struct list *list = arg;
    struct act *act = list->act;
    uint64_t id = be64_get(key.data + 4);
    Ctps__MeetingRecord *meeting = record_meeting(act->tables, act->arena, id);
    Ctps__MinutesRecord *record;
    struct judgement judgement = {0};
    struct resource resource;

    (void)value;
    if (!meeting || !has_minutes(meeting, act->today))
        return !act->exhausted;
    record = minutes_newest(act->tables, act->arena, id);
    resource = resource_of_meeting(act, meeting);
    if (!is_wanted(list, meeting, record) ||
        !act_may(act, ACTION_MEETING_LIST, &resource, &judgement))
        return true;
    if (list->answer->n_minutes == list->limit) {
        SET(list->answer, more, 1);
        return false;
    }
    list->answer->minutes[list->answer->n_minutes++] = minutes_view(act, meeting, record);
    return true;
}

static void versions_fill(struct act *act, Ctps__MinutesAnswer *answer)
{
    uint64_t meeting = act->meeting->scheduled->id;
    Ctps__MinutesRecord *record = minutes_newest(act->tables, act->arena, meeting);
    uint32_t version = record ? record->drafted->version : 0;

    answer->minutes[answer->n_minutes++] = minutes_view(act, act->meeting, record);
    while (version > 1 && !act->exhausted) {
        record = minutes_record(act->tables, act->arena, meeting, --version);
        answer->minutes[answer->n_minutes++] = minutes_view(act, act->meeting, record);
    }
}

void answer_minutes_list(struct act *act)
{
    const Ctps__MinutesList *in = act->request->minutes_list;
    struct list list = {act, in, NULL, page_limit(in->has_limit, in->limit)};
    struct table_key before = {0};

    list.answer = answer_start(act, in->meeting ? MINUTES_VERSIONS_MAX : list.limit);
    if (act->exhausted)
        return;
    if (in->has_before_day) {
        table_key_add_day(&before, in->before_day);
        table_key_add_u64(&before, in->before);
    }
    if (in->meeting)
        versions_fill(act, list.answer);
    else
        act->tables->walk(act->tables->ctx, TABLE_MEETING_DAY, bytes_of(NULL, 0),
                          table_key_bytes(&before), true, list_row, &list);
}

/* Reading meetings: the calendar, and one of them with its agenda. */
#include "base/civil.h"
#include "base/zone.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/meeting.h"
#include "domain/page.h"
#include "domain/record.h"

/* --- what is shown --- */

static void attendees_fill(struct act *act, const Ctps__MeetingScheduled *of,
                           Ctps__MeetingView *view)
{
    if (act->who->kind == PRINCIPAL_KIND_CONTACT)
        return;
    view->invited = of->invited;
    view->n_invited = of->n_invited;
}

static char *reference_of(struct act *act, uint64_t situation)
{
    Ctps__SituationRecord *row =
        situation ? record_situation(act->tables, act->arena, situation) : NULL;

    return row ? row->opened->reference : NULL;
}

static void agenda_fill(struct act *act, const Ctps__MeetingRecord *record,
                        Ctps__MeetingView *view)
{
    view->agenda = act_alloc(act, (record->n_agenda + 1) * sizeof(view->agenda[0]));
    for (size_t i = 0; i < record->n_agenda && !act->exhausted; i++) {
        const Ctps__AgendaItem *item = record->agenda[i];
        Ctps__AgendaItemView *out = act_alloc(act, sizeof(*out));

        ctps__agenda_item_view__init(out);
        SET_FROM(out, item, id);
        out->reference = reference_of(act, item->situation);
        SET_FROM(out, item, situation);
        SET_FROM(out, item, nominative);
        out->theme = item->theme;
        SET_FROM(out, item, decision);
        SET_FROM(out, item, saisine);
        SET(out, with_text, item->text != NULL);
        view->agenda[view->n_agenda++] = out;
    }
}

static bool is_past_deadline(struct act *act, const Ctps__MeetingScheduled *of)
{
    Ctps__Instance *instance = record_instance(act->tables, act->arena, or_empty(of->instance));

    return instance && instance->deadline_days && of->has_requested_day &&
           of->day > civil_add_working_days(&act->settings->holidays, of->requested_day,
                                            (int)instance->deadline_days);
}

static Ctps__MeetingView *view_facts(struct act *act, const Ctps__MeetingRecord *record)
{
    const Ctps__MeetingScheduled *of = record->scheduled;
    Ctps__MeetingView *view = act_alloc(act, sizeof(*view));

    ctps__meeting_view__init(view);
    SET_FROM(view, of, id);
    view->reference = of->reference;
    view->instance = of->instance;
    view->territory = of->territory;
    view->state = record->state;
    SET_FROM(view, of, day);
    SET_FROM(view, of, minute);
    view->zone = of->zone;
    SET(view, start_us, zone_instant_of(of->day, (int32_t)of->minute * 60, NULL));
    SET_FROM(view, of, duration_min);
    view->place = of->place;
    SET_FROM(view, of, chair);
    SET_FROM(view, of, end_day);
    view->situation_reference = reference_of(act, of->situation);
    SET_FROM(view, of, series);
    SET_FROM(view, of, series_index);
    SET_FROM(view, record, rescheduled_count);
    view->warnings = of->warnings;
    view->n_warnings = of->n_warnings;
    if (is_past_deadline(act, of))
        SET(view, past_deadline, 1);
    attendees_fill(act, of, view);
    agenda_fill(act, record, view);
    return view;
}

/* --- texts --- */

static char *text_open(struct act *act, const Ctps__Sealed *sealed, enum sealed_field field)
{
    Ctps__MeetingText *text =
        (Ctps__MeetingText *)act_unseal(act, sealed, field, &ctps__meeting_text__descriptor);

    return text ? text->text : NULL;
}

/* A text about a situation is read by whoever may read that situation. */
static bool may_read_of(struct act *act, uint64_t situation)
{
    Ctps__SituationRecord *row = record_situation(act->tables, act->arena, situation);
    struct judgement judgement = {0};
    struct resource resource;

    if (!row)
        return false;
    resource = resource_of_situation(act, row);
    if (!act_may(act, ACTION_SITUATION_READ, &resource, &judgement))
        return false;
    act_object_read(act, situation);
    return true;
}

static void view_open(struct act *act, const Ctps__MeetingRecord *record,
                      Ctps__MeetingView *view)
{
    const Ctps__MeetingScheduled *of = record->scheduled;
    bool own = !record->erasure_ordered && !record->erased;

    act_object_read(act, of->id);
    if (of->situation ? may_read_of(act, of->situation) : own)
        view->title = text_open(act, of->title, SEALED_MEETING_TITLE);
    for (size_t i = 0; i < view->n_agenda; i++) {
        const Ctps__AgendaItem *item = record->agenda[i];
        uint64_t about = item->situation ? item->situation : of->situation;

        if (item->text && (about ? may_read_of(act, about) : own))
            view->agenda[i]->text = text_open(act, item->text, SEALED_AGENDA_TEXT);
    }
}

/* --- meeting.list --- */

void authorise_meeting_list(struct act *act)
{
    const Ctps__MeetingList *in = act->request->meeting_list;
    struct resource resource = resource_of_territory(act, in->territory);

    /* What a contact, or an agent elsewhere, is invited to is judged meeting by meeting. */
    resource.invited = true;
    act_judge(act, ACTION_MEETING_LIST, &resource);
}

struct calendar {
    struct act *act;
    const Ctps__MeetingList *in;
    Ctps__MeetingAnswer *answer;
    uint32_t limit;
};

static bool is_in_place(const struct calendar *calendar, struct bytes where)
{
    const Ctps__MeetingList *in = calendar->in;
    struct table_key place = {0};
    const uint8_t *end = where.len ? memchr(where.data, 0, where.len) : NULL;
    size_t territory_len = end ? (size_t)(end - where.data) : where.len;
    struct bytes instance = bytes_of(where.data + territory_len + (end != NULL),
                                     where.len - territory_len - (end != NULL));

    table_key_add_bytes(&place, bytes_of(where.data, territory_len));
    return (!is_given(in->territory) ||
            bytes_equal(table_key_bytes(&place), bytes_of_str(in->territory))) &&
           (!is_given(in->instance) || bytes_equal(instance, bytes_of_str(in->instance)));
}

static bool calendar_take(struct calendar *calendar, uint64_t id)
{
    struct act *act = calendar->act;
    Ctps__MeetingRecord *record = record_meeting(act->tables, act->arena, id);
    struct judgement judgement = {0};
    struct resource resource;

    if (!record)
        return !act->exhausted;
    if (is_given(calendar->in->state) &&
        strcmp(calendar->in->state, or_empty(record->state)) != 0)
        return true;
    resource = resource_of_meeting(act, record);
    if (!act_may(act, ACTION_MEETING_LIST, &resource, &judgement))
        return true;
    if (calendar->answer->n_meetings == calendar->limit) {
        SET(calendar->answer, more, 1);
        return false;
    }
    calendar->answer->meetings[calendar->answer->n_meetings++] = view_facts(act, record);
    return true;
}

static bool calendar_row(void *arg, struct bytes key, struct bytes value)
{
    struct calendar *calendar = arg;
    int32_t day;

    if (key.len != 12)
        return true;
    day = (int32_t)(be32_get(key.data) ^ UINT32_C(0x80000000));
    if (calendar->in->has_to_day && day > calendar->in->to_day)
        return false;
    return !is_in_place(calendar, value) || calendar_take(calendar, be64_get(key.data + 4));
}

static Ctps__MeetingAnswer *answer_start(struct act *act, size_t room)
{
    Ctps__MeetingAnswer *answer = act_alloc(act, sizeof(*answer));

    ctps__meeting_answer__init(answer);
    answer->meetings = act_alloc(act, room * sizeof(answer->meetings[0]));
    act->reply->answer_case = CTPS__REPLY__ANSWER_MEETING_ANSWER;
    act->reply->meeting_answer = answer;
    return answer;
}

void answer_meeting_list(struct act *act)
{
    const Ctps__MeetingList *in = act->request->meeting_list;
    struct calendar calendar = {act, in, NULL, page_limit(in->has_limit, in->limit)};
    struct table_key after = {0};

    calendar.answer = answer_start(act, calendar.limit);
    if (!calendar.answer->meetings)
        return;
    if (in->has_after_day) {
        table_key_add_day(&after, in->after_day);
        table_key_add_u64(&after, in->after);
    } else if (in->has_from_day && in->from_day > CIVIL_DAY_MIN) {
        table_key_add_day(&after, in->from_day - 1);
        table_key_add_u64(&after, UINT64_MAX);
    }
    act->tables->walk(act->tables->ctx, TABLE_MEETING_DAY, bytes_of(NULL, 0),
                      table_key_bytes(&after), false, calendar_row, &calendar);
}

/* --- meeting.get --- */

void authorise_meeting_get(struct act *act)
{
    const Ctps__MeetingGet *in = act->request->meeting_get;
    uint64_t id = in->id;

    if (!id)
        id = record_reference_find(act->tables, act->arena, or_empty(in->reference));
    meeting_load(act, id, in->nominative ? ACTION_MEETING_READ : ACTION_MEETING_LIST);
}

void answer_meeting_get(struct act *act)
{
    Ctps__MeetingAnswer *answer = answer_start(act, 1);

    if (!answer->meetings)
        return;
    answer->n_meetings = 1;
    answer->meetings[0] = view_facts(act, act->meeting);
    if (act->request->meeting_get->nominative)
        view_open(act, act->meeting, answer->meetings[0]);
}

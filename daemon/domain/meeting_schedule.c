/* A meeting, or a series of them, put into the calendar. */
#include "base/civil.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/instance.h"
#include "domain/meeting.h"
#include "domain/record.h"
#include "domain/recurrence.h"

enum { NTH_LAST = 6 }; /* Recurrence.nth */

void authorise_meeting_schedule(struct act *act)
{
    const Ctps__MeetingSchedule *in = act->request->meeting_schedule;
    struct resource resource;

    if (in->situation) {
        act->situation = record_situation(act->tables, act->arena, in->situation);
        if (!act->situation) {
            act_refuse(act, REFUSAL_ABSENT, "situation");
            return;
        }
    }
    resource =
        resource_of_territory(act, act->situation ? act->situation->territory : in->territory);
    act_judge(act, ACTION_MEETING_SCHEDULE, &resource);
}

char *meeting_zone(struct act *act)
{
    Ctps__Town *town = record_town(act->tables, act->arena);

    return act_text(act, town && is_given(town->zone) ? town->zone : "Europe/Paris");
}

bool meeting_time_check(struct act *act, bool has_day, int32_t day, bool has_minute,
                        uint32_t minute, const char *zone, bool has_duration,
                        uint32_t duration_min)
{
    if (!check_day(act, has_day, day, "day") || !check_given(act, has_minute, "minute"))
        return false;
    if (minute >= DAY_MINUTES)
        act_refuse(act, REFUSAL_FIELD_RANGE, "minute");
    else if (has_duration && (duration_min == 0 || duration_min > DURATION_MAX_MIN))
        act_refuse(act, REFUSAL_FIELD_RANGE, "duration_min");
    else if (is_given(zone) && strcmp(zone, meeting_zone(act)) != 0)
        act_refuse(act, REFUSAL_ZONE_UNKNOWN, "zone");
    return act->refusal == REFUSAL_NONE;
}

int32_t meeting_texts_due(int32_t day)
{
    return civil_add_months(day, MEETING_TEXT_MONTHS);
}

static bool situation_check(struct act *act, const Ctps__MeetingSchedule *in,
                            const Ctps__Instance *instance)
{
    bool about_one = strcmp(or_empty(instance->content), CARRY_ONE_SITUATION) == 0;

    if (!about_one) {
        if (in->situation)
            act_refuse(act, REFUSAL_SITUATION_NOT_HERE, "situation");
        return !in->situation;
    }
    if (!check_given(act, in->situation != 0, "situation"))
        return false;
    if (!act->situation)
        act->situation = record_situation(act->tables, act->arena, in->situation);
    if (!act->situation)
        act_refuse(act, REFUSAL_ABSENT, "situation");
    else if (act->situation->erased || act->situation->erasure_ordered)
        act_refuse(act, REFUSAL_ERASED, "situation");
    else if (act->situation->restricted)
        act_refuse(act, REFUSAL_RESTRICTED, "situation");
    else if (act->situation->has_closed_day)
        act_refuse(act, REFUSAL_STATE_WRONG, "situation");
    else if (is_given(in->territory) &&
             strcmp(in->territory, or_empty(act->situation->territory)) != 0)
        act_refuse(act, REFUSAL_SITUATION_OTHER_TERRITORY, "territory");
    return act->refusal == REFUSAL_NONE;
}

bool meeting_fields_check(struct act *act, const Ctps__MeetingSchedule *in,
                          const Ctps__Instance *instance)
{
    if (!situation_check(act, in, instance))
        return false;
    if (instance->per_territory && !check_given(act, is_given(in->territory), "territory"))
        return false;
    if (is_given(in->territory) && !check_territory(act, in->territory))
        return false;
    if (in->chair && !check_agent(act, in->chair, "chair"))
        return false;
    if (instance->end_required && !check_given(act, in->has_end_day, "end_day"))
        return false;
    if (!in->has_end_day)
        return true;
    if (!check_day(act, true, in->end_day, "end_day"))
        return false;
    if (in->end_day < in->day)
        act_refuse(act, REFUSAL_DATE_ORDER, "end_day");
    return in->end_day >= in->day;
}

/* --- one occurrence --- */

/* Numbers are of a territory and a year: R-T3-2026-0012. */
static void number_set(struct act *act, Ctps__MeetingScheduled *out)
{
    int year = civil_date_of(out->day).year;
    const char *dash = is_given(out->territory) ? "-" : "";
    char *series = arena_printf(act->arena, "R%s%s-%04d", dash, or_empty(out->territory), year);
    uint32_t ordinal;

    if (!series) {
        act->exhausted = true;
        return;
    }
    ordinal = (uint32_t)record_counter(act->tables, act->arena, series) + 1;
    for (unsigned i = 0; i + 1 < act->event_count; i++)
        if (act->events[i]->body_case == CTPS__EVENT__BODY_MEETING_SCHEDULED &&
            civil_date_of(act->events[i]->meeting_scheduled->day).year == year)
            ordinal++;
    SET(out, reference_ordinal, ordinal);
    out->reference = arena_printf(act->arena, "%s-%04u", series, ordinal);
}

static void title_seal(struct act *act, Ctps__MeetingScheduled *out, char *title)
{
    Ctps__MeetingText text = CTPS__MEETING_TEXT__INIT;
    uint64_t slot;

    if (!is_given(title))
        return;
    if (act->situation && act->situation->opened->slot) {
        slot = act->situation->opened->slot;
    } else {
        slot = act_take_slot(act);
        SET(out, slot, slot);
        SET(out, erase_due_day, meeting_texts_due(out->day));
    }
    text.text = title;
    out->title = act_seal(act, slot, SEALED_MEETING_TITLE, &text.base);
}

Ctps__MeetingScheduled *meeting_emit(struct act *act, const Ctps__MeetingSchedule *in,
                                     const Ctps__Instance *instance, int32_t day,
                                     struct meeting_batch *batch)
{
    Ctps__MeetingScheduled *out = emit_meeting_scheduled(act);

    SET(out, id, act_new_id(act));
    out->instance = in->instance;
    out->territory = act->situation ? act->situation->territory : in->territory;
    SET(out, day, day);
    SET_FROM(out, in, minute);
    out->zone = meeting_zone(act);
    SET_FROM(out, in, duration_min);
    out->place = in->place;
    SET_FROM(out, in, chair);
    out->invited = batch ? batch->invited : NULL;
    out->n_invited = batch ? batch->invited_count : 0;
    SET_FROM(out, in, end_day);
    SET_FROM(out, in, situation);
    if (batch && batch->series) {
        SET(out, series, batch->series);
        SET(out, series_index, batch->count++);
    }
    SET(out, by_agent, act->who->id);
    SET(out, requested_day, in->has_requested_day ? in->requested_day : act->today);
    number_set(act, out);
    title_seal(act, out, in->title);
    meeting_warn(act, out, instance);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_MEETING, out->id, out->reference);
    return out;
}

/* --- the command --- */

static bool recurrence_read(struct act *act, const Ctps__MeetingSchedule *in,
                            const Ctps__Instance *instance, struct recurrence *rule)
{
    const Ctps__Recurrence *of = in->recurrence;
    bool weeks = of->every_weeks > 0;

    if (weeks == (of->every_months > 0) || of->every_weeks > 520 || of->every_months > 120 ||
        of->nth > NTH_LAST || of->weekday > 6 || (of->nth && (weeks || !of->has_weekday)) ||
        of->skip_month > 12 || (!of->count && !of->has_until_day)) {
        act_refuse(act, REFUSAL_RECURRENCE_WRONG, "recurrence");
        return false;
    }
    *rule = (struct recurrence){
        .first_day = in->day,
        .every_weeks = of->every_weeks,
        .every_months = of->every_months,
        .nth = of->nth == NTH_LAST ? RECURRENCE_LAST : (int)of->nth,
        .weekday = (int)of->weekday,
        .has_until = of->has_until_day,
        .until_day = of->until_day,
        .count = of->count,
        .month_skipped = of->skip_month ? of->skip_month : instance->month_skipped,
        .holidays = &act->settings->holidays,
    };
    return true;
}

static size_t days_fill(struct act *act, const Ctps__MeetingSchedule *in,
                        const Ctps__Instance *instance, int32_t days[SERIES_MAX])
{
    struct recurrence rule;
    size_t count;

    if (!in->recurrence) {
        days[0] = in->day;
        return 1;
    }
    if (!recurrence_read(act, in, instance, &rule))
        return 0;
    count = recurrence_days(&rule, days, SERIES_MAX);
    if (count == 0)
        act_refuse(act, REFUSAL_RECURRENCE_WRONG, "recurrence");
    if (count > SERIES_MAX)
        act_refuse(act, REFUSAL_SERIES_TOO_LONG, "recurrence");
    return count > SERIES_MAX ? 0 : count;
}

/* The rhythm of the kind: no meeting in a month skipped, a conference in time. */
static bool calendar_check(struct act *act, const Ctps__MeetingSchedule *in,
                           const Ctps__Instance *instance)
{
    int32_t from = in->has_requested_day ? in->requested_day : act->today;

    if (in->has_requested_day && !check_day_past(act, true, in->requested_day, "requested_day"))
        return false;
    if (in->day < act->today) {
        act_refuse(act, REFUSAL_DATE_ORDER, "day");
        return false;
    }
    if (!in->recurrence && instance->month_skipped &&
        (unsigned)civil_date_of(in->day).month == instance->month_skipped) {
        act_refuse(act, REFUSAL_INSTANCE_MONTH_SKIPPED, "day");
        return false;
    }
    if (instance->deadline_days &&
        in->day > civil_add_working_days(&act->settings->holidays, from,
                                         (int)instance->deadline_days)) {
        act_refuse(act, REFUSAL_INSTANCE_DEADLINE, "day");
        return false;
    }
    return true;
}

static bool is_before_end(struct act *act, const Ctps__MeetingSchedule *in, int32_t last_day)
{
    if (!in->has_end_day || last_day <= in->end_day)
        return true;
    act_refuse(act, REFUSAL_DATE_ORDER, "end_day");
    return false;
}

void decide_meeting_schedule(struct act *act)
{
    const Ctps__MeetingSchedule *in = act->request->meeting_schedule;
    Ctps__Instance *instance = instance_check(act, in->instance);
    struct meeting_batch batch = {.invited_count = in->n_agents + in->n_contacts};
    struct sitting sitting = {
        .day = act->today, .instance = instance, .situation = act->situation};
    int32_t days[SERIES_MAX];
    size_t count;

    if (!instance ||
        !meeting_time_check(act, in->has_day, in->day, in->has_minute, in->minute, in->zone,
                            in->has_duration_min, in->duration_min) ||
        !meeting_fields_check(act, in, instance) || !calendar_check(act, in, instance))
        return;
    batch.invited =
        attendance_make(act, in->agents, in->n_agents, in->contacts, in->n_contacts);
    sitting.territory = act->situation ? act->situation->territory : in->territory;
    if (!batch.invited ||
        !attendance_check_all(act, &sitting, batch.invited, batch.invited_count))
        return;
    count = days_fill(act, in, instance, days);
    if (!count || !is_before_end(act, in, days[count - 1]))
        return;
    if (in->recurrence) {
        batch.series = act_new_id(act);
        act_made(act, CTPS__OBJECT_KIND__OBJECT_SERIES, batch.series, NULL);
    }
    for (size_t i = 0; i < count && act->refusal == REFUSAL_NONE; i++)
        meeting_emit(act, in, instance, days[i], &batch);
}

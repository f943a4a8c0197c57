/* Moving, cancelling, holding a meeting; inviting to it. */
#include "base/civil.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/instance.h"
#include "domain/meeting.h"
#include "domain/record.h"

void meeting_load(struct act *act, uint64_t id, enum action action)
{
    struct resource resource;

    act->meeting = record_meeting(act->tables, act->arena, id);
    if (!act->meeting) {
        act_refuse(act, REFUSAL_ABSENT, "meeting");
        return;
    }
    act->instance =
        record_instance(act->tables, act->arena, or_empty(act->meeting->scheduled->instance));
    if (!act->instance) {
        act_refuse(act, REFUSAL_INSTANCE_UNKNOWN, act->meeting->scheduled->instance);
        return;
    }
    if (act->meeting->scheduled->situation)
        act->situation =
            record_situation(act->tables, act->arena, act->meeting->scheduled->situation);
    resource = resource_of_meeting(act, act->meeting);
    act_judge(act, action, &resource);
}

bool meeting_is_scheduled(struct act *act)
{
    if (strcmp(or_empty(act->meeting->state), MEETING_SCHEDULED) == 0)
        return true;
    act_refuse(act, REFUSAL_STATE_WRONG, "meeting");
    return false;
}

struct sitting meeting_sitting(struct act *act)
{
    return (struct sitting){
        .day = act->today,
        .instance = act->instance,
        .territory = act->meeting->scheduled->territory,
        .situation = act->situation,
        .agenda = act->meeting->agenda,
        .agenda_count = act->meeting->n_agenda,
    };
}

#define AUTHORISE(verb)                                                                        \
    void authorise_meeting_##verb(struct act *act)                                             \
    {                                                                                          \
        meeting_load(act, act->request->meeting_##verb->id, ACTION_MEETING_MANAGE);            \
    }

AUTHORISE(reschedule)
AUTHORISE(cancel)
AUTHORISE(hold)
AUTHORISE(invite)
AUTHORISE(uninvite)

/* Who did it, and what the bus says of any meeting. */
#define STAMP(act, out, of)                                                                    \
    do {                                                                                       \
        SET(out, id, (of)->id);                                                                \
        SET(out, by_agent, (act)->who->id);                                                    \
        (out)->instance = (of)->instance;                                                      \
        (out)->territory = (of)->territory;                                                    \
    } while (0)

/* Oddities of the day it moves to. */
static void moved_warn(struct act *act, Ctps__MeetingRescheduled *out)
{
    Ctps__MeetingScheduled moved = *act->meeting->scheduled;

    moved.day = out->day;
    moved.minute = out->minute;
    moved.duration_min = out->duration_min;
    moved.place = out->place;
    meeting_warn(act, &moved, act->instance);
    out->warnings = moved.warnings;
    out->n_warnings = moved.n_warnings;
}

void decide_meeting_reschedule(struct act *act)
{
    const Ctps__MeetingReschedule *in = act->request->meeting_reschedule;
    const Ctps__MeetingScheduled *was = act->meeting->scheduled;
    Ctps__MeetingRescheduled *out;

    if (!meeting_is_scheduled(act) ||
        !meeting_time_check(act, in->has_day, in->day, true,
                            in->has_minute ? in->minute : was->minute, in->zone,
                            in->has_duration_min, in->duration_min))
        return;
    if (in->day < act->today || (was->has_end_day && in->day > was->end_day)) {
        act_refuse(act, REFUSAL_DATE_ORDER, "day");
        return;
    }
    if (act->instance->month_skipped &&
        (unsigned)civil_date_of(in->day).month == act->instance->month_skipped) {
        act_refuse(act, REFUSAL_INSTANCE_MONTH_SKIPPED, "day");
        return;
    }
    out = emit_meeting_rescheduled(act);
    STAMP(act, out, was);
    SET(out, previous_day, was->day);
    SET_FROM(out, in, day);
    SET(out, minute, in->has_minute ? in->minute : was->minute);
    out->zone = meeting_zone(act);
    SET(out, duration_min, in->has_duration_min ? in->duration_min : was->duration_min);
    out->place = is_given(in->place) ? in->place : was->place;
    if (was->slot)
        SET(out, erase_due_day, meeting_texts_due(in->day));
    moved_warn(act, out);
}

/* --- cancel --- */

static void cancel_emit(struct act *act, const Ctps__MeetingScheduled *of)
{
    Ctps__MeetingCancelled *out = emit_meeting_cancelled(act);

    STAMP(act, out, of);
    SET(out, day, of->day);
}

struct rest {
    struct act *act;
    int32_t from_day;
};

static bool rest_row(void *arg, struct bytes key, struct bytes value)
{
    struct rest *rest = arg;
    struct act *act = rest->act;
    Ctps__MeetingRecord *row;

    (void)value;
    if (key.len != 16)
        return true;
    row = record_meeting(act->tables, act->arena, be64_get(key.data + 8));
    if (row && row->scheduled->day >= rest->from_day &&
        strcmp(or_empty(row->state), MEETING_SCHEDULED) == 0)
        cancel_emit(act, row->scheduled);
    return !act->exhausted;
}

void decide_meeting_cancel(struct act *act)
{
    const Ctps__MeetingScheduled *of = act->meeting->scheduled;
    struct rest rest = {act, of->day};
    struct table_key prefix = table_key_of_u64(of->series);

    if (!meeting_is_scheduled(act))
        return;
    if (!act->request->meeting_cancel->rest_of_series) {
        cancel_emit(act, of);
        return;
    }
    if (!of->series) {
        act_refuse(act, REFUSAL_STATE_WRONG, "rest_of_series");
        return;
    }
    act->tables->walk(act->tables->ctx, TABLE_MEETING_SERIES, table_key_bytes(&prefix),
                      bytes_of(NULL, 0), false, rest_row, &rest);
}

/* --- hold --- */

struct roll {
    struct act *act;
    Ctps__Attendee **list;
    size_t count;
};

static bool roll_add(struct roll *roll, const uint64_t *ids, size_t count, bool agents,
                     const char *outcome)
{
    const Ctps__MeetingScheduled *of = roll->act->meeting->scheduled;
    Ctps__Attendee **part = agents ? attendance_make(roll->act, ids, count, NULL, 0)
                                   : attendance_make(roll->act, NULL, 0, ids, count);

    for (size_t i = 0; part && i < count; i++) {
        bool invited = attendance_has(of->invited, of->n_invited, part[i]) ||
                       (agents && part[i]->agent == of->chair);

        if (roll->count == ATTENDEES_MAX || attendance_has(roll->list, roll->count, part[i])) {
            act_refuse(roll->act, roll->count == ATTENDEES_MAX ? REFUSAL_LIMIT : REFUSAL_EXISTS,
                       "attendance");
            return false;
        }
        if (!invited && strcmp(outcome, ATTENDEE_PRESENT) != 0) {
            act_refuse(roll->act, REFUSAL_NOT_ON_LIST, "attendance");
            return false;
        }
        part[i]->outcome = act_text(roll->act, outcome);
        if (!invited)
            SET(part[i], walk_in, 1);
        roll->list[roll->count++] = part[i];
    }
    return part != NULL;
}

static bool roll_fill(struct roll *roll, const Ctps__MeetingHold *in)
{
    roll->list = act_alloc(roll->act, (ATTENDEES_MAX + 1) * sizeof(roll->list[0]));
    return roll_add(roll, in->present_agents, in->n_present_agents, true, ATTENDEE_PRESENT) &&
           roll_add(roll, in->excused_agents, in->n_excused_agents, true, ATTENDEE_EXCUSED) &&
           roll_add(roll, in->absent_agents, in->n_absent_agents, true, ATTENDEE_ABSENT) &&
           roll_add(roll, in->present_contacts, in->n_present_contacts, false,
                    ATTENDEE_PRESENT) &&
           roll_add(roll, in->excused_contacts, in->n_excused_contacts, false,
                    ATTENDEE_EXCUSED) &&
           roll_add(roll, in->absent_contacts, in->n_absent_contacts, false, ATTENDEE_ABSENT);
}

/* Each of those invited is said present, excused or absent. */
static bool roll_is_complete(const struct roll *roll)
{
    const Ctps__MeetingScheduled *of = roll->act->meeting->scheduled;

    for (size_t i = 0; i < of->n_invited; i++)
        if (!attendance_has(roll->list, roll->count, of->invited[i])) {
            act_refuse(roll->act, REFUSAL_ATTENDANCE_INCOMPLETE, "attendance");
            return false;
        }
    return true;
}

/* Who was there had to be entitled to it on that day. */
static bool present_check(const struct roll *roll)
{
    struct sitting sitting = meeting_sitting(roll->act);
    Ctps__Attendee *present[ATTENDEES_MAX];
    size_t count = 0;

    sitting.day = roll->act->meeting->scheduled->day;
    for (size_t i = 0; i < roll->count; i++)
        if (strcmp(roll->list[i]->outcome, ATTENDEE_PRESENT) == 0)
            present[count++] = roll->list[i];
    return attendance_check_all(roll->act, &sitting, present, count);
}

void decide_meeting_hold(struct act *act)
{
    const Ctps__MeetingScheduled *of = act->meeting->scheduled;
    struct roll roll = {.act = act};
    Ctps__MeetingHeld *out;

    if (!meeting_is_scheduled(act))
        return;
    if (of->day > act->today) {
        act_refuse(act, REFUSAL_DATE_FUTURE, "day");
        return;
    }
    if (!roll_fill(&roll, act->request->meeting_hold) || !roll_is_complete(&roll) ||
        !present_check(&roll))
        return;
    out = emit_meeting_held(act);
    STAMP(act, out, of);
    SET(out, day, of->day);
    out->attendance = roll.list;
    out->n_attendance = roll.count;
}

/* --- invite, uninvite --- */

void decide_meeting_invite(struct act *act)
{
    const Ctps__MeetingInvite *in = act->request->meeting_invite;
    Ctps__MeetingScheduled *of = act->meeting->scheduled;
    struct sitting sitting = meeting_sitting(act);
    size_t count = in->n_agents + in->n_contacts;
    Ctps__MeetingInvited *out;
    Ctps__Attendee **added;
    Ctps__Attendee *all[2 * ATTENDEES_MAX];

    if (!meeting_is_scheduled(act) || !check_given(act, count > 0, "agents"))
        return;
    added = attendance_make(act, in->agents, in->n_agents, in->contacts, in->n_contacts);
    if (!added)
        return;
    if (of->n_invited + count > ATTENDEES_MAX) {
        act_refuse(act, REFUSAL_LIMIT, "attendees");
        return;
    }
    for (size_t i = 0; i < of->n_invited; i++)
        all[i] = of->invited[i];
    for (size_t i = 0; i < count; i++) {
        if (attendance_has(of->invited, of->n_invited, added[i])) {
            act_refuse(act, REFUSAL_EXISTS, "attendees");
            return;
        }
        if (!attendance_check(act, &sitting, added[i]))
            return;
        all[of->n_invited + i] = added[i];
    }
    if (!attendance_check_together(act, &sitting, all, of->n_invited + count))
        return;
    out = emit_meeting_invited(act);
    STAMP(act, out, of);
    out->invited = added;
    out->n_invited = count;
}

void decide_meeting_uninvite(struct act *act)
{
    const Ctps__MeetingUninvite *in = act->request->meeting_uninvite;
    const Ctps__MeetingScheduled *of = act->meeting->scheduled;
    size_t count = in->n_agents + in->n_contacts;
    Ctps__MeetingUninvited *out;
    Ctps__Attendee **removed;

    if (!meeting_is_scheduled(act) || !check_given(act, count > 0, "agents"))
        return;
    removed = attendance_make(act, in->agents, in->n_agents, in->contacts, in->n_contacts);
    if (!removed)
        return;
    for (size_t i = 0; i < count; i++)
        if (!attendance_has(of->invited, of->n_invited, removed[i])) {
            act_refuse(act, REFUSAL_NOT_ON_LIST, "attendees");
            return;
        }
    out = emit_meeting_uninvited(act);
    STAMP(act, out, of);
    out->removed = removed;
    out->n_removed = count;
}

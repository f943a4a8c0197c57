/*
 * meeting: what the commands on meetings share.
 */
#ifndef CTPS_DOMAIN_MEETING_H
#define CTPS_DOMAIN_MEETING_H

#include "domain/act.h"
#include "domain/attendance.h"

enum {
    MEETING_TEXT_MONTHS = 12, /* docs/adr: texts under the meeting's own key */
    MEETING_AGENDA_MAX = 60,
    SERIES_MAX = 60, /* occurrences made by one command */
    DAY_MINUTES = 24 * 60,
    DURATION_MAX_MIN = 12 * 60,
};

/* Loads a meeting with its kind and asks the policy; they stay in the act. */
void meeting_load(struct act *act, uint64_t id, enum action action);
/* Refuses unless it is scheduled. */
bool meeting_is_scheduled(struct act *act);
struct sitting meeting_sitting(struct act *act);
/* Whether act->agenda_situation may be spoken of in act->meeting, by name or by number; else
 * the rule against it. Refuses nothing itself. */
enum refusal meeting_content_refusal(struct act *act, bool nominative);

/* Day, minute, zone and duration of a meeting; the zone is the town's. */
bool meeting_time_check(struct act *act, bool has_day, int32_t day, bool has_minute,
                        uint32_t minute, const char *zone, bool has_duration,
                        uint32_t duration_min);
/* The town's zone. */
char *meeting_zone(struct act *act);

/* The last day on which texts under the meeting's own key are kept. */
int32_t meeting_texts_due(int32_t day);

/* Fields of a meeting that stand whatever its day: kind, territory, place… */
bool meeting_fields_check(struct act *act, const Ctps__MeetingSchedule *in,
                          const Ctps__Instance *instance);
/* What those of one command share. */
struct meeting_batch {
    uint64_t series; /* 0 for a meeting alone */
    uint32_t count;  /* emitted so far */
    Ctps__Attendee **invited;
    size_t invited_count;
};

/* Emits meeting.scheduled of one occurrence; `batch` may be NULL for one alone. */
Ctps__MeetingScheduled *meeting_emit(struct act *act, const Ctps__MeetingSchedule *in,
                                     const Ctps__Instance *instance, int32_t day,
                                     struct meeting_batch *batch);
/* Fills the warnings of a meeting about to be: codes such as "on_holiday", "room_taken". */
void meeting_warn(struct act *act, Ctps__MeetingScheduled *of, const Ctps__Instance *instance);

#endif

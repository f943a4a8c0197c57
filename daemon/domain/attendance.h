/*
 * attendance: who may sit in a meeting (domain.md section 4; CSI L132-5, CASF L121-6-2). The
 * same rules at invitation, for a walk-in, and again when the meeting is held.
 */
#ifndef CTPS_DOMAIN_ATTENDANCE_H
#define CTPS_DOMAIN_ATTENDANCE_H

#include "domain/act.h"

enum { ATTENDEES_MAX = 64 };

/* Attendee.outcome */
#define ATTENDEE_PRESENT "present"
#define ATTENDEE_EXCUSED "excused"
#define ATTENDEE_ABSENT  "absent"

struct sitting {
    int32_t day; /* their rights are judged as of this day: today, or that of a meeting held */
    const Ctps__Instance *instance;
    const char *territory;                  /* "" of the whole town */
    const Ctps__SituationRecord *situation; /* the one it is about, or NULL */
    Ctps__AgendaItem *const *agenda;
    size_t agenda_count;
};

/* Whether `attendee` may sit there; refuses by name, the person's number as detail. */
bool attendance_check(struct act *act, const struct sitting *sitting,
                      const Ctps__Attendee *attendee);
/* As attendance_check for each; and what depends on all of them together. */
bool attendance_check_all(struct act *act, const struct sitting *sitting,
                          Ctps__Attendee *const *attendees, size_t count);
/* Only what depends on all of them together. */
bool attendance_check_together(struct act *act, const struct sitting *sitting,
                               Ctps__Attendee *const *attendees, size_t count);
/* Whether an agent's territories (or function) cover territory `code`. */
bool attendance_covers(struct act *act, uint64_t agent, const char *code);

bool attendance_is_same(const Ctps__Attendee *one, const Ctps__Attendee *other);
bool attendance_has(Ctps__Attendee *const *list, size_t count, const Ctps__Attendee *attendee);

/* Attendees of two lists of ids; NULL (with a refusal) past ATTENDEES_MAX or without memory. */
Ctps__Attendee **attendance_make(struct act *act, const uint64_t *agents, size_t agent_count,
                                 const uint64_t *contacts, size_t contact_count);

#endif

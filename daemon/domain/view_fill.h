/* view_fill: what a reader sees of a saisine or a situation: existence, facts, nominative part.
 */
#ifndef CTPS_DOMAIN_VIEW_FILL_H
#define CTPS_DOMAIN_VIEW_FILL_H

#include "domain/act.h"

/* Territory and coordinator to call, nothing else. */
Ctps__SituationView *view_existence(struct act *act, const Ctps__SituationRecord *record);
Ctps__SituationView *view_situation_facts(struct act *act, const Ctps__SituationRecord *record);
/* Adds the title and who is concerned, nothing else that is sealed; notes the ids. */
void view_situation_names(struct act *act, const Ctps__SituationRecord *record,
                          Ctps__SituationView *view);
/* What a tracking table must show: a review overdue, silence, a person who was not told. Of
 * open situations only; nobody is told of a collective one. */
bool view_review_is_overdue(const struct act *act, const Ctps__SituationRecord *record);
/* The day from which it counts as silent, were nothing entered before. */
int32_t view_silent_day(const struct act *act, const Ctps__SituationRecord *record);
bool view_is_silent(const struct act *act, const Ctps__SituationRecord *record, int32_t on_day);
/* The last day to tell the person. */
int32_t view_inform_day(const struct act *act, const Ctps__SituationRecord *record);
bool view_is_not_informed(const struct act *act, const Ctps__SituationRecord *record,
                          int32_t today);
/* Adds what only a sheet of its own shows: who is engaged, what it is linked to. */
void view_situation_sheet(struct act *act, const Ctps__SituationRecord *record,
                          Ctps__SituationView *view);
/* Adds the texts of the course to a sheet. */
void view_course_open(struct act *act, const Ctps__SituationRecord *record,
                      Ctps__SituationView *view);
/* Adds what is sealed, and notes the ids opened for the audit entry. */
void view_situation_open(struct act *act, const Ctps__SituationRecord *record,
                         Ctps__SituationView *view);

/* Parts of what is sealed: who the persons are; title, text and place; entries `entry` says yes
 * to (NULL: none). */
struct view_parts {
    bool identity;
    bool summary;
    bool (*entry)(void *arg, uint64_t id);
    void *arg;
};
/* Adds those parts and nothing else, and notes the ids opened for the audit entry. */
void view_situation_parts(struct act *act, const Ctps__SituationRecord *record,
                          const struct view_parts *parts, Ctps__SituationView *view);

/* What a partner may know of a saisine of his: number, day, state. */
Ctps__SaisineView *view_saisine_state(struct act *act, const Ctps__SaisineRecord *record);
Ctps__SaisineView *view_saisine_facts(struct act *act, const Ctps__SaisineRecord *record);
void view_saisine_open(struct act *act, const Ctps__SaisineRecord *record,
                       Ctps__SaisineView *view);

/* Decided pairs of a saisine, with the texts written about them (nominative). */
void view_duplicates_open(struct act *act, uint64_t saisine, Ctps__SaisineView *view);
/* Received, and more working days ago than the town allows itself. */
bool view_saisine_is_overdue(const struct act *act, const Ctps__SaisineRecord *record);

#endif

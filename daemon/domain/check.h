/*
 * check: the tests every command makes on its fields. Each refuses on the act by name, with the
 * field at fault, and answers whether the act may go on.
 */
#ifndef CTPS_DOMAIN_CHECK_H
#define CTPS_DOMAIN_CHECK_H

#include "domain/act.h"

bool check_given(struct act *act, bool given, const char *field);
/* `code` is a value in force of closed list `list`. */
bool check_list(struct act *act, const char *list, const char *code, const char *field);
/* As check_list, an absent code being allowed. */
bool check_list_optional(struct act *act, const char *list, const char *code,
                         const char *field);
bool check_territory(struct act *act, const char *code);
/* `district` belongs to territory `code`. */
bool check_district(struct act *act, const char *code, const char *district);
/* A day that exists, within the civil limits. */
bool check_day(struct act *act, bool given, int32_t day, const char *field);
/* As check_day, and not after today. */
bool check_day_past(struct act *act, bool given, int32_t day, const char *field);
/* Neither erased, closed, nor merged into another: refuses with `field` otherwise. */
bool check_situation_open(struct act *act, const Ctps__SituationRecord *record,
                          const char *field);
bool check_agent(struct act *act, uint64_t id, const char *field);
/* A lead works in the territory, as coordinator or educator. */
bool check_lead(struct act *act, uint64_t id, const char *territory);
/* 0 is allowed: nobody. */
bool check_partner(struct act *act, uint64_t id, const char *field);

/* What the policy must know of a thing. */
struct resource resource_of_territory(const struct act *act, const char *code);
struct resource resource_of_saisine(const struct act *act, const Ctps__SaisineRecord *record);
struct resource resource_of_situation(const struct act *act,
                                      const Ctps__SituationRecord *record);
/* Titles and texts under its own key may be gone: the meeting itself is never erased. */
struct resource resource_of_meeting(const struct act *act, const Ctps__MeetingRecord *record);

/* Codes with rules of their own, in the closed lists the daemon cannot do without. */
#define STATUS_TO_QUALIFY "a_qualifier"
#define STATUS_FOLLOWED   "suivi"
#define STATUS_WATCH      "veille"
#define STATUS_BLOCKED    "bloquee"
#define STATUS_CLOSED     "close"
#define STATUS_ERASED     "effacee"

#define MEETING_SCHEDULED "scheduled"
#define MEETING_HELD      "held"
#define MEETING_CANCELLED "cancelled"
/* Purpose of what is done for a request of the person (list "finalite"). */
#define PURPOSE_RIGHTS "droits"

#define SAISINE_RECEIVED   "received"
#define SAISINE_ACCEPTED   "accepted"
#define SAISINE_DECLINED   "declined"
#define SAISINE_REDIRECTED "redirected"

#define DUPLICATE_LINK      "link"
#define DUPLICATE_MERGE     "merge"
#define DUPLICATE_DIFFERENT "different"

/* Whether the signed log is near enough for names to be read: `limit_us` 0 means always. */
bool check_audit_is_near(int64_t limit_us, int64_t behind_us);
/* Refuses an answer that carries opened text while it is not. */
bool check_audit_near(struct act *act);

#endif

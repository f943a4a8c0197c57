/* What the files of today share; nobody else includes it. */
#ifndef CTPS_DOMAIN_TODAY_PRIVATE_H
#define CTPS_DOMAIN_TODAY_PRIVATE_H

#include "domain/act.h"

#define TODAY_KINDS(X)                                                                         \
    X(SAISINE_UNANSWERED, "saisine_unanswered")                                                \
    X(SAISINE_NEW, "saisine_new")                                                              \
    X(REVIEW_OVERDUE, "review_overdue")                                                        \
    X(REVIEW_DUE, "review_due")                                                                \
    X(WATCH_OVER, "watch_over")                                                                \
    X(SITUATION_SILENT, "situation_silent")                                                    \
    X(MEETING_TODAY, "meeting_today")                                                          \
    X(MEETING_SOON, "meeting_soon")                                                            \
    X(ERASURE_SOON, "erasure_soon")                                                            \
    X(HABILITATION_EXPIRING, "habilitation_expiring")                                          \
    X(CHARTER_EXPIRING, "charter_expiring")                                                    \
    X(DECISION_DUE, "decision_due")                                                            \
    X(DECISION_OVERDUE, "decision_overdue")                                                    \
    X(MINUTES_OVERDUE, "minutes_overdue")                                                      \
    X(NOT_INFORMED, "not_informed")                                                            \
    X(RIGHTS_DUE, "rights_due")                                                                \
    X(RIGHTS_OVERDUE, "rights_overdue")                                                        \
    X(SHARE_WAITING, "share_waiting")                                                          \
    X(GLASS_BROKEN, "glass_broken")                                                            \
    X(NOTIFICATION_FAILED, "notification_failed")                                              \
    X(AUDIT_LOG_ALARM, "audit_log_alarm")

enum today_kind {
#define X(id, name) TODAY_##id,
    TODAY_KINDS(X)
#undef X
        TODAY_KIND_COUNT
};

struct today {
    struct act *act;
    Ctps__TodayAnswer *answer;
    uint32_t counts[TODAY_KIND_COUNT];
};

/* A new item of that kind, or NULL when enough of them are shown; counted either way. */
Ctps__TodayItem *today_add(struct today *today, enum today_kind kind, int32_t due_day);
/* `reference` and `territory` are borrowed until the answer is sent. */
void today_object(Ctps__TodayItem *item, Ctps__ObjectKind object, uint64_t id, char *reference,
                  char *territory);

/* The day and the id a key of a table by day is made of. */
bool today_key_day(struct bytes key, int32_t *ret_day, uint64_t *ret_id);

/* Decisions charged to whoever asks, shares waiting for his word, minutes nobody has had yet,
 * requests of persons, glass broken. */
void today_tasks(struct today *today);

#endif

/*
 * subject: what may have to be reminded of, as the daemon told it (ReminderSubject), kept until
 * it is told anew; and who works where (ReminderTeam).
 */
#ifndef REMINDERS_SUBJECT_H
#define REMINDERS_SUBJECT_H

#include <ctps/answer.pb-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WORDS_MAX = 256, /* codes of territories and kinds of meeting */
    TEAMS_MAX = 128,
    TEAM_AGENTS_MAX = 256,
};

/* Texts that come again and again, kept once. */
struct words {
    unsigned count;
    char *list[WORDS_MAX]; /* own */
};

/* The kept copy of `text`, valid until words_done; "" for NULL and once WORDS_MAX are kept. */
const char *words_keep(struct words *words, const char *text);
void words_done(struct words *words);

/* --- teams --- */

enum role {
    ROLE_COORDINATOR,
    ROLE_EDUCATOR,
    ROLE_HEAD,
    ROLE_ASSISTANT,
    ROLE_DPO,
    ROLE_ANY, /* every agent whose habilitation is in force */
    ROLE_COUNT
};

struct team {
    enum role role;
    const char *territory; /* kept word */
    unsigned count;
    uint64_t agents[TEAM_AGENTS_MAX];
};

struct teams {
    unsigned count;
    struct team list[TEAMS_MAX];
};

/* Takes over what was told; whether anything is other than before. */
bool teams_set(struct teams *teams, struct words *words, Ctps__ReminderTeam *const *told,
               size_t count);
/* NULL when there is none; `territory` is looked at for coordinators and educators only. */
const struct team *teams_find(const struct teams *teams, enum role role, const char *territory);
bool teams_has(const struct teams *teams, enum role role, uint64_t agent);

/* --- subjects --- */

struct subject {
    uint8_t kind;        /* index of the rule that is for it (rules.h) */
    uint8_t object_kind; /* Ctps__ObjectKind */
    bool has_minute, has_known_day;
    int32_t day;
    int32_t known_day;
    uint32_t minute;
    uint64_t object;
    int64_t start_us;
    int64_t known_us;
    const char *territory, *instance; /* kept words */
    uint64_t agent, contact;
    unsigned agent_count, contact_count, lead_count;
    /* own: agents invited, contacts invited, hours of a meeting's leads; NULL without any */
    uint64_t *invited;
    int64_t next_us; /* nothing is due before */
};

struct subjects {
    struct subject *list; /* own */
    size_t count, cap;
};

/* Adds one of kind `kind`; false without memory. */
bool subjects_add(struct subjects *subjects, struct words *words, uint8_t kind,
                  const Ctps__ReminderSubject *told);
/* Drops all of an object. */
void subjects_remove(struct subjects *subjects, uint8_t object_kind, uint64_t object);
/* Each is to be looked at again. */
void subjects_wake(struct subjects *subjects);
void subjects_done(struct subjects *subjects);

#endif

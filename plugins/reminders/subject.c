#include "subject.h"

#include <stdlib.h>
#include <string.h>

/* --- words --- */

const char *words_keep(struct words *words, const char *text)
{
    char *copy;

    if (!text || !*text)
        return "";
    for (unsigned i = 0; i < words->count; i++)
        if (strcmp(words->list[i], text) == 0)
            return words->list[i];
    copy = words->count < WORDS_MAX ? strdup(text) : NULL;
    if (!copy)
        return "";
    words->list[words->count++] = copy;
    return copy;
}

void words_done(struct words *words)
{
    for (unsigned i = 0; i < words->count; i++)
        free(words->list[i]);
    words->count = 0;
}

/* --- teams --- */

static enum role role_find(const char *name)
{
    static const char *const names[ROLE_COUNT] = {"coordinator", "educator", "head",
                                                  "assistant",   "dpo",      "any"};
    int at = 0;

    while (at < ROLE_COUNT && strcmp(names[at], name ? name : "") != 0)
        at++;
    return (enum role)at;
}

static void team_set(struct team *team, struct words *words, const Ctps__ReminderTeam *told)
{
    team->role = role_find(told->role);
    team->territory = words_keep(words, told->territory);
    for (size_t i = 0; i < told->n_agents && team->count < TEAM_AGENTS_MAX; i++)
        team->agents[team->count++] = told->agents[i];
}

static bool team_is_same(const struct team *one, const struct team *other)
{
    return one->role == other->role && one->territory == other->territory &&
           one->count == other->count &&
           memcmp(one->agents, other->agents, one->count * sizeof(one->agents[0])) == 0;
}

bool teams_set(struct teams *teams, struct words *words, Ctps__ReminderTeam *const *told,
               size_t count)
{
    unsigned before = teams->count;
    bool same = true;

    teams->count = 0;
    for (size_t i = 0; i < count && teams->count < TEAMS_MAX; i++) {
        struct team *team = &teams->list[teams->count];
        struct team now = {0};

        team_set(&now, words, told[i]);
        if (now.role == ROLE_COUNT)
            continue;
        same = same && teams->count < before && team_is_same(team, &now);
        *team = now;
        teams->count++;
    }
    return !same || teams->count != before;
}

const struct team *teams_find(const struct teams *teams, enum role role, const char *territory)
{
    bool local = role == ROLE_COORDINATOR || role == ROLE_EDUCATOR;

    for (unsigned i = 0; i < teams->count; i++)
        if (teams->list[i].role == role &&
            (!local || strcmp(teams->list[i].territory, territory) == 0))
            return &teams->list[i];
    return NULL;
}

bool teams_has(const struct teams *teams, enum role role, uint64_t agent)
{
    const struct team *team = teams_find(teams, role, "");

    for (unsigned i = 0; team && i < team->count; i++)
        if (team->agents[i] == agent)
            return true;
    return false;
}

/* --- subjects --- */

static bool grow(struct subjects *subjects)
{
    size_t cap = subjects->cap ? subjects->cap * 2 : 64;
    struct subject *list = realloc(subjects->list, cap * sizeof(*list));

    if (!list)
        return false;
    subjects->list = list;
    subjects->cap = cap;
    return true;
}

static bool invited_copy(struct subject *subject, const Ctps__ReminderSubject *told)
{
    size_t people = told->n_agents + told->n_contacts;
    size_t count = people + told->n_lead_hours;

    if (count == 0)
        return true;
    subject->invited = malloc(count * sizeof(uint64_t));
    if (!subject->invited)
        return false;
    if (told->n_agents)
        memcpy(subject->invited, told->agents, told->n_agents * sizeof(uint64_t));
    if (told->n_contacts)
        memcpy(subject->invited + told->n_agents, told->contacts,
               told->n_contacts * sizeof(uint64_t));
    subject->agent_count = (unsigned)told->n_agents;
    subject->contact_count = (unsigned)told->n_contacts;
    subject->lead_count = (unsigned)told->n_lead_hours;
    for (size_t i = 0; i < told->n_lead_hours; i++)
        subject->invited[people + i] = told->lead_hours[i];
    return true;
}

bool subjects_add(struct subjects *subjects, struct words *words, uint8_t kind,
                  const Ctps__ReminderSubject *told)
{
    struct subject subject = {
        .kind = kind,
        .object_kind = (uint8_t)told->object_kind,
        .has_minute = told->has_minute,
        .has_known_day = told->has_known_day,
        .day = told->day,
        .known_day = told->known_day,
        .minute = told->minute,
        .object = told->object,
        .start_us = told->start_us,
        .known_us = told->known_us,
        .territory = words_keep(words, told->territory),
        .instance = words_keep(words, told->instance),
        .agent = told->agent,
        .contact = told->contact,
        .next_us = INT64_MIN,
    };

    if ((subjects->count == subjects->cap && !grow(subjects)) || !invited_copy(&subject, told))
        return false;
    subjects->list[subjects->count++] = subject;
    return true;
}

void subjects_remove(struct subjects *subjects, uint8_t object_kind, uint64_t object)
{
    for (size_t i = 0; i < subjects->count;) {
        struct subject *subject = &subjects->list[i];

        if (subject->object != object || subject->object_kind != object_kind) {
            i++;
            continue;
        }
        free(subject->invited);
        memmove(subject, subject + 1, (subjects->count - i - 1) * sizeof(*subject));
        subjects->count--;
    }
}

void subjects_wake(struct subjects *subjects)
{
    for (size_t i = 0; i < subjects->count; i++)
        subjects->list[i].next_us = INT64_MIN;
}

void subjects_done(struct subjects *subjects)
{
    for (size_t i = 0; i < subjects->count; i++)
        free(subjects->list[i].invited);
    free(subjects->list);
    *subjects = (struct subjects){0};
}

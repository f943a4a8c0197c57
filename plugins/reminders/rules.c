#include "rules.h"

#include "key.h"

#include <stdlib.h>
#include <string.h>

enum {
    DAY_HOURS = 24,
    RECIPIENTS_MAX = 512,
    TURNS_BACK_MAX = 60, /* weekly: more than a year */
    STEPS_MAX = LEADS_MAX * (TURNS_BACK_MAX + 1),
};

/* --- the table --- */

/* Whom; a bit each. */
enum {
    TO_AGENT = 1,   /* the subject's: lead, charged, in the chair, himself */
    TO_CONTACT = 2, /* likewise */
    TO_INVITED = 4,
    TO_COORDINATORS = 8, /* of the territory */
    TO_HEADS = 16,
    TO_ASSISTANTS = 32,
    TO_DPO = 64,
};

struct rule {
    const char *kind;
    const char *option;
    bool waits; /* past its day it still has to be done */
    unsigned to;
    unsigned otherwise[2]; /* when that is nobody, in this order */
};

static const struct rule table[RULES_KINDS] = {
    {"meeting", NULL, false, TO_AGENT | TO_INVITED, {TO_ASSISTANTS}},
    {"decision", "decision", true, TO_AGENT | TO_CONTACT, {TO_COORDINATORS, TO_HEADS}},
    {"review", "review", true, TO_AGENT, {TO_COORDINATORS, TO_HEADS}},
    {"silent", "silent", true, TO_AGENT, {TO_COORDINATORS, TO_HEADS}},
    {"not_informed", "not_informed", true, TO_AGENT, {TO_COORDINATORS, TO_HEADS}},
    {"saisine", "saisine", true, TO_COORDINATORS, {TO_HEADS}},
    {"minutes", "minutes", true, TO_AGENT | TO_ASSISTANTS, {TO_COORDINATORS, TO_HEADS}},
    {"erasure", "erasure", false, TO_AGENT, {TO_COORDINATORS, TO_HEADS}},
    {"habilitation", "habilitation", true, TO_AGENT | TO_HEADS, {0}},
    {"charter", "charter", true, TO_CONTACT | TO_ASSISTANTS, {TO_HEADS}},
    {"rights", "rights", true, TO_COORDINATORS | TO_DPO, {TO_HEADS}},
};

uint8_t rules_kind(const char *name)
{
    uint8_t kind = 0;

    while (kind < RULES_KINDS && strcmp(table[kind].kind, name ? name : "") != 0)
        kind++;
    return kind;
}

const char *rules_option(uint8_t kind)
{
    return table[kind].option;
}

/* --- recipients --- */

struct recipient {
    uint64_t id;
    bool contact, escalated;
};

struct recipients {
    unsigned count;
    struct recipient list[RECIPIENTS_MAX];
};

static void recipient_add(struct recipients *all, uint64_t id, bool contact, bool escalated)
{
    if (id == 0 || all->count == RECIPIENTS_MAX)
        return;
    for (unsigned i = 0; i < all->count; i++)
        if (all->list[i].id == id && all->list[i].contact == contact)
            return;
    all->list[all->count++] = (struct recipient){id, contact, escalated};
}

static void team_add(struct recipients *all, const struct rules_world *world, enum role role,
                     const char *territory, bool escalated)
{
    const struct team *team = teams_find(world->teams, role, territory);

    for (unsigned i = 0; team && i < team->count; i++)
        recipient_add(all, team->agents[i], false, escalated);
}

static void invited_add(struct recipients *all, const struct subject *subject)
{
    for (unsigned i = 0; i < subject->agent_count + subject->contact_count; i++)
        recipient_add(all, subject->invited[i], i >= subject->agent_count, false);
}

static void recipients_add(struct recipients *all, const struct rules_world *world,
                           const struct subject *subject, unsigned to)
{
    /* Who is ill, on leave or gone is no longer the one who can do it. */
    if (to & TO_AGENT && teams_has(world->teams, ROLE_ANY, subject->agent))
        recipient_add(all, subject->agent, false, false);
    if (to & TO_CONTACT)
        recipient_add(all, subject->contact, true, false);
    if (to & TO_INVITED)
        invited_add(all, subject);
    if (to & TO_COORDINATORS)
        team_add(all, world, ROLE_COORDINATOR, subject->territory, false);
    if (to & TO_HEADS)
        team_add(all, world, ROLE_HEAD, "", false);
    if (to & TO_ASSISTANTS)
        team_add(all, world, ROLE_ASSISTANT, "", false);
    if (to & TO_DPO)
        team_add(all, world, ROLE_DPO, "", false);
}

static void recipients_find(struct recipients *all, const struct rules_world *world,
                            const struct subject *subject)
{
    const struct rule *rule = &table[subject->kind];

    all->count = 0;
    recipients_add(all, world, subject, rule->to);
    for (int i = 0; i < 2 && all->count == 0; i++)
        recipients_add(all, world, subject, rule->otherwise[i]);
    if (rule->waits && world->rules->escalate_after > 0)
        team_add(all, world, ROLE_HEAD, "", true);
}

/* --- steps: leads and their repetitions, by when they are due --- */

struct step {
    const struct lead *lead;
    int32_t turn;
    int32_t due_day;
    int64_t due_us;
    int overdue; /* 1 for the first past the day, 2 for the second…; 0 before */
};

struct steps {
    struct leads own; /* of a meeting */
    unsigned count;
    struct step list[STEPS_MAX]; /* due by now, in order */
    int64_t next_us;
};

/* Of a meeting into `own`, those of its kind as the town has it (Instance.lead_hours). */
static const struct leads *leads_of(const struct rules *rules, const struct subject *subject,
                                    struct leads *own)
{
    unsigned people = subject->agent_count + subject->contact_count;

    if (!subject->has_minute)
        return &rules->leads[subject->kind];
    own->count = 0;
    for (unsigned i = 0; i < subject->lead_count && i < LEADS_MAX; i++)
        own->list[own->count++] = lead_of_hours((uint32_t)subject->invited[people + i]);
    return own;
}

/* The first repetition worth a look. */
static int32_t turn_first(const struct lead *lead, const struct rules_world *world,
                          const struct subject *subject)
{
    int32_t today = calendar_day(world->calendar, world->now_us, NULL);
    int32_t passed;

    if (!lead->every || today <= subject->day + lead->count)
        return 0;
    passed = (today - subject->day - lead->count) / lead->every;
    return passed > TURNS_BACK_MAX - 2 ? passed - (TURNS_BACK_MAX - 2) : 0;
}

static void lead_steps(struct steps *steps, const struct rules_world *world,
                       const struct subject *subject, const struct lead *lead)
{
    int32_t turn = turn_first(lead, world, subject);

    for (int i = 0; i < TURNS_BACK_MAX && steps->count < STEPS_MAX; i++, turn++) {
        struct step *step = &steps->list[steps->count];

        *step = (struct step){.lead = lead, .turn = turn};
        step->due_day = lead_due(lead, turn, world->calendar, subject->day, subject->start_us,
                                 world->rules->at, &step->due_us);
        if (step->due_us > world->now_us) {
            if (step->due_us < steps->next_us)
                steps->next_us = step->due_us;
            return;
        }
        steps->count++;
        if (!lead->every)
            return;
    }
}

static int first_due_first(const void *a, const void *b)
{
    const struct step *one = a;
    const struct step *two = b;

    return (one->due_us > two->due_us) - (one->due_us < two->due_us);
}

/* The how many-th past the day: of all leads, the repetitions before it included. */
static int overdue_count(const struct leads *leads, const struct step *step)
{
    int32_t days = step->lead->count + step->turn * step->lead->every;
    int count = 0;

    if (!lead_is_overdue(step->lead, step->turn))
        return 0;
    for (unsigned i = 0; i < leads->count; i++) {
        const struct lead *lead = &leads->list[i];
        int32_t first = lead->count;

        if (first <= 0 && lead->every)
            first += (-first / lead->every + 1) * lead->every;
        if (first <= 0 || first > days)
            continue;
        count += lead->every ? (days - first) / lead->every + 1 : 1;
    }
    return count;
}

static void steps_find(struct steps *steps, const struct rules_world *world,
                       const struct subject *subject)
{
    const struct leads *leads = leads_of(world->rules, subject, &steps->own);

    steps->count = 0;
    steps->next_us = INT64_MAX;
    for (unsigned i = 0; i < leads->count; i++)
        lead_steps(steps, world, subject, &leads->list[i]);
    qsort(steps->list, steps->count, sizeof(steps->list[0]), first_due_first);
    for (unsigned i = 0; i < steps->count; i++)
        steps->list[i].overdue = overdue_count(leads, &steps->list[i]);
}

/* --- what becomes of a step for one recipient --- */

struct look {
    const struct rules_world *world;
    const struct subject *subject;
    const struct steps *steps;
    int64_t known_us; /* what was due before is due then */
    int64_t end_us;   /* the thing is behind */
    bool waits;
};

static bool is_for(const struct look *look, const struct step *step,
                   const struct recipient *recipient)
{
    /* Instance.lead_hours: under a day, agents only. */
    if (step->lead->unit == LEAD_HOURS && step->lead->count > -DAY_HOURS && recipient->contact)
        return false;
    return !recipient->escalated || step->overdue >= look->world->rules->escalate_after;
}

static bool is_same_day(const struct look *look, int64_t one_us, int64_t other_us)
{
    const struct calendar *calendar = look->world->calendar;

    return calendar_day(calendar, one_us, NULL) == calendar_day(calendar, other_us, NULL);
}

static enum outcome outcome_of(const struct look *look, const struct step *step, int64_t due_us,
                               bool newest)
{
    int64_t now_us = look->world->now_us;
    bool ahead = now_us < look->end_us;

    if (!ahead && !look->waits)
        return OUTCOME_MISSED;
    if (now_us - due_us <= look->world->rules->grace_us ||
        (step->lead->unit != LEAD_HOURS && is_same_day(look, now_us, due_us)))
        return OUTCOME_ON_TIME;
    /* Of what is overdue again and again, only the newest is worth saying. */
    return ahead || newest ? OUTCOME_LATE : OUTCOME_MISSED;
}

static struct due due_make(const struct look *look, const struct step *step,
                           const struct recipient *recipient, int64_t due_us)
{
    const struct subject *subject = look->subject;
    struct due due = {
        .kind = table[subject->kind].kind,
        .instance = subject->instance,
        .object_kind = subject->object_kind,
        .object = subject->object,
        .day = subject->day,
        .minute = subject->minute,
        .has_minute = subject->has_minute,
        .to_contact = recipient->contact,
        .to = recipient->id,
        .escalated = recipient->escalated,
    };

    due.due_day = calendar_day(look->world->calendar, due_us, &due.due_minute);
    lead_write(step->lead, step->turn, due.lead);
    key_write(&due, subject->has_minute);
    return due;
}

/* The newest of the steps for this recipient that were due before `us`; -1 for none. */
static int newest_before(const struct look *look, const struct recipient *recipient, int64_t us)
{
    for (int i = (int)look->steps->count - 1; i >= 0; i--)
        if (look->steps->list[i].due_us < us && is_for(look, &look->steps->list[i], recipient))
            return i;
    return -1;
}

static bool recipient_look(const struct look *look, const struct recipient *recipient,
                           rules_each *each, void *arg)
{
    int newest = newest_before(look, recipient, INT64_MAX);
    int at_known = newest_before(look, recipient, look->known_us);
    bool owed = look->waits || look->known_us < look->end_us;

    for (int i = 0; i <= newest; i++) {
        const struct step *step = &look->steps->list[i];
        bool before = step->due_us < look->known_us;
        int64_t due_us = before ? look->known_us : step->due_us;
        struct due due;

        if (!is_for(look, step, recipient) || (before && (i != at_known || !owed)))
            continue;
        due = due_make(look, step, recipient, due_us);
        due.outcome = outcome_of(look, step, due_us, i == newest);
        /* Not given up by a clock nobody trusts: the end of the alarm is an event, which has
         * all looked at again. */
        if (due.outcome == OUTCOME_MISSED && look->world->calendar->clock_alarm)
            continue;
        if (!each(arg, &due))
            return false;
    }
    return true;
}

static int64_t known_of(const struct rules_world *world, const struct subject *subject)
{
    int64_t known_us =
        subject->has_known_day
            ? calendar_instant(world->calendar, subject->known_day, world->rules->at)
            : subject->known_us;

    /* The clock was ahead when it was entered: since when it is known is not. */
    if (known_us < world->begun_us || known_us > world->now_us)
        known_us = world->begun_us;
    return known_us < world->now_us ? known_us : world->now_us;
}

int64_t rules_look(const struct rules_world *world, const struct subject *subject,
                   rules_each *each, void *arg)
{
    struct recipients recipients;
    struct steps steps;
    struct look look = {
        .world = world,
        .subject = subject,
        .steps = &steps,
        .waits = table[subject->kind].waits,
        .end_us = subject->has_minute ? subject->start_us
                                      : calendar_instant(world->calendar, subject->day + 1, 0),
    };

    steps_find(&steps, world, subject);
    if (steps.count == 0)
        return steps.next_us;
    look.known_us = known_of(world, subject);
    recipients_find(&recipients, world, subject);
    for (unsigned i = 0; i < recipients.count; i++)
        if (!recipient_look(&look, &recipients.list[i], each, arg))
            break;
    return steps.next_us;
}

/*
 * year: a year of a town with the plugin that reminds, in one process: the shared object as it
 * is shipped, behind a host of the test (host.h), before a whole engine on a simulated disk,
 * under a virtual clock. People hold meetings, take decisions, follow situations; the plugin
 * and the daemon are killed at any moment, stay away for weeks, the clock jumps to and fro.
 *
 * What it prints is what people did, when the plugin had settled all that was due, and every
 * reminder in the journal at the end. All of it is a function of the seed. Whatever must not
 * fail aborts.
 */
#ifndef CTPS_SIM_REMINDED_YEAR_H
#define CTPS_SIM_REMINDED_YEAR_H

#include "host.h"
#include "town.h"

enum {
    THINGS_MAX = 400,
    EVENTS_MAX = 4096,
    CONTACTS = 4,
    SERIES_MOST = 40, /* meetings of a series, well above what is drawn */
    LEAVERS = 3,      /* agents whose habilitation ends in the year */
    TOPIC_LEN = 48,
};

#define MINUTE_US (INT64_C(60) * 1000000)
#define HOUR_US   (60 * MINUTE_US)

enum thing_kind {
    MEETING,
    HELD,
    DECISION,
    SAISINE,
    SITUATION,
    CLOSED,
    RESTRICTED,
    MERGED,
    RIGHTS,
    LENT
};

struct thing {
    enum thing_kind kind;
    enum thing_kind before; /* of one RESTRICTED: SITUATION or CLOSED */
    uint64_t id;
    uint64_t saisine; /* it came from */
    uint64_t series;  /* 0: of none */
    int32_t day;      /* 0: of a series, not looked up */
    uint32_t minute;
    bool informed;
};

struct event {
    uint64_t number, previous;
    int64_t time_us;
    char topic[TOPIC_LEN];
    struct buf notice;
};

struct year {
    struct town town; /* first: what the engine gives back */
    struct ctps_host host;
    uint64_t random;
    unsigned thing_count;
    struct thing things[THINGS_MAX];
    uint64_t contacts[CONTACTS];
    uint64_t leavers[LEAVERS];
    unsigned event_count, heard;
    struct event events[EVENTS_MAX]; /* since the beginning of the last life */
    int64_t truth_us;                /* what the wall would say if nobody had moved it */
    bool away;                       /* the plugin is not running */
    bool tried;                      /* something was recorded since it last settled */
    bool alarm;
    bool calm; /* no faults */
    unsigned kills;
};

/* --- year.c: chance, time, requests, and what there is to act on --- */

/* A number below `below` (> 0). */
uint64_t year_draw(struct year *year, uint64_t below);
/* True about once in `n`. */
bool year_chance(struct year *year, uint64_t n);
/* Clocks of the virtual machine; `ctx` is the year. */
int64_t year_wall(void *ctx);
int64_t year_mono(void *ctx);
int32_t year_today(struct year *year);
/* One line, after the time. */
void year_say(struct year *year, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const Ctps__Reply *year_ask(struct year *year, enum town_who who, Ctps__Request *request);
/* What was made, 0 when it was refused. */
uint64_t year_made_by(struct year *year, enum town_who who, Ctps__Request *request);
bool year_done_by(struct year *year, enum town_who who, Ctps__Request *request);
/* One of the kind, NULL when there is none; a borrow until things are added or dropped. */
struct thing *year_thing_pick(struct year *year, enum thing_kind kind);
void year_thing_drop(struct year *year, struct thing *thing);
/* NULL when `id` is 0 or there is no more room. */
struct thing *year_thing_add(struct year *year, enum thing_kind kind, uint64_t id);
/* The one with that id; NULL when there is none. */
struct thing *year_thing_find(struct year *year, uint64_t id);

/* --- life.c: the plugin and the daemon, and time that passes for them --- */

/* engine_out.publish; `ctx` is the year. */
void life_publish(void *ctx, const char *audience, const char *topic, struct bytes bytes);
/* The plugin says that all that was due is settled. */
void life_settled(void *ctx);
void life_events_forget(struct year *year);
void life_plugin_start(struct year *year);
void life_plugin_kill(struct year *year);
void life_daemon_open(struct year *year);
void life_daemon_kill(struct year *year);
void life_daemon_tick(struct year *year);
/* Until the plugin rests; it may die meanwhile. */
void life_pump(struct year *year);
/* The plugin sleeping. */
void life_step(struct year *year, int64_t us);
void life_pass(struct year *year, int64_t us);

/* --- what people do: one random act of each kind, said when it was done --- */

typedef void year_act(struct year *year);

/* meetings.c */
year_act meeting_schedule, meeting_series, meeting_move, meeting_cancel, meeting_hold,
    minutes_send;
/* followed.c */
year_act decision_take, decision_complete, saisine_receive, saisine_answer, situation_entry,
    situation_review, situation_inform, situation_close, rights_open, rights_answer;
/* held.c */
year_act territory_lend, territory_return, situation_restrict, situation_lift, situation_merge,
    situation_unmerge;
/* people.c: any one of them */
year_act people_act;

/* --- accidents.c --- */

/* One random accident. */
void accident_happen(struct year *year);
/* Nobody is left in doubt about the clock. */
void accident_clock_confirm(struct year *year);

#endif

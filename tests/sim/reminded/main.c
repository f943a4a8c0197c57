/*
 * reminded: a year of a town with the plugin that reminds, in one process: the shared object as
 * it is shipped, behind a host of the test (host.h), before a whole engine on a simulated disk,
 * under a virtual clock. People hold meetings, take decisions, follow situations; the plugin
 * and the daemon are killed at any moment, stay away for weeks, the clock jumps to and fro.
 *
 * Prints what people did, when the plugin had settled all that was due, and every reminder in
 * the journal at the end; tests/campaigns/r8-reminders.py holds that against its own idea.
 * All of it is a function of the seed.
 */
#include "host.h"
#include "town.h"

#include "base/civil.h"
#include "base/zone.h"
#include "ctps/notice.pb-c.h"

enum {
    THINGS_MAX = 400,
    EVENTS_MAX = 4096,
    CONTACTS = 4,
    LEAVERS = 3, /* agents whose habilitation ends in the year */
    YEAR_DAYS = 365,
    MINUTES_OF_DAY = 1440,
    TOPIC_LEN = 48,
};

static const int64_t MINUTE_US = INT64_C(60) * 1000000;
static const int64_t HOUR_US = INT64_C(3600) * 1000000;

enum thing_kind { MEETING, HELD, DECISION, SAISINE, SITUATION, RIGHTS };

struct thing {
    enum thing_kind kind;
    uint64_t id;
    int32_t day;
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

/* --- chance and time --- */

static uint64_t draw(struct year *year, uint64_t below)
{
    uint64_t z = (year->random += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % below;
}

static bool chance(struct year *year, uint64_t n)
{
    return draw(year, n) == 0;
}

static int64_t wall_of(void *ctx)
{
    return sys_wall_us(&((struct year *)ctx)->town.split.sys);
}

static int64_t mono_of(void *ctx)
{
    return sys_mono_us(&((struct year *)ctx)->town.split.sys);
}

static int32_t today(struct year *year)
{
    return zone_day_of(wall_of(year));
}

static void say(struct year *year, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct year *year, const char *fmt, ...)
{
    va_list args;

    printf("%lld ", (long long)wall_of(year));
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    putchar('\n');
}

/* --- events on their way to the plugin --- */

/* What nobody asked for. */
static void daemon_did_say(struct year *year, const struct event *event)
{
    Ctps__Notice *notice = ctps__notice__unpack(NULL, event->notice.len, event->notice.data);

    if (!notice)
        abort();
    if (strcmp(event->topic, "erasure.announced") == 0 &&
        notice->kind == CTPS__OBJECT_KIND__OBJECT_SITUATION)
        say(year, "erasing %llu %d %d", (unsigned long long)notice->id, notice->day,
            today(year));
    if (strncmp(event->topic, "clock.alarm", 11) == 0) {
        year->alarm = strcmp(event->topic, "clock.alarm_raised") == 0;
        say(year, "alarm %d", year->alarm);
    }
    ctps__notice__free_unpacked(notice, NULL);
}

static void publish(void *ctx, const char *audience, const char *topic, struct bytes bytes)
{
    struct year *year = ctx; /* the town is its first member */
    Ctps__EventRecord *record = ctps__event_record__unpack(NULL, bytes.len, bytes.data);
    struct event *event;
    uint8_t *room;
    size_t len;

    if (!record || !record->header || !record->notice)
        abort();
    if (strcmp(audience, "plugins") == 0) {
        if (year->event_count == EVENTS_MAX)
            abort();
        event = &year->events[year->event_count++];
        *event = (struct event){.number = record->header->number,
                                .previous = record->header->previous_number,
                                .time_us = record->header->time_us};
        snprintf(event->topic, sizeof(event->topic), "%s", topic);
        buf_init(&event->notice);
        len = ctps__notice__get_packed_size(record->notice);
        room = buf_extend(&event->notice, len);
        if (!room && len)
            abort();
        if (len)
            ctps__notice__pack(record->notice, room);
        daemon_did_say(year, event);
    }
    ctps__event_record__free_unpacked(record, NULL);
}

static void events_forget(struct year *year)
{
    for (unsigned i = 0; i < year->event_count; i++)
        buf_done(&year->events[i].notice);
    year->event_count = year->heard = 0;
}

static void event_hear(struct year *year)
{
    const struct event *event = &year->events[year->heard++];
    struct ctps_event heard = {
        .number = event->number,
        .previous_number = event->previous,
        .time_us = event->time_us,
        .topic = event->topic,
        .notice = event->notice.data ? event->notice.data : (const uint8_t *)"",
        .notice_len = event->notice.len,
    };

    if (year->host.plugin->on_event(year->host.self, &heard) != CTPS_VERDICT_DONE)
        abort();
    if (year->heard == year->event_count)
        events_forget(year);
}

/* --- lives --- */

static void settled(void *ctx)
{
    struct year *year = ctx;

    say(year, "look");
    year->tried = false;
}

static void plugin_kill(struct year *year)
{
    host_kill(&year->host);
    year->away = true;
    year->tried = false;
    year->kills++;
}

/* What it had heard last comes again; since it reads all of it first, none of it matters. */
static void plugin_start(struct year *year)
{
    unsigned again = (unsigned)draw(year, 3);

    year->heard = year->heard > again ? year->heard - again : 0;
    host_start(&year->host);
    year->away = false;
}

static void daemon_open(struct year *year)
{
    if (town_open(&year->town) != CTPS_OK || engine_tick(year->town.engine, &year->town.err)) {
        fprintf(stderr, "the daemon does not start: %s\n", year->town.err.text);
        abort();
    }
}

static void daemon_kill(struct year *year)
{
    plugin_kill(year);
    town_kill(&year->town);
}

/* A tick of the daemon, and what people's requests left to publish. */
static void daemon_tick(struct year *year)
{
    bool more;

    if (engine_tick(year->town.engine, &year->town.err) != CTPS_OK ||
        engine_idle(year->town.engine, &more, &year->town.err) != CTPS_OK)
        abort();
    town_forget(&year->town);
}

/* --- what the plugin asks --- */

static const Ctps__Reply *ask(struct year *year, enum town_who who, Ctps__Request *request)
{
    const Ctps__Reply *reply = town_do(&year->town, who, request);

    if (!reply)
        abort();
    return reply;
}

static bool is_record(struct bytes bytes)
{
    Ctps__Request *request = ctps__request__unpack(NULL, bytes.len, bytes.data);
    bool is = request && request->command_case == CTPS__REQUEST__COMMAND_EFFECT_RECORD;

    if (request)
        ctps__request__free_unpacked(request, NULL);
    return is;
}

/* One request of the plugin; it, the daemon, or both may be gone before, in between or after.
 */
static void request_serve(struct year *year)
{
    struct host_request request = host_take(&year->host);
    struct town *town = &year->town;
    bool faulty = !year->calm && chance(year, 120);
    unsigned when = (unsigned)draw(year, 3);

    if (is_record(buf_bytes(&request.bytes)) && !year->tried) {
        say(year, "attempt");
        year->tried = true;
    }
    if (!faulty || when > 0) {
        town_send_bytes(town, TOWN_PLUGIN, buf_bytes(&request.bytes));
        if (town_turn(town) != CTPS_OK || town->reply_count == 0)
            abort();
    }
    if (faulty && when == 1) {
        daemon_kill(year);
        daemon_open(year);
    } else if (faulty) {
        plugin_kill(year);
    } else {
        struct bytes reply = town->reply_bytes[town->reply_count - 1];
        const Ctps__Reply *read = town->replies[town->reply_count - 1];
        bool refused = read && read->status == CTPS__REPLY_STATUS__REPLY_REFUSED;

        if (refused)
            say(year, "refused %s", read->refusal->name);
        request.done(request.arg, refused ? CTPS_STATUS_REFUSED : CTPS_STATUS_OK, reply.data,
                     reply.len);
    }
    buf_done(&request.bytes);
    town_forget(town);
}

/* Until the plugin rests; it may die meanwhile. */
static void pump(struct year *year)
{
    while (!year->away && (year->heard < year->event_count || year->host.waiting_count > 0)) {
        bool hear = year->heard < year->event_count &&
                    (year->host.waiting_count == 0 || chance(year, 2));

        if (hear)
            event_hear(year);
        else
            request_serve(year);
    }
}

/* --- time passes --- */

static void step(struct year *year, int64_t us)
{
    int32_t before = today(year);

    sim_disk_clock_step(year->town.disk, us);
    year->truth_us += us;
    if (today(year) != before)
        daemon_tick(year);
}

/* The plugin comes back after an accident, sooner or later. */
static void plugin_return(struct year *year)
{
    if (year->away && chance(year, 3)) {
        plugin_start(year);
        pump(year);
    }
}

static void pass(struct year *year, int64_t us)
{
    int64_t end = mono_of(year) + us;

    pump(year);
    while (mono_of(year) < end) {
        struct ctps_timer *timer = year->away ? NULL : host_timer(&year->host);
        int64_t next = timer && timer->due_us < end ? timer->due_us : end;

        if (next - mono_of(year) > 6 * HOUR_US)
            next = mono_of(year) + 6 * HOUR_US;
        if (next > mono_of(year))
            step(year, next - mono_of(year));
        pump(year);
        timer = year->away ? NULL : host_timer(&year->host);
        if (timer && timer->due_us <= mono_of(year)) {
            host_fire(timer);
            pump(year);
        }
        plugin_return(year);
    }
}

/* --- what people do --- */

static struct thing *thing_pick(struct year *year, enum thing_kind kind)
{
    unsigned count = 0;
    struct thing *picked = NULL;

    for (unsigned i = 0; i < year->thing_count; i++)
        if (year->things[i].kind == kind && draw(year, ++count) == 0)
            picked = &year->things[i];
    return picked;
}

static void thing_drop(struct year *year, struct thing *thing)
{
    *thing = year->things[--year->thing_count];
}

static struct thing *thing_add(struct year *year, enum thing_kind kind, uint64_t id)
{
    struct thing *thing = &year->things[year->thing_count];

    if (id == 0 || year->thing_count == THINGS_MAX)
        return NULL;
    year->thing_count++;
    *thing = (struct thing){.kind = kind, .id = id};
    return thing;
}

static uint64_t made_by(struct year *year, enum town_who who, Ctps__Request *request)
{
    return town_made(ask(year, who, request));
}

static bool done_by(struct year *year, enum town_who who, Ctps__Request *request)
{
    return ask(year, who, request)->status == CTPS__REPLY_STATUS__REPLY_DONE;
}

static uint32_t minute_draw(struct year *year)
{
    static const uint32_t minutes[] = {9 * 60, 14 * 60, 150, 15, 1410, 630, 1080, 195};

    return minutes[draw(year, sizeof(minutes) / sizeof(minutes[0]))];
}

/* The Sunday the clocks change, when one is near. */
static bool change_near(struct year *year, int32_t *ret_day)
{
    for (int32_t day = today(year) + 1; day < today(year) + 25; day++)
        if (zone_instant_of(day + 1, 0, NULL) - zone_instant_of(day, 0, NULL) !=
            TOWN_US_PER_DAY) {
            *ret_day = day;
            return true;
        }
    return false;
}

static void meeting_schedule(struct year *year)
{
    uint64_t agents[2] = {year->town.agents[TOWN_EDUCATOR], year->town.agents[TOWN_NEIGHBOUR]};
    struct thing *thing;
    size_t agent_count = draw(year, 3);
    size_t contact_count = draw(year, CONTACTS);
    int32_t day = today(year) + (int32_t)draw(year, 25);
    uint32_t minute = minute_draw(year);
    bool by_night = chance(year, 4) && change_near(year, &day);
    TOWN_REQUEST(request, MEETING_SCHEDULE, MeetingSchedule, MEETING_SCHEDULE,
                 meeting_schedule);

    if (by_night) /* 00:30 to 05:15: in, before and after the hour that is not or comes twice */
        minute = 30 + 15 * (uint32_t)draw(year, 20);
    request_body.instance = town_text("adhoc");
    SET(&request_body, day, day);
    SET(&request_body, minute, minute);
    SET(&request_body, duration_min, 60);
    SET(&request_body, end_day, day + 100);
    SET(&request_body, chair, year->town.agents[TOWN_COORDINATOR]);
    request_body.agents = agents;
    request_body.n_agents = agent_count;
    request_body.contacts = year->contacts;
    request_body.n_contacts = contact_count;
    thing = thing_add(year, MEETING, made_by(year, TOWN_HEAD, &request));
    if (!thing)
        return;
    thing->day = day;
    thing->minute = minute;
    printf("%lld meeting %llu %d %u a%llu", (long long)wall_of(year),
           (unsigned long long)thing->id, day, minute,
           (unsigned long long)year->town.agents[TOWN_COORDINATOR]);
    for (size_t i = 0; i < agent_count; i++)
        printf(" a%llu", (unsigned long long)agents[i]);
    for (size_t i = 0; i < contact_count; i++)
        printf(" c%llu", (unsigned long long)year->contacts[i]);
    putchar('\n');
}

/* Sometimes to where it was before. */
static void meeting_move(struct year *year)
{
    struct thing *thing = thing_pick(year, MEETING);
    int32_t day = today(year) + (int32_t)draw(year, 25);
    uint32_t minute = minute_draw(year);
    TOWN_REQUEST(request, MEETING_RESCHEDULE, MeetingReschedule, MEETING_RESCHEDULE,
                 meeting_reschedule);

    if (!thing)
        return;
    if (chance(year, 3))
        day = thing->day + (chance(year, 2) ? 1 : -1);
    SET(&request_body, id, thing->id);
    SET(&request_body, day, day);
    SET(&request_body, minute, minute);
    if (!done_by(year, TOWN_HEAD, &request))
        return;
    thing->day = day;
    thing->minute = minute;
    say(year, "moved %llu %d %u", (unsigned long long)thing->id, day, minute);
}

static void meeting_cancel(struct year *year)
{
    struct thing *thing = thing_pick(year, MEETING);
    TOWN_REQUEST(request, MEETING_CANCEL, MeetingCancel, MEETING_CANCEL, meeting_cancel);

    if (!thing)
        return;
    SET(&request_body, id, thing->id);
    if (!done_by(year, TOWN_HEAD, &request))
        return;
    say(year, "gone meeting %llu", (unsigned long long)thing->id);
    thing_drop(year, thing);
}

static void meeting_hold(struct year *year)
{
    struct thing *thing = thing_pick(year, MEETING);
    TOWN_REQUEST(request, MEETING_HOLD, MeetingHold, MEETING_HOLD, meeting_hold);

    if (!thing || thing->day >= today(year))
        return;
    SET(&request_body, id, thing->id);
    if (!done_by(year, TOWN_HEAD, &request))
        return;
    say(year, "held %llu", (unsigned long long)thing->id);
    thing->kind = HELD;
}

static void minutes_send(struct year *year)
{
    struct thing *thing = thing_pick(year, HELD);
    TOWN_REQUEST(draft, MINUTES_DRAFT, MinutesDraft, MINUTES_DRAFT, minutes_draft);
    TOWN_REQUEST(validate, MINUTES_VALIDATE, MinutesValidate, MINUTES_VALIDATE,
                 minutes_validate);
    TOWN_REQUEST(distribute, MINUTES_DISTRIBUTE, MinutesDistribute, MINUTES_DISTRIBUTE,
                 minutes_distribute);

    if (!thing)
        return;
    SET(&draft_body, meeting, thing->id);
    draft_body.text = town_text("said");
    SET(&validate_body, meeting, thing->id);
    SET(&distribute_body, meeting, thing->id);
    if (!done_by(year, TOWN_HEAD, &draft) || !done_by(year, TOWN_HEAD, &validate) ||
        !done_by(year, TOWN_HEAD, &distribute))
        return;
    say(year, "gone minutes %llu", (unsigned long long)thing->id);
    thing_drop(year, thing);
}

static void decision_take(struct year *year)
{
    struct thing *situation = thing_pick(year, SITUATION);
    bool to_contact = chance(year, 3);
    uint64_t who = to_contact ? year->contacts[0] : year->town.agents[TOWN_EDUCATOR];
    int32_t due = today(year) + 1 + (int32_t)draw(year, 40);
    uint64_t id;
    TOWN_REQUEST(request, DECISION_TAKE, DecisionTake, DECISION_TAKE, decision_take);

    if (!situation)
        return;
    SET(&request_body, situation, situation->id);
    request_body.verb = town_text("contacter");
    SET(&request_body, due_day, due);
    if (to_contact)
        SET(&request_body, contact, who);
    else
        SET(&request_body, agent, who);
    id = made_by(year, TOWN_COORDINATOR, &request);
    if (!thing_add(year, DECISION, id))
        return;
    say(year, "decision %llu %d %c%llu", (unsigned long long)id, due, to_contact ? 'c' : 'a',
        (unsigned long long)who);
}

static void decision_complete(struct year *year)
{
    struct thing *thing = thing_pick(year, DECISION);
    TOWN_REQUEST(request, DECISION_COMPLETE, DecisionComplete, DECISION_COMPLETE,
                 decision_complete);

    if (!thing)
        return;
    SET(&request_body, id, thing->id);
    request_body.result = town_text("realisee");
    if (!done_by(year, TOWN_COORDINATOR, &request))
        return;
    say(year, "gone decision %llu", (unsigned long long)thing->id);
    thing_drop(year, thing);
}

static void saisine_receive(struct year *year)
{
    Ctps__SaisineReceive body;
    Ctps__Person person;
    Ctps__Person *persons[1];
    Ctps__Identity identity;
    Ctps__Request request = CTPS__REQUEST__INIT;
    int32_t day = today(year) - (int32_t)draw(year, 4);
    uint64_t id;

    town_saisine(&body, &person, persons, &identity, day, "Nobody");
    body.n_persons = 0;
    request.command_case = CTPS__REQUEST__COMMAND_SAISINE_RECEIVE;
    request.saisine_receive = &body;
    id = made_by(year, TOWN_COORDINATOR, &request);
    if (thing_add(year, SAISINE, id))
        say(year, "saisine %llu %d", (unsigned long long)id, day);
}

static void saisine_answer(struct year *year)
{
    struct thing *thing = thing_pick(year, SAISINE);
    uint64_t saisine = thing ? thing->id : 0;
    uint64_t id;
    TOWN_REQUEST(request, SAISINE_ACCEPT, SaisineAccept, SAISINE_ACCEPT, saisine_accept);

    if (!thing)
        return;
    SET(&request_body, id, saisine);
    request_body.term = town_text("court");
    SET(&request_body, lead_agent, year->town.agents[TOWN_EDUCATOR]);
    id = made_by(year, TOWN_COORDINATOR, &request);
    if (!id)
        return;
    thing->kind = SITUATION;
    thing->id = id;
    thing->informed = false;
    say(year, "gone saisine %llu", (unsigned long long)saisine);
    say(year, "situation %llu %d a%llu", (unsigned long long)id, today(year),
        (unsigned long long)year->town.agents[TOWN_EDUCATOR]);
}

static void situation_entry(struct year *year)
{
    struct thing *thing = thing_pick(year, SITUATION);
    TOWN_REQUEST(request, SITUATION_ADD_ENTRY, SituationAddEntry, SITUATION_ADD_ENTRY,
                 situation_add_entry);

    if (!thing)
        return;
    SET(&request_body, id, thing->id);
    request_body.kind = town_text("entretien");
    SET(&request_body, day, today(year));
    if (done_by(year, TOWN_COORDINATOR, &request))
        say(year, "entry %llu %d", (unsigned long long)thing->id, today(year));
}

static void situation_review(struct year *year)
{
    struct thing *thing = thing_pick(year, SITUATION);
    int32_t next = today(year) + 20 + (int32_t)draw(year, 60);
    TOWN_REQUEST(request, SITUATION_REVIEW, SituationReview, SITUATION_REVIEW,
                 situation_review);

    if (!thing)
        return;
    SET(&request_body, id, thing->id);
    SET(&request_body, day, today(year));
    request_body.evolution = town_text("stable");
    SET(&request_body, next_review_day, next);
    if (done_by(year, TOWN_COORDINATOR, &request))
        say(year, "reviewed %llu %d", (unsigned long long)thing->id, next);
}

static void situation_inform(struct year *year)
{
    struct thing *thing = thing_pick(year, SITUATION);
    TOWN_REQUEST(request, SITUATION_INFORM, SituationInform, SITUATION_INFORM,
                 situation_inform);

    if (!thing || thing->informed)
        return;
    SET(&request_body, id, thing->id);
    SET(&request_body, day, today(year));
    request_body.means = town_text("courrier");
    if (!done_by(year, TOWN_COORDINATOR, &request))
        return;
    thing->informed = true;
    say(year, "gone not_informed %llu", (unsigned long long)thing->id);
}

static void situation_close(struct year *year)
{
    struct thing *thing = thing_pick(year, SITUATION);
    TOWN_REQUEST(request, SITUATION_CLOSE, SituationClose, SITUATION_CLOSE, situation_close);

    if (!thing)
        return;
    SET(&request_body, id, thing->id);
    SET(&request_body, day, today(year));
    request_body.motive = town_text("fin_suivi");
    if (!done_by(year, TOWN_COORDINATOR, &request))
        return;
    say(year, "closed %llu", (unsigned long long)thing->id);
    thing_drop(year, thing);
}

static void rights_open(struct year *year)
{
    int32_t day = today(year) - (int32_t)draw(year, 3);
    uint64_t id;
    TOWN_REQUEST(request, RIGHTS_OPEN, RightsOpen, RIGHTS_OPEN, rights_open);

    request_body.kind = town_text("access");
    SET(&request_body, received_day, day);
    request_body.territory = town_text("T1");
    request_body.name = town_text("Nobody");
    id = made_by(year, TOWN_COORDINATOR, &request);
    if (thing_add(year, RIGHTS, id))
        say(year, "rights %llu %d", (unsigned long long)id, day);
}

static void rights_answer(struct year *year)
{
    struct thing *thing = thing_pick(year, RIGHTS);
    TOWN_REQUEST(request, RIGHTS_ANSWER, RightsAnswer, RIGHTS_ANSWER, rights_answer);

    if (!thing)
        return;
    SET(&request_body, id, thing->id);
    request_body.outcome = town_text("nothing_held");
    if (!done_by(year, TOWN_COORDINATOR, &request))
        return;
    say(year, "gone rights %llu", (unsigned long long)thing->id);
    thing_drop(year, thing);
}

static void act(struct year *year)
{
    static void (*const acts[])(struct year * year) = {
        meeting_schedule, meeting_schedule, meeting_move,      meeting_move,
        meeting_cancel,   meeting_hold,     meeting_hold,      minutes_send,
        decision_take,    decision_take,    decision_complete, decision_complete,
        saisine_receive,  saisine_receive,  saisine_answer,    saisine_answer,
        situation_entry,  situation_entry,  situation_review,  situation_inform,
        situation_close,  rights_open,      rights_answer,
    };

    acts[draw(year, sizeof(acts) / sizeof(acts[0]))](year);
    town_forget(&year->town);
}

/* --- accidents --- */

static void clock_set(struct year *year, int64_t us)
{
    sim_disk_wall_set(year->town.disk, us);
    daemon_tick(year);
    pump(year);
}

static void clock_confirm(struct year *year)
{
    TOWN_REQUEST(request, CLOCK_CONFIRM, ClockConfirm, CLOCK_CONFIRM, clock_confirm);

    if (!year->alarm)
        return;
    ask(year, TOWN_OPERATOR, &request);
    town_forget(&year->town);
    pump(year);
}

/* Days ahead or behind, put right hours or days later. */
static void clock_jump(struct year *year)
{
    int64_t by = (int64_t)(1 + draw(year, 14 * 24)) * HOUR_US;

    clock_set(year, wall_of(year) + (chance(year, 2) ? by : -by));
    pass(year, (int64_t)(1 + draw(year, 60)) * HOUR_US);
    clock_set(year, year->truth_us);
}

static void outage(struct year *year)
{
    int64_t away = (int64_t)(1 + draw(year, chance(year, 4) ? 45 * 24 : 72)) * HOUR_US;

    daemon_kill(year);
    sim_disk_clock_step(year->town.disk, away);
    year->truth_us += away;
    daemon_open(year);
    if (chance(year, 2))
        clock_confirm(year);
}

static void plugin_outage(struct year *year)
{
    plugin_kill(year);
    for (unsigned days = (unsigned)draw(year, 20); days && year->event_count < EVENTS_MAX / 2;
         days--) {
        step(year, 24 * HOUR_US);
        act(year);
    }
    if (year->away)
        plugin_start(year);
    pump(year);
}

static void accident(struct year *year)
{
    static void (*const accidents[])(struct year * year) = {clock_jump, outage, plugin_outage};

    accidents[draw(year, sizeof(accidents) / sizeof(accidents[0]))](year);
}

/* --- the town --- */

static void lists_add(struct town *town)
{
    static const char *const values[][2] = {
        {"decision", "contacter"},
        {"information", "courrier"},
        {"resultat", "realisee"},
        {"quality", "personne"},
    };

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        town_list(town, values[i][0], values[i][1]);
    if (town_turn(town) != CTPS_OK)
        abort();
    town_forget(town);
}

/* Contacts whose charter ends in the year, or not at all in it. */
static void contacts_add(struct year *year)
{
    for (unsigned i = 0; i < CONTACTS; i++) {
        int32_t day = today(year) - (i ? 10 : civil_add_months(0, 36) - 100);
        TOWN_REQUEST(request, CONTACT_SET, Contact, CONTACT, contact_set);

        SET(&request_body, partner, year->town.partner);
        request_body.last_name = town_text("Contact");
        request_body.charter_version = year->town.options.settings.charter_version;
        SET(&request_body, charter_day, day);
        year->contacts[i] = made_by(year, TOWN_OPERATOR, &request);
        if (!year->contacts[i])
            abort();
        say(year, "charter %llu %d", (unsigned long long)year->contacts[i], day);
    }
    town_forget(&year->town);
}

static void leavers_add(struct year *year)
{
    char *territories[] = {town_text("T2")};

    for (unsigned i = 0; i < LEAVERS; i++) {
        int32_t last = today(year) + 60 + 70 * (int32_t)i + (int32_t)draw(year, 50);
        TOWN_REQUEST(request, AGENT_SET, Agent, AGENT, agent_set);

        request_body.last_name = town_text("Leaver");
        request_body.function = town_text("educateur");
        request_body.n_territories = 1;
        request_body.territories = territories;
        request_body.habilitation_act = town_text("act");
        SET(&request_body, habilitation_from_day, 10000);
        SET(&request_body, habilitation_to_day, last);
        year->leavers[i] = made_by(year, TOWN_OPERATOR, &request);
        if (!year->leavers[i])
            abort();
        say(year, "habilitation %llu %d", (unsigned long long)year->leavers[i], last);
    }
    town_forget(&year->town);
}

static void roles_say(struct year *year)
{
    static const struct {
        enum town_who who;
        const char *role;
    } roles[] = {{TOWN_COORDINATOR, "coordinator"},
                 {TOWN_HEAD, "head"},
                 {TOWN_ASSISTANT, "assistant"},
                 {TOWN_DPO, "dpo"}};

    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        say(year, "role %s a%llu", roles[i].role,
            (unsigned long long)year->town.agents[roles[i].who]);
}

static void year_begin(struct year *year, uint64_t seed)
{
    static const int64_t first_us = INT64_C(1735689600) * 1000000; /* 2025-01-01 */
    struct town *town = &year->town;
    struct settings_grant *grant;

    year->random = seed;
    town_init(town, seed);
    town->options.map_len = 256 << 20;
    town->out.publish = publish;
    grant = &town->options.settings.grants[0];
    grant->actions[ACTION_REMINDER_READ] = grant->actions[ACTION_EFFECT_RECORD] = true;
    year->truth_us = first_us + (int64_t)(seed % 40) * 365 * TOWN_US_PER_DAY +
                     (int64_t)draw(year, 365 * MINUTES_OF_DAY) * MINUTE_US;
    sim_disk_wall_set(town->disk, year->truth_us);
    town_found(town);
    lists_add(town);
    contacts_add(year);
    leavers_add(year);
    roles_say(year);
    events_forget(year);
    year->host.wall_us = wall_of;
    year->host.mono_us = mono_of;
    year->host.settled = settled;
    year->host.ctx = year;
    plugin_start(year);
    pass(year, MINUTE_US);
}

/* --- what the journal says --- */

static void effect_say(const Ctps__Effect *effect)
{
    if (strcmp(effect->outcome, "begun") == 0)
        printf("%lld begun\n", (long long)effect->done_us);
    else
        printf("%lld reminder %s %llu %d %d %s %c%llu %s %d\n", (long long)effect->done_us,
               effect->code, (unsigned long long)effect->object, effect->day,
               effect->has_minute ? (int)effect->minute : -1, effect->lead,
               effect->contact ? 'c' : 'a',
               (unsigned long long)(effect->contact ? effect->contact : effect->agent),
               effect->outcome, effect->escalated);
}

static void effects_say(struct year *year)
{
    uint64_t before = 0;
    bool more = true;

    while (more) {
        const Ctps__EffectAnswer *answer;
        TOWN_REQUEST(request, EFFECT_FIND, EffectFind, EFFECT_FIND, effect_find);

        request_body.kind = town_text("reminder.due");
        SET(&request_body, limit, 1000);
        SET(&request_body, before, before);
        answer = ask(year, TOWN_HEAD, &request)->effect_answer;
        for (size_t i = 0; answer && i < answer->n_effects; i++) {
            effect_say(answer->effects[i]);
            before = answer->effects[i]->id;
        }
        more = answer && answer->more && answer->n_effects;
        town_forget(&year->town);
    }
}

static void year_run(struct year *year)
{
    int64_t end = mono_of(year) + YEAR_DAYS * TOWN_US_PER_DAY;

    while (mono_of(year) < end) {
        pass(year, (int64_t)draw(year, 10 * 60) * MINUTE_US);
        act(year);
        pump(year);
        if (chance(year, 25))
            clock_confirm(year);
        if (chance(year, 100))
            accident(year);
    }
    year->calm = true;
    if (year->away)
        plugin_start(year);
    pump(year);
    clock_confirm(year);
    pass(year, 7 * HOUR_US);
}

int main(int argc, char **argv)
{
    static struct year year;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    uint64_t count = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;

    if (argc != 4 || count == 0) {
        fprintf(stderr, "usage: reminded PLUGIN.so FIRST-SEED YEARS\n");
        return 64;
    }
    for (uint64_t seed = first; seed < first + count; seed++) {
        year = (struct year){0};
        host_load(&year.host, argv[1]);
        printf("0 year %llu\n", (unsigned long long)seed);
        year_begin(&year, seed);
        year_run(&year);
        effects_say(&year);
        printf("0 end %u\n", year.kills);
        host_kill(&year.host);
        events_forget(&year);
        town_done(&year.town);
        fflush(stdout);
    }
    return 0;
}

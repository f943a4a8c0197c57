/* The plugin before the daemon: events to it, requests of it, and either killed at any moment.
 */
#include "ctps/notice.pb-c.h"
#include "year.h"

/* --- events on their way to the plugin --- */

/* Which of the two ended is the daemon's to say. */
static void merge_say(struct year *year, const char *topic, const Ctps__Notice *notice)
{
    struct thing *thing = year_thing_find(year, notice->id);
    bool merged = strcmp(topic, "situation.merged") == 0;

    if (!merged && strcmp(topic, "situation.unmerged") != 0)
        return;
    if (!thing)
        abort();
    thing->kind = merged ? MERGED : SITUATION;
    year_say(year, "%s %llu %llu", merged ? "merged" : "unmerged",
             (unsigned long long)notice->id, (unsigned long long)notice->other);
}

static void cancelled_drop(struct year *year, const char *topic, uint64_t id)
{
    struct thing *thing = year_thing_find(year, id);

    if (thing && strcmp(topic, "meeting.cancelled") == 0)
        year_thing_drop(year, thing);
}

/* What nobody asked for, or how many it concerned. */
static void daemon_did_say(struct year *year, const struct event *event)
{
    Ctps__Notice *notice = ctps__notice__unpack(NULL, event->notice.len, event->notice.data);

    if (!notice)
        abort();
    if (strcmp(event->topic, "erasure.announced") == 0 &&
        notice->kind == CTPS__OBJECT_KIND__OBJECT_SITUATION)
        year_say(year, "erasing %llu %d %d", (unsigned long long)notice->id, notice->day,
                 year_today(year));
    merge_say(year, event->topic, notice);
    cancelled_drop(year, event->topic, notice->id);
    if (strncmp(event->topic, "clock.alarm", 11) == 0) {
        year->alarm = strcmp(event->topic, "clock.alarm_raised") == 0;
        year_say(year, "alarm %d", year->alarm);
    }
    ctps__notice__free_unpacked(notice, NULL);
}

void life_publish(void *ctx, const char *audience, const char *topic, struct bytes bytes)
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

void life_events_forget(struct year *year)
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
        life_events_forget(year);
}

/* --- lives --- */

void life_settled(void *ctx)
{
    struct year *year = ctx;

    year_say(year, "look");
    year->tried = false;
}

void life_plugin_kill(struct year *year)
{
    host_kill(&year->host);
    year->away = true;
    year->tried = false;
    year->kills++;
}

/* What it had heard last comes again; since it reads all of it first, none of it matters. */
void life_plugin_start(struct year *year)
{
    unsigned again = (unsigned)year_draw(year, 3);

    year->heard = year->heard > again ? year->heard - again : 0;
    host_start(&year->host);
    year->away = false;
}

void life_daemon_open(struct year *year)
{
    if (town_open(&year->town) != CTPS_OK || engine_tick(year->town.engine, &year->town.err)) {
        fprintf(stderr, "the daemon does not start: %s\n", year->town.err.text);
        abort();
    }
}

void life_daemon_kill(struct year *year)
{
    life_plugin_kill(year);
    town_kill(&year->town);
}

/* A tick of the daemon, and what people's requests left to publish. */
void life_daemon_tick(struct year *year)
{
    bool more;

    if (engine_tick(year->town.engine, &year->town.err) != CTPS_OK ||
        engine_idle(year->town.engine, &more, &year->town.err) != CTPS_OK)
        abort();
    town_forget(&year->town);
}

/* --- what the plugin asks --- */

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
    bool faulty = !year->calm && year_chance(year, 120);
    unsigned when = (unsigned)year_draw(year, 3);

    if (is_record(buf_bytes(&request.bytes)) && !year->tried) {
        year_say(year, "attempt");
        year->tried = true;
    }
    if (!faulty || when > 0) {
        town_send_bytes(town, TOWN_PLUGIN, buf_bytes(&request.bytes));
        if (town_turn(town) != CTPS_OK || town->reply_count == 0)
            abort();
    }
    if (faulty && when == 1) {
        life_daemon_kill(year);
        life_daemon_open(year);
    } else if (faulty) {
        life_plugin_kill(year);
    } else {
        struct bytes reply = town->reply_bytes[town->reply_count - 1];
        const Ctps__Reply *read = town->replies[town->reply_count - 1];
        bool refused = read && read->status == CTPS__REPLY_STATUS__REPLY_REFUSED;

        if (refused)
            year_say(year, "refused %s", read->refusal->name);
        request.done(request.arg, refused ? CTPS_STATUS_REFUSED : CTPS_STATUS_OK, reply.data,
                     reply.len);
    }
    buf_done(&request.bytes);
    town_forget(town);
}

/* Until the plugin rests; it may die meanwhile. */
void life_pump(struct year *year)
{
    while (!year->away && (year->heard < year->event_count || year->host.waiting_count > 0)) {
        bool hear = year->heard < year->event_count &&
                    (year->host.waiting_count == 0 || year_chance(year, 2));

        if (hear)
            event_hear(year);
        else
            request_serve(year);
    }
}

/* --- time passes --- */

void life_step(struct year *year, int64_t us)
{
    int32_t before = year_today(year);

    sim_disk_clock_step(year->town.disk, us);
    year->truth_us += us;
    if (year_today(year) != before)
        life_daemon_tick(year);
}

/* The plugin comes back after an accident, sooner or later. */
static void plugin_return(struct year *year)
{
    if (year->away && year_chance(year, 3)) {
        life_plugin_start(year);
        life_pump(year);
    }
}

void life_pass(struct year *year, int64_t us)
{
    int64_t end = year_mono(year) + us;

    life_pump(year);
    while (year_mono(year) < end) {
        struct ctps_timer *timer = year->away ? NULL : host_timer(&year->host);
        int64_t next = timer && timer->due_us < end ? timer->due_us : end;

        if (next - year_mono(year) > 6 * HOUR_US)
            next = year_mono(year) + 6 * HOUR_US;
        if (next > year_mono(year))
            life_step(year, next - year_mono(year));
        life_pump(year);
        timer = year->away ? NULL : host_timer(&year->host);
        if (timer && timer->due_us <= year_mono(year)) {
            host_fire(timer);
            life_pump(year);
        }
        plugin_return(year);
    }
}

/* What comes back is held against what was acknowledged before. */
#include "sim.h"

unsigned sim_canary_find(struct bytes in, size_t *ret_after)
{
    static const char word[] = "CANARI-";
    const uint8_t *at = in.len ? memmem(in.data, in.len, word, sizeof(word) - 1) : NULL;
    unsigned number = 0;

    if (!at || in.len - (size_t)(at - in.data) < SIM_CANARY_LEN)
        return 0;
    for (size_t i = sizeof(word) - 1; i < SIM_CANARY_LEN; i++)
        number = number * 10 + (unsigned)(at[i] - '0');
    *ret_after = (size_t)(at - in.data) + SIM_CANARY_LEN;
    return number ? number : 1;
}

static int segment_collect(void *arg, const char *name)
{
    struct buf *names = arg;
    size_t len = strlen(name);

    /* A segment being made ready under another name holds no frame. */
    if (len > 4 && strcmp(name + len - 4, ".seg") == 0)
        buf_append(names, name, len + 1);
    return 0;
}

/* What a power cut that keeps nothing unflushed would leave of the journal is what is seen. */
static void flushed_check(struct sim *sim, const char *what)
{
    struct sim_cut cut = {.policy = SIM_CUT_FLUSHED};
    struct sim_counts counts;
    struct sim_disk *seen;
    struct sim_disk *kept;
    struct buf names;
    char dir[SPLIT_PATH_LEN + 16];

    sim_disk_counts_get(sim->town.disk, &counts);
    if (counts.op_count == sim->checked_op || sim->control != SIM_CONTROL_NONE)
        return;
    sim->checked_op = counts.op_count;
    seen = sim_disk_clone(sim->town.disk);
    kept = sim_disk_cut(seen, &cut);
    buf_init(&names);
    snprintf(dir, sizeof(dir), "%s/journal", sim->town.split.dir);
    sim_disk_sys(seen)->list_dir(seen, dir, segment_collect, &names);
    for (size_t at = 0; at < names.len; at += strlen((char *)names.data + at) + 1) {
        char path[2 * SPLIT_PATH_LEN];

        snprintf(path, sizeof(path), "%s/%s", dir, (char *)names.data + at);
        if (!bytes_equal(sim_disk_peek(seen, path), sim_disk_peek(kept, path)))
            sim_fail(sim, "%s while %s is not flushed", what, (char *)names.data + at);
    }
    buf_done(&names);
    sim_disk_free(&kept);
    sim_disk_free(&seen);
}

static void made_note(struct sim_sent *sent, const Ctps__Reply *reply)
{
    for (size_t i = 0; i < reply->n_made && i < SIM_MADE_MAX; i++) {
        struct sim_made *made = &sent->made[sent->made_count++];

        made->kind = reply->made[i]->kind;
        made->id = reply->made[i]->id;
        snprintf(made->reference, sizeof(made->reference), "%s",
                 or_empty(reply->made[i]->reference));
    }
}

static void thing_note(struct sim *sim, const struct sim_sent *sent)
{
    struct sim_thing thing = {.canary = sent->canary};
    struct sim_thing *saisine;

    if (!sent->made_count)
        return;
    thing.id = sent->made[0].id;
    thing.second = strstr(sent->made[0].reference, "T2-") != NULL;
    if (sent->command == CTPS__REQUEST__COMMAND_SAISINE_RECEIVE)
        sim_thing_add(&sim->saisines, &thing);
    if (sent->command != CTPS__REQUEST__COMMAND_SAISINE_ACCEPT)
        return;
    saisine = sim_thing_find(&sim->saisines, sent->target);
    if (saisine)
        saisine->situation = thing.id;
    thing.canary = 0;
    if (!sim_thing_find(&sim->situations, thing.id))
        sim_thing_add(&sim->situations, &thing);
}

static void gone_note(struct sim *sim, uint64_t situation)
{
    struct sim_thing *thing = sim_thing_find(&sim->situations, situation);

    if (thing)
        thing->gone = true;
    for (unsigned i = 0; i < sim->saisines.count; i++)
        if (sim->saisines.at[i].situation == situation)
            sim->saisines.at[i].gone = true;
}

/* Time of the newest entry, as the heartbeat says it. */
static int64_t entry_time(struct sim *sim)
{
    struct arena arena;
    struct buf packed;
    const Ctps__EventRecord *newest;
    int64_t at = 0;

    buf_init(&packed);
    arena_init(&arena, 1 << 16);
    engine_heartbeat(sim->town.engine, "plugins", &packed);
    newest = (Ctps__EventRecord *)record_unpack(&arena, &ctps__event_record__descriptor,
                                                buf_bytes(&packed));
    if (newest && newest->header)
        at = newest->header->time_us;
    arena_done(&arena);
    buf_done(&packed);
    return at;
}

static void ack_note(struct sim *sim, struct sim_sent *sent, const Ctps__Reply *reply)
{
    sent->acked = true;
    sent->seq = reply->seq;
    sent->entry_us = reply->repeated_answer ? 0 : entry_time(sim);
    sim->counts.acks++;
    made_note(sent, reply);
    for (unsigned i = 0; i < sent->made_count; i++)
        if (sent->made[i].id >> 8 != sent->seq &&
            sent->command != CTPS__REQUEST__COMMAND_SAISINE_ACCEPT)
            sim_fail(sim, "entry %llu made an id that is not its own",
                     (unsigned long long)sent->seq);
    thing_note(sim, sent);
    if (sent->command == CTPS__REQUEST__COMMAND_SITUATION_ERASE)
        gone_note(sim, sent->target);
}

static bool made_equal(const struct sim_sent *sent, const Ctps__Reply *reply)
{
    if (reply->n_made != sent->made_count)
        return false;
    for (size_t i = 0; i < reply->n_made; i++)
        if (reply->made[i]->id != sent->made[i].id ||
            strcmp(or_empty(reply->made[i]->reference), sent->made[i].reference) != 0)
            return false;
    return true;
}

/* For 30 days by the time of entries an acknowledged command is known again. */
static bool is_remembered(struct sim *sim, const struct sim_sent *sent)
{
    int64_t wall = sys_wall_us(&sim->town.split.sys);
    int64_t last = entry_time(sim);

    return sent->entry_us &&
           (wall > last ? wall : last) - sent->entry_us < 29 * TOWN_US_PER_DAY;
}

static void done_check(struct sim *sim, struct sim_sent *sent, const Ctps__Reply *reply)
{
    if (sent->garbled || sent->id_reused || sent->dry) {
        sim_fail(sim, "what must not be done was done (entry %llu)",
                 (unsigned long long)reply->seq);
        return;
    }
    if (!sent->acked) {
        ack_note(sim, sent, reply);
        return;
    }
    sim->counts.repeats++;
    if (!is_remembered(sim, sent))
        return;
    if (sent->seq && (!reply->repeated_answer || reply->seq != sent->seq))
        sim_fail(sim, "entry %llu was acknowledged, its repetition made entry %llu",
                 (unsigned long long)sent->seq, (unsigned long long)reply->seq);
    else if (!made_equal(sent, reply))
        sim_fail(sim, "another answer to the repetition of entry %llu",
                 (unsigned long long)sent->seq);
}

static void names_check(struct sim *sim, struct sim_sent *sent, const Ctps__Reply *reply,
                        struct bytes bytes)
{
    size_t after = 0;
    unsigned canary = sim_canary_find(bytes, &after);
    bool gone = false;

    if (!canary)
        return;
    sim->counts.reads++;
    if (reply->status != CTPS__REPLY_STATUS__REPLY_ANSWERED || !reply->seq)
        sim_fail(sim, "names in an answer that is no journalled read");
    for (; canary; canary = sim_canary_find(bytes, &after)) {
        for (unsigned i = 0; i < sim->saisines.count; i++)
            gone = gone || (sim->saisines.at[i].canary == canary && sim->saisines.at[i].gone);
        bytes = bytes_of(bytes.data + after, bytes.len - after);
    }
    if (gone)
        sim_fail(sim, "names of somebody whose erasure was ordered");
    sent->seq = reply->seq;
    sent->acked = true;
}

static void refusal_check(struct sim *sim, const struct sim_sent *sent,
                          const Ctps__Reply *reply)
{
    const char *name = reply->refusal ? or_empty(reply->refusal->name) : "";

    sim->counts.refusals++;
    sim_hear(sim, name, strlen(name));
    if (sim->verbose)
        fprintf(stderr, "  refused: command %d: %s (%s)\n", (int)sent->command, name,
                reply->refusal ? or_empty(reply->refusal->field) : "");
    if (!*name)
        sim_fail(sim, "a refusal without a name");
    if (sent->acked && sent->made_count && strcmp(name, "id_reused") == 0 &&
        is_remembered(sim, sent))
        sim_fail(sim, "the same body is told to be another one (entry %llu)",
                 (unsigned long long)sent->seq);
}

static void hear_reply(void *ctx, const struct engine_peer *peer, struct bytes bytes)
{
    struct sim *sim = ctx;
    struct sim_sent *sent = &sim->sent[be64_get(peer->handle)];
    const Ctps__Reply *reply;

    sim_hear(sim, peer->handle, 8);
    flushed_check(sim, "a reply leaves");
    if (!bytes.len)
        return;
    town_forget(&sim->town);
    reply = (Ctps__Reply *)record_unpack(&sim->town.arena, &ctps__reply__descriptor, bytes);
    if (!reply) {
        sim_fail(sim, "a reply that cannot be read");
        return;
    }
    /* Figures of the status are those of the real machine, too. */
    if (reply->answer_case != CTPS__REPLY__ANSWER_STATUS_ANSWER)
        sim_hear(sim, bytes.data, bytes.len);
    if (reply->has_id && !sent->garbled &&
        !bytes_equal(bytes_of(reply->id.data, reply->id.len), bytes_of(sent->id, 16)))
        sim_fail(sim, "a reply to another request");
    names_check(sim, sent, reply, bytes);
    if (reply->status == CTPS__REPLY_STATUS__REPLY_DONE)
        done_check(sim, sent, reply);
    else if (reply->status == CTPS__REPLY_STATUS__REPLY_REFUSED)
        refusal_check(sim, sent, reply);
}

static void hear_event(void *ctx, const char *audience, const char *topic, struct bytes event)
{
    struct sim *sim = ctx;
    const Ctps__EventRecord *record;
    const Ctps__EventHeader *read;
    size_t after;

    (void)audience; /* no feed is open, nobody listens to "audit" */
    sim->counts.published++;
    sim_hear(sim, topic, strlen(topic));
    flushed_check(sim, "an event leaves");
    if (sim_canary_find(event, &after))
        sim_fail(sim, "a name in an event %s", topic);
    town_forget(&sim->town);
    record = (Ctps__EventRecord *)record_unpack(&sim->town.arena,
                                                &ctps__event_record__descriptor, event);
    read = record ? record->header : NULL;
    if (!read || read->number <= sim->last_published)
        sim_fail(sim, "event %s is not after the one before", topic);
    else
        sim->last_published = read->number;
    if (read && strncmp(topic, "erasure.", 8) == 0 && sim->moment_count < SIM_SENT_MAX)
        sim->moments[sim->moment_count++] =
            (struct sim_moment){.seq = read->number >> 8, .true_us = sim->true_us};
    if (sim->alarm_due &&
        (strcmp(topic, "erasure.announced") == 0 || strcmp(topic, "erasure.done") == 0))
        sim_fail(sim, "%s after the clock jumped, before anybody confirmed it", topic);
    if (strcmp(topic, "clock.alarm_confirmed") == 0)
        sim->alarm_due = false;
    if (strcmp(topic, "clock.alarm_raised") == 0)
        sim->counts.alarms++;
    if (strcmp(topic, "erasure.done") == 0)
        sim->counts.erasures++;
}

static void hear_key_revoked(void *ctx, const uint8_t public_key[ENGINE_KEY_LEN])
{
    sim_hear(ctx, public_key, ENGINE_KEY_LEN);
}

static void hear_reload(void *ctx)
{
    sim_hear_number(ctx, 1);
}

void sim_out_set(struct sim *sim)
{
    sim->town.out.ctx = sim;
    sim->town.out.reply = hear_reply;
    sim->town.out.publish = hear_event;
    sim->town.out.key_revoked = hear_key_revoked;
    sim->town.out.reload = hear_reload;
}

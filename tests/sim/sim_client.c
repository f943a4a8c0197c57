/* Random requests of the thin domain, right and wrong. */
#include "sim.h"

static struct sim_sent *sent_add(struct sim *sim, enum town_who who)
{
    struct sim_sent *sent;

    if (sim->sent_count == SIM_SENT_MAX)
        return NULL;
    sent = &sim->sent[sim->sent_count++];
    *sent = (struct sim_sent){.who = who};
    be64_put(sent->id, sim->seed);
    be64_put(sent->id + 8, sim->sent_count);
    return sent;
}

static void queue(struct sim *sim, const struct sim_sent *sent)
{
    struct engine_peer peer;

    town_peer(&peer, sent->who);
    be64_put(peer.handle, (uint64_t)(sent - sim->sent));
    sim->counts.requests++;
    if (engine_request(sim->town.engine, &peer, sent->body) != CTPS_OK)
        sim_fail(sim, "the queue is full");
}

static void pack_and_queue(struct sim *sim, struct sim_sent *sent, Ctps__Request *request)
{
    struct buf packed;

    buf_init(&packed);
    request->has_id = 1;
    request->id = (ProtobufCBinaryData){sizeof(sent->id), sent->id};
    if (sim_chance(sim, 25))
        SET(request, dry_run, 1);
    sent->dry = request->dry_run;
    sent->command = request->command_case;
    if (wire_pack_buf(&packed, &request->base) != CTPS_OK)
        abort();
    sent->body = buf_bytes(&packed); /* the record takes it */
    queue(sim, sent);
}

void sim_client_repeat(struct sim *sim, unsigned index)
{
    queue(sim, &sim->sent[index]);
}

static int32_t today(struct sim *sim)
{
    return (int32_t)(sys_wall_us(&sim->town.split.sys) / TOWN_US_PER_DAY);
}

static struct sim_thing *pick(struct sim *sim, struct sim_things *things)
{
    static struct sim_thing nothing = {.id = 77};
    unsigned recent = things->count > 12 && sim_draw(sim, 3) ? 12 : things->count;

    if (things->count == 0 || sim_chance(sim, 30)) {
        nothing = (struct sim_thing){.id = 77};
        return &nothing;
    }
    return &things->at[things->count - 1 - sim_draw(sim, recent)];
}

/* Mostly somebody who may, of the right territory. */
static enum town_who somebody(struct sim *sim, bool second)
{
    if (sim_chance(sim, 8))
        return (enum town_who)sim_draw(sim, TOWN_WHO_COUNT);
    if (second)
        return TOWN_NEIGHBOUR;
    return sim_chance(sim, 4) ? TOWN_EDUCATOR : TOWN_COORDINATOR;
}

static void send_receive(struct sim *sim)
{
    static const char *const names[] = {"Martin", "Muller", "Weber", "Schmitt"};
    bool second = sim_chance(sim, 4);
    struct sim_sent *sent =
        sent_add(sim, sim_chance(sim, 6) ? TOWN_PLUGIN : somebody(sim, second));
    Ctps__Person person;
    Ctps__Person *persons[1];
    Ctps__Identity identity;
    char name[64];
    char text[64];
    TOWN_REQUEST(request, SAISINE_RECEIVE, SaisineReceive, SAISINE_RECEIVE, saisine_receive);

    if (!sent)
        return;
    sent->canary = ++sim->canary_count;
    snprintf(name, sizeof(name), "%s CANARI-%06u", names[sim_draw(sim, 4)], sent->canary);
    snprintf(text, sizeof(text), "text CANARI-%06u", sent->canary);
    town_saisine(&request_body, &person, persons, &identity,
                 today(sim) - (int32_t)sim_draw(sim, 20), name);
    identity.address = text;
    identity.has_birth_day = sim_chance(sim, 2);
    request_body.text = text;
    if (sim_chance(sim, 3))
        request_body.place = text;
    if (second) {
        request_body.territory = town_text("T2");
        request_body.district = town_text("east");
    }
    if (sim_chance(sim, 20))
        request_body.origin = town_text("nowhere");
    pack_and_queue(sim, sent, &request);
}

static void send_accept(struct sim *sim)
{
    const struct sim_thing *saisine = pick(sim, &sim->saisines);
    struct sim_sent *sent = sent_add(sim, somebody(sim, saisine->second));
    TOWN_REQUEST(request, SAISINE_ACCEPT, SaisineAccept, SAISINE_ACCEPT, saisine_accept);

    if (!sent)
        return;
    sent->target = saisine->id;
    SET(&request_body, id, saisine->id);
    request_body.title = town_text("title CANARI-900001");
    if (sim_chance(sim, 6))
        SET(&request_body, attach_to, pick(sim, &sim->situations)->id);
    pack_and_queue(sim, sent, &request);
}

static void send_decline(struct sim *sim)
{
    const struct sim_thing *saisine = pick(sim, &sim->saisines);
    struct sim_sent *sent = sent_add(sim, somebody(sim, saisine->second));
    TOWN_REQUEST(request, SAISINE_DECLINE, SaisineDecline, SAISINE_DECLINE, saisine_decline);

    if (!sent)
        return;
    sent->target = saisine->id;
    SET(&request_body, id, saisine->id);
    request_body.motive = town_text("autre");
    request_body.text = town_text("no: CANARI-900002");
    pack_and_queue(sim, sent, &request);
}

static void send_status(struct sim *sim)
{
    static const char *const states[] = {"suivi", "veille", "bloquee", "a_qualifier"};
    const struct sim_thing *situation = pick(sim, &sim->situations);
    struct sim_sent *sent = sent_add(sim, somebody(sim, situation->second));
    TOWN_REQUEST(request, SITUATION_SET_STATUS, SituationSetStatus, SITUATION_SET_STATUS,
                 situation_set_status);

    if (!sent)
        return;
    sent->target = situation->id;
    SET(&request_body, id, situation->id);
    request_body.status = town_text(states[sim_draw(sim, 4)]);
    request_body.blocked_what = town_text("blocked: CANARI-900003");
    SET(&request_body, blocked_by, sim->town.partner);
    SET(&request_body, watch_until_day, today(sim) + 30);
    pack_and_queue(sim, sent, &request);
}

static void send_entry(struct sim *sim)
{
    const struct sim_thing *situation = pick(sim, &sim->situations);
    struct sim_sent *sent = sent_add(sim, somebody(sim, situation->second));
    TOWN_REQUEST(request, SITUATION_ADD_ENTRY, SituationAddEntry, SITUATION_ADD_ENTRY,
                 situation_add_entry);

    if (!sent)
        return;
    sent->target = situation->id;
    SET(&request_body, id, situation->id);
    SET(&request_body, day, today(sim));
    SET(&request_body, partner, sim->town.partner);
    request_body.kind = town_text("entretien");
    request_body.text = town_text("heard: CANARI-900004");
    pack_and_queue(sim, sent, &request);
}

static void send_review(struct sim *sim)
{
    const struct sim_thing *situation = pick(sim, &sim->situations);
    struct sim_sent *sent = sent_add(sim, somebody(sim, situation->second));
    TOWN_REQUEST(request, SITUATION_REVIEW, SituationReview, SITUATION_REVIEW,
                 situation_review);

    if (!sent)
        return;
    sent->target = situation->id;
    SET(&request_body, id, situation->id);
    SET(&request_body, day, today(sim));
    request_body.evolution = town_text("stable");
    pack_and_queue(sim, sent, &request);
}

static void send_close(struct sim *sim)
{
    const struct sim_thing *situation = pick(sim, &sim->situations);
    struct sim_sent *sent =
        sent_add(sim, situation->second ? TOWN_NEIGHBOUR : TOWN_COORDINATOR);
    TOWN_REQUEST(request, SITUATION_CLOSE, SituationClose, SITUATION_CLOSE, situation_close);

    if (!sent)
        return;
    sent->target = situation->id;
    SET(&request_body, id, situation->id);
    SET(&request_body, day, today(sim));
    request_body.motive = town_text("fin_suivi");
    request_body.text = town_text("over: CANARI-900005");
    pack_and_queue(sim, sent, &request);
}

static void send_erase(struct sim *sim)
{
    const struct sim_thing *situation = pick(sim, &sim->situations);
    struct sim_sent *sent =
        sent_add(sim, sim_chance(sim, 5) ? somebody(sim, situation->second) : TOWN_HEAD);
    TOWN_REQUEST(request, SITUATION_ERASE, SituationErase, SITUATION_ERASE, situation_erase);

    if (!sent)
        return;
    sent->target = situation->id;
    SET(&request_body, id, situation->id);
    request_body.reason = town_text("suivi");
    pack_and_queue(sim, sent, &request);
}

static void send_read(struct sim *sim)
{
    bool of_saisine = sim_chance(sim, 2);
    const struct sim_thing *thing = pick(sim, of_saisine ? &sim->saisines : &sim->situations);
    struct sim_sent *sent = sent_add(sim, somebody(sim, thing->second));
    Ctps__SaisineGet saisine = CTPS__SAISINE_GET__INIT;
    Ctps__SituationGet situation = CTPS__SITUATION_GET__INIT;
    Ctps__Request request = CTPS__REQUEST__INIT;

    if (!sent)
        return;
    sent->target = thing->id;
    SET(&saisine, id, thing->id);
    SET(&saisine, nominative, 1);
    SET(&situation, id, thing->id);
    SET(&situation, nominative, 1);
    request.purpose = town_text(sim_chance(sim, 10) ? "none" : "suivi");
    if (of_saisine) {
        request.command_case = CTPS__REQUEST__COMMAND_SAISINE_GET;
        request.saisine_get = &saisine;
    } else {
        request.command_case = CTPS__REQUEST__COMMAND_SITUATION_GET;
        request.situation_get = &situation;
    }
    pack_and_queue(sim, sent, &request);
}

static void send_search(struct sim *sim)
{
    struct sim_sent *sent = sent_add(sim, somebody(sim, sim_chance(sim, 3)));
    char name[64];
    TOWN_REQUEST(request, NAME_SEARCH, NameSearch, NAME_SEARCH, name_search);

    if (!sent)
        return;
    snprintf(name, sizeof(name), "CANARI-%06u", (unsigned)sim_draw(sim, sim->canary_count + 2));
    request_body.name = sim_chance(sim, 3) ? town_text("Martin") : name;
    pack_and_queue(sim, sent, &request);
}

static void send_facts(struct sim *sim)
{
    struct sim_sent *sent = sent_add(sim, somebody(sim, sim_chance(sim, 3)));
    Ctps__SituationList situations = CTPS__SITUATION_LIST__INIT;
    Ctps__SaisineList saisines = CTPS__SAISINE_LIST__INIT;
    Ctps__DuplicateList duplicates = CTPS__DUPLICATE_LIST__INIT;
    Ctps__Request request = CTPS__REQUEST__INIT;

    if (!sent)
        return;
    switch (sim_draw(sim, 3)) {
    case 0:
        request.command_case = CTPS__REQUEST__COMMAND_SITUATION_LIST;
        request.situation_list = &situations;
        SET(&situations, with_closed, 1);
        break;
    case 1:
        request.command_case = CTPS__REQUEST__COMMAND_SAISINE_LIST;
        request.saisine_list = &saisines;
        break;
    default:
        request.command_case = CTPS__REQUEST__COMMAND_DUPLICATE_LIST;
        request.duplicate_list = &duplicates;
    }
    pack_and_queue(sim, sent, &request);
}

static void send_control(struct sim *sim)
{
    struct sim_sent *sent = sent_add(sim, sim_chance(sim, 2) ? TOWN_PLUGIN : TOWN_OPERATOR);
    Ctps__ReadEvents events = CTPS__READ_EVENTS__INIT;
    Ctps__CursorSet cursor = CTPS__CURSOR_SET__INIT;
    Ctps__StatusGet status = CTPS__STATUS_GET__INIT;
    Ctps__Request request = CTPS__REQUEST__INIT;

    if (!sent)
        return;
    events.audience = town_text("plugins");
    SET(&events, after, sim_chance(sim, 2) ? sim->last_published / 2 : 0);
    cursor.audience = town_text("plugins");
    SET(&cursor, position, sim->last_published);
    if (sent->who == TOWN_OPERATOR) {
        request.command_case = CTPS__REQUEST__COMMAND_STATUS_GET;
        request.status_get = &status;
    } else if (sim_chance(sim, 2)) {
        request.command_case = CTPS__REQUEST__COMMAND_READ_EVENTS;
        request.read_events = &events;
    } else {
        request.command_case = CTPS__REQUEST__COMMAND_CURSOR_SET;
        request.cursor_set = &cursor;
    }
    pack_and_queue(sim, sent, &request);
}

static void send_confirm(struct sim *sim)
{
    struct sim_sent *sent = sent_add(sim, TOWN_OPERATOR);
    TOWN_REQUEST(request, CLOCK_CONFIRM, ClockConfirm, CLOCK_CONFIRM, clock_confirm);

    if (sent)
        pack_and_queue(sim, sent, &request);
}

static void send_garbage(struct sim *sim)
{
    struct sim_sent *sent = sent_add(sim, (enum town_who)sim_draw(sim, TOWN_WHO_COUNT));
    size_t len = sim_draw(sim, 80);
    uint8_t *bytes = malloc(len + 1);

    if (!sent || !bytes) {
        free(bytes);
        return;
    }
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)sim_draw(sim, 256);
    sent->garbled = true;
    sent->body = bytes_of(bytes, len);
    queue(sim, sent);
}

static void send_again(struct sim *sim)
{
    unsigned index;

    if (sim->sent_count == 0)
        return;
    index = (unsigned)sim_draw(sim, sim->sent_count);
    sim_client_repeat(sim, index);
    if (sim_chance(sim, 3))
        sim_client_repeat(sim, index); /* twice in one batch */
}

/* The id of something acknowledged, another body. */
static void send_id_reused(struct sim *sim)
{
    const struct sim_sent *other = &sim->sent[sim_draw(sim, sim->sent_count + 1)];
    struct sim_sent *sent;
    TOWN_REQUEST(request, SAISINE_ACCEPT, SaisineAccept, SAISINE_ACCEPT, saisine_accept);

    if (other == &sim->sent[sim->sent_count] || !other->acked || !other->seq ||
        other->id_reused || !(sent = sent_add(sim, other->who)))
        return;
    memcpy(sent->id, other->id, sizeof(sent->id));
    sent->id_reused = true;
    SET(&request_body, id, 12345678);
    pack_and_queue(sim, sent, &request);
}

void sim_client_send(struct sim *sim)
{
    static const struct {
        unsigned weight;
        void (*send)(struct sim *sim);
    } choices[] = {
        {20, send_receive}, {16, send_accept}, {3, send_decline}, {6, send_status},
        {6, send_entry},    {4, send_review},  {8, send_close},   {3, send_erase},
        {8, send_read},     {4, send_search},  {4, send_facts},   {4, send_control},
        {2, send_confirm},  {3, send_garbage}, {6, send_again},   {2, send_id_reused},
    };
    uint64_t total = 0;
    uint64_t at;

    for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
        total += choices[i].weight;
    at = sim_draw(sim, total);
    for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
        if (at < choices[i].weight) {
            choices[i].send(sim);
            return;
        }
        at -= choices[i].weight;
    }
}

/*
 * town: a small town in memory for tests of a whole engine: a simulated disk (views and keyring
 * in a folder of /dev/shm), nine people with a key each, closed lists, two territories. Used by
 * the engine's unit tests and by tests/sim.
 */
#ifndef CTPS_TEST_ENGINE_TOWN_H
#define CTPS_TEST_ENGINE_TOWN_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "domain/act.h"
#include "domain/record.h"
#include "engine/engine.h"
#include "split_sys.h"

#define TOWN_US_PER_DAY (INT64_C(86400) * 1000000)

enum town_who {
    TOWN_OPERATOR,
    TOWN_COORDINATOR, /* of T1 */
    TOWN_NEIGHBOUR,   /* coordinator of T2 */
    TOWN_EDUCATOR,    /* of T1 */
    TOWN_HEAD,
    TOWN_ASSISTANT,
    TOWN_DPO,
    TOWN_PLUGIN, /* "probe": may read events and receive saisines */
    TOWN_STRANGER,
    TOWN_WHO_COUNT
};

enum { TOWN_REPLIES_MAX = 256, TOWN_SEGMENT_LEN = 64 << 10, TOWN_MAP_LEN = 32 << 20 };

struct town {
    char dir[64];
    struct sim_disk *disk; /* own */
    struct split_sys split;
    struct seal_key *root; /* own */
    struct engine_options options;
    struct engine_out out;
    struct engine *engine; /* own */
    struct ctps_err err;
    uint64_t next_id;
    uint64_t agents[TOWN_WHO_COUNT];
    uint64_t partner;

    struct arena arena; /* of the replies since town_forget */
    unsigned reply_count;
    const Ctps__Reply *replies[TOWN_REPLIES_MAX]; /* NULL: an empty one */
    struct bytes reply_bytes[TOWN_REPLIES_MAX];
    unsigned published_count;
    char topics[TOWN_REPLIES_MAX][48];
    unsigned revoked_count;
    unsigned reload_count;
};

static inline void town_key(uint8_t out[ENGINE_KEY_LEN], enum town_who who)
{
    memset(out, 0x40 + (int)who, ENGINE_KEY_LEN);
}

/* --- what the engine calls --- */

static inline void town_reply(void *ctx, const struct engine_peer *peer, struct bytes reply)
{
    struct town *town = ctx;
    unsigned at = town->reply_count;

    (void)peer;
    if (at == TOWN_REPLIES_MAX)
        abort();
    town->reply_bytes[at] =
        bytes_of(arena_copy(&town->arena, reply.len ? (const void *)reply.data : "", reply.len),
                 reply.len);
    town->replies[at] =
        reply.len ? (Ctps__Reply *)record_unpack(&town->arena, &ctps__reply__descriptor, reply)
                  : NULL;
    town->reply_count++;
}

static inline void town_publish(void *ctx, const char *audience, const char *topic,
                                struct bytes event)
{
    struct town *town = ctx;

    (void)audience;
    (void)event;
    if (town->published_count < TOWN_REPLIES_MAX)
        snprintf(town->topics[town->published_count++], sizeof(town->topics[0]), "%s", topic);
}

static inline void town_key_revoked(void *ctx, const uint8_t public_key[ENGINE_KEY_LEN])
{
    (void)public_key;
    ((struct town *)ctx)->revoked_count++;
}

static inline void town_reload(void *ctx)
{
    ((struct town *)ctx)->reload_count++;
}

static inline void town_figures(void *ctx,
                                void (*add)(void *arg, const char *name, const char *value,
                                            const char *unit, bool alarm),
                                void *arg)
{
    (void)ctx;
    (void)add;
    (void)arg;
}

/* --- asking --- */

/* Drops the replies held. */
static inline void town_forget(struct town *town)
{
    arena_reset(&town->arena);
    town->reply_count = 0;
    town->published_count = 0;
}

static inline void town_peer(struct engine_peer *out, enum town_who who)
{
    *out = (struct engine_peer){.address = "test"};
    town_key(out->public_key, who);
}

/* Gives the request an id of its own unless it has one, and packs it. Own: buf_done. */
static inline void town_pack(struct town *town, Ctps__Request *request, struct buf *out)
{
    uint8_t id[16] = "town request";

    be64_put(id + 8, ++town->next_id);
    buf_init(out);
    if (!request->has_id) {
        request->has_id = 1;
        request->id = (ProtobufCBinaryData){sizeof(id), id};
    }
    if (wire_pack_buf(out, &request->base) != CTPS_OK)
        abort();
    if (request->id.data == id) {
        request->has_id = 0;
        request->id = (ProtobufCBinaryData){0};
    }
}

static inline void town_send_bytes(struct town *town, enum town_who who, struct bytes body)
{
    struct engine_peer peer;

    town_peer(&peer, who);
    if (engine_request(town->engine, &peer, body) != CTPS_OK)
        abort();
}

static inline void town_send(struct town *town, enum town_who who, Ctps__Request *request)
{
    struct buf packed;

    town_pack(town, request, &packed);
    town_send_bytes(town, who, buf_bytes(&packed));
    buf_done(&packed);
}

/* Runs every waiting request; what engine_turn answered. */
static inline enum ctps_code town_turn(struct town *town)
{
    enum ctps_code code = CTPS_OK;

    while (code == CTPS_OK && engine_has_work(town->engine))
        code = engine_turn(town->engine, &town->err);
    return code;
}

/* One request, alone; its reply, a borrow until town_forget. NULL when the turn failed or the
 * answer comes later. */
static inline const Ctps__Reply *town_do(struct town *town, enum town_who who,
                                         Ctps__Request *request)
{
    unsigned before = town->reply_count;

    town_send(town, who, request);
    if (town_turn(town) != CTPS_OK || town->reply_count == before)
        return NULL;
    return town->replies[town->reply_count - 1];
}

#define TOWN_REQUEST(name, CASE, Type, type, member)                                           \
    Ctps__##Type name##_body = CTPS__##type##__INIT;                                           \
    Ctps__Request name = CTPS__REQUEST__INIT;                                                  \
    name.command_case = CTPS__REQUEST__COMMAND_##CASE;                                         \
    name.member = &name##_body

/* A text of the test as a field of a message: protobuf-c has no const. */
static inline char *town_text(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* --- people and lists --- */

static inline void town_list(struct town *town, const char *list, const char *code)
{
    TOWN_REQUEST(request, LIST_VALUE_SET, ListValue, LIST_VALUE, list_value_set);

    request_body.list = town_text(list);
    request_body.code = town_text(code);
    request_body.label_fr = town_text(code);
    town_send(town, TOWN_OPERATOR, &request);
}

static inline void town_territory(struct town *town, const char *code, const char *first,
                                  const char *second)
{
    char *districts[] = {town_text(first), town_text(second)};
    TOWN_REQUEST(request, TERRITORY_SET, Territory, TERRITORY, territory_set);

    request_body.code = town_text(code);
    request_body.name = town_text(code);
    request_body.n_districts = second ? 2 : 1;
    request_body.districts = districts;
    town_send(town, TOWN_OPERATOR, &request);
}

static inline uint64_t town_made(const Ctps__Reply *reply)
{
    return reply && reply->status == CTPS__REPLY_STATUS__REPLY_DONE && reply->n_made
               ? reply->made[0]->id
               : 0;
}

static inline void town_key_register(struct town *town, enum town_who who,
                                     Ctps__PrincipalKind kind, uint64_t id, const char *name)
{
    uint8_t key[ENGINE_KEY_LEN];
    Ctps__Principal principal = CTPS__PRINCIPAL__INIT;
    TOWN_REQUEST(request, KEY_REGISTER, KeyRegister, KEY_REGISTER, key_register);

    town_key(key, who);
    SET(&principal, kind, kind);
    if (id)
        SET(&principal, id, id);
    principal.name = town_text(name);
    request_body.has_public_key = 1;
    request_body.public_key = (ProtobufCBinaryData){sizeof(key), key};
    request_body.principal = &principal;
    town_send(town, TOWN_OPERATOR, &request);
}

static inline void town_agent(struct town *town, enum town_who who, const char *function,
                              const char *territory)
{
    char *territories[] = {town_text(territory)};
    const Ctps__Reply *reply;
    TOWN_REQUEST(request, AGENT_SET, Agent, AGENT, agent_set);

    request_body.last_name = town_text(function);
    request_body.first_name = town_text("Agent");
    request_body.function = town_text(function);
    request_body.n_territories = territory ? 1 : 0;
    request_body.territories = territories;
    request_body.habilitation_act = town_text("act 1");
    SET(&request_body, habilitation_from_day, 10000);
    SET(&request_body, habilitation_to_day, 80000);
    reply = town_do(town, TOWN_OPERATOR, &request);
    town->agents[who] = town_made(reply);
    if (!town->agents[who])
        abort();
    town_key_register(town, who, CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT, town->agents[who],
                      NULL);
}

static inline void town_partner(struct town *town)
{
    char *territories[] = {town_text("T1")};
    TOWN_REQUEST(request, PARTNER_SET, Partner, PARTNER, partner_set);

    request_body.name = town_text("Landlord");
    request_body.kind = town_text("bailleur");
    request_body.family = town_text("institutionnel");
    request_body.n_territories = 1;
    request_body.territories = territories;
    town->partner = town_made(town_do(town, TOWN_OPERATOR, &request));
    if (!town->partner)
        abort();
}

static inline void town_people(struct town *town)
{
    static const char *const values[][2] = {
        {"fonction", "coordinateur"},
        {"fonction", "educateur"},
        {"fonction", "responsable"},
        {"fonction", "assistante"},
        {"fonction", "dpo"},
        {"origine", "institutionnel"},
        {"origine", "habitant"},
        {"nature", "individuelle"},
        {"nature", "collective"},
        {"motif", "errance"},
        {"motif", "bruit"},
        {"urgence", "courante"},
        {"canal", "telephone"},
        {"etat", "a_qualifier"},
        {"etat", "suivi"},
        {"etat", "veille"},
        {"etat", "bloquee"},
        {"etat", "close"},
        {"terme", "court"},
        {"terme", "moyen"},
        {"demarche", "entretien"},
        {"demarche", "rappel_ordre"},
        {"demarche", "transmission_pcd"},
        {"resultat", "positif"},
        {"evolution", "stable"},
        {"cloture", "fin_suivi"},
        {"finalite", "suivi"},
        {"type_partenaire", "bailleur"},
    };

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        town_list(town, values[i][0], values[i][1]);
    town_territory(town, "T1", "north", "south");
    town_territory(town, "T2", "east", NULL);
    if (town_turn(town) != CTPS_OK)
        abort();
    town_agent(town, TOWN_COORDINATOR, "coordinateur", "T1");
    town_agent(town, TOWN_NEIGHBOUR, "coordinateur", "T2");
    town_agent(town, TOWN_EDUCATOR, "educateur", "T1");
    town_agent(town, TOWN_HEAD, "responsable", NULL);
    town_agent(town, TOWN_ASSISTANT, "assistante", NULL);
    town_agent(town, TOWN_DPO, "dpo", NULL);
    town_partner(town);
    town_key_register(town, TOWN_PLUGIN, CTPS__PRINCIPAL_KIND__PRINCIPAL_PLUGIN, 0, "probe");
    if (town_turn(town) != CTPS_OK)
        abort();
    for (unsigned i = 0; i < town->reply_count; i++)
        if (!town->replies[i] || town->replies[i]->status != CTPS__REPLY_STATUS__REPLY_DONE) {
            fprintf(stderr, "town: request %u of the beginning is refused: %s\n", i,
                    town->replies[i] ? town->replies[i]->refusal->text_en : "");
            abort();
        }
    town_forget(town);
}

/* --- life --- */

/* The town's own options; change them before town_found. */
static inline void town_options(struct town *town)
{
    struct settings *settings = &town->options.settings;
    struct settings_grant *grant = &settings->grants[0];

    town->options = (struct engine_options){
        .data_dir = town->split.dir,
        .sys = &town->split.sys,
        .root = town->root,
        .segment_len = TOWN_SEGMENT_LEN,
        .map_len = TOWN_MAP_LEN,
    };
    settings_init(settings);
    settings->grant_count = 1;
    snprintf(grant->name, sizeof(grant->name), "probe");
    grant->actions[ACTION_EVENTS_READ] = true;
    grant->actions[ACTION_SAISINE_RECEIVE] = true;
    grant->audience_plugins = true;
}

static inline void town_init(struct town *town, uint64_t seed)
{
    static const uint8_t root[SEAL_KEY_LEN] = "the root key of the test's town";
    char dir[128];

    *town = (struct town){0};
    snprintf(town->dir, sizeof(town->dir), "%s/ctps-town-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (!mkdtemp(town->dir) || seal_start(NULL) != CTPS_OK)
        abort();
    setenv("TZ", "Europe/Paris", 1);
    tzset();
    snprintf(dir, sizeof(dir), "%s/store", town->dir);
    town->disk = sim_disk_new(seed);
    split_sys_init(&town->split, town->disk, dir, seed);
    town->root = seal_key_new();
    if (!town->root)
        abort();
    seal_key_set(town->root, root);
    arena_init(&town->arena, 64 << 20);
    town_options(town);
    town->out = (struct engine_out){
        .ctx = town,
        .reply = town_reply,
        .publish = town_publish,
        .key_revoked = town_key_revoked,
        .reload = town_reload,
        .figures = town_figures,
    };
}

static inline enum ctps_code town_open(struct town *town)
{
    return engine_open(&town->engine, &town->options, &town->out, &town->err);
}

static inline enum ctps_code town_create(struct town *town)
{
    struct engine_init init = {
        .options = &town->options,
        .town_name = "Testville",
        .insee = "68224",
        .zone = "Europe/Paris",
        .holiday_regime = "alsace-moselle",
        .good_friday = true,
    };

    town_key(init.operator_key, TOWN_OPERATOR);
    return engine_create(&init, &town->err);
}

/* An open town with its people. */
static inline void town_found(struct town *town)
{
    if (town_create(town) != CTPS_OK || town_open(town) != CTPS_OK) {
        fprintf(stderr, "town: %s\n", town->err.text);
        abort();
    }
    town_people(town);
}

/* The process is gone, the machine goes on. */
static inline void town_kill(struct town *town)
{
    town->split.dead = true;
    engine_close(&town->engine, false, NULL);
    sim_disk_kill(town->disk);
    split_sys_revive(&town->split, town->disk);
}

/* Another disk takes the place of the town's (its engine closed). */
static inline void town_disk_set(struct town *town, struct sim_disk *disk)
{
    sim_disk_free(&town->disk);
    town->disk = disk;
    split_sys_revive(&town->split, disk);
}

static inline void town_power_cut(struct town *town, const struct sim_cut *cut)
{
    town->split.dead = true;
    engine_close(&town->engine, false, NULL);
    town_disk_set(town, sim_disk_cut(town->disk, cut));
}

static inline void town_done(struct town *town)
{
    engine_close(&town->engine, false, NULL);
    split_sys_clear(&town->split);
    rmdir(town->dir);
    sim_disk_free(&town->disk);
    seal_key_free(&town->root);
    arena_done(&town->arena);
}

/* --- the life of one situation --- */

/* A saisine of territory T1 about somebody called `name`, as a request's body; `person` and
 * `identity` are the caller's. */
static inline void town_saisine(Ctps__SaisineReceive *out, Ctps__Person *person,
                                Ctps__Person **persons, Ctps__Identity *identity, int32_t day,
                                const char *name)
{
    static char *motives[1];

    motives[0] = town_text("errance");
    ctps__saisine_receive__init(out);
    ctps__person__init(person);
    ctps__identity__init(identity);
    SET(out, received_day, day);
    out->origin = town_text("habitant");
    out->territory = town_text("T1");
    out->district = town_text("north");
    out->nature = town_text("individuelle");
    out->n_motives = 1;
    out->motives = motives;
    identity->last_name = town_text(name);
    SET(identity, birth_day, 14000);
    person->identity = identity;
    persons[0] = person;
    out->n_persons = 1;
    out->persons = persons;
}

#endif

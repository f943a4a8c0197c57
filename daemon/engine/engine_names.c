/* The in-memory index of names: built after start, never on disk. */
#include <stdlib.h>

#include "domain/intake.h"
#include "engine/engine_private.h"
#include "text/fold.h"

enum { NAMES_ARENA_CAP = 1 << 20, SUBJECTS_MAX = 32, MATCHES_MAX = 64 };

/* Folds a subject into what the index compares; texts in `arena`. */
static bool subject_fold(struct arena *arena, const struct name_subject *in,
                         struct duplicate_subject *out)
{
    *out = (struct duplicate_subject){
        .id = in->saisine,
        .name = text_fold_words(arena, in->name),
        .address = text_fold_address(arena, in->address),
        .birth_day = in->has_birth_day ? in->birth_day : DUPLICATE_DAY_UNKNOWN,
        .received_day = in->received_day,
        .motives = (const char *const *)in->motives,
        .motive_count = in->motive_count,
    };
    return out->name && out->address;
}

static size_t port_find(void *ctx, const struct name_subject *subject, struct name_hit *hits,
                        size_t max)
{
    struct engine *engine = ctx;
    struct duplicate_match matches[MATCHES_MAX];
    struct duplicate_subject folded;
    struct arena arena;
    size_t count = 0;

    arena_init(&arena, NAMES_ARENA_CAP);
    if (subject_fold(&arena, subject, &folded)) {
        count = duplicate_index_find(engine->index, &folded, matches,
                                     max < MATCHES_MAX ? max : MATCHES_MAX);
        for (size_t i = 0; i < count; i++)
            hits[i] = (struct name_hit){
                .saisine = matches[i].id,
                .by_address = !(matches[i].clauses & DUPLICATE_NAME),
            };
    }
    engine->failed |= arena.starved;
    arena_done(&arena);
    return count;
}

static size_t port_search(void *ctx, const char *name, bool has_birth_day, int32_t birth_day,
                          uint64_t *saisines, size_t max)
{
    struct engine *engine = ctx;
    struct duplicate_match matches[MATCHES_MAX];
    struct arena arena;
    const char *words;
    size_t found = 0;
    size_t count = 0;

    arena_init(&arena, NAMES_ARENA_CAP);
    words = text_fold_words(&arena, name);
    if (words)
        found = duplicate_index_search(engine->index, words, DUPLICATE_SEARCH_WORDS, matches,
                                       MATCHES_MAX);
    for (size_t i = 0; i < found && count < max; i++) {
        /* Nobody is ruled out by a day that is not known. */
        bool out = has_birth_day && matches[i].birth_day != DUPLICATE_DAY_UNKNOWN &&
                   matches[i].birth_day != birth_day;

        for (size_t j = 0; j < count && !out; j++)
            out = saisines[j] == matches[i].id;
        if (!out)
            saisines[count++] = matches[i].id;
    }
    engine->failed |= arena.starved;
    arena_done(&arena);
    return count;
}

enum ctps_code engine_names_init(struct engine *engine, struct ctps_err *err)
{
    uint8_t key[SIPHASH_KEY_LEN];

    sys_random(engine->sys, key, sizeof(key));
    engine->index = duplicate_index_new(key);
    if (!engine->index)
        return err_set(err, CTPS_NOMEM, "name index");
    engine->index_table = TABLE_SAISINE;
    engine->index_from = 0;
    engine->names = (struct names){
        .ctx = engine,
        .find_duplicates = port_find,
        .search = port_search,
    };
    return CTPS_OK;
}

struct adding {
    struct engine *engine;
    unsigned ordinal;
};

static void subject_add(void *arg, const struct name_subject *subject)
{
    struct adding *adding = arg;
    struct duplicate_subject folded;
    struct ctps_err err = {0};
    struct arena arena;

    if (adding->ordinal == SUBJECTS_MAX)
        return;
    arena_init(&arena, NAMES_ARENA_CAP);
    if (subject_fold(&arena, subject, &folded) && (*folded.name || *folded.address)) {
        folded.kind = (uint8_t)adding->ordinal;
        if (duplicate_index_add(adding->engine->index, &folded, &err) != CTPS_OK &&
            err.code != CTPS_EXISTS)
            log_warning(adding->engine->log, "saisine %llu is not in the name index: %s",
                        (unsigned long long)subject->saisine, err_code_name(err.code));
        adding->engine->names_starved |= err.code == CTPS_NOMEM;
    }
    adding->engine->names_starved |= arena.starved;
    arena_done(&arena);
    adding->ordinal++;
}

static void *open_box(struct engine *engine, struct arena *arena, const Ctps__Sealed *sealed,
                      enum sealed_field field, const ProtobufCMessageDescriptor *type)
{
    struct bytes content;
    enum ctps_code code;

    if (!sealed || !sealed->has_box)
        return NULL;
    code = keyring_unseal(engine->keyring, arena, sealed->slot, (uint32_t)field,
                          bytes_of(sealed->box.data, sealed->box.len), &content);
    engine->names_starved |= engine_key_is_unknown(code);
    return code == CTPS_OK ? record_unpack(arena, type, content) : NULL;
}

static void identities_open(struct engine *engine, struct arena *arena, enum sealed_field field,
                            Ctps__StoredPerson *const *persons, size_t n_persons,
                            Ctps__Identity *identities[SUBJECTS_MAX], size_t *ret_count)
{
    *ret_count = n_persons < SUBJECTS_MAX ? n_persons : SUBJECTS_MAX;
    for (size_t i = 0; i < *ret_count; i++)
        identities[i] =
            open_box(engine, arena, persons[i]->identity, field, &ctps__identity__descriptor);
}

static void saisine_index(struct engine *engine, const Ctps__SaisineRecord *record)
{
    const Ctps__SaisineReceived *received = record->received;
    struct adding adding = {.engine = engine};
    Ctps__Identity *identities[SUBJECTS_MAX];
    Ctps__SaisineContent *content;
    struct arena arena;
    size_t count;

    if (received->facts_only || record->erased || record->erasure_ordered)
        return;
    arena_init(&arena, NAMES_ARENA_CAP);
    content = open_box(engine, &arena, received->content, SEALED_SAISINE_CONTENT,
                       &ctps__saisine_content__descriptor);
    identities_open(engine, &arena, SEALED_PERSON_IDENTITY, received->persons,
                    received->n_persons, identities, &count);
    intake_subjects(received, content, identities, count, subject_add, &adding);
    engine->names_starved |= arena.starved;
    arena_done(&arena);
}

/* Persons added to a situation are known under its own id, with its motives. */
static void situation_index(struct engine *engine, const Ctps__SituationRecord *record)
{
    Ctps__SaisineReceived stands_for = CTPS__SAISINE_RECEIVED__INIT;
    struct adding adding = {.engine = engine};
    Ctps__Identity *identities[SUBJECTS_MAX];
    struct arena arena;
    size_t count;

    if (record->n_persons == 0 || record->erased || record->erasure_ordered)
        return;
    stands_for.id = record->opened->id;
    stands_for.motives = record->opened->motives;
    stands_for.n_motives = record->opened->n_motives;
    stands_for.received_day = record->opened->opened_day;
    arena_init(&arena, NAMES_ARENA_CAP);
    identities_open(engine, &arena, SEALED_PERSON_ADDED, record->persons, record->n_persons,
                    identities, &count);
    intake_subjects(&stands_for, NULL, identities, count, subject_add, &adding);
    engine->names_starved |= arena.starved;
    arena_done(&arena);
}

static void record_index(struct engine *engine, enum table table, struct arena *arena,
                         struct bytes value)
{
    const ProtobufCMessageDescriptor *type = table == TABLE_SAISINE
                                                 ? &ctps__saisine_record__descriptor
                                                 : &ctps__situation_record__descriptor;
    ProtobufCMessage *record = record_unpack(arena, type, value);

    if (record && table == TABLE_SAISINE)
        saisine_index(engine, (Ctps__SaisineRecord *)record);
    else if (record)
        situation_index(engine, (Ctps__SituationRecord *)record);
    engine->names_starved |= arena->starved;
}

/* An index somebody may lack in is built again. */
static void index_mend(struct engine *engine)
{
    if (engine->names_starved)
        engine_names_forget_all(engine);
}

struct building {
    struct engine *engine;
    struct arena arena;
    unsigned left;
};

static bool row_index(void *arg, struct bytes key, struct bytes value)
{
    struct building *building = arg;

    building->engine->index_from = be64_get(key.data);
    record_index(building->engine, building->engine->index_table, &building->arena, value);
    arena_reset(&building->arena);
    return --building->left > 0;
}

/* False when `left` ran out before the table did. */
static bool table_build(struct engine *engine, struct building *building)
{
    const struct tables *tables = view_tables(engine->view);
    struct table_key after = {0};

    if (engine->index_from)
        after = table_key_of_u64(engine->index_from);
    /* A walk cut short has not met everybody. */
    engine->names_starved |=
        tables->walk(tables->ctx, engine->index_table, bytes_of(NULL, 0),
                     table_key_bytes(&after), false, row_index, building) != CTPS_OK;
    return building->left > 0;
}

void engine_names_build(struct engine *engine, unsigned count)
{
    struct building building = {.engine = engine, .left = count};

    index_mend(engine);
    if (engine->names.complete)
        return;
    arena_init(&building.arena, NAMES_ARENA_CAP);
    while (!engine->names.complete && table_build(engine, &building)) {
        engine->names.complete = engine->index_table == TABLE_SITUATION;
        engine->index_table = TABLE_SITUATION;
        engine->index_from = 0;
    }
    arena_done(&building.arena);
    engine->names.complete = engine->names.complete && !engine->names_starved;
}

void engine_names_add_request(struct engine *engine, const Ctps__SaisineReceived *received,
                              const Ctps__SaisineReceive *in)
{
    struct adding adding = {.engine = engine};
    Ctps__SaisineContent content = CTPS__SAISINE_CONTENT__INIT;
    Ctps__Identity *identities[SUBJECTS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < in->n_persons && count < SUBJECTS_MAX; i++)
        identities[count++] = in->persons[i]->identity;
    content.place = in->place;
    intake_subjects(received, &content, identities, count, subject_add, &adding);
    index_mend(engine);
}

void engine_names_forget(struct engine *engine, uint64_t saisine)
{
    for (unsigned ordinal = 0; ordinal < SUBJECTS_MAX; ordinal++)
        duplicate_index_remove(engine->index, (uint8_t)ordinal, saisine);
}

void engine_names_renew(struct engine *engine, uint64_t id)
{
    static const enum table places[] = {TABLE_SAISINE, TABLE_SITUATION};
    const struct tables *tables = view_tables(engine->view);
    bool own = !view_is_begun(engine->view);
    struct table_key key = table_key_of_u64(id);
    enum ctps_code code;
    struct ctps_err err;
    struct bytes value;
    struct arena arena;

    engine_names_forget(engine, id);
    if (own && view_begin(engine->view, false, &err) != CTPS_OK) {
        engine_names_forget_all(engine); /* built again, slower, never wrong */
        return;
    }
    arena_init(&arena, NAMES_ARENA_CAP);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        code = tables->get(tables->ctx, places[i], table_key_bytes(&key), &value);
        if (code == CTPS_OK)
            record_index(engine, places[i], &arena, value);
        engine->names_starved |= code != CTPS_OK && code != CTPS_ABSENT;
    }
    arena_done(&arena);
    if (own)
        view_abort(engine->view);
    index_mend(engine);
}

void engine_names_lend(struct engine *engine, uint64_t saisine)
{
    engine->lent_at_us = sys_mono_us(engine->sys);
    if (engine->lent_count == engine->lent_cap) {
        size_t cap = engine->lent_cap ? engine->lent_cap * 2 : 64;
        uint64_t *grown = realloc(engine->lent, cap * sizeof(*grown));

        if (!grown) {
            engine_names_forget(engine, saisine); /* a pair may be missed, no name stays */
            return;
        }
        engine->lent = grown;
        engine->lent_cap = cap;
    }
    engine->lent[engine->lent_count++] = saisine;
}

void engine_names_give_back(struct engine *engine)
{
    for (size_t i = 0; i < engine->lent_count; i++)
        engine_names_forget(engine, engine->lent[i]);
    engine->lent_count = 0;
}

void engine_names_forget_all(struct engine *engine)
{
    engine->names_starved = false;
    engine->names.complete = false;
    engine->index_table = TABLE_SAISINE;
    engine->index_from = 0;
    duplicate_index_clear(engine->index);
}

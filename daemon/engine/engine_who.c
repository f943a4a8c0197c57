/* Whom keys stand for. Looked up at the door and again in the batch, for each request: the
 * answer is kept until a row of any table it was read from changes, or the day or the
 * configuration. */
#include <stdlib.h>

#include "engine/engine_private.h"

enum { KNOWN_SLOTS = 1024 }; /* one key each: a newer one takes the place */

struct known {
    uint8_t public_key[ENGINE_KEY_LEN];
    bool used;
    bool stands; /* `who` is somebody */
    int32_t today;
    uint64_t tables;  /* read for it, as bits */
    uint64_t changes; /* of those tables then */
    struct principal who;
};

/* NULL without memory: then each look-up reads the views. */
static struct known *slot_of(struct engine *engine, const uint8_t *public_key)
{
    if (!engine->known)
        engine->known = calloc(KNOWN_SLOTS, sizeof(struct known));
    return engine->known ? &engine->known[le64_get(public_key) % KNOWN_SLOTS] : NULL;
}

void engine_who_forget(struct engine *engine)
{
    free(engine->known);
    engine->known = NULL;
}

static bool is_current(const struct engine *engine, const struct known *known,
                       const uint8_t *public_key)
{
    return known && known->used && known->today == engine->now.today &&
           memcmp(known->public_key, public_key, ENGINE_KEY_LEN) == 0 &&
           known->changes == view_changes(engine->view, known->tables);
}

static const Ctps__Key *key_find(struct engine *engine, const uint8_t *public_key)
{
    struct table_key at = {0};
    Ctps__Key *key;

    table_key_add_bytes(&at, bytes_of(public_key, ENGINE_KEY_LEN));
    key = (Ctps__Key *)record_get(view_tables(engine->view), TABLE_KEY, at, &engine->arena,
                                  &ctps__key__descriptor);
    return key && !key->has_revoked_us && key->principal ? key : NULL;
}

static struct hosted_key *hosted_find(struct engine *engine, const uint8_t *public_key)
{
    for (unsigned i = 0; i < engine->hosted_count; i++)
        if (memcmp(engine->hosted[i].public_key, public_key, ENGINE_KEY_LEN) == 0)
            return &engine->hosted[i];
    return NULL;
}

/* NULL when the key stands for nobody. */
static const Ctps__Principal *named_find(struct engine *engine, const uint8_t *public_key,
                                         Ctps__Principal *hosted)
{
    struct hosted_key *own = hosted_find(engine, public_key);
    const Ctps__Key *key = own ? NULL : key_find(engine, public_key);

    if (!own)
        return key ? key->principal : NULL;
    ctps__principal__init(hosted);
    SET(hosted, kind, CTPS__PRINCIPAL_KIND__PRINCIPAL_PLUGIN);
    hosted->name = own->name;
    return hosted;
}

/* From the views; false when the key is not live. */
static bool load(struct engine *engine, const uint8_t *public_key, struct known *out)
{
    Ctps__Principal hosted;
    const Ctps__Principal *named;

    view_reads_begin(engine->view);
    named = named_find(engine, public_key, &hosted);
    if (!named)
        return false;
    out->used = false;
    out->stands = principal_load(view_tables(engine->view), &engine->arena, &engine->settings,
                                 engine->now.today, named, &out->who) == CTPS_OK;
    memcpy(out->public_key, public_key, ENGINE_KEY_LEN);
    out->today = engine->now.today;
    out->tables = view_reads_end(engine->view);
    out->changes = view_changes(engine->view, out->tables);
    /* What could not be read must not be remembered as absent. */
    out->used = !engine_is_blind(engine);
    return true;
}

enum ctps_code engine_who_find(struct engine *engine, const uint8_t *public_key,
                               struct principal *ret_who)
{
    struct known *known = slot_of(engine, public_key);

    if (!known)
        known = arena_alloc(&engine->arena, sizeof(*known));
    if (!known)
        return CTPS_NOMEM;
    if (!is_current(engine, known, public_key)) {
        bool found = load(engine, public_key, known);

        if (engine_is_blind(engine))
            return CTPS_BUSY;
        if (!found)
            return CTPS_ABSENT;
    }
    if (!known->stands)
        return CTPS_INVALID;
    *ret_who = known->who;
    return CTPS_OK;
}

enum engine_answer engine_key_is_live(struct engine *engine,
                                      const uint8_t public_key[ENGINE_KEY_LEN])
{
    bool own = !view_is_begun(engine->view);
    struct principal who;
    struct ctps_err err;
    enum ctps_code code;

    if (is_current(engine, slot_of(engine, public_key), public_key))
        return ENGINE_YES;
    if (own && view_begin(engine->view, false, &err) != CTPS_OK)
        return ENGINE_UNKNOWN;
    code = engine_who_find(engine, public_key, &who);
    if (own) {
        view_abort(engine->view);
        engine_scratch_release(engine);
    }
    if (code == CTPS_OK || code == CTPS_INVALID)
        return ENGINE_YES;
    return code == CTPS_ABSENT ? ENGINE_NO : ENGINE_UNKNOWN;
}

enum engine_answer engine_key_may_subscribe(struct engine *engine, const char *audience,
                                            const uint8_t public_key[ENGINE_KEY_LEN])
{
    static const struct resource nothing = {.kind = RESOURCE_NONE};
    struct principal who = {0};
    struct policy_answer answer;
    struct ctps_err err;
    bool blind;
    bool may;

    if (view_begin(engine->view, false, &err) != CTPS_OK)
        return ENGINE_UNKNOWN;
    may = engine_who_find(engine, public_key, &who) == CTPS_OK;
    if (may) {
        who.audience_granted =
            audience_is_granted(view_tables(engine->view), &engine->arena, &who, audience);
        may = policy_allows(&who, ACTION_EVENTS_READ, &nothing, &engine->now, &answer);
    }
    blind = engine_is_blind(engine);
    view_abort(engine->view);
    engine_scratch_release(engine);
    if (blind)
        return ENGINE_UNKNOWN;
    return may ? ENGINE_YES : ENGINE_NO;
}

/* --- keys of running plugins --- */

enum ctps_code engine_hosted_key_add(struct engine *engine,
                                     const uint8_t public_key[ENGINE_KEY_LEN], const char *name)
{
    struct hosted_key *hosted = &engine->hosted[engine->hosted_count];

    if (engine->hosted_count == ENGINE_HOSTED_MAX || strlen(name) >= sizeof(hosted->name))
        return CTPS_LIMIT;
    memcpy(hosted->public_key, public_key, ENGINE_KEY_LEN);
    memcpy(hosted->name, name, strlen(name) + 1);
    engine->hosted_count++;
    engine_who_forget(engine);
    return CTPS_OK;
}

void engine_hosted_key_remove(struct engine *engine, const uint8_t public_key[ENGINE_KEY_LEN])
{
    struct hosted_key *hosted = hosted_find(engine, public_key);

    if (!hosted)
        return;
    *hosted = engine->hosted[--engine->hosted_count];
    engine_who_forget(engine);
}

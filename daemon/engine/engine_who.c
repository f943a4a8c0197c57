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

/* From the views; false when the key is not live. */
static bool load(struct engine *engine, const uint8_t *public_key, struct known *out)
{
    const Ctps__Key *key;

    view_reads_begin(engine->view);
    key = key_find(engine, public_key);
    if (!key)
        return false;
    out->used = false;
    out->stands = principal_load(view_tables(engine->view), &engine->arena, &engine->settings,
                                 engine->now.today, key->principal, &out->who) == CTPS_OK;
    memcpy(out->public_key, public_key, ENGINE_KEY_LEN);
    out->today = engine->now.today;
    out->tables = view_reads_end(engine->view);
    out->changes = view_changes(engine->view, out->tables);
    /* What could not be read must not be remembered as absent. */
    out->used = view_error(engine->view, NULL) == CTPS_OK;
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
    if (!is_current(engine, known, public_key) && !load(engine, public_key, known))
        return CTPS_ABSENT;
    if (!known->stands)
        return CTPS_INVALID;
    *ret_who = known->who;
    return CTPS_OK;
}

bool engine_key_is_live(struct engine *engine, const uint8_t public_key[ENGINE_KEY_LEN])
{
    bool own = !view_is_begun(engine->view);
    struct principal who;
    struct ctps_err err;
    enum ctps_code code;

    if (is_current(engine, slot_of(engine, public_key), public_key))
        return true;
    if (own && view_begin(engine->view, false, &err) != CTPS_OK)
        return false;
    code = engine_who_find(engine, public_key, &who);
    if (own) {
        view_abort(engine->view);
        arena_reset(&engine->arena);
    }
    return code == CTPS_OK || code == CTPS_INVALID;
}

bool engine_key_may_subscribe(struct engine *engine, const uint8_t public_key[ENGINE_KEY_LEN])
{
    struct principal who = {0};
    struct ctps_err err;
    bool may;

    if (view_begin(engine->view, false, &err) != CTPS_OK)
        return false;
    may = engine_who_find(engine, public_key, &who) == CTPS_OK &&
          who.kind == PRINCIPAL_KIND_PLUGIN && who.audience_granted;
    view_abort(engine->view);
    arena_reset(&engine->arena);
    return may;
}

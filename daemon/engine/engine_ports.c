/* The domain's ports over keyring and policy. */
#include "engine/engine_private.h"

static uint64_t port_take_slot(void *ctx)
{
    struct engine *engine = ctx;

    if (engine->tentative_slot > keyring_slot_count(engine->keyring))
        return 0;
    return engine->tentative_slot++;
}

bool engine_key_is_unknown(enum ctps_code code)
{
    switch (code) {
    case CTPS_IO:
    case CTPS_NOMEM:
    case CTPS_BUSY:
    case CTPS_CLOSED:
        return true;
    default:
        return false;
    }
}

/* What is told of a key by its absence must not be told for want of memory. */
static enum ctps_code noted(struct engine *engine, enum ctps_code code)
{
    engine->failed |= engine_key_is_unknown(code);
    return code;
}

static enum ctps_code port_seal(void *ctx, struct arena *arena, uint64_t slot,
                                enum sealed_field field, struct bytes content,
                                struct bytes *ret_box)
{
    struct engine *engine = ctx;

    return noted(engine,
                 keyring_seal(engine->keyring, arena, slot, (uint32_t)field, content, ret_box));
}

static enum ctps_code port_unseal(void *ctx, struct arena *arena, uint64_t slot,
                                  enum sealed_field field, struct bytes box,
                                  struct bytes *ret_content)
{
    struct engine *engine = ctx;

    return noted(engine, keyring_unseal(engine->keyring, arena, slot, (uint32_t)field, box,
                                        ret_content));
}

/* Slot 0 stands for the store itself: digests of facts, which never leave. */
static enum ctps_code port_mac(void *ctx, uint64_t slot, struct bytes content,
                               uint8_t out[SEALER_MAC_LEN])
{
    struct engine *engine = ctx;
    enum ctps_code code;

    if (slot == 0) {
        seal_mac(out, engine->views_key, &content, 1);
        return CTPS_OK;
    }
    code = noted(engine, keyring_key_get(engine->keyring, slot, engine->spare_key));
    if (code == CTPS_OK)
        seal_mac(out, engine->spare_key, &content, 1);
    return code;
}

enum ctps_code engine_request_digest(struct engine *engine, uint64_t slot, struct bytes body,
                                     uint8_t out[SEAL_SHORT_LEN])
{
    struct seal_key *key = engine->digest_key;
    enum ctps_code code = CTPS_OK;

    if (slot != engine->digest_slot) {
        key = engine->spare_key;
        code = noted(engine, keyring_key_get(engine->keyring, slot, key));
    }
    if (code == CTPS_OK)
        seal_short(out, key, body);
    return code;
}

void engine_sealer_init(struct engine *engine)
{
    engine->sealer = (struct sealer){
        .ctx = engine,
        .take_slot = port_take_slot,
        .seal = port_seal,
        .unseal = port_unseal,
        .mac = port_mac,
    };
}

static bool port_allows(void *ctx, const struct principal *principal, enum action action,
                        const struct resource *resource, struct judgement *ret_judgement)
{
    struct engine *engine = ctx;
    struct policy_answer answer;
    const char **trail;

    policy_allows(principal, action, resource, &engine->now, &answer);
    *ret_judgement = (struct judgement){
        .allowed = answer.allowed,
        .existence_only = answer.existence_only,
        .shared_only = answer.shared_only,
        .glass = answer.glass,
        .reason = answer.reason,
        .because = answer.because,
    };
    trail = arena_copy(&engine->arena, answer.trail, sizeof(answer.trail));
    if (trail) {
        ret_judgement->trail = trail;
        ret_judgement->trail_count = answer.trail_count;
    }
    return answer.allowed;
}

void engine_judge_init(struct engine *engine)
{
    engine->judge = (struct judge){.ctx = engine, .allows = port_allows};
}

/* A new store: keyring, ledger, journal, and its first entry. */
#include "domain/instance.h"
#include "engine/engine_private.h"

/* Closed lists the daemon cannot do without and no sheet carries. */
static const struct {
    const char *list, *code, *fr, *en;
} own_values[] = {
    {"refus_saisine", "hors_territoire", "hors du territoire", "outside the territory"},
    {"refus_saisine", "hors_competence", "hors du champ des coordinations",
     "outside the coordinations’ field"},
    {"refus_saisine", "deja_suivie", "déjà suivie par ailleurs", "already followed elsewhere"},
    {"refus_saisine", "insuffisant", "éléments insuffisants", "not enough to go on"},
    {"refus_saisine", "autre", "autre", "other"},
    {"redirection", "competence", "relève de ce partenaire", "within this partner’s remit"},
    {"redirection", "deja_suivie", "déjà suivie par ce partenaire",
     "already followed by this partner"},
    {"redirection", "hors_commune", "hors de la commune", "outside the commune"},
    {"redirection", "danger", "danger immédiat : services compétents",
     "immediate danger: the services in charge"},
    {"redirection", "autre", "autre", "other"},
    {"information", "oral", "oral", "by word of mouth"},
    {"information", "courrier", "courrier", "letter"},
    {"information", "entretien", "lors d’un entretien", "in an interview"},
    {"information", "representants", "par les représentants légaux",
     "through the legal representatives"},
    {"lien", "fratrie", "fratrie", "siblings"},
    {"lien", "groupe", "même groupe", "same group"},
    {"lien", "rapprochement", "saisines rapprochées", "referrals linked"},
    {"lien", "collectif", "collectif et individuel", "collective and individual"},
    {"role_engagement", "referent", "référent", "lead professional"},
    {"role_engagement", "intervenant", "intervenant", "takes part"},
    {"role_engagement", "mandate", "mandaté par la justice", "court-mandated"},
    {"fonction", "admin", "Administrateur technique", "technical admin"},
};

static void town_emit(struct act *act, const struct engine_init *init)
{
    Ctps__Town *town = emit_settings_changed(act);

    town->name = act_text(act, init->town_name);
    town->insee = act_text(act, init->insee);
    town->zone = act_text(act, init->zone);
    town->holiday_regime = act_text(act, init->holiday_regime);
    SET(town, good_friday, init->good_friday);
}

static void lists_emit(struct act *act)
{
    for (size_t i = 0; i < sizeof(own_values) / sizeof(own_values[0]); i++) {
        Ctps__ListValue *value = emit_list_value_set(act);

        value->list = act_text(act, own_values[i].list);
        value->code = act_text(act, own_values[i].code);
        value->label_fr = act_text(act, own_values[i].fr);
        value->label_en = act_text(act, own_values[i].en);
    }
}

static void operator_emit(struct act *act, const uint8_t public_key[ENGINE_KEY_LEN])
{
    Ctps__Key *key = emit_key_registered(act);

    key->has_public_key = 1;
    key->public_key.data = act_alloc(act, ENGINE_KEY_LEN);
    key->public_key.len = ENGINE_KEY_LEN;
    memcpy(key->public_key.data, public_key, ENGINE_KEY_LEN);
    key->principal = act_alloc(act, sizeof(*key->principal));
    ctps__principal__init(key->principal);
    SET(key->principal, kind, CTPS__PRINCIPAL_KIND__PRINCIPAL_OPERATOR);
    key->label = act_text(act, "operator");
    SET(key, registered_us, act->now_us);
}

/* The first entry needs no view to be decided: the act only collects events. */
static enum ctps_code first_entry(struct engine *engine, const struct engine_init *init,
                                  const uint8_t incarnation[JOURNAL_INCARNATION_LEN],
                                  struct ctps_err *err)
{
    struct act *act = arena_alloc(&engine->arena, sizeof(*act));
    Ctps__Entry entry = CTPS__ENTRY__INIT;
    Ctps__Principal system = CTPS__PRINCIPAL__INIT;
    Ctps__StoreInitialised *made;
    struct bytes packed;
    struct journal_place place;
    uint64_t seq;

    if (!act)
        return err_set(err, CTPS_NOMEM, "first entry");
    act->arena = &engine->arena;
    act->now_us = sys_wall_us(engine->sys);
    act->seq = 1;
    made = emit_store_initialised(act);
    made->has_incarnation = 1;
    made->incarnation.len = JOURNAL_INCARNATION_LEN;
    made->incarnation.data = arena_copy(act->arena, incarnation, JOURNAL_INCARNATION_LEN);
    SET(made, first_slot, 1);
    town_emit(act, init);
    lists_emit(act);
    instance_defaults_emit(act);
    operator_emit(act, init->operator_key);
    SET(&entry, kind, CTPS__ENTRY_KIND__ENTRY_SYSTEM);
    SET(&entry, time_us, act->now_us);
    SET(&system, kind, CTPS__PRINCIPAL_KIND__PRINCIPAL_SYSTEM);
    entry.principal = &system;
    entry.n_events = act->event_count;
    entry.events = act->events;
    if (act->exhausted || wire_pack(act->arena, &entry.base, &packed) != CTPS_OK)
        return err_set(err, CTPS_NOMEM, "first entry");
    if (journal_batch_add(engine->journal, packed, &seq, &place, err) != CTPS_OK)
        return CTPS_IO;
    return journal_batch_flush(engine->journal, err);
}

static enum ctps_code parts_create(struct engine *engine,
                                   const uint8_t incarnation[JOURNAL_INCARNATION_LEN],
                                   struct ctps_err *err)
{
    char keyring_dir[PATH_MAX];
    char journal_dir[PATH_MAX];
    struct keyring_options keyring = {
        .dir = keyring_dir,
        .sys = engine->sys,
        .root = engine->options.root,
        .log = engine->log,
    };
    struct journal_options journal = {
        .dir = journal_dir,
        .sys = engine->sys,
        .key = engine->store_key,
        .log = engine->log,
        .segment_len = engine->options.segment_len,
    };
    int rc = engine->sys->mkdir(engine->sys->ctx, engine->dir, 0700);
    enum ctps_code code;

    if (rc < 0)
        return err_set_errno(err, -rc, "cannot make %s", engine->dir);
    code = engine_path(engine, "keyring", keyring_dir, err);
    if (code == CTPS_OK)
        code = engine_path(engine, "journal", journal_dir, err);
    if (code == CTPS_OK)
        code = keyring_create(&keyring, err);
    if (code == CTPS_OK)
        code = journal_create(&journal, incarnation, err);
    return code;
}

enum ctps_code engine_create(const struct engine_init *init, struct ctps_err *err)
{
    uint8_t incarnation[JOURNAL_INCARNATION_LEN];
    struct engine *engine = engine_new(init->options, err);
    enum ctps_code code;

    if (!engine)
        return CTPS_NOMEM;
    sys_random(engine->sys, incarnation, sizeof(incarnation));
    code = parts_create(engine, incarnation, err);
    if (code == CTPS_OK)
        code = engine_parts_open(engine, false, err);
    if (code == CTPS_OK)
        code = first_entry(engine, init, incarnation, err);
    engine_free(&engine);
    return code;
}

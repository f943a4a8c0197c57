/*
 * A domain without engine: tables in a sorted array, a sealer that only wraps, a judge that
 * says what it is told, nobody known by name. Header only: harness/lib knows nothing of the
 * domain.
 */
#ifndef CTPS_TEST_DOMAIN_FIXTURE_H
#define CTPS_TEST_DOMAIN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "domain/act.h"
#include "domain/apply.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/record.h"
#include "domain/settings.h"

enum { FAKE_ROWS_MAX = 2048, FIXTURE_TODAY = 20500 };

struct fake_row {
    enum table table;
    struct buf key;
    struct buf value;
};

struct fixture {
    struct arena arena;
    size_t row_count;
    struct fake_row rows[FAKE_ROWS_MAX]; /* sorted by table, then key */
    struct tables tables;
    struct sealer sealer;
    struct names names;
    struct judge judge;
    struct settings settings;
    struct principal who;
    struct apply_state state;
    uint64_t next_slot;
    bool allowed;
    enum action asked;  /* the action last judged */
    unsigned hit_count; /* what the names port answers */
    struct name_hit hits[4];
    Ctps__Request request;
    struct act act;
    uint64_t seq;
    int64_t entries_us; /* time of entries, to which each adds its seq */
};

/* --- tables --- */

static inline int fake_compare(const struct fake_row *row, enum table table, struct bytes key)
{
    size_t len = row->key.len < key.len ? row->key.len : key.len;
    int order;

    if (row->table != table)
        return row->table < table ? -1 : 1;
    order = len ? memcmp(row->key.data, key.data, len) : 0;
    return order ? order : (row->key.len > key.len) - (row->key.len < key.len);
}

static inline size_t fake_place(const struct fixture *f, enum table table, struct bytes key)
{
    size_t at = 0;

    while (at < f->row_count && fake_compare(&f->rows[at], table, key) < 0)
        at++;
    return at;
}

static inline bool fake_is_at(const struct fixture *f, size_t at, enum table table,
                              struct bytes key)
{
    return at < f->row_count && fake_compare(&f->rows[at], table, key) == 0;
}

static inline enum ctps_code fake_get(void *ctx, enum table table, struct bytes key,
                                      struct bytes *ret_value)
{
    struct fixture *f = ctx;
    size_t at = fake_place(f, table, key);

    if (!fake_is_at(f, at, table, key))
        return CTPS_ABSENT;
    /* A copy: the port says the value holds until the transaction ends. */
    *ret_value = bytes_of(arena_copy(&f->arena, f->rows[at].value.data, f->rows[at].value.len),
                          f->rows[at].value.len);
    return CTPS_OK;
}

static inline enum ctps_code fake_put(void *ctx, enum table table, struct bytes key,
                                      struct bytes value)
{
    struct fixture *f = ctx;
    size_t at = fake_place(f, table, key);

    if (!fake_is_at(f, at, table, key)) {
        assert_true(f->row_count < FAKE_ROWS_MAX);
        memmove(&f->rows[at + 1], &f->rows[at], (f->row_count - at) * sizeof(f->rows[0]));
        f->row_count++;
        f->rows[at] = (struct fake_row){.table = table};
        buf_append(&f->rows[at].key, key.data, key.len);
    }
    buf_reset(&f->rows[at].value);
    if (value.len)
        buf_append(&f->rows[at].value, value.data, value.len);
    return CTPS_OK;
}

static inline enum ctps_code fake_remove(void *ctx, enum table table, struct bytes key)
{
    struct fixture *f = ctx;
    size_t at = fake_place(f, table, key);

    if (!fake_is_at(f, at, table, key))
        return CTPS_ABSENT;
    buf_done(&f->rows[at].key);
    buf_done(&f->rows[at].value);
    f->row_count--;
    memmove(&f->rows[at], &f->rows[at + 1], (f->row_count - at) * sizeof(f->rows[0]));
    return CTPS_OK;
}

static inline bool fake_is_after(const struct fake_row *row, struct bytes after, bool backwards)
{
    int order = after.len ? fake_compare(row, row->table, after) : 0;

    return after.len == 0 || (backwards ? order < 0 : order > 0);
}

static inline enum ctps_code fake_walk(void *ctx, enum table table, struct bytes prefix,
                                       struct bytes after, bool backwards, tables_each *each,
                                       void *arg)
{
    struct fixture *f = ctx;

    for (size_t i = 0; i < f->row_count; i++) {
        const struct fake_row *row = &f->rows[backwards ? f->row_count - 1 - i : i];

        if (row->table != table || row->key.len < prefix.len ||
            (prefix.len && memcmp(row->key.data, prefix.data, prefix.len) != 0) ||
            !fake_is_after(row, after, backwards))
            continue;
        if (!each(arg, buf_bytes(&row->key), buf_bytes(&row->value)))
            break;
    }
    return CTPS_OK;
}

static inline size_t fake_count(const struct fixture *f, enum table table)
{
    size_t count = 0;

    for (size_t i = 0; i < f->row_count; i++)
        count += f->rows[i].table == table;
    return count;
}

/* --- sealer, names, judge --- */

static inline uint64_t fake_take_slot(void *ctx)
{
    return ((struct fixture *)ctx)->next_slot++;
}

/* A box is the content with every byte turned over: nothing of it reads like the content. */
static inline enum ctps_code fake_seal(void *ctx, struct arena *arena, uint64_t slot,
                                       enum sealed_field field, struct bytes content,
                                       struct bytes *ret_box)
{
    uint8_t *box = arena_alloc(arena, content.len + 1);

    (void)ctx;
    (void)slot;
    box[0] = (uint8_t)field;
    for (size_t i = 0; i < content.len; i++)
        box[i + 1] = (uint8_t)~content.data[i];
    *ret_box = bytes_of(box, content.len + 1);
    return CTPS_OK;
}

static inline enum ctps_code fake_unseal(void *ctx, struct arena *arena, uint64_t slot,
                                         enum sealed_field field, struct bytes box,
                                         struct bytes *ret_content)
{
    uint8_t *content = arena_alloc(arena, box.len);

    (void)ctx;
    (void)slot;
    if (box.len == 0 || box.data[0] != (uint8_t)field)
        return CTPS_FORGED;
    for (size_t i = 1; i < box.len; i++)
        content[i - 1] = (uint8_t)~box.data[i];
    *ret_content = bytes_of(content, box.len - 1);
    return CTPS_OK;
}

static inline enum ctps_code fake_mac(void *ctx, uint64_t slot, struct bytes content,
                                      uint8_t out[SEALER_MAC_LEN])
{
    (void)ctx;
    memset(out, (int)(slot + content.len), SEALER_MAC_LEN);
    return CTPS_OK;
}

static inline size_t fake_find(void *ctx, const struct name_subject *subject,
                               struct name_hit *hits, size_t max)
{
    struct fixture *f = ctx;
    size_t count = f->hit_count < max ? f->hit_count : max;

    (void)subject;
    memcpy(hits, f->hits, count * sizeof(hits[0]));
    return count;
}

static inline size_t fake_search(void *ctx, const char *name, bool has_birth_day,
                                 int32_t birth_day, uint64_t *saisines, size_t max)
{
    (void)ctx;
    (void)name;
    (void)has_birth_day;
    (void)birth_day;
    (void)saisines;
    (void)max;
    return 0;
}

static inline bool fake_allows(void *ctx, const struct principal *principal, enum action action,
                               const struct resource *resource, struct judgement *ret_judgement)
{
    struct fixture *f = ctx;

    (void)principal;
    (void)resource;
    f->asked = action;
    *ret_judgement =
        (struct judgement){.allowed = f->allowed,
                           .reason = f->allowed ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED,
                           .because = "test"};
    return f->allowed;
}

/* --- acts and entries --- */

/* A new act for f->request, by agent 7, on FIXTURE_TODAY. */
static inline void act_begin(struct fixture *f)
{
    memset(&f->act, 0, sizeof(f->act));
    f->act.arena = &f->arena;
    f->act.tables = &f->tables;
    f->act.sealer = &f->sealer;
    f->act.names = &f->names;
    f->act.judge = &f->judge;
    f->act.settings = &f->settings;
    f->act.who = &f->who;
    f->act.request = &f->request;
    f->act.now_us = (int64_t)FIXTURE_TODAY * INT64_C(86400000000);
    f->act.today = FIXTURE_TODAY;
    f->act.seq = f->seq + 1;
}

/* Applies an entry of which only events and outcome are set, as the next one. */
static inline void entry_apply(struct fixture *f, Ctps__Entry *entry)
{
    struct apply apply = {.tables = &f->tables,
                          .arena = &f->arena,
                          .state = &f->state,
                          .seq = ++f->seq,
                          .entry = entry};

    SET(entry, kind, CTPS__ENTRY_KIND__ENTRY_SYSTEM);
    SET(entry, time_us, f->entries_us + (int64_t)f->seq);
    assert_int_equal(apply_entry(&apply), CTPS_OK);
}

/* Applies events as one entry of its own. */
static inline void events_apply(struct fixture *f, Ctps__Event **events, size_t count)
{
    Ctps__Entry entry = CTPS__ENTRY__INIT;

    entry.n_events = count;
    entry.events = events;
    entry_apply(f, &entry);
}

/* Authorises and decides f->request as its row of the table says. */
static inline enum refusal request_decide(struct fixture *f)
{
    const struct request_row *row = request_row_find(&f->request);

    assert_non_null(row);
    act_begin(f);
    row->authorise(&f->act);
    if (f->act.refusal == REFUSAL_NONE)
        row->run(&f->act);
    return f->act.refusal;
}

/* Decides and, unless refused, applies. */
static inline enum refusal request_do(struct fixture *f)
{
    enum refusal refusal = request_decide(f);

    if (refusal == REFUSAL_NONE)
        events_apply(f, f->act.events, f->act.event_count);
    return refusal;
}

static inline char *text(const char *constant)
{
    return (char *)(uintptr_t)constant; /* protobuf-c has no const */
}

#define REQUEST(f, CASE, member, body)                                                         \
    do {                                                                                       \
        ctps__request__init(&(f)->request);                                                    \
        (f)->request.command_case = CTPS__REQUEST__COMMAND_##CASE;                             \
        (f)->request.member = (body);                                                          \
    } while (0)

/* --- what most tests stand on --- */

static inline void list_put(struct fixture *f, const char *list, const char *code, bool retired)
{
    Ctps__ListValue row = CTPS__LIST_VALUE__INIT;

    row.list = text(list);
    row.code = text(code);
    if (retired)
        SET(&row, retired, 1);
    record_put(&f->tables, TABLE_LIST_VALUE, table_key_of_texts(list, code), &f->arena,
               &row.base);
}

static inline void reference_fill(struct fixture *f)
{
    static const char *const values[][2] = {
        {"origine", "habitant"},     {"nature", "individuelle"},
        {"nature", "collective"},    {"motif", "errance"},
        {"urgence", "courante"},     {"canal", "telephone"},
        {"etat", "suivi"},           {"etat", "veille"},
        {"etat", "bloquee"},         {"etat", "close"},
        {"etat", "a_qualifier"},     {"terme", "court"},
        {"terme", "long"},           {"demarche", "entretien"},
        {"demarche", "orientation"}, {"demarche", "rappel_ordre"},
        {"resultat", "positif"},     {"demarche", "transmission_pcd"},
        {"evolution", "stable"},     {"cloture", "fin_suivi"},
        {"finalite", "suivi"},       {"refus_saisine", "autre"},
        {"fonction", "educateur"},   {"type_partenaire", "bailleur"},
    };
    Ctps__Territory territory = CTPS__TERRITORY__INIT;
    Ctps__Agent agent = CTPS__AGENT__INIT;
    char *districts[] = {text("north")};
    char *territories[] = {text("T1")};
    struct table_key district;

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        list_put(f, values[i][0], values[i][1], false);
    list_put(f, "motif", "retired", true);
    territory.code = text("T1");
    territory.n_districts = 1;
    territory.districts = districts;
    record_put(&f->tables, TABLE_TERRITORY, table_key_of_text("T1"), &f->arena,
               &territory.base);
    district = table_key_of_text("north");
    fake_put(f, TABLE_DISTRICT, table_key_bytes(&district), bytes_of_str("T1"));
    SET(&agent, id, 7);
    agent.function = text("educateur");
    agent.n_territories = 1;
    agent.territories = territories;
    SET(&agent, habilitation_from_day, FIXTURE_TODAY - 100);
    SET(&agent, habilitation_to_day, FIXTURE_TODAY + 100);
    record_put(&f->tables, TABLE_AGENT, table_key_of_u64(7), &f->arena, &agent.base);
}

static inline int fixture_setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    arena_init(&f->arena, 64 << 20);
    f->tables = (struct tables){f, fake_get, fake_put, fake_remove, fake_walk};
    f->sealer = (struct sealer){f, fake_take_slot, fake_seal, fake_unseal, fake_mac};
    f->names = (struct names){f, fake_find, fake_search, true};
    f->judge = (struct judge){f, fake_allows};
    f->who = (struct principal){.kind = PRINCIPAL_KIND_AGENT, .id = 7};
    f->allowed = true;
    f->next_slot = 1;
    settings_init(&f->settings);
    ctps__request__init(&f->request);
    reference_fill(f);
    *state = f;
    return 0;
}

static inline int fixture_teardown(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < f->row_count; i++) {
        buf_done(&f->rows[i].key);
        buf_done(&f->rows[i].value);
    }
    arena_done(&f->arena);
    free(f);
    return 0;
}

/* --- a saisine and a situation --- */

struct received {
    Ctps__SaisineReceive body;
    Ctps__Person person;
    Ctps__Person *persons[1];
    Ctps__Identity identity;
    char *motives[1];
};

/* A saisine nothing can be said against, about one person. */
static inline void received_init(struct received *in)
{
    ctps__saisine_receive__init(&in->body);
    ctps__person__init(&in->person);
    ctps__identity__init(&in->identity);
    in->motives[0] = text("errance");
    in->persons[0] = &in->person;
    in->person.identity = &in->identity;
    in->identity.last_name = text("CANARI");
    SET(&in->identity, birth_day, FIXTURE_TODAY - 14 * 366);
    SET(&in->body, received_day, FIXTURE_TODAY - 1);
    in->body.origin = text("habitant");
    in->body.territory = text("T1");
    in->body.district = text("north");
    in->body.nature = text("individuelle");
    in->body.n_motives = 1;
    in->body.motives = in->motives;
    in->body.text = text("CANARI text");
    in->body.n_persons = 1;
    in->body.persons = in->persons;
}

/* Received; its id. */
static inline uint64_t saisine_make(struct fixture *f)
{
    struct received in;

    received_init(&in);
    REQUEST(f, SAISINE_RECEIVE, saisine_receive, &in.body);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    return f->act.made[0]->id;
}

/* Accepted; the id of the situation. */
static inline uint64_t situation_make(struct fixture *f)
{
    Ctps__SaisineAccept in = CTPS__SAISINE_ACCEPT__INIT;

    SET(&in, id, saisine_make(f));
    REQUEST(f, SAISINE_ACCEPT, saisine_accept, &in);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    return f->act.made[0]->id;
}

static inline enum refusal situation_close(struct fixture *f, uint64_t id, int32_t day)
{
    Ctps__SituationClose in = CTPS__SITUATION_CLOSE__INIT;

    SET(&in, id, id);
    SET(&in, day, day);
    in.motive = text("fin_suivi");
    REQUEST(f, SITUATION_CLOSE, situation_close, &in);
    return request_do(f);
}

#endif

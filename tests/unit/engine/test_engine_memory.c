/* Without memory a question gets the right answer, "unavailable" or none, never a wrong one:
 * the n-th room asked of an arena, row, walk or transaction is refused, for n = 1, 2, 3 … until
 * none is. What was not found must not be remembered as absent either. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "store/store.h"
#include "town.h"

enum { QUIET = 0, ONE, FROM_THERE, MODES };

static struct {
    const struct arena *spared; /* the test's own */
    unsigned mode;
    unsigned at;   /* the one refused, counted from 1 */
    unsigned seen; /* since it was armed */
} fault;

static void arm(unsigned mode, unsigned at)
{
    fault.mode = mode;
    fault.at = at;
    fault.seen = 0;
}

static bool is_hit(void)
{
    if (fault.mode == QUIET)
        return false;
    fault.seen++;
    return fault.seen == fault.at || (fault.mode == FROM_THERE && fault.seen > fault.at);
}

/* --- what the linker puts in place of the real ones (tests/CMakeLists.txt) --- */

void *__real_arena_alloc(struct arena *arena, size_t len);
void *__wrap_arena_alloc(struct arena *arena, size_t len);
void *__real_arena_copy(struct arena *arena, const void *data, size_t len);
void *__wrap_arena_copy(struct arena *arena, const void *data, size_t len);
char *__real_arena_strdup(struct arena *arena, const char *text);
char *__wrap_arena_strdup(struct arena *arena, const char *text);
enum ctps_code __real_store_txn_begin(struct store_txn **ret_txn, struct store *store,
                                      bool write, struct ctps_err *err);
enum ctps_code __wrap_store_txn_begin(struct store_txn **ret_txn, struct store *store,
                                      bool write, struct ctps_err *err);
enum ctps_code __real_store_get(struct store_txn *txn, unsigned table, struct bytes key,
                                struct bytes *ret_value);
enum ctps_code __wrap_store_get(struct store_txn *txn, unsigned table, struct bytes key,
                                struct bytes *ret_value);
enum ctps_code __real_store_txn_dup(struct store_txn *txn, struct bytes value,
                                    struct bytes *ret_value);
enum ctps_code __wrap_store_txn_dup(struct store_txn *txn, struct bytes value,
                                    struct bytes *ret_value);
enum ctps_code __real_store_cursor_open(struct store_cursor **ret_cursor, struct store_txn *txn,
                                        unsigned table, struct bytes prefix, struct bytes from,
                                        bool backwards);
enum ctps_code __wrap_store_cursor_open(struct store_cursor **ret_cursor, struct store_txn *txn,
                                        unsigned table, struct bytes prefix, struct bytes from,
                                        bool backwards);

static bool starves(struct arena *arena)
{
    if (arena == fault.spared || !is_hit())
        return false;
    for (; arena; arena = arena->outer)
        arena->starved = true;
    return true;
}

void *__wrap_arena_alloc(struct arena *arena, size_t len)
{
    return starves(arena) ? NULL : __real_arena_alloc(arena, len);
}

void *__wrap_arena_copy(struct arena *arena, const void *data, size_t len)
{
    return starves(arena) ? NULL : __real_arena_copy(arena, data, len);
}

char *__wrap_arena_strdup(struct arena *arena, const char *text)
{
    return starves(arena) ? NULL : __real_arena_strdup(arena, text);
}

enum ctps_code __wrap_store_txn_begin(struct store_txn **ret_txn, struct store *store,
                                      bool write, struct ctps_err *err)
{
    return is_hit() ? err_set(err, CTPS_NOMEM, "no memory")
                    : __real_store_txn_begin(ret_txn, store, write, err);
}

enum ctps_code __wrap_store_get(struct store_txn *txn, unsigned table, struct bytes key,
                                struct bytes *ret_value)
{
    return is_hit() ? store_txn_starve(txn, table)
                    : __real_store_get(txn, table, key, ret_value);
}

enum ctps_code __wrap_store_txn_dup(struct store_txn *txn, struct bytes value,
                                    struct bytes *ret_value)
{
    return is_hit() ? store_txn_starve(txn, 0) : __real_store_txn_dup(txn, value, ret_value);
}

enum ctps_code __wrap_store_cursor_open(struct store_cursor **ret_cursor, struct store_txn *txn,
                                        unsigned table, struct bytes prefix, struct bytes from,
                                        bool backwards)
{
    return is_hit() ? store_txn_starve(txn, table)
                    : __real_store_cursor_open(ret_cursor, txn, table, prefix, from, backwards);
}

/* --- a town with a situation, an entry and something told --- */

struct place {
    struct town town;
    uint64_t saisine, situation, person;
};

static int32_t day_of(struct town *town)
{
    return (int32_t)(sys_wall_us(&town->split.sys) / TOWN_US_PER_DAY);
}

static const Ctps__Reply *receive(struct place *place, const char *name)
{
    Ctps__SaisineReceive body;
    Ctps__Person person;
    Ctps__Person *persons[1];
    Ctps__Identity identity;
    Ctps__Request request = CTPS__REQUEST__INIT;

    town_saisine(&body, &person, persons, &identity, day_of(&place->town), name);
    request.command_case = CTPS__REQUEST__COMMAND_SAISINE_RECEIVE;
    request.saisine_receive = &body;
    return town_do(&place->town, TOWN_COORDINATOR, &request);
}

static void live(struct place *place)
{
    struct town *town = &place->town;
    const Ctps__Reply *shown;
    TOWN_REQUEST(accept, SAISINE_ACCEPT, SaisineAccept, SAISINE_ACCEPT, saisine_accept);
    TOWN_REQUEST(entry, SITUATION_ADD_ENTRY, SituationAddEntry, SITUATION_ADD_ENTRY,
                 situation_add_entry);
    TOWN_REQUEST(get, SITUATION_GET, SituationGet, SITUATION_GET, situation_get);

    place->saisine = town_made(receive(place, "Weber"));
    SET(&accept_body, id, place->saisine);
    place->situation = town_made(town_do(town, TOWN_COORDINATOR, &accept));
    SET(&entry_body, id, place->situation);
    entry_body.kind = town_text("entretien");
    SET(&entry_body, day, day_of(town));
    entry_body.text = town_text("text");
    assert_non_null(town_do(town, TOWN_COORDINATOR, &entry));
    receive(place, "Weber"); /* the pair of a duplicate */
    SET(&get_body, id, place->situation);
    SET(&get_body, nominative, 1);
    shown = town_do(town, TOWN_COORDINATOR, &get);
    place->person = shown->situation_answer->situations[0]->persons[0]->id;
    assert_int_not_equal(place->person, 0);
}

/* TOWN_STRANGER becomes a partner's contact, whom the situation is shared with. */
static void share(struct place *place)
{
    struct town *town = &place->town;
    uint64_t contact;
    TOWN_REQUEST(set, CONTACT_SET, Contact, CONTACT, contact_set);
    TOWN_REQUEST(share, SHARE_RECORD, ShareNew, SHARE_NEW, share_record);

    SET(&set_body, partner, town->partner);
    set_body.last_name = town_text("Landlord");
    set_body.charter_version = town_text(town->options.settings.charter_version);
    SET(&set_body, charter_day, day_of(town));
    contact = town_made(town_do(town, TOWN_OPERATOR, &set));
    town_key_register(town, TOWN_STRANGER, CTPS__PRINCIPAL_KIND__PRINCIPAL_CONTACT, contact,
                      NULL);
    town_list(town, "base_legale", "L132-5");
    SET(&share_body, situation, place->situation);
    SET(&share_body, identity, 1);
    share_body.n_contacts = 1;
    share_body.contacts = &contact;
    share_body.legal_base = town_text("L132-5");
    share_body.purpose = town_text("suivi");
    share_body.purpose_text = town_text("group");
    SET(&share_body, expiry_day, day_of(town) + 30);
    assert_int_not_equal(town_made(town_do(town, TOWN_COORDINATOR, &share)), 0);
}

static int setup(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    assert_non_null(place);
    arm(QUIET, 0);
    town_init(&place->town, 12);
    fault.spared = &place->town.arena;
    town_found(&place->town);
    live(place);
    share(place);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;

    arm(QUIET, 0);
    town_done(&place->town);
    free(place);
    return 0;
}

/* The process ended for want of memory, and is there again. */
static void start_again(struct town *town)
{
    arm(QUIET, 0);
    town_kill(town);
    assert_int_equal(town_open(town), CTPS_OK);
}

/* --- questions --- */

/* What an answer says, but for the numbers of its request and of its entry. Own: buf_done. */
static void answer_pack(const Ctps__Reply *reply, struct buf *out)
{
    Ctps__Reply bare = *reply;

    bare.has_id = bare.has_seq = 0;
    buf_init(out);
    assert_int_equal(wire_pack_buf(out, &bare.base), CTPS_OK);
}

static bool is_unavailable(const Ctps__Reply *reply)
{
    return !reply || reply->status == CTPS__REPLY_STATUS__REPLY_BUSY ||
           (reply->refusal && strcmp(or_empty(reply->refusal->name), "unavailable") == 0);
}

static void answer_is(const char *name, unsigned at, const Ctps__Reply *reply,
                      const struct buf *right)
{
    struct buf packed;

    answer_pack(reply, &packed);
    if (!bytes_equal(buf_bytes(&packed), buf_bytes(right)))
        fail_msg("%s: with room %u refused: %s", name, at,
                 reply->refusal ? or_empty(reply->refusal->name) : "a wrong answer");
    buf_done(&packed);
}

/* One question with one room refused, then once more with every one. False: none was. */
static bool ask_starved(struct town *town, enum town_who who, Ctps__Request *request,
                        const char *name, unsigned mode, unsigned at, const struct buf *right)
{
    enum ctps_code code;
    bool hit;

    town_forget(town);
    engine_settings_set(town->engine, &town->options.settings); /* who asks is looked up */
    town_send(town, who, request);
    arm(mode, at);
    code = town_turn(town);
    hit = fault.seen >= at;
    arm(QUIET, 0);
    if (code != CTPS_OK) {
        assert_int_equal(code, CTPS_NOMEM);
        start_again(town);
    } else if (!is_unavailable(town->replies[0])) {
        answer_is(name, at, town->replies[0], right);
    }
    town_forget(town);
    answer_is(name, at, town_do(town, who, request), right);
    return hit;
}

static void ask_every(struct town *town, enum town_who who, const char *name,
                      Ctps__Request *request)
{
    struct buf right;
    const Ctps__Reply *reply = town_do(town, who, request);

    assert_non_null(reply);
    if (reply->status != CTPS__REPLY_STATUS__REPLY_ANSWERED)
        fail_msg("%s: %s", name, reply->refusal ? reply->refusal->text_en : "not answered");
    answer_pack(reply, &right);
    for (unsigned mode = ONE; mode < MODES; mode++)
        for (unsigned at = 1; ask_starved(town, who, request, name, mode, at, &right); at++)
            ;
    buf_done(&right);
}

#define ASK(who, name, CASE, Type, TYPE, member, ...)                                          \
    do {                                                                                       \
        Ctps__##Type body = CTPS__##TYPE##__INIT;                                              \
        Ctps__Request request = CTPS__REQUEST__INIT;                                           \
                                                                                               \
        request.command_case = CTPS__REQUEST__COMMAND_##CASE;                                  \
        request.member = &body;                                                                \
        request.purpose = town_text("suivi");                                                  \
        __VA_ARGS__;                                                                           \
        ask_every(&place->town, who, name, &request);                                          \
    } while (0)

static void reads_of_facts_are_right_or_unavailable(void **state)
{
    struct place *place = *state;

    ASK(TOWN_COORDINATOR, "situation_list", SITUATION_LIST, SituationList, SITUATION_LIST,
        situation_list, (void)0);
    ASK(TOWN_COORDINATOR, "situation_get", SITUATION_GET, SituationGet, SITUATION_GET,
        situation_get, SET(&body, id, place->situation));
    ASK(TOWN_COORDINATOR, "saisine_list", SAISINE_LIST, SaisineList, SAISINE_LIST, saisine_list,
        (void)0);
    ASK(TOWN_COORDINATOR, "duplicate_list", DUPLICATE_LIST, DuplicateList, DUPLICATE_LIST,
        duplicate_list, (void)0);
    ASK(TOWN_COORDINATOR, "today_get", TODAY_GET, TodayGet, TODAY_GET, today_get, (void)0);
    ASK(TOWN_HEAD, "tracking_table_get", TRACKING_TABLE_GET, TrackingTableGet,
        TRACKING_TABLE_GET, tracking_table_get, (void)0);
    ASK(TOWN_OPERATOR, "key_list", KEY_LIST, KeyList, KEY_LIST, key_list, (void)0);
    ASK(TOWN_OPERATOR, "reference_list", REFERENCE_LIST, ReferenceList, REFERENCE_LIST,
        reference_list, SET(&body, kind, CTPS__OBJECT_KIND__OBJECT_AGENT));
    ASK(TOWN_HEAD, "habilitation_register", HABILITATION_REGISTER, HabilitationRegister,
        HABILITATION_REGISTER, habilitation_register, (void)0);
}

static void reads_of_names_are_right_or_unavailable(void **state)
{
    struct place *place = *state;

    ASK(TOWN_COORDINATOR, "situation_get", SITUATION_GET, SituationGet, SITUATION_GET,
        situation_get, SET(&body, id, place->situation);
        SET(&body, nominative, 1));
    ASK(TOWN_COORDINATOR, "saisine_get", SAISINE_GET, SaisineGet, SAISINE_GET, saisine_get,
        SET(&body, id, place->saisine);
        SET(&body, nominative, 1));
    ASK(TOWN_COORDINATOR, "name_search", NAME_SEARCH, NameSearch, NAME_SEARCH, name_search,
        body.name = town_text("Weber"));
    ASK(TOWN_HEAD, "tracking_table_get", TRACKING_TABLE_GET, TrackingTableGet,
        TRACKING_TABLE_GET, tracking_table_get, SET(&body, nominative, 1));
}

static void reads_of_the_journal_are_right_or_unavailable(void **state)
{
    struct place *place = *state;
    int32_t today = day_of(&place->town);

    ASK(TOWN_PLUGIN, "read_events", READ_EVENTS, ReadEvents, READ_EVENTS, read_events,
        body.audience = town_text("plugins");
        SET(&body, limit, 3));
    ASK(TOWN_DPO, "audit_who of a situation", AUDIT_WHO, AuditWho, AUDIT_WHO, audit_who,
        SET(&body, situation, place->situation);
        SET(&body, from_day, today - 1); SET(&body, to_day, today); SET(&body, limit, 1));
    ASK(TOWN_DPO, "audit_who of a person", AUDIT_WHO, AuditWho, AUDIT_WHO, audit_who,
        SET(&body, person, place->person);
        SET(&body, from_day, today - 1); SET(&body, to_day, today); SET(&body, limit, 1));
}

static void reads_of_what_is_shared_are_right_or_unavailable(void **state)
{
    struct place *place = *state;

    ASK(TOWN_STRANGER, "situation_get by a contact", SITUATION_GET, SituationGet, SITUATION_GET,
        situation_get, SET(&body, id, place->situation);
        SET(&body, nominative, 1));
    ASK(TOWN_COORDINATOR, "share_list", SHARE_LIST, ShareList, SHARE_LIST, share_list,
        SET(&body, situation, place->situation);
        SET(&body, nominative, 1));
    ASK(TOWN_HEAD, "charter_register", CHARTER_REGISTER, CharterRegister, CHARTER_REGISTER,
        charter_register, (void)0);
}

/* --- commands --- */

/* The same bytes twice: done once, and its answer kept. */
static bool command_starved(struct town *town, struct bytes packed, unsigned mode, unsigned at)
{
    const Ctps__Reply *first;
    const Ctps__Reply *second;
    enum ctps_code code;
    bool hit;

    town_forget(town);
    town_send_bytes(town, TOWN_COORDINATOR, packed);
    arm(mode, at);
    code = town_turn(town);
    hit = fault.seen >= at;
    arm(QUIET, 0);
    first = code == CTPS_OK ? town->replies[0] : NULL;
    if (code != CTPS_OK) {
        assert_int_equal(code, CTPS_NOMEM);
        start_again(town);
    }
    if (!is_unavailable(first) && first->status != CTPS__REPLY_STATUS__REPLY_DONE)
        fail_msg("with room %u refused: %s", at, first->refusal ? first->refusal->name : "?");
    town_send_bytes(town, TOWN_COORDINATOR, packed);
    assert_int_equal(town_turn(town), CTPS_OK);
    second = town->replies[town->reply_count - 1];
    assert_int_equal(second->status, CTPS__REPLY_STATUS__REPLY_DONE);
    if (first && first->status == CTPS__REPLY_STATUS__REPLY_DONE) {
        assert_true(second->repeated_answer);
        assert_int_equal(second->seq, first->seq);
        assert_int_equal(second->n_made, first->n_made);
    }
    return hit;
}

static void command_is_done_once_or_unavailable(void **state)
{
    struct place *place = *state;
    struct town *town = &place->town;
    bool hit = true;

    for (unsigned mode = ONE; mode < MODES; mode++, hit = true)
        for (unsigned at = 1; hit; at++) {
            TOWN_REQUEST(entry, SITUATION_ADD_ENTRY, SituationAddEntry, SITUATION_ADD_ENTRY,
                         situation_add_entry);
            struct buf packed;

            SET(&entry_body, id, place->situation);
            entry_body.kind = town_text("entretien");
            SET(&entry_body, day, day_of(town));
            entry_body.text = town_text("text");
            town_pack(town, &entry, &packed);
            hit = command_starved(town, buf_bytes(&packed), mode, at);
            buf_done(&packed);
        }
}

static void saisine_that_starved_leaves_names_whole(void **state)
{
    struct place *place = *state;
    struct town *town = &place->town;
    char name[32];
    bool hit = true;

    for (unsigned at = 1; hit; at++) {
        const Ctps__Reply *reply;
        TOWN_REQUEST(search, NAME_SEARCH, NameSearch, NAME_SEARCH, name_search);

        town_forget(town);
        snprintf(name, sizeof(name), "Muller%c%c%c", 'a' + at / 676, 'a' + at / 26 % 26,
                 'a' + at % 26);
        arm(ONE, at);
        reply = receive(place, name);
        hit = fault.seen >= at;
        arm(QUIET, 0);
        if (!reply && town->err.code == CTPS_NOMEM)
            start_again(town);
        if (!reply || is_unavailable(reply))
            continue;
        for (bool more = true; more;)
            assert_int_equal(engine_idle(town->engine, &more, &town->err), CTPS_OK);
        search_body.name = name;
        reply = town_do(town, TOWN_COORDINATOR, &search);
        assert_true(reply->search_answer->index_complete);
        if (reply->search_answer->n_saisines != 1)
            fail_msg("with room %u refused the name is not found", at);
    }
}

/* --- between requests --- */

static void door_never_turns_away_for_want_of_memory(void **state)
{
    struct place *place = *state;
    struct town *town = &place->town;
    struct settings settings = town->options.settings;
    uint8_t key[ENGINE_KEY_LEN];

    town_key(key, TOWN_PLUGIN);
    for (unsigned mode = ONE; mode < MODES; mode++)
        for (unsigned at = 1, hit = 1; hit; at++) {
            engine_settings_set(town->engine, &settings); /* nothing is remembered */
            arm(mode, at);
            assert_int_not_equal(engine_key_is_live(town->engine, key), ENGINE_NO);
            assert_int_not_equal(engine_key_may_subscribe(town->engine, "plugins", key),
                                 ENGINE_NO);
            hit = fault.seen >= at;
            arm(QUIET, 0);
            assert_int_equal(engine_key_is_live(town->engine, key), ENGINE_YES);
            assert_int_equal(engine_key_may_subscribe(town->engine, "plugins", key),
                             ENGINE_YES);
        }
}

static void names_read_without_memory_are_read_again(void **state)
{
    struct place *place = *state;
    struct town *town = &place->town;

    for (unsigned at = 1, hit = 1; hit; at++) {
        const Ctps__Reply *reply;
        TOWN_REQUEST(search, NAME_SEARCH, NameSearch, NAME_SEARCH, name_search);

        town_forget(town);
        start_again(town); /* the index is empty */
        for (bool more = true; more;) {
            arm(ONE, at);
            (void)engine_idle(town->engine, &more, &town->err);
            hit = fault.seen >= at;
            arm(QUIET, 0);
            if (hit)
                break;
        }
        for (bool more = true; more;)
            assert_int_equal(engine_idle(town->engine, &more, &town->err), CTPS_OK);
        search_body.name = town_text("Weber");
        reply = town_do(town, TOWN_COORDINATOR, &search);
        if (reply->search_answer->n_saisines + reply->search_answer->n_situations < 2)
            fail_msg("with room %u refused a name is not found", at);
    }
}

/* It is neither damage nor anything of the configuration's. */
static void start_without_memory_says_so(void **state)
{
    struct place *place = *state;
    struct town *town = &place->town;

    for (unsigned at = 1, hit = 1; hit; at++) {
        enum ctps_code code;

        town_kill(town);
        arm(ONE, at);
        code = town_open(town);
        hit = fault.seen >= at;
        arm(QUIET, 0);
        if (code != CTPS_OK && code != CTPS_NOMEM)
            fail_msg("with room %u refused the start says %s", at, town->err.text);
        if (code != CTPS_OK)
            assert_int_equal(town_open(town), CTPS_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(reads_of_facts_are_right_or_unavailable),
        TEST(reads_of_names_are_right_or_unavailable),
        TEST(reads_of_the_journal_are_right_or_unavailable),
        TEST(reads_of_what_is_shared_are_right_or_unavailable),
        TEST(command_is_done_once_or_unavailable),
        TEST(saisine_that_starved_leaves_names_whole),
        TEST(door_never_turns_away_for_want_of_memory),
        TEST(names_read_without_memory_are_read_again),
        TEST(start_without_memory_says_so),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

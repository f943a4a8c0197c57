/* Batches, repeats, refusals and reads of a whole engine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/engine_private.h"
#include "town.h"

static int setup(void **state)
{
    struct town *town = calloc(1, sizeof(*town));

    assert_non_null(town);
    town_init(town, 7);
    town_found(town);
    *state = town;
    return 0;
}

static int teardown(void **state)
{
    town_done(*state);
    free(*state);
    return 0;
}

static int32_t day_of(struct town *town)
{
    return (int32_t)(sys_wall_us(&town->split.sys) / TOWN_US_PER_DAY);
}

static const char *refused(const Ctps__Reply *reply)
{
    return reply && reply->refusal ? reply->refusal->name : "";
}

struct saisine {
    Ctps__SaisineReceive body;
    Ctps__Person person;
    Ctps__Person *persons[1];
    Ctps__Identity identity;
    Ctps__Request request;
};

static void saisine_init(struct town *town, struct saisine *in, const char *name)
{
    town_saisine(&in->body, &in->person, in->persons, &in->identity, day_of(town), name);
    ctps__request__init(&in->request);
    in->request.command_case = CTPS__REQUEST__COMMAND_SAISINE_RECEIVE;
    in->request.saisine_receive = &in->body;
}

static uint64_t saisine_make(struct town *town, const char *name)
{
    struct saisine in;
    uint64_t id;

    saisine_init(town, &in, name);
    id = town_made(town_do(town, TOWN_COORDINATOR, &in.request));
    assert_int_not_equal(id, 0);
    return id;
}

static uint64_t situation_make(struct town *town, const char *name)
{
    uint64_t saisine = saisine_make(town, name);
    uint64_t id;
    TOWN_REQUEST(request, SAISINE_ACCEPT, SaisineAccept, SAISINE_ACCEPT, saisine_accept);

    SET(&request_body, id, saisine);
    id = town_made(town_do(town, TOWN_COORDINATOR, &request));
    assert_int_not_equal(id, 0);
    return id;
}

static const Ctps__Reply *situation_read(struct town *town, uint64_t id, enum town_who who)
{
    TOWN_REQUEST(request, SITUATION_GET, SituationGet, SITUATION_GET, situation_get);

    SET(&request_body, id, id);
    SET(&request_body, nominative, 1);
    request.purpose = town_text("suivi");
    return town_do(town, who, &request);
}

static const Ctps__Reply *search(struct town *town, const char *name)
{
    TOWN_REQUEST(request, NAME_SEARCH, NameSearch, NAME_SEARCH, name_search);

    request_body.name = town_text(name);
    return town_do(town, TOWN_COORDINATOR, &request);
}

static uint64_t head_seq(struct town *town)
{
    struct engine_report report;
    struct ctps_err err;
    enum ctps_code code = engine_close(&town->engine, true, &err);

    assert_int_equal(code, CTPS_OK);
    assert_int_equal(engine_store_check(&town->options, &report, &err), CTPS_OK);
    assert_true(report.views_trusted);
    assert_int_equal(town_open(town), CTPS_OK);
    return report.entries;
}

/* --- idempotency --- */

static void repeat_same_bytes_gets_the_same_answer(void **state)
{
    struct town *town = *state;
    struct saisine in;
    struct buf packed;
    const Ctps__Reply *first;
    const Ctps__Reply *second;

    saisine_init(town, &in, "Martin");
    town_pack(town, &in.request, &packed);
    for (int i = 0; i < 2; i++) /* both in one batch */
        town_send_bytes(town, TOWN_COORDINATOR, buf_bytes(&packed));
    assert_int_equal(town_turn(town), CTPS_OK);
    first = town->replies[0];
    second = town->replies[1];
    assert_false(first->repeated_answer);
    assert_true(second->repeated_answer);
    assert_int_equal(second->seq, first->seq);
    assert_int_equal(second->made[0]->id, first->made[0]->id);
    assert_string_equal(second->made[0]->reference, first->made[0]->reference);
    town_kill(town);
    assert_int_equal(town_open(town), CTPS_OK);
    town_send_bytes(town, TOWN_COORDINATOR, buf_bytes(&packed));
    assert_int_equal(town_turn(town), CTPS_OK);
    assert_int_equal(town->replies[2]->seq, first->seq);
    buf_done(&packed);
}

static void repeat_other_body_is_refused(void **state)
{
    static uint8_t id[16] = "the one request";
    struct town *town = *state;
    struct saisine in;

    saisine_init(town, &in, "Martin");
    in.request.has_id = 1;
    in.request.id = (ProtobufCBinaryData){sizeof(id), id};
    assert_int_not_equal(town_made(town_do(town, TOWN_COORDINATOR, &in.request)), 0);
    in.identity.last_name = town_text("Muller");
    assert_string_equal(refused(town_do(town, TOWN_COORDINATOR, &in.request)), "id_reused");
    /* Ids are known per principal: somebody else's is another request. */
    assert_int_not_equal(town_made(town_do(town, TOWN_EDUCATOR, &in.request)), 0);
}

static void dry_run_leaves_nothing(void **state)
{
    struct town *town = *state;
    struct saisine in;
    const Ctps__Reply *reply;

    saisine_init(town, &in, "Martin");
    SET(&in.request, dry_run, 1);
    reply = town_do(town, TOWN_COORDINATOR, &in.request);
    assert_int_equal(reply->status, CTPS__REPLY_STATUS__REPLY_CHECKED);
    assert_int_equal(reply->n_made, 0);
    reply = search(town, "Martin");
    assert_int_equal(reply->search_answer->n_saisines, 0);
}

/* --- refusals --- */

static void refusals_of_one_key_are_journalled_within_a_budget(void **state)
{
    struct town *town = *state;
    uint64_t before = head_seq(town);
    TOWN_REQUEST(request, SAISINE_ACCEPT, SaisineAccept, SAISINE_ACCEPT, saisine_accept);

    SET(&request_body, id, 99);
    for (int i = 0; i < 50; i++)
        assert_string_equal(refused(town_do(town, TOWN_COORDINATOR, &request)), "absent");
    assert_int_equal(head_seq(town), before + 30);
    town_forget(town);
    for (int i = 0; i < 30; i++)
        town_do(town, TOWN_COORDINATOR, &request);
    before = head_seq(town);
    sim_disk_clock_step(town->disk, 5 * 1000000);
    for (int i = 0; i < 5; i++)
        town_do(town, TOWN_NEIGHBOUR, &request); /* another key has its own */
    assert_int_equal(head_seq(town), before + 5);
}

static void malformed_bytes_are_refused_without_an_entry(void **state)
{
    struct town *town = *state;
    uint64_t before = head_seq(town);
    TOWN_REQUEST(no_command, STATUS_GET, StatusGet, STATUS_GET, status_get);

    town_send_bytes(town, TOWN_COORDINATOR, bytes_of("\xff\xff\xff", 3));
    town_send_bytes(town, TOWN_COORDINATOR, bytes_of(NULL, 0));
    no_command.command_case = CTPS__REQUEST__COMMAND__NOT_SET;
    town_send(town, TOWN_COORDINATOR, &no_command);
    assert_int_equal(town_turn(town), CTPS_OK);
    for (unsigned i = 0; i < town->reply_count; i++)
        assert_string_equal(refused(town->replies[i]), "malformed");
    assert_int_equal(town->reply_count, 3);
    assert_int_equal(head_seq(town), before);
}

static void malformed_request_is_refused_by_its_id(void **state)
{
    struct town *town = *state;
    uint8_t id[16] = "which of them";
    TOWN_REQUEST(no_command, STATUS_GET, StatusGet, STATUS_GET, status_get);

    no_command.command_case = CTPS__REQUEST__COMMAND__NOT_SET;
    no_command.has_id = 1;
    no_command.id = (ProtobufCBinaryData){sizeof(id), id};
    /* An unknown field in front: the bytes are not believed, the id is still told. */
    struct buf body;
    buf_init(&body);
    buf_append(&body, "\xf8\x7f\x01", 3);
    assert_int_equal(wire_pack_buf(&body, &no_command.base), CTPS_OK);
    town_send_bytes(town, TOWN_COORDINATOR, buf_bytes(&body));
    assert_int_equal(town_turn(town), CTPS_OK);
    assert_string_equal(refused(town->replies[0]), "malformed");
    assert_int_equal(town->replies[0]->id.len, sizeof(id));
    assert_memory_equal(town->replies[0]->id.data, id, sizeof(id));
    buf_done(&body);
}

/* A saisine of a hundred thousand empty persons takes fifty times its bytes once unpacked. */
static void malformed_requests_leave_memory_for_the_others(void **state)
{
    enum { PERSONS = 100000, HOSTILE = 14 };
    struct town *town = *state;
    struct buf body;
    TOWN_REQUEST(honest, REFERENCE_LIST, ReferenceList, REFERENCE_LIST, reference_list);

    buf_init(&body);
    buf_append(&body, "\xf2\x01\xc0\x9a\x0c", 5); /* saisine_receive, 200,000 bytes */
    for (int i = 0; i < PERSONS; i++)
        buf_append(&body, "\x6a\x00", 2);
    for (int i = 0; i < HOSTILE; i++)
        town_send_bytes(town, TOWN_COORDINATOR, buf_bytes(&body));
    town_send(town, TOWN_EDUCATOR, &honest);
    assert_int_equal(town_turn(town), CTPS_OK);
    assert_int_equal(town->reply_count, HOSTILE + 1);
    assert_string_equal(refused(town->replies[0]), "malformed");
    assert_non_null(town->replies[HOSTILE]);
    assert_int_equal(town->replies[HOSTILE]->status, CTPS__REPLY_STATUS__REPLY_ANSWERED);
    buf_done(&body);
}

static void unknown_key_is_refused(void **state)
{
    struct town *town = *state;
    uint8_t key[ENGINE_KEY_LEN];

    assert_string_equal(refused(situation_read(town, 1, TOWN_STRANGER)), "key_unknown");
    town_key(key, TOWN_STRANGER);
    assert_int_equal(engine_key_is_live(town->engine, key), ENGINE_NO);
    town_key(key, TOWN_PLUGIN);
    assert_int_equal(engine_key_is_live(town->engine, key), ENGINE_YES);
    assert_int_equal(engine_key_may_subscribe(town->engine, "plugins", key), ENGINE_YES);
    town_key(key, TOWN_HEAD);
    assert_int_equal(engine_key_may_subscribe(town->engine, "plugins", key), ENGINE_NO);
}

/* A batch that only reads, with a refusal in it: the refusal is journalled, and the session its
 * first read opened; the reads are answered. */
static void read_only_batch_with_refusal_journals_it(void **state)
{
    struct town *town = *state;
    uint64_t before = head_seq(town);
    TOWN_REQUEST(keys, KEY_LIST, KeyList, KEY_LIST, key_list);
    TOWN_REQUEST(list, SITUATION_LIST, SituationList, SITUATION_LIST, situation_list);

    town_send(town, TOWN_COORDINATOR, &list);
    town_send(town, TOWN_COORDINATOR, &keys);
    town_send(town, TOWN_COORDINATOR, &list);
    assert_int_equal(town_turn(town), CTPS_OK);
    assert_int_equal(town->replies[0]->status, CTPS__REPLY_STATUS__REPLY_ANSWERED);
    assert_int_equal(town->replies[1]->status, CTPS__REPLY_STATUS__REPLY_REFUSED);
    assert_int_equal(town->replies[2]->status, CTPS__REPLY_STATUS__REPLY_ANSWERED);
    assert_int_equal(head_seq(town), before + 2);
}

/* Status is answered after the batch it came with. */
static void late_requests_are_answered_in_place(void **state)
{
    struct town *town = *state;
    struct saisine in;
    TOWN_REQUEST(status, STATUS_GET, StatusGet, STATUS_GET, status_get);
    TOWN_REQUEST(reload, RELOAD, Reload, RELOAD, reload);

    saisine_init(town, &in, "Martin");
    town_send(town, TOWN_OPERATOR, &status);
    town_send(town, TOWN_COORDINATOR, &in.request);
    town_send(town, TOWN_OPERATOR, &reload);
    assert_int_equal(town_turn(town), CTPS_OK);
    assert_int_equal(town->replies[0]->answer_case, CTPS__REPLY__ANSWER_STATUS_ANSWER);
    assert_int_equal(town->replies[1]->status, CTPS__REPLY_STATUS__REPLY_DONE);
    assert_int_equal(town->replies[2]->status, CTPS__REPLY_STATUS__REPLY_DONE);
    assert_int_equal(town->reload_count, 1);
}

/* --- one that spoils a batch, and faults --- */

static void flush_fault_ends_the_turn_without_replies(void **state)
{
    struct town *town = *state;
    struct sim_fault fault = {.kinds = SIM_OP_SYNC, .at = 1, .errnum = 5, .lost = true};
    struct saisine in;

    town_forget(town);
    saisine_init(town, &in, "Martin");
    town_send(town, TOWN_COORDINATOR, &in.request);
    sim_disk_fault_set(town->disk, &fault);
    assert_int_not_equal(town_turn(town), CTPS_OK);
    assert_int_equal(town->reply_count, 0);
    assert_int_equal(town->published_count, 0);
    sim_disk_fault_set(town->disk, NULL);
    town_kill(town);
    assert_int_equal(town_open(town), CTPS_OK);
    head_seq(town);
}

static void queue_full_is_busy(void **state)
{
    struct town *town = *state;
    struct engine_peer peer;

    town_peer(&peer, TOWN_HEAD);
    for (int i = 0; i < ENGINE_QUEUE_MAX; i++)
        assert_int_equal(engine_request(town->engine, &peer, bytes_of("x", 1)), CTPS_OK);
    assert_int_equal(engine_request(town->engine, &peer, bytes_of("x", 1)), CTPS_BUSY);
    assert_true(engine_has_work(town->engine));
}

/* --- names --- */

static void names_erasure_ordered_leaves_search_and_reading_at_once(void **state)
{
    struct town *town = *state;
    uint64_t id = situation_make(town, "Weber");
    TOWN_REQUEST(close, SITUATION_CLOSE, SituationClose, SITUATION_CLOSE, situation_close);
    TOWN_REQUEST(erase, SITUATION_ERASE, SituationErase, SITUATION_ERASE, situation_erase);

    assert_int_equal(search(town, "Weber")->search_answer->n_situations, 1);
    assert_non_null(situation_read(town, id, TOWN_COORDINATOR)->situation_answer);
    SET(&close_body, id, id);
    SET(&close_body, day, day_of(town));
    close_body.motive = town_text("fin_suivi");
    assert_int_equal(town_do(town, TOWN_COORDINATOR, &close)->status,
                     CTPS__REPLY_STATUS__REPLY_DONE);
    SET(&erase_body, id, id);
    erase_body.reason = town_text("suivi");
    assert_string_equal(refused(town_do(town, TOWN_COORDINATOR, &erase)), "not_allowed");
    assert_int_equal(town_do(town, TOWN_HEAD, &erase)->status, CTPS__REPLY_STATUS__REPLY_DONE);
    assert_int_equal(search(town, "Weber")->search_answer->n_situations, 0);
    assert_string_equal(refused(situation_read(town, id, TOWN_COORDINATOR)), "erased");
    assert_int_equal(engine_tick(town->engine, &town->err), CTPS_OK);
    assert_string_equal(town->topics[town->published_count - 1], "erasure.done");
    head_seq(town);
}

static void names_are_found_again_after_restart(void **state)
{
    struct town *town = *state;
    bool more = true;

    situation_make(town, "Weber");
    town_kill(town);
    assert_int_equal(town_open(town), CTPS_OK);
    while (more)
        assert_int_equal(engine_idle(town->engine, &more, &town->err), CTPS_OK);
    assert_int_equal(search(town, "weber")->search_answer->n_situations, 1);
    assert_true(search(town, "weber")->search_answer->index_complete);
}

/* --- keys --- */

static void revoked_key_stops_at_once(void **state)
{
    struct town *town = *state;
    uint8_t key[ENGINE_KEY_LEN];
    TOWN_REQUEST(request, KEY_REVOKE, KeyRevoke, KEY_REVOKE, key_revoke);

    town_key(key, TOWN_EDUCATOR);
    request_body.has_public_key = 1;
    request_body.public_key = (ProtobufCBinaryData){sizeof(key), key};
    assert_int_equal(town_do(town, TOWN_OPERATOR, &request)->status,
                     CTPS__REPLY_STATUS__REPLY_DONE);
    assert_int_equal(town->revoked_count, 1);
    assert_int_equal(engine_key_is_live(town->engine, key), ENGINE_NO);
    assert_string_equal(refused(search(town, "x")), "");
    assert_string_equal(refused(situation_read(town, 1, TOWN_EDUCATOR)), "key_unknown");
}

static void revoked_key_missing_from_the_list_is_added_at_start(void **state)
{
    struct town *town = *state;
    uint8_t key[ENGINE_KEY_LEN];
    char path[512];
    size_t len;
    TOWN_REQUEST(request, KEY_REVOKE, KeyRevoke, KEY_REVOKE, key_revoke);

    town_key(key, TOWN_EDUCATOR);
    request_body.has_public_key = 1;
    request_body.public_key = (ProtobufCBinaryData){sizeof(key), key};
    town_do(town, TOWN_OPERATOR, &request);
    snprintf(path, sizeof(path), "%s/ledger/revoked", town->options.data_dir);
    len = sim_disk_peek(town->disk, path).len;
    assert_true(len > 0);
    town_kill(town);
    sim_disk_remove(town->disk, path); /* as if it could not be written */
    assert_int_equal(town_open(town), CTPS_OK);
    assert_int_equal(sim_disk_peek(town->disk, path).len, len);
}

/* --- clock --- */

static void clock_jump_holds_erasures_until_confirmed(void **state)
{
    struct town *town = *state;
    uint64_t id = situation_make(town, "Weber");
    bool announced = false;
    TOWN_REQUEST(close, SITUATION_CLOSE, SituationClose, SITUATION_CLOSE, situation_close);
    TOWN_REQUEST(confirm, CLOCK_CONFIRM, ClockConfirm, CLOCK_CONFIRM, clock_confirm);

    SET(&close_body, id, id);
    SET(&close_body, day, day_of(town));
    close_body.motive = town_text("fin_suivi");
    town_do(town, TOWN_COORDINATOR, &close);
    sim_disk_wall_set(town->disk, sys_wall_us(&town->split.sys) + 20000 * TOWN_US_PER_DAY);
    town_forget(town);
    for (int day = 0; day < 40; day++) {
        assert_int_equal(engine_tick(town->engine, &town->err), CTPS_OK);
        sim_disk_clock_step(town->disk, TOWN_US_PER_DAY);
    }
    /* Keys of past windows may be ordered away; nothing is announced, nothing destroyed. */
    for (unsigned i = 0; i < town->published_count; i++) {
        assert_string_not_equal(town->topics[i], "erasure.announced");
        assert_string_not_equal(town->topics[i], "erasure.done");
    }
    assert_int_equal(town_do(town, TOWN_OPERATOR, &confirm)->status,
                     CTPS__REPLY_STATUS__REPLY_DONE);
    assert_int_equal(engine_tick(town->engine, &town->err), CTPS_OK);
    for (unsigned i = 0; i < town->published_count; i++)
        announced = announced || strcmp(town->topics[i], "erasure.announced") == 0;
    assert_true(announced);
}

static void clock_jump_over_a_stop_is_seen_behind_later_entries(void **state)
{
    struct town *town = *state;
    bool raised = false;
    TOWN_REQUEST(confirm, CLOCK_CONFIRM, ClockConfirm, CLOCK_CONFIRM, clock_confirm);

    sim_disk_wall_set(town->disk, sys_wall_us(&town->split.sys) + 60 * TOWN_US_PER_DAY);
    assert_int_equal(engine_tick(town->engine, &town->err), CTPS_OK);
    town_do(town, TOWN_OPERATOR, &confirm);
    sim_disk_wall_set(town->disk, sys_wall_us(&town->split.sys) - 60 * TOWN_US_PER_DAY);
    assert_int_equal(engine_tick(town->engine, &town->err), CTPS_OK);
    situation_make(town, "Weber"); /* its entry bears a time sixty days ahead of the clock */
    town_kill(town);
    sim_disk_wall_set(town->disk, sys_wall_us(&town->split.sys) + 5 * TOWN_US_PER_DAY);
    town_forget(town);
    assert_int_equal(town_open(town), CTPS_OK);
    for (unsigned i = 0; i < town->published_count; i++)
        raised = raised || strcmp(town->topics[i], "clock.alarm_raised") == 0;
    assert_true(raised);
}

/* Field 9999 of Event, which is nobody's yet: one byte of something. */
static void append_of_later_version(struct town *town)
{
    static uint8_t something = 1;
    ProtobufCMessageUnknownField unknown = {
        .tag = 9999, .wire_type = PROTOBUF_C_WIRE_TYPE_VARINT, .len = 1, .data = &something};
    Ctps__Event event = CTPS__EVENT__INIT;
    Ctps__Event *events[] = {&event};
    Ctps__Entry entry = CTPS__ENTRY__INIT;
    struct journal_place place;
    uint8_t packed[64];
    uint64_t seq;

    event.base.n_unknown_fields = 1;
    event.base.unknown_fields = &unknown;
    entry.n_events = 1;
    entry.events = events;
    assert_in_range(ctps__entry__get_packed_size(&entry), 1, sizeof(packed));
    assert_int_equal(journal_batch_add(town->engine->journal,
                                       bytes_of(packed, ctps__entry__pack(&entry, packed)),
                                       &seq, &place, &town->err),
                     CTPS_OK);
    assert_int_equal(journal_batch_flush(town->engine->journal, &town->err), CTPS_OK);
}

static void entry_of_a_later_version_is_named_and_not_passed_over(void **state)
{
    struct town *town = *state;

    append_of_later_version(town);
    town_kill(town);
    assert_int_equal(town_open(town), CTPS_UNSUPPORTED);
    assert_non_null(strstr(town->err.text, "a newer version wrote it"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(repeat_same_bytes_gets_the_same_answer),
        TEST(repeat_other_body_is_refused),
        TEST(dry_run_leaves_nothing),
        TEST(refusals_of_one_key_are_journalled_within_a_budget),
        TEST(malformed_bytes_are_refused_without_an_entry),
        TEST(malformed_request_is_refused_by_its_id),
        TEST(malformed_requests_leave_memory_for_the_others),
        TEST(unknown_key_is_refused),
        TEST(read_only_batch_with_refusal_journals_it),
        TEST(late_requests_are_answered_in_place),
        TEST(flush_fault_ends_the_turn_without_replies),
        TEST(queue_full_is_busy),
        TEST(names_erasure_ordered_leaves_search_and_reading_at_once),
        TEST(names_are_found_again_after_restart),
        TEST(revoked_key_stops_at_once),
        TEST(revoked_key_missing_from_the_list_is_added_at_start),
        TEST(clock_jump_holds_erasures_until_confirmed),
        TEST(clock_jump_over_a_stop_is_seen_behind_later_entries),
        TEST(entry_of_a_later_version_is_named_and_not_passed_over),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

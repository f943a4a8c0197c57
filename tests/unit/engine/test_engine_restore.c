/* Taking a backup for the store: nothing erased comes back, no lost key gets in again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "town.h"

static int setup(void **state)
{
    struct town *town = calloc(1, sizeof(*town));
    static char backups[SPLIT_PATH_LEN + 16];

    assert_non_null(town);
    town_init(town, 3);
    snprintf(backups, sizeof(backups), "%s/backups", town->split.dir);
    assert_int_equal(town->split.sys.mkdir(&town->split, backups, 0700), 0);
    town->options.backup_dir = backups;
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

static uint64_t situation_closed_make(struct town *town, const char *name)
{
    Ctps__SaisineReceive body;
    Ctps__Person person;
    Ctps__Person *persons[1];
    Ctps__Identity identity;
    Ctps__Request receive = CTPS__REQUEST__INIT;
    uint64_t id;
    TOWN_REQUEST(accept, SAISINE_ACCEPT, SaisineAccept, SAISINE_ACCEPT, saisine_accept);
    TOWN_REQUEST(close, SITUATION_CLOSE, SituationClose, SITUATION_CLOSE, situation_close);

    town_saisine(&body, &person, persons, &identity, day_of(town), name);
    receive.command_case = CTPS__REQUEST__COMMAND_SAISINE_RECEIVE;
    receive.saisine_receive = &body;
    SET(&accept_body, id, town_made(town_do(town, TOWN_COORDINATOR, &receive)));
    id = town_made(town_do(town, TOWN_COORDINATOR, &accept));
    assert_int_not_equal(id, 0);
    SET(&close_body, id, id);
    SET(&close_body, day, day_of(town));
    close_body.motive = town_text("fin_suivi");
    assert_int_equal(town_do(town, TOWN_COORDINATOR, &close)->status,
                     CTPS__REPLY_STATUS__REPLY_DONE);
    return id;
}

static void erase(struct town *town, uint64_t id)
{
    TOWN_REQUEST(request, SITUATION_ERASE, SituationErase, SITUATION_ERASE, situation_erase);

    SET(&request_body, id, id);
    request_body.reason = town_text("suivi");
    assert_int_equal(town_do(town, TOWN_HEAD, &request)->status,
                     CTPS__REPLY_STATUS__REPLY_DONE);
    assert_int_equal(engine_tick(town->engine, &town->err), CTPS_OK);
}

static void key_revoke(struct town *town, enum town_who who)
{
    uint8_t key[ENGINE_KEY_LEN];
    TOWN_REQUEST(request, KEY_REVOKE, KeyRevoke, KEY_REVOKE, key_revoke);

    town_key(key, who);
    request_body.has_public_key = 1;
    request_body.public_key = (ProtobufCBinaryData){sizeof(key), key};
    assert_int_equal(town_do(town, TOWN_OPERATOR, &request)->status,
                     CTPS__REPLY_STATUS__REPLY_DONE);
}

static const Ctps__Reply *situation_read(struct town *town, uint64_t id, enum town_who who)
{
    TOWN_REQUEST(request, SITUATION_GET, SituationGet, SITUATION_GET, situation_get);

    SET(&request_body, id, id);
    SET(&request_body, nominative, 1);
    request.purpose = town_text("suivi");
    return town_do(town, who, &request);
}

static void backup_send(struct town *town, const char *name)
{
    TOWN_REQUEST(backup, BACKUP, Backup, BACKUP, backup);

    backup_body.name = town_text(name);
    assert_null(town_do(town, TOWN_OPERATOR, &backup));
}

/* Idle work until the backup under way is answered. */
static const Ctps__Reply *backup_end(struct town *town)
{
    unsigned before = town->reply_count;
    bool more = true;

    while (more)
        assert_int_equal(engine_idle(town->engine, &more, &town->err), CTPS_OK);
    assert_int_equal(town->reply_count, before + 1);
    return town->replies[before];
}

static void backup_make(struct town *town, const char *name, char path[256])
{
    const Ctps__Reply *reply;

    backup_send(town, name);
    reply = backup_end(town);
    assert_non_null(reply->backup_answer);
    snprintf(path, 256, "%s", reply->backup_answer->path);
}

static void backup_lets_others_in_between(void **state)
{
    struct town *town = *state;
    uint64_t before = situation_closed_make(town, "Weber");
    uint64_t between;
    char path[256];
    struct engine_report report;
    const Ctps__Reply *reply;
    bool more;
    TOWN_REQUEST(other, BACKUP, Backup, BACKUP, backup);

    backup_send(town, "one");
    assert_int_equal(engine_idle(town->engine, &more, &town->err), CTPS_OK);
    assert_true(more);
    between = situation_closed_make(town, "Martin");
    other_body.name = town_text("two");
    assert_string_equal(town_do(town, TOWN_OPERATOR, &other)->refusal->name, "unavailable");
    reply = backup_end(town);
    snprintf(path, sizeof(path), "%s", reply->backup_answer->path);
    assert_int_equal(engine_close(&town->engine, true, &town->err), CTPS_OK);
    assert_int_equal(engine_store_restore(&town->options, path, &report, &town->err), CTPS_OK);
    assert_int_equal(town_open(town), CTPS_OK);
    assert_string_equal(situation_read(town, before, TOWN_COORDINATOR)
                            ->situation_answer->situations[0]
                            ->persons[0]
                            ->identity->last_name,
                        "Weber");
    assert_string_equal(situation_read(town, between, TOWN_COORDINATOR)->refusal->name,
                        "absent");
}

static void backup_goes_on_by_ticks_when_never_idle(void **state)
{
    struct town *town = *state;
    unsigned before;

    backup_send(town, "one");
    before = town->reply_count;
    for (int i = 0; i < 10 && town->reply_count == before; i++)
        assert_int_equal(engine_tick(town->engine, &town->err), CTPS_OK);
    assert_int_equal(town->reply_count, before + 1);
    assert_non_null(town->replies[before]->backup_answer);
}

static void backup_cut_short_leaves_its_name_free(void **state)
{
    struct town *town = *state;
    char path[256];
    bool more;

    backup_send(town, "one");
    for (int i = 0; i < 2; i++)
        assert_int_equal(engine_idle(town->engine, &more, &town->err), CTPS_OK);
    assert_true(more);
    town_kill(town);
    assert_int_equal(town_open(town), CTPS_OK);
    backup_make(town, "one", path);
}

static void restore_keeps_erased_and_revoked_out(void **state)
{
    struct town *town = *state;
    uint64_t erased = situation_closed_make(town, "Weber");
    uint64_t kept = situation_closed_make(town, "Martin");
    struct engine_report before;
    struct engine_report after;
    char path[256];
    const Ctps__Reply *reply;
    uint8_t key[ENGINE_KEY_LEN];

    backup_make(town, "one", path);
    erase(town, erased);
    key_revoke(town, TOWN_EDUCATOR);
    situation_closed_make(town, "Muller"); /* lost by the restore */
    assert_int_equal(engine_close(&town->engine, true, &town->err), CTPS_OK);
    assert_int_equal(engine_store_stat(&town->options, &before, &town->err), CTPS_OK);
    assert_int_equal(engine_store_restore(&town->options, path, &after, &town->err), CTPS_OK);
    assert_memory_not_equal(before.incarnation, after.incarnation, sizeof(after.incarnation));
    assert_int_equal(town_open(town), CTPS_OK);
    assert_string_equal(situation_read(town, erased, TOWN_COORDINATOR)->refusal->name,
                        "erased");
    reply = situation_read(town, kept, TOWN_COORDINATOR);
    assert_string_equal(reply->situation_answer->situations[0]->persons[0]->identity->last_name,
                        "Martin");
    town_key(key, TOWN_EDUCATOR);
    assert_int_equal(engine_key_is_live(town->engine, key), ENGINE_NO);
    /* Slots the lost entries may have used are never taken again: the new one can be read. */
    kept = situation_closed_make(town, "Schmitt");
    reply = situation_read(town, kept, TOWN_COORDINATOR);
    assert_string_equal(reply->situation_answer->situations[0]->persons[0]->identity->last_name,
                        "Schmitt");
    assert_int_equal(engine_close(&town->engine, true, &town->err), CTPS_OK);
    assert_int_equal(engine_store_check(&town->options, &after, &town->err), CTPS_OK);
}

static void restore_burns_slots_up_to_the_mark(void **state)
{
    struct town *town = *state;
    struct engine_report before;
    struct engine_report after;
    char path[256];

    backup_make(town, "one", path);
    assert_int_equal(engine_close(&town->engine, true, &town->err), CTPS_OK);
    assert_int_equal(engine_store_stat(&town->options, &before, &town->err), CTPS_OK);
    assert_int_equal(engine_store_restore(&town->options, path, &after, &town->err), CTPS_OK);
    assert_int_equal(engine_store_stat(&town->options, &after, &town->err), CTPS_OK);
    assert_true(after.slots > before.slots);
}

static void restore_of_a_damaged_backup_touches_nothing(void **state)
{
    struct town *town = *state;
    struct engine_report report;
    char path[256];
    char segment[320];

    backup_make(town, "one", path);
    snprintf(segment, sizeof(segment), "%s/journal/%016x.seg", path, 0);
    if (!sim_disk_peek(town->disk, segment).len)
        snprintf(segment, sizeof(segment), "%s/journal/%016x.seg", path, 1);
    assert_true(sim_disk_peek(town->disk, segment).len > 0);
    sim_disk_flip(town->disk, segment, 700, 1);
    situation_closed_make(town, "Weber");
    assert_int_equal(engine_close(&town->engine, true, &town->err), CTPS_OK);
    assert_int_not_equal(engine_store_restore(&town->options, path, &report, &town->err),
                         CTPS_OK);
    assert_int_equal(engine_store_check(&town->options, &report, &town->err), CTPS_OK);
    assert_int_equal(town_open(town), CTPS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(backup_lets_others_in_between),
        TEST(backup_goes_on_by_ticks_when_never_idle),
        TEST(backup_cut_short_leaves_its_name_free),
        TEST(restore_keeps_erased_and_revoked_out),
        TEST(restore_burns_slots_up_to_the_mark),
        TEST(restore_of_a_damaged_backup_touches_nothing),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

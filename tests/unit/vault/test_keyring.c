#include "faulty.h"
#include "fixture.h"

#include <lmdb.h>
#include <sys/stat.h>

static void create_makes_one_block_in_private_files(void **state)
{
    struct fixture fix;
    struct stat st;
    uint64_t live = 0;
    char path[128];

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    assert_int_equal(keyring_slot_count(fix.keyring), KEYRING_BLOCK_COUNT);
    assert_int_equal(keyring_epoch(fix.keyring), 1);
    assert_int_equal(keyring_check(fix.keyring, &live, &fix.err), CTPS_OK);
    assert_int_equal(live, KEYRING_BLOCK_COUNT);
    assert_int_equal(stat(fix.dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    snprintf(path, sizeof(path), "%s/epoch-000001.secret", fix.dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_size, 32);
    snprintf(path, sizeof(path), "%s/epoch-000001.keys", fix.dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_file(fix.dir, "epoch-000001.keys.new-lock", false);
    fixture_done(&fix);
}

static void create_over_a_keyring_is_exists_and_changes_nothing(void **state)
{
    struct fixture fix;
    struct seal_key *before = seal_key_new();
    struct seal_key *after = seal_key_new();

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    assert_int_equal(keyring_key_get(fix.keyring, 1, before), CTPS_OK);
    keyring_close(&fix.keyring);
    assert_int_equal(keyring_create(&fix.options, &fix.err), CTPS_EXISTS);
    fixture_open(&fix);
    assert_int_equal(keyring_key_get(fix.keyring, 1, after), CTPS_OK);
    assert_memory_equal(before->bytes, after->bytes, SEAL_KEY_LEN);
    seal_key_free(&before);
    seal_key_free(&after);
    fixture_done(&fix);
}

static void open_without_a_keyring_is_absent(void **state)
{
    struct fixture fix;

    (void)state;
    fixture_init(&fix);
    assert_int_equal(keyring_open(&fix.keyring, &fix.options, &fix.err), CTPS_ABSENT);
    assert_int_equal(mkdir(fix.dir, 0700), 0);
    assert_int_equal(keyring_open(&fix.keyring, &fix.options, &fix.err), CTPS_ABSENT);
    assert_null(fix.keyring);
    fixture_done(&fix);
}

static void open_under_another_root_key_is_forged_and_removes_nothing(void **state)
{
    struct fixture fix;
    struct seal_key *other = seal_key_new();

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    keyring_close(&fix.keyring);
    seal_key_random(other, sys_real());
    fix.options.root = other;
    assert_int_equal(keyring_open(&fix.keyring, &fix.options, &fix.err), CTPS_FORGED);
    fix.options.root = fix.root;
    fixture_open(&fix);
    seal_key_free(&other);
    fixture_done(&fix);
}

static void open_with_a_changed_or_missing_secret_is_damaged(void **state)
{
    struct fixture fix;
    char path[128];
    uint8_t secret[32];

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    keyring_close(&fix.keyring);
    snprintf(path, sizeof(path), "%s/epoch-000001.secret", fix.dir);
    assert_int_equal(sys_read_file(sys_real(), path, secret, sizeof(secret)), 32);
    secret[31] ^= 1;
    assert_int_equal(sys_write_file(sys_real(), path, secret, 32, 0600), 0);
    assert_int_equal(keyring_open(&fix.keyring, &fix.options, &fix.err), CTPS_DAMAGED);
    assert_int_equal(sys_write_file(sys_real(), path, secret, 31, 0600), 0);
    assert_int_equal(keyring_open(&fix.keyring, &fix.options, &fix.err), CTPS_DAMAGED);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(keyring_open(&fix.keyring, &fix.options, &fix.err), CTPS_DAMAGED);
    fixture_done(&fix);
}

static void open_of_an_epoch_under_another_number_is_damaged(void **state)
{
    struct fixture fix;
    char from[128];
    char to[128];

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    keyring_close(&fix.keyring);
    snprintf(from, sizeof(from), "%s/epoch-000001.keys", fix.dir);
    snprintf(to, sizeof(to), "%s/epoch-000002.keys", fix.dir);
    assert_int_equal(rename(from, to), 0);
    snprintf(from, sizeof(from), "%s/epoch-000001.secret", fix.dir);
    snprintf(to, sizeof(to), "%s/epoch-000002.secret", fix.dir);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(keyring_open(&fix.keyring, &fix.options, &fix.err), CTPS_DAMAGED);
    fixture_done(&fix);
}

enum { LMDB_PAGE = 4096 };

static void page_read(const struct fixture *fix, int page, uint8_t out[LMDB_PAGE])
{
    char path[128];
    int fd;

    snprintf(path, sizeof(path), "%s/epoch-000001.keys", fix->dir);
    fd = open(path, O_RDONLY);
    assert_int_equal(pread(fd, out, LMDB_PAGE, (off_t)page * LMDB_PAGE), LMDB_PAGE);
    close(fd);
}

static void page_write(const struct fixture *fix, int page, const uint8_t data[LMDB_PAGE])
{
    char path[128];
    int fd;

    snprintf(path, sizeof(path), "%s/epoch-000001.keys", fix->dir);
    fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, data, LMDB_PAGE, (off_t)page * LMDB_PAGE), LMDB_PAGE);
    close(fd);
}

/* The page that names the newest transaction never reached the disk: a start saw it in the page
 * cache, gave out what it names, and the power went. */
static void open_makes_durable_what_a_failed_commit_left(void **state)
{
    struct fixture fix;
    uint8_t old[2][LMDB_PAGE];
    uint8_t now[LMDB_PAGE];
    int newest;

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    page_read(&fix, 0, old[0]);
    page_read(&fix, 1, old[1]);
    assert_int_equal(keyring_extend(fix.keyring, NULL, &fix.err), CTPS_OK);
    keyring_close(&fix.keyring);
    page_read(&fix, 0, now);
    newest = memcmp(now, old[0], LMDB_PAGE) == 0;
    fixture_open(&fix);
    keyring_close(&fix.keyring);
    page_write(&fix, newest, old[newest]);
    fixture_open(&fix);
    assert_int_equal(keyring_slot_count(fix.keyring), 2 * KEYRING_BLOCK_COUNT);
    assert_int_equal(keyring_check(fix.keyring, NULL, &fix.err), CTPS_OK);
    fixture_done(&fix);
}

static void open_leaves_files_that_are_not_a_keyrings(void **state)
{
    static const char *const names[] = {"README", "epoch-x.keys", "epoch-000009",
                                        "other.secret"};
    struct fixture fix;
    char path[128];

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    keyring_close(&fix.keyring);
    for (unsigned i = 0; i < 4; i++) {
        snprintf(path, sizeof(path), "%s/%s", fix.dir, names[i]);
        assert_int_equal(sys_write_file(sys_real(), path, "text", 4, 0600), 0);
    }
    fixture_open(&fix);
    for (unsigned i = 0; i < 4; i++)
        assert_file(fix.dir, names[i], true);
    fixture_done(&fix);
}

static void extend_makes_a_block_and_keeps_keys_and_mark(void **state)
{
    struct fixture fix;
    struct keyring_mark mark = mark_of(77);
    struct keyring_mark found;
    struct seal_key *before = seal_key_new();
    struct seal_key *after = seal_key_new();

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    keyring_mark_get(fix.keyring, &found);
    assert_int_equal(found.seq, 0);
    assert_int_equal(keyring_key_get(fix.keyring, 1024, before), CTPS_OK);
    assert_int_equal(slot_code(fix.keyring, 1025), CTPS_ABSENT);
    assert_int_equal(keyring_extend(fix.keyring, &mark, &fix.err), CTPS_OK);
    assert_int_equal(keyring_extend(fix.keyring, NULL, &fix.err), CTPS_OK);
    assert_int_equal(slot_code(fix.keyring, 1025), CTPS_OK);
    keyring_close(&fix.keyring);
    fixture_open(&fix);
    assert_int_equal(keyring_slot_count(fix.keyring), 3 * KEYRING_BLOCK_COUNT);
    keyring_mark_get(fix.keyring, &found);
    assert_memory_equal(&found, &mark, sizeof(mark));
    assert_int_equal(keyring_key_get(fix.keyring, 1024, after), CTPS_OK);
    assert_memory_equal(before, after, sizeof(*before));
    assert_int_equal(keyring_check(fix.keyring, NULL, &fix.err), CTPS_OK);
    seal_key_free(&before);
    seal_key_free(&after);
    fixture_done(&fix);
}

static void key_get_outside_the_slots_is_absent(void **state)
{
    struct fixture fix;

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    assert_int_equal(slot_code(fix.keyring, 0), CTPS_ABSENT);
    assert_int_equal(slot_code(fix.keyring, KEYRING_BLOCK_COUNT + 1), CTPS_ABSENT);
    assert_int_equal(slot_code(fix.keyring, UINT64_MAX), CTPS_ABSENT);
    fixture_done(&fix);
}

static void slots_have_different_keys(void **state)
{
    struct fixture fix;
    struct seal_key *key = seal_key_new();
    static uint8_t keys[KEYRING_BLOCK_COUNT][SEAL_KEY_LEN];

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    for (uint64_t slot = 1; slot <= KEYRING_BLOCK_COUNT; slot++) {
        assert_int_equal(keyring_key_get(fix.keyring, slot, key), CTPS_OK);
        memcpy(keys[slot - 1], key->bytes, SEAL_KEY_LEN);
        for (uint64_t other = 1; other < slot; other++)
            assert_memory_not_equal(keys[slot - 1], keys[other - 1], SEAL_KEY_LEN);
    }
    seal_key_free(&key);
    fixture_done(&fix);
}

static void unseal_of_own_box_gives_the_content(void **state)
{
    struct fixture fix;
    struct bytes content = bytes_of_str("Kévin Durand, 12 rue des Tanneurs");
    struct bytes box;
    struct bytes found;

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    assert_int_equal(keyring_seal(fix.keyring, &fix.arena, 5, 9, content, &box), CTPS_OK);
    assert_int_equal(box.len, content.len + SEAL_OVERHEAD);
    assert_int_equal(keyring_unseal(fix.keyring, &fix.arena, 5, 9, box, &found), CTPS_OK);
    assert_true(bytes_equal(found, content));
    assert_int_equal(keyring_seal(fix.keyring, &fix.arena, 5, 9, (struct bytes){0}, &box),
                     CTPS_OK);
    assert_int_equal(keyring_unseal(fix.keyring, &fix.arena, 5, 9, box, &found), CTPS_OK);
    assert_int_equal(found.len, 0);
    fixture_done(&fix);
}

static void unseal_for_another_slot_or_field_is_forged(void **state)
{
    struct fixture fix;
    struct bytes box;
    struct bytes found;

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    assert_int_equal(keyring_seal(fix.keyring, &fix.arena, 5, 9, bytes_of_str("content"), &box),
                     CTPS_OK);
    assert_int_equal(keyring_unseal(fix.keyring, &fix.arena, 6, 9, box, &found), CTPS_FORGED);
    assert_int_equal(keyring_unseal(fix.keyring, &fix.arena, 5, 8, box, &found), CTPS_FORGED);
    box.len--;
    assert_int_equal(keyring_unseal(fix.keyring, &fix.arena, 5, 9, box, &found), CTPS_FORGED);
    box.len = 3;
    assert_int_equal(keyring_unseal(fix.keyring, &fix.arena, 5, 9, box, &found), CTPS_FORGED);
    fixture_done(&fix);
}

static void seal_without_room_in_the_arena_is_no_memory(void **state)
{
    static const uint8_t content[200];
    struct fixture fix;
    struct arena small;
    struct bytes box;

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    arena_init(&small, 128);
    assert_int_equal(
        keyring_seal(fix.keyring, &small, 5, 9, bytes_of(content, sizeof(content)), &box),
        CTPS_NOMEM);
    arena_done(&small);
    fixture_done(&fix);
}

static void backup_opens_elsewhere_and_is_known_by_its_mark(void **state)
{
    struct fixture fix;
    struct keyring_options other;
    struct keyring *copy = NULL;
    struct keyring_mark old_mark = mark_of(5);
    struct keyring_mark new_mark = mark_of(9);
    struct keyring_mark found;
    struct seal_key *key = seal_key_new();
    struct seal_key *same = seal_key_new();

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    assert_int_equal(keyring_extend(fix.keyring, &old_mark, &fix.err), CTPS_OK);
    assert_int_equal(keyring_backup(fix.keyring, fix.backup, &fix.err), CTPS_OK);
    assert_file(fix.backup, "epoch-000001.keys-lock", false);
    assert_int_equal(keyring_extend(fix.keyring, &new_mark, &fix.err), CTPS_OK);
    other = fix.options;
    other.dir = fix.backup;
    assert_int_equal(keyring_open(&copy, &other, &fix.err), CTPS_OK);
    assert_int_equal(keyring_check(copy, NULL, &fix.err), CTPS_OK);
    keyring_mark_get(copy, &found);
    assert_memory_equal(&found, &old_mark, sizeof(found));
    assert_true(keyring_slot_count(copy) < keyring_slot_count(fix.keyring));
    assert_int_equal(keyring_key_get(fix.keyring, 2000, key), CTPS_OK);
    assert_int_equal(keyring_key_get(copy, 2000, same), CTPS_OK);
    assert_memory_equal(key->bytes, same->bytes, SEAL_KEY_LEN);
    keyring_close(&copy);
    seal_key_free(&key);
    seal_key_free(&same);
    fixture_done(&fix);
}

/* A folder whose name is not flushed is gone after a power cut, with the backup in it. */
static void backup_flushes_the_name_of_its_folder(void **state)
{
    struct fixture fix;
    struct faulty faulty;
    char flush[80];

    (void)state;
    fixture_init(&fix);
    faulty_init(&faulty, FAULTY_NONE, 0);
    fix.options.sys = &faulty.sys;
    fixture_create(&fix);
    assert_int_equal(keyring_backup(fix.keyring, fix.backup, &fix.err), CTPS_OK);
    snprintf(flush, sizeof(flush), "flush_dir %s", faulty_name(fix.base));
    assert_true(faulty_find(&faulty, faulty_find(&faulty, 0, "mkdir backup"), flush) <
                FAULTY_TRACE_MAX);
    fixture_done(&fix);
}

/* Removes the row of a slot (or moves another's there) with LMDB alone. */
static void row_spoil(const struct fixture *fix, uint64_t slot, uint64_t taken_from)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    uint8_t to[8];
    uint8_t from[8];
    uint8_t row[256];
    char path[128];
    MDB_val key_to = {.mv_size = 8, .mv_data = to};
    MDB_val key_from = {.mv_size = 8, .mv_data = from};
    MDB_val value;

    snprintf(path, sizeof(path), "%s/epoch-000001.keys", fix->dir);
    be64_put(to, slot);
    be64_put(from, taken_from);
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, 8), 0);
    assert_int_equal(mdb_env_set_mapsize(env, 64 << 20), 0);
    assert_int_equal(mdb_env_open(env, path, MDB_NOSUBDIR, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, "t01", 0, &dbi), 0);
    assert_int_equal(mdb_get(txn, dbi, &key_from, &value), 0);
    assert_true(value.mv_size <= sizeof(row));
    memcpy(row, value.mv_data, value.mv_size);
    value.mv_data = row;
    if (slot == taken_from)
        assert_int_equal(mdb_del(txn, dbi, &key_to, NULL), 0);
    else
        assert_int_equal(mdb_put(txn, dbi, &key_to, &value, 0), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

static void lost_row_is_damage_and_not_an_erasure(void **state)
{
    struct fixture fix;

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    keyring_close(&fix.keyring);
    row_spoil(&fix, 40, 40);
    fixture_open(&fix);
    assert_int_equal(slot_code(fix.keyring, 40), CTPS_DAMAGED);
    assert_int_equal(slot_code(fix.keyring, 41), CTPS_OK);
    assert_int_equal(keyring_check(fix.keyring, NULL, &fix.err), CTPS_DAMAGED);
    assert_non_null(strstr(fix.err.text, "slot 40"));
    fixture_done(&fix);
}

static void lost_last_row_is_damage(void **state)
{
    struct fixture fix;

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    keyring_close(&fix.keyring);
    row_spoil(&fix, KEYRING_BLOCK_COUNT, KEYRING_BLOCK_COUNT);
    fixture_open(&fix);
    assert_int_equal(keyring_check(fix.keyring, NULL, &fix.err), CTPS_DAMAGED);
    fixture_done(&fix);
}

static void row_of_another_slot_is_damage(void **state)
{
    struct fixture fix;

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    keyring_close(&fix.keyring);
    row_spoil(&fix, 40, 41);
    fixture_open(&fix);
    assert_int_equal(slot_code(fix.keyring, 40), CTPS_DAMAGED);
    assert_int_equal(keyring_check(fix.keyring, NULL, &fix.err), CTPS_DAMAGED);
    fixture_done(&fix);
}

static void two_keyrings_in_one_process_are_apart(void **state)
{
    struct fixture one;
    struct fixture two;

    (void)state;
    fixture_init(&one);
    fixture_init(&two);
    fixture_create(&one);
    fixture_create(&two);
    assert_int_equal(keyring_extend(one.keyring, NULL, &one.err), CTPS_OK);
    assert_int_equal(keyring_slot_count(two.keyring), KEYRING_BLOCK_COUNT);
    fixture_done(&one);
    fixture_done(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_makes_one_block_in_private_files),
        cmocka_unit_test(create_over_a_keyring_is_exists_and_changes_nothing),
        cmocka_unit_test(open_without_a_keyring_is_absent),
        cmocka_unit_test(open_under_another_root_key_is_forged_and_removes_nothing),
        cmocka_unit_test(open_with_a_changed_or_missing_secret_is_damaged),
        cmocka_unit_test(open_of_an_epoch_under_another_number_is_damaged),
        cmocka_unit_test(open_makes_durable_what_a_failed_commit_left),
        cmocka_unit_test(open_leaves_files_that_are_not_a_keyrings),
        cmocka_unit_test(extend_makes_a_block_and_keeps_keys_and_mark),
        cmocka_unit_test(key_get_outside_the_slots_is_absent),
        cmocka_unit_test(slots_have_different_keys),
        cmocka_unit_test(unseal_of_own_box_gives_the_content),
        cmocka_unit_test(unseal_for_another_slot_or_field_is_forged),
        cmocka_unit_test(seal_without_room_in_the_arena_is_no_memory),
        cmocka_unit_test(backup_opens_elsewhere_and_is_known_by_its_mark),
        cmocka_unit_test(backup_flushes_the_name_of_its_folder),
        cmocka_unit_test(lost_row_is_damage_and_not_an_erasure),
        cmocka_unit_test(lost_last_row_is_damage),
        cmocka_unit_test(row_of_another_slot_is_damage),
        cmocka_unit_test(two_keyrings_in_one_process_are_apart),
    };

    if (seal_start(NULL) != CTPS_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}

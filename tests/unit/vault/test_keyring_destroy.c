#include "faulty.h"
#include "fixture.h"

#include <lmdb.h>
#include <sys/wait.h>

enum { VICTIM_COUNT = 4, NEEDLE_COUNT = 2 * VICTIM_COUNT + 1, FILE_MAX = 4 << 20 };

static const uint64_t victims[VICTIM_COUNT] = {3, 700, 7, 1024};

/* What must not be found on the disk once the victims are destroyed: their raw keys, their rows
 * as they stood in the old file, the old secret. */
struct needles {
    uint8_t data[NEEDLE_COUNT][128];
    size_t len[NEEDLE_COUNT];
    unsigned hits;
};

struct snapshot {
    uint8_t keys[FILE_MAX];
    size_t keys_len;
    uint8_t secret[32];
};

static void needles_take_rows(struct needles *needles, const struct fixture *fix)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    char path[128];

    snprintf(path, sizeof(path), "%s/epoch-000001.keys", fix->dir);
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, 8), 0);
    assert_int_equal(mdb_env_open(env, path, MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, "t01", 0, &dbi), 0);
    for (unsigned i = 0; i < VICTIM_COUNT; i++) {
        uint8_t name[8];
        MDB_val key = {.mv_size = 8, .mv_data = name};
        MDB_val row;

        be64_put(name, victims[i]);
        assert_int_equal(mdb_get(txn, dbi, &key, &row), 0);
        assert_in_range(row.mv_size, 64, 128);
        memcpy(needles->data[VICTIM_COUNT + i], row.mv_data, row.mv_size);
        needles->len[VICTIM_COUNT + i] = row.mv_size;
    }
    mdb_txn_abort(txn);
    mdb_env_close(env);
}

static void needles_take(struct needles *needles, struct fixture *fix)
{
    struct seal_key *key = seal_key_new();
    char path[128];

    memset(needles, 0, sizeof(*needles));
    for (unsigned i = 0; i < VICTIM_COUNT; i++) {
        assert_int_equal(keyring_key_get(fix->keyring, victims[i], key), CTPS_OK);
        memcpy(needles->data[i], key->bytes, SEAL_KEY_LEN);
        needles->len[i] = SEAL_KEY_LEN;
    }
    seal_key_free(&key);
    keyring_close(&fix->keyring);
    needles_take_rows(needles, fix);
    snprintf(path, sizeof(path), "%s/epoch-000001.secret", fix->dir);
    assert_int_equal(sys_read_file(sys_real(), path, needles->data[NEEDLE_COUNT - 1], 32), 32);
    needles->len[NEEDLE_COUNT - 1] = 32;
}

static void needles_search_file(void *arg, const char *path)
{
    static uint8_t whole[FILE_MAX];
    struct needles *needles = arg;
    ssize_t len = sys_read_file(sys_real(), path, whole, sizeof(whole));

    for (unsigned i = 0; len > 0 && i < NEEDLE_COUNT; i++)
        if (memmem(whole, (size_t)len, needles->data[i], needles->len[i]))
            needles->hits++;
}

struct search {
    const char *dir;
    struct needles *needles;
    unsigned file_count;
};

static int search_each(void *arg, const char *name)
{
    struct search *search = arg;
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", search->dir, name);
    needles_search_file(search->needles, path);
    search->file_count++;
    return 0;
}

static unsigned needles_search(struct needles *needles, const struct fixture *fix)
{
    struct search search = {.dir = fix->dir, .needles = needles};

    needles->hits = 0;
    assert_int_equal(sys_real()->list_dir(NULL, fix->dir, search_each, &search), 0);
    assert_true(search.file_count >= 2);
    return needles->hits;
}

/* A closed keyring of epoch 1, its files and what to look for in them. */
static void setup(struct fixture *fix, struct needles *needles, struct snapshot *snapshot)
{
    char path[128];
    ssize_t len;

    fixture_init(fix);
    fixture_create(fix);
    needles_take(needles, fix);
    snprintf(path, sizeof(path), "%s/epoch-000001.keys", fix->dir);
    len = sys_read_file(sys_real(), path, snapshot->keys, sizeof(snapshot->keys));
    assert_true(len > 0);
    snapshot->keys_len = (size_t)len;
    snprintf(path, sizeof(path), "%s/epoch-000001.secret", fix->dir);
    assert_int_equal(sys_read_file(sys_real(), path, snapshot->secret, 32), 32);
}

static void snapshot_restore(const struct snapshot *snapshot, struct fixture *fix)
{
    char path[128];

    fixture_empty(fix->dir);
    snprintf(path, sizeof(path), "%s/epoch-000001.keys", fix->dir);
    assert_int_equal(sys_write_file(sys_real(), path, snapshot->keys, snapshot->keys_len, 0600),
                     0);
    snprintf(path, sizeof(path), "%s/epoch-000001.secret", fix->dir);
    assert_int_equal(sys_write_file(sys_real(), path, snapshot->secret, 32, 0600), 0);
}

static enum ctps_code destroy_with(struct fixture *fix, struct faulty *faulty)
{
    struct keyring_options options = fix->options;
    struct keyring_mark mark = mark_of(41);
    struct keyring *keyring = NULL;
    enum ctps_code code;

    options.sys = &faulty->sys;
    code = keyring_open(&keyring, &options, NULL);
    if (code == CTPS_OK)
        code = keyring_destroy(keyring, victims, VICTIM_COUNT, &mark, NULL);
    keyring_close(&keyring);
    return code;
}

static int count_each(void *arg, const char *name)
{
    unsigned *count = arg;

    (void)name;
    ++*count;
    return 0;
}

static void assert_folder_holds_one_epoch(const struct fixture *fix, uint32_t epoch)
{
    unsigned count = 0;
    char name[64];

    snprintf(name, sizeof(name), "epoch-%06u.keys", epoch);
    assert_file(fix->dir, name, true);
    snprintf(name, sizeof(name), "epoch-%06u.secret", epoch);
    assert_file(fix->dir, name, true);
    snprintf(name, sizeof(name), "epoch-%06u.keys-lock", epoch);
    assert_file(fix->dir, name, true);
    sys_real()->list_dir(NULL, fix->dir, count_each, &count);
    assert_int_equal(count, 3);
}

/* Opens for real. Either all stand or all are gone, and nothing in between. */
static bool assert_all_or_none(struct fixture *fix, struct needles *needles)
{
    struct keyring_mark mark;
    struct seal_key *key = seal_key_new();
    uint64_t live = 0;
    bool gone;

    fixture_open(fix);
    gone = keyring_epoch(fix->keyring) == 2;
    for (unsigned i = 0; i < VICTIM_COUNT; i++) {
        assert_int_equal(keyring_key_get(fix->keyring, victims[i], key),
                         gone ? CTPS_ABSENT : CTPS_OK);
        if (!gone)
            assert_memory_equal(key->bytes, needles->data[i], SEAL_KEY_LEN);
    }
    for (uint64_t slot = 8; slot < 700; slot += 13)
        assert_int_equal(slot_code(fix->keyring, slot), CTPS_OK);
    assert_int_equal(keyring_check(fix->keyring, &live, &fix->err), CTPS_OK);
    assert_int_equal(live, KEYRING_BLOCK_COUNT - (gone ? VICTIM_COUNT : 0));
    assert_int_equal(keyring_slot_count(fix->keyring), KEYRING_BLOCK_COUNT);
    keyring_mark_get(fix->keyring, &mark);
    assert_int_equal(mark.seq, gone ? 41 : 0);
    assert_folder_holds_one_epoch(fix, gone ? 2 : 1);
    seal_key_free(&key);
    keyring_close(&fix->keyring);
    assert_int_equal(needles_search(needles, fix), gone ? 0 : VICTIM_COUNT + 1);
    return gone;
}

static void destroyed_keys_are_absent_and_nowhere_on_disk(void **state)
{
    static struct snapshot snapshot;
    struct fixture fix;
    struct needles needles;
    struct faulty faulty;

    (void)state;
    setup(&fix, &needles, &snapshot);
    faulty_init(&faulty, FAULTY_NONE, 0);
    assert_int_equal(needles_search(&needles, &fix), VICTIM_COUNT + 1);
    assert_int_equal(destroy_with(&fix, &faulty), CTPS_OK);
    assert_true(assert_all_or_none(&fix, &needles));
    fixture_done(&fix);
}

static void search_finds_the_old_files_when_removal_is_a_lie(void **state)
{
    static struct snapshot snapshot;
    struct fixture fix;
    struct needles needles;
    struct faulty faulty;

    (void)state;
    setup(&fix, &needles, &snapshot);
    faulty_init(&faulty, FAULTY_NONE, 0);
    faulty.no_overwrite = true;
    faulty.no_unlink = true;
    assert_int_equal(destroy_with(&fix, &faulty), CTPS_OK);
    assert_int_equal(needles_search(&needles, &fix), VICTIM_COUNT + 1);
    fixture_done(&fix);
}

/* What is removed was overwritten before; the control: without overwriting it was not. */
static void files_are_overwritten_before_they_are_removed(void **state)
{
    static struct snapshot snapshot;

    (void)state;
    for (int control = 0; control < 2; control++) {
        struct fixture fix;
        struct needles needles;
        struct faulty faulty;

        setup(&fix, &needles, &snapshot);
        faulty_init(&faulty, FAULTY_NONE, 0);
        faulty.removing = needles_search_file;
        faulty.arg = &needles;
        faulty.no_overwrite = control;
        assert_int_equal(destroy_with(&fix, &faulty), CTPS_OK);
        assert_int_equal(needles.hits, control ? VICTIM_COUNT + 1 : 0);
        fixture_done(&fix);
    }
}

static void effects_come_in_the_order_of_the_promise(void **state)
{
    static const char *const order[] = {
        "flush epoch-000002.secret.new", "rename epoch-000002.secret.new", "flush_dir keyring",
        "flush epoch-000002.keys.new",   "rename epoch-000002.keys.new",   "flush_dir keyring",
    };
    static const char *const removal[2][3] = {
        {"write epoch-000001.keys", "flush epoch-000001.keys", "unlink epoch-000001.keys"},
        {"write epoch-000001.secret", "flush epoch-000001.secret",
         "unlink epoch-000001.secret"},
    };
    static struct snapshot snapshot;
    struct fixture fix;
    struct needles needles;
    struct faulty faulty;
    unsigned at = 0;

    (void)state;
    setup(&fix, &needles, &snapshot);
    faulty_init(&faulty, FAULTY_NONE, 0);
    assert_int_equal(destroy_with(&fix, &faulty), CTPS_OK);
    for (unsigned i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        at = faulty_find(&faulty, at, order[i]);
        assert_true(at < FAULTY_TRACE_MAX);
        at++;
    }
    for (unsigned file = 0; file < 2; file++) {
        unsigned step = at;

        assert_int_equal(faulty_find(&faulty, 0, removal[file][0]),
                         faulty_find(&faulty, at, removal[file][0]));
        for (unsigned i = 0; i < 3; i++) {
            step = faulty_find(&faulty, step, removal[file][i]);
            assert_true(step < FAULTY_TRACE_MAX);
        }
        assert_true(faulty_find(&faulty, step, "flush_dir keyring") < FAULTY_TRACE_MAX);
    }
    fixture_done(&fix);
}

static void process_ended_at_any_effect_leaves_all_or_none(void **state)
{
    static struct snapshot snapshot;
    struct fixture fix;
    struct needles needles;
    unsigned gone = 0;
    unsigned at = 0;
    int status;

    (void)state;
    setup(&fix, &needles, &snapshot);
    do {
        pid_t pid;

        snapshot_restore(&snapshot, &fix);
        at++;
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            struct faulty faulty;

            faulty_init(&faulty, FAULTY_EXIT, at);
            _exit((int)destroy_with(&fix, &faulty));
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        gone += assert_all_or_none(&fix, &needles);
    } while (WEXITSTATUS(status) == FAULTY_EXIT_STATUS);
    assert_int_equal(WEXITSTATUS(status), CTPS_OK);
    print_message("ended at each of %u effects: %u found all keys, %u none\n", at - 1,
                  at - gone, gone - 1);
    assert_true(at > 15 && gone > 5 && at - gone > 5);
    fixture_done(&fix);
}

static void failure_at_any_effect_leaves_all_or_none(void **state)
{
    static const enum faulty_mode modes[] = {FAULTY_ONCE, FAULTY_ON};
    static struct snapshot snapshot;
    struct fixture fix;
    struct needles needles;

    (void)state;
    setup(&fix, &needles, &snapshot);
    for (unsigned mode = 0; mode < 2; mode++) {
        enum ctps_code code;
        unsigned at = 0;
        unsigned failed = 0;

        do {
            struct faulty faulty;

            snapshot_restore(&snapshot, &fix);
            faulty_init(&faulty, modes[mode], ++at);
            code = destroy_with(&fix, &faulty);
            failed += code != CTPS_OK;
            /* An answer of CTPS_OK means that they are gone. */
            if (assert_all_or_none(&fix, &needles) == false)
                assert_int_not_equal(code, CTPS_OK);
            if (faulty.count < at)
                break;
        } while (at < FAULTY_TRACE_MAX);
        assert_int_equal(code, CTPS_OK);
        assert_true(failed > 15);
    }
    fixture_done(&fix);
}

/* Ended right after the rename: its name may not be on the disk yet when the next start comes.
 */
static void open_flushes_the_name_in_force_before_it_removes_others(void **state)
{
    static struct snapshot snapshot;
    struct fixture fix;
    struct needles needles;
    struct faulty faulty;
    unsigned removed;

    (void)state;
    setup(&fix, &needles, &snapshot);
    faulty_init(&faulty, FAULTY_NONE, 0);
    assert_int_equal(destroy_with(&fix, &faulty), CTPS_OK);
    snapshot_restore(&snapshot, &fix);
    faulty_init(&faulty, FAULTY_ON,
                faulty_find(&faulty, 0, "rename epoch-000002.keys.new") + 2);
    assert_int_equal(destroy_with(&fix, &faulty), CTPS_IO);
    assert_file(fix.dir, "epoch-000001.keys", true);
    assert_file(fix.dir, "epoch-000002.keys", true);
    faulty_init(&faulty, FAULTY_NONE, 0);
    fix.options.sys = &faulty.sys;
    fixture_open(&fix);
    keyring_close(&fix.keyring);
    removed = faulty_find(&faulty, 0, "open epoch-000001.keys");
    assert_true(removed < FAULTY_TRACE_MAX);
    assert_true(faulty_find(&faulty, 0, "flush_dir keyring") < removed);
    assert_int_equal(needles_search(&needles, &fix), 0);
    fixture_done(&fix);
}

static void destroy_after_a_failed_removal_finishes_it(void **state)
{
    static struct snapshot snapshot;
    struct fixture fix;
    struct needles needles;
    struct faulty faulty;
    struct keyring_options options;
    unsigned at;

    (void)state;
    setup(&fix, &needles, &snapshot);
    faulty_init(&faulty, FAULTY_NONE, 0);
    assert_int_equal(destroy_with(&fix, &faulty), CTPS_OK);
    at = faulty_find(&faulty, 0, "write epoch-000001.keys") + 1;
    snapshot_restore(&snapshot, &fix);
    faulty_init(&faulty, FAULTY_ONCE, at);
    options = fix.options;
    options.sys = &faulty.sys;
    assert_int_equal(keyring_open(&fix.keyring, &options, &fix.err), CTPS_OK);
    assert_int_equal(keyring_destroy(fix.keyring, victims, VICTIM_COUNT, NULL, &fix.err),
                     CTPS_IO);
    assert_true(needles_search(&needles, &fix) > 0);
    assert_int_equal(slot_code(fix.keyring, victims[0]), CTPS_ABSENT);
    assert_int_equal(keyring_destroy(fix.keyring, victims, VICTIM_COUNT, NULL, &fix.err),
                     CTPS_OK);
    assert_int_equal(keyring_check(fix.keyring, NULL, &fix.err), CTPS_OK);
    assert_int_equal(needles_search(&needles, &fix), 0);
    keyring_close(&fix.keyring);
    fixture_done(&fix);
}

static void keyring_after_an_unknown_rename_is_closed(void **state)
{
    static struct snapshot snapshot;
    struct fixture fix;
    struct needles needles;
    struct faulty faulty;
    struct keyring_options options;
    unsigned at;

    (void)state;
    setup(&fix, &needles, &snapshot);
    faulty_init(&faulty, FAULTY_NONE, 0);
    assert_int_equal(destroy_with(&fix, &faulty), CTPS_OK);
    at = faulty_find(&faulty, 0, "rename epoch-000002.keys.new") + 1;
    snapshot_restore(&snapshot, &fix);
    faulty_init(&faulty, FAULTY_ONCE, at);
    options = fix.options;
    options.sys = &faulty.sys;
    assert_int_equal(keyring_open(&fix.keyring, &options, &fix.err), CTPS_OK);
    assert_int_equal(keyring_destroy(fix.keyring, victims, VICTIM_COUNT, NULL, &fix.err),
                     CTPS_IO);
    assert_int_equal(slot_code(fix.keyring, 1), CTPS_CLOSED);
    assert_int_equal(keyring_extend(fix.keyring, NULL, &fix.err), CTPS_CLOSED);
    assert_int_equal(keyring_check(fix.keyring, NULL, &fix.err), CTPS_CLOSED);
    assert_int_equal(keyring_backup(fix.keyring, fix.backup, &fix.err), CTPS_CLOSED);
    assert_int_equal(keyring_destroy(fix.keyring, victims, 1, NULL, &fix.err), CTPS_CLOSED);
    keyring_close(&fix.keyring);
    assert_all_or_none(&fix, &needles);
    fixture_done(&fix);
}

static void create_ended_at_any_effect_can_be_done_again(void **state)
{
    int status;
    unsigned at = 0;

    (void)state;
    do {
        struct fixture fix;
        enum ctps_code code;
        pid_t pid;

        fixture_init(&fix);
        at++;
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            struct faulty faulty;

            faulty_init(&faulty, FAULTY_EXIT, at);
            fix.options.sys = &faulty.sys;
            _exit((int)keyring_create(&fix.options, NULL));
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        code = keyring_create(&fix.options, &fix.err);
        assert_true(code == CTPS_OK || code == CTPS_EXISTS);
        fixture_open(&fix);
        assert_int_equal(keyring_check(fix.keyring, NULL, &fix.err), CTPS_OK);
        assert_folder_holds_one_epoch(&fix, 1);
        fixture_done(&fix);
    } while (WEXITSTATUS(status) == FAULTY_EXIT_STATUS);
    assert_int_equal(WEXITSTATUS(status), CTPS_OK);
    assert_true(at > 8);
}

static void destroy_passes_over_slots_that_are_gone_or_never_were(void **state)
{
    static const uint64_t odd[] = {5, 5, 0, 999999, 5};
    struct fixture fix;
    uint64_t live = 0;

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    assert_int_equal(keyring_destroy(fix.keyring, odd, 5, NULL, &fix.err), CTPS_OK);
    assert_int_equal(keyring_check(fix.keyring, &live, &fix.err), CTPS_OK);
    assert_int_equal(live, KEYRING_BLOCK_COUNT - 1);
    assert_int_equal(keyring_destroy(fix.keyring, odd, 5, NULL, &fix.err), CTPS_OK);
    assert_int_equal(keyring_destroy(fix.keyring, NULL, 0, NULL, &fix.err), CTPS_OK);
    assert_int_equal(keyring_check(fix.keyring, &live, &fix.err), CTPS_OK);
    assert_int_equal(live, KEYRING_BLOCK_COUNT - 1);
    assert_int_equal(keyring_epoch(fix.keyring), 4);
    fixture_done(&fix);
}

static void box_of_a_destroyed_slot_is_absent_and_others_open(void **state)
{
    struct fixture fix;
    uint64_t slot = 12;
    struct bytes gone;
    struct bytes kept;
    struct bytes found;

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    assert_int_equal(
        keyring_seal(fix.keyring, &fix.arena, slot, 1, bytes_of_str("gone"), &gone), CTPS_OK);
    assert_int_equal(keyring_seal(fix.keyring, &fix.arena, 13, 1, bytes_of_str("kept"), &kept),
                     CTPS_OK);
    assert_int_equal(keyring_destroy(fix.keyring, &slot, 1, NULL, &fix.err), CTPS_OK);
    assert_int_equal(keyring_unseal(fix.keyring, &fix.arena, slot, 1, gone, &found),
                     CTPS_ABSENT);
    assert_int_equal(keyring_seal(fix.keyring, &fix.arena, slot, 1, bytes_of_str("x"), &found),
                     CTPS_ABSENT);
    assert_int_equal(keyring_unseal(fix.keyring, &fix.arena, 13, 1, kept, &found), CTPS_OK);
    assert_true(bytes_equal(found, bytes_of_str("kept")));
    assert_int_equal(keyring_extend(fix.keyring, NULL, &fix.err), CTPS_OK);
    assert_int_equal(keyring_check(fix.keyring, NULL, &fix.err), CTPS_OK);
    fixture_done(&fix);
}

/* More slots than one bitmap row, one transaction of a rewrite or one release of memory holds.
 */
static void destroy_among_many_blocks_keeps_count(void **state)
{
    enum { BLOCKS = 40, GONE = 500 };
    static uint64_t slots[GONE];
    struct fixture fix;
    uint64_t live = 0;

    (void)state;
    fixture_init(&fix);
    fixture_create(&fix);
    for (unsigned i = 1; i < BLOCKS; i++)
        assert_int_equal(keyring_extend(fix.keyring, NULL, &fix.err), CTPS_OK);
    for (unsigned i = 0; i < GONE; i++)
        slots[i] = 1 + (uint64_t)i * 81;
    assert_int_equal(keyring_destroy(fix.keyring, slots, GONE, NULL, &fix.err), CTPS_OK);
    assert_int_equal(keyring_check(fix.keyring, &live, &fix.err), CTPS_OK);
    assert_int_equal(live, BLOCKS * KEYRING_BLOCK_COUNT - GONE);
    for (unsigned i = 0; i < GONE; i++) {
        assert_int_equal(slot_code(fix.keyring, slots[i]), CTPS_ABSENT);
        assert_int_equal(slot_code(fix.keyring, slots[i] + 1), CTPS_OK);
    }
    fixture_done(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(destroyed_keys_are_absent_and_nowhere_on_disk),
        cmocka_unit_test(search_finds_the_old_files_when_removal_is_a_lie),
        cmocka_unit_test(files_are_overwritten_before_they_are_removed),
        cmocka_unit_test(effects_come_in_the_order_of_the_promise),
        cmocka_unit_test(process_ended_at_any_effect_leaves_all_or_none),
        cmocka_unit_test(failure_at_any_effect_leaves_all_or_none),
        cmocka_unit_test(open_flushes_the_name_in_force_before_it_removes_others),
        cmocka_unit_test(destroy_after_a_failed_removal_finishes_it),
        cmocka_unit_test(keyring_after_an_unknown_rename_is_closed),
        cmocka_unit_test(create_ended_at_any_effect_can_be_done_again),
        cmocka_unit_test(destroy_passes_over_slots_that_are_gone_or_never_were),
        cmocka_unit_test(box_of_a_destroyed_slot_is_absent_and_others_open),
        cmocka_unit_test(destroy_among_many_blocks_keeps_count),
    };

    if (seal_start(NULL) != CTPS_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "fixture.h"

/* The oracle: a table of at most 256 keys of up to two bytes, walked by hand. */
enum { KEY_COUNT = 6 + 6 * 6 };

struct model {
    bool there[KEY_COUNT];
};

static const uint8_t letters[6] = {0x00, 0x01, 'a', 'b', 0xfe, 0xff};

/* Key number n in order: each letter, followed by the pairs that begin with it. */
static struct bytes model_key(unsigned n, uint8_t out[2])
{
    unsigned first = n / 7;
    unsigned second = n % 7;

    out[0] = letters[first];
    if (second == 0)
        return bytes_of(out, 1);
    out[1] = letters[second - 1];
    return bytes_of(out, 2);
}

static int compare(struct bytes a, struct bytes b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int diff = len ? memcmp(a.data, b.data, len) : 0;

    return diff ? diff : (int)a.len - (int)b.len;
}

static bool wanted(const struct model *model, unsigned n, struct bytes prefix,
                   struct bytes from, bool backwards)
{
    uint8_t room[2];
    struct bytes key = model_key(n, room);

    if (!model->there[n] || key.len < prefix.len ||
        (prefix.len && memcmp(key.data, prefix.data, prefix.len) != 0))
        return false;
    if (from.len == 0)
        return true;
    return backwards ? compare(key, from) <= 0 : compare(key, from) >= 0;
}

static void assert_walk(struct store_txn *txn, const struct model *model, struct bytes prefix,
                        struct bytes from, bool backwards)
{
    struct store_cursor *cursor = NULL;
    struct bytes key;
    struct bytes value;

    assert_int_equal(store_cursor_open(&cursor, txn, 1, prefix, from, backwards), CTPS_OK);
    for (unsigned i = 0; i < KEY_COUNT; i++) {
        unsigned n = backwards ? KEY_COUNT - 1 - i : i;
        uint8_t room[2];

        if (!wanted(model, n, prefix, from, backwards))
            continue;
        assert_int_equal(store_cursor_next(cursor, &key, &value), CTPS_OK);
        assert_true(bytes_equal(key, model_key(n, room)));
        assert_true(bytes_equal(value, key));
    }
    assert_int_equal(store_cursor_next(cursor, &key, &value), CTPS_ABSENT);
    assert_int_equal(store_cursor_next(cursor, &key, &value), CTPS_ABSENT);
    store_cursor_close(&cursor);
    assert_null(cursor);
    store_cursor_close(&cursor);
}

static void model_fill(struct model *model, struct store_txn *txn, unsigned share)
{
    for (unsigned n = 0; n < KEY_COUNT; n++) {
        uint8_t room[2];
        uint8_t dice;

        sys_random(sys_real(), &dice, 1);
        model->there[n] = dice % 4 < share;
        if (model->there[n])
            assert_int_equal(store_put(txn, 1, model_key(n, room), model_key(n, room)),
                             CTPS_OK);
    }
}

static void assert_all_walks(struct store_txn *txn, const struct model *model)
{
    for (unsigned p = 0; p <= KEY_COUNT; p++)
        for (unsigned f = 0; f <= KEY_COUNT; f++) {
            uint8_t prefix_room[2];
            uint8_t from_room[2];
            struct bytes prefix = {0};
            struct bytes from = {0};

            if (p < KEY_COUNT)
                prefix = model_key(p, prefix_room);
            if (f < KEY_COUNT)
                from = model_key(f, from_room);
            assert_walk(txn, model, prefix, from, false);
            assert_walk(txn, model, prefix, from, true);
        }
}

static void walk_with_any_prefix_and_start_agrees_with_a_model(void **state)
{
    (void)state;
    for (unsigned share = 0; share <= 4; share++) {
        struct fixture fix;
        struct model model;
        struct store_txn *txn;

        fixture_init(&fix, STORE_DISPOSABLE);
        fixture_open(&fix);
        txn = fixture_begin(&fix, true);
        put_text(txn, 0, "other", "table before");
        put_text(txn, 2, "other", "table after");
        model_fill(&model, txn, share);
        fixture_commit(&fix, &txn);
        txn = fixture_begin(&fix, false);
        assert_all_walks(txn, &model);
        store_txn_abort(&txn);
        fixture_done(&fix);
    }
}

/* Removing what was answered, and adding rows on both sides, for many pages of rows. */
static void walk_goes_on_while_rows_are_put_and_removed(void **state)
{
    enum { ROWS = 3000 };
    static const uint8_t value[200];

    (void)state;
    for (int backwards = 0; backwards < 2; backwards++) {
        struct fixture fix;
        struct store_txn *txn;
        struct store_cursor *cursor;
        struct bytes key;
        struct bytes found;
        uint64_t seen = 0;

        fixture_init(&fix, STORE_DISPOSABLE);
        fixture_open(&fix);
        txn = fixture_begin(&fix, true);
        for (uint64_t i = 1; i <= ROWS; i++) {
            uint8_t at[8];

            be64_put(at, i * 2);
            assert_int_equal(store_put(txn, 0, bytes_of(at, 8), bytes_of(value, 200)), CTPS_OK);
        }
        assert_int_equal(
            store_cursor_open(&cursor, txn, 0, (struct bytes){0}, (struct bytes){0}, backwards),
            CTPS_OK);
        while (store_cursor_next(cursor, &key, &found) == CTPS_OK) {
            uint8_t behind[8];
            uint64_t n = be64_get(key.data);

            seen++;
            assert_int_equal(n, backwards ? 2 * (ROWS + 1 - seen) : 2 * seen);
            be64_put(behind, backwards ? n + 1 : n - 1);
            if (seen % 3)
                assert_int_equal(store_remove(txn, 0, key, NULL), CTPS_OK);
            assert_int_equal(store_put(txn, 0, bytes_of(behind, 8), bytes_of(value, 200)),
                             CTPS_OK);
        }
        assert_int_equal(seen, ROWS);
        store_cursor_close(&cursor);
        fixture_commit(&fix, &txn);
        fixture_done(&fix);
    }
}

static void cursor_open_with_too_long_a_prefix_is_invalid(void **state)
{
    static const uint8_t prefix[STORE_KEY_MAX + 1];
    struct fixture fix;
    struct store_txn *txn;
    struct store_cursor *cursor = NULL;

    (void)state;
    fixture_init(&fix, STORE_DISPOSABLE);
    fixture_open(&fix);
    txn = fixture_begin(&fix, false);
    assert_int_equal(store_cursor_open(&cursor, txn, 0, bytes_of(prefix, sizeof(prefix)),
                                       (struct bytes){0}, false),
                     CTPS_INVALID);
    assert_null(cursor);
    store_txn_abort(&txn);
    fixture_done(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walk_with_any_prefix_and_start_agrees_with_a_model),
        cmocka_unit_test(walk_goes_on_while_rows_are_put_and_removed),
        cmocka_unit_test(cursor_open_with_too_long_a_prefix_is_invalid),
    };

    if (seal_start(NULL) != CTPS_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}

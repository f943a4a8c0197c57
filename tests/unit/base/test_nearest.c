#include "base/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void distance_counts_edits(void **state)
{
    static const struct {
        const char *a, *b;
        size_t distance;
    } pairs[] = {
        {"", "", 0},
        {"", "abc", 3},
        {"abc", "", 3},
        {"abc", "abc", 0},
        {"abc", "abd", 1},
        {"abc", "acb", 1},
        {"abc", "bca", 2},
        {"ca", "abc", 3},
        {"town", "twon", 1},
        {"kitten", "sitting", 3},
        {"flush", "flsuhes", 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        assert_int_equal(nearest_distance(pairs[i].a, pairs[i].b), pairs[i].distance);
        assert_int_equal(nearest_distance(pairs[i].b, pairs[i].a), pairs[i].distance);
    }
}

static void distance_of_a_long_name_is_none(void **state)
{
    char text[NEAREST_LEN_MAX + 2];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_true(nearest_distance(text, "x") == SIZE_MAX);
    text[NEAREST_LEN_MAX] = '\0';
    assert_int_equal(nearest_distance(text, "x"), NEAREST_LEN_MAX - 1);
}

static void find_gives_the_nearest_or_nothing(void **state)
{
    static const char *const names[] = {"motif", "territoire", "nom", "prenom"};

    (void)state;
    assert_string_equal(nearest_find("motifs", names, 4), "motif");
    assert_string_equal(nearest_find("teritiore", names, 4), "territoire");
    assert_string_equal(nearest_find("penom", names, 4), "prenom");
    assert_string_equal(nearest_find("nm", names, 4), "nom");
    assert_null(nearest_find("adresse", names, 4));
    assert_null(nearest_find("ab", names, 4));
    assert_null(nearest_find("motif", names, 0));
}

static void offer_takes_part_of_a_text(void **state)
{
    struct nearest nearest;

    (void)state;
    nearest_init(&nearest, "jurnal");
    assert_null(nearest_best(&nearest));
    nearest_offer(&nearest, "bus.batch", 3);
    assert_null(nearest_best(&nearest));
    nearest_offer(&nearest, "journal.flush", 7);
    nearest_offer(&nearest, "", 0);
    assert_string_equal(nearest_best(&nearest), "journal");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distance_counts_edits),
        cmocka_unit_test(distance_of_a_long_name_is_none),
        cmocka_unit_test(find_gives_the_nearest_or_nothing),
        cmocka_unit_test(offer_takes_part_of_a_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "fake_daemon.h"
#include "import_values.h"
#include "value.h"

static bool is_letter_pair(void *ctx, const char *part)
{
    (void)ctx;
    return strlen(part) == 2 || strcmp(part, "aa, bb") == 0;
}

static size_t split(struct arena *arena, const char *text, const char **ret_parts,
                    const char **ret_bad)
{
    static const char *const separators[] = {" / ", "/", ",", NULL};

    return import_value_split(arena, text, separators, is_letter_pair, NULL, ret_parts,
                              ret_bad);
}

static void split_prefers_the_whole_then_the_first_separator(void **state)
{
    const char *parts[IMPORT_PARTS_MAX];
    const char *bad;
    struct arena arena;

    (void)state;
    arena_init(&arena, 1 << 16);
    assert_int_equal(split(&arena, "aa, bb", parts, &bad), 1);
    assert_int_equal(split(&arena, "aa, bb / cc", parts, &bad), 2);
    assert_string_equal(parts[0], "aa, bb");
    assert_string_equal(parts[1], "cc");
    assert_int_equal(split(&arena, "cc,dd", parts, &bad), 2);
    assert_int_equal(split(&arena, "cc/ dd /", parts, &bad), 2);
    arena_done(&arena);
}

static void split_names_the_part_nobody_knows(void **state)
{
    const char *parts[IMPORT_PARTS_MAX];
    const char *bad;
    struct arena arena;

    (void)state;
    arena_init(&arena, 1 << 16);
    assert_int_equal(split(&arena, "aa / xyz", parts, &bad), 0);
    assert_string_equal(bad, "xyz");
    assert_int_equal(split(&arena, "xyz", parts, &bad), 0);
    assert_string_equal(bad, "xyz");
    arena_done(&arena);
}

static void parse_day_reads_what_people_write(void **state)
{
    int32_t day;
    int32_t same;

    (void)state;
    assert_true(value_parse_day("20/11/2026", &day));
    assert_true(value_parse_day("2026-11-20", &same));
    assert_int_equal(day, same);
    assert_true(value_parse_day("1/2/2026", &day));
    assert_false(value_parse_day("31/02/2026", &day));
    assert_false(value_parse_day("12/13/2011", &day));
    assert_false(value_parse_day("20/11/26", &day));
    assert_false(value_parse_day("20/11/2026 ", &day));
    assert_false(value_parse_day("", &day));
}

static void parse_centi_reads_both_decimal_marks(void **state)
{
    uint32_t centi;

    (void)state;
    assert_true(value_parse_centi("0,5", &centi));
    assert_int_equal(centi, 50);
    assert_true(value_parse_centi("1", &centi));
    assert_int_equal(centi, 100);
    assert_true(value_parse_centi("0.35", &centi));
    assert_int_equal(centi, 35);
    assert_false(value_parse_centi(",5", &centi));
    assert_false(value_parse_centi("0,555", &centi));
    assert_false(value_parse_centi("0,5 ETP", &centi));
}

static void population_ignores_the_gaps_of_thousands(void **state)
{
    uint32_t count;

    (void)state;
    assert_true(import_value_population("15 400", &count));
    assert_int_equal(count, 15400);
    assert_true(import_value_population("15\302\240400", &count));
    assert_true(import_value_population("15\342\200\257400", &count));
    assert_false(import_value_population("15 400 hab.", &count));
    assert_false(import_value_population("99999999999", &count));
    assert_false(import_value_population("", &count));
}

static void sex_is_understood_or_left_open(void **state)
{
    (void)state;
    assert_string_equal(import_value_sex("f"), "F");
    assert_string_equal(import_value_sex("Féminin"), "F");
    assert_string_equal(import_value_sex("GARÇON"), "M");
    assert_null(import_value_sex("?"));
    assert_null(import_value_sex(""));
}

static void refusal_status_has_a_row_for_every_kind(void **state)
{
    static const struct {
        const char *name;
        int status;
    } expected[] = {{"malformed", 65},       {"absent", 66},    {"too_many", 75},
                    {"not_allowed", 77},     {"erased", 77},    {"date_order", 65},
                    {"other_territory", 77}, {"unheard_of", 77}};

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_int_equal(request_refusal_status(expected[i].name), expected[i].status);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split_prefers_the_whole_then_the_first_separator),
        cmocka_unit_test(split_names_the_part_nobody_knows),
        cmocka_unit_test(parse_day_reads_what_people_write),
        cmocka_unit_test(parse_centi_reads_both_decimal_marks),
        cmocka_unit_test(population_ignores_the_gaps_of_thousands),
        cmocka_unit_test(sex_is_understood_or_left_open),
        cmocka_unit_test(refusal_status_has_a_row_for_every_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

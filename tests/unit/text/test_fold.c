#include "base/utf8.h"
#include "text/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct expected {
    const char *in;
    const char *out;
};

static int arena_open(void **state)
{
    static struct arena arena;

    arena_init(&arena, 1 << 20);
    *state = &arena;
    return 0;
}

static int arena_close(void **state)
{
    arena_done(*state);
    return 0;
}

static void fold_name_gives_canonical_words(void **state)
{
    static const struct expected names[] = {
        {"N'GUYEN-BÂ", "n guyen ba"},
        {"N’Guyen Ba", "n guyen ba"},
        {"Nʼguyen\u2011bâ", "n guyen ba"},
        {"n`guyen´ba", "n guyen ba"},
        {"  BENALI\tSébastien ", "benali sebastien"},
        {"Be\u0301nali", "benali"},
        {"BRÆNDLÉ", "braendle"},
        {"Brændlé", "braendle"},
        {"KŒNIG", "koenig"},
        {"kœnig", "koenig"},
        {"Koenig", "koenig"},
        {"Groß", "gross"},
        {"GROSS", "gross"},
        {"Großmann ẞ", "grossmann ss"},
        {"YILMAZ", "yilmaz"},
        {"Yılmaz", "yilmaz"},
        {"İlkay", "ilkay"},
        {"ÖZTÜRK", "ozturk"},
        {"Çelik", "celik"},
        {"Łukasz Đorđe Søren", "lukasz dorde soren"},
        {"ﬁn", "fin"},
        {"Ｊｅａｎ", "jean"},
        {"Jean\u00adne", "jeanne"},
        {"St.-Martin", "st martin"},
        {"Louis 2", "louis 2"},
        {"Ωμέγα", "ωμεγα"},
        {"", ""},
        {" -'. ", ""},
    };

    for (size_t i = 0; i < COUNT(names); i++)
        assert_string_equal(text_fold_name(*state, names[i].in), names[i].out);
}

static void fold_name_keeps_different_names_apart(void **state)
{
    assert_string_not_equal(text_fold_name(*state, "Nguyen"),
                            text_fold_name(*state, "N'Guyen"));
    assert_string_not_equal(text_fold_name(*state, "Schmit"),
                            text_fold_name(*state, "Schmitt"));
}

static void fold_words_ignores_their_order(void **state)
{
    static const char *const same[][2] = {
        {"Sebastien BENALI", "BENALI Sébastien"},
        {"LE GALL Rayan", "Rayan Le Gall"},
        {"N'GUYEN-BÂ Léa", "lea n’guyen ba"},
        {"EL AMRANI  Loïc", "Loic El-Amrani"},
    };

    for (size_t i = 0; i < COUNT(same); i++)
        assert_string_equal(text_fold_words(*state, same[i][0]),
                            text_fold_words(*state, same[i][1]));
    assert_string_equal(text_fold_words(*state, "LE GALL Rayan"), "gall le rayan");
    assert_string_equal(text_fold_words(*state, "b ab a b"), "a ab b b");
    assert_string_not_equal(text_fold_words(*state, "Ali Ali"), text_fold_words(*state, "Ali"));
    assert_string_equal(text_fold_words(*state, ""), "");
    assert_string_equal(text_fold_words(*state, "Adem"), "adem");
}

static void fold_address_writes_abbreviations_out(void **state)
{
    static const struct expected addresses[] = {
        {"12, bd des Alliés", "12 boulevard des allies"},
        {"12 Boulevard des Allies", "12 boulevard des allies"},
        {"3 av. DMC", "3 avenue dmc"},
        {"3, Avenue D.M.C.", "3 avenue d m c"},
        {"7 R Saint-Nazaire", "7 rue saint nazaire"},
        {"7 rue St Nazaire", "7 rue saint nazaire"},
        {"1 pl Drouot", "1 place drouot"},
        {"73 all. Nathan Katz", "73 allee nathan katz"},
        {"73 allée Nathan-Katz", "73 allee nathan katz"},
        {"12bis rue X", "12 bis rue x"},
        {"12 BIS rue X", "12 bis rue x"},
        {"appt B12", "appt b 12"},
        {"", ""},
        {"r r", "rue rue"},
    };

    for (size_t i = 0; i < COUNT(addresses); i++)
        assert_string_equal(text_fold_address(*state, addresses[i].in), addresses[i].out);
}

static void fold_bad_input_gives_null(void **state)
{
    static char text[TEXT_FOLD_MAX + 2];
    struct arena small;

    assert_null(text_fold_name(*state, "a\xff"));
    assert_null(text_fold_words(*state, "\xed\xa0\x80"));
    assert_null(text_fold_address(*state, "\xc3"));
    memset(text, 'x', TEXT_FOLD_MAX + 1);
    assert_null(text_fold_name(*state, text));
    text[TEXT_FOLD_MAX] = '\0';
    assert_non_null(text_fold_name(*state, text));
    arena_init(&small, 64);
    assert_null(text_fold_words(&small, "Sebastien Benali"));
    arena_done(&small);
}

/* UTF-8 of a code point of the basic plane, terminated. */
static void point_put(char out[4], unsigned point)
{
    size_t at = 0;

    if (point < 0x80) {
        out[at++] = (char)point;
    } else if (point < 0x800) {
        out[at++] = (char)(0xc0 | point >> 6);
        out[at++] = (char)(0x80 | (point & 63));
    } else {
        out[at++] = (char)(0xe0 | point >> 12);
        out[at++] = (char)(0x80 | (point >> 6 & 63));
        out[at++] = (char)(0x80 | (point & 63));
    }
    out[at] = '\0';
}

static void fold_folded_form_is_stable_for_every_letter(void **state)
{
    struct arena *arena = *state;

    for (unsigned point = 1; point < 0x10000; point++) {
        char text[4];
        const char *once;

        if (point >= 0xd800 && point <= 0xdfff)
            continue;
        arena_reset(arena);
        point_put(text, point);
        once = text_fold_name(arena, text);
        assert_non_null(once);
        assert_true(utf8_is_valid(bytes_of_str(once), NULL));
        if (strcmp(text_fold_name(arena, once), once) != 0)
            fail_msg("U+%04X folds to \"%s\", which folds further", point, once);
    }
}

static void fold_worst_text_fits_the_stated_memory(void **state)
{
    static char text[TEXT_FOLD_MAX + 1];
    struct arena arena;

    (void)state;
    /* U+FDFA: three bytes that decompose into eighteen letters and spaces. */
    for (size_t i = 0; i + 4 <= sizeof(text); i += 3)
        point_put(text + i, 0xfdfa);
    arena_init(&arena, 96 * strlen(text) + 1024);
    assert_non_null(text_fold_words(&arena, text));
    arena_reset(&arena);
    assert_non_null(text_fold_address(&arena, text));
    arena_done(&arena);
}

static bool contains(const char *name, const char *words)
{
    return text_words_contain(bytes_of_str(name), bytes_of_str(words));
}

static void words_contain_each_word_as_often(void **state)
{
    (void)state;
    assert_true(contains("gall le rayan", "gall"));
    assert_true(contains("gall le rayan", "gall rayan"));
    assert_true(contains("gall le rayan", "gall le rayan"));
    assert_true(contains("ali ali ben", "ali ali"));
    assert_false(contains("ali ben", "ali ali"));
    assert_false(contains("gall le rayan", "ray"));
    assert_false(contains("gall le rayan", "gall z"));
    assert_false(contains("gall", "gall le"));
    assert_false(contains("gall", ""));
    assert_false(contains("", "gall"));
}

static void is_utf8_refuses_malformed_nul_and_long(void **state)
{
    (void)state;
    assert_true(text_is_utf8(bytes_of_str("é€𝄞"), 3));
    assert_false(text_is_utf8(bytes_of_str("é€𝄞"), 2));
    assert_true(text_is_utf8(bytes_of(NULL, 0), 0));
    assert_false(text_is_utf8(bytes_of("a\0b", 3), 9));
    assert_false(text_is_utf8(bytes_of_str("\xed\xa0\x80"), 9));
    assert_false(text_is_utf8(bytes_of_str("\xc0\xaf"), 9));
    assert_false(text_is_utf8(bytes_of_str("\xf4\x90\x80\x80"), 9));
    assert_false(text_is_utf8(bytes_of_str("caf\xe9"), 9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fold_name_gives_canonical_words),
        cmocka_unit_test(fold_name_keeps_different_names_apart),
        cmocka_unit_test(fold_words_ignores_their_order),
        cmocka_unit_test(fold_address_writes_abbreviations_out),
        cmocka_unit_test(fold_bad_input_gives_null),
        cmocka_unit_test(fold_folded_form_is_stable_for_every_letter),
        cmocka_unit_test(fold_worst_text_fits_the_stated_memory),
        cmocka_unit_test(words_contain_each_word_as_often),
        cmocka_unit_test(is_utf8_refuses_malformed_nul_and_long),
    };

    return cmocka_run_group_tests(tests, arena_open, arena_close);
}

/* Columns on a terminal, whatever the system's locale. */
#include "text/width.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* U+202E, which turns the line that shows it: not as a literal, for the reader's sake. */
static const char turned[] = {(char)0xe2, (char)0x80, (char)0xae, 'a', 'b', 'c', '\0'};

static const struct {
    const char *text;
    size_t len;
    int columns;
    bool control;
} cases[] = {
    {"a", 1, 1, false},        {"é", 2, 1, false},
    {"\xcc\x81", 2, 0, false},                                    /* combining acute */
    {"漢", 3, 2, false},       {"\xf0\x9f\x8f\xa0", 4, 2, false}, /* a house */
    {"\x1b[31m", 1, 1, true},  {"\xc2\x9b", 2, 1, true},          /* C1: CSI */
    {turned, 3, 1, true},      {"\xff", 1, 1, true},
    {"\xc3", 1, 1, true}, /* cut */
};

static void glyph_next_measures_what_a_terminal_shows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text_glyph glyph = text_glyph_next(cases[i].text);

        if (glyph.len != cases[i].len || glyph.columns != cases[i].columns ||
            glyph.control != cases[i].control)
            fail_msg("case %zu: %zu bytes, %d columns, control %d", i, glyph.len, glyph.columns,
                     glyph.control);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(glyph_next_measures_what_a_terminal_shows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

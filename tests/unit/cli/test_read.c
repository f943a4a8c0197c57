#include "import_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct import_sheet read_text(const char *text)
{
    struct import_sheet sheet;
    struct ctps_err err = {0};

    if (import_read(bytes_of_str(text), &sheet, &err))
        fail_msg("%s", err.text);
    return sheet;
}

static enum ctps_code read_bad(const char *text, size_t len, struct ctps_err *err)
{
    struct import_sheet sheet;

    *err = (struct ctps_err){0};
    return import_read(bytes_of(text, len), &sheet, err);
}

static void read_each_separator_is_found(void **state)
{
    static const char *const texts[] = {"a;b;c\n1;2,5;x|y\n", "a,b,c\n1,\"2;5;6;7\",x\n",
                                        "a\tb\tc\n1\t2,5,6\tx\n", "a|b|c\n1|2;5|x\n"};
    static const char expected[] = {';', ',', '\t', '|'};

    (void)state;
    for (size_t i = 0; i < sizeof expected; i++) {
        struct import_sheet sheet = read_text(texts[i]);

        assert_int_equal(sheet.separator, expected[i]);
        assert_int_equal(sheet.header.cell_count, 3);
        assert_int_equal(sheet.records[0].cell_count, 3);
        import_sheet_done(&sheet);
    }
}

static void read_commas_inside_semicolon_cells_do_not_win(void **state)
{
    struct import_sheet sheet = read_text("Nom;Lieu\nx;a,b,c,d\ny;a,b,c,d\n");

    (void)state;
    assert_int_equal(sheet.separator, ';');
    assert_string_equal(sheet.records[1].cells[1], "a,b,c,d");
    import_sheet_done(&sheet);
}

static void read_line_naming_the_separator_is_obeyed(void **state)
{
    struct import_sheet sheet = read_text("sep=|\r\na;b|c\r\n1;2|3\r\n");

    (void)state;
    assert_int_equal(sheet.separator, '|');
    assert_string_equal(sheet.header.cells[0], "a;b");
    assert_int_equal(sheet.records[0].line, 3);
    import_sheet_done(&sheet);
}

static void read_quoted_breaks_keep_numbers_and_lines(void **state)
{
    struct import_sheet sheet =
        read_text("a;b\r\n1;\"x\r\ny \"\"z\"\"\"\r\n\r\n2;c\r\n;\r\n3;d");

    (void)state;
    assert_int_equal(sheet.record_count, 3);
    assert_string_equal(sheet.records[0].cells[1], "x\ny \"z\"");
    assert_int_equal(sheet.records[0].line, 2);
    assert_int_equal(sheet.records[1].line, 5);
    assert_int_equal(sheet.records[1].number, 2);
    assert_string_equal(sheet.records[2].cells[1], "d");
    assert_int_equal(sheet.records[2].line, 7);
    assert_int_equal(sheet.records[2].number, 4); /* the blank record before it counts */
    import_sheet_done(&sheet);
}

static void read_windows_1252_and_utf8_give_the_same(void **state)
{
    struct import_sheet old = read_text("Libell\351;Prix\nK\234nig;5 \200\n");
    struct import_sheet new = read_text("\357\273\277Libellé;Prix\nKœnig;5 €\n");

    (void)state;
    assert_string_equal(old.charset, "windows-1252");
    assert_string_equal(old.header.cells[0], new.header.cells[0]);
    assert_string_equal(old.records[0].cells[0], "Kœnig");
    assert_string_equal(old.records[0].cells[1], new.records[0].cells[1]);
    import_sheet_done(&old);
    import_sheet_done(&new);
}

static void read_cells_lose_blanks_and_control_characters(void **state)
{
    struct import_sheet sheet = read_text("a;b\n  x\302\240 ;\"y\033[31m\302\205z\"\n");

    (void)state;
    assert_string_equal(sheet.records[0].cells[0], "x");
    assert_string_equal(sheet.records[0].cells[1], "y [31m z");
    import_sheet_done(&sheet);
}

static void read_quote_never_closed_names_its_line(void **state)
{
    static const char text[] = "a;b\n1;x\n2;\"y\n3;z\n";
    struct ctps_err err;

    (void)state;
    assert_int_equal(read_bad(text, sizeof text - 1, &err), CTPS_INVALID);
    assert_non_null(strstr(err.text, "3"));
}

static void read_files_that_are_no_tables_are_refused(void **state)
{
    struct ctps_err err;

    (void)state;
    assert_int_equal(read_bad("", 0, &err), CTPS_INVALID);
    assert_int_equal(read_bad("\n\n;;\n", 5, &err), CTPS_INVALID);
    assert_int_equal(read_bad("a;b\n1;\0\n", 8, &err), CTPS_INVALID);
}

static void read_columns_past_the_limit_are_refused(void **state)
{
    char text[IMPORT_COLUMNS_MAX + 8];
    struct ctps_err err;

    (void)state;
    memset(text, ';', sizeof text);
    text[0] = 'a';
    text[sizeof text - 1] = '\n';
    assert_int_equal(read_bad(text, sizeof text, &err), CTPS_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_each_separator_is_found),
        cmocka_unit_test(read_commas_inside_semicolon_cells_do_not_win),
        cmocka_unit_test(read_line_naming_the_separator_is_obeyed),
        cmocka_unit_test(read_quoted_breaks_keep_numbers_and_lines),
        cmocka_unit_test(read_windows_1252_and_utf8_give_the_same),
        cmocka_unit_test(read_cells_lose_blanks_and_control_characters),
        cmocka_unit_test(read_quote_never_closed_names_its_line),
        cmocka_unit_test(read_files_that_are_no_tables_are_refused),
        cmocka_unit_test(read_columns_past_the_limit_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

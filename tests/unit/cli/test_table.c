#include "table.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int use_utf8(void **state)
{
    (void)state;
    return setlocale(LC_ALL, "C.UTF-8") ? 0 : -1;
}

/* The table as text; own. */
static char *written(const struct table *table, unsigned width)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    table_write(table, out, width, false);
    fclose(out);
    return text;
}

static void add(struct table *table, const char *a, const char *b)
{
    const char **row = table_add_row(table);

    assert_non_null(row);
    row[0] = a;
    row[1] = b;
}

static void table_write_aligns_by_columns_of_the_screen(void **state)
{
    struct arena arena;
    struct table table;
    char *text;

    (void)state;
    arena_init(&arena, 1 << 16);
    table_init(&table, &arena, 2);
    table.titles[0] = "Nom";
    table.titles[1] = "Nb";
    table.right[1] = true;
    add(&table, "Élodie", "3");
    add(&table, "Zoé", "12");
    text = written(&table, 0);
    assert_string_equal(text, "Nom     Nb\nÉlodie   3\nZoé     12\n");
    free(text);
    arena_done(&arena);
}

static void table_write_fits_the_width(void **state)
{
    struct arena arena;
    struct table table;
    char *text;
    char *rest = NULL;

    (void)state;
    arena_init(&arena, 1 << 16);
    table_init(&table, &arena, 2);
    table.titles[0] = "Court";
    table.titles[1] = "Long";
    add(&table, "abc", "un libellé qui prend beaucoup plus de place que le reste");
    text = written(&table, 30);
    assert_non_null(strstr(text, "…"));
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        assert_true(table_text_width(line) <= 30);
    free(text);
    arena_done(&arena);
}

static void table_write_leaves_out_what_does_not_fit_and_empty_columns(void **state)
{
    struct arena arena;
    struct table table;
    char *text;

    (void)state;
    arena_init(&arena, 1 << 16);
    table_init(&table, &arena, 2);
    table.titles[0] = "Référence";
    table.titles[1] = "Nature de la situation";
    add(&table, "T3-2026-0123", NULL);
    text = written(&table, 0);
    assert_string_equal(text, "Référence\nT3-2026-0123\n");
    free(text);
    add(&table, "T3-2026-0124", "individuelle, dit la fiche");
    text = written(&table, 20);
    assert_string_equal(text, "Référence\nT3-2026-0123\nT3-2026-0124\n");
    free(text);
    arena_done(&arena);
}

static void table_write_text_lets_no_control_through(void **state)
{
    /* an escape, a line feed, U+0085, U+202E (turns the line's direction), a stray byte */
    static const char text_in[] = {
        'a',        033, '[',        '2',        'J',        'b', '\n',       'c', (char)0302,
        (char)0205, 'd', (char)0342, (char)0200, (char)0256, 'e', (char)0377, 'f', 0};
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    (void)state;
    table_write_text(out, text_in, 0);
    fclose(out);
    assert_string_equal(text, "a [2Jb c d e f");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_write_aligns_by_columns_of_the_screen),
        cmocka_unit_test(table_write_fits_the_width),
        cmocka_unit_test(table_write_leaves_out_what_does_not_fit_and_empty_columns),
        cmocka_unit_test(table_write_text_lets_no_control_through),
    };

    return cmocka_run_group_tests(tests, use_utf8, NULL);
}

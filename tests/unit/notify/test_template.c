/* The words of mails: what is wrong in a town's files is told by file and line, and who has no
 * file in his language gets the town's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "notify/template.h"

#define SHIPPED TEST_DATA_DIR "/../../plugins/notify"

enum { FOLDER_LEN = 40, PATH_LEN = 256, WHY_LEN = 512 };

static const char *const kinds[] = {
#define X(id, name) name,
    TEMPLATE_LIST(X)
#undef X
};

struct folder {
    char path[FOLDER_LEN];
    char why[WHY_LEN];
};

/* --- files --- */

static void path_write(char out[PATH_LEN], const struct folder *folder, const char *language,
                       const char *name)
{
    snprintf(out, PATH_LEN, "%s/%s%s%s%s", folder->path, language, *name ? "/" : "", name,
             *name ? ".txt" : "");
}

static void file_write(const struct folder *folder, const char *language, const char *name,
                       const char *text)
{
    char path[PATH_LEN];
    FILE *file;

    path_write(path, folder, language, name);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* A whole language: every kind reads "LANGUAGE KIND", then a reference. */
static void language_write(const struct folder *folder, const char *language)
{
    char path[PATH_LEN], text[PATH_LEN];

    path_write(path, folder, language, "");
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < TEMPLATE_COUNT; i++) {
        snprintf(text, sizeof(text), "Subject: %s %s\nLine: {reference}\n\nBody {reference}.\n",
                 language, kinds[i]);
        file_write(folder, language, kinds[i], text);
    }
    snprintf(text, sizeof(text), "# codes\nsuivi = %s words\n\n", language);
    file_write(folder, language, "words", text);
}

static void language_remove(const struct folder *folder, const char *language)
{
    char path[PATH_LEN];

    for (size_t i = 0; i < TEMPLATE_COUNT; i++) {
        path_write(path, folder, language, kinds[i]);
        unlink(path);
    }
    path_write(path, folder, language, "words");
    unlink(path);
    path_write(path, folder, language, "");
    rmdir(path);
}

static int setup(void **state)
{
    struct folder *folder = calloc(1, sizeof(*folder));

    assert_non_null(folder);
    snprintf(folder->path, sizeof(folder->path), "/tmp/ctps-template-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    language_write(folder, "fr");
    *state = folder;
    return 0;
}

static int teardown(void **state)
{
    struct folder *folder = *state;

    language_remove(folder, "fr");
    language_remove(folder, "en");
    assert_int_equal(rmdir(folder->path), 0);
    free(folder);
    return 0;
}

static struct templates *folder_open(struct folder *folder, enum language fallback)
{
    return templates_open(folder->path, fallback, folder->why, sizeof(folder->why));
}

static void expect_text(const struct templates *templates, enum language language,
                        enum template_kind kind, enum template_part part, const char *reference,
                        const char *expected)
{
    const struct template_values values = {.of = {[PLACEHOLDER_REFERENCE] = reference}};
    char *text = template_render(templates, language, kind, part, &values);

    assert_string_equal(text, expected);
    free(text);
}

/* The files are refused, with this said: file, line, what. */
static void expect_refused(struct folder *folder, const char *about)
{
    struct templates *templates = folder_open(folder, LANGUAGE_FR);

    assert_null(templates);
    if (!strstr(folder->why, about))
        fail_msg("\"%s\" is not in: %s", about, folder->why);
}

/* --- tests --- */

static void shipped_files_leave_no_placeholder_unfilled(void **state)
{
    struct template_values values;
    char why[WHY_LEN];
    struct templates *templates = templates_open(SHIPPED, LANGUAGE_FR, why, sizeof(why));

    (void)state;
    if (!templates)
        fail_msg("%s", why);
    for (size_t i = 0; i < PLACEHOLDER_COUNT; i++)
        values.of[i] = "x";
    for (int i = 0; i < LANGUAGE_COUNT * TEMPLATE_COUNT * PART_COUNT; i++) {
        enum template_kind kind = (enum template_kind)(i / PART_COUNT % TEMPLATE_COUNT);
        char *text = template_render(templates, (enum language)(i % LANGUAGE_COUNT), kind,
                                     (enum template_part)(i % PART_COUNT), &values);

        assert_true(*text && !strpbrk(text, "{}"));
        free(text);
    }
    templates_close(&templates);
    templates_close(&templates);
}

static void unknown_placeholder_is_refused_with_file_and_line(void **state)
{
    struct folder *folder = *state;

    file_write(folder, "fr", "closing",
               "Subject: x\nLine: y\n\n{reference}\nde {nom} à {place}\n");
    expect_refused(folder, "/fr/closing.txt:5: unknown placeholder {nom}");
    file_write(folder, "fr", "closing", "Subject: {} x\nLine: y\n\nz\n");
    expect_refused(folder, "/fr/closing.txt:1: unknown placeholder {}");
    file_write(folder, "fr", "closing", "Subject: x\nLine: {referenc}\n\nz\n");
    expect_refused(folder, "/fr/closing.txt:2: unknown placeholder {referenc}");
    file_write(folder, "fr", "closing", "Subject: x\nLine: y\n\n{reference\n}\n");
    expect_refused(folder, "/fr/closing.txt:4: a brace that is not closed");
}

static void file_without_its_parts_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "Subject: x\n\ntext\n",
        "Line: y\n\ntext\n",
        "Subject: x\nLine: y\n",
        "Subject: x\nSubject: x\nLine: y\n\ntext\n",
        "Subject:\nLine: y\n\ntext\n",
        "Betreff: x\nLine: y\n\ntext\n",
    };
    struct folder *folder = *state;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        file_write(folder, "fr", "digest", wrong[i]);
        expect_refused(folder, "/fr/digest.txt:");
    }
}

static void language_without_files_is_told_in_french(void **state)
{
    struct folder *folder = *state;
    struct templates *templates = folder_open(folder, LANGUAGE_FR);

    assert_non_null(templates);
    for (int i = 0; i < LANGUAGE_COUNT; i++) {
        expect_text(templates, (enum language)i, TEMPLATE_MOVED, PART_SUBJECT, "", "fr moved");
        assert_string_equal(template_word(templates, (enum language)i, "suivi"), "fr words");
    }
    templates_close(&templates);
}

static void language_without_files_is_told_in_the_town_s_own(void **state)
{
    struct folder *folder = *state;
    struct templates *templates;

    language_remove(folder, "fr");
    language_write(folder, "en");
    templates = folder_open(folder, LANGUAGE_EN);
    assert_non_null(templates);
    expect_text(templates, LANGUAGE_FR, TEMPLATE_MOVED, PART_SUBJECT, "", "en moved");
    assert_string_equal(template_word(templates, LANGUAGE_FR, "suivi"), "en words");
    templates_close(&templates);
}

static void each_is_told_in_the_own_language(void **state)
{
    struct folder *folder = *state;
    struct templates *templates;

    language_write(folder, "en");
    templates = folder_open(folder, LANGUAGE_FR);
    assert_non_null(templates);
    expect_text(templates, LANGUAGE_FR, TEMPLATE_MOVED, PART_SUBJECT, "", "fr moved");
    expect_text(templates, LANGUAGE_EN, TEMPLATE_MOVED, PART_SUBJECT, "", "en moved");
    assert_string_equal(template_word(templates, LANGUAGE_EN, "suivi"), "en words");
    assert_string_equal(template_word(templates, LANGUAGE_EN, "autre"), "autre");
    templates_close(&templates);
}

static void town_s_own_language_must_be_there_and_whole(void **state)
{
    struct folder *folder = *state;
    char path[PATH_LEN];

    assert_null(folder_open(folder, LANGUAGE_EN));
    assert_non_null(strstr(folder->why, "/en/convocation.txt"));
    path_write(path, folder, "fr", "erased");
    assert_int_equal(unlink(path), 0);
    expect_refused(folder, "/fr/erased.txt");
}

static void half_a_language_is_refused(void **state)
{
    struct folder *folder = *state;
    char path[PATH_LEN];

    language_write(folder, "en");
    path_write(path, folder, "en", "words");
    assert_int_equal(unlink(path), 0);
    expect_refused(folder, "/en/words.txt");
}

static void what_is_not_known_leaves_no_gap(void **state)
{
    struct folder *folder = *state;
    struct templates *templates;

    file_write(
        folder, "fr", "closing",
        "Subject: Fin {reference} de suivi\nLine: {reference}\n\nBonjour {reference} !\n\n"
        "{reference}\n\nFin {reference}\n\n-- \nLe service\n");
    templates = folder_open(folder, LANGUAGE_FR);
    assert_non_null(templates);
    expect_text(templates, LANGUAGE_FR, TEMPLATE_CLOSING, PART_SUBJECT, NULL, "Fin de suivi");
    expect_text(templates, LANGUAGE_FR, TEMPLATE_CLOSING, PART_SUBJECT, "T1-2026-0001",
                "Fin T1-2026-0001 de suivi");
    expect_text(templates, LANGUAGE_FR, TEMPLATE_CLOSING, PART_BODY, NULL,
                "Bonjour !\n\nFin\n\n-- \nLe service\n");
    templates_close(&templates);
}

/* What a value says is not looked at again. */
static void value_with_braces_stays_as_it_is(void **state)
{
    struct templates *templates = folder_open(*state, LANGUAGE_FR);

    assert_non_null(templates);
    expect_text(templates, LANGUAGE_FR, TEMPLATE_CLOSING, PART_BODY, "{town}",
                "Body {town}.\n");
    templates_close(&templates);
}

static void dates_and_times_are_those_of_the_language(void **state)
{
    char date[TEMPLATE_DATE_LEN], time[TEMPLATE_TIME_LEN];

    (void)state;
    template_date(LANGUAGE_FR, 20781, date);
    assert_string_equal(date, "mardi 24 novembre 2026");
    template_date(LANGUAGE_EN, 20781, date);
    assert_string_equal(date, "Tuesday 24 November 2026");
    template_date(LANGUAGE_FR, 0, date);
    assert_string_equal(date, "jeudi 1er janvier 1970");
    template_date(LANGUAGE_FR, 19782, date);
    assert_string_equal(date, "jeudi 29 février 2024");
    template_date(LANGUAGE_EN, -1, date);
    assert_string_equal(date, "Wednesday 31 December 1969");
    template_time(LANGUAGE_FR, 14 * 60 + 5, time);
    assert_string_equal(time, "14 h 05");
    template_time(LANGUAGE_EN, 14 * 60 + 5, time);
    assert_string_equal(time, "14:05");
}

static void languages_are_found_by_their_codes(void **state)
{
    (void)state;
    assert_int_equal(language_find("fr"), LANGUAGE_FR);
    assert_int_equal(language_find("en"), LANGUAGE_EN);
    assert_int_equal(language_find("de"), LANGUAGE_COUNT);
    assert_int_equal(language_find(NULL), LANGUAGE_COUNT);
    assert_string_equal(language_code(LANGUAGE_EN), "en");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_files_leave_no_placeholder_unfilled),
        TEST(unknown_placeholder_is_refused_with_file_and_line),
        TEST(file_without_its_parts_is_refused),
        TEST(language_without_files_is_told_in_french),
        TEST(language_without_files_is_told_in_the_town_s_own),
        TEST(each_is_told_in_the_own_language),
        TEST(town_s_own_language_must_be_there_and_whole),
        TEST(half_a_language_is_refused),
        TEST(what_is_not_known_leaves_no_gap),
        TEST(value_with_braces_stays_as_it_is),
        cmocka_unit_test(dates_and_times_are_those_of_the_language),
        cmocka_unit_test(languages_are_found_by_their_codes),
    };

    return cmocka_run_group_tests_name("notify_template", tests, NULL, NULL);
}

#include "base/arena.h"
#include "base/civil.h"
#include "base/sys.h"
#include "domain/duplicate.h"
#include "text/charset.h"
#include "text/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const uint8_t key[SIPHASH_KEY_LEN] = {0, 1, 2,  3,  4,  5,  6,  7,
                                             8, 9, 10, 11, 12, 13, 14, 15};
static const char *const noise[] = {"nuisances", "incivilites"};
static const char *const school[] = {"absenteisme", "nuisances"};
static const char *const other[] = {"violences"};

static struct duplicate_subject person(uint64_t id, const char *name, int32_t birth_day)
{
    return (struct duplicate_subject){.id = id,
                                      .kind = 1,
                                      .name = name,
                                      .birth_day = birth_day,
                                      .received_day = DUPLICATE_DAY_UNKNOWN};
}

static struct duplicate_subject place(uint64_t id, const char *address, int32_t received_day,
                                      const char *const *motives, size_t motive_count)
{
    return (struct duplicate_subject){.id = id,
                                      .kind = 1,
                                      .address = address,
                                      .birth_day = DUPLICATE_DAY_UNKNOWN,
                                      .received_day = received_day,
                                      .motives = motives,
                                      .motive_count = motive_count};
}

/* The rule on two subjects, asked both ways round and of an index too: all must agree. */
static unsigned clauses(struct duplicate_subject a, struct duplicate_subject b)
{
    struct duplicate_index *index = duplicate_index_new(key);
    struct duplicate_match match = {0};
    unsigned plain = duplicate_clauses(&a, &b);

    assert_non_null(index);
    assert_int_equal(duplicate_clauses(&b, &a), plain);
    assert_int_equal(duplicate_index_add(index, &a, NULL), CTPS_OK);
    assert_int_equal(duplicate_index_find(index, &b, &match, 1), plain ? 1 : 0);
    assert_int_equal(match.clauses, plain);
    duplicate_index_free(&index);
    assert_null(index);
    return plain;
}

static void siphash_reference_vectors(void **state)
{
    uint8_t in[15];

    (void)state;
    for (size_t i = 0; i < sizeof(in); i++)
        in[i] = (uint8_t)i;
    assert_true(siphash(key, bytes_of(in, 0)) == UINT64_C(0x726fdb47dd0e0e31));
    assert_true(siphash(key, bytes_of(in, 1)) == UINT64_C(0x74f839c593dc67fd));
    assert_true(siphash(key, bytes_of(in, 8)) == UINT64_C(0x93f5f5799a932462));
    assert_true(siphash(key, bytes_of(in, 15)) == UINT64_C(0xa129ca6149be45e5));
}

static void rule_same_name_needs_compatible_births(void **state)
{
    (void)state;
    assert_int_equal(clauses(person(1, "a b", 10), person(2, "a b", 10)), DUPLICATE_NAME);
    assert_int_equal(clauses(person(1, "a b", 10), person(2, "a b", 11)), 0);
    assert_int_equal(clauses(person(1, "a b", 10), person(2, "a c", 10)), 0);
    assert_int_equal(clauses(person(1, "a b", DUPLICATE_DAY_UNKNOWN), person(2, "a b", 11)),
                     DUPLICATE_NAME);
    assert_int_equal(clauses(person(1, "a b", DUPLICATE_DAY_UNKNOWN),
                             person(2, "a b", DUPLICATE_DAY_UNKNOWN)),
                     DUPLICATE_NAME);
}

static void rule_missing_name_or_address_never_matches(void **state)
{
    (void)state;
    assert_int_equal(clauses(person(1, "", 10), person(2, "", 10)), 0);
    assert_int_equal(clauses(person(1, NULL, 10), person(2, NULL, 10)), 0);
    assert_int_equal(clauses(place(1, "", 5, noise, 2), place(2, "", 5, noise, 2)), 0);
}

static void rule_same_address_needs_a_shared_motive_within_60_days(void **state)
{
    const int32_t unknown = DUPLICATE_DAY_UNKNOWN;

    (void)state;
    assert_int_equal(clauses(place(1, "x", 0, noise, 2), place(2, "x", 60, school, 2)),
                     DUPLICATE_ADDRESS);
    assert_int_equal(clauses(place(1, "x", 60, noise, 2), place(2, "x", 0, school, 2)),
                     DUPLICATE_ADDRESS);
    assert_int_equal(clauses(place(1, "x", 0, noise, 2), place(2, "x", 61, school, 2)), 0);
    assert_int_equal(clauses(place(1, "x", 0, noise, 2), place(2, "x", -61, school, 2)), 0);
    assert_int_equal(clauses(place(1, "x", 0, noise, 2), place(2, "y", 0, school, 2)), 0);
    assert_int_equal(clauses(place(1, "x", 0, noise, 2), place(2, "x", 0, other, 1)), 0);
    assert_int_equal(clauses(place(1, "x", 0, noise, 2), place(2, "x", 0, NULL, 0)), 0);
    assert_int_equal(
        clauses(place(1, "x", unknown, noise, 2), place(2, "x", unknown, noise, 2)), 0);
    assert_int_equal(clauses(place(1, "x", unknown, noise, 2), place(2, "x", 0, noise, 2)), 0);
}

static void index_find_both_clauses_comes_once(void **state)
{
    struct duplicate_index *index = duplicate_index_new(key);
    struct duplicate_subject a = place(1, "x", 0, noise, 2);
    struct duplicate_match matches[4];

    (void)state;
    a.name = "a b";
    assert_int_equal(duplicate_index_add(index, &a, NULL), CTPS_OK);
    a.id = 2;
    assert_int_equal(duplicate_index_find(index, &a, matches, 4), 1);
    assert_int_equal(matches[0].id, 1);
    assert_int_equal(matches[0].clauses, DUPLICATE_NAME | DUPLICATE_ADDRESS);
    assert_int_equal(duplicate_index_find(index, &a, matches, 0), 0);
    duplicate_index_free(&index);
}

static void index_find_leaves_the_subject_itself_out(void **state)
{
    struct duplicate_index *index = duplicate_index_new(key);
    struct duplicate_subject a = person(7, "a b", 3);
    struct duplicate_match matches[4];

    (void)state;
    assert_int_equal(duplicate_index_add(index, &a, NULL), CTPS_OK);
    assert_int_equal(duplicate_index_add(index, &a, NULL), CTPS_EXISTS);
    assert_int_equal(duplicate_index_find(index, &a, matches, 4), 0);
    a.kind = 2;
    assert_int_equal(duplicate_index_find(index, &a, matches, 4), 1);
    assert_int_equal(duplicate_index_add(index, &a, NULL), CTPS_OK);
    assert_int_equal(duplicate_index_stat(index).count, 2);
    duplicate_index_free(&index);
}

static void index_remove_forgets_and_frees_the_place(void **state)
{
    struct duplicate_index *index = duplicate_index_new(key);
    struct duplicate_subject a = person(1, "a b", 3);
    struct duplicate_subject b = person(2, "a b", 3);
    struct duplicate_match matches[4];

    (void)state;
    assert_false(duplicate_index_remove(index, 1, 1));
    assert_int_equal(duplicate_index_add(index, &a, NULL), CTPS_OK);
    assert_int_equal(duplicate_index_add(index, &b, NULL), CTPS_OK);
    assert_true(duplicate_index_remove(index, 1, 1));
    assert_false(duplicate_index_remove(index, 1, 1));
    assert_int_equal(duplicate_index_find(index, &b, matches, 4), 0);
    assert_int_equal(duplicate_index_search(index, "a b", DUPLICATE_SEARCH_WHOLE, matches, 4),
                     1);
    assert_int_equal(duplicate_index_search(index, "a", DUPLICATE_SEARCH_WORDS, matches, 4), 1);
    assert_int_equal(matches[0].id, 2);
    assert_int_equal(duplicate_index_add(index, &a, NULL), CTPS_OK);
    assert_int_equal(duplicate_index_find(index, &b, matches, 4), 1);
    duplicate_index_free(&index);
    duplicate_index_free(&index);
}

static void index_clear_forgets_everybody_and_goes_on(void **state)
{
    struct duplicate_index *index = duplicate_index_new(key);
    struct duplicate_subject subject = person(1, "durand lea", DUPLICATE_DAY_UNKNOWN);
    struct duplicate_subject same = person(2, "durand lea", DUPLICATE_DAY_UNKNOWN);
    struct duplicate_match match;

    (void)state;
    for (int round = 0; round < 2; round++) {
        assert_int_equal(duplicate_index_find(index, &same, &match, 1), 0);
        assert_int_equal(duplicate_index_add(index, &subject, NULL), CTPS_OK);
        assert_int_equal(duplicate_index_find(index, &same, &match, 1), 1);
        duplicate_index_clear(index);
        assert_int_equal(duplicate_index_stat(index).count, 0);
    }
    duplicate_index_free(&index);
}

static void index_add_past_limits_is_refused_and_changes_nothing(void **state)
{
    struct duplicate_index *index = duplicate_index_new(key);
    static char codes[DUPLICATE_MOTIVES_MAX + 1][8];
    const char *motives[DUPLICATE_MOTIVES_MAX + 1];
    char text[DUPLICATE_TEXT_MAX + 2];
    struct duplicate_subject a = person(1, text, 3);

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(duplicate_index_add(index, &a, NULL), CTPS_LIMIT);
    text[DUPLICATE_TEXT_MAX] = '\0';
    assert_int_equal(duplicate_index_add(index, &a, NULL), CTPS_OK);
    for (size_t i = 0; i < COUNT(motives); i++) {
        snprintf(codes[i], sizeof(codes[i]), "m%zu", i);
        motives[i] = codes[i];
    }
    a = place(2, "x", 0, motives, COUNT(motives));
    assert_int_equal(duplicate_index_add(index, &a, NULL), CTPS_LIMIT);
    assert_int_equal(duplicate_index_stat(index).count, 1);
    a.motive_count--;
    assert_int_equal(duplicate_index_add(index, &a, NULL), CTPS_OK);
    duplicate_index_free(&index);
}

static void index_search_words_finds_names_containing_them(void **state)
{
    struct duplicate_index *index = duplicate_index_new(key);
    const struct duplicate_subject subjects[] = {
        person(1, "gall le rayan", 1),  person(2, "gall rayan", 1),
        person(3, "ba guyen lea n", 1), person(4, "benali rayan", 1),
        place(5, "x", 0, noise, 2),
    };
    struct duplicate_match matches[8];

    (void)state;
    for (size_t i = 0; i < COUNT(subjects); i++)
        assert_int_equal(duplicate_index_add(index, &subjects[i], NULL), CTPS_OK);
    assert_int_equal(duplicate_index_search(index, "rayan", DUPLICATE_SEARCH_WORDS, matches, 8),
                     3);
    assert_int_equal(duplicate_index_search(index, "rayan", DUPLICATE_SEARCH_WORDS, matches, 2),
                     2);
    assert_int_equal(
        duplicate_index_search(index, "gall rayan", DUPLICATE_SEARCH_WORDS, matches, 8), 2);
    assert_int_equal(
        duplicate_index_search(index, "gall rayan", DUPLICATE_SEARCH_WHOLE, matches, 8), 1);
    assert_int_equal(matches[0].id, 2);
    assert_int_equal(duplicate_index_search(index, "ray", DUPLICATE_SEARCH_WORDS, matches, 8),
                     0);
    assert_int_equal(duplicate_index_search(index, "", DUPLICATE_SEARCH_WORDS, matches, 8), 0);
    assert_int_equal(duplicate_index_search(index, "", DUPLICATE_SEARCH_WHOLE, matches, 8), 0);
    duplicate_index_free(&index);
}

/* A small generator of its own, so that the run is the same everywhere. */
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

enum { MODEL_COUNT = 3000, MODEL_IDS = 400 };

static void model_subject(uint32_t *seed, struct duplicate_subject *subject, char *name,
                          char *address)
{
    static const char *const *const sets[] = {noise, school, other};
    uint32_t set = next_random(seed) % 3;

    snprintf(name, 16, "%s%u", next_random(seed) % 8 ? "n " : "", next_random(seed) % 40);
    snprintf(address, 16, "rue %u", next_random(seed) % 60);
    if (next_random(seed) % 8 == 0)
        name[0] = '\0';
    *subject = (struct duplicate_subject){
        .id = next_random(seed) % MODEL_IDS,
        .kind = 1,
        .name = name,
        .address = address,
        .birth_day =
            next_random(seed) % 4 ? (int32_t)(next_random(seed) % 3) : DUPLICATE_DAY_UNKNOWN,
        .received_day = (int32_t)(next_random(seed) % 200),
        .motives = sets[set],
        .motive_count = set == 2 ? 1 : 2,
    };
}

struct model {
    struct duplicate_subject subjects[MODEL_IDS];
    char names[MODEL_IDS][16];
    char addresses[MODEL_IDS][16];
    bool live[MODEL_IDS];
};

static size_t model_expected(const struct model *model, const struct duplicate_subject *subject)
{
    size_t expected = 0;

    for (uint32_t i = 0; i < MODEL_IDS; i++)
        if (model->live[i] && i != subject->id)
            expected += duplicate_clauses(&model->subjects[i], subject) != 0;
    return expected;
}

/* One step: replaces a subject or, a third of the time, removes it. */
static void model_step(struct model *model, struct duplicate_index *index, uint32_t *seed)
{
    char name[16];
    char address[16];
    struct duplicate_subject subject;
    struct duplicate_match matches[MODEL_IDS];
    size_t found;
    uint64_t id;

    model_subject(seed, &subject, name, address);
    id = subject.id;
    assert_int_equal(duplicate_index_remove(index, 1, id), model->live[id]);
    model->live[id] = next_random(seed) % 3 != 0;
    found = duplicate_index_find(index, &subject, matches, MODEL_IDS);
    assert_int_equal(found, model_expected(model, &subject));
    for (size_t i = 0; i < found; i++)
        assert_int_equal(matches[i].clauses,
                         duplicate_clauses(&model->subjects[matches[i].id], &subject));
    if (!model->live[id])
        return;
    memcpy(model->names[id], name, sizeof(name));
    memcpy(model->addresses[id], address, sizeof(address));
    subject.name = model->names[id];
    subject.address = model->addresses[id];
    model->subjects[id] = subject;
    assert_int_equal(duplicate_index_add(index, &subject, NULL), CTPS_OK);
}

static void index_agrees_with_the_plain_rule_under_random_changes(void **state)
{
    struct model *model = calloc(1, sizeof(*model));
    struct duplicate_index *index = duplicate_index_new(key);
    uint32_t seed = 20261120;

    (void)state;
    assert_non_null(model);
    for (int i = 0; i < MODEL_COUNT; i++)
        model_step(model, index, &seed);
    duplicate_index_free(&index);
    free(model);
}

static void index_churn_gives_memory_back(void **state)
{
    struct duplicate_index *index = duplicate_index_new(key);
    char name[64];
    size_t bytes = 0;

    (void)state;
    for (uint64_t i = 0; i < 60000; i++) {
        struct duplicate_subject a;

        snprintf(name, sizeof(name), "family%llu given%llu", (unsigned long long)i,
                 (unsigned long long)i % 7);
        a = person(i, name, 3);
        assert_int_equal(duplicate_index_add(index, &a, NULL), CTPS_OK);
        if (i >= 1000)
            assert_true(duplicate_index_remove(index, 1, i - 1000));
        if (i == 20000)
            bytes = duplicate_index_stat(index).bytes;
    }
    assert_int_equal(duplicate_index_stat(index).count, 1000);
    assert_true(duplicate_index_stat(index).bytes < bytes + 4096);
    duplicate_index_free(&index);
}

static void index_large_stays_small_per_subject(void **state)
{
    enum { SUBJECTS = 100000 };
    struct duplicate_index *index = duplicate_index_new(key);
    struct duplicate_stat stat;
    struct duplicate_match match;

    (void)state;
    for (uint32_t i = 0; i < SUBJECTS; i++) {
        char name[32];
        char address[32];
        struct duplicate_subject a;

        snprintf(name, sizeof(name), "given%u name%u", i % 100, i / 100);
        snprintf(address, sizeof(address), "%u rue saint nazaire", i % 2000);
        a = place(i, address, 5, noise, 2);
        a.name = name;
        assert_int_equal(duplicate_index_add(index, &a, NULL), CTPS_OK);
    }
    stat = duplicate_index_stat(index);
    assert_int_equal(stat.count, SUBJECTS);
    assert_true(stat.bytes <= stat.text_used + (size_t)SUBJECTS * 64);
    assert_int_equal(
        duplicate_index_search(index, "given42 name777", DUPLICATE_SEARCH_WHOLE, &match, 1), 1);
    assert_int_equal(match.id, 77742);
    duplicate_index_free(&index);
}

/* The town's own file. */

enum { TABLE_MAX = 1 << 18, ROWS_MAX = 500, COLUMNS = 22, MOTIVES_MAX = 8 };
enum column {
    NUMBER = 0,
    RECEIVED = 1,
    NAME = 7,
    GIVEN = 8,
    BORN = 9,
    ADDRESS = 11,
    MOTIVES = 12
};

struct town {
    struct arena arena;
    struct duplicate_subject subjects[ROWS_MAX];
    size_t count;
    size_t with_name;
};

/* Ends a cell in place and returns where the next begins; quotes are undone (RFC 4180). */
static char *cell_read(char *at, char **ret_cell, bool *ret_last)
{
    bool quoted = *at == '"';
    char *out = at + quoted;
    char *in = out;
    char *start = out;

    while (*in && (quoted || (*in != ';' && *in != '\r' && *in != '\n'))) {
        if (quoted && *in == '"') {
            if (in[1] != '"') {
                in++;
                break;
            }
            in++;
        }
        *out++ = *in++;
    }
    *ret_last = *in != ';';
    in += *in == '\r';
    in += *in != '\0';
    *out = '\0';
    *ret_cell = start;
    return in;
}

static char *row_read(char *at, char *cells[COLUMNS])
{
    static char empty[] = "";
    bool last = false;

    for (int i = 0; i < COLUMNS; i++)
        cells[i] = empty;
    for (int i = 0; !last; i++) {
        char *cell;

        at = cell_read(at, &cell, &last);
        if (i < COLUMNS)
            cells[i] = cell;
    }
    return at;
}

static int32_t day_read(const char *text)
{
    int32_t day;

    return civil_parse_french(text, &day) ? day : DUPLICATE_DAY_UNKNOWN;
}

static void motives_read(struct town *town, char *text, struct duplicate_subject *subject)
{
    const char **list = arena_alloc(&town->arena, MOTIVES_MAX * sizeof(*list));

    assert_non_null(list);
    while (text && subject->motive_count < MOTIVES_MAX) {
        char *slash = strstr(text, " / ");

        if (slash)
            *slash = '\0';
        list[subject->motive_count++] = text;
        text = slash ? slash + 3 : NULL;
    }
    subject->motives = list;
}

/* The eleven rows that attendu.txt refuses: 414 to 423, and the second one numbered 006. */
static bool is_refused(const struct town *town, unsigned number)
{
    if (number >= 414 && number <= 423)
        return true;
    for (size_t i = 0; i < town->count; i++)
        if (town->subjects[i].id == number)
            return true;
    return false;
}

static void town_add(struct town *town, char *cells[COLUMNS])
{
    unsigned number = (unsigned)strtoul(cells[NUMBER], NULL, 10);
    struct duplicate_subject *subject = &town->subjects[town->count];
    char name[256];

    if (is_refused(town, number))
        return;
    assert_true(town->count < ROWS_MAX);
    snprintf(name, sizeof(name), "%s %s", cells[NAME], cells[GIVEN]);
    *subject = (struct duplicate_subject){
        .id = number,
        .name = text_fold_words(&town->arena, name),
        .address = text_fold_address(&town->arena, cells[ADDRESS]),
        .birth_day = day_read(cells[BORN]),
        .received_day = day_read(cells[RECEIVED]),
    };
    motives_read(town, cells[MOTIVES], subject);
    town->with_name += subject->name[0] != '\0';
    town->count++;
}

static void town_load(struct town *town)
{
    uint8_t *raw = malloc(TABLE_MAX);
    ssize_t len = sys_read_file(sys_real(), TEST_DATA_DIR "/mulhouse/tableau-de-suivi-2026.csv",
                                raw, TABLE_MAX);
    char *cells[COLUMNS];
    struct buf text;
    char *at;

    assert_true(len > 0);
    buf_init(&text);
    assert_int_equal(text_charset_detect(bytes_of(raw, (size_t)len)), TEXT_WINDOWS_1252);
    assert_int_equal(
        text_charset_convert(bytes_of(raw, (size_t)len), TEXT_WINDOWS_1252, &text, NULL),
        CTPS_OK);
    buf_append(&text, "", 1);
    memset(town, 0, sizeof(*town));
    arena_init(&town->arena, 1 << 22);
    at = arena_copy(&town->arena, text.data, text.len);
    buf_done(&text);
    free(raw);
    at = row_read(at, cells);
    while (*at) {
        at = row_read(at, cells);
        town_add(town, cells);
    }
}

static const unsigned town_pairs[][2] = {{29, 405},  {76, 118},  {121, 409}, {124, 245},
                                         {127, 410}, {148, 413}, {264, 407}, {307, 412},
                                         {330, 376}, {345, 411}, {361, 408}, {399, 406}};

static bool is_expected_pair(uint64_t a, uint64_t b)
{
    for (size_t i = 0; i < COUNT(town_pairs); i++)
        if (town_pairs[i][0] == a && town_pairs[i][1] == b)
            return true;
    return false;
}

static void town_file_gives_the_twelve_expected_pairs(void **state)
{
    struct town *town = malloc(sizeof(*town));
    struct duplicate_index *index = duplicate_index_new(key);
    size_t found = 0;

    (void)state;
    assert_non_null(town);
    town_load(town);
    assert_int_equal(town->count, 413);
    assert_int_equal(town->with_name, 321);
    for (size_t i = 0; i < town->count; i++) {
        struct duplicate_match matches[8];
        size_t n = duplicate_index_find(index, &town->subjects[i], matches, COUNT(matches));

        for (size_t m = 0; m < n; m++) {
            assert_true(is_expected_pair(matches[m].id, town->subjects[i].id));
            assert_int_equal(matches[m].clauses, DUPLICATE_NAME);
        }
        found += n;
        assert_int_equal(duplicate_index_add(index, &town->subjects[i], NULL), CTPS_OK);
    }
    assert_int_equal(found, COUNT(town_pairs));
    duplicate_index_free(&index);
    arena_done(&town->arena);
    free(town);
}

/* The file holds no address pair within 60 days: a year's window shows that the clause looks.
 */
static void town_file_same_address_is_seen_over_longer_times(void **state)
{
    struct town *town = malloc(sizeof(*town));
    size_t found = 0;

    (void)state;
    assert_non_null(town);
    town_load(town);
    for (size_t i = 0; i < town->count; i++) {
        town->subjects[i].received_day = 0;
        for (size_t j = 0; j < i; j++)
            found += (duplicate_clauses(&town->subjects[i], &town->subjects[j]) &
                      DUPLICATE_ADDRESS) != 0;
    }
    assert_int_equal(found, 13);
    arena_done(&town->arena);
    free(town);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siphash_reference_vectors),
        cmocka_unit_test(rule_same_name_needs_compatible_births),
        cmocka_unit_test(rule_missing_name_or_address_never_matches),
        cmocka_unit_test(rule_same_address_needs_a_shared_motive_within_60_days),
        cmocka_unit_test(index_find_both_clauses_comes_once),
        cmocka_unit_test(index_find_leaves_the_subject_itself_out),
        cmocka_unit_test(index_remove_forgets_and_frees_the_place),
        cmocka_unit_test(index_clear_forgets_everybody_and_goes_on),
        cmocka_unit_test(index_add_past_limits_is_refused_and_changes_nothing),
        cmocka_unit_test(index_search_words_finds_names_containing_them),
        cmocka_unit_test(index_agrees_with_the_plain_rule_under_random_changes),
        cmocka_unit_test(index_churn_gives_memory_back),
        cmocka_unit_test(index_large_stays_small_per_subject),
        cmocka_unit_test(town_file_gives_the_twelve_expected_pairs),
        cmocka_unit_test(town_file_same_address_is_seen_over_longer_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

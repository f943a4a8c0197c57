/* Third parties' names are taken out of texts, however they are written, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/mask.h"

struct bench {
    struct arena arena;
    struct text_mask mask;
};

static int setup(void **state)
{
    static struct bench bench;

    arena_init(&bench.arena, 64 << 20);
    text_mask_init(&bench.mask, &bench.arena);
    *state = &bench;
    return 0;
}

static int teardown(void **state)
{
    arena_done(&((struct bench *)*state)->arena);
    return 0;
}

static void check(struct bench *bench, const char *in, const char *expected)
{
    const char *got = text_mask_apply(&bench->mask, in, NULL);

    assert_non_null(got);
    assert_string_equal(got, expected);
}

static void apply_any_case_accent_and_order(void **state)
{
    struct bench *bench = *state;

    text_mask_add(&bench->mask, "Bâ Élodie", "[personne 2]");
    check(bench, "vu avec Elodie BA hier", "vu avec [personne 2] hier");
    check(bench, "BÂ, Élodie et BA ELODIE.", "[personne 2] et [personne 2].");
    check(bench, "élodie seule ; e\xcc\x81lodie aussi",
          "[personne 2] seule ; [personne 2] aussi");
}

static void apply_ligatures_fold(void **state)
{
    struct bench *bench = *state;

    text_mask_add(&bench->mask, "Lecœur Gwenaëlle", "[personne 2]");
    check(bench, "LECOEUR est passée, Gwenaelle Lecœur aussi",
          "[personne 2] est passée, [personne 2] aussi");
    check(bench, "LECŒUR", "[personne 2]");
}

static void apply_compound_names_whole_and_in_part(void **state)
{
    struct bench *bench = *state;

    text_mask_add(&bench->mask, "N’Guyen-Bâ Jean-Pierre", "[personne 3]");
    check(bench, "Jean-Pierre N'GUYEN BA vient", "[personne 3] vient");
    check(bench, "M. N’Guyen", "M. [personne 3]");
    check(bench, "Jean Pierre", "[personne 3]");
    check(bench, "avec Pierre", "avec [personne 3]");
}

static void apply_whole_words_only(void **state)
{
    struct bench *bench = *state;

    text_mask_add(&bench->mask, "Roux Ange", "[personne 2]");
    check(bench, "orange, mangue, Rouxel, angelique", "orange, mangue, Rouxel, angelique");
    check(bench, "(Roux)", "([personne 2])");
}

static void apply_particles_alone_stay(void **state)
{
    struct bench *bench = *state;

    text_mask_add(&bench->mask, "de la Tour Zoé", "[personne 2]");
    check(bench, "de la rue, la cour de l'école", "de la rue, la cour de l'école");
    check(bench, "chez Zoé de la Tour ce soir", "chez [personne 2] ce soir");
    check(bench, "TOUR (DE LA) Zoé", "[personne 2]");
    check(bench, "DE LA TOUR", "[personne 2]");
}

static void apply_the_person_s_own_name_stays(void **state)
{
    struct bench *bench = *state;

    text_mask_own(&bench->mask, "Durand Léa");
    text_mask_add(&bench->mask, "Durand Tom", "[personne 2]");
    check(bench, "Léa Durand et Tom Durand", "Léa Durand et [personne 2]");
    check(bench, "DURAND Léa, DURAND Tom", "DURAND Léa, [personne 2]");
    check(bench, "la famille Durand, Tom compris", "la famille [personne 2] compris");
}

static void apply_each_party_has_its_label(void **state)
{
    struct bench *bench = *state;
    unsigned count;

    text_mask_add(&bench->mask, "Martin Paul", "[personne 2]");
    text_mask_add(&bench->mask, "Martin Luc", "[personne 3]");
    check(bench, "Paul Martin, Luc Martin", "[personne 2], [personne 3]");
    text_mask_apply(&bench->mask, "Paul Martin, Luc Martin", &count);
    assert_int_equal(count, 2);
}

static void apply_words_on_two_lines_are_two(void **state)
{
    struct bench *bench = *state;

    text_mask_add(&bench->mask, "Martin Paul", "[personne 2]");
    check(bench, "Paul\nMartin", "[personne 2]\n[personne 2]");
}

static void add_free_takes_what_is_written_with_a_capital(void **state)
{
    struct bench *bench = *state;

    text_mask_add_free(&bench->mask, "Mère : Mme Kowalski, secrétaire, 06 11", "[tiers]");
    check(bench, "sa mère, Mme KOWALSKI, secrétaire", "sa mère, Mme [tiers], secrétaire");
}

static void apply_nothing_met_is_the_text_itself(void **state)
{
    struct bench *bench = *state;
    const char *in = "rien à cacher";

    text_mask_add(&bench->mask, "Martin Paul", "[personne 2]");
    assert_ptr_equal(text_mask_apply(&bench->mask, in, NULL), in);
    assert_null(text_mask_apply(&bench->mask, "\xff", NULL));
}

/* Too many names to know: no text at all rather than one half masked. */
static void apply_full_mask_gives_nothing(void **state)
{
    struct bench *bench = *state;

    for (unsigned i = 0; i <= TEXT_MASK_WORDS_MAX; i++)
        text_mask_add(&bench->mask, "Martin", "[personne 2]");
    assert_true(bench->mask.full);
    assert_null(text_mask_apply(&bench->mask, "Martin", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(apply_any_case_accent_and_order),
        TEST(apply_ligatures_fold),
        TEST(apply_compound_names_whole_and_in_part),
        TEST(apply_whole_words_only),
        TEST(apply_particles_alone_stay),
        TEST(apply_the_person_s_own_name_stays),
        TEST(apply_each_party_has_its_label),
        TEST(apply_words_on_two_lines_are_two),
        TEST(add_free_takes_what_is_written_with_a_capital),
        TEST(apply_nothing_met_is_the_text_itself),
        TEST(apply_full_mask_gives_nothing),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

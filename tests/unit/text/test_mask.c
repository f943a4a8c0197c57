/* Third parties' names are taken out of texts, however they are written, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

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
    unsigned counts[TEXT_MASK_KIND_COUNT] = {0};

    text_mask_add(&bench->mask, "Martin Paul", "[personne 2]");
    text_mask_add(&bench->mask, "Martin Luc", "[personne 3]");
    check(bench, "Paul Martin, Luc Martin", "[personne 2], [personne 3]");
    text_mask_apply(&bench->mask, "Paul Martin, Luc Martin", counts);
    assert_int_equal(counts[TEXT_MASK_NAME], 2);
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

static void phones_are_masked_in_any_shape(void **state)
{
    static const char *const shapes[] = {
        "0611223344",        "06 11 22 33 44",    "06.11.22.33.44",      "06-11-22-33-44",
        "06/11/22/33/44",    "+33 6 11 22 33 44", "+33611223344",        "0033 611 22 33 44",
        "+33 (0)6 11223344", "(06) 11223344",     "0611 22 33 44",       "06\u00a011 22 33 44",
        "+49 7621 12345",    "0041 61 123 45 67", "06\u202f11 22 33 44",
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        char in[128];
        unsigned counts[TEXT_MASK_KIND_COUNT] = {0};
        const char *got;

        snprintf(in, sizeof(in), "rappeler le %s ce soir", shapes[i]);
        got = text_mask_apply(&bench->mask, in, counts);
        if (strpbrk(got, "0123456789") || !strstr(got, "[téléphone]") ||
            !strstr(got, "ce soir"))
            fail_msg("%s: %s", in, got);
        assert_int_equal(counts[TEXT_MASK_PHONE], 1);
    }
}

static void figures_that_are_no_phone_stay(void **state)
{
    struct bench *bench = *state;

    check(bench, "le 05/11/2026 10h30, T3-2026-0123, 68100 Mulhouse, 12 rue X, 2026-11-05",
          "le 05/11/2026 10h30, T3-2026-0123, 68100 Mulhouse, 12 rue X, 2026-11-05");
    check(bench, "AR-T1-2026-0611223344", "AR-T1-2026-[téléphone]");
    check(bench, "06 11 22 33 44 12 rue", "[téléphone] 12 rue");
    check(bench, "06/1", "06/1");
}

static void own_phone_stays_and_known_parts_go(void **state)
{
    struct bench *bench = *state;

    text_mask_phone(&bench->mask, "06 55 44 33 22 ou 03 89 00 00 01", true);
    text_mask_phone(&bench->mask, "poste 445566", false);
    check(bench, "joint au 0655443322, +33 3 89 00 00 01, puis 44 55 66 et 0655443323",
          "joint au 0655443322, +33 3 89 00 00 01, puis [téléphone] et [téléphone]");
}

static void emails_and_accounts_are_masked(void **state)
{
    struct bench *bench = *state;
    unsigned counts[TEXT_MASK_KIND_COUNT] = {0};

    text_mask_add(&bench->mask, "Martin Paul", "[personne 2]");
    check(bench, "écrire à paul.martin+x@laposte.example.", "écrire à [courriel].");
    check(bench, "(Élodie@école.fr) ou @momo_68, à 5 @ 3",
          "([courriel]) ou [courriel], à 5 @ 3");
    text_mask_apply(&bench->mask, "a@b.fr c@d.fr", counts);
    assert_int_equal(counts[TEXT_MASK_EMAIL], 2);
    assert_int_equal(counts[TEXT_MASK_NAME], 0);
}

static void addresses_of_others_are_masked_however_written(void **state)
{
    static const char *const shapes[] = {
        "12 bis rue des Lilas", "12bis, RUE DES LILAS", "12 r. des lilas",
        "rue des Lilas",        "14 rue des Lilas",
    };
    struct bench *bench = *state;

    text_mask_address(&bench->mask, "chez Mme X, 12bis rue des Lilas, 68100 Mulhouse", false);
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        char in[128];

        snprintf(in, sizeof(in), "vu %s hier", shapes[i]);
        check(bench, in, "vu [adresse] hier");
    }
    check(bench, "rue des Lilacs, la rue, Mulhouse", "rue des Lilacs, la rue, Mulhouse");
}

static void own_address_stays_and_the_neighbour_s_goes(void **state)
{
    struct bench *bench = *state;

    text_mask_address(&bench->mask, "3 av. Foch", true);
    text_mask_address(&bench->mask, "3 avenue Foch, Mulhouse", false);
    text_mask_address(&bench->mask, "5 avenue Foch", false);
    text_mask_address(&bench->mask, "Mulhouse", false);
    check(bench, "3 avenue Foch, 5 av Foch, avenue Foch, Mulhouse",
          "3 avenue Foch, [adresse], avenue Foch, Mulhouse");
}

static void nicknames_are_learnt_from_any_text(void **state)
{
    struct bench *bench = *state;

    text_mask_add(&bench->mask, "Durand Tom", "[personne 2]");
    text_mask_learn(&bench->mask, "Tom Durand, dit « Momo », est passé");
    text_mask_learn(&bench->mask, "Paul dit Popaul ; DURAND alias Le Grand Tim");
    check(bench, "MOMO et Popaul, grand Tim", "[personne 2] et Popaul, [personne 2]");
    check(bench, "Durand dit non", "[personne 2] dit non");
}

static void name_with_a_nickname_is_known_by_both(void **state)
{
    struct bench *bench = *state;

    text_mask_add(&bench->mask, "Durand Thomas (dit Toto)", "[personne 2]");
    check(bench, "toto dit que", "[personne 2] dit que");
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
        TEST(phones_are_masked_in_any_shape),
        TEST(figures_that_are_no_phone_stay),
        TEST(own_phone_stays_and_known_parts_go),
        TEST(emails_and_accounts_are_masked),
        TEST(addresses_of_others_are_masked_however_written),
        TEST(own_address_stays_and_the_neighbour_s_goes),
        TEST(nicknames_are_learnt_from_any_text),
        TEST(name_with_a_nickname_is_known_by_both),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

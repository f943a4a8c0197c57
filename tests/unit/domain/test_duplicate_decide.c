/* Pairs decided: which keys end with what, and which situation survives. */
#include "fixture.h"

#include "domain/retention.h"

static enum refusal decide(struct fixture *f, uint64_t a, uint64_t b, const char *outcome,
                           const char *why)
{
    Ctps__DuplicateDecide in = CTPS__DUPLICATE_DECIDE__INIT;

    SET(&in, a, a);
    SET(&in, b, b);
    in.outcome = text(outcome);
    in.text = why ? text(why) : NULL;
    REQUEST(f, DUPLICATE_DECIDE, duplicate_decide, &in);
    return request_do(f);
}

static Ctps__SituationRecord *situation(struct fixture *f, uint64_t id)
{
    return record_situation(&f->tables, &f->arena, id);
}

static uint64_t saisine_of(struct fixture *f, uint64_t id)
{
    return situation(f, id)->saisines[0];
}

static void decide_asks_for_both_sides(void **state)
{
    struct fixture *f = *state;
    uint64_t a = saisine_make(f);
    uint64_t b = saisine_make(f);

    f->allowed = false;
    assert_int_equal(decide(f, a, b, DUPLICATE_LINK, NULL), REFUSAL_NOT_ALLOWED);
    assert_int_equal(f->asked, ACTION_DUPLICATE_DECIDE);
    f->allowed = true;
    assert_int_equal(decide(f, a, b, DUPLICATE_LINK, NULL), REFUSAL_NONE);
    assert_int_equal(f->asked, ACTION_DUPLICATE_DECIDE);
}

static void merge_asks_for_the_right_to_do_its_work(void **state)
{
    struct fixture *f = *state;
    uint64_t one = situation_make(f);
    uint64_t two = situation_make(f);
    uint64_t a = saisine_of(f, one);
    uint64_t undecided = saisine_make(f);

    assert_int_equal(decide(f, a, undecided, DUPLICATE_MERGE, NULL), REFUSAL_NONE);
    assert_int_equal(f->asked, ACTION_SAISINE_DECIDE);
    assert_int_equal(decide(f, a, saisine_of(f, two), DUPLICATE_MERGE, NULL), REFUSAL_NONE);
    assert_int_equal(f->asked, ACTION_SITUATION_CLOSE);
}

/* History taken over may be older than what was typed before it. */
static void merge_keeps_the_one_opened_first(void **state)
{
    struct fixture *f = *state;
    uint64_t one = situation_make(f);
    uint64_t two = situation_make(f);
    Ctps__SituationRecord *row = situation(f, two);
    uint64_t a = saisine_of(f, one);
    uint64_t b = saisine_of(f, two);

    row->opened->opened_day = FIXTURE_TODAY - 100;
    record_put(&f->tables, TABLE_SITUATION, table_key_of_u64(two), &f->arena, &row->base);
    assert_int_equal(decide(f, a, b, DUPLICATE_MERGE, NULL), REFUSAL_NONE);
    assert_int_equal(situation(f, one)->merged_into, two);
    assert_int_equal(situation(f, two)->n_saisines, 2);
    assert_int_equal(situation(f, two)->merged[0], one);
    assert_int_equal(situation(f, one)->n_saisines, 0);
    assert_int_equal(fake_count(f, TABLE_DUE), 0);
}

static bool has_slot(const Ctps__ErasureSubject *subject, uint64_t slot)
{
    for (size_t i = 0; i < subject->n_slots; i++)
        if (subject->slots[i] == slot)
            return true;
    return false;
}

static void survivor_takes_every_key_with_it_once(void **state)
{
    struct fixture *f = *state;
    uint64_t one = situation_make(f);
    uint64_t two = situation_make(f);
    uint64_t three = situation_make(f);
    uint64_t saisines[] = {saisine_of(f, one), saisine_of(f, two), saisine_of(f, three)};
    Ctps__ErasureSubject *subject;

    assert_int_equal(decide(f, saisines[1], saisines[2], DUPLICATE_MERGE, "CANARI"),
                     REFUSAL_NONE);
    assert_int_equal(decide(f, saisines[0], saisines[1], DUPLICATE_MERGE, NULL), REFUSAL_NONE);
    act_begin(f);
    subject = retention_subject_of_situation(&f->act, situation(f, one));
    /* three situations, three saisines, three persons, one text */
    assert_int_equal(subject->n_slots, 10);
    assert_true(has_slot(subject, situation(f, two)->opened->slot));
    assert_true(has_slot(subject, situation(f, three)->opened->slot));
    assert_int_equal(situation(f, three)->merged_into, one);
}

static void merged_goes_where_its_survivor_goes(void **state)
{
    struct fixture *f = *state;
    uint64_t one = situation_make(f);
    uint64_t two = situation_make(f);
    Ctps__SituationRecord *row;
    struct resource resource;

    assert_int_equal(decide(f, saisine_of(f, one), saisine_of(f, two), DUPLICATE_MERGE, NULL),
                     REFUSAL_NONE);
    row = situation(f, one);
    row->territory = text("T2");
    record_put(&f->tables, TABLE_SITUATION, table_key_of_u64(one), &f->arena, &row->base);
    act_begin(f);
    resource = resource_of_situation(&f->act, situation(f, two));
    assert_string_equal(resource.territory, "T2");
}

static void text_is_sealed_and_never_in_clear(void **state)
{
    struct fixture *f = *state;
    uint64_t a = saisine_make(f);
    uint64_t b = saisine_make(f);
    uint64_t slots = f->next_slot;

    assert_int_equal(decide(f, b, a, DUPLICATE_DIFFERENT, "CANARI"), REFUSAL_NONE);
    assert_int_equal(f->next_slot, slots + 1);
    assert_int_equal(f->act.events[0]->duplicate_decided->a, a);
    for (size_t i = 0; i < f->row_count; i++) {
        struct bytes value = buf_bytes(&f->rows[i].value);

        assert_null(value.len ? memmem(value.data, value.len, "CANARI", 6) : NULL);
    }
    assert_int_equal(decide(f, a, b, DUPLICATE_DIFFERENT, NULL), REFUSAL_DUPLICATE_SETTLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        TEST(decide_asks_for_both_sides),
        TEST(merge_asks_for_the_right_to_do_its_work),
        TEST(merge_keeps_the_one_opened_first),
        TEST(survivor_takes_every_key_with_it_once),
        TEST(merged_goes_where_its_survivor_goes),
        TEST(text_is_sealed_and_never_in_clear),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

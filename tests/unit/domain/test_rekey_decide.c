/* Sealed again: what stays, what goes, which keys end, and when it is refused. */
#include "fixture.h"

#include "domain/box.h"

static uint64_t entry_add(struct fixture *f, uint64_t situation, const char *words)
{
    Ctps__SituationAddEntry in = CTPS__SITUATION_ADD_ENTRY__INIT;

    SET(&in, id, situation);
    in.kind = text("entretien");
    SET(&in, day, FIXTURE_TODAY);
    in.text = text(words);
    REQUEST(f, SITUATION_ADD_ENTRY, situation_add_entry, &in);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    return f->act.made[0]->id;
}

static enum refusal rekey(struct fixture *f, uint64_t situation, uint64_t person,
                          uint64_t entry)
{
    Ctps__SituationRekey in = CTPS__SITUATION_REKEY__INIT;

    SET(&in, id, situation);
    in.reason = text("suivi");
    in.n_drop_persons = person != 0;
    in.drop_persons = &person;
    in.n_drop_entries = entry != 0;
    in.drop_entries = &entry;
    REQUEST(f, SITUATION_REKEY, situation_rekey, &in);
    return request_do(f);
}

static const Ctps__SituationRecord *situation_of(struct fixture *f, uint64_t id)
{
    return record_situation(&f->tables, &f->arena, id);
}

static const Ctps__SituationEntryAdded *entry_of(struct fixture *f, uint64_t situation,
                                                 uint64_t id)
{
    return (const Ctps__SituationEntryAdded *)record_get(
        &f->tables, TABLE_ENTRY, table_key_of_two(situation, id), &f->arena,
        &ctps__situation_entry_added__descriptor);
}

static void everything_under_the_slot_goes_under_the_new_one(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    uint64_t entry = entry_add(f, id, "CANARI kept");
    uint64_t old = situation_of(f, id)->opened->slot;
    const Ctps__ErasureSubject *subject;
    uint64_t fresh;

    assert_int_equal(rekey(f, id, 0, 0), REFUSAL_NONE);
    fresh = situation_of(f, id)->opened->slot;
    assert_true(fresh != old);
    assert_true(f->state.next_slot > fresh);
    assert_int_equal(entry_of(f, id, entry)->content->slot, fresh);
    assert_int_equal(f->act.event_count, 2);
    subject = f->act.events[1]->erasure_ordered->subjects[0];
    assert_int_equal(subject->id, 0); /* the ledger must not take the situation for erased */
    assert_int_equal(subject->part_of, id);
    assert_int_equal(subject->n_slots, 1);
    assert_int_equal(subject->slots[0], old);
}

static void dropped_entry_leaves_its_row_and_no_box(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    uint64_t gone = entry_add(f, id, "CANARI gone");
    uint64_t kept = entry_add(f, id, "CANARI kept");

    assert_int_equal(rekey(f, id, 0, gone), REFUSAL_NONE);
    assert_null(entry_of(f, id, gone)->content);
    assert_string_equal(entry_of(f, id, gone)->kind, "entretien");
    assert_non_null(entry_of(f, id, kept)->content);
}

static void dropped_person_s_own_key_ends(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    uint64_t saisine = situation_of(f, id)->saisines[0];
    const Ctps__StoredPerson *person =
        record_saisine(&f->tables, &f->arena, saisine)->received->persons[0];
    const Ctps__ErasureSubject *subject;

    assert_int_equal(rekey(f, id, person->id, 0), REFUSAL_NONE);
    subject = f->act.events[1]->erasure_ordered->subjects[0];
    assert_int_equal(subject->n_slots, 2);
    assert_int_equal(subject->slots[1], person->identity->slot);
    assert_null(record_saisine(&f->tables, &f->arena, saisine)->received->persons[0]->identity);
}

static void what_is_not_there_is_refused_and_nothing_happens(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    uint64_t other = situation_make(f);
    uint64_t foreign = entry_add(f, other, "CANARI other");

    assert_int_equal(rekey(f, id, 0, foreign), REFUSAL_ABSENT);
    assert_int_equal(f->act.event_count, 0);
    assert_int_equal(rekey(f, id, foreign, 0), REFUSAL_ABSENT);
    assert_int_equal(rekey(f, 12345, 0, 0), REFUSAL_ABSENT);
}

/* An entry of the journal has an end: past it the command is refused, not the daemon. */
static void too_much_for_one_entry_of_the_journal_is_refused(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    char words[501];

    memset(words, 'x', 500);
    words[500] = '\0';
    for (int i = 0; i < 1600; i++)
        entry_add(f, id, words);
    assert_int_equal(rekey(f, id, 0, 0), REFUSAL_LIMIT);
}

static void erased_or_ordered_is_refused(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    Ctps__SituationErase in = CTPS__SITUATION_ERASE__INIT;

    assert_int_equal(situation_close(f, id, FIXTURE_TODAY), REFUSAL_NONE);
    SET(&in, id, id);
    in.reason = text("suivi");
    REQUEST(f, SITUATION_ERASE, situation_erase, &in);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    assert_int_equal(rekey(f, id, 0, 0), REFUSAL_ERASED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        TEST(everything_under_the_slot_goes_under_the_new_one),
        TEST(dropped_entry_leaves_its_row_and_no_box),
        TEST(dropped_person_s_own_key_ends),
        TEST(what_is_not_there_is_refused_and_nothing_happens),
        TEST(too_much_for_one_entry_of_the_journal_is_refused),
        TEST(erased_or_ordered_is_refused),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

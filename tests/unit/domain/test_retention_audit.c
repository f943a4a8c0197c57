/* How long the trail can be read, and which keys end when. */
#include "fixture.h"

#include "base/civil.h"
#include "domain/retention.h"

static enum refusal town_set(struct fixture *f, int months, const char *justification)
{
    Ctps__Town town = CTPS__TOWN__INIT;

    town.name = text("Town");
    SET(&town, audit_months, (uint32_t)months);
    town.audit_justification = justification ? text(justification) : NULL;
    REQUEST(f, TOWN_SET, town_set, &town);
    return request_do(f);
}

static uint32_t month_of(int32_t day)
{
    struct civil_date date = civil_date_of(day);

    return (uint32_t)(date.year * 12 + date.month - 1);
}

static void key_make(struct fixture *f, uint64_t slot, uint32_t month)
{
    Ctps__CounterRecord row = CTPS__COUNTER_RECORD__INIT;

    SET(&row, value, month);
    record_put(&f->tables, TABLE_AUDIT_KEY, table_key_of_u64(slot), &f->arena, &row.base);
}

static void term_is_six_to_twelve_and_more_with_a_reason(void **state)
{
    struct fixture *f = *state;

    act_begin(f);
    assert_int_equal(retention_audit_months(&f->act), 12);
    assert_int_equal(town_set(f, 5, NULL), REFUSAL_AUDIT_TERM);
    assert_int_equal(town_set(f, 6, NULL), REFUSAL_NONE);
    assert_int_equal(retention_audit_months(&f->act), 6);
    assert_int_equal(town_set(f, 12, NULL), REFUSAL_NONE);
    assert_int_equal(town_set(f, 13, NULL), REFUSAL_AUDIT_TERM);
    assert_string_equal(f->act.detail, "audit_justification");
    assert_int_equal(town_set(f, 36, "deliberation"), REFUSAL_NONE);
    assert_int_equal(town_set(f, 37, "deliberation"), REFUSAL_AUDIT_TERM);
    assert_string_equal(f->act.detail, "audit_months");
}

static void keys_of_months_past_the_term_end_and_no_others(void **state)
{
    const Ctps__ErasureSubject *subject;
    struct fixture *f = *state;
    uint32_t now;

    act_begin(f);
    now = month_of(f->act.today);
    for (uint64_t slot = 1; slot <= 20; slot++)
        key_make(f, slot, now - 20 + (uint32_t)slot);
    retention_order_audit(&f->act);
    assert_int_equal(f->act.event_count, 1);
    subject = f->act.events[0]->erasure_ordered->subjects[0];
    assert_int_equal(subject->kind, CTPS__OBJECT_KIND__OBJECT_KEY);
    assert_int_equal(subject->id, 0);
    assert_int_equal(subject->n_slots, 7); /* 19 to 13 months ago */
    assert_int_equal(subject->slots[6], 7);
}

static void nothing_past_the_term_is_nothing_to_order(void **state)
{
    struct fixture *f = *state;

    act_begin(f);
    key_make(f, 1, month_of(f->act.today) - 12);
    retention_order_audit(&f->act);
    assert_int_equal(f->act.event_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(term_is_six_to_twelve_and_more_with_a_reason),
        TEST(keys_of_months_past_the_term_end_and_no_others),
        TEST(nothing_past_the_term_is_nothing_to_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

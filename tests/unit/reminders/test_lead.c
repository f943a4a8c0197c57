#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "reminders/lead.h"

static void lead_as_people_write_it_is_read(void **state)
{
    static const struct {
        const char *text;
        struct lead lead;
    } rows[] = {
        {"J", {LEAD_DAYS, 0, 0}},
        {"J-7", {LEAD_DAYS, -7, 0}},
        {"J+14", {LEAD_DAYS, 14, 0}},
        {"J+7/7", {LEAD_DAYS, 7, 7}},
        {"O-3", {LEAD_WORKING_DAYS, -3, 0}},
        {"J-60", {LEAD_DAYS, -60, 0}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct lead lead;

        assert_true(lead_read(rows[i].text, strlen(rows[i].text), &lead));
        assert_int_equal(lead.unit, rows[i].lead.unit);
        assert_int_equal(lead.count, rows[i].lead.count);
        assert_int_equal(lead.every, rows[i].lead.every);
    }
}

static void lead_written_otherwise_is_refused(void **state)
{
    static const char *const wrong[] = {"",     "7",     "J7",    "J-",   "J-x", "J-7/",
                                        "J/0",  "O-3/2", "J-61",  "H-2",  "X-1", "J-7 ",
                                        "J--7", "J+999", "J+367", "J-07x"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct lead lead;

        assert_false(lead_read(wrong[i], strlen(wrong[i]), &lead));
    }
}

static void lead_of_whole_days_is_counted_in_days(void **state)
{
    struct lead week = lead_of_hours(168);
    struct lead two = lead_of_hours(2);
    struct lead odd = lead_of_hours(30);

    (void)state;
    assert_int_equal(week.unit, LEAD_DAYS);
    assert_int_equal(week.count, -7);
    assert_int_equal(two.unit, LEAD_HOURS);
    assert_int_equal(two.count, -2);
    assert_int_equal(odd.unit, LEAD_HOURS);
    assert_int_equal(odd.count, -30);
}

static void repetition_is_written_with_its_own_count(void **state)
{
    struct lead lead = {LEAD_DAYS, 7, 7};
    char text[LEAD_TEXT_LEN];

    (void)state;
    lead_write(&lead, 0, text);
    assert_string_equal(text, "J+7");
    lead_write(&lead, 3, text);
    assert_string_equal(text, "J+28");
    assert_true(lead_is_overdue(&lead, 0));
    lead = (struct lead){LEAD_WORKING_DAYS, -3, 0};
    lead_write(&lead, 0, text);
    assert_string_equal(text, "O-3");
    assert_false(lead_is_overdue(&lead, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lead_as_people_write_it_is_read),
        cmocka_unit_test(lead_written_otherwise_is_refused),
        cmocka_unit_test(lead_of_whole_days_is_counted_in_days),
        cmocka_unit_test(repetition_is_written_with_its_own_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

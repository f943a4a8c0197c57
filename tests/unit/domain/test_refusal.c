/* Every way to say no: a stable name, the rule, and what to do, in both languages. */
#include "fixture.h"

#include "domain/refusal.h"

/* More than what is wrong: a second sentence, or what follows a colon, says what to do. */
static bool says_what_to_do(const char *text)
{
    for (const char *at = text; *at; at++)
        if ((strncmp(at, ". ", 2) == 0 || strncmp(at, ": ", 2) == 0) && at[2] != '%')
            return true;
    return false;
}

static void rows_say_what_why_and_what_to_do(void **state)
{
    unsigned faults = 0;

    (void)state;
    for (unsigned i = 1; i < REFUSAL_COUNT; i++) {
        const struct refusal_row *row = refusal_row((enum refusal)i);

        assert_int_equal(refusal_find(row->name), i);
        assert_true(*row->rule);
        if (says_what_to_do(row->text_fr) && says_what_to_do(row->text_en))
            continue;
        print_error("%s does not say what to do\n", row->name);
        faults++;
    }
    assert_int_equal(faults, 0);
}

static void a_bare_complaint_would_be_seen(void **state)
{
    (void)state;
    assert_false(says_what_to_do("Date in the future: %s."));
    assert_true(says_what_to_do("Date in the future: %s. Give another."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_say_what_why_and_what_to_do),
        cmocka_unit_test(a_bare_complaint_would_be_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

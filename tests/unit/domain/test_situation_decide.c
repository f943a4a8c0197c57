/* What may be done with a situation, and when. */
#include "fixture.h"

#include "domain/intake.h"

static enum refusal status_set(struct fixture *f, uint64_t id, const char *status)
{
    Ctps__SituationSetStatus in = CTPS__SITUATION_SET_STATUS__INIT;

    SET(&in, id, id);
    in.status = text(status);
    REQUEST(f, SITUATION_SET_STATUS, situation_set_status, &in);
    return request_do(f);
}

static void status_only_open_ones_can_be_reached(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);

    assert_int_equal(status_set(f, id, "nothing"), REFUSAL_LIST_VALUE_UNKNOWN);
    assert_int_equal(status_set(f, id, STATUS_CLOSED), REFUSAL_STATE_WRONG);
    assert_int_equal(status_set(f, id, STATUS_TO_QUALIFY), REFUSAL_STATE_WRONG);
    assert_int_equal(status_set(f, id, STATUS_FOLLOWED), REFUSAL_NONE);
    assert_int_equal(status_set(f, id, STATUS_FOLLOWED), REFUSAL_STATE_WRONG);
    assert_int_equal(status_set(f, 4242, STATUS_FOLLOWED), REFUSAL_ABSENT);
}

static void status_watch_needs_a_later_day(void **state)
{
    static const struct {
        bool given;
        int32_t day;
        enum refusal refusal;
    } cases[] = {
        {false, 0, REFUSAL_FIELD_MISSING},
        {true, FIXTURE_TODAY, REFUSAL_DATE_ORDER},
        {true, INT32_MAX, REFUSAL_FIELD_RANGE},
        {true, FIXTURE_TODAY + 1, REFUSAL_NONE},
    };
    struct fixture *f = *state;
    uint64_t id = situation_make(f);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Ctps__SituationSetStatus in = CTPS__SITUATION_SET_STATUS__INIT;

        SET(&in, id, id);
        in.status = text(STATUS_WATCH);
        in.has_watch_until_day = cases[i].given;
        in.watch_until_day = cases[i].day;
        REQUEST(f, SITUATION_SET_STATUS, situation_set_status, &in);
        if (request_do(f) != cases[i].refusal)
            fail_msg("case %zu: %s", i, refusal_row(f->act.refusal)->name);
    }
}

static void status_blocked_needs_what_and_who_and_seals_what(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    Ctps__SituationSetStatus in = CTPS__SITUATION_SET_STATUS__INIT;
    Ctps__Partner partner = CTPS__PARTNER__INIT;
    struct bytes packed;

    assert_int_equal(status_set(f, id, STATUS_BLOCKED), REFUSAL_BLOCKED_INCOMPLETE);
    SET(&in, id, id);
    in.status = text(STATUS_BLOCKED);
    in.blocked_what = text("CANARI");
    REQUEST(f, SITUATION_SET_STATUS, situation_set_status, &in);
    assert_int_equal(request_do(f), REFUSAL_BLOCKED_INCOMPLETE);
    assert_string_equal(f->act.detail, "blocked_by");
    SET(&in, blocked_by, 9);
    assert_int_equal(request_do(f), REFUSAL_PARTNER_UNKNOWN);
    SET(&partner, id, 9);
    record_put(&f->tables, TABLE_PARTNER, table_key_of_u64(9), &f->arena, &partner.base);
    in.blocked_what = NULL;
    assert_int_equal(request_do(f), REFUSAL_BLOCKED_INCOMPLETE);
    assert_string_equal(f->act.detail, "blocked_what");
    in.blocked_what = text("CANARI");
    assert_int_equal(request_do(f), REFUSAL_NONE);
    assert_int_equal(wire_pack(&f->arena, &f->act.events[0]->base, &packed), CTPS_OK);
    assert_null(memmem(packed.data, packed.len, "CANARI", 6));
    assert_non_null(record_situation(&f->tables, &f->arena, id)->blocked_what);
    assert_int_equal(request_do(f), REFUSAL_STATE_WRONG);
}

/* As a tracking table may bring it: kept, and made good by hand. */
static void status_blocked_by_nobody_may_be_completed(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    Ctps__SituationRecord *row = record_situation(&f->tables, &f->arena, id);
    Ctps__SituationSetStatus in = CTPS__SITUATION_SET_STATUS__INIT;
    Ctps__Partner partner = CTPS__PARTNER__INIT;

    row->status = text(STATUS_BLOCKED);
    record_put(&f->tables, TABLE_SITUATION, table_key_of_u64(id), &f->arena, &row->base);
    SET(&partner, id, 9);
    record_put(&f->tables, TABLE_PARTNER, table_key_of_u64(9), &f->arena, &partner.base);
    SET(&in, id, id);
    in.status = text(STATUS_BLOCKED);
    in.blocked_what = text("bail");
    SET(&in, blocked_by, 9);
    REQUEST(f, SITUATION_SET_STATUS, situation_set_status, &in);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    assert_int_equal(record_situation(&f->tables, &f->arena, id)->blocked_by, 9);
}

static void entry_rules_of_kinds(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f); /* about a minor */
    const struct {
        const char *kind;
        bool present, transmitted, mayor;
        const char *why, *oriented;
        enum refusal refusal;
    } cases[] = {
        {NULL, false, false, false, NULL, NULL, REFUSAL_FIELD_MISSING},
        {"entretien", false, false, false, NULL, NULL, REFUSAL_NONE},
        {"rappel_ordre", false, false, false, NULL, NULL, REFUSAL_MINOR_REPRESENTATIVES},
        {"rappel_ordre", false, false, false, "CANARI", NULL, REFUSAL_NONE},
        {"rappel_ordre", true, false, false, NULL, NULL, REFUSAL_NONE},
        {"transmission_pcd", false, true, false, NULL, NULL, REFUSAL_TRANSMISSION_INCOMPLETE},
        {"transmission_pcd", false, false, true, NULL, NULL, REFUSAL_TRANSMISSION_INCOMPLETE},
        {"transmission_pcd", false, true, true, NULL, NULL, REFUSAL_NONE},
        {"orientation", false, false, false, NULL, NULL, REFUSAL_FIELD_MISSING},
        {"orientation", false, false, false, NULL, "bailleur", REFUSAL_NONE},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Ctps__SituationAddEntry in = CTPS__SITUATION_ADD_ENTRY__INIT;

        SET(&in, id, id);
        SET(&in, day, FIXTURE_TODAY);
        in.kind = text(cases[i].kind);
        if (cases[i].present)
            SET(&in, representatives_present, 1);
        in.representatives_absent_why = text(cases[i].why);
        if (cases[i].transmitted)
            SET(&in, transmitted_us, 1);
        if (cases[i].mayor)
            SET(&in, mayor_informed, 0);
        in.oriented_to = text(cases[i].oriented);
        REQUEST(f, SITUATION_ADD_ENTRY, situation_add_entry, &in);
        if (request_do(f) != cases[i].refusal)
            fail_msg("case %zu: %s", i, refusal_row(f->act.refusal)->name);
    }
    assert_int_equal(record_situation(&f->tables, &f->arena, id)->entry_count, 5);
    assert_int_equal(fake_count(f, TABLE_ENTRY), 5);
}

static void review_next_day_follows_the_term(void **state)
{
    static const struct {
        const char *term;
        int months;
    } cases[] = {{"court", 1}, {"moyen", 3}, {"long", 6}, {NULL, 3}, {"other", 3}};
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    Ctps__SituationReview in = CTPS__SITUATION_REVIEW__INIT;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(opening_next_review(&f->settings, cases[i].term, FIXTURE_TODAY),
                         civil_add_months(FIXTURE_TODAY, cases[i].months));
    SET(&in, id, id);
    SET(&in, day, FIXTURE_TODAY - 3);
    in.evolution = text("stable");
    REQUEST(f, SITUATION_REVIEW, situation_review, &in);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    assert_int_equal(record_situation(&f->tables, &f->arena, id)->next_review_day,
                     civil_add_months(FIXTURE_TODAY - 3, 3));
    SET(&in, next_review_day, FIXTURE_TODAY - 3);
    assert_int_equal(request_do(f), REFUSAL_DATE_ORDER);
    SET(&in, next_review_day, FIXTURE_TODAY + 9);
    in.evolution = NULL;
    assert_int_equal(request_do(f), REFUSAL_FIELD_MISSING);
}

static void close_sets_the_term_and_ends_the_rest(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    const Ctps__SituationRecord *row;

    assert_int_equal(situation_close(f, id, FIXTURE_TODAY - 1), REFUSAL_DATE_ORDER);
    assert_int_equal(situation_close(f, id, FIXTURE_TODAY + 1), REFUSAL_DATE_FUTURE);
    assert_int_equal(situation_close(f, id, FIXTURE_TODAY), REFUSAL_NONE);
    row = record_situation(&f->tables, &f->arena, id);
    assert_int_equal(row->erase_due_day, civil_add_months(FIXTURE_TODAY, 3));
    assert_false(row->has_next_review_day);
    assert_string_equal(row->status, STATUS_CLOSED);
    assert_int_equal(situation_close(f, id, FIXTURE_TODAY), REFUSAL_STATE_WRONG);
    assert_int_equal(status_set(f, id, STATUS_FOLLOWED), REFUSAL_STATE_WRONG);
}

static enum refusal erase(struct fixture *f, uint64_t id, const char *reason)
{
    Ctps__SituationErase in = CTPS__SITUATION_ERASE__INIT;

    SET(&in, id, id);
    in.reason = text(reason);
    REQUEST(f, SITUATION_ERASE, situation_erase, &in);
    return request_do(f);
}

static void erase_takes_every_key_of_a_closed_situation(void **state)
{
    struct fixture *f = *state;
    uint64_t id = situation_make(f);
    const Ctps__ErasureOrdered *ordered;

    assert_int_equal(erase(f, id, "suivi"), REFUSAL_STATE_WRONG);
    assert_int_equal(situation_close(f, id, FIXTURE_TODAY), REFUSAL_NONE);
    assert_int_equal(erase(f, id, NULL), REFUSAL_FIELD_MISSING);
    assert_int_equal(erase(f, id, "suivi"), REFUSAL_NONE);
    ordered = f->act.events[0]->erasure_ordered;
    assert_int_equal(ordered->by_agent, 7);
    assert_int_equal(ordered->n_subjects, 1);
    /* the situation's own, the saisine's, the person's */
    assert_int_equal(ordered->subjects[0]->n_slots, 3);
    assert_true(record_situation(&f->tables, &f->arena, id)->erasure_ordered);
    assert_int_equal(erase(f, id, "suivi"), REFUSAL_ERASED);
    assert_int_equal(status_set(f, id, STATUS_FOLLOWED), REFUSAL_ERASED);
    assert_int_equal(fake_count(f, TABLE_DUE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        TEST(status_only_open_ones_can_be_reached),
        TEST(status_watch_needs_a_later_day),
        TEST(status_blocked_needs_what_and_who_and_seals_what),
        TEST(status_blocked_by_nobody_may_be_completed),
        TEST(entry_rules_of_kinds),
        TEST(review_next_day_follows_the_term),
        TEST(close_sets_the_term_and_ends_the_rest),
        TEST(erase_takes_every_key_of_a_closed_situation),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

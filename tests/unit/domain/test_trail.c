/* Which entries say who saw something: of a situation, of a person, or by whom. */
#include "fixture.h"

#include "domain/trail.h"

enum { SITUATION = 257, SAISINE = 256, OTHER = 999, PERSON = 258, ANNA = 11, KELLER = 12 };

static struct trail_scope scope_of(struct fixture *f, uint64_t person)
{
    struct trail_scope scope = {.by_object = true, .person = person};

    assert_true(trail_scope_add_id(&f->act, SITUATION, &scope));
    assert_true(trail_scope_add_id(&f->act, SAISINE, &scope));
    trail_scope_sort(&scope);
    return scope;
}

static bool is_about(const struct trail_scope *scope, const char *action, const char *result,
                     uint64_t object)
{
    Ctps__Principal who = CTPS__PRINCIPAL__INIT;
    Ctps__AuditRecord record = CTPS__AUDIT_RECORD__INIT;

    SET(&who, kind, CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT);
    SET(&who, id, ANNA);
    record.principal = &who;
    record.action = text(action);
    record.result = text(result);
    record.objects = &object;
    record.n_objects = 1;
    return trail_is_about(scope, &record);
}

static void reading_is_about_what_it_showed(void **state)
{
    struct fixture *f = *state;
    struct trail_scope scope;

    act_begin(f);
    scope = scope_of(f, 0);
    assert_true(is_about(&scope, "situation.get", "answered", SITUATION));
    assert_true(is_about(&scope, "name.search", "answered", SAISINE));
    assert_true(is_about(&scope, "situation.get", "not_allowed", SITUATION));
    assert_false(is_about(&scope, "situation.get", "answered", OTHER));
    assert_false(is_about(&scope, "situation.get", "answered", PERSON));
}

static void person_was_seen_where_it_was_shown_or_found(void **state)
{
    struct fixture *f = *state;
    struct trail_scope scope;

    act_begin(f);
    scope = scope_of(f, PERSON);
    assert_true(is_about(&scope, "situation.get", "answered", PERSON));
    assert_false(is_about(&scope, "situation.get", "answered", SITUATION));
    assert_true(is_about(&scope, "name.search", "answered", SAISINE));
    assert_true(is_about(&scope, "situation.get", "not_allowed", SITUATION));
}

static void whoever_is_asked_for_and_nobody_else(void **state)
{
    struct trail_scope scope = {.agent = ANNA};

    (void)state;
    assert_true(is_about(&scope, "situation.get", "answered", OTHER));
    scope = (struct trail_scope){.agent = ANNA + 1};
    assert_false(is_about(&scope, "situation.get", "answered", OTHER));
    scope = (struct trail_scope){.contact = ANNA};
    assert_false(is_about(&scope, "situation.get", "answered", OTHER));
}

static void share_is_told_to_whoever_it_was_given(void **state)
{
    struct fixture *f = *state;
    Ctps__InformationShared shared = CTPS__INFORMATION_SHARED__INIT;
    Ctps__Event event = CTPS__EVENT__INIT;
    struct trail_scope scope;
    Ctps__AuditView view;
    uint64_t keller = KELLER;

    act_begin(f);
    scope = scope_of(f, 0);
    SET(&shared, id, 300);
    SET(&shared, situation, SITUATION);
    shared.purpose = text("suivi");
    shared.contacts = &keller;
    shared.n_contacts = 1;
    event.body_case = CTPS__EVENT__BODY_INFORMATION_SHARED;
    event.information_shared = &shared;
    assert_true(trail_of_event(&scope, &f->tables, &f->arena, NULL, &event, &view));
    assert_string_equal(view.action, "information.shared");
    assert_string_equal(view.purpose, "suivi");
    assert_int_equal(view.contacts[0], KELLER);
    assert_int_equal(view.objects[0], SITUATION);
    scope.contact = KELLER;
    assert_true(trail_of_event(&scope, &f->tables, &f->arena, NULL, &event, &view));
    scope.contact = KELLER + 1;
    assert_false(trail_of_event(&scope, &f->tables, &f->arena, NULL, &event, &view));
    scope.contact = 0;
    scope.person = PERSON; /* who is in it: may be read of */
    assert_true(trail_of_event(&scope, &f->tables, &f->arena, NULL, &event, &view));
    scope.person = 0;
    shared.situation = OTHER;
    assert_false(trail_of_event(&scope, &f->tables, &f->arena, NULL, &event, &view));
    event.body_case = CTPS__EVENT__BODY_DAY_RUN;
    assert_false(trail_of_event(&scope, &f->tables, &f->arena, NULL, &event, &view));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reading_is_about_what_it_showed),
        TEST(person_was_seen_where_it_was_shown_or_found),
        TEST(whoever_is_asked_for_and_nobody_else),
        TEST(share_is_told_to_whoever_it_was_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

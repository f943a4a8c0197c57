#include "policy/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "policy/policy_private.h"

enum { TODAY = 20776 };
static const int64_t NOON_US = INT64_C(20776) * 86400 * 1000000 + INT64_C(43200) * 1000000;
static const int64_t HOUR_US = INT64_C(3600) * 1000000;

static struct principal agent_of(enum agent_function function)
{
    return (struct principal){
        .kind = PRINCIPAL_KIND_AGENT,
        .id = 7,
        .function = function,
        .habilitation_from_day = TODAY - 100,
        .habilitation_to_day = TODAY + 100,
        .territory_count = 1,
        .territories = {{.code = "T1"}},
    };
}

static struct resource object_in(enum resource_kind kind, const char *territory)
{
    struct resource object = {.kind = kind};
    memcpy(object.territory, territory, strlen(territory) + 1);
    return object;
}

static struct policy_answer judge(const struct principal *principal, enum action action,
                                  const struct resource *resource)
{
    const struct policy_now now = {.us = NOON_US, .today = TODAY};
    struct policy_answer answer;
    bool allowed = policy_allows(principal, action, resource, &now, &answer);
    assert_int_equal(allowed, answer.allowed);
    assert_int_equal(allowed, answer.reason == REFUSAL_NONE);
    assert_false(allowed && answer.existence_only);
    return answer;
}

static void check_allowed(const struct principal *principal, enum action action,
                          const struct resource *resource)
{
    struct policy_answer answer = judge(principal, action, resource);
    assert_string_equal(refusal_row(answer.reason)->name, "");
}

static void check_refused(const struct principal *principal, enum action action,
                          const struct resource *resource, enum refusal reason)
{
    struct policy_answer answer = judge(principal, action, resource);
    assert_string_equal(refusal_row(answer.reason)->name, refusal_row(reason)->name);
    assert_false(answer.existence_only);
}

static void check_existence(const struct principal *principal, enum action action,
                            const struct resource *resource, enum refusal reason)
{
    struct policy_answer answer = judge(principal, action, resource);
    assert_string_equal(refusal_row(answer.reason)->name, refusal_row(reason)->name);
    assert_true(answer.existence_only);
}

static void policy_allows_coordinator_own_territory_works_and_reads(void **state)
{
    (void)state;
    static const enum action acts[] = {
        ACTION_SAISINE_RECEIVE,  ACTION_SAISINE_DECIDE,     ACTION_SAISINE_LIST,
        ACTION_SAISINE_READ,     ACTION_SITUATION_LIST,     ACTION_SITUATION_READ,
        ACTION_SITUATION_STATUS, ACTION_SITUATION_ENTRY,    ACTION_SITUATION_REVIEW,
        ACTION_SITUATION_CLOSE,  ACTION_NAME_SEARCH,        ACTION_DUPLICATE_LIST,
        ACTION_REFERENCE_READ,   ACTION_SITUATION_EXISTENCE};
    struct principal coordinator = agent_of(FUNCTION_COORDINATOR);
    struct resource own = object_in(RESOURCE_SITUATION, "T1");
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        check_allowed(&coordinator, acts[i], &own);
    check_refused(&coordinator, ACTION_SITUATION_ERASE, &own, REFUSAL_NOT_ALLOWED);
    check_refused(&coordinator, ACTION_IMPORT_RUN, &own, REFUSAL_NOT_ALLOWED);
    check_refused(&coordinator, ACTION_DELEGATION_MANAGE, &own, REFUSAL_NOT_ALLOWED);
}

static void policy_allows_coordinator_elsewhere_gives_existence_only(void **state)
{
    (void)state;
    struct principal coordinator = agent_of(FUNCTION_COORDINATOR);
    struct resource situation = object_in(RESOURCE_SITUATION, "T2");
    struct resource saisine = object_in(RESOURCE_SAISINE, "T2");
    check_allowed(&coordinator, ACTION_SITUATION_EXISTENCE, &situation);
    check_existence(&coordinator, ACTION_SITUATION_LIST, &situation, REFUSAL_OTHER_TERRITORY);
    check_existence(&coordinator, ACTION_SITUATION_READ, &situation, REFUSAL_OTHER_TERRITORY);
    check_existence(&coordinator, ACTION_NAME_SEARCH, &situation, REFUSAL_OTHER_TERRITORY);
    check_refused(&coordinator, ACTION_SAISINE_READ, &saisine, REFUSAL_OTHER_TERRITORY);
    check_refused(&coordinator, ACTION_NAME_SEARCH, &saisine, REFUSAL_OTHER_TERRITORY);
    check_refused(&coordinator, ACTION_SAISINE_RECEIVE, &saisine, REFUSAL_OTHER_TERRITORY);
}

static void policy_allows_territory_code_longer_is_another(void **state)
{
    (void)state;
    struct principal coordinator = agent_of(FUNCTION_COORDINATOR);
    struct resource longer = object_in(RESOURCE_SITUATION, "T10");
    check_existence(&coordinator, ACTION_SITUATION_READ, &longer, REFUSAL_OTHER_TERRITORY);
}

static void policy_allows_no_territory_named_searches_but_lists_nothing(void **state)
{
    (void)state;
    struct principal coordinator = agent_of(FUNCTION_COORDINATOR);
    struct resource none = {.kind = RESOURCE_NONE};
    check_allowed(&coordinator, ACTION_NAME_SEARCH, &none);
    check_refused(&coordinator, ACTION_SITUATION_LIST, &none, REFUSAL_OTHER_TERRITORY);
    check_refused(&coordinator, ACTION_SAISINE_LIST, &none, REFUSAL_OTHER_TERRITORY);
}

static void policy_allows_lent_territory_counts_between_its_dates(void **state)
{
    (void)state;
    static const struct {
        int32_t from;
        int32_t to;
        bool own;
    } rows[] = {{TODAY, TODAY, true},
                {TODAY - 5, TODAY, true},
                {TODAY, TODAY + 5, true},
                {TODAY + 1, TODAY + 5, false},
                {TODAY - 5, TODAY - 1, false}};
    struct resource situation = object_in(RESOURCE_SITUATION, "T2");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct principal coordinator = agent_of(FUNCTION_COORDINATOR);
        coordinator.territory_count = 2;
        coordinator.territories[1] = (struct principal_territory){
            .code = "T2", .delegated = true, .from_day = rows[i].from, .to_day = rows[i].to};
        if (rows[i].own)
            check_allowed(&coordinator, ACTION_SITUATION_READ, &situation);
        else
            check_existence(&coordinator, ACTION_SITUATION_READ, &situation,
                            REFUSAL_OTHER_TERRITORY);
    }
}

static void policy_allows_outside_habilitation_refuses_every_action(void **state)
{
    (void)state;
    struct resource own = object_in(RESOURCE_SITUATION, "T1");
    own.purpose_stated = true;
    for (unsigned function = FUNCTION_COORDINATOR; function < FUNCTION_COUNT; function++) {
        for (unsigned action = 0; action < ACTION_COUNT; action++) {
            struct principal agent = agent_of((enum agent_function)function);
            agent.habilitation_to_day = TODAY - 1;
            check_refused(&agent, (enum action)action, &own, REFUSAL_HABILITATION_MISSING);
            agent.habilitation_from_day = TODAY + 1;
            agent.habilitation_to_day = TODAY + 9;
            check_refused(&agent, (enum action)action, &own, REFUSAL_HABILITATION_MISSING);
        }
    }
}

static void policy_allows_habilitation_first_and_last_day_count(void **state)
{
    (void)state;
    struct resource own = object_in(RESOURCE_SITUATION, "T1");
    struct principal coordinator = agent_of(FUNCTION_COORDINATOR);
    coordinator.habilitation_from_day = TODAY;
    coordinator.habilitation_to_day = TODAY;
    check_allowed(&coordinator, ACTION_SITUATION_READ, &own);
}

static void policy_allows_educator_never_closes(void **state)
{
    (void)state;
    struct principal educator = agent_of(FUNCTION_EDUCATOR);
    struct resource own = object_in(RESOURCE_SITUATION, "T1");
    check_allowed(&educator, ACTION_SITUATION_ENTRY, &own);
    check_allowed(&educator, ACTION_SITUATION_READ, &own);
    check_refused(&educator, ACTION_SITUATION_CLOSE, &own, REFUSAL_NOT_ALLOWED);
}

static void policy_allows_educator_engaged_only_reads_where_engaged(void **state)
{
    (void)state;
    struct principal educator = agent_of(FUNCTION_EDUCATOR);
    struct principal coordinator = agent_of(FUNCTION_COORDINATOR);
    struct resource own = object_in(RESOURCE_SITUATION, "T1");
    educator.territories[0].educator_reads_engaged_only = true;
    coordinator.territories[0].educator_reads_engaged_only = true;
    check_refused(&educator, ACTION_SITUATION_READ, &own, REFUSAL_NOT_ENGAGED);
    check_existence(&educator, ACTION_NAME_SEARCH, &own, REFUSAL_NOT_ENGAGED);
    check_allowed(&educator, ACTION_SITUATION_LIST, &own);
    check_allowed(&coordinator, ACTION_SITUATION_READ, &own);
    own.engaged = true;
    check_allowed(&educator, ACTION_SITUATION_READ, &own);
    check_allowed(&educator, ACTION_NAME_SEARCH, &own);
}

static void policy_allows_head_reads_names_with_a_purpose(void **state)
{
    (void)state;
    static const enum action names[] = {ACTION_SAISINE_READ, ACTION_SITUATION_READ,
                                        ACTION_NAME_SEARCH};
    struct principal head = agent_of(FUNCTION_HEAD);
    struct resource elsewhere = object_in(RESOURCE_SITUATION, "T6");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        elsewhere.purpose_stated = false;
        check_refused(&head, names[i], &elsewhere, REFUSAL_PURPOSE_MISSING);
        elsewhere.purpose_stated = true;
        check_allowed(&head, names[i], &elsewhere);
    }
    elsewhere.purpose_stated = false;
    check_allowed(&head, ACTION_SITUATION_LIST, &elsewhere);
    check_allowed(&head, ACTION_SITUATION_ERASE, &elsewhere);
    check_allowed(&head, ACTION_IMPORT_RUN, &elsewhere);
    check_allowed(&head, ACTION_DELEGATION_MANAGE, &elsewhere);
    check_refused(&head, ACTION_SITUATION_ENTRY, &elsewhere, REFUSAL_NOT_ALLOWED);
    check_refused(&head, ACTION_KEY_MANAGE, &elsewhere, REFUSAL_NOT_ALLOWED);
}

static void policy_allows_assistant_reads_what_she_typed_for_24_hours(void **state)
{
    (void)state;
    struct principal assistant = agent_of(FUNCTION_ASSISTANT);
    struct resource saisine = object_in(RESOURCE_SAISINE, "T4");
    saisine.typed_by = 7;
    saisine.typed_us = NOON_US - 24 * HOUR_US + 1;
    check_allowed(&assistant, ACTION_SAISINE_READ, &saisine);
    check_allowed(&assistant, ACTION_SAISINE_LIST, &saisine);
    saisine.typed_us = NOON_US - 24 * HOUR_US;
    check_refused(&assistant, ACTION_SAISINE_READ, &saisine, REFUSAL_TYPED_LONG_AGO);
    saisine.typed_us = NOON_US + 1;
    check_refused(&assistant, ACTION_SAISINE_READ, &saisine, REFUSAL_TYPED_LONG_AGO);
    saisine.typed_us = INT64_MIN;
    check_refused(&assistant, ACTION_SAISINE_READ, &saisine, REFUSAL_TYPED_LONG_AGO);
    saisine.typed_us = NOON_US;
    saisine.typed_by = 8;
    check_refused(&assistant, ACTION_SAISINE_READ, &saisine, REFUSAL_NOMINATIVE_NEVER);
    check_refused(&assistant, ACTION_SAISINE_LIST, &saisine, REFUSAL_NOT_ALLOWED);
}

static void policy_allows_assistant_without_id_matches_no_typist(void **state)
{
    (void)state;
    struct principal assistant = agent_of(FUNCTION_ASSISTANT);
    struct resource saisine = object_in(RESOURCE_SAISINE, "T4");
    assistant.id = 0;
    saisine.typed_us = NOON_US;
    check_refused(&assistant, ACTION_SAISINE_READ, &saisine, REFUSAL_NOMINATIVE_NEVER);
}

static void policy_allows_assistant_other_rights_are_few(void **state)
{
    (void)state;
    struct principal assistant = agent_of(FUNCTION_ASSISTANT);
    struct resource situation = object_in(RESOURCE_SITUATION, "T4");
    check_allowed(&assistant, ACTION_SAISINE_RECEIVE, &situation);
    check_allowed(&assistant, ACTION_SITUATION_EXISTENCE, &situation);
    check_allowed(&assistant, ACTION_REFERENCE_SET, &situation);
    check_refused(&assistant, ACTION_SITUATION_LIST, &situation, REFUSAL_NOT_ALLOWED);
    check_refused(&assistant, ACTION_SITUATION_READ, &situation, REFUSAL_NOMINATIVE_NEVER);
    check_refused(&assistant, ACTION_NAME_SEARCH, &situation, REFUSAL_NOMINATIVE_NEVER);
    check_refused(&assistant, ACTION_IMPORT_RUN, &situation, REFUSAL_NOT_ALLOWED);
}

static void policy_allows_dpo_admin_auditor_never_open_names_or_facts(void **state)
{
    (void)state;
    static const enum agent_function functions[] = {FUNCTION_DPO, FUNCTION_ADMIN,
                                                    FUNCTION_AUDITOR};
    struct resource own = object_in(RESOURCE_SITUATION, "T1");
    own.purpose_stated = true;
    own.engaged = true;
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        struct principal agent = agent_of(functions[i]);
        check_refused(&agent, ACTION_SITUATION_READ, &own, REFUSAL_NOMINATIVE_NEVER);
        check_refused(&agent, ACTION_SAISINE_READ, &own, REFUSAL_NOMINATIVE_NEVER);
        check_refused(&agent, ACTION_NAME_SEARCH, &own, REFUSAL_NOMINATIVE_NEVER);
        check_refused(&agent, ACTION_SITUATION_LIST, &own, REFUSAL_NOT_ALLOWED);
        check_allowed(&agent, ACTION_STATUS_READ, &own);
        check_allowed(&agent, ACTION_POLICY_EXPLAIN, &own);
        check_allowed(&agent, ACTION_REFERENCE_READ, &own);
    }
}

static void policy_allows_admin_makes_no_reader(void **state)
{
    (void)state;
    struct principal admin = agent_of(FUNCTION_ADMIN);
    struct resource none = {.kind = RESOURCE_NONE};
    check_allowed(&admin, ACTION_KEY_LIST, &none);
    check_allowed(&admin, ACTION_BACKUP_MAKE, &none);
    check_allowed(&admin, ACTION_CONFIG_RELOAD, &none);
    check_refused(&admin, ACTION_KEY_MANAGE, &none, REFUSAL_NOT_ALLOWED);
    check_refused(&admin, ACTION_AGENT_SET, &none, REFUSAL_NOT_ALLOWED);
    check_refused(&admin, ACTION_CLOCK_CONFIRM, &none, REFUSAL_NOT_ALLOWED);
}

static void policy_allows_operator_runs_without_contents(void **state)
{
    (void)state;
    static const enum action contents[] = {ACTION_SAISINE_RECEIVE, ACTION_SAISINE_LIST,
                                           ACTION_SAISINE_READ,    ACTION_SITUATION_LIST,
                                           ACTION_SITUATION_READ,  ACTION_SITUATION_EXISTENCE,
                                           ACTION_NAME_SEARCH,     ACTION_DUPLICATE_LIST,
                                           ACTION_IMPORT_LIST,     ACTION_EVENTS_READ};
    struct principal local = {.kind = PRINCIPAL_KIND_OPERATOR};
    struct resource own = object_in(RESOURCE_SITUATION, "T1");
    own.purpose_stated = true;
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++)
        check_refused(&local, contents[i], &own, REFUSAL_OPERATOR_NO_CONTENTS);
    check_allowed(&local, ACTION_KEY_MANAGE, &own);
    check_allowed(&local, ACTION_AGENT_SET, &own);
    check_allowed(&local, ACTION_CLOCK_CONFIRM, &own);
    check_refused(&local, ACTION_DELEGATION_MANAGE, &own, REFUSAL_NOT_ALLOWED);
}

static struct principal contact_of(uint64_t partner)
{
    return (struct principal){.kind = PRINCIPAL_KIND_CONTACT,
                              .id = 3,
                              .partner = partner,
                              .contact_active = true,
                              .charter_current = true};
}

static void policy_allows_contact_sees_state_of_own_saisines_only(void **state)
{
    (void)state;
    struct principal contact = contact_of(5);
    struct resource saisine = object_in(RESOURCE_SAISINE, "T1");
    saisine.referrer_partner = 5;
    check_allowed(&contact, ACTION_SAISINE_LIST, &saisine);
    check_refused(&contact, ACTION_SAISINE_READ, &saisine, REFUSAL_NOMINATIVE_NEVER);
    check_refused(&contact, ACTION_DIRECTORY_READ, &saisine, REFUSAL_NOT_ALLOWED);
    saisine.referrer_partner = 6;
    check_refused(&contact, ACTION_SAISINE_LIST, &saisine, REFUSAL_NOT_ALLOWED);
}

static void policy_allows_contact_without_partner_matches_no_referrer(void **state)
{
    (void)state;
    struct principal contact = contact_of(0);
    struct resource saisine = object_in(RESOURCE_SAISINE, "T1");
    check_refused(&contact, ACTION_SAISINE_LIST, &saisine, REFUSAL_NOT_ALLOWED);
}

static void policy_allows_partner_s_machine_its_feed_alone(void **state)
{
    (void)state;
    struct principal machine = {.kind = PRINCIPAL_KIND_PARTNER,
                                .id = 5,
                                .partner = 5,
                                .charter_current = true,
                                .audience_granted = true};
    struct resource nothing = {.kind = RESOURCE_NONE};
    struct resource saisine = object_in(RESOURCE_SAISINE, "T1");
    const struct policy_now now = {.us = NOON_US, .today = TODAY};
    struct policy_answer answer;

    saisine.referrer_partner = 5;
    for (unsigned action = 0; action < ACTION_COUNT; action++)
        if (action != ACTION_EVENTS_READ)
            assert_false(policy_allows(&machine, (enum action)action, &saisine, &now, &answer));
    check_allowed(&machine, ACTION_EVENTS_READ, &nothing);
    machine.audience_granted = false;
    check_refused(&machine, ACTION_EVENTS_READ, &nothing, REFUSAL_NOT_ALLOWED);
    machine.audience_granted = true;
    machine.charter_current = false;
    check_refused(&machine, ACTION_EVENTS_READ, &nothing, REFUSAL_CHARTER_NOT_CURRENT);
}

static void policy_allows_contact_inactive_or_without_charter_is_refused(void **state)
{
    (void)state;
    struct principal contact = contact_of(5);
    struct resource saisine = object_in(RESOURCE_SAISINE, "T1");
    saisine.referrer_partner = 5;
    contact.charter_current = false;
    check_refused(&contact, ACTION_SAISINE_LIST, &saisine, REFUSAL_CHARTER_NOT_CURRENT);
    contact.contact_active = false;
    check_refused(&contact, ACTION_SAISINE_LIST, &saisine, REFUSAL_CONTACT_INACTIVE);
}

static void policy_allows_plugin_has_what_is_granted(void **state)
{
    (void)state;
    struct principal plugin = {.kind = PRINCIPAL_KIND_PLUGIN, .name = "stats"};
    struct resource none = {.kind = RESOURCE_NONE};
    check_refused(&plugin, ACTION_SITUATION_LIST, &none, REFUSAL_CAPABILITY_MISSING);
    plugin.granted[ACTION_SITUATION_LIST] = true;
    check_allowed(&plugin, ACTION_SITUATION_LIST, &none);
    plugin.granted[ACTION_EVENTS_READ] = true;
    check_refused(&plugin, ACTION_EVENTS_READ, &none, REFUSAL_CAPABILITY_MISSING);
    plugin.audience_granted = true;
    check_allowed(&plugin, ACTION_EVENTS_READ, &none);
    plugin.granted[ACTION_EVENTS_READ] = false;
    check_refused(&plugin, ACTION_EVENTS_READ, &none, REFUSAL_CAPABILITY_MISSING);
}

static void policy_allows_plugin_granted_everything_never_reads_names(void **state)
{
    (void)state;
    struct principal plugin = {.kind = PRINCIPAL_KIND_PLUGIN, .audience_granted = true};
    struct resource own = object_in(RESOURCE_SITUATION, "T1");
    own.purpose_stated = true;
    for (unsigned i = 0; i < ACTION_COUNT; i++)
        plugin.granted[i] = true;
    check_refused(&plugin, ACTION_SAISINE_READ, &own, REFUSAL_NOMINATIVE_NEVER);
    check_refused(&plugin, ACTION_SITUATION_READ, &own, REFUSAL_NOMINATIVE_NEVER);
    check_refused(&plugin, ACTION_NAME_SEARCH, &own, REFUSAL_NOMINATIVE_NEVER);
    check_refused(&plugin, ACTION_KEY_MANAGE, &own, REFUSAL_NOT_ALLOWED);
    check_refused(&plugin, ACTION_AGENT_SET, &own, REFUSAL_NOT_ALLOWED);
    check_refused(&plugin, ACTION_CLOCK_CONFIRM, &own, REFUSAL_NOT_ALLOWED);
}

static void policy_allows_erased_object_keeps_facts_and_loses_names(void **state)
{
    (void)state;
    struct principal coordinator = agent_of(FUNCTION_COORDINATOR);
    struct principal dpo = agent_of(FUNCTION_DPO);
    struct resource own = object_in(RESOURCE_SITUATION, "T1");
    struct resource elsewhere = object_in(RESOURCE_SITUATION, "T2");
    own.erased = true;
    elsewhere.erased = true;
    check_refused(&coordinator, ACTION_SITUATION_READ, &own, REFUSAL_ERASED);
    check_refused(&coordinator, ACTION_NAME_SEARCH, &own, REFUSAL_ERASED);
    check_allowed(&coordinator, ACTION_SITUATION_LIST, &own);
    check_refused(&coordinator, ACTION_NAME_SEARCH, &elsewhere, REFUSAL_OTHER_TERRITORY);
    check_existence(&coordinator, ACTION_SITUATION_READ, &elsewhere, REFUSAL_OTHER_TERRITORY);
    check_refused(&dpo, ACTION_SITUATION_READ, &own, REFUSAL_NOMINATIVE_NEVER);
}

static void policy_allows_nobody_and_the_daemon_are_refused_everything(void **state)
{
    (void)state;
    struct principal unknown = agent_of(FUNCTION_NONE);
    struct principal daemon = {.kind = PRINCIPAL_KIND_SYSTEM};
    struct principal nobody = {.kind = PRINCIPAL_KIND_NONE};
    struct principal strange = {.kind = (enum principal_kind)99};
    struct resource own = object_in(RESOURCE_SITUATION, "T1");
    for (unsigned action = 0; action < ACTION_COUNT; action++) {
        check_refused(&unknown, (enum action)action, &own, REFUSAL_NOT_ALLOWED);
        check_refused(&daemon, (enum action)action, &own, REFUSAL_NOT_ALLOWED);
        check_refused(&nobody, (enum action)action, &own, REFUSAL_NOT_ALLOWED);
        check_refused(&strange, (enum action)action, &own, REFUSAL_NOT_ALLOWED);
    }
}

static void policy_allows_action_unknown_is_refused(void **state)
{
    (void)state;
    struct principal local = {.kind = PRINCIPAL_KIND_OPERATOR};
    struct resource none = {.kind = RESOURCE_NONE};
    check_refused(&local, ACTION_COUNT, &none, REFUSAL_NOT_ALLOWED);
}

static void policy_allows_answer_says_what_was_looked_at(void **state)
{
    (void)state;
    struct principal coordinator = agent_of(FUNCTION_COORDINATOR);
    struct resource own = object_in(RESOURCE_SITUATION, "T1");
    own.erased = true;
    struct policy_answer answer = judge(&coordinator, ACTION_SITUATION_READ, &own);
    assert_string_equal(answer.because, "coordinator/own/always");
    assert_int_equal(answer.trail_count, 4);
    assert_string_equal(answer.trail[0], "habilitation: in force");
    assert_string_equal(answer.trail[1], "territory: own");
    assert_string_equal(answer.trail[2], "coordinator/own/always");
    assert_string_equal(answer.trail[3], "object: erased");
}

static void policy_allows_answer_tells_a_lent_territory_from_an_own_one(void **state)
{
    (void)state;
    struct principal coordinator = agent_of(FUNCTION_COORDINATOR);
    struct resource own = object_in(RESOURCE_SITUATION, "T1");
    coordinator.territories[0].delegated = true;
    coordinator.territories[0].from_day = TODAY;
    coordinator.territories[0].to_day = TODAY;
    assert_string_equal(judge(&coordinator, ACTION_SITUATION_READ, &own).trail[1],
                        "territory: lent");
    coordinator.territories[0].to_day = TODAY - 1;
    assert_string_equal(judge(&coordinator, ACTION_SITUATION_READ, &own).trail[1],
                        "territory: lent, not today");
}

static void policy_line_get_walks_each_action_and_ends(void **state)
{
    (void)state;
    struct policy_line line;
    size_t count = 0;
    while (policy_line_get(count, &line)) {
        assert_int_equal(action_find(line.action), count / POLICY_COLUMN_COUNT);
        assert_true(strlen(line.who) > 0 && strlen(line.scope) > 0 && strlen(line.cell) > 0);
        count++;
    }
    assert_int_equal(count, ACTION_COUNT * POLICY_COLUMN_COUNT);
    assert_true(policy_line_get((size_t)ACTION_SITUATION_READ * POLICY_COLUMN_COUNT, &line));
    assert_string_equal(line.who, "coordinator");
    assert_string_equal(line.scope, "own");
    assert_string_equal(line.cell, "always");
}

static void policy_judge_altered_table_decides_by_it(void **state)
{
    (void)state;
    const struct policy_now now = {.us = NOON_US, .today = TODAY};
    struct policy_table table = policy_table;
    struct principal dpo = agent_of(FUNCTION_DPO);
    struct resource own = object_in(RESOURCE_SITUATION, "T1");
    struct policy_answer answer;
    table.cells[ACTION_SITUATION_READ][POLICY_COLUMN_DPO] = POLICY_CELL_ALWAYS;
    assert_true(policy_judge(&table, &dpo, ACTION_SITUATION_READ, &own, &now, &answer));
    table.cells[ACTION_SITUATION_READ][POLICY_COLUMN_DPO] = 255;
    assert_false(policy_judge(&table, &dpo, ACTION_SITUATION_READ, &own, &now, &answer));
    assert_false(policy_judge(&policy_table, &dpo, ACTION_SITUATION_READ, &own, &now, &answer));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policy_allows_coordinator_own_territory_works_and_reads),
        cmocka_unit_test(policy_allows_coordinator_elsewhere_gives_existence_only),
        cmocka_unit_test(policy_allows_territory_code_longer_is_another),
        cmocka_unit_test(policy_allows_no_territory_named_searches_but_lists_nothing),
        cmocka_unit_test(policy_allows_lent_territory_counts_between_its_dates),
        cmocka_unit_test(policy_allows_outside_habilitation_refuses_every_action),
        cmocka_unit_test(policy_allows_habilitation_first_and_last_day_count),
        cmocka_unit_test(policy_allows_educator_never_closes),
        cmocka_unit_test(policy_allows_educator_engaged_only_reads_where_engaged),
        cmocka_unit_test(policy_allows_head_reads_names_with_a_purpose),
        cmocka_unit_test(policy_allows_assistant_reads_what_she_typed_for_24_hours),
        cmocka_unit_test(policy_allows_assistant_without_id_matches_no_typist),
        cmocka_unit_test(policy_allows_assistant_other_rights_are_few),
        cmocka_unit_test(policy_allows_dpo_admin_auditor_never_open_names_or_facts),
        cmocka_unit_test(policy_allows_admin_makes_no_reader),
        cmocka_unit_test(policy_allows_operator_runs_without_contents),
        cmocka_unit_test(policy_allows_contact_sees_state_of_own_saisines_only),
        cmocka_unit_test(policy_allows_contact_without_partner_matches_no_referrer),
        cmocka_unit_test(policy_allows_partner_s_machine_its_feed_alone),
        cmocka_unit_test(policy_allows_contact_inactive_or_without_charter_is_refused),
        cmocka_unit_test(policy_allows_plugin_has_what_is_granted),
        cmocka_unit_test(policy_allows_plugin_granted_everything_never_reads_names),
        cmocka_unit_test(policy_allows_erased_object_keeps_facts_and_loses_names),
        cmocka_unit_test(policy_allows_nobody_and_the_daemon_are_refused_everything),
        cmocka_unit_test(policy_allows_action_unknown_is_refused),
        cmocka_unit_test(policy_allows_answer_says_what_was_looked_at),
        cmocka_unit_test(policy_allows_answer_tells_a_lent_territory_from_an_own_one),
        cmocka_unit_test(policy_line_get_walks_each_action_and_ends),
        cmocka_unit_test(policy_judge_altered_table_decides_by_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

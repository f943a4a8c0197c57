/* Receiving, accepting, declining. */
#include "fixture.h"

#include "domain/intake.h"

typedef void spoil(struct received *in);

static void spoil_nothing(struct received *in)
{
    (void)in;
}
static void spoil_day(struct received *in)
{
    in->body.has_received_day = 0;
}
static void spoil_day_future(struct received *in)
{
    in->body.received_day = FIXTURE_TODAY + 1;
}
static void spoil_origin(struct received *in)
{
    in->body.origin = text("nowhere");
}
static void spoil_territory(struct received *in)
{
    in->body.territory = text("T9");
}
static void spoil_district(struct received *in)
{
    in->body.district = text("south");
}
static void spoil_nature(struct received *in)
{
    in->body.nature = NULL;
}
static void spoil_motives(struct received *in)
{
    in->body.n_motives = 0;
}
static void spoil_motive_retired(struct received *in)
{
    in->motives[0] = text("retired");
}
static void spoil_channel(struct received *in)
{
    in->body.channel = text("smoke");
}
static void spoil_urgency(struct received *in)
{
    in->body.urgency = text("never");
}
static void spoil_partner(struct received *in)
{
    SET(&in->body, referrer_partner, 99);
}
static void spoil_role(struct received *in)
{
    in->person.role = text("hero");
}
static void spoil_sex(struct received *in)
{
    in->person.sex = text("X");
}
static void spoil_birth(struct received *in)
{
    in->identity.birth_day = FIXTURE_TODAY + 1;
}
static void spoil_birth_range(struct received *in)
{
    in->identity.birth_day = INT32_MIN;
}

static void receive_each_field_is_checked(void **state)
{
    static const struct {
        spoil *spoil;
        enum refusal refusal;
        const char *field;
    } cases[] = {
        {spoil_nothing, REFUSAL_NONE, NULL},
        {spoil_day, REFUSAL_FIELD_MISSING, "received_day"},
        {spoil_day_future, REFUSAL_DATE_FUTURE, "received_day"},
        {spoil_origin, REFUSAL_LIST_VALUE_UNKNOWN, "origin"},
        {spoil_territory, REFUSAL_TERRITORY_UNKNOWN, "territory"},
        {spoil_district, REFUSAL_DISTRICT_UNKNOWN, "district"},
        {spoil_nature, REFUSAL_FIELD_MISSING, "nature"},
        {spoil_motives, REFUSAL_FIELD_MISSING, "motives"},
        {spoil_motive_retired, REFUSAL_LIST_VALUE_RETIRED, "motives"},
        {spoil_channel, REFUSAL_LIST_VALUE_UNKNOWN, "channel"},
        {spoil_urgency, REFUSAL_LIST_VALUE_UNKNOWN, "urgency"},
        {spoil_partner, REFUSAL_PARTNER_UNKNOWN, "referrer_partner"},
        {spoil_role, REFUSAL_FIELD_RANGE, "persons.role"},
        {spoil_sex, REFUSAL_FIELD_RANGE, "persons.sex"},
        {spoil_birth, REFUSAL_DATE_FUTURE, "persons.birth_day"},
        {spoil_birth_range, REFUSAL_FIELD_RANGE, "persons.birth_day"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct received in;

        received_init(&in);
        cases[i].spoil(&in);
        REQUEST(f, SAISINE_RECEIVE, saisine_receive, &in.body);
        if (request_decide(f) != cases[i].refusal)
            fail_msg("case %zu: %s", i, refusal_row(f->act.refusal)->name);
        if (cases[i].field)
            assert_string_equal(f->act.detail, cases[i].field);
    }
}

static void receive_not_allowed_is_refused(void **state)
{
    struct fixture *f = *state;
    struct received in;

    f->allowed = false;
    received_init(&in);
    REQUEST(f, SAISINE_RECEIVE, saisine_receive, &in.body);
    assert_int_equal(request_decide(f), REFUSAL_NOT_ALLOWED);
    assert_int_equal(f->asked, ACTION_SAISINE_RECEIVE);
    assert_int_equal(f->act.event_count, 0);
}

static void receive_fills_facts_and_seals_names(void **state)
{
    struct fixture *f = *state;
    const Ctps__SaisineReceived *event;
    struct received in; /* the event borrows from it */
    struct bytes packed;

    received_init(&in);
    REQUEST(f, SAISINE_RECEIVE, saisine_receive, &in.body);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    event = f->act.events[0]->saisine_received;
    assert_int_equal(f->act.made[0]->id, f->act.seq << 8 | 1);
    assert_string_equal(event->number, "AR-T1-2026-0001");
    assert_string_equal(event->urgency, "courante");
    assert_string_equal(event->channel, "inconnu");
    assert_string_equal(event->age_band, "12-15");
    assert_int_equal(event->typed_by, 7);
    assert_int_equal(event->slot, 1);
    assert_int_equal(event->persons[0]->identity->slot, 2);
    assert_int_equal(wire_pack(&f->arena, &f->act.events[0]->base, &packed), CTPS_OK);
    assert_null(memmem(packed.data, packed.len, "CANARI", 6));
}

static void receive_collective_has_no_age_nor_sex(void **state)
{
    struct fixture *f = *state;
    struct received in;

    received_init(&in);
    in.body.nature = text("collective");
    in.person.sex = text("F");
    REQUEST(f, SAISINE_RECEIVE, saisine_receive, &in.body);
    assert_int_equal(request_decide(f), REFUSAL_NONE);
    assert_null(f->act.events[0]->saisine_received->age_band);
    assert_null(f->act.events[0]->saisine_received->sex);
}

static void receive_facts_of_a_witness_are_not_kept(void **state)
{
    struct fixture *f = *state;
    struct received in;

    received_init(&in);
    in.person.role = text("witness");
    REQUEST(f, SAISINE_RECEIVE, saisine_receive, &in.body);
    assert_int_equal(request_decide(f), REFUSAL_NONE);
    assert_null(f->act.events[0]->saisine_received->age_band);
}

static void receive_numbers_grow_by_territory_and_year(void **state)
{
    struct fixture *f = *state;
    struct received in;

    saisine_make(f);
    saisine_make(f);
    assert_string_equal(f->act.made[0]->reference, "AR-T1-2026-0002");
    received_init(&in);
    in.body.received_day = FIXTURE_TODAY - 365;
    REQUEST(f, SAISINE_RECEIVE, saisine_receive, &in.body);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    assert_string_equal(f->act.made[0]->reference, "AR-T1-2025-0001");
}

static void receive_proposes_each_duplicate_once_in_order(void **state)
{
    struct fixture *f = *state;
    struct received in;

    f->hit_count = 2;
    f->hits[0] = (struct name_hit){.saisine = 300};
    f->hits[1] = (struct name_hit){.saisine = 300, .by_address = true};
    received_init(&in);
    in.body.place = text("3 rue du Canal");
    REQUEST(f, SAISINE_RECEIVE, saisine_receive, &in.body);
    assert_int_equal(request_decide(f), REFUSAL_NONE);
    assert_int_equal(f->act.event_count, 2);
    assert_int_equal(f->act.events[1]->duplicate_proposed->a, 257);
    assert_int_equal(f->act.events[1]->duplicate_proposed->b, 300);
    assert_string_equal(f->act.events[1]->duplicate_proposed->rule, "name");
}

static void receive_without_slots_is_refused(void **state)
{
    struct fixture *f = *state;
    struct received in;

    f->next_slot = 0;
    received_init(&in);
    REQUEST(f, SAISINE_RECEIVE, saisine_receive, &in.body);
    assert_int_not_equal(request_decide(f), REFUSAL_NONE);
}

static void age_band_changes_on_birthdays(void **state)
{
    static const struct {
        int years;
        const char *before, *on;
    } cases[] = {
        {12, "lt12", "12-15"},
        {16, "12-15", "16-17"},
        {18, "16-17", "18-25"},
        {26, "18-25", "gt25"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int32_t born = civil_day_of((struct civil_date){2000, 6, 15});
        int32_t day = civil_day_of((struct civil_date){2000 + cases[i].years, 6, 15});

        assert_string_equal(intake_age_band(born, day - 1), cases[i].before);
        assert_string_equal(intake_age_band(born, day), cases[i].on);
    }
    assert_true(intake_is_minor("16-17"));
    assert_false(intake_is_minor("18-25"));
    assert_false(intake_is_minor(NULL));
}

/* --- accepting --- */

static void accept_opens_a_situation_with_its_facts(void **state)
{
    struct fixture *f = *state;
    Ctps__SituationRecord *row = record_situation(&f->tables, &f->arena, situation_make(f));

    assert_string_equal(row->opened->reference, "T1-2026-0001");
    assert_string_equal(row->status, STATUS_TO_QUALIFY);
    assert_string_equal(row->opened->age_band, "12-15");
    assert_string_equal(row->opened->term, "moyen");
    assert_int_equal(row->next_review_day, civil_add_months(FIXTURE_TODAY, 3));
    assert_int_equal(row->lead_agent, 7);
    assert_int_equal(row->n_saisines, 1);
}

static void accept_twice_is_refused(void **state)
{
    struct fixture *f = *state;
    uint64_t id = saisine_make(f);
    Ctps__SaisineAccept in = CTPS__SAISINE_ACCEPT__INIT;

    SET(&in, id, id);
    REQUEST(f, SAISINE_ACCEPT, saisine_accept, &in);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    assert_int_equal(request_do(f), REFUSAL_STATE_WRONG);
}

static void accept_refusals(void **state)
{
    struct fixture *f = *state;
    uint64_t situation = situation_make(f);
    uint64_t saisine = saisine_make(f);
    const struct {
        uint64_t id, attach_to, lead;
        const char *term;
        enum refusal refusal;
    } cases[] = {
        {4242, 0, 0, NULL, REFUSAL_ABSENT},
        {saisine, 4242, 0, NULL, REFUSAL_ABSENT},
        {saisine, 0, 99, NULL, REFUSAL_AGENT_UNKNOWN},
        {saisine, 0, 0, "never", REFUSAL_LIST_VALUE_UNKNOWN},
        {saisine, situation, 0, NULL, REFUSAL_NONE},
        {saisine, 0, 7, "court", REFUSAL_NONE},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Ctps__SaisineAccept in = CTPS__SAISINE_ACCEPT__INIT;

        SET(&in, id, cases[i].id);
        if (cases[i].attach_to)
            SET(&in, attach_to, cases[i].attach_to);
        if (cases[i].lead)
            SET(&in, lead_agent, cases[i].lead);
        in.term = text(cases[i].term);
        REQUEST(f, SAISINE_ACCEPT, saisine_accept, &in);
        if (request_decide(f) != cases[i].refusal)
            fail_msg("case %zu: %s", i, refusal_row(f->act.refusal)->name);
    }
}

static void accept_attached_to_closed_situation_is_refused(void **state)
{
    struct fixture *f = *state;
    uint64_t situation = situation_make(f);
    Ctps__SaisineAccept in = CTPS__SAISINE_ACCEPT__INIT;

    assert_int_equal(situation_close(f, situation, FIXTURE_TODAY), REFUSAL_NONE);
    SET(&in, id, saisine_make(f));
    SET(&in, attach_to, situation);
    REQUEST(f, SAISINE_ACCEPT, saisine_accept, &in);
    assert_int_equal(request_do(f), REFUSAL_STATE_WRONG);
}

static void accept_attached_joins_both(void **state)
{
    struct fixture *f = *state;
    uint64_t situation = situation_make(f);
    uint64_t saisine = saisine_make(f);
    Ctps__SaisineAccept in = CTPS__SAISINE_ACCEPT__INIT;

    SET(&in, id, saisine);
    SET(&in, attach_to, situation);
    REQUEST(f, SAISINE_ACCEPT, saisine_accept, &in);
    assert_int_equal(request_do(f), REFUSAL_NONE);
    assert_int_equal(record_saisine(&f->tables, &f->arena, saisine)->situation, situation);
    assert_int_equal(record_situation(&f->tables, &f->arena, situation)->n_saisines, 2);
}

static void decline_sets_its_term(void **state)
{
    struct fixture *f = *state;
    uint64_t id = saisine_make(f);
    Ctps__SaisineDecline in = CTPS__SAISINE_DECLINE__INIT;
    const Ctps__SaisineRecord *row;

    SET(&in, id, id);
    REQUEST(f, SAISINE_DECLINE, saisine_decline, &in);
    assert_int_equal(request_do(f), REFUSAL_FIELD_MISSING);
    in.motive = text("autre");
    in.text = text("CANARI");
    assert_int_equal(request_do(f), REFUSAL_NONE);
    row = record_saisine(&f->tables, &f->arena, id);
    assert_string_equal(row->status, SAISINE_DECLINED);
    assert_int_equal(row->erase_due_day, civil_add_months(FIXTURE_TODAY, 3));
    assert_int_equal(fake_count(f, TABLE_DUE), 1);
    assert_int_equal(request_do(f), REFUSAL_STATE_WRONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        TEST(receive_each_field_is_checked),
        TEST(receive_not_allowed_is_refused),
        TEST(receive_fills_facts_and_seals_names),
        TEST(receive_collective_has_no_age_nor_sex),
        TEST(receive_facts_of_a_witness_are_not_kept),
        TEST(receive_numbers_grow_by_territory_and_year),
        TEST(receive_proposes_each_duplicate_once_in_order),
        TEST(receive_without_slots_is_refused),
        TEST(age_band_changes_on_birthdays),
        TEST(accept_opens_a_situation_with_its_facts),
        TEST(accept_twice_is_refused),
        TEST(accept_refusals),
        TEST(accept_attached_to_closed_situation_is_refused),
        TEST(accept_attached_joins_both),
        TEST(decline_sets_its_term),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What the bus may say: nothing sealed, no text, whatever the event holds. */
#include "fixture.h"

#include "domain/notice.h"

/* Fields of events a notice may repeat as text: references, codes of territories and of closed
 * lists that point to nobody. Anything else that shows is a leak. */
static const char *const shown[] = {
    "situation_transferred.territory",
    "saisine_received.number",
    "saisine_received.territory",
    "saisine_received.urgency",
    "saisine_declined.motive",
    "situation_opened.reference",
    "situation_opened.territory",
    "situation_opened.status",
    "situation_erased.reference",
    "situation_erased.territory",
    "situation_status_changed.status",
    "territory_set.code",
    "list_value_set.code",
    "delegation_granted.territory",
    "duplicate_proposed.rule",
    "instance_set.code",
    "minutes_drafted.instance",
    "minutes_drafted.territory",
    "minutes_validated.instance",
    "minutes_validated.territory",
    "minutes_distributed.instance",
    "minutes_distributed.territory",
    "decision_taken.territory",
    "decision_taken.verb",
    "decision_completed.result",
    "meeting_scheduled.reference",
    "meeting_scheduled.territory",
    "meeting_scheduled.instance",
    "meeting_rescheduled.instance",
    "meeting_rescheduled.territory",
    "meeting_cancelled.instance",
    "meeting_cancelled.territory",
    "meeting_held.instance",
    "meeting_held.territory",
    "meeting_invited.instance",
    "meeting_invited.territory",
    "meeting_uninvited.instance",
    "meeting_uninvited.territory",
    "agenda_item_added.instance",
    "agenda_item_added.territory",
    "agenda_item_removed.instance",
    "agenda_item_removed.territory",
    "saisine_redirected.motive",
    "duplicate_decided.outcome",
    "information_shared.legal_base",
    "rights_opened.number",
    "rights_opened.territory",
    "rights_opened.kind",
    "rights_answered.outcome",
    "dead_letter_added.reason",
    "dead_letter_settled.plugin",
    "reminder_due.code",
    "reminder_due.lead",
    "reminder_due.outcome",
    "reminder_due.instance",
    "notification_sent.code",
    "notification_failed.code",
    "notification_skipped.code",
    "webhook_switched.reason",
};

static bool is_shown(const char *path)
{
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
        if (strcmp(shown[i], path) == 0)
            return true;
    return false;
}

static void fill(struct fixture *f, ProtobufCMessage *message, const char *path);

/* Every text is its own path, every box holds it: what shows tells where it came from. */
static void field_fill(struct fixture *f, ProtobufCMessage *message,
                       const ProtobufCFieldDescriptor *field, const char *path)
{
    uint8_t *at = (uint8_t *)message + field->offset;
    char *name = arena_printf(&f->arena, "%s%s%s", path, *path ? "." : "", field->name);
    const ProtobufCMessageDescriptor *type = field->descriptor;
    void *value = NULL;

    if (field->type == PROTOBUF_C_TYPE_STRING) {
        value = arena_printf(&f->arena, "<%s>", name);
    } else if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        value = arena_alloc(&f->arena, type->sizeof_message);
        protobuf_c_message_init(type, value);
        fill(f, value, name);
    } else if (field->type == PROTOBUF_C_TYPE_BYTES) {
        ProtobufCBinaryData bytes = {strlen(name) + 2,
                                     (uint8_t *)arena_printf(&f->arena, "<%s>", name)};

        memcpy(at, &bytes, sizeof(bytes));
        return;
    }
    if (!value)
        return;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        void **list = arena_alloc(&f->arena, sizeof(*list));
        size_t one = 1;

        list[0] = value;
        memcpy((uint8_t *)message + field->quantifier_offset, &one, sizeof(one));
        memcpy(at, &list, sizeof(list));
        return;
    }
    memcpy(at, &value, sizeof(value));
}

static void fill(struct fixture *f, ProtobufCMessage *message, const char *path)
{
    for (unsigned i = 0; i < message->descriptor->n_fields; i++)
        field_fill(f, message, &message->descriptor->fields[i], path);
}

/* Paths between < and > in packed bytes must all be of the list. */
static void shown_check(struct fixture *f, struct bytes packed)
{
    for (size_t i = 0; i < packed.len; i++) {
        const uint8_t *end;
        char *path;

        if (packed.data[i] != '<')
            continue;
        end = memchr(packed.data + i, '>', packed.len - i);
        if (!end)
            continue;
        path = arena_copy(&f->arena, packed.data + i + 1, (size_t)(end - packed.data) - i);
        path[end - packed.data - i - 1] = '\0';
        if (!is_shown(path))
            fail_msg("a notice says %s", path);
    }
}

static void notice_never_shows_text_but_of_the_list(void **state)
{
    struct fixture *f = *state;
    const ProtobufCMessageDescriptor *type = &ctps__event__descriptor;
    unsigned published = 0;

    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCMessageDescriptor *body_type = type->fields[i].descriptor;
        ProtobufCMessage *body = arena_alloc(&f->arena, body_type->sizeof_message);
        Ctps__Event event = CTPS__EVENT__INIT;
        Ctps__Notice notice;
        const char *topic = NULL;
        struct bytes packed;

        protobuf_c_message_init(body_type, body);
        fill(f, body, type->fields[i].name);
        event.body_case = (Ctps__Event__BodyCase)type->fields[i].id;
        memcpy((uint8_t *)&event + type->fields[i].offset, &body, sizeof(body));
        if (!notice_of_event(&event, &notice, &topic))
            continue;
        published++;
        assert_non_null(topic);
        assert_true(*topic != '\0');
        assert_int_equal(wire_pack(&f->arena, &notice.base, &packed), CTPS_OK);
        shown_check(f, packed);
        assert_false(notice.action || notice.purpose || notice.legal_base ||
                     notice.principal_name || notice.has_principal_kind || notice.n_objects);
    }
    assert_true(published > 20);
}

/* The message itself has room for ids, codes and dates only. */
static void notice_type_has_no_room_for_more(void **state)
{
    /* The second line is of audience "audit": codes, words of the table, a plugin's name. */
    static const char *const texts[] = {"reference", "territory", "code", "action", "purpose",
                                        "legal_base", "principal_name",
                                        /* of a reminder: codes */
                                        "lead", "outcome", "instance"};
    const ProtobufCMessageDescriptor *type = &ctps__notice__descriptor;

    (void)state;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        bool known = false;

        assert_int_not_equal(field->type, PROTOBUF_C_TYPE_MESSAGE);
        assert_int_not_equal(field->type, PROTOBUF_C_TYPE_BYTES);
        for (size_t j = 0; j < sizeof(texts) / sizeof(texts[0]); j++)
            known = known || strcmp(texts[j], field->name) == 0;
        if (field->type == PROTOBUF_C_TYPE_STRING && !known)
            fail_msg("Notice.%s is a text", field->name);
    }
}

/* Events of the daemon itself are for nobody. */
static void notice_of_inner_events_is_none(void **state)
{
    Ctps__Event event = CTPS__EVENT__INIT;
    Ctps__DayRun run = CTPS__DAY_RUN__INIT;
    Ctps__Notice notice;
    const char *topic;

    (void)state;
    event.body_case = CTPS__EVENT__BODY_DAY_RUN;
    event.day_run = &run;
    assert_false(notice_of_event(&event, &notice, &topic));
    event.body_case = CTPS__EVENT__BODY__NOT_SET;
    assert_false(notice_of_event(&event, &notice, &topic));
}

static const char *audit_topic(Ctps__EntryKind kind, const char *result,
                               Ctps__Notice *ret_notice)
{
    Ctps__AuditRecord record = CTPS__AUDIT_RECORD__INIT;
    Ctps__Entry entry = CTPS__ENTRY__INIT;
    const char *topic = NULL;

    SET(&entry, kind, kind);
    record.result = text(result);
    notice_of_audit(&entry, result ? &record : NULL, ret_notice, &topic);
    return topic;
}

/* What the audit hears of an entry's own audit part; a tombstone once that cannot be opened. */
static void notice_of_audit_by_kind_and_refusal(void **state)
{
    static const struct {
        Ctps__EntryKind kind;
        const char *result;
        const char *topic;
    } cases[] = {
        {CTPS__ENTRY_KIND__ENTRY_READ, "answered", "information.consulted"},
        {CTPS__ENTRY_KIND__ENTRY_SYSTEM, "opened", "session.opened"},
        {CTPS__ENTRY_KIND__ENTRY_REFUSAL, "other_territory", "access.denied"},
        {CTPS__ENTRY_KIND__ENTRY_REFUSAL, "share_expired", "access.denied"},
        {CTPS__ENTRY_KIND__ENTRY_REFUSAL, "key_unknown", "session.refused"},
        {CTPS__ENTRY_KIND__ENTRY_REFUSAL, "too_many", "session.refused"},
        {CTPS__ENTRY_KIND__ENTRY_REFUSAL, "habilitation_missing", "session.refused"},
        {CTPS__ENTRY_KIND__ENTRY_REFUSAL, "contact_inactive", "session.refused"},
        {CTPS__ENTRY_KIND__ENTRY_REFUSAL, "charter_not_current", "session.refused"},
        {CTPS__ENTRY_KIND__ENTRY_READ, NULL, "information.consulted"},
        {CTPS__ENTRY_KIND__ENTRY_REFUSAL, NULL, "access.denied"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool is_refusal = cases[i].kind == CTPS__ENTRY_KIND__ENTRY_REFUSAL && cases[i].result;
        Ctps__Notice notice;

        assert_string_equal(audit_topic(cases[i].kind, cases[i].result, &notice),
                            cases[i].topic);
        assert_int_equal(notice.tombstone, cases[i].result == NULL);
        assert_string_equal(or_empty(notice.code), is_refusal ? cases[i].result : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        TEST(notice_never_shows_text_but_of_the_list),
        TEST(notice_type_has_no_room_for_more),
        TEST(notice_of_inner_events_is_none),
        TEST(notice_of_audit_by_kind_and_refusal),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

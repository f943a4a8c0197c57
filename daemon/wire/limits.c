#include "wire/limits.h"

#include <string.h>

/* Sorted by message, then field. Sources: the comments of schemas/ctps/command.proto and
 * common.proto. Fields of several kinds of client, same meaning, same limit. */
static const struct wire_limit table[] = {
    {"Agent", "email", WIRE_LINE, .max = 254},
    {"Agent", "first_name", WIRE_LINE, .max = 80},
    {"Agent", "function", WIRE_CODE, .max = 40},
    {"Agent", "funder", WIRE_CODE, .max = 40},
    {"Agent", "habilitation_act", WIRE_LINE, .max = 80},
    {"Agent", "language", WIRE_CODE, .max = 8},
    {"Agent", "last_name", WIRE_LINE, .max = 80},
    {"Agent", "notify", WIRE_CODE, .max = 40},
    {"Agent", "posts", WIRE_PARTS, .count = 16},
    {"Agent", "territories", WIRE_CODE, .max = 40},
    {"AgentPost", "fte_centi", WIRE_NUMBER, .max = 100},
    {"AgentPost", "funder", WIRE_CODE, .max = 40},
    {"AuditWho", "limit", WIRE_NUMBER, .max = 500},
    {"AuditWho", "reference", WIRE_CODE, .max = 40},
    {"Backup", "name", WIRE_CODE, .max = 64},
    {"BreakGlassList", "limit", WIRE_NUMBER, .max = 1000},
    {"BreakGlassUse", "reason", WIRE_TEXT, .max = 500},
    {"BreakGlassUse", "reference", WIRE_CODE, .max = 40},
    {"CharterSign", "version", WIRE_LINE, .max = 40},
    {"Contact", "charter_version", WIRE_LINE, .max = 40},
    {"Contact", "email", WIRE_LINE, .max = 254},
    {"Contact", "first_name", WIRE_LINE, .max = 80},
    {"Contact", "function", WIRE_LINE, .max = 120},
    {"Contact", "language", WIRE_CODE, .max = 8},
    {"Contact", "last_name", WIRE_LINE, .max = 80},
    {"Contact", "notify", WIRE_CODE, .max = 40},
    {"Contact", "phone", WIRE_LINE, .max = 40},
    {"CursorGet", "audience", WIRE_KEY, .max = 64},
    {"CursorSet", "audience", WIRE_KEY, .max = 64},
    {"DeadLetterAdd", "audience", WIRE_KEY, .max = 64},
    {"DeadLetterAdd", "reason", WIRE_CODE, .max = 40},
    {"DeadLetterList", "plugin", WIRE_SLUG, .max = 32},
    {"DeadLetterSettle", "audience", WIRE_KEY, .max = 64},
    {"DeadLetterSettle", "plugin", WIRE_SLUG, .max = 32},
    {"DecisionComplete", "result", WIRE_CODE, .max = 40},
    {"DecisionComplete", "text", WIRE_TEXT, .max = 500},
    {"DecisionList", "instance", WIRE_CODE, .max = 40},
    {"DecisionList", "limit", WIRE_NUMBER, .max = 1000},
    {"DecisionList", "state", WIRE_CODE, .max = 40},
    {"DecisionList", "territory", WIRE_CODE, .max = 40},
    {"DecisionTake", "text", WIRE_TEXT, .max = 500},
    {"DecisionTake", "verb", WIRE_CODE, .max = 40},
    {"DelegationGrant", "territory", WIRE_CODE, .max = 40},
    {"DelegationList", "territory", WIRE_CODE, .max = 40},
    {"DuplicateDecide", "outcome", WIRE_CODE, .max = 40},
    {"DuplicateDecide", "text", WIRE_TEXT, .max = 500},
    {"DuplicateList", "limit", WIRE_NUMBER, .max = 1000},
    {"DuplicateList", "state", WIRE_CODE, .max = 40},
    {"DuplicateList", "territory", WIRE_CODE, .max = 40},
    {"EffectFind", "code", WIRE_CODE, .max = 40},
    {"EffectFind", "keys", WIRE_KEY, .max = 64, .count = 64},
    {"EffectFind", "kind", WIRE_CODE, .max = 40},
    {"EffectFind", "limit", WIRE_NUMBER, .max = 1000},
    {"EffectFind", "outcome", WIRE_CODE, .max = 40},
    {"EffectRecord", "about", WIRE_CODE, .max = 40},
    {"EffectRecord", "cause", WIRE_CODE, .max = 40},
    {"EffectRecord", "code", WIRE_CODE, .max = 40},
    {"EffectRecord", "due_minute", WIRE_NUMBER, .max = 1439},
    {"EffectRecord", "instance", WIRE_CODE, .max = 40},
    {"EffectRecord", "key", WIRE_KEY, .max = 64},
    {"EffectRecord", "kind", WIRE_CODE, .max = 40},
    {"EffectRecord", "lead", WIRE_KEY, .max = 8},
    {"EffectRecord", "minute", WIRE_NUMBER, .max = 1439},
    {"EffectRecord", "outcome", WIRE_CODE, .max = 40},
    {"EntryHashes", "limit", WIRE_NUMBER, .max = 1024},
    {"ErasureCertificate", "reference", WIRE_CODE, .max = 40},
    {"HabilitationGrant", "act", WIRE_LINE, .max = 80},
    {"HabilitationWithdraw", "act", WIRE_LINE, .max = 80},
    {"Identity", "address", WIRE_LINE, .max = 200},
    {"Identity", "first_name", WIRE_LINE, .max = 80},
    {"Identity", "last_name", WIRE_LINE, .max = 80},
    {"Identity", "phone", WIRE_LINE, .max = 40},
    {"Identity", "representatives", WIRE_LINE, .max = 200},
    {"Identity", "sex", WIRE_CODE, .max = 1},
    {"ImportBegin", "file_digest", WIRE_BYTES, .min = 32, .max = 32},
    {"ImportBegin", "row_count", WIRE_NUMBER, .max = 100000},
    {"ImportBegin", "source", WIRE_KEY, .max = 64},
    {"ImportMeeting", "number", WIRE_KEY, .max = 120},
    {"ImportMeeting", "source", WIRE_KEY, .max = 64},
    {"ImportRow", "closing_motive", WIRE_CODE, .max = 40},
    {"ImportRow", "evolution", WIRE_CODE, .max = 40},
    {"ImportRow", "number", WIRE_KEY, .max = 32},
    {"ImportRow", "observation", WIRE_TEXT, .max = 500},
    {"ImportRow", "source", WIRE_KEY, .max = 64},
    {"ImportRow", "status", WIRE_CODE, .max = 40},
    {"ImportRow", "term", WIRE_CODE, .max = 40},
    {"Instance", "attendance", WIRE_CODE, .max = 40},
    {"Instance", "code", WIRE_CODE, .max = 40},
    {"Instance", "content", WIRE_CODE, .max = 40},
    {"Instance", "rhythm_unit", WIRE_CODE, .max = 40},
    {"KeyRegister", "label", WIRE_LINE, .max = 120},
    {"KeyRegister", "public_key", WIRE_BYTES, .min = 32, .max = 32},
    {"KeyRevoke", "public_key", WIRE_BYTES, .min = 32, .max = 32},
    {"ListValue", "code", WIRE_CODE, .max = 40},
    {"ListValue", "label_en", WIRE_LINE, .max = 120},
    {"ListValue", "label_fr", WIRE_LINE, .max = 120},
    {"ListValue", "list", WIRE_CODE, .max = 40},
    {"MeetingAgendaAdd", "text", WIRE_TEXT, .max = 500},
    {"MeetingAgendaAdd", "theme", WIRE_CODE, .max = 40},
    {"MeetingGet", "reference", WIRE_CODE, .max = 40},
    {"MeetingList", "instance", WIRE_CODE, .max = 40},
    {"MeetingList", "limit", WIRE_NUMBER, .max = 1000},
    {"MeetingList", "state", WIRE_CODE, .max = 40},
    {"MeetingList", "territory", WIRE_CODE, .max = 40},
    {"MeetingReschedule", "place", WIRE_LINE, .max = 120},
    {"MeetingReschedule", "zone", WIRE_KEY, .max = 64},
    {"MeetingSchedule", "instance", WIRE_CODE, .max = 40},
    {"MeetingSchedule", "place", WIRE_LINE, .max = 120},
    {"MeetingSchedule", "territory", WIRE_CODE, .max = 40},
    {"MeetingSchedule", "title", WIRE_LINE, .max = 120},
    {"MeetingSchedule", "zone", WIRE_KEY, .max = 64},
    {"MinutesDraft", "items", WIRE_PARTS, .count = 60},
    {"MinutesDraft", "text", WIRE_TEXT, .max = 4000},
    {"MinutesList", "limit", WIRE_NUMBER, .max = 1000},
    {"MinutesList", "state", WIRE_CODE, .max = 40},
    {"MinutesList", "territory", WIRE_CODE, .max = 40},
    {"MinutesText", "text", WIRE_TEXT, .max = 2000},
    {"NameSearch", "name", WIRE_LINE, .max = 160},
    {"NotificationPrepare", "topic", WIRE_CODE, .max = 48},
    {"Partner", "family", WIRE_CODE, .max = 40},
    {"Partner", "kind", WIRE_CODE, .max = 40},
    {"Partner", "name", WIRE_LINE, .max = 120},
    {"Partner", "territories", WIRE_CODE, .max = 40},
    {"Person", "role", WIRE_CODE, .max = 40},
    {"Person", "sex", WIRE_CODE, .max = 1},
    {"PluginList", "name", WIRE_SLUG, .max = 32},
    {"PluginReload", "name", WIRE_SLUG, .max = 32},
    {"PolicyExplain", "action", WIRE_CODE, .max = 64},
    {"PolicyExplain", "territory", WIRE_CODE, .max = 40},
    {"Principal", "name", WIRE_SLUG, .max = 32},
    {"ReadEvents", "audience", WIRE_KEY, .max = 64},
    {"ReadEvents", "incarnation", WIRE_BYTES, .min = 16, .max = 16},
    {"ReadEvents", "limit", WIRE_NUMBER, .max = 500},
    {"ReferenceList", "list", WIRE_CODE, .max = 40},
    {"ReminderSubjects", "after", WIRE_BYTES, .max = 260},
    {"ReminderSubjects", "limit", WIRE_NUMBER, .max = 500},
    {"ReminderSubjects", "objects", WIRE_PARTS, .count = 64},
    {"Request", "id", WIRE_BYTES, .min = 16, .max = 16},
    {"Request", "purpose", WIRE_CODE, .max = 40},
    {"Request", "purpose_text", WIRE_TEXT, .max = 200},
    {"RightsAnswer", "motive", WIRE_CODE, .max = 40},
    {"RightsAnswer", "number", WIRE_CODE, .max = 40},
    {"RightsAnswer", "outcome", WIRE_CODE, .max = 40},
    {"RightsAnswer", "text", WIRE_TEXT, .max = 500},
    {"RightsExtend", "number", WIRE_CODE, .max = 40},
    {"RightsExtend", "reason", WIRE_TEXT, .max = 500},
    {"RightsExtract", "number", WIRE_CODE, .max = 40},
    {"RightsGet", "number", WIRE_CODE, .max = 40},
    {"RightsList", "limit", WIRE_NUMBER, .max = 1000},
    {"RightsList", "state", WIRE_CODE, .max = 40},
    {"RightsList", "territory", WIRE_CODE, .max = 40},
    {"RightsOpen", "address", WIRE_LINE, .max = 200},
    {"RightsOpen", "email", WIRE_LINE, .max = 254},
    {"RightsOpen", "kind", WIRE_CODE, .max = 40},
    {"RightsOpen", "name", WIRE_LINE, .max = 160},
    {"RightsOpen", "quality", WIRE_LINE, .max = 120},
    {"RightsOpen", "territory", WIRE_CODE, .max = 40},
    {"RightsOpen", "text", WIRE_TEXT, .max = 500},
    {"SaisineAccept", "term", WIRE_CODE, .max = 40},
    {"SaisineAccept", "title", WIRE_LINE, .max = 120},
    {"SaisineCount", "territory", WIRE_CODE, .max = 40},
    {"SaisineDecline", "motive", WIRE_CODE, .max = 40},
    {"SaisineDecline", "text", WIRE_TEXT, .max = 500},
    {"SaisineDetach", "text", WIRE_TEXT, .max = 500},
    {"SaisineGet", "number", WIRE_CODE, .max = 40},
    {"SaisineList", "limit", WIRE_NUMBER, .max = 1000},
    {"SaisineList", "origin", WIRE_CODE, .max = 40},
    {"SaisineList", "status", WIRE_CODE, .max = 40},
    {"SaisineList", "territory", WIRE_CODE, .max = 40},
    {"SaisineReceive", "channel", WIRE_CODE, .max = 40},
    {"SaisineReceive", "district", WIRE_LINE, .max = 80},
    {"SaisineReceive", "motives", WIRE_CODE, .max = 40, .count = 8},
    {"SaisineReceive", "nature", WIRE_CODE, .max = 40},
    {"SaisineReceive", "origin", WIRE_CODE, .max = 40},
    {"SaisineReceive", "persons", WIRE_PARTS, .count = 16},
    {"SaisineReceive", "place", WIRE_LINE, .max = 200},
    {"SaisineReceive", "referrer", WIRE_LINE, .max = 200},
    {"SaisineReceive", "territory", WIRE_CODE, .max = 40},
    {"SaisineReceive", "text", WIRE_TEXT, .max = 500},
    {"SaisineReceive", "urgency", WIRE_CODE, .max = 40},
    {"SaisineRedirect", "motive", WIRE_CODE, .max = 40},
    {"SaisineRedirect", "text", WIRE_TEXT, .max = 500},
    {"ShareList", "limit", WIRE_NUMBER, .max = 1000},
    {"ShareNew", "legal_base", WIRE_CODE, .max = 40},
    {"ShareNew", "purpose", WIRE_CODE, .max = 40},
    {"ShareNew", "purpose_text", WIRE_TEXT, .max = 200},
    {"SituationAddEntry", "kind", WIRE_CODE, .max = 40},
    {"SituationAddEntry", "oriented_to", WIRE_CODE, .max = 40},
    {"SituationAddEntry", "representatives_absent_why", WIRE_TEXT, .max = 500},
    {"SituationAddEntry", "result", WIRE_CODE, .max = 40},
    {"SituationAddEntry", "text", WIRE_TEXT, .max = 500},
    {"SituationClose", "motive", WIRE_CODE, .max = 40},
    {"SituationClose", "result", WIRE_CODE, .max = 40},
    {"SituationClose", "text", WIRE_TEXT, .max = 500},
    {"SituationCorrectEntry", "kind", WIRE_CODE, .max = 40},
    {"SituationCorrectEntry", "oriented_to", WIRE_CODE, .max = 40},
    {"SituationCorrectEntry", "representatives_absent_why", WIRE_TEXT, .max = 500},
    {"SituationCorrectEntry", "result", WIRE_CODE, .max = 40},
    {"SituationCorrectEntry", "text", WIRE_TEXT, .max = 500},
    {"SituationCorrectEntry", "why", WIRE_TEXT, .max = 500},
    {"SituationEngage", "role", WIRE_CODE, .max = 40},
    {"SituationErase", "reason", WIRE_CODE, .max = 40},
    {"SituationGet", "reference", WIRE_CODE, .max = 40},
    {"SituationInform", "means", WIRE_CODE, .max = 40},
    {"SituationInform", "why", WIRE_TEXT, .max = 500},
    {"SituationLift", "reason", WIRE_TEXT, .max = 500},
    {"SituationLink", "kind", WIRE_CODE, .max = 40},
    {"SituationList", "limit", WIRE_NUMBER, .max = 1000},
    {"SituationList", "status", WIRE_CODE, .max = 40},
    {"SituationList", "territory", WIRE_CODE, .max = 40},
    {"SituationPersonCorrect", "role", WIRE_CODE, .max = 40},
    {"SituationPersonCorrect", "sex", WIRE_CODE, .max = 1},
    {"SituationRekey", "reason", WIRE_CODE, .max = 40},
    {"SituationReopen", "text", WIRE_TEXT, .max = 500},
    {"SituationRestrict", "reason", WIRE_TEXT, .max = 500},
    {"SituationReview", "evolution", WIRE_CODE, .max = 40},
    {"SituationSetStatus", "blocked_what", WIRE_TEXT, .max = 500},
    {"SituationSetStatus", "status", WIRE_CODE, .max = 40},
    {"SituationTransfer", "district", WIRE_LINE, .max = 80},
    {"SituationTransfer", "territory", WIRE_CODE, .max = 40},
    {"SituationTransfer", "text", WIRE_TEXT, .max = 500},
    {"SituationUnmerge", "text", WIRE_TEXT, .max = 500},
    {"SituationUpdate", "district", WIRE_LINE, .max = 80},
    {"SituationUpdate", "motives", WIRE_CODE, .max = 40, .count = 8},
    {"SituationUpdate", "nature", WIRE_CODE, .max = 40},
    {"SituationUpdate", "place", WIRE_LINE, .max = 200},
    {"SituationUpdate", "term", WIRE_CODE, .max = 40},
    {"SituationUpdate", "text", WIRE_TEXT, .max = 500},
    {"SituationUpdate", "title", WIRE_LINE, .max = 120},
    {"SituationUpdate", "urgency", WIRE_CODE, .max = 40},
    {"Territory", "code", WIRE_CODE, .max = 40},
    {"Territory", "districts", WIRE_LINE, .max = 80, .count = 64},
    {"Territory", "name", WIRE_LINE, .max = 120},
    {"Territory", "team", WIRE_CODE, .max = 40},
    {"Town", "audit_justification", WIRE_LINE, .max = 200},
    {"Town", "audit_months", WIRE_NUMBER, .max = 36},
    {"Town", "controller", WIRE_LINE, .max = 200},
    {"Town", "dpo_contact", WIRE_LINE, .max = 200},
    {"Town", "holiday_regime", WIRE_CODE, .max = 40},
    {"Town", "insee", WIRE_CODE, .max = 5},
    {"Town", "name", WIRE_LINE, .max = 120},
    {"Town", "retention_justification", WIRE_LINE, .max = 200},
    {"Town", "zone", WIRE_KEY, .max = 64},
    {"TrackingTableGet", "limit", WIRE_NUMBER, .max = 1000},
    {"TrackingTableGet", "territory", WIRE_CODE, .max = 40},
    {"WebhookDue", "topic", WIRE_KEY, .max = 64},
    {"WebhookNew", "secret", WIRE_BYTES, .min = 24, .max = 64},
    {"WebhookNew", "topics", WIRE_KEY, .max = 64, .count = 32},
    {"WebhookNew", "url", WIRE_LINE, .max = 500},
    {"WebhookRotate", "overlap_hours", WIRE_NUMBER, .max = 720},
    {"WebhookRotate", "secret", WIRE_BYTES, .min = 24, .max = 64},
};

enum { TABLE_COUNT = sizeof(table) / sizeof(table[0]) };

struct wire_limits wire_limits_all(void)
{
    return (struct wire_limits){.rows = table, .count = TABLE_COUNT};
}

/* Index of the first row whose message is not before `message`. */
static size_t lower_bound(const char *message)
{
    size_t low = 0;
    size_t high = TABLE_COUNT;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(table[middle].message, message) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct wire_limits wire_limits_of(const char *message)
{
    size_t first = lower_bound(message);
    size_t end = first;

    while (end < TABLE_COUNT && strcmp(table[end].message, message) == 0)
        end++;
    return (struct wire_limits){.rows = table + first, .count = end - first};
}

static const struct wire_limit *type_limit(ProtobufCType type)
{
    static const struct wire_limit line = {"*", "*", WIRE_LINE, .max = WIRE_LINE_MAX};
    static const struct wire_limit bytes = {"*", "*", WIRE_BYTES, .max = WIRE_BYTES_MAX};
    static const struct wire_limit number = {"*", "*", WIRE_NUMBER, .max = 0};

    if (type == PROTOBUF_C_TYPE_STRING)
        return &line;
    return type == PROTOBUF_C_TYPE_BYTES ? &bytes : &number;
}

const struct wire_limit *wire_limit_get(const struct wire_limits *limits,
                                        const ProtobufCFieldDescriptor *field)
{
    for (size_t i = 0; i < limits->count; i++)
        if (strcmp(limits->rows[i].field, field->name) == 0)
            return &limits->rows[i];
    return type_limit(field->type);
}

uint32_t wire_limit_count(const struct wire_limit *limit)
{
    return limit->count ? limit->count : WIRE_REPEATED_MAX;
}

const char *wire_class_name(enum wire_class class)
{
    static const char *const names[WIRE_CLASS_COUNT] = {
        [WIRE_TEXT] = "text",     [WIRE_LINE] = "line",   [WIRE_KEY] = "key",
        [WIRE_CODE] = "code",     [WIRE_SLUG] = "slug",   [WIRE_BYTES] = "bytes",
        [WIRE_NUMBER] = "number", [WIRE_PARTS] = "parts",
    };

    return names[class];
}

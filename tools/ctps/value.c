#include "value.h"

#include "base/civil.h"
#include "base/utf8.h"
#include "base/zone.h"
#include "import_meeting.h"
#include "import_values.h"
#include "lang.h"
#include "request.h"
#include "wire/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

bool value_parse_day(const char *text, int32_t *ret_day)
{
    return civil_parse_iso(text, ret_day) || civil_parse_french(text, ret_day);
}

bool value_parse_count(const char *text, uint64_t *ret_count)
{
    char *end;
    unsigned long long value;

    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    value = strtoull(text, &end, 10);
    if (errno || *end || value > INT64_MAX)
        return false;
    *ret_count = value;
    return true;
}

bool value_parse_centi(const char *text, uint32_t *ret_centi)
{
    size_t whole = strspn(text, "0123456789");
    const char *rest = text + whole;
    size_t decimals = 0;
    uint32_t value = 0;

    if (whole == 0 || whole > 6)
        return false;
    for (size_t i = 0; i < whole; i++)
        value = value * 10 + (uint32_t)(text[i] - '0');
    if (*rest == ',' || *rest == '.')
        decimals = strspn(++rest, "0123456789");
    if (decimals > 2 || rest[decimals])
        return false;
    for (size_t i = 0; i < 2; i++)
        value = value * 10 + (i < decimals ? (uint32_t)(rest[i] - '0') : 0);
    *ret_centi = value;
    return true;
}

static int expected(const struct cli *cli, const struct option_row *row, const char *text,
                    const char *what)
{
    cli_complain(cli, _("%s%s: %s expected, not \"%s\""), option_is_positional(row) ? "" : "--",
                 row->name, what, text);
    return EX_USAGE;
}

static int set_number(struct cli *cli, const struct option_row *row, const char *text,
                      struct message_slot slot, bool read, int64_t value, const char *what)
{
    if (!read)
        return expected(cli, row, text, what);
    if (!message_slot_set_int(&cli->arena, slot, value))
        return expected(cli, row, text, what);
    return 0;
}

/* Two digits below `limit`; -1 otherwise. */
static int two_digits(const char *text, int limit)
{
    int value;

    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return -1;
    value = (text[0] - '0') * 10 + (text[1] - '0');
    return value < limit ? value : -1;
}

/* "2026-11-20T14:30" */
static bool parse_instant(const char *text, int64_t *ret_us)
{
    char day[CIVIL_TEXT_LEN] = "";
    int32_t number;
    int hour;
    int minute;

    if (strlen(text) != 16 || (text[10] != 'T' && text[10] != ' ') || text[13] != ':')
        return false;
    memcpy(day, text, CIVIL_TEXT_LEN - 1);
    hour = two_digits(text + 11, 24);
    minute = two_digits(text + 14, 60);
    if (hour < 0 || minute < 0 || !civil_parse_iso(day, &number))
        return false;
    *ret_us = zone_instant_of(number, (hour * 60 + minute) * 60, NULL);
    return true;
}

/* Wall clocks are the town's, whatever zone this machine is set to. */
static int set_instant(struct cli *cli, const struct option_row *row, const char *text,
                       struct message_slot slot)
{
    int64_t instant = 0;
    int status = reference_take_zone(cli);
    bool read;

    if (status)
        return status;
    read = parse_instant(text, &instant);
    return set_number(cli, row, text, slot, read, instant,
                      _("a date and time such as 2026-11-20T14:30"));
}

static bool is_yes(const char *text, bool *ret_yes)
{
    static const char *const words[] = {"oui", "yes", "true", "1", "non", "no", "false", "0"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i]) == 0) {
            *ret_yes = i < 4;
            return true;
        }
    return false;
}

static bool choice_has(const char *choices, const char *text)
{
    size_t len = strlen(text);

    while (choices) {
        if (len > 0 && strncmp(choices, text, len) == 0 &&
            (choices[len] == '|' || !choices[len]))
            return true;
        choices = strchr(choices, '|');
        if (choices)
            choices++;
    }
    return false;
}

static int set_text(struct cli *cli, struct message_slot slot, const char *text)
{
    if (message_slot_set_text(&cli->arena, slot, text))
        return 0;
    cli_complain(cli, _("too many values"));
    return EX_USAGE;
}

/* The daemon's own limit, said in the words of the command line before anything is sent. */
static bool text_fits(const struct cli *cli, const struct option_row *row, const char *text,
                      struct message_slot slot)
{
    struct wire_limits limits = wire_limits_of(slot.owner->descriptor->short_name);
    const struct wire_limit *limit = wire_limit_get(&limits, slot.field);
    size_t count;

    if (!utf8_is_valid(bytes_of_str(text), &count)) {
        cli_complain(cli, _("--%s: this is not UTF-8; save the text as UTF-8, or convert it"),
                     row->name);
        return false;
    }
    if (slot.field->type != PROTOBUF_C_TYPE_STRING || count <= limit->max)
        return true;
    cli_complain(cli, _("--%s: %zu characters, at most %u; shorten it"), row->name, count,
                 (unsigned)limit->max);
    return false;
}

/* A principal without the right to read the lists still may know the code. */
static bool lists_unreadable(int status)
{
    return status == EX_NOPERM;
}

static int set_code(struct cli *cli, const struct option_row *row, const char *text,
                    struct message_slot slot)
{
    const Ctps__ListValue *value;
    const char *nearest;
    int status = reference_load(cli, REFERENCE_LIST_VALUES);

    if (lists_unreadable(status))
        return set_text(cli, slot, text);
    if (status)
        return status;
    value = (const Ctps__ListValue *)reference_find(cli, REFERENCE_LIST_VALUES, row->list, text,
                                                    NULL);
    if (value)
        return set_text(cli, slot, value->code);
    nearest = reference_nearest(cli, REFERENCE_LIST_VALUES, row->list, text);
    if (nearest)
        cli_complain(cli, _("--%s: \"%s\" is not in the list %s; did you mean %s?"), row->name,
                     text, row->list, nearest);
    else
        cli_complain(cli, _("--%s: \"%s\" is not in the list %s; see ctps list values %s"),
                     row->name, text, row->list, row->list);
    return EX_DATAERR;
}

static int set_territory(struct cli *cli, const char *text, struct message_slot slot)
{
    const Ctps__Territory *territory;
    int status = reference_load(cli, REFERENCE_TERRITORIES);

    if (lists_unreadable(status))
        return set_text(cli, slot, text);
    if (status)
        return status;
    territory =
        (const Ctps__Territory *)reference_find(cli, REFERENCE_TERRITORIES, NULL, text, NULL);
    if (territory)
        return set_text(cli, slot, territory->code);
    cli_complain(cli, _("unknown territory \"%s\"; see ctps territory list"), text);
    return EX_DATAERR;
}

/* "T1 T2" or "T1,T2" for a repeated field. */
static int set_territories(struct cli *cli, const char *text, struct message_slot slot)
{
    char *copy = arena_strdup(&cli->arena, text);
    char *rest = NULL;
    int status = 0;

    if (!copy)
        return EX_OSERR;
    if (slot.field->label != PROTOBUF_C_LABEL_REPEATED)
        return set_territory(cli, text, slot);
    for (char *word = strtok_r(copy, " ,;", &rest); word && !status;
         word = strtok_r(NULL, " ,;", &rest))
        status = set_territory(cli, word, slot);
    return status;
}

/* As the territory that has it spells it; the daemon says whether it is the right one. */
static int set_district(struct cli *cli, const char *text, struct message_slot slot)
{
    const struct reference_set *set = &cli->reference.sets[REFERENCE_TERRITORIES];
    int status = reference_load_quietly(cli, REFERENCE_TERRITORIES);

    for (size_t i = 0; i < set->count && !status; i++) {
        const char *known =
            import_value_district((const Ctps__Territory *)set->items[i].message, text);

        if (known)
            return set_text(cli, slot, known);
    }
    return status ? status : set_text(cli, slot, text);
}

static int find_by_name(struct cli *cli, enum reference_kind kind, const char *text,
                        uint64_t *ret_id)
{
    const ProtobufCMessage *message;
    const char *nearest;
    bool ambiguous;
    int status = reference_load(cli, kind);

    if (status)
        return status;
    message = reference_find(cli, kind, NULL, text, &ambiguous);
    if (message && !ambiguous) {
        *ret_id = reference_id(message);
        return 0;
    }
    nearest = message ? NULL : reference_nearest(cli, kind, NULL, text);
    if (message)
        cli_complain(cli, _("several answer to \"%s\": give the number"), text);
    else if (nearest)
        cli_complain(cli, _("nobody and nothing called \"%s\"; did you mean \"%s\"?"), text,
                     nearest);
    else
        cli_complain(cli, _("nobody and nothing called \"%s\""), text);
    return EX_NOINPUT;
}

static int find_saisine(struct cli *cli, const char *text, uint64_t *ret_id)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__SaisineGet get = CTPS__SAISINE_GET__INIT;
    char *number = arena_strdup(&cli->arena, text);
    Ctps__Reply *reply;
    int status;

    get.number = number;
    request.command_case = CTPS__REQUEST__COMMAND_SAISINE_GET;
    request.saisine_get = &get;
    status = request_run(cli, &request, &reply);
    if (status)
        return status;
    if (reply->answer_case != CTPS__REPLY__ANSWER_SAISINE_ANSWER ||
        reply->saisine_answer->n_saisines == 0) {
        cli_complain(cli, _("no saisine \"%s\""), text);
        return EX_NOINPUT;
    }
    *ret_id = reply->saisine_answer->saisines[0]->id;
    return 0;
}

static int find_situation(struct cli *cli, const char *text, uint64_t *ret_id)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__SituationGet get = CTPS__SITUATION_GET__INIT;
    char *reference = arena_strdup(&cli->arena, text);
    Ctps__Reply *reply;
    int status;

    get.reference = reference;
    request.command_case = CTPS__REQUEST__COMMAND_SITUATION_GET;
    request.situation_get = &get;
    status = request_run(cli, &request, &reply);
    if (status)
        return status;
    if (reply->answer_case != CTPS__REPLY__ANSWER_SITUATION_ANSWER ||
        reply->situation_answer->n_situations == 0) {
        cli_complain(cli, _("no situation \"%s\""), text);
        return EX_NOINPUT;
    }
    *ret_id = reply->situation_answer->situations[0]->id;
    if (*ret_id)
        return 0;
    cli_complain(cli, _("%s is followed in territory %s: ask its coordinator"), text,
                 reply->situation_answer->situations[0]->territory);
    return EX_NOPERM;
}

static int find_meeting(struct cli *cli, const char *text, uint64_t *ret_id)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__MeetingGet get = CTPS__MEETING_GET__INIT;
    char *reference = arena_strdup(&cli->arena, text);
    Ctps__Reply *reply;
    int status;

    get.reference = reference;
    request.command_case = CTPS__REQUEST__COMMAND_MEETING_GET;
    request.meeting_get = &get;
    status = request_run(cli, &request, &reply);
    if (status)
        return status;
    if (reply->answer_case != CTPS__REPLY__ANSWER_MEETING_ANSWER ||
        reply->meeting_answer->n_meetings == 0) {
        cli_complain(cli, _("no meeting \"%s\""), text);
        return EX_NOINPUT;
    }
    *ret_id = reply->meeting_answer->meetings[0]->id;
    return 0;
}

int value_find_id(struct cli *cli, enum option_kind kind, const char *text, uint64_t *ret_id)
{
    if (value_parse_count(text, ret_id))
        return 0;
    switch (kind) {
    case OPTION_AGENT:
        return find_by_name(cli, REFERENCE_AGENTS, text, ret_id);
    case OPTION_PARTNER:
        return find_by_name(cli, REFERENCE_PARTNERS, text, ret_id);
    case OPTION_CONTACT:
        return find_by_name(cli, REFERENCE_CONTACTS, text, ret_id);
    case OPTION_SAISINE:
        return find_saisine(cli, text, ret_id);
    case OPTION_MEETING:
        return find_meeting(cli, text, ret_id);
    default:
        return find_situation(cli, text, ret_id);
    }
}

static int set_resolved_id(struct cli *cli, const struct option_row *row, const char *text,
                           struct message_slot slot)
{
    uint64_t id = 0;
    int status = value_find_id(cli, row->kind, text, &id);

    return status ? status : set_number(cli, row, text, slot, true, (int64_t)id, _("a number"));
}

/* A message that takes the people-facing number itself is given it as it is: elsewhere than in
 * the reader's territories no id is answered. */
static bool takes_number(const struct option_row *row, struct message_slot slot,
                         struct message_slot *ret_slot)
{
    const char *field = row->kind == OPTION_SAISINE ? "number" : "reference";

    if (row->kind != OPTION_SAISINE && row->kind != OPTION_SITUATION &&
        row->kind != OPTION_MEETING)
        return false;
    ret_slot->owner = slot.owner;
    ret_slot->field =
        protobuf_c_message_descriptor_get_field_by_name(slot.owner->descriptor, field);
    return ret_slot->field && ret_slot->field->type == PROTOBUF_C_TYPE_STRING;
}

static int set_id(struct cli *cli, const struct option_row *row, const char *text,
                  struct message_slot slot)
{
    struct message_slot number;
    uint64_t id = 0;

    if (!value_parse_count(text, &id) && takes_number(row, slot, &number))
        return set_text(cli, number, text);
    return set_resolved_id(cli, row, text, slot);
}

static int set_public_key(struct cli *cli, const struct option_row *row, const char *text,
                          struct message_slot slot)
{
    uint8_t key[32];

    if (!z85_decode(key, sizeof key, text) && !hex_decode(key, sizeof key, text))
        return expected(cli, row, text, _("a public key (40 characters)"));
    return message_slot_set_bytes(&cli->arena, slot, bytes_of(key, sizeof key)) ? 0 : EX_OSERR;
}

static int set_simple(struct cli *cli, const struct option_row *row, const char *text,
                      struct message_slot slot)
{
    uint64_t count = 0;
    uint32_t centi = 0;
    uint32_t minute = 0;
    int32_t day = 0;
    bool yes = true;
    bool read;

    switch (row->kind) {
    case OPTION_FLAG:
        return set_number(cli, row, text, slot, true, 1, "");
    case OPTION_YESNO:
        read = is_yes(text, &yes);
        return set_number(cli, row, text, slot, read, yes, _("yes or no"));
    case OPTION_COUNT:
        read = value_parse_count(text, &count);
        return set_number(cli, row, text, slot, read, (int64_t)count, _("a number"));
    case OPTION_CENTI:
        read = value_parse_centi(text, &centi);
        return set_number(cli, row, text, slot, read, centi, _("a number such as 0,5"));
    case OPTION_TIME:
        read = import_value_time(text, &minute);
        return set_number(cli, row, text, slot, read, minute, _("a time such as 14:30"));
    default:
        read = value_parse_day(text, &day);
        return set_number(cli, row, text, slot, read, day, _("a date such as 20/11/2026"));
    }
}

int value_set(struct cli *cli, const struct option_row *row, const char *text,
              struct message_slot slot)
{
    switch (row->kind) {
    case OPTION_TEXT:
        return text_fits(cli, row, text, slot) ? set_text(cli, slot, text) : EX_DATAERR;
    case OPTION_CODE:
        return set_code(cli, row, text, slot);
    case OPTION_CHOICE:
        return choice_has(row->list, text) ? set_text(cli, slot, text)
                                           : expected(cli, row, text, row->list);
    case OPTION_TERRITORY:
        return set_territories(cli, text, slot);
    case OPTION_DISTRICT:
        return set_district(cli, text, slot);
    case OPTION_AGENT:
    case OPTION_PARTNER:
    case OPTION_CONTACT:
    case OPTION_SAISINE:
    case OPTION_SITUATION:
    case OPTION_MEETING:
        return set_id(cli, row, text, slot);
    case OPTION_INSTANT:
        return set_instant(cli, row, text, slot);
    case OPTION_PUBLIC_KEY:
        return set_public_key(cli, row, text, slot);
    default:
        return set_simple(cli, row, text, slot);
    }
}

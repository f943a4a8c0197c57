#include "view.h"

#include "base/civil.h"
#include "lang.h"
#include "message.h"
#include "table.h"

#include <inttypes.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

enum { RECORD_TITLE_MAX = 30 /* columns a title may take beside a record's value */ };

/* Codes of oddities in words; what is not here is shown by its code. */
static const struct {
    const char *code;
    const char *text;
} warning_texts[] = {
    {"agent_unknown", N_("lead not among the agents: left without a lead")},
    {"partner_unknown", N_("referring partner not among the partners: kept as text")},
    {"sex_unknown", N_("sex not understood: left empty")},
    {"review_overdue", N_("next review already past")},
    {"review_before_saisine", N_("next review before the saisine")},
    {"review_missing", N_("open without a next review")},
    {"blocked_without_partner", N_("blocked without a partner")},
    {"watch_without_date", N_("watched without a date")},
    {"past_term_facts_only", N_("closed past the retention term: only facts are kept")},
    {"on_holiday", N_("meeting on a public holiday")},
    {"on_sunday", N_("meeting on a Sunday")},
    {"hour_missing", N_("meeting at an hour that does not exist that night: held after it")},
    {"hour_twice", N_("meeting at an hour that comes twice that night: the first is meant")},
    {"hour_odd", N_("meeting at an odd hour")},
    {"month_skipped", N_("meeting in a month its instance skips")},
    {"room_taken", N_("room taken by another meeting at that time")},
    {"erased_not_compared", N_("already taken, erased since: not compared")},
};

const char *view_warning(const char *code)
{
    for (size_t i = 0; i < sizeof warning_texts / sizeof *warning_texts; i++)
        if (strcmp(warning_texts[i].code, code) == 0)
            return _(warning_texts[i].text);
    return code;
}

static bool ends_with(const char *text, const char *tail)
{
    size_t len = strlen(text);
    size_t tail_len = strlen(tail);

    return len >= tail_len && strcmp(text + len - tail_len, tail) == 0;
}

static bool is_day(const char *name)
{
    return strcmp(name, "day") == 0 || ends_with(name, "_day");
}

const char *view_day(struct cli *cli, int32_t day)
{
    struct civil_date date = civil_date_of(day);
    char *text =
        cli->french
            ? arena_printf(&cli->arena, "%02d/%02d/%04d", date.day, date.month, date.year)
            : arena_printf(&cli->arena, "%04d-%02d-%02d", date.year, date.month, date.day);

    return text ? text : "";
}

const char *view_instant(struct cli *cli, int64_t us)
{
    time_t seconds = (time_t)(us / 1000000);
    struct tm tm;
    const char *text;

    if (!localtime_r(&seconds, &tm))
        return "";
    if (cli->french)
        text = arena_printf(&cli->arena, "%02d/%02d/%04d %02d:%02d", tm.tm_mday, tm.tm_mon + 1,
                            tm.tm_year + 1900, tm.tm_hour, tm.tm_min);
    else
        text = arena_printf(&cli->arena, "%04d-%02d-%02d %02d:%02d", tm.tm_year + 1900,
                            tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min);
    return text ? text : "";
}

const char *view_principal(struct cli *cli, const Ctps__Principal *principal)
{
    const char *text = NULL;

    switch (principal->kind) {
    case CTPS__PRINCIPAL_KIND__PRINCIPAL_OPERATOR:
        return _("operator");
    case CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT:
        text = arena_printf(&cli->arena, _("agent %llu"), (unsigned long long)principal->id);
        break;
    case CTPS__PRINCIPAL_KIND__PRINCIPAL_CONTACT:
        text = arena_printf(&cli->arena, _("contact %llu"), (unsigned long long)principal->id);
        break;
    case CTPS__PRINCIPAL_KIND__PRINCIPAL_PARTNER:
        text = arena_printf(&cli->arena, _("partner %llu"), (unsigned long long)principal->id);
        break;
    case CTPS__PRINCIPAL_KIND__PRINCIPAL_PLUGIN:
        text =
            arena_printf(&cli->arena, _("plugin %s"), principal->name ? principal->name : "");
        break;
    default:
        text = _("the daemon");
        break;
    }
    return text ? text : "";
}

const char *view_person(struct cli *cli, enum reference_kind kind, uint64_t id)
{
    const ProtobufCMessage *found = reference_by_id(cli, kind, id);
    const Ctps__Agent *agent = (const Ctps__Agent *)found;
    const Ctps__Contact *contact = (const Ctps__Contact *)found;
    const char *text;

    if (!found)
        text = arena_printf(&cli->arena, "%" PRIu64, id);
    else if (kind == REFERENCE_PARTNERS)
        text = ((const Ctps__Partner *)found)->name;
    else if (kind == REFERENCE_CONTACTS)
        text =
            arena_printf(&cli->arena, "%s %s", contact->first_name ? contact->first_name : "",
                         contact->last_name ? contact->last_name : "");
    else
        text = arena_printf(&cli->arena, "%s %s", agent->first_name ? agent->first_name : "",
                            agent->last_name ? agent->last_name : "");
    return text ? text : "";
}

/* REFERENCE_KINDS when it is not somebody of the directory. */
static enum reference_kind directory_of(const Ctps__Principal *principal)
{
    switch (principal->kind) {
    case CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT:
        return REFERENCE_AGENTS;
    case CTPS__PRINCIPAL_KIND__PRINCIPAL_CONTACT:
        return REFERENCE_CONTACTS;
    case CTPS__PRINCIPAL_KIND__PRINCIPAL_PARTNER:
        return REFERENCE_PARTNERS;
    default:
        return REFERENCE_KINDS;
    }
}

/* "agent 513 Zoé Canari" */
static const char *who_text(struct cli *cli, const Ctps__Principal *principal)
{
    enum reference_kind kind = directory_of(principal);
    const char *text;

    if (kind == REFERENCE_KINDS || !reference_by_id(cli, kind, principal->id))
        return view_principal(cli, principal);
    text = arena_printf(&cli->arena, "%s %s", view_principal(cli, principal),
                        view_person(cli, kind, principal->id));
    return text ? text : "";
}

static const char *int_text(struct cli *cli, struct message_slot slot, int64_t value)
{
    const ProtobufCEnumValue *name;
    const char *text;

    if (is_day(slot.field->name))
        return view_day(cli, (int32_t)value);
    if (ends_with(slot.field->name, "_us"))
        return view_instant(cli, value);
    if (slot.field->type == PROTOBUF_C_TYPE_BOOL)
        return value ? _("yes") : _("no");
    if (slot.field->type == PROTOBUF_C_TYPE_ENUM) {
        name = protobuf_c_enum_descriptor_get_value(slot.field->descriptor, (int)value);
        return name ? name->name : "";
    }
    text = arena_printf(&cli->arena, "%" PRId64, value);
    return text ? text : "";
}

static const char *key_text(struct cli *cli, struct bytes bytes)
{
    char *text = arena_alloc(&cli->arena, bytes.len * 2 + 1);

    if (!text)
        return "";
    if (bytes.len % 4 == 0)
        z85_encode(text, bytes.data, bytes.len);
    else
        hex_encode(text, bytes.data, bytes.len);
    return text;
}

static const char *plain_text(struct cli *cli, struct message_slot slot, size_t index)
{
    switch (slot.field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return message_slot_text(slot, index);
    case PROTOBUF_C_TYPE_BYTES:
        return key_text(cli, message_slot_bytes(slot, index));
    case PROTOBUF_C_TYPE_MESSAGE:
        return "";
    default:
        return int_text(cli, slot, message_slot_int(slot, index));
    }
}

/* "Zoé CANARI (12/03/2010)" */
static const char *person_text(struct cli *cli, const Ctps__Person *person)
{
    const Ctps__Identity *identity = person->identity;
    const char *text;

    if (!identity)
        return "";
    text = arena_printf(
        &cli->arena, "%s%s%s%s%s%s", identity->first_name ? identity->first_name : "",
        identity->first_name && identity->last_name ? " " : "",
        identity->last_name ? identity->last_name : "", identity->has_birth_day ? " (" : "",
        identity->has_birth_day ? view_day(cli, identity->birth_day) : "",
        identity->has_birth_day ? ")" : "");
    return text ? text : "";
}

/* The list a code of this message is of, by "FIELD value=list …"; NULL when it is of none. */
static const char *list_by(struct cli *cli, const char *rule, const ProtobufCMessage *message)
{
    char *copy = arena_strdup(&cli->arena, rule);
    char *rest = NULL;
    char *word = copy ? strtok_r(copy, " ", &rest) : NULL;
    struct message_slot slot;
    const char *value;

    if (!word || !message_slot_find(message, word, &slot) || message_slot_count(slot) == 0)
        return NULL;
    value = message_slot_text(slot, 0);
    for (word = strtok_r(NULL, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *list = strchr(word, '=');

        if (list && strncmp(word, value, (size_t)(list - word)) == 0 && !value[list - word])
            return list + 1;
    }
    return NULL;
}

static const char *value_text(struct cli *cli, const struct column *column,
                              const ProtobufCMessage *message, struct message_slot slot,
                              size_t index)
{
    const char *text;
    int64_t centi;

    switch (column->format) {
    case VIEW_LABEL:
        return reference_label(cli, column->list, message_slot_text(slot, index));
    case VIEW_LABEL_BY:
        text = list_by(cli, column->list, message);
        return text ? reference_label(cli, text, message_slot_text(slot, index))
                    : message_slot_text(slot, index);
    case VIEW_WORD:
        text = message_slot_text(slot, index);
        return *text ? _(text) : "";
    case VIEW_WARNING:
        return view_warning(message_slot_text(slot, index));
    case VIEW_AGENT:
        return view_person(cli, REFERENCE_AGENTS, (uint64_t)message_slot_int(slot, index));
    case VIEW_PARTNER:
        return view_person(cli, REFERENCE_PARTNERS, (uint64_t)message_slot_int(slot, index));
    case VIEW_CONTACT:
        return view_person(cli, REFERENCE_CONTACTS, (uint64_t)message_slot_int(slot, index));
    case VIEW_PERSON:
        return person_text(cli, (const void *)message_slot_message(slot, index));
    case VIEW_MINUTE:
        centi = message_slot_int(slot, index);
        text = arena_printf(&cli->arena, "%02d:%02d", (int)(centi / 60), (int)(centi % 60));
        return text ? text : "";
    case VIEW_CENTI:
        centi = message_slot_int(slot, index);
        text = arena_printf(&cli->arena, "%d%c%02d", (int)(centi / 100),
                            cli->french ? ',' : '.', (int)(centi % 100));
        return text ? text : "";
    case VIEW_PRINCIPAL:
        return view_principal(cli, (const void *)message_slot_message(slot, index));
    case VIEW_WHO:
        return who_text(cli, (const void *)message_slot_message(slot, index));
    case VIEW_MARK:
        return message_slot_int(slot, index) ? "x" : "";
    default:
        return plain_text(cli, slot, index);
    }
}

static bool is_in_words(enum view_format format)
{
    return format == VIEW_LABEL || format == VIEW_WORD || format == VIEW_WARNING;
}

const char *view_cell(struct cli *cli, const struct column *column,
                      const ProtobufCMessage *message)
{
    struct message_slot slot;
    const char *text = "";
    size_t count;

    if (!message_slot_find(message, column->path, &slot))
        return "";
    count = message_slot_count(slot);
    for (size_t i = 0; i < count; i++) {
        const char *value = value_text(cli, column, message, slot, i);

        if (i > 0)
            value = arena_printf(&cli->arena, "%s%s%s", text,
                                 is_in_words(column->format) ? " / " : ", ", value);
        text = value ? value : "";
    }
    return text;
}

int view_prepare(struct cli *cli, const struct view *view)
{
    bool wanted[REFERENCE_KINDS] = {false};
    bool clocks = false;
    int status = 0;

    for (size_t i = 0; i < view->column_count; i++) {
        clocks = clocks || ends_with(view->columns[i].path, "_us");
        if (view->columns[i].format == VIEW_LABEL || view->columns[i].format == VIEW_LABEL_BY)
            wanted[REFERENCE_LIST_VALUES] = true;
        if (view->columns[i].format == VIEW_AGENT || view->columns[i].format == VIEW_WHO)
            wanted[REFERENCE_AGENTS] = true;
        if (view->columns[i].format == VIEW_PARTNER)
            wanted[REFERENCE_PARTNERS] = true;
        if (view->columns[i].format == VIEW_CONTACT || view->columns[i].format == VIEW_WHO)
            wanted[REFERENCE_CONTACTS] = true;
    }
    if (clocks)
        status = reference_take_zone(cli);
    for (int kind = 0; kind < REFERENCE_KINDS; kind++)
        if (wanted[kind] && !status)
            status = reference_load_quietly(cli, (enum reference_kind)kind);
    for (size_t i = 0; view->parts && view->parts[i] && !status; i++)
        status = view_prepare(cli, view->parts[i]);
    return status;
}

static bool is_number(const ProtobufCMessageDescriptor *type, const struct column *column)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(type, column->path);

    if (!field || column->format != VIEW_PLAIN || is_day(column->path) ||
        ends_with(column->path, "_us"))
        return false;
    return field->type == PROTOBUF_C_TYPE_UINT32 || field->type == PROTOBUF_C_TYPE_UINT64;
}

static int show_table(struct cli *cli, const struct view *view,
                      const ProtobufCMessage *const *messages, size_t count)
{
    struct table table;
    const char **row;

    table_init(&table, &cli->arena, view->column_count);
    for (size_t c = 0; c < view->column_count; c++) {
        table.titles[c] = _(view->columns[c].title);
        table.right[c] = is_number(messages[0]->descriptor, &view->columns[c]);
    }
    for (size_t i = 0; i < count; i++) {
        row = table_add_row(&table);
        if (!row)
            return EX_OSERR;
        for (size_t c = 0; c < view->column_count; c++)
            row[c] = view_cell(cli, &view->columns[c], messages[i]);
    }
    table_write(&table, cli->out, cli->width, cli->color);
    return 0;
}

static int show_part(struct cli *cli, const struct view *part, const ProtobufCMessage *message)
{
    struct message_slot slot;
    const ProtobufCMessage **items;
    size_t count;

    if (!message_slot_find(message, part->path, &slot))
        return 0;
    count = message_slot_count(slot);
    if (count == 0)
        return 0;
    items = arena_alloc(&cli->arena, count * sizeof(void *));
    if (!items)
        return EX_OSERR;
    for (size_t i = 0; i < count; i++)
        items[i] = message_slot_message(slot, i);
    fputc('\n', cli->out);
    return show_table(cli, part, items, count);
}

static int show_record(struct cli *cli, const struct view *view,
                       const ProtobufCMessage *message)
{
    size_t width = 0;
    int status = 0;

    for (size_t c = 0; c < view->column_count; c++) {
        size_t title = table_text_width(_(view->columns[c].title));

        if (title > width && title <= RECORD_TITLE_MAX)
            width = title;
    }
    for (size_t c = 0; c < view->column_count; c++) {
        const char *text = view_cell(cli, &view->columns[c], message);
        size_t written;

        if (!*text)
            continue;
        written = table_write_text(cli->out, _(view->columns[c].title), 0);
        fprintf(cli->out, "%*s", (int)(width > written ? width - written + 2 : 2), "");
        table_write_text(cli->out, text, 0);
        fputc('\n', cli->out);
    }
    for (size_t i = 0; view->parts && view->parts[i] && !status; i++)
        status = show_part(cli, view->parts[i], message);
    return status;
}

int view_show(struct cli *cli, const struct view *view, const ProtobufCMessage *const *messages,
              size_t count)
{
    int status = 0;

    if (cli->json)
        return view_write_json(cli, messages, count, view->layout == VIEW_RECORD);
    if (count == 0) {
        fprintf(cli->out, "%s\n", view->empty ? _(view->empty) : _("nothing"));
        return 0;
    }
    if (view->layout == VIEW_TABLE)
        return show_table(cli, view, messages, count);
    for (size_t i = 0; i < count && !status; i++) {
        if (i > 0)
            fputc('\n', cli->out);
        status = show_record(cli, view, messages[i]);
    }
    return status;
}

/* Done all the same, but worth a look. */
static void show_warnings(struct cli *cli, const Ctps__Reply *reply)
{
    static const struct {
        const char *code;
        const char *text;
    } rows[] = {
        {"due_not_working_day", N_("the due day is not a working day")},
        {"duplicate_proposed", N_("perhaps followed already: see ctps duplicate list")},
        {"district_count_unusual", N_("a territory usually has one to four districts")},
    };

    for (size_t i = 0; i < reply->n_warnings; i++) {
        const char *text = reply->warnings[i];

        for (size_t j = 0; j < sizeof rows / sizeof *rows; j++)
            if (strcmp(rows[j].code, text) == 0)
                text = _(rows[j].text);
        fprintf(cli->err, _("note: %s\n"), text);
    }
}

int view_show_made(struct cli *cli, const Ctps__Reply *reply)
{
    const ProtobufCMessage *message = &reply->base;

    if (cli->json)
        return view_write_json(cli, &message, 1, true);
    show_warnings(cli, reply);
    for (size_t i = 0; i < reply->n_made; i++) {
        const Ctps__Made *made = reply->made[i];

        if (made->reference && *made->reference)
            fprintf(cli->out, "%s  (%" PRIu64 ")\n", made->reference, made->id);
        else
            fprintf(cli->out, "%" PRIu64 "\n", made->id);
    }
    if (reply->n_made == 0)
        fprintf(cli->out, "%s\n",
                reply->status == CTPS__REPLY_STATUS__REPLY_CHECKED ? _("it would be done")
                                                                   : _("done"));
    return 0;
}

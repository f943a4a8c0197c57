#include "import_run.h"

#include "lang.h"
#include "message.h"
#include "value.h"

#include <string.h>
#include <sysexits.h>

/* One file of reference data being taken over. */
struct taking {
    struct import_run *run;
    struct import_file *file;
    enum reference_kind kind;
    ProtobufCMessage **sent; /* by record: what was sent of it */
};

static const enum reference_kind reference_kinds[IMPORT_TABLE] = {
    REFERENCE_LIST_VALUES, REFERENCE_TERRITORIES, REFERENCE_AGENTS, REFERENCE_PARTNERS,
    REFERENCE_CONTACTS};

struct maker {
    struct cli *cli;
    const struct import_map *map;
    const struct import_record *record;
    struct import_fault fault;
};

static const char *cell(const struct maker *m, enum import_field field)
{
    return import_cell(m->map, m->record, field);
}

static bool fail(struct maker *m, enum import_cause cause, enum import_field field)
{
    const char *text = cell(m, field);

    m->fault =
        (struct import_fault){.cause = cause, .field = field, .value = *text ? text : NULL};
    return false;
}

static char *keep(struct maker *m, enum import_field field)
{
    const char *text = cell(m, field);
    char *copy = *text ? arena_strdup(&m->cli->arena, text) : NULL;

    for (char *c = copy; c && *c; c++)
        if (*c == '\n' || *c == '\t')
            *c = ' ';
    return copy;
}

static char *keep_code(struct maker *m, enum import_field field, const char *list)
{
    const char *code = import_value_code(m->cli, list, cell(m, field));

    return code ? arena_strdup(&m->cli->arena, code) : NULL;
}

static bool take_needed(struct maker *m, enum import_field field, enum import_cause missing,
                        char **ret_text)
{
    *ret_text = keep(m, field);
    return *ret_text || fail(m, missing, field);
}

static bool take_day(struct maker *m, enum import_field field, protobuf_c_boolean *ret_has,
                     int32_t *ret_day)
{
    if (!*cell(m, field))
        return true;
    if (!import_value_day(cell(m, field), ret_day))
        return fail(m, CAUSE_DATE_BAD, field);
    *ret_has = 1;
    return true;
}

static bool is_any(void *ctx, const char *part)
{
    /* The whole cell is not one part while it still holds a separator. */
    const char *const *separator = ctx;

    return *part && !strstr(part, *separator);
}

static bool is_territory(void *ctx, const char *part)
{
    return reference_find(ctx, REFERENCE_TERRITORIES, NULL, part, NULL) != NULL;
}

static bool take_territories(struct maker *m, size_t *ret_count, char ***ret_codes)
{
    static const char *const separators[] = {" ", ",", ";", "|", "/", NULL};
    const char *text = cell(m, FIELD_TERRITORIES);
    const char *parts[IMPORT_PARTS_MAX];
    const char *bad;
    size_t count;

    if (!*text)
        return true;
    count =
        import_value_split(&m->cli->arena, text, separators, is_territory, m->cli, parts, &bad);
    if (count == 0)
        return fail(m, CAUSE_TERRITORY_UNKNOWN, FIELD_TERRITORIES);
    *ret_codes = arena_alloc(&m->cli->arena, count * sizeof **ret_codes);
    for (size_t i = 0; *ret_codes && i < count; i++) {
        const Ctps__Territory *territory = (const Ctps__Territory *)reference_find(
            m->cli, REFERENCE_TERRITORIES, NULL, parts[i], NULL);

        (*ret_codes)[(*ret_count)++] = arena_strdup(&m->cli->arena, territory->code);
    }
    return true;
}

static ProtobufCMessage *make_list_value(struct maker *m)
{
    Ctps__ListValue *value =
        (Ctps__ListValue *)message_new(&m->cli->arena, &ctps__list_value__descriptor);

    if (!value || !take_needed(m, FIELD_LIST, CAUSE_NAME_MISSING, &value->list) ||
        !take_needed(m, FIELD_CODE, CAUSE_CODE_MISSING, &value->code) ||
        !take_needed(m, FIELD_LABEL_FR, CAUSE_LABEL_MISSING, &value->label_fr))
        return NULL;
    value->label_en = keep(m, FIELD_LABEL_EN);
    return &value->base;
}

static bool take_districts(struct maker *m, Ctps__Territory *territory)
{
    const char *text = cell(m, FIELD_DISTRICTS);
    const char *separators[2] = {strchr(text, '|') ? "|" : strchr(text, ';') ? ";" : ",", NULL};
    const char *parts[IMPORT_PARTS_MAX];
    const char *bad;
    size_t count;

    if (!*text)
        return true;
    count =
        import_value_split(&m->cli->arena, text, separators, is_any, separators, parts, &bad);
    territory->districts = arena_alloc(&m->cli->arena, (count + 1) * sizeof *parts);
    for (size_t i = 0; territory->districts && i < count; i++)
        territory->districts[territory->n_districts++] = arena_strdup(&m->cli->arena, parts[i]);
    return true;
}

static ProtobufCMessage *make_territory(struct maker *m)
{
    Ctps__Territory *territory =
        (Ctps__Territory *)message_new(&m->cli->arena, &ctps__territory__descriptor);

    if (!territory || !take_needed(m, FIELD_CODE, CAUSE_CODE_MISSING, &territory->code) ||
        !take_needed(m, FIELD_NAME, CAUSE_NAME_MISSING, &territory->name) ||
        !take_districts(m, territory))
        return NULL;
    if (*cell(m, FIELD_POPULATION)) {
        territory->has_population = 1;
        if (!import_value_population(cell(m, FIELD_POPULATION), &territory->population)) {
            fail(m, CAUSE_NUMBER_BAD, FIELD_POPULATION);
            return NULL;
        }
    }
    return &territory->base;
}

static bool take_agent_codes(struct maker *m, Ctps__Agent *agent)
{
    agent->function = keep_code(m, FIELD_FUNCTION, "fonction");
    if (!agent->function)
        return fail(m, CAUSE_FUNCTION_UNKNOWN, FIELD_FUNCTION);
    if (*cell(m, FIELD_FUNDER)) {
        agent->funder = keep_code(m, FIELD_FUNDER, "financeur");
        if (!agent->funder)
            return fail(m, CAUSE_FUNDER_UNKNOWN, FIELD_FUNDER);
    }
    if (*cell(m, FIELD_FTE)) {
        agent->has_fte_centi = 1;
        if (!value_parse_centi(cell(m, FIELD_FTE), &agent->fte_centi))
            return fail(m, CAUSE_NUMBER_BAD, FIELD_FTE);
    }
    return true;
}

static ProtobufCMessage *make_agent(struct maker *m)
{
    Ctps__Agent *agent = (Ctps__Agent *)message_new(&m->cli->arena, &ctps__agent__descriptor);

    if (!agent || !take_needed(m, FIELD_LAST_NAME, CAUSE_NAME_MISSING, &agent->last_name) ||
        !take_needed(m, FIELD_FIRST_NAME, CAUSE_NAME_MISSING, &agent->first_name) ||
        !take_agent_codes(m, agent) ||
        !take_territories(m, &agent->n_territories, &agent->territories) ||
        !take_day(m, FIELD_FROM, &agent->has_habilitation_from_day,
                  &agent->habilitation_from_day) ||
        !take_day(m, FIELD_TO, &agent->has_habilitation_to_day, &agent->habilitation_to_day))
        return NULL;
    agent->email = keep(m, FIELD_EMAIL);
    agent->habilitation_act = keep(m, FIELD_ACT);
    return &agent->base;
}

static const char *family_of(struct cli *cli, const char *text)
{
    const char *code = import_value_code(cli, "origine", text);

    if (code && (strcmp(code, "institutionnel") == 0 || strcmp(code, "terrain") == 0))
        return code;
    return NULL;
}

static ProtobufCMessage *make_partner(struct maker *m)
{
    Ctps__Partner *partner =
        (Ctps__Partner *)message_new(&m->cli->arena, &ctps__partner__descriptor);
    const char *family;

    if (!partner || !take_needed(m, FIELD_NAME, CAUSE_NAME_MISSING, &partner->name) ||
        !take_territories(m, &partner->n_territories, &partner->territories))
        return NULL;
    family = family_of(m->cli, cell(m, FIELD_FAMILY));
    partner->kind = keep_code(m, FIELD_PARTNER_KIND, "type_partenaire");
    if (!family)
        fail(m, CAUSE_FAMILY_UNKNOWN, FIELD_FAMILY);
    else if (!partner->kind)
        fail(m, CAUSE_KIND_UNKNOWN, FIELD_PARTNER_KIND);
    if (!family || !partner->kind)
        return NULL;
    partner->family = arena_strdup(&m->cli->arena, family);
    return &partner->base;
}

static bool take_notify(struct maker *m, Ctps__Contact *contact)
{
    static const struct {
        const char *word;
        const char *code;
    } words[] = {{"chaque événement", "each"},
                 {"chaque évènement", "each"},
                 {"each", "each"},
                 {"résumé quotidien", "digest"},
                 {"quotidien", "digest"},
                 {"digest", "digest"},
                 {"aucune", "none"},
                 {"non", "none"},
                 {"none", "none"}};
    const char *text = cell(m, FIELD_NOTIFY);

    if (!*text)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i].word) == 0) {
            contact->notify = arena_strdup(&m->cli->arena, words[i].code);
            return true;
        }
    return fail(m, CAUSE_NOTIFY_UNKNOWN, FIELD_NOTIFY);
}

static ProtobufCMessage *make_contact(struct maker *m)
{
    Ctps__Contact *contact =
        (Ctps__Contact *)message_new(&m->cli->arena, &ctps__contact__descriptor);
    const struct reference_item *partner =
        reference_find_item(m->cli, REFERENCE_PARTNERS, NULL, cell(m, FIELD_PARTNER), NULL);

    if (!partner || (!partner->pending && reference_id(partner->message) == 0)) {
        fail(m, CAUSE_PARTNER_UNKNOWN, FIELD_PARTNER);
        return NULL;
    }
    if (!contact || !take_needed(m, FIELD_LAST_NAME, CAUSE_NAME_MISSING, &contact->last_name) ||
        !take_needed(m, FIELD_FIRST_NAME, CAUSE_NAME_MISSING, &contact->first_name) ||
        !take_notify(m, contact) ||
        !take_day(m, FIELD_SIGNED, &contact->has_charter_day, &contact->charter_day))
        return NULL;
    contact->has_partner = 1;
    contact->partner = reference_id(partner->message);
    contact->function = keep(m, FIELD_FUNCTION);
    contact->email = keep(m, FIELD_EMAIL);
    contact->phone = keep(m, FIELD_PHONE);
    contact->charter_version = keep(m, FIELD_CHARTER);
    return &contact->base;
}

static ProtobufCMessage *make(struct maker *m)
{
    switch (m->map->kind) {
    case IMPORT_LISTS:
        return make_list_value(m);
    case IMPORT_TERRITORIES:
        return make_territory(m);
    case IMPORT_AGENTS:
        return make_agent(m);
    case IMPORT_PARTNERS:
        return make_partner(m);
    default:
        return make_contact(m);
    }
}

static bool same_code(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* Whether `old` is the thing `new` speaks of: by code, e-mail, or name at the same partner. */
static bool is_same_thing(enum reference_kind kind, const struct reference_item *old,
                          const struct reference_item *new)
{
    const Ctps__Agent *agent = (const Ctps__Agent *)old->message;
    const Ctps__Agent *new_agent = (const Ctps__Agent *)new->message;

    switch (kind) {
    case REFERENCE_LIST_VALUES:
        return same_code(old->scope, new->scope) &&
               same_code(((const Ctps__ListValue *)old->message)->code,
                         ((const Ctps__ListValue *)new->message)->code);
    case REFERENCE_TERRITORIES:
        return same_code(((const Ctps__Territory *)old->message)->code,
                         ((const Ctps__Territory *)new->message)->code);
    case REFERENCE_AGENTS:
        if (agent->email && *agent->email && new_agent->email)
            return same_code(old->keys[1], new->keys[1]);
        return same_code(old->keys[0], new->keys[0]);
    case REFERENCE_CONTACTS:
        return ((const Ctps__Contact *)old->message)->partner ==
                   ((const Ctps__Contact *)new->message)->partner &&
               same_code(old->keys[0], new->keys[0]);
    default:
        return same_code(old->keys[0], new->keys[0]);
    }
}

/* What a file says of a thing against what is known: its id and whether it is out of use are
 * not the file's to say. */
static bool is_unchanged(const ProtobufCMessage *old, const ProtobufCMessage *new)
{
    static const char *const apart[] = {"id", "retired", "inactive"};
    const ProtobufCMessageDescriptor *type = old->descriptor;
    struct message_slot a;
    struct message_slot b;

    for (unsigned i = 0; i < type->n_fields; i++) {
        const char *name = type->fields[i].name;

        if (same_code(name, apart[0]) || same_code(name, apart[1]) || same_code(name, apart[2]))
            continue;
        message_slot_find(old, name, &a);
        message_slot_find(new, name, &b);
        if (!message_slot_equals(a, b))
            return false;
    }
    return true;
}

/* The known item the last one added stands for, NULL when it is new; what is new stays added,
 * what is known is taken out again. */
static struct reference_item *find_known(struct taking *taking)
{
    struct reference_set *set = &taking->run->cli->reference.sets[taking->kind];
    struct reference_item *new = &set->items[set->count - 1];

    for (size_t i = 0; i + 1 < set->count; i++)
        if (is_same_thing(taking->kind, &set->items[i], new)) {
            set->count--;
            return &set->items[i];
        }
    return NULL;
}

static void set_command(Ctps__Request *request, enum import_kind kind,
                        ProtobufCMessage *message)
{
    switch (kind) {
    case IMPORT_LISTS:
        request->command_case = CTPS__REQUEST__COMMAND_LIST_VALUE_SET;
        request->list_value_set = (Ctps__ListValue *)message;
        break;
    case IMPORT_TERRITORIES:
        request->command_case = CTPS__REQUEST__COMMAND_TERRITORY_SET;
        request->territory_set = (Ctps__Territory *)message;
        break;
    case IMPORT_AGENTS:
        request->command_case = CTPS__REQUEST__COMMAND_AGENT_SET;
        request->agent_set = (Ctps__Agent *)message;
        break;
    case IMPORT_PARTNERS:
        request->command_case = CTPS__REQUEST__COMMAND_PARTNER_SET;
        request->partner_set = (Ctps__Partner *)message;
        break;
    default:
        request->command_case = CTPS__REQUEST__COMMAND_CONTACT_SET;
        request->contact_set = (Ctps__Contact *)message;
        break;
    }
}

static bool set_id(struct cli *cli, ProtobufCMessage *message, uint64_t id)
{
    struct message_slot slot;

    if (!protobuf_c_message_descriptor_get_field_by_name(message->descriptor, "id"))
        return true;
    return message_slot_make(&cli->arena, message, "id", false, &slot) &&
           message_slot_set_int(&cli->arena, slot, (int64_t)id);
}

static int answered(void *ctx, uint64_t tag, const Ctps__Reply *reply)
{
    struct taking *taking = ctx;
    struct import_run *run = taking->run;
    const struct import_record *record = &taking->file->sheet.records[tag];

    if (reply->status == CTPS__REPLY_STATUS__REPLY_BUSY)
        return EX_TEMPFAIL;
    if (reply->status == CTPS__REPLY_STATUS__REPLY_REFUSED)
        return import_run_refuse_reply(run, taking->file, record, reply->refusal)
                   ? 0
                   : request_refused(run->cli, reply->refusal);
    taking->file->taken++;
    if (reply->n_made > 0)
        set_id(run->cli, taking->sent[tag], reply->made[0]->id);
    return 0;
}

/* What leans on things that a dry run has not made cannot be shown to the daemon. */
static bool is_sendable(const struct taking *taking)
{
    return !taking->run->pending || taking->file->kind == IMPORT_LISTS ||
           taking->file->kind == IMPORT_TERRITORIES;
}

static int take_record(struct taking *taking, struct request_pipe *pipe, size_t index)
{
    struct import_run *run = taking->run;
    struct import_file *file = taking->file;
    struct maker maker = {
        .cli = run->cli, .map = &file->map, .record = &file->sheet.records[index]};
    Ctps__Request request = CTPS__REQUEST__INIT;
    ProtobufCMessage *message = make(&maker);
    struct reference_item *known;

    if (!message) {
        import_run_refuse(run, file, maker.record, &maker.fault);
        return 0;
    }
    if (!reference_add(run->cli, taking->kind, message, run->dry_run))
        return EX_OSERR;
    known = find_known(taking);
    if (known && is_unchanged(known->message, message)) {
        file->unchanged++;
        return 0;
    }
    if (known && !run->update) {
        file->changed++;
        return 0;
    }
    if (known && !set_id(run->cli, message, reference_id(known->message)))
        return EX_OSERR;
    if (known)
        known->message = message;
    taking->sent[index] = message;
    request.has_dry_run = 1;
    request.dry_run = run->dry_run;
    set_command(&request, file->kind, message);
    if (is_sendable(taking))
        return request_pipe_send(pipe, &request, index);
    file->taken++;
    return 0;
}

static int load_needed(struct cli *cli, enum import_kind kind)
{
    int status = reference_load(cli, REFERENCE_LIST_VALUES);

    if (!status)
        status = reference_load(cli, REFERENCE_TERRITORIES);
    if (!status && kind >= IMPORT_AGENTS)
        status = reference_load(cli, reference_kinds[kind]);
    if (!status && kind == IMPORT_CONTACTS)
        status = reference_load(cli, REFERENCE_PARTNERS);
    return status;
}

int import_reference_take(struct import_run *run, struct import_file *file)
{
    struct taking taking = {.run = run, .file = file, .kind = reference_kinds[file->kind]};
    struct request_pipe *pipe = NULL;
    int status = load_needed(run->cli, file->kind);

    if (status)
        return status;
    taking.sent = arena_alloc(&run->cli->arena,
                              (file->sheet.record_count + 1) * sizeof(ProtobufCMessage *));
    if (!taking.sent)
        return EX_OSERR;
    status = request_pipe_new(run->cli, answered, &taking, &pipe);
    for (size_t i = 0; i < file->sheet.record_count && !status; i++) {
        status = take_record(&taking, pipe, i);
        import_run_progress(run, file, i + 1);
    }
    if (!status)
        status = request_pipe_drain(pipe);
    request_pipe_free(&pipe);
    run->pending = run->pending || (run->dry_run && file->taken > 0);
    return status;
}

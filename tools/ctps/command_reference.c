#include "command_reference.h"

#include "lang.h"
#include "output.h"
#include "request.h"
#include "value.h"

#include <string.h>
#include <sysexits.h>

static bool kind_of(const ProtobufCMessageDescriptor *type, enum reference_kind *ret_kind)
{
    static const ProtobufCMessageDescriptor *const types[REFERENCE_KINDS] = {
        &ctps__list_value__descriptor, &ctps__territory__descriptor, &ctps__agent__descriptor,
        &ctps__partner__descriptor, &ctps__contact__descriptor};

    for (int i = 0; i < REFERENCE_KINDS; i++)
        if (types[i] == type) {
            *ret_kind = (enum reference_kind)i;
            return true;
        }
    return false;
}

/* Type of the elements a view of the reference answer shows. */
static const ProtobufCMessageDescriptor *element_type(const struct view *view)
{
    const char *name = strchr(view->path, '.') + 1;

    return protobuf_c_message_descriptor_get_field_by_name(&ctps__reference_answer__descriptor,
                                                           name)
        ->descriptor;
}

static int fill_filter(struct cli *cli, const struct args *args, ProtobufCMessage *filter)
{
    struct message_slot slot;
    int status = 0;

    for (size_t i = 0; i < args->count && !status; i++) {
        const struct arg *arg = &args->items[i];

        if (!arg->row->target)
            continue;
        if (!message_slot_make(&cli->arena, filter, arg->row->target, false, &slot))
            return EX_OSERR;
        status = value_set(cli, arg->row, arg->text, slot);
    }
    return status;
}

static bool is_hidden(const ProtobufCMessage *item, const struct args *args)
{
    if (item->descriptor == &ctps__list_value__descriptor)
        return ((const Ctps__ListValue *)item)->retired && !args_get(args, "with-retired");
    if (item->descriptor == &ctps__contact__descriptor)
        return ((const Ctps__Contact *)item)->inactive && !args_get(args, "with-inactive");
    return false;
}

/* A partner that names no territory works in all of them. */
static bool is_elsewhere(struct cli *cli, const ProtobufCMessage *item, const char *territory)
{
    const Ctps__Contact *contact = (const Ctps__Contact *)item;
    const Ctps__Partner *partner;

    if (!territory || item->descriptor != &ctps__contact__descriptor)
        return false;
    partner = (const Ctps__Partner *)reference_by_id(cli, REFERENCE_PARTNERS, contact->partner);
    if (!partner)
        return true;
    for (size_t i = 0; i < partner->n_territories; i++)
        if (strcmp(partner->territories[i], territory) == 0)
            return false;
    return partner->n_territories > 0;
}

/* The code of the territory asked for, which no field of a contact holds. */
static int territory_of(struct cli *cli, const struct args *args, const char **ret_code)
{
    const char *text = args_get(args, "territory");
    const ProtobufCMessage *found;
    int status = text ? reference_load(cli, REFERENCE_TERRITORIES) : 0;

    *ret_code = NULL;
    if (!text || status)
        return status;
    found = reference_find(cli, REFERENCE_TERRITORIES, NULL, text, NULL);
    if (found) {
        *ret_code = ((const Ctps__Territory *)found)->code;
        return reference_load(cli, REFERENCE_PARTNERS);
    }
    cli_complain(cli, _("unknown territory \"%s\"; see ctps territory list"), text);
    return EX_DATAERR;
}

static bool passes(const ProtobufCMessage *item, const ProtobufCMessage *filter,
                   const struct args *args)
{
    struct message_slot wanted;
    struct message_slot has;

    for (size_t i = 0; i < args->count; i++) {
        const char *target = args->items[i].row->target;

        if (!target)
            continue;
        if (!message_slot_find(filter, target, &wanted) ||
            !message_slot_find(item, target, &has) || !message_slot_shares(wanted, has))
            return false;
    }
    return !is_hidden(item, args);
}

int command_reference_list(struct cli *cli, const struct command *command,
                           const struct args *args)
{
    const ProtobufCMessageDescriptor *type = element_type(command->view);
    ProtobufCMessage *filter = message_new(&cli->arena, type);
    const ProtobufCMessage **items;
    const struct reference_set *set;
    enum reference_kind kind;
    const char *territory;
    size_t count = 0;
    int status;

    if (!filter || !kind_of(type, &kind))
        return EX_SOFTWARE;
    status = reference_load(cli, kind);
    if (!status && (!cli->json || output_is_wanted(args)))
        status = view_prepare(cli, command->view);
    if (!status)
        status = territory_of(cli, args, &territory);
    if (!status)
        status = fill_filter(cli, args, filter);
    if (status)
        return status;
    set = &cli->reference.sets[kind];
    items = arena_alloc(&cli->arena, (set->count + 1) * sizeof(void *));
    if (!items)
        return EX_OSERR;
    for (size_t i = 0; i < set->count; i++)
        if (passes(set->items[i].message, filter, args) &&
            !is_elsewhere(cli, set->items[i].message, territory))
            items[count++] = set->items[i].message;
    return output_is_wanted(args) ? output_write(cli, command->view, args, items, count)
                                  : view_show(cli, command->view, items, count);
}

static int find_town(struct cli *cli, const ProtobufCMessage **ret_item)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__ReferenceList list = CTPS__REFERENCE_LIST__INIT;
    Ctps__Reply *reply;
    int status;

    request.command_case = CTPS__REQUEST__COMMAND_REFERENCE_LIST;
    request.reference_list = &list;
    status = request_run(cli, &request, &reply);
    if (!status && reply->answer_case == CTPS__REPLY__ANSWER_REFERENCE_ANSWER &&
        reply->reference_answer->town)
        *ret_item = &reply->reference_answer->town->base;
    return status;
}

static int find_instance(struct cli *cli, const char *code, const ProtobufCMessage **ret_item)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__InstanceList list = CTPS__INSTANCE_LIST__INIT;
    Ctps__Reply *reply;
    int status;

    request.command_case = CTPS__REQUEST__COMMAND_INSTANCE_LIST;
    request.instance_list = &list;
    status = request_run(cli, &request, &reply);
    if (status || reply->answer_case != CTPS__REPLY__ANSWER_INSTANCE_ANSWER)
        return status;
    for (size_t i = 0; i < reply->instance_answer->n_instances; i++)
        if (strcmp(reply->instance_answer->instances[i]->code, code) == 0)
            *ret_item = &reply->instance_answer->instances[i]->base;
    return 0;
}

static const ProtobufCMessage *find_by_code(struct cli *cli, enum reference_kind kind,
                                            const struct args *args)
{
    const struct reference_set *set = &cli->reference.sets[kind];
    const char *code = args_get(args, "CODE");
    const char *list = args_get(args, "LIST");

    for (size_t i = 0; code && i < set->count; i++) {
        const ProtobufCMessage *item = set->items[i].message;
        const char *has = kind == REFERENCE_TERRITORIES ? ((const Ctps__Territory *)item)->code
                                                        : ((const Ctps__ListValue *)item)->code;

        if (has && strcmp(has, code) == 0 &&
            (!list || (set->items[i].scope && strcmp(set->items[i].scope, list) == 0)))
            return item;
    }
    return NULL;
}

/* What the command alters; *ret_item stays NULL when it is to be made. */
static int find_existing(struct cli *cli, const ProtobufCMessageDescriptor *type,
                         const struct args *args, const ProtobufCMessage **ret_item)
{
    static const enum option_kind by_name[REFERENCE_KINDS] = {
        OPTION_CODE, OPTION_TERRITORY, OPTION_AGENT, OPTION_PARTNER, OPTION_CONTACT};
    enum reference_kind kind;
    uint64_t id;
    int status;

    if (type == &ctps__instance__descriptor)
        return find_instance(cli, args_get(args, "CODE"), ret_item);
    if (!kind_of(type, &kind))
        return find_town(cli, ret_item);
    status = reference_load(cli, kind);
    if (status)
        return status;
    if (kind == REFERENCE_LIST_VALUES || kind == REFERENCE_TERRITORIES) {
        *ret_item = find_by_code(cli, kind, args);
        return 0;
    }
    status = value_find_id(cli, by_name[kind], args->items[0].text, &id);
    if (status)
        return status;
    *ret_item = reference_by_id(cli, kind, id);
    if (*ret_item)
        return 0;
    cli_complain(cli, _("nobody and nothing called \"%s\""), args->items[0].text);
    return EX_NOINPUT;
}

/* A field named on the command line is replaced whole, not added to; a field of a repeated part
 * begins a new one. */
static void clear_named(const struct args *args, ProtobufCMessage *member)
{
    struct message_slot slot;

    for (size_t i = 0; i < args->count; i++) {
        const struct option_row *row = args->items[i].row;

        if (row->target && !strchr(row->target, '.') && !(row->flags & OPTION_REQUEST) &&
            message_slot_find(member, row->target, &slot))
            message_slot_clear(slot);
    }
}

int command_reference_set(struct cli *cli, const struct command *command,
                          const struct args *args)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(
        &ctps__request__descriptor, command->request);
    const ProtobufCMessage *existing = NULL;
    ProtobufCMessage *member;
    Ctps__Reply *reply;
    int status = find_existing(cli, field->descriptor, args, &existing);

    if (status)
        return status;
    if (!existing && strcmp(command->verb, "retire") == 0) {
        cli_complain(cli, _("no such value in that list"));
        return EX_NOINPUT;
    }
    member = existing ? message_copy(&cli->arena, existing)
                      : message_new(&cli->arena, field->descriptor);
    if (!member)
        return EX_OSERR;
    clear_named(args, member);
    request.command_case = (Ctps__Request__CommandCase)field->id;
    *(ProtobufCMessage **)(void *)((char *)&request + field->offset) = member;
    status = command_fill(cli, command, args, &request.base);
    if (!status && member->descriptor == &ctps__list_value__descriptor &&
        strcmp(command->verb, "retire") == 0) {
        ((Ctps__ListValue *)member)->has_retired = 1;
        ((Ctps__ListValue *)member)->retired = args_get(args, "back") == NULL;
    }
    if (!status)
        status = request_run(cli, &request, &reply);
    return status ? status : view_show_made(cli, reply);
}

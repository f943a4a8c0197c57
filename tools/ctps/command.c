#include "command.h"

#include "lang.h"
#include "output.h"
#include "request.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { PAGE_MAX = 1000, PAGE_DEFAULT = 100 };

static const ProtobufCMessage *as_message(const Ctps__Reply *reply)
{
    return &reply->base;
}

/* "situation_close" + "id" -> "situation_close.id"; the request's own fields stand alone. */
static bool target_path(const struct command *command, const struct option_row *row,
                        char out[MESSAGE_PATH_MAX])
{
    int len;

    if (row->flags & OPTION_REQUEST)
        len = snprintf(out, MESSAGE_PATH_MAX, "%s", row->target);
    else
        len = snprintf(out, MESSAGE_PATH_MAX, "%s.%s", command->request, row->target);
    return len > 0 && len < MESSAGE_PATH_MAX;
}

static int fill_one(struct cli *cli, const struct command *command, const struct arg *arg,
                    ProtobufCMessage *request)
{
    char path[MESSAGE_PATH_MAX];
    struct message_slot slot;

    if (arg->row->flags & OPTION_CLEARS)
        return 0;
    if (!target_path(command, arg->row, path) ||
        !message_slot_make(&cli->arena, request, path, arg->row->flags & OPTION_BEGINS,
                           &slot)) {
        cli_complain(cli, _("too many values"));
        return EX_USAGE;
    }
    return value_set(cli, arg->row, arg->text, slot);
}

int command_fill(struct cli *cli, const struct command *command, const struct args *args,
                 ProtobufCMessage *request)
{
    char inside[MESSAGE_PATH_MAX];
    struct message_slot slot;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(request->descriptor, command->request);
    const ProtobufCMessageDescriptor *type = field->descriptor;
    int status = 0;

    /* Makes the member of the oneof even when no option fills it. */
    if (type->n_fields > 0) {
        snprintf(inside, sizeof inside, "%s.%s", command->request, type->fields[0].name);
        if (!message_slot_make(&cli->arena, request, inside, false, &slot))
            return EX_OSERR;
    } else {
        ((Ctps__Request *)request)->command_case = (Ctps__Request__CommandCase)field->id;
        *(ProtobufCMessage **)(void *)((char *)request + field->offset) =
            message_new(&cli->arena, type);
    }
    for (size_t i = 0; i < args->count && !status; i++)
        if (args->items[i].row->target)
            status = fill_one(cli, command, &args->items[i], request);
    return status;
}

struct listing {
    const ProtobufCMessage **items;
    size_t count;
    size_t cap;
};

static bool listing_add(struct cli *cli, struct listing *listing, const ProtobufCMessage *item)
{
    size_t cap = listing->cap ? listing->cap * 2 : 128;
    const ProtobufCMessage **grown;

    if (listing->count == listing->cap) {
        grown = arena_alloc(&cli->arena, cap * sizeof(void *));
        if (!grown)
            return false;
        if (listing->count)
            memcpy(grown, listing->items, listing->count * sizeof(void *));
        listing->items = grown;
        listing->cap = cap;
    }
    listing->items[listing->count++] = item;
    return true;
}

/* Adds the page's elements; *ret_more when the daemon says there is more behind them. */
static int take_page(struct cli *cli, const struct view *view, const Ctps__Reply *reply,
                     struct listing *listing, bool *ret_more)
{
    char path[MESSAGE_PATH_MAX];
    struct message_slot slot;
    size_t count;

    *ret_more = false;
    if (!message_slot_find(as_message(reply), view->path, &slot))
        return 0;
    count = message_slot_count(slot);
    for (size_t i = 0; i < count; i++)
        if (!listing_add(cli, listing, message_slot_message(slot, i)))
            return EX_OSERR;
    if (!view->cursor_to[0] || count == 0)
        return 0;
    snprintf(path, sizeof path, "%.*s.more", (int)strcspn(view->path, "."), view->path);
    if (message_slot_find(as_message(reply), path, &slot) && message_slot_count(slot))
        *ret_more = message_slot_int(slot, 0) != 0;
    return 0;
}

static int set_int(struct cli *cli, const struct command *command, ProtobufCMessage *request,
                   const char *field, int64_t value)
{
    char path[MESSAGE_PATH_MAX];
    struct message_slot slot;

    snprintf(path, sizeof path, "%s.%s", command->request, field);
    if (!message_slot_make(&cli->arena, request, path, false, &slot) ||
        !message_slot_set_int(&cli->arena, slot, value))
        return EX_SOFTWARE;
    return 0;
}

static int set_cursor(struct cli *cli, const struct command *command, ProtobufCMessage *request,
                      const ProtobufCMessage *last)
{
    const struct view *view = command->view;
    struct message_slot slot;
    int status = 0;

    for (size_t i = 0; i < 2 && view->cursor_to[i] && !status; i++)
        if (message_slot_find(last, view->cursor_from[i], &slot) && message_slot_count(slot))
            status =
                set_int(cli, command, request, view->cursor_to[i], message_slot_int(slot, 0));
    return status;
}

static int show(struct cli *cli, const struct command *command, const struct args *args,
                const struct listing *listing)
{
    if (output_is_wanted(args))
        return output_write(cli, command->view, args, listing->items, listing->count);
    return view_show(cli, command->view, listing->items, listing->count);
}

static int read_limit(const struct cli *cli, const struct args *args, uint64_t *ret_limit)
{
    const char *text = args_get(args, "limit");

    *ret_limit = args_get(args, "all") || output_is_wanted(args) ? UINT64_MAX : PAGE_DEFAULT;
    if (!text || (value_parse_count(text, ret_limit) && *ret_limit > 0))
        return 0;
    cli_complain(cli, _("--limit: a number above 0, not \"%s\""), text);
    return EX_USAGE;
}

static int run_paged(struct cli *cli, const struct command *command, const struct args *args,
                     Ctps__Request *request)
{
    struct listing listing = {0};
    Ctps__Reply *reply;
    uint64_t limit;
    bool more = true;
    int status = read_limit(cli, args, &limit);

    while (!status && more && listing.count < limit) {
        uint64_t left = limit - listing.count;

        status = set_int(cli, command, &request->base, "limit",
                         (int64_t)(left < PAGE_MAX ? left : PAGE_MAX));
        if (!status)
            status = request_run(cli, request, &reply);
        if (!status)
            status = take_page(cli, command->view, reply, &listing, &more);
        if (!status && more)
            status = set_cursor(cli, command, &request->base, listing.items[listing.count - 1]);
    }
    if (status)
        return status;
    status = show(cli, command, args, &listing);
    if (!status && more && !cli->json)
        fprintf(cli->err, _("... and more: --limit N or --all\n"));
    return status;
}

static int run_once(struct cli *cli, const struct command *command, const struct args *args,
                    Ctps__Request *request)
{
    struct listing listing = {0};
    Ctps__Reply *reply;
    bool more;
    int status = request_run(cli, request, &reply);

    if (status)
        return status;
    if (!command->view)
        return view_show_made(cli, reply);
    status = take_page(cli, command->view, reply, &listing, &more);
    return status ? status : show(cli, command, args, &listing);
}

/* The daemon is told that the answer leaves it in a file, where the command has a word for it.
 */
static int tell_export(struct cli *cli, const struct command *command, const struct args *args,
                       Ctps__Request *request)
{
    char path[MESSAGE_PATH_MAX];
    struct message_slot slot;

    snprintf(path, sizeof path, "%s.export", command->request);
    if (!output_is_wanted(args) || !message_slot_find(&request->base, path, &slot))
        return 0;
    return set_int(cli, command, &request->base, "export", 1);
}

int command_run_plain(struct cli *cli, const struct command *command, const struct args *args)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    int status = command_fill(cli, command, args, &request.base);

    if (!status)
        status = tell_export(cli, command, args, &request);
    if (!status && command->view && (!cli->json || output_is_wanted(args)))
        status = view_prepare(cli, command->view);
    if (status)
        return status;
    if (command->view && command->view->cursor_to[0])
        return run_paged(cli, command, args, &request);
    return run_once(cli, command, args, &request);
}

int command_run(struct cli *cli, const struct command *command, const struct args *args)
{
    cli->command = command;
    if (command->question && !args_get(args, "yes") &&
        !cli_confirm(cli, _(command->question))) {
        cli_complain(cli, _("not confirmed: nothing was done (--yes confirms)"));
        return EX_USAGE;
    }
    if (command->timeout_ms && cli->timeout_ms == CLI_TIMEOUT_MS)
        cli->timeout_ms = command->timeout_ms;
    return command->run ? command->run(cli, command, args)
                        : command_run_plain(cli, command, args);
}

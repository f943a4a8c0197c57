#include "command.h"
#include "lang.h"
#include "request.h"
#include "table.h"
#include "value.h"

#include <inttypes.h>
#include <string.h>
#include <sysexits.h>

enum { WAIT_MS = 500, TOPIC_COLUMNS = 26 };

static const struct option_row tail_options[] = {
    {"from", OPTION_COUNT, "N", N_("after event number N; 0: from the start; else from now on"),
     NULL, NULL, 0},
    {"audience", OPTION_TEXT, "NAME", N_("whose events: plugins (when not given) or audit"),
     NULL, NULL, 0},
    {"count", OPTION_COUNT, "N", N_("stop after N events"), NULL, NULL, 0},
    {"topic", OPTION_TEXT, "TOPIC", N_("only topics that begin so: situation."), NULL, NULL, 0},
};

static void write_principal(struct cli *cli, const Ctps__Notice *notice)
{
    Ctps__Principal principal = CTPS__PRINCIPAL__INIT;

    principal.has_kind = 1;
    principal.kind = notice->principal_kind;
    principal.has_id = notice->has_principal_id;
    principal.id = notice->principal_id;
    principal.name = notice->principal_name;
    fprintf(cli->out, " %s", view_principal(cli, &principal));
}

static void write_event(struct cli *cli, const struct session_event *event,
                        const Ctps__Notice *notice)
{
    size_t written;

    fprintf(cli->out, "%-12" PRIu64 " %s  ", event->number, view_instant(cli, event->time_us));
    written = table_write_text(cli->out, event->topic, 0);
    fprintf(cli->out, "%*s", (int)(written < TOPIC_COLUMNS ? TOPIC_COLUMNS - written : 1), "");
    if (notice->reference && *notice->reference)
        table_write_text(cli->out, notice->reference, 0);
    else if (notice->has_id)
        fprintf(cli->out, "%" PRIu64, notice->id);
    if (notice->code && *notice->code) {
        fputc(' ', cli->out);
        table_write_text(cli->out, notice->code, 0);
    }
    if (notice->has_principal_kind)
        write_principal(cli, notice);
    if (notice->action && *notice->action) {
        fputc(' ', cli->out);
        table_write_text(cli->out, notice->action, 0);
    }
    for (size_t i = 0; i < notice->n_objects; i++)
        fprintf(cli->out, " %" PRIu64, notice->objects[i]);
    if (notice->has_day)
        fprintf(cli->out, " %s", view_day(cli, notice->day));
    fputc('\n', cli->out);
}

static int write_json(struct cli *cli, const struct session_event *event, const char *audience,
                      Ctps__Notice *notice)
{
    Ctps__EventRecord record = CTPS__EVENT_RECORD__INIT;
    Ctps__EventHeader header = CTPS__EVENT_HEADER__INIT;
    char *copy = arena_strdup(&cli->arena, audience);
    char *topic = arena_strdup(&cli->arena, event->topic);
    uint8_t *incarnation =
        arena_copy(&cli->arena, event->incarnation.data, event->incarnation.len);

    header.has_incarnation = incarnation != NULL;
    header.incarnation =
        (ProtobufCBinaryData){.data = incarnation, .len = event->incarnation.len};
    header.audience = copy;
    header.has_number = 1;
    header.number = event->number;
    header.has_previous_number = 1;
    header.previous_number = event->previous_number;
    header.has_time_us = 1;
    header.time_us = event->time_us;
    header.topic = topic;
    record.header = &header;
    record.notice = notice;
    return view_write_json_line(cli, &record.base);
}

struct tail {
    const char *audience;
    const char *topic; /* beginning wanted, NULL: all */
    uint64_t left;     /* events still to show */
};

static int take_event(struct cli *cli, struct tail *tail, const struct session_event *event)
{
    Ctps__Notice *notice;
    int status = 0;

    if (tail->topic && strncmp(event->topic, tail->topic, strlen(tail->topic)) != 0)
        return 0;
    notice = ctps__notice__unpack(NULL, event->notice.len, event->notice.data);
    if (!notice) {
        cli_complain(cli, _("an event cannot be read: is the daemon another version?"));
        return EX_PROTOCOL;
    }
    if (cli->json)
        status = write_json(cli, event, tail->audience, notice);
    else
        write_event(cli, event, notice);
    ctps__notice__free_unpacked(notice, NULL);
    arena_reset(&cli->arena);
    tail->left--;
    return fflush(cli->out) == 0 ? status : EX_IOERR;
}

static int follow(struct cli *cli, struct tail *tail)
{
    struct session_event event;
    struct ctps_err err = {0};
    enum ctps_code code;
    int status = 0;

    while (!status && tail->left > 0) {
        code = cli->session.next_event(cli->session.ctx, WAIT_MS, &event, &err);
        if (code == CTPS_BUSY)
            continue;
        if (code) {
            cli_complain(cli, "%s", err.text);
            return request_code_status(code);
        }
        status = take_event(cli, tail, &event);
    }
    return status;
}

static int read_number(const struct cli *cli, const struct args *args, const char *name,
                       uint64_t *value)
{
    const char *text = args_get(args, name);

    if (!text || value_parse_count(text, value))
        return 0;
    cli_complain(cli, _("--%s: a number, not \"%s\""), name, text);
    return EX_USAGE;
}

static int tail_run(struct cli *cli, const struct command *command, const struct args *args)
{
    struct tail tail = {.audience = "plugins", .left = UINT64_MAX};
    struct ctps_err err = {0};
    uint64_t from = SESSION_FROM_NOW;
    enum ctps_code code;
    int status = read_number(cli, args, "from", &from);

    (void)command;
    if (!status)
        status = read_number(cli, args, "count", &tail.left);
    if (!status)
        status = cli_connect(cli);
    if (status)
        return status;
    if (!cli->session.follow)
        return EX_UNAVAILABLE;
    tail.topic = args_get(args, "topic");
    if (args_get(args, "audience"))
        tail.audience = args_get(args, "audience");
    code = cli->session.follow(cli->session.ctx, tail.audience, from, &err);
    if (code) {
        cli_complain(cli, "%s", err.text);
        return request_code_status(code);
    }
    return follow(cli, &tail);
}

static const struct command commands[] = {
    {.noun = "events",
     .verb = "tail",
     .example = "events tail --from 0 --json --as /etc/ctps/agenda.key",
     .summary =
         N_("events as they are published; gaps are filled by asking for what was missed"),
     COMMAND_OPTIONS(tail_options),
     .run = tail_run},
};
const struct command_group command_events_group = {"events", N_("events on the bus"), commands,
                                                   sizeof commands / sizeof *commands};

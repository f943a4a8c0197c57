#include "command.h"
#include "lang.h"
#include "request.h"
#include "table.h"
#include "value.h"

#include <string.h>
#include <sysexits.h>

enum { WAIT_MS = 500, TOPIC_COLUMNS = 26 };

static const struct option_row tail_options[] = {
    {"from", OPTION_COUNT, "N", N_("after event number N; 0: from the start; else from now on"),
     NULL, NULL, 0},
    {"audience", OPTION_TEXT, "NAME", N_("whose events (plugins)"), NULL, NULL, 0},
    {"count", OPTION_COUNT, "N", N_("stop after N events"), NULL, NULL, 0},
    {"topic", OPTION_TEXT, "TOPIC", N_("only topics that begin so: situation."), NULL, NULL, 0},
};

static void write_event(struct cli *cli, const Ctps__EventHeader *header,
                        const Ctps__Notice *notice)
{
    size_t written;

    fprintf(cli->out, "%-12llu %s  ", (unsigned long long)header->number,
            view_instant(cli, header->time_us));
    written = table_write_text(cli->out, header->topic ? header->topic : "", 0);
    fprintf(cli->out, "%*s", (int)(written < TOPIC_COLUMNS ? TOPIC_COLUMNS - written : 1), "");
    if (notice->reference && *notice->reference)
        table_write_text(cli->out, notice->reference, 0);
    else if (notice->has_id)
        fprintf(cli->out, "%llu", (unsigned long long)notice->id);
    if (notice->code && *notice->code) {
        fputc(' ', cli->out);
        table_write_text(cli->out, notice->code, 0);
    }
    if (notice->has_day)
        fprintf(cli->out, " %s", view_day(cli, notice->day));
    fputc('\n', cli->out);
}

static int show_event(struct cli *cli, Ctps__EventHeader *header, Ctps__Notice *notice)
{
    Ctps__EventRecord record = CTPS__EVENT_RECORD__INIT;
    int status = 0;

    record.header = header;
    record.notice = notice;
    if (cli->json)
        status = view_write_json_line(cli, &record.base);
    else
        write_event(cli, header, notice);
    if (fflush(cli->out) != 0)
        status = EX_IOERR;
    return status;
}

/* Shows the event when it is wanted; *count is lowered then. */
static int take_event(struct cli *cli, const struct session_event *event, const char *topic,
                      uint64_t *count)
{
    Ctps__EventHeader *header =
        ctps__event_header__unpack(NULL, event->header.len, event->header.data);
    Ctps__Notice *notice = ctps__notice__unpack(NULL, event->notice.len, event->notice.data);
    int status = 0;

    if (!header || !notice) {
        cli_complain(cli, _("an event cannot be read: is the daemon another version?"));
        status = EX_PROTOCOL;
    } else if (!topic ||
               strncmp(header->topic ? header->topic : "", topic, strlen(topic)) == 0) {
        status = show_event(cli, header, notice);
        (*count)--;
    }
    if (header)
        ctps__event_header__free_unpacked(header, NULL);
    if (notice)
        ctps__notice__free_unpacked(notice, NULL);
    return status;
}

static int follow(struct cli *cli, const char *topic, uint64_t count)
{
    struct session_event event;
    struct ctps_err err = {0};
    enum ctps_code code;
    int status = 0;

    while (!status && count > 0) {
        code = cli->session.next_event(cli->session.ctx, WAIT_MS, &event, &err);
        if (code == CTPS_BUSY)
            continue;
        if (code) {
            cli_complain(cli, "%s", err.text);
            return request_code_status(code);
        }
        status = take_event(cli, &event, topic, &count);
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
    const char *audience = args_get(args, "audience");
    struct ctps_err err = {0};
    uint64_t from = SESSION_FROM_NOW;
    uint64_t count = UINT64_MAX;
    enum ctps_code code;
    int status = read_number(cli, args, "from", &from);

    (void)command;
    if (!status)
        status = read_number(cli, args, "count", &count);
    if (!status)
        status = cli_connect(cli);
    if (status)
        return status;
    if (!cli->session.follow)
        return EX_UNAVAILABLE;
    code = cli->session.follow(cli->session.ctx, audience ? audience : "plugins", from, &err);
    if (code) {
        cli_complain(cli, "%s", err.text);
        return request_code_status(code);
    }
    return follow(cli, args_get(args, "topic"), count);
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

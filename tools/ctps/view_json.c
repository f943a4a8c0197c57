#include "view.h"

#include "lang.h"
#include "wire/json.h"

#include <sysexits.h>

static int write_one(const struct cli *cli, const ProtobufCMessage *message, size_t flags)
{
    json_t *json = wire_to_json(message, WIRE_JSON_EMPTY_LISTS);
    int failed = !json || json_dumpf(json, cli->out, flags) != 0;

    json_decref(json);
    return failed ? EX_OSERR : 0;
}

int view_write_json(struct cli *cli, const ProtobufCMessage *const *messages, size_t count,
                    bool single)
{
    int status = 0;

    if (single && count == 1) {
        status = write_one(cli, messages[0], JSON_INDENT(2));
        fputc('\n', cli->out);
        return status;
    }
    fputs("[", cli->out);
    for (size_t i = 0; i < count && !status; i++) {
        fputs(i > 0 ? ",\n " : "\n ", cli->out);
        status = write_one(cli, messages[i], JSON_COMPACT);
    }
    fputs(count > 0 ? "\n]\n" : "]\n", cli->out);
    return status;
}

int view_write_json_line(struct cli *cli, const ProtobufCMessage *message)
{
    int status = write_one(cli, message, JSON_COMPACT);

    fputc('\n', cli->out);
    return status;
}

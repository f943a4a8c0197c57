#include "paper.h"

#include <ctps/answer.pb-c.h>
#include <ctps/command.pb-c.h>
#include <inttypes.h>

#include "request.h"
#include "view.h"

/* Whoever may not read it prints without. */
const char *paper_town(struct cli *cli)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__ReferenceList list = CTPS__REFERENCE_LIST__INIT;
    Ctps__Reply *reply;

    list.kind = CTPS__OBJECT_KIND__OBJECT_NONE;
    list.has_kind = 1;
    request.command_case = CTPS__REQUEST__COMMAND_REFERENCE_LIST;
    request.reference_list = &list;
    if (request_try(cli, &request, &reply) ||
        reply->answer_case != CTPS__REPLY__ANSWER_REFERENCE_ANSWER ||
        !reply->reference_answer->town || !reply->reference_answer->town->name)
        return "";
    return reply->reference_answer->town->name;
}

const char *paper_day(struct cli *cli, bool given, int32_t day)
{
    bool french = cli->french;
    const char *text;

    if (!given)
        return "";
    cli->french = true;
    text = view_day(cli, day);
    cli->french = french;
    return text;
}

const char *paper_agent(struct cli *cli, uint64_t id)
{
    const Ctps__Agent *agent = NULL;
    const char *text;

    if (!id)
        return "";
    if (!reference_load_quietly(cli, REFERENCE_AGENTS))
        agent = (const Ctps__Agent *)reference_by_id(cli, REFERENCE_AGENTS, id);
    if (agent)
        text = arena_printf(&cli->arena, "%s %s", agent->first_name ? agent->first_name : "",
                            agent->last_name ? agent->last_name : "");
    else
        text = arena_printf(&cli->arena, "%" PRIu64, id);
    return text ? text : "";
}

const char *paper_label(struct cli *cli, const char *list, const char *code)
{
    bool french = cli->french;
    const char *label;

    if (!code || reference_load_quietly(cli, REFERENCE_LIST_VALUES))
        return code ? code : "";
    cli->french = true;
    label = reference_label(cli, list, code);
    cli->french = french;
    return label;
}

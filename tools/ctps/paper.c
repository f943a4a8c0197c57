#include "paper.h"

#include <ctps/answer.pb-c.h>
#include <inttypes.h>

#include "view.h"

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

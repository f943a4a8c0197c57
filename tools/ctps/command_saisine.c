#include "command.h"
#include "lang.h"
#include "output.h"
#include "page.h"
#include "paper.h"
#include "request.h"

#include <sysexits.h>

/* Words of the daemon's own that views translate. */
static const char *const words[] __attribute__((unused)) = {
    N_("received"),  N_("accepted"), N_("declined"),  N_("redirected"),
    N_("concerned"), N_("victim"),   N_("witness"),   N_("relative"),
    N_("link"),      N_("merge"),    N_("different"),
};

static const struct column list_columns[] = {
    {N_("Number"), "number", VIEW_PLAIN, NULL},
    {N_("Received"), "received_day", VIEW_PLAIN, NULL},
    {N_("State"), "status", VIEW_WORD, NULL},
    {N_("Late"), "overdue", VIEW_MARK, NULL},
    {N_("Terr."), "territory", VIEW_PLAIN, NULL},
    {N_("District"), "district", VIEW_PLAIN, NULL},
    {N_("Nature"), "nature", VIEW_LABEL, "nature"},
    {N_("Motives"), "motives", VIEW_LABEL, "motif"},
    {N_("Urgency"), "urgency", VIEW_LABEL, "urgence"},
    {N_("Origin"), "origin", VIEW_LABEL, "origine"},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
};
static const struct view list_view = {
    .path = "saisine_answer.saisines",
    .layout = VIEW_TABLE,
    VIEW_COLUMNS(list_columns),
    .empty = N_("no saisine"),
    .cursor_to = {"after"},
    .cursor_from = {"id"},
};

static const struct column person_columns[] = {
    {N_("Role"), "role", VIEW_WORD, NULL},
    {N_("Last name"), "identity.last_name", VIEW_PLAIN, NULL},
    {N_("First name"), "identity.first_name", VIEW_PLAIN, NULL},
    {N_("Born"), "identity.birth_day", VIEW_PLAIN, NULL},
    {N_("Sex"), "sex", VIEW_PLAIN, NULL},
    {N_("Address"), "identity.address", VIEW_PLAIN, NULL},
    {N_("Phone"), "identity.phone", VIEW_PLAIN, NULL},
    {N_("Legal representatives"), "identity.representatives", VIEW_PLAIN, NULL},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
};
const struct view command_person_view = {
    .path = "persons", .layout = VIEW_TABLE, VIEW_COLUMNS(person_columns)};
static const struct column pair_columns[] = {
    {N_("One"), "reference_a", VIEW_PLAIN, NULL},
    {N_("The other"), "reference_b", VIEW_PLAIN, NULL},
    {N_("Decided"), "outcome", VIEW_WORD, NULL},
    {N_("On"), "decided_day", VIEW_PLAIN, NULL},
    {N_("By"), "decided_by", VIEW_AGENT, NULL},
    {N_("Why"), "text", VIEW_PLAIN, NULL},
};
static const struct view pair_view = {
    .path = "duplicates", .layout = VIEW_TABLE, VIEW_COLUMNS(pair_columns)};
static const struct view *const show_parts[] = {&command_person_view, &pair_view, NULL};

static const struct column show_columns[] = {
    {N_("Number"), "number", VIEW_PLAIN, NULL},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
    {N_("State"), "status", VIEW_WORD, NULL},
    {N_("Late"), "overdue", VIEW_MARK, NULL},
    {N_("Received"), "received_day", VIEW_PLAIN, NULL},
    {N_("Channel"), "channel", VIEW_LABEL, "canal"},
    {N_("Origin"), "origin", VIEW_LABEL, "origine"},
    {N_("Partner"), "referrer_partner", VIEW_PARTNER, NULL},
    {N_("Referred by"), "referrer", VIEW_PLAIN, NULL},
    {N_("Territory"), "territory", VIEW_PLAIN, NULL},
    {N_("District"), "district", VIEW_PLAIN, NULL},
    {N_("Nature"), "nature", VIEW_LABEL, "nature"},
    {N_("Motives"), "motives", VIEW_LABEL, "motif"},
    {N_("Urgency"), "urgency", VIEW_LABEL, "urgence"},
    {N_("Situation"), "situation", VIEW_PLAIN, NULL},
    {N_("Declined for"), "decline_motive", VIEW_LABEL, "refus_saisine"},
    {N_("Typed by"), "typed_by", VIEW_AGENT, NULL},
    {N_("Text"), "text", VIEW_PLAIN, NULL},
    {N_("Place"), "place", VIEW_PLAIN, NULL},
    {N_("Why declined"), "decline_text", VIEW_PLAIN, NULL},
    {N_("Redirected to"), "redirect_partner", VIEW_PARTNER, NULL},
    {N_("Redirected for"), "redirect_motive", VIEW_LABEL, "redirection"},
    {N_("Why redirected"), "redirect_text", VIEW_PLAIN, NULL},
    {N_("Answer due"), "answer_due_day", VIEW_PLAIN, NULL},
};
static const struct view show_view = {
    .path = "saisine_answer.saisines",
    .layout = VIEW_RECORD,
    VIEW_COLUMNS(show_columns),
    .empty = N_("no saisine"),
    .parts = show_parts,
};

static const struct option_row receive_options[] = {
    {"received", OPTION_DAY, "DATE", N_("day it was received"), "received_day", NULL,
     OPTION_REQUIRED},
    {"origin", OPTION_CODE, "CODE", N_("who refers: list origine"), "origin", "origine",
     OPTION_REQUIRED},
    {"territory", OPTION_TERRITORY, "T", N_("territory"), "territory", NULL, OPTION_REQUIRED},
    {"district", OPTION_DISTRICT, "NAME", N_("district of the territory"), "district", NULL,
     OPTION_REQUIRED},
    {"nature", OPTION_CODE, "CODE", N_("individual, family or collective: list nature"),
     "nature", "nature", OPTION_REQUIRED},
    {"motive", OPTION_CODE, "CODE", N_("motive: list motif"), "motives", "motif",
     OPTION_REQUIRED | OPTION_REPEATED},
    {"channel", OPTION_CODE, "CODE", N_("how it came: list canal"), "channel", "canal", 0},
    {"urgency", OPTION_CODE, "CODE", N_("list urgence; routine when not given"), "urgency",
     "urgence", 0},
    {"partner", OPTION_PARTNER, "PARTNER", N_("the partner who refers: name or id"),
     "referrer_partner", NULL, 0},
    {"referrer", OPTION_TEXT, "TEXT", N_("the resident who refers, if kept (sealed)"),
     "referrer", NULL, 0},
    {"text", OPTION_TEXT, "TEXT", N_("short text, at most 500 characters (sealed)"), "text",
     NULL, 0},
    {"place", OPTION_TEXT, "TEXT", N_("exact place (sealed)"), "place", NULL, 0},
    {"last-name", OPTION_TEXT, "NAME",
     N_("a person concerned begins with the last name (sealed); what follows is about them"),
     "persons.identity.last_name", NULL, OPTION_REPEATED | OPTION_BEGINS},
    {"first-name", OPTION_TEXT, "NAME", N_("first name (sealed)"),
     "persons.identity.first_name", NULL, OPTION_REPEATED},
    {"born", OPTION_DAY, "DATE", N_("birth date (sealed)"), "persons.identity.birth_day", NULL,
     OPTION_REPEATED},
    {"sex", OPTION_CHOICE, "F|M", N_("sex"), "persons.sex", "F|M", OPTION_REPEATED},
    {"address", OPTION_TEXT, "TEXT", N_("address (sealed)"), "persons.identity.address", NULL,
     OPTION_REPEATED},
    {"phone", OPTION_TEXT, "TEXT", N_("phone (sealed)"), "persons.identity.phone", NULL,
     OPTION_REPEATED},
    {"representatives", OPTION_TEXT, "TEXT", N_("legal representatives (sealed)"),
     "persons.identity.representatives", NULL, OPTION_REPEATED},
    {"role", OPTION_CHOICE, "ROLE", N_("concerned, victim, witness or relative"),
     "persons.role", "concerned|victim|witness|relative", OPTION_REPEATED},
    {"dry-run", OPTION_FLAG, NULL, N_("check only, write nothing"), "dry_run", NULL,
     OPTION_REQUEST},
};

static const struct option_row accept_options[] = {
    {"SAISINE", OPTION_SAISINE, NULL, N_("acknowledgement number or id"), "id", NULL,
     OPTION_REQUIRED},
    {"attach-to", OPTION_SITUATION, "SITUATION",
     N_("an open situation to attach it to; otherwise one is opened"), "attach_to", NULL, 0},
    {"title", OPTION_TEXT, "TEXT", N_("title of the situation (sealed)"), "title", NULL, 0},
    {"term", OPTION_CODE, "CODE", N_("list terme; moyen when not given"), "term", "terme", 0},
    {"lead", OPTION_AGENT, "AGENT", N_("who leads: e-mail, name or id; else you"), "lead_agent",
     NULL, 0},
};

static const struct option_row decline_options[] = {
    {"SAISINE", OPTION_SAISINE, NULL, N_("acknowledgement number or id"), "id", NULL,
     OPTION_REQUIRED},
    {"motive", OPTION_CODE, "CODE", N_("list refus_saisine"), "motive", "refus_saisine",
     OPTION_REQUIRED},
    {"text", OPTION_TEXT, "TEXT", N_("why, in words (sealed)"), "text", NULL, 0},
};

static const struct option_row redirect_options[] = {
    {"SAISINE", OPTION_SAISINE, NULL, N_("acknowledgement number or id"), "id", NULL,
     OPTION_REQUIRED},
    {"to", OPTION_PARTNER, "PARTNER", N_("the partner it belongs to: name or id"), "partner",
     NULL, OPTION_REQUIRED},
    {"motive", OPTION_CODE, "CODE", N_("list redirection"), "motive", "redirection",
     OPTION_REQUIRED},
    {"text", OPTION_TEXT, "TEXT", N_("why, in words (sealed)"), "text", NULL, 0},
};

static const struct option_row detach_options[] = {
    {"SAISINE", OPTION_SAISINE, NULL, N_("acknowledgement number or id"), "id", NULL,
     OPTION_REQUIRED},
    {"text", OPTION_TEXT, "TEXT", N_("why (sealed)"), "text", NULL, 0},
};

static const struct option_row list_options[] = {
    {"territory", OPTION_TERRITORY, "T", N_("this territory only"), "territory", NULL, 0},
    {"status", OPTION_CHOICE, "STATE", N_("received, accepted, declined or redirected"),
     "status", "received|accepted|declined|redirected", 0},
    {"origin", OPTION_CODE, "CODE", N_("who referred: list origine"), "origin", "origine", 0},
    {"overdue", OPTION_FLAG, NULL, N_("unanswered past the working days the town allows"),
     "overdue", NULL, 0},
    {"from", OPTION_DAY, "DATE", N_("received on this day or later"), "from_day", NULL, 0},
    {"to", OPTION_DAY, "DATE", N_("received on this day or before"), "to_day", NULL, 0},
    {"limit", OPTION_COUNT, "N", N_("at most so many (100)"), NULL, NULL, 0},
    {"all", OPTION_FLAG, NULL, N_("all of them"), NULL, NULL, 0},
};

static const struct option_row show_options[] = {
    {"SAISINE", OPTION_SAISINE, NULL, N_("acknowledgement number or id"), "id", NULL,
     OPTION_REQUIRED},
    {"names", OPTION_FLAG, NULL, N_("with names and texts; the reading is recorded first"),
     "nominative", NULL, 0},
    {"purpose", OPTION_CODE, "CODE", N_("why you read it: list finalite"), "purpose",
     "finalite", OPTION_REQUEST},
    {"purpose-text", OPTION_TEXT, "TEXT", N_("why, in words (sealed)"), "purpose_text", NULL,
     OPTION_REQUEST},
};

static const struct option_row receipt_options[] = {
    {"SAISINE", OPTION_SAISINE, NULL, N_("acknowledgement number or id"), "id", NULL,
     OPTION_REQUIRED},
    {"output", OPTION_TEXT, "FILE",
     N_("file to make, \"-\" for the output; NUMBER.html when not given"), NULL, NULL, 0},
};

static const struct option_row count_options[] = {
    {"from", OPTION_DAY, "DATE", N_("received on this day or later"), "from_day", NULL, 0},
    {"to", OPTION_DAY, "DATE", N_("received on this day or before"), "to_day", NULL, 0},
    {"territory", OPTION_TERRITORY, "T", N_("this territory only"), "territory", NULL, 0},
    OUTPUT_OPTIONS,
};
static const struct column count_columns[] = {
    {N_("Terr."), "territory", VIEW_PLAIN, NULL},    {N_("Year"), "year", VIEW_PLAIN, NULL},
    {N_("Origin"), "origin", VIEW_LABEL, "origine"}, {N_("State"), "status", VIEW_WORD, NULL},
    {N_("Saisines"), "count", VIEW_PLAIN, NULL},     {N_("Below 5"), "masked", VIEW_MARK, NULL},
};
static const struct view count_view = {
    .path = "count_answer.counts",
    .layout = VIEW_TABLE,
    VIEW_COLUMNS(count_columns),
    .title = N_("Saisines by origin"),
    .empty = N_("no saisine in that period"),
};

static const char *territory_name(struct cli *cli, const char *code)
{
    const ProtobufCMessage *found;
    const char *name;

    if (!code || reference_load_quietly(cli, REFERENCE_TERRITORIES))
        return code;
    found = reference_find(cli, REFERENCE_TERRITORIES, NULL, code, NULL);
    name = found ? ((const Ctps__Territory *)found)->name : NULL;
    return name && *name ? name : code;
}

/* Whoever holds the paper learns that a request was received, not about whom or what. */
static void receipt_fill(struct cli *cli, struct page *page, const Ctps__SaisineView *saisine)
{
    page_start(page, page_town(cli), "Accusé de réception d’une saisine",
               "Acknowledgement of a referral");
    page_fact(page, "Numéro", "Number", saisine->number);
    page_fact(page, "Reçue le", "Received on",
              paper_day(cli, saisine->has_received_day, saisine->received_day));
    page_fact(page, "Coordination", "Coordination", territory_name(cli, saisine->territory));
    page_fact(page, "Réponse attendue au plus tard le", "Answer due on or before",
              paper_day(cli, saisine->has_answer_due_day, saisine->answer_due_day));
    page_paragraph(page,
                   "Votre saisine a bien été reçue. Rappelez ce numéro dans tout échange à son "
                   "sujet.",
                   "Your referral was received. Please quote this number whenever you write or "
                   "call about it.");
    page_paragraph(
        page,
        "Pour protéger les personnes concernées, ce document ne dit ni leur identité "
        "ni le motif de la saisine.",
        "To protect the people concerned this paper names nobody and gives no "
        "reason.");
}

static int receipt_run(struct cli *cli, const struct command *command, const struct args *args)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    const Ctps__SaisineView *saisine;
    const char *path = args_get(args, "output");
    Ctps__Reply *reply;
    struct page page;
    int status = command_fill(cli, command, args, &request.base);

    if (!status)
        status = request_run(cli, &request, &reply);
    if (status)
        return status;
    if (reply->answer_case != CTPS__REPLY__ANSWER_SAISINE_ANSWER ||
        reply->saisine_answer->n_saisines != 1)
        return EX_PROTOCOL;
    saisine = reply->saisine_answer->saisines[0];
    if (!path)
        path = arena_printf(&cli->arena, "%s.html", saisine->number);
    if (!path)
        return EX_OSERR;
    receipt_fill(cli, &page, saisine);
    return page_write(cli, &page, path);
}

static const struct command commands[] = {
    {.noun = "saisine",
     .verb = "receive",
     .example = "saisine receive --received 20/11/2026 --origin habitant --territory T3 "
                "--district Dornach --nature collective --motive nuisances_sonores",
     .summary = N_("write down a saisine; answers its acknowledgement number"),
     COMMAND_OPTIONS(receive_options),
     .request = "saisine_receive"},
    {.noun = "saisine",
     .verb = "accept",
     .example = "saisine accept AR-T3-2026-0123 --term court",
     .summary = N_("accept a saisine: opens a situation, or attaches it to one"),
     COMMAND_OPTIONS(accept_options),
     .request = "saisine_accept"},
    {.noun = "saisine",
     .verb = "decline",
     .example = "saisine decline AR-T3-2026-0123 --motive hors_competence",
     .summary = N_("decline a saisine, with its motive"),
     COMMAND_OPTIONS(decline_options),
     .request = "saisine_decline"},
    {.noun = "saisine",
     .verb = "redirect",
     .example = "saisine redirect AR-T3-2026-0123 --to \"Mission locale\" --motive competence",
     .summary = N_("send a saisine on to the partner it belongs to, with its motive"),
     COMMAND_OPTIONS(redirect_options),
     .request = "saisine_redirect"},
    {.noun = "saisine",
     .verb = "detach",
     .example = "saisine detach AR-T3-2026-0124 --text @motif.txt",
     .summary = N_("take a saisine out of the situation it was attached to by mistake"),
     COMMAND_OPTIONS(detach_options),
     .request = "saisine_detach"},
    {.noun = "saisine",
     .verb = "receipt",
     .example = "saisine receipt AR-T3-2026-0123 --output accuse.html",
     .summary = N_("printable acknowledgement of a saisine, without name or motive"),
     COMMAND_OPTIONS(receipt_options),
     .request = "saisine_get",
     .run = receipt_run},
    {.noun = "saisine",
     .verb = "count",
     .example = "saisine count --from 01/01/2026 --to 31/12/2026",
     .summary = N_("how many, by territory, origin and state; elsewhere whole past years, "
                   "nothing below five"),
     COMMAND_OPTIONS(count_options),
     .request = "saisine_count",
     .view = &count_view},
    {.noun = "saisine",
     .verb = "list",
     .example = "saisine list --territory T3 --status received",
     .summary = N_("saisines, without names"),
     COMMAND_OPTIONS(list_options),
     .request = "saisine_list",
     .view = &list_view},
    {.noun = "saisine",
     .verb = "show",
     .example = "saisine show AR-T3-2026-0123 --names --purpose suivi",
     .summary = N_("one saisine"),
     COMMAND_OPTIONS(show_options),
     .request = "saisine_get",
     .view = &show_view},
};
const struct command_group command_saisine_group = {
    "saisine", N_("requests to take up a situation"), commands,
    sizeof commands / sizeof *commands};

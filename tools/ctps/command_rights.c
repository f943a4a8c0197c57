#include "command.h"
#include "lang.h"
#include "output.h"
#include "page.h"
#include "paper.h"
#include "request.h"

#include <string.h>
#include <sysexits.h>

/* Words of the daemon's own that views translate. */
static const char *const words[] __attribute__((unused)) = {
    N_("access"),           N_("rectification"),    N_("erasure"),   N_("restriction"),
    N_("objection"),        N_("unfounded"),        N_("excessive"), N_("identity_not_proved"),
    N_("legal_obligation"), N_("rights_of_others"), N_("open"),      N_("answered"),
    N_("refused"),          N_("granted"),          N_("partly"),    N_("nothing_held"),
};

static const struct column list_columns[] = {
    {N_("Number"), "number", VIEW_PLAIN, NULL},
    {N_("Kind"), "kind", VIEW_WORD, NULL},
    {N_("State"), "state", VIEW_WORD, NULL},
    {N_("Terr."), "territory", VIEW_PLAIN, NULL},
    {N_("Received"), "received_day", VIEW_PLAIN, NULL},
    {N_("Due"), "due_day", VIEW_PLAIN, NULL},
    {N_("Late"), "overdue", VIEW_MARK, NULL},
    {N_("Extended"), "extended", VIEW_MARK, NULL},
    {N_("Answered"), "answered_day", VIEW_PLAIN, NULL},
    {N_("Outcome"), "outcome", VIEW_WORD, NULL},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
};
static const struct view list_view = {
    .path = "rights_list_answer.requests",
    .layout = VIEW_TABLE,
    VIEW_COLUMNS(list_columns),
    .title = N_("Requests of persons"),
    .empty = N_("no request of a person"),
    .cursor_to = {"before"},
    .cursor_from = {"id"},
};

static const struct column show_columns[] = {
    {N_("Number"), "number", VIEW_PLAIN, NULL},
    {N_("Id"), "id", VIEW_PLAIN, NULL},
    {N_("Kind"), "kind", VIEW_WORD, NULL},
    {N_("State"), "state", VIEW_WORD, NULL},
    {N_("Terr."), "territory", VIEW_PLAIN, NULL},
    {N_("Received"), "received_day", VIEW_PLAIN, NULL},
    {N_("Due"), "due_day", VIEW_PLAIN, NULL},
    {N_("Late"), "overdue", VIEW_MARK, NULL},
    {N_("Extended"), "extended", VIEW_MARK, NULL},
    {N_("Situations"), "situations", VIEW_PLAIN, NULL},
    {N_("Answered"), "answered_day", VIEW_PLAIN, NULL},
    {N_("Outcome"), "outcome", VIEW_WORD, NULL},
    {N_("Refused because"), "motive", VIEW_WORD, NULL},
    {N_("Who asks is erased"), "erase_due_day", VIEW_PLAIN, NULL},
    {N_("Who asks"), "requester.name", VIEW_PLAIN, NULL},
    {N_("As"), "requester.quality", VIEW_PLAIN, NULL},
    {N_("Address"), "requester.address", VIEW_PLAIN, NULL},
    {N_("E-mail"), "requester.email", VIEW_PLAIN, NULL},
    {N_("Text"), "requester.text", VIEW_PLAIN, NULL},
    {N_("Extended because"), "extension_reason", VIEW_PLAIN, NULL},
    {N_("Answer"), "answer_text", VIEW_PLAIN, NULL},
};
static const struct view show_view = {
    .path = "rights_list_answer.requests",
    .layout = VIEW_RECORD,
    VIEW_COLUMNS(show_columns),
    .empty = N_("no request of a person"),
};

#define NUMBER_ROW                                                                             \
    {                                                                                          \
        "NUMBER", OPTION_TEXT, NULL, N_("number of the request, as D-2026-0001"), "number",    \
            NULL, OPTION_REQUIRED                                                              \
    }
#define PURPOSE_ROW                                                                            \
    {                                                                                          \
        "purpose", OPTION_CODE, "CODE", N_("why you read it: list finalite"), "purpose",       \
            "finalite", OPTION_REQUEST                                                         \
    }

static const struct option_row open_options[] = {
    {"kind", OPTION_CHOICE, "KIND",
     N_("access, rectification, erasure, restriction or objection"), "kind",
     "access|rectification|erasure|restriction|objection", OPTION_REQUIRED},
    {"received", OPTION_DAY, "DATE", N_("day it was received"), "received_day", NULL,
     OPTION_REQUIRED},
    {"territory", OPTION_TERRITORY, "T", N_("whose coordinator answers"), "territory", NULL,
     OPTION_REQUIRED},
    {"situation", OPTION_SITUATION, "SITUATION", N_("about this situation: reference or id"),
     "situations", NULL, OPTION_REPEATED},
    {"name", OPTION_TEXT, "NAME", N_("who asks (sealed)"), "name", NULL, OPTION_REQUIRED},
    {"address", OPTION_TEXT, "TEXT", N_("address to answer to (sealed)"), "address", NULL, 0},
    {"email", OPTION_TEXT, "E-MAIL", N_("e-mail to answer to (sealed)"), "email", NULL, 0},
    {"quality", OPTION_TEXT, "TEXT", N_("the person, a parent, a lawyer... (sealed)"),
     "quality", NULL, 0},
    {"text", OPTION_TEXT, "TEXT", N_("what is asked, at most 500 characters (sealed)"), "text",
     NULL, 0},
};

static const struct option_row list_options[] = {
    {"territory", OPTION_TERRITORY, "T", N_("this territory only"), "territory", NULL, 0},
    {"state", OPTION_CHOICE, "STATE", N_("open, answered or refused"), "state",
     "open|answered|refused", 0},
    {"overdue", OPTION_FLAG, NULL, N_("only those past their term"), "overdue", NULL, 0},
    {"with-answered", OPTION_FLAG, NULL, N_("answered ones too"), "with_answered", NULL, 0},
    {"limit", OPTION_COUNT, "N", N_("at most so many (100)"), NULL, NULL, 0},
    {"all", OPTION_FLAG, NULL, N_("all of them"), NULL, NULL, 0},
    OUTPUT_OPTIONS,
};

static const struct option_row show_options[] = {
    NUMBER_ROW,
    {"names", OPTION_FLAG, NULL, N_("with names and texts; the reading is recorded first"),
     "nominative", NULL, 0},
    PURPOSE_ROW,
};

static const struct option_row extend_options[] = {
    NUMBER_ROW,
    {"reason", OPTION_TEXT, "TEXT", N_("why, at most 500 characters (sealed)"), "reason", NULL,
     OPTION_REQUIRED},
};

static const struct option_row answer_options[] = {
    NUMBER_ROW,
    {"outcome", OPTION_CHOICE, "OUTCOME", N_("granted, partly, nothing_held or refused"),
     "outcome", "granted|partly|nothing_held|refused", OPTION_REQUIRED},
    {"motive", OPTION_CHOICE, "MOTIVE",
     N_("refused: unfounded, excessive, identity_not_proved, legal_obligation or "
        "rights_of_others"),
     "motive", "unfounded|excessive|identity_not_proved|legal_obligation|rights_of_others", 0},
    {"text", OPTION_TEXT, "TEXT", N_("words of the answer (sealed)"), "text", NULL, 0},
};

static const struct option_row extract_options[] = {
    NUMBER_ROW,
    {"situation", OPTION_SITUATION, "SITUATION", N_("one the request is about"), "situation",
     NULL, OPTION_REQUIRED},
    {"person", OPTION_COUNT, "ID", N_("the person: id, as \"situation show --names\" says"),
     "person", NULL, OPTION_REQUIRED},
    PURPOSE_ROW,
    {"output", OPTION_TEXT, "FILE", N_("where the page goes; NUMBER.html when not given"), NULL,
     NULL, 0},
};

/* --- extract --- */

static const char *or_nothing(const char *text)
{
    return text ? text : "";
}

/* What a part is called on paper; its own name when this list is older than the daemon. */
static const char *part_title(const char *what)
{
    static const char *const titles[][2] = {
        {"saisine.text", "Saisine"},
        {"saisine.decline", "Refus de la saisine"},
        {"saisine.redirect", "Réorientation de la saisine"},
        {"duplicate.text", "Rapprochement"},
        {"situation.text", "Situation"},
        {"situation.blocked", "Ce qui bloque"},
        {"situation.closing", "Clôture"},
        {"entry.text", "Démarche"},
        {"restriction.reason", "Limitation"},
        {"restriction.lifted", "Levée de la limitation"},
        {"meeting.title", "Réunion"},
        {"agenda.text", "Ordre du jour"},
        {"share.purpose", "Partage"},
        {"break_glass.reason", "Consultation en urgence"},
        {"situation.course", "Suivi : transfert, réouverture, information"},
        {"entry.before", "Démarche, avant correction"},
        {"entry.why", "Pourquoi la démarche a été corrigée"},
        {"decision.text", "Décision"},
        {"decision.result", "Suite de la décision"},
        {"minutes.text", "Compte rendu"},
        {"minutes.item", "Compte rendu, sur un point"},
    };

    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (strcmp(titles[i][0], what) == 0)
            return titles[i][1];
    return what;
}

static void person_write(struct cli *cli, struct page *page, const Ctps__Person *person)
{
    const Ctps__Identity *identity = person->identity;

    page_heading(page, "La personne", "The person");
    page_fact(page, "Nom", "Last name", or_nothing(identity->last_name));
    page_fact(page, "Prénom", "First name", or_nothing(identity->first_name));
    page_fact(page, "Né(e) le", "Born",
              paper_day(cli, identity->has_birth_day, identity->birth_day));
    page_fact(page, "Adresse", "Address", or_nothing(identity->address));
    page_fact(page, "Téléphone", "Phone", or_nothing(identity->phone));
    page_fact(page, "Représentants légaux", "Legal representatives",
              or_nothing(identity->representatives));
}

static void situation_write(struct cli *cli, struct page *page,
                            const Ctps__SituationView *situation)
{
    page_heading(page, "Le suivi", "The follow-up");
    page_fact(page, "Référence", "Reference", or_nothing(situation->reference));
    page_fact(page, "État", "State", paper_label(cli, "etat", situation->status));
    page_fact(page, "Nature", "Nature", paper_label(cli, "nature", situation->nature));
    page_fact(page, "Quartier", "District", or_nothing(situation->district));
    page_fact(page, "Ouvert le", "Opened",
              paper_day(cli, situation->has_opened_day, situation->opened_day));
    page_fact(page, "Clos le", "Closed",
              paper_day(cli, situation->has_closed_day, situation->closed_day));
    page_fact(page, "Effacement prévu le", "To be erased",
              paper_day(cli, situation->has_erase_due_day, situation->erase_due_day));
    for (size_t i = 0; i < situation->n_motives; i++)
        page_fact(page, "Motif", "Motive", paper_label(cli, "motif", situation->motives[i]));
}

static void parts_write(struct cli *cli, struct page *page,
                        const Ctps__RightsExtractAnswer *extract)
{
    static const char *const titles[] = {"Quoi", "Jour", "Texte"};

    page_heading(page, "Ce qui est écrit", "What is written");
    page_table_start(page, titles, 3);
    for (size_t i = 0; i < extract->n_parts; i++) {
        const Ctps__ExtractPart *part = extract->parts[i];
        const char *cells[] = {
            part->kind && *part->kind ? paper_label(cli, "demarche", part->kind)
                                      : part_title(or_nothing(part->what)),
            paper_day(cli, part->has_day, part->day), or_nothing(part->text)};

        page_table_row(page, cells);
    }
    page_table_end(page);
}

static const char *const masked_kinds[][3] = {
    {"name", "Noms de tiers masqués", "Names of others masked"},
    {"phone", "Téléphones masqués", "Telephones masked"},
    {"email", "Courriels et comptes masqués", "E-mail addresses and accounts masked"},
    {"address", "Adresses de tiers masquées", "Addresses of others masked"},
};

static void masked_write(struct cli *cli, struct page *page,
                         const Ctps__RightsExtractAnswer *extract)
{
    for (size_t i = 0; i < extract->n_masked; i++)
        for (size_t k = 0; k < sizeof masked_kinds / sizeof *masked_kinds; k++) {
            char *count = arena_printf(&cli->arena, "%u", extract->masked[i]->count);

            if (count && strcmp(or_nothing(extract->masked[i]->kind), masked_kinds[k][0]) == 0)
                page_fact(page, masked_kinds[k][1], masked_kinds[k][2], count);
        }
}

static void masked_say(struct cli *cli, const Ctps__RightsExtractAnswer *extract)
{
    for (size_t i = 0; i < extract->n_masked; i++)
        for (size_t k = 0; k < sizeof masked_kinds / sizeof *masked_kinds; k++)
            if (strcmp(or_nothing(extract->masked[i]->kind), masked_kinds[k][0]) == 0)
                fprintf(cli->err, cli->french ? "%s : %u\n" : "%s: %u\n",
                        masked_kinds[k][cli->french ? 1 : 2], extract->masked[i]->count);
    fprintf(cli->err, "%s\n", cli->french ? extract->note_fr : extract->note_en);
}

static void extract_write(struct cli *cli, struct page *page,
                          const Ctps__RightsExtractAnswer *extract)
{
    page_start(page, page_town(cli), "Extrait des données vous concernant",
               "Extract of the data held on you (GDPR art. 15)");
    page_fact(page, "Demande", "Request", or_nothing(extract->number));
    page_fact(page, "Établi le", "Made on", paper_day(cli, extract->has_day, extract->day));
    masked_write(cli, page, extract);
    page_paragraph(page, or_nothing(extract->note_fr), or_nothing(extract->note_en));
    if (extract->person && extract->person->identity)
        person_write(cli, page, extract->person);
    if (extract->situation)
        situation_write(cli, page, extract->situation);
    parts_write(cli, page, extract);
    page_signature(page, "Relu par");
}

static int extract_run(struct cli *cli, const struct command *command, const struct args *args)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    const char *path = args_get(args, "output");
    const ProtobufCMessage *answer;
    Ctps__Reply *reply;
    struct page page;
    int status = command_fill(cli, command, args, &request.base);

    if (!status)
        status = request_run(cli, &request, &reply);
    if (status)
        return status;
    if (reply->answer_case != CTPS__REPLY__ANSWER_RIGHTS_EXTRACT_ANSWER)
        return EX_PROTOCOL;
    answer = &reply->rights_extract_answer->base;
    if (cli->json)
        return view_write_json_line(cli, answer);
    if (!path)
        path = arena_printf(&cli->arena, "%s.html", args_get(args, "NUMBER"));
    if (!path)
        return EX_OSERR;
    extract_write(cli, &page, reply->rights_extract_answer);
    masked_say(cli, reply->rights_extract_answer);
    return page_write(cli, &page, path);
}

static const struct command commands[] = {
    {.noun = "rights",
     .verb = "open",
     .example =
         "rights open --kind access --received 20/11/2026 --territory T3 --name @nom.txt "
         "--situation T3-2026-0123",
     .summary = N_("write down a request of a person (GDPR art. 15 to 21); answers its number"),
     COMMAND_OPTIONS(open_options),
     .request = "rights_open"},
    {.noun = "rights",
     .verb = "list",
     .example = "rights list --overdue",
     .summary = N_("requests of persons: states and terms, without names"),
     COMMAND_OPTIONS(list_options),
     .request = "rights_list",
     .view = &list_view},
    {.noun = "rights",
     .verb = "show",
     .example = "rights show D-2026-0001 --names --purpose droits",
     .summary = N_("one request of a person"),
     COMMAND_OPTIONS(show_options),
     .request = "rights_get",
     .view = &show_view},
    {.noun = "rights",
     .verb = "extend",
     .example = "rights extend D-2026-0001 --reason @motif.txt",
     .summary = N_("two months more, once, before the term (GDPR art. 12.3)"),
     COMMAND_OPTIONS(extend_options),
     .request = "rights_extend"},
    {.noun = "rights",
     .verb = "answer",
     .example = "rights answer D-2026-0001 --outcome granted",
     .summary = N_("write down the answer to a request of a person"),
     COMMAND_OPTIONS(answer_options),
     .request = "rights_answer"},
    {.noun = "rights",
     .verb = "extract",
     .example = "rights extract D-2026-0001 --situation T3-2026-0123 --person 1289 --output "
                "extrait.html",
     .summary =
         N_("everything held on a person, third parties masked, to print and read again"),
     COMMAND_OPTIONS(extract_options),
     .request = "rights_extract",
     .run = extract_run},
};
const struct command_group command_rights_group = {
    "rights", N_("requests of persons about what is held on them"), commands,
    sizeof commands / sizeof *commands};

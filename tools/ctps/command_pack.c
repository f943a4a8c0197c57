#include "command_pack.h"

#include "lang.h"
#include "page.h"
#include "request.h"
#include "value.h"

#include <string.h>
#include <sysexits.h>

/* --- on the terminal --- */

static const struct column item_columns[] = {
    {N_("Situation"), "reference", VIEW_PLAIN, NULL},
    {N_("Theme"), "theme", VIEW_LABEL, "theme"},
    {N_("Shown"), "shown", VIEW_WORD, NULL},
    {N_("Title"), "situation.title", VIEW_PLAIN, NULL},
    {N_("Text"), "text", VIEW_PLAIN, NULL},
};
static const struct view item_view = {
    .path = "items", .layout = VIEW_TABLE, VIEW_COLUMNS(item_columns)};
static const struct view *const parts[] = {&item_view, NULL};

static const struct column pack_columns[] = {
    {N_("Reference"), "reference", VIEW_PLAIN, NULL},
    {N_("Instance"), "instance", VIEW_LABEL, "instance"},
    {N_("Terr."), "territory", VIEW_PLAIN, NULL},
    {N_("Day"), "day", VIEW_PLAIN, NULL},
    {N_("Time"), "minute", VIEW_MINUTE, NULL},
    {N_("Place"), "place", VIEW_PLAIN, NULL},
};
static const struct view pack_view = {
    .path = "pack_answer.packs",
    .layout = VIEW_RECORD,
    VIEW_COLUMNS(pack_columns),
    .parts = parts,
};

static const struct column minutes_columns[] = {
    {N_("Reference"), "reference", VIEW_PLAIN, NULL},
    {N_("Instance"), "instance", VIEW_LABEL, "instance"},
    {N_("Terr."), "territory", VIEW_PLAIN, NULL},
    {N_("Day"), "day", VIEW_PLAIN, NULL},
    {N_("Version"), "version", VIEW_PLAIN, NULL},
    {N_("State"), "state", VIEW_WORD, NULL},
    {N_("Late"), "overdue", VIEW_MARK, NULL},
    {N_("Written by"), "written_by", VIEW_AGENT, NULL},
    {N_("Validated by"), "validated_by", VIEW_AGENT, NULL},
    {N_("Distributed"), "distributed_day", VIEW_PLAIN, NULL},
    {N_("Text"), "text", VIEW_PLAIN, NULL},
};
static const struct view minutes_view = {
    .path = "minutes_answer.minutes",
    .layout = VIEW_RECORD,
    VIEW_COLUMNS(minutes_columns),
    .parts = parts,
};

/* --- whom it is for --- */

static const ProtobufCMessage *person_find(struct cli *cli, enum reference_kind kind,
                                           const char *who, bool *ret_ambiguous)
{
    uint64_t id;

    if (reference_load_quietly(cli, kind))
        return NULL;
    if (value_parse_count(who, &id))
        return reference_by_id(cli, kind, id);
    return reference_find(cli, kind, NULL, who, ret_ambiguous);
}

/* An agent or a contact, by e-mail, name or id: whichever answers, and only one may. */
static int attendee_find(struct cli *cli, const char *who, uint64_t *ret_agent,
                         uint64_t *ret_contact)
{
    bool ambiguous = false;
    const ProtobufCMessage *agent = person_find(cli, REFERENCE_AGENTS, who, &ambiguous);
    const ProtobufCMessage *contact = person_find(cli, REFERENCE_CONTACTS, who, &ambiguous);

    if (ambiguous || (agent && contact)) {
        cli_complain(
            cli, _("--for: several people answer to \"%s\"; give the e-mail or the id"), who);
        return EX_USAGE;
    }
    if (!agent && !contact) {
        cli_complain(cli, _("--for: nobody known as \"%s\""), who);
        return EX_NOINPUT;
    }
    *ret_agent = agent ? reference_id(agent) : 0;
    *ret_contact = contact ? reference_id(contact) : 0;
    return 0;
}

/* --- on paper: in French, as all pages --- */

static const char *label(struct cli *cli, const char *list, const char *code)
{
    if (!code || !*code || reference_load_quietly(cli, REFERENCE_LIST_VALUES))
        return code ? code : "";
    return reference_label(cli, list, code);
}

static const char *attendee_name(struct cli *cli, uint64_t agent, uint64_t contact)
{
    enum reference_kind kind = agent ? REFERENCE_AGENTS : REFERENCE_CONTACTS;
    const ProtobufCMessage *found;
    const char *last = "";
    const char *first = "";

    if (reference_load_quietly(cli, kind))
        return "";
    found = reference_by_id(cli, kind, agent ? agent : contact);
    if (found && agent) {
        last = ((const Ctps__Agent *)found)->last_name;
        first = ((const Ctps__Agent *)found)->first_name;
    } else if (found) {
        last = ((const Ctps__Contact *)found)->last_name;
        first = ((const Ctps__Contact *)found)->first_name;
    }
    return arena_printf(&cli->arena, "%s%s%s", first ? first : "", first && *first ? " " : "",
                        last ? last : "");
}

static void persons_write(struct cli *cli, struct page *page,
                          const Ctps__SituationView *situation)
{
    static const char *const titles[] = {"Nom", "Né(e) le", "Adresse", "Représentants légaux"};

    if (situation->n_persons == 0)
        return;
    page_table_start(page, titles, sizeof titles / sizeof *titles);
    for (size_t i = 0; i < situation->n_persons; i++) {
        const Ctps__Identity *who = situation->persons[i]->identity;
        const char *cells[4] = {"", "", "", ""};

        if (!who)
            continue;
        cells[0] = arena_printf(&cli->arena, "%s %s", who->first_name ? who->first_name : "",
                                who->last_name ? who->last_name : "");
        cells[1] = who->has_birth_day ? view_day(cli, who->birth_day) : "";
        cells[2] = who->address ? who->address : "";
        cells[3] = who->representatives ? who->representatives : "";
        page_table_row(page, cells);
    }
    page_table_end(page);
}

static void entries_write(struct cli *cli, struct page *page,
                          const Ctps__SituationView *situation)
{
    static const char *const titles[] = {"Date", "Démarche", "Résultat", "Texte"};

    if (situation->n_entries == 0)
        return;
    page_table_start(page, titles, sizeof titles / sizeof *titles);
    for (size_t i = 0; i < situation->n_entries; i++) {
        const Ctps__EntryView *entry = situation->entries[i];
        const char *cells[4] = {view_day(cli, entry->day), label(cli, "demarche", entry->kind),
                                label(cli, "resultat", entry->result),
                                entry->text ? entry->text : ""};

        page_table_row(page, cells);
    }
    page_table_end(page);
}

static void decisions_write(struct cli *cli, struct page *page, const Ctps__PackItem *item)
{
    static const char *const titles[] = {"Décision", "Échéance"};

    if (item->n_decisions == 0)
        return;
    page_table_start(page, titles, sizeof titles / sizeof *titles);
    for (size_t i = 0; i < item->n_decisions; i++) {
        const char *cells[2] = {label(cli, "decision", item->decisions[i]->verb),
                                view_day(cli, item->decisions[i]->due_day)};

        page_table_row(page, cells);
    }
    page_table_end(page);
}

static void situation_write(struct cli *cli, struct page *page, const Ctps__SituationView *of)
{
    page_fact(page, "Intitulé", "Title", of->title);
    page_fact(page, "État", "State", label(cli, "etat", of->status));
    page_fact(page, "Ce qui bloque", "What blocks", of->blocked_what);
    page_fact(page, "Lieu", "Place", of->place);
    if (of->text && *of->text)
        page_paragraph(page, of->text, NULL);
    persons_write(cli, page, of);
    entries_write(cli, page, of);
}

static void item_write(struct cli *cli, struct page *page, size_t number,
                       const Ctps__PackItem *item)
{
    const char *what = item->reference && *item->reference ? item->reference
                                                           : label(cli, "theme", item->theme);

    page_heading(page, arena_printf(&cli->arena, "%zu. %s", number, what), NULL);
    if (item->text && *item->text)
        page_paragraph(page, item->text, NULL);
    for (size_t i = 0; i < item->n_situation; i++)
        situation_write(cli, page, item->situation[i]);
    decisions_write(cli, page, item);
}

struct heading {
    const char *title, *english, *reference, *instance, *territory, *place;
    int32_t day;
    const char *whose;
};

static void heading_write(struct cli *cli, struct page *page, const struct heading *of)
{
    page_start(page, "CTPS — confidentiel (CSI L132-5)", of->title, of->english);
    page_fact(page, "Réunion", "Meeting", of->reference);
    page_fact(page, "Instance", "Kind of meeting", label(cli, "instance", of->instance));
    page_fact(page, "Territoire", "Territory", of->territory);
    page_fact(page, "Date", "Day", view_day(cli, of->day));
    page_fact(page, "Lieu", "Place", of->place);
    page_fact(page, "Remis à", "Handed to", of->whose);
}

static int pack_print(struct cli *cli, const Ctps__Pack *pack, const char *path)
{
    struct heading of = {"Dossier de réunion",
                         "Meeting pack",
                         pack->reference,
                         pack->instance,
                         pack->territory,
                         pack->place,
                         pack->day,
                         attendee_name(cli, pack->agent, pack->contact)};
    bool french = cli->french;
    struct page page;

    cli->french = true; /* the page is */
    heading_write(cli, &page, &of);
    for (size_t i = 0; i < pack->n_items; i++)
        item_write(cli, &page, i + 1, pack->items[i]);
    cli->french = french;
    return page_write(cli, &page, path);
}

static int minutes_print(struct cli *cli, const Ctps__MinutesView *minutes, uint64_t agent,
                         uint64_t contact, const char *path)
{
    struct heading of = {"Compte rendu de réunion",
                         "Minutes of a meeting",
                         minutes->reference,
                         minutes->instance,
                         minutes->territory,
                         NULL,
                         minutes->day,
                         agent || contact ? attendee_name(cli, agent, contact) : NULL};
    bool french = cli->french;
    struct page page;

    cli->french = true;
    heading_write(cli, &page, &of);
    page_fact(&page, "Version", "Version",
              arena_printf(&cli->arena, "%u%s", minutes->version,
                           minutes->validated_by ? "" : " (projet)"));
    if (minutes->text && *minutes->text)
        page_paragraph(&page, minutes->text, NULL);
    for (size_t i = 0; i < minutes->n_items; i++)
        item_write(cli, &page, i + 1, minutes->items[i]);
    cli->french = french;
    return page_write(cli, &page, path);
}

/* --- the commands --- */

int command_pack_run(struct cli *cli, const struct command *command, const struct args *args)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    const char *path = args_get(args, "output");
    const char *who = args_get(args, "for");
    const ProtobufCMessage *pack;
    Ctps__Reply *reply;
    int status = command_fill(cli, command, args, &request.base);

    if (!status && who)
        status = attendee_find(cli, who, &request.meeting_pack->agent,
                               &request.meeting_pack->contact);
    if (status)
        return status;
    request.meeting_pack->has_agent = request.meeting_pack->agent != 0;
    request.meeting_pack->has_contact = request.meeting_pack->contact != 0;
    status = request_run(cli, &request, &reply);
    if (status)
        return status;
    if (reply->answer_case != CTPS__REPLY__ANSWER_PACK_ANSWER ||
        reply->pack_answer->n_packs != 1)
        return EX_PROTOCOL;
    if (path)
        return pack_print(cli, reply->pack_answer->packs[0], path);
    pack = &reply->pack_answer->packs[0]->base;
    if (!cli->json)
        status = view_prepare(cli, &pack_view);
    return status ? status : view_show(cli, &pack_view, &pack, 1);
}

int command_minutes_run(struct cli *cli, const struct command *command, const struct args *args)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    const char *path = args_get(args, "output");
    const char *who = args_get(args, "for");
    const ProtobufCMessage *minutes;
    Ctps__MinutesGet *get;
    Ctps__Reply *reply;
    int status = command_fill(cli, command, args, &request.base);

    get = request.minutes_get;
    if (!status && who)
        status = attendee_find(cli, who, &get->agent, &get->contact);
    if (status)
        return status;
    get->has_agent = get->agent != 0;
    get->has_contact = get->contact != 0;
    status = request_run(cli, &request, &reply);
    if (status)
        return status;
    if (reply->answer_case != CTPS__REPLY__ANSWER_MINUTES_ANSWER ||
        reply->minutes_answer->n_minutes != 1)
        return EX_PROTOCOL;
    if (path)
        return minutes_print(cli, reply->minutes_answer->minutes[0], get->agent, get->contact,
                             path);
    minutes = &reply->minutes_answer->minutes[0]->base;
    if (!cli->json)
        status = view_prepare(cli, &minutes_view);
    return status ? status : view_show(cli, &minutes_view, &minutes, 1);
}

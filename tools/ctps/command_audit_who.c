/* Who saw what, and why: on the terminal, as CSV, a page or JSON. */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "command_audit.h"
#include "lang.h"
#include "output.h"
#include "request.h"

/* What stands in the columns "Action" and "Result", said in words. */
static const char *const words[] __attribute__((unused)) = {
    N_("situation.get"),
    N_("saisine.get"),
    N_("name.search"),
    N_("meeting.get"),
    N_("meeting.pack"),
    N_("minutes.get"),
    N_("decision.get"),
    N_("share.list"),
    N_("break_glass.list"),
    N_("tracking_table.get"),
    N_("rights.get"),
    N_("rights.extract"),
    N_("audit.who"),
    N_("information.shared"),
    N_("information.revoked"),
    N_("information.acknowledged"),
    N_("break_glass.used"),
    N_("meeting.minutes_distributed"),
    N_("situation.transferred"),
    N_("situation.merged"),
    N_("unreadable"),
    N_("answered"),
    N_("done"),
};

static const struct column who_columns[] = {
    {N_("Number"), "seq", VIEW_PLAIN, NULL},
    {N_("When"), "time_us", VIEW_PLAIN, NULL},
    {N_("Who"), "principal", VIEW_WHO, NULL},
    {N_("Action"), "action", VIEW_WORD, NULL},
    {N_("Result"), "result", VIEW_WORD, NULL},
    {N_("To agents"), "agents", VIEW_AGENT, NULL},
    {N_("To contacts"), "contacts", VIEW_CONTACT, NULL},
    {N_("Purpose"), "purpose", VIEW_LABEL, "finalite"},
    {N_("Why"), "purpose_text", VIEW_PLAIN, NULL},
    {N_("Legal base"), "legal_base", VIEW_WORD, NULL},
    {N_("From where"), "peer", VIEW_PLAIN, NULL},
    {N_("Objects"), "objects", VIEW_PLAIN, NULL},
};
static const struct view who_view = {.path = "audit_answer.entries",
                                     .layout = VIEW_TABLE,
                                     VIEW_COLUMNS(who_columns),
                                     .title = N_("Who saw what, and why"),
                                     .empty = N_("nobody read it in that period")};

static const struct column share_columns[] = {
    {N_("Id"), "id", VIEW_PLAIN, NULL},
    {N_("Shared on"), "day", VIEW_PLAIN, NULL},
    {N_("Until"), "expiry_day", VIEW_PLAIN, NULL},
    {N_("Revoked"), "revoked_day", VIEW_PLAIN, NULL},
    {N_("Legal base"), "legal_base", VIEW_LABEL, "base_legale"},
    {N_("Purpose"), "purpose", VIEW_LABEL, "finalite"},
    {N_("Contacts"), "contacts", VIEW_CONTACT, NULL},
    {N_("Agents"), "agents", VIEW_AGENT, NULL},
    {N_("Identity"), "identity", VIEW_MARK, NULL},
    {N_("Summary"), "summary", VIEW_MARK, NULL},
    {N_("Entries"), "entries", VIEW_PLAIN, NULL},
};
static const struct view share_view = {
    .path = "audit_answer.shares", .layout = VIEW_TABLE, VIEW_COLUMNS(share_columns)};

const struct option_row command_audit_who_options[COMMAND_AUDIT_WHO_ROWS] = {
    {"situation", OPTION_TEXT, "REFERENCE",
     N_("about this situation, as T3-2026-0123, or by its number"), "reference", NULL, 0},
    {"person", OPTION_COUNT, "ID", N_("about this person, by its number"), "person", NULL, 0},
    {"agent", OPTION_AGENT, "AGENT", N_("what this agent saw or was given: e-mail, name or id"),
     "agent", NULL, 0},
    {"contact", OPTION_CONTACT, "CONTACT",
     N_("what this partner contact saw or was given: e-mail, name or id"), "contact", NULL, 0},
    {"from", OPTION_DAY, "DATE", N_("from this day"), "from_day", NULL, OPTION_REQUIRED},
    {"to", OPTION_DAY, "DATE", N_("to this day, included"), "to_day", NULL, OPTION_REQUIRED},
    OUTPUT_OPTIONS,
};

static void *grown(struct cli *cli, void *list, size_t count, void *more, size_t more_count)
{
    void **out = arena_alloc(&cli->arena, (count + more_count + 1) * sizeof(*out));

    if (out && list && count)
        memcpy(out, list, count * sizeof(*out));
    if (out && more && more_count)
        memcpy(out + count, more, more_count * sizeof(*out));
    return out;
}

static bool page_add(struct cli *cli, Ctps__AuditAnswer *whole, const Ctps__AuditAnswer *page)
{
    whole->entries =
        grown(cli, whole->entries, whole->n_entries, page->entries, page->n_entries);
    whole->gaps = grown(cli, whole->gaps, whole->n_gaps, page->gaps, page->n_gaps);
    whole->n_entries += page->n_entries;
    whole->n_gaps += page->n_gaps;
    whole->has_unreadable = 1;
    whole->unreadable += page->unreadable;
    if (page->n_shares) {
        whole->shares = page->shares;
        whole->n_shares = page->n_shares;
    }
    return whole->entries && whole->gaps;
}

/* A page may hold nothing and still not be the last. */
static int pages_read(struct cli *cli, Ctps__Request *request, Ctps__AuditAnswer *whole)
{
    const Ctps__AuditAnswer *page;
    Ctps__Reply *reply;
    int status;

    do {
        status = request_run(cli, request, &reply);
        if (status)
            return status;
        if (reply->answer_case != CTPS__REPLY__ANSWER_AUDIT_ANSWER)
            return EX_PROTOCOL;
        page = reply->audit_answer;
        if (!page_add(cli, whole, page))
            return EX_OSERR;
        request->audit_who->has_after = 1;
        request->audit_who->after = page->next;
    } while (page->has_next);
    return 0;
}

/* What can no longer be read stands among the lines: nobody shall take the list for whole. */
static bool gaps_show(struct cli *cli, Ctps__AuditAnswer *whole)
{
    Ctps__AuditView **lines = arena_alloc(&cli->arena, (whole->n_gaps + 1) * sizeof(*lines));

    for (size_t i = 0; lines && i < whole->n_gaps; i++) {
        const Ctps__AuditGap *gap = whole->gaps[i];
        Ctps__AuditView *line = arena_alloc(&cli->arena, sizeof(*line));

        if (!line)
            return false;
        ctps__audit_view__init(line);
        line->has_seq = line->has_time_us = 1;
        line->seq = gap->first_seq;
        line->time_us = gap->first_us;
        line->action = (char *)(uintptr_t) "unreadable";
        line->result = arena_printf(
            &cli->arena, _("%u entries up to %s: the key of their month was destroyed"),
            gap->count, view_instant(cli, gap->last_us));
        lines[i] = line;
    }
    whole->entries = grown(cli, lines, whole->n_gaps, whole->entries, whole->n_entries);
    whole->n_entries += whole->n_gaps;
    return lines && whole->entries;
}

static int who_show(struct cli *cli, const Ctps__AuditAnswer *whole)
{
    int status = view_show(cli, &who_view, (const ProtobufCMessage *const *)whole->entries,
                           whole->n_entries);

    if (!status && whole->n_shares) {
        fprintf(cli->out, "\n%s\n", _("Shares that held in that period:"));
        status = view_show(cli, &share_view, (const ProtobufCMessage *const *)whole->shares,
                           whole->n_shares);
    }
    return status;
}

static int who_write(struct cli *cli, const struct args *args, Ctps__AuditAnswer *whole)
{
    const ProtobufCMessage *answer = &whole->base;
    int status;

    if (whole->unreadable)
        fprintf(cli->err, _("%u entries can no longer be read: their month is past its term\n"),
                whole->unreadable);
    if (cli->json)
        return view_write_json(cli, &answer, 1, true);
    status = view_prepare(cli, &who_view);
    if (!status && whole->n_shares)
        status = view_prepare(cli, &share_view);
    if (status)
        return status;
    if (!gaps_show(cli, whole))
        return EX_OSERR;
    return output_is_wanted(args)
               ? output_write(cli, &who_view, args,
                              (const ProtobufCMessage *const *)whole->entries, whole->n_entries)
               : who_show(cli, whole);
}

/* By its number as well as by its reference: who asks may not look the situation up. */
static void number_take(Ctps__AuditWho *asked)
{
    const char *text = asked->reference;

    if (!text || !*text || text[strspn(text, "0123456789")] != '\0')
        return;
    asked->has_situation = 1;
    asked->situation = strtoull(text, NULL, 10);
    asked->reference = NULL;
}

int command_audit_who_run(struct cli *cli, const struct command *command,
                          const struct args *args)
{
    Ctps__AuditAnswer whole = CTPS__AUDIT_ANSWER__INIT;
    Ctps__Request request = CTPS__REQUEST__INIT;
    int status = command_fill(cli, command, args, &request.base);

    if (!status) {
        number_take(request.audit_who);
        status = pages_read(cli, &request, &whole);
    }
    return status ? status : who_write(cli, args, &whole);
}

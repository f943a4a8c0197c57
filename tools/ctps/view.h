/*
 * view: how an answer is shown, as rows of data: which repeated message of the reply, which of
 * its fields under which title. The same rows serve tables and single records; --json writes
 * the messages themselves.
 */
#ifndef CTPS_CLI_VIEW_H
#define CTPS_CLI_VIEW_H

#include "cli.h"

#include <ctps/answer.pb-c.h>
#include <ctps/command.pb-c.h>

enum view_format {
    VIEW_PLAIN, /* text, numbers, dates and instants by the field's name and type */
    VIEW_LABEL, /* a code of the closed list `list`, as its label */
    /* The same, of a list that another field names: "kind status=etat reviewed=evolution";
     * without one, as it is. */
    VIEW_LABEL_BY,
    VIEW_AGENT, /* an id, as a name */
    VIEW_PARTNER,
    VIEW_CONTACT,
    VIEW_PERSON, /* a Person: names and birth date */
    VIEW_MINUTE, /* of the day, as a time */
    VIEW_CENTI,
    VIEW_KEY, /* bytes in Z85 */
    VIEW_PRINCIPAL,
    VIEW_WHO,     /* a principal, by its name when that is known */
    VIEW_WORD,    /* a word of a closed set of the daemon's own, translated */
    VIEW_WARNING, /* a code of an oddity, in words */
    VIEW_MARK,    /* a bool: a mark or nothing */
};

struct column {
    const char *title; /* N_() */
    const char *path;
    enum view_format format;
    const char *list;
};

enum view_layout { VIEW_TABLE, VIEW_RECORD };

struct view {
    const char *path; /* in Reply: "situation_answer.situations" */
    enum view_layout layout;
    const struct column *columns;
    size_t column_count;
    const char *title; /* N_(): of the printable page, NULL: none */
    const char *empty; /* N_(): said when there is nothing */
    /* Paging: the field of the command that takes the cursor and the field of the last element
     * it is filled from; second pair may be NULL. All NULL: one page. */
    const char *cursor_to[2];
    const char *cursor_from[2];
    /* RECORD only: repeated messages inside the element, each shown as a table behind it. */
    const struct view *const *parts; /* ends with NULL; path is in the element */
};

#define VIEW_COLUMNS(rows) .columns = (rows), .column_count = sizeof(rows) / sizeof *(rows)

/* Asks for the reference data the view's columns need; a refusal is not an error, codes and ids
 * are shown instead. 0 or the exit status. */
int view_prepare(struct cli *cli, const struct view *view);
/* Shows `count` messages. */
int view_show(struct cli *cli, const struct view *view, const ProtobufCMessage *const *messages,
              size_t count);
/* What was made, when a command has no answer of its own. */
int view_show_made(struct cli *cli, const Ctps__Reply *reply);
/* A field's values as one text, "" when absent; a borrow from the run. */
const char *view_cell(struct cli *cli, const struct column *column,
                      const ProtobufCMessage *message);
/* "20/11/2026" in French, "2026-11-20" in English; a borrow from the run. */
const char *view_day(struct cli *cli, int32_t day);
const char *view_instant(struct cli *cli, int64_t us);
/* What an oddity's code means ("review_overdue"); the code itself when it is not known. */
const char *view_warning(const char *code);
/* Name of an agent, partner or contact that is loaded, else the number; a borrow from the run.
 */
const char *view_person(struct cli *cli, enum reference_kind kind, uint64_t id);
/* "agent 513", "plugin notify"; a borrow from the run. */
const char *view_principal(struct cli *cli, const Ctps__Principal *principal);

/* The messages as one JSON array, or as one object when `single`. */
int view_write_json(struct cli *cli, const ProtobufCMessage *const *messages, size_t count,
                    bool single);

/* One message on a line of its own, for streams. */
int view_write_json_line(struct cli *cli, const ProtobufCMessage *message);

#endif

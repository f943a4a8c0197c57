/*
 * option: what may stand on a command line, as rows of data, and reading it. Options common to
 * every command may stand anywhere. "--name value" and "--name=value" are the same; "--" ends
 * the options. A value "@FILE" is read from that file and "@-" from standard input: names and
 * texts given so are seen by no other user of the machine.
 */
#ifndef CTPS_CLI_OPTION_H
#define CTPS_CLI_OPTION_H

#include "cli.h"

enum {
    ARGS_MAX = 128,            /* values of one command line */
    OPTION_FILE_MAX = 1 << 16, /* bytes of a value read from a file */
};

enum option_kind {
    OPTION_FLAG, /* no value */
    OPTION_YESNO,
    OPTION_TEXT,
    OPTION_COUNT, /* whole number >= 0 */
    OPTION_CENTI, /* "0,5" -> 50 */
    OPTION_DAY,
    OPTION_INSTANT, /* "2026-11-20T14:30", civil time of the town */
    OPTION_CODE,    /* of the closed list `list`; a label is read as its code */
    OPTION_CHOICE,  /* one of the words of `list`, separated by "|" */
    OPTION_TERRITORY,
    OPTION_DISTRICT,
    OPTION_AGENT,
    OPTION_PARTNER,
    OPTION_CONTACT,
    OPTION_SAISINE,
    OPTION_SITUATION,
    OPTION_MEETING,
    OPTION_TIME, /* "14:30", minutes since midnight */
    OPTION_PUBLIC_KEY,
};

enum option_flags {
    OPTION_REQUIRED = 1,
    OPTION_REPEATED = 2, /* may be given several times */
    OPTION_BEGINS = 4,   /* begins a new element of the repeated message on its path */
    OPTION_CLEARS = 16,  /* a flag that empties the field `target` of what is changed */
    OPTION_REQUEST = 8,  /* `target` is a field of Request itself, not of its command */
};

struct option_row {
    const char *name; /* "term" is --term; in upper case it is positional */
    enum option_kind kind;
    const char *value;  /* word that stands for it in the help, NULL for flags */
    const char *help;   /* one line, N_() */
    const char *target; /* path of the field it fills; NULL: the command reads it itself */
    const char *list;
    uint64_t flags; /* of enum option_flags */
};

struct arg {
    const struct option_row *row;
    const char *text; /* NULL for flags; a borrow from argv or the run's arena */
};

struct args {
    struct arg items[ARGS_MAX];
    size_t count;
};

struct command;

/* Reads the words after noun and verb, global options included. 0 or the exit status. */
int args_parse(struct cli *cli, const struct command *command, int argc,
               const char *const *argv, struct args *ret_args);
/* Whether what is required is there; 0 or the exit status, after saying what is not. */
int args_check(const struct cli *cli, const struct command *command, const struct args *args);

/* Value of the last option of that name, NULL when not given; "" for a flag. */
const char *args_get(const struct args *args, const char *name);
/* Value `index` of a repeated option or positional, NULL past the last. */
const char *args_get_nth(const struct args *args, const char *name, size_t index);

/* --lang before anything else is read, so that complaints about options are translated. */
const char *option_peek_language(int argc, const char *const *argv);
/* Takes the global option at argv[*at] and moves behind it; 0 or the exit status. */
int option_take_global(struct cli *cli, int argc, const char *const *argv, int *at);

/* Rows of the options of every command, for the help. */
const struct option_row *option_globals(size_t *ret_count);
bool option_is_positional(const struct option_row *row);

#endif

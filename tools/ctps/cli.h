/*
 * cli: what one run of `ctps` knows: its options, where it writes, its session, the lists it
 * has asked for. One struct owns everything; two runs can live in one test process.
 */
#ifndef CTPS_CLI_CLI_H
#define CTPS_CLI_CLI_H

#include "base/arena.h"
#include "base/sys.h"
#include "reference.h"
#include "session.h"

#include <stdio.h>

enum {
    CLI_ARENA_MAX = 256 << 20, /* bytes one run may hand out: a large import's reference data */
    CLI_TIMEOUT_MS = 10000,
};

struct command;

struct cli {
    const struct sys *sys; /* borrow */
    FILE *out;             /* borrow */
    FILE *err;             /* borrow */
    FILE *in;              /* borrow */

    const char *key_path; /* --as; NULL: $CTPS_KEY, then ~/.config/ctps/key */
    const char *language; /* --lang; NULL: by the environment */
    bool json;
    bool no_input;
    bool help;
    int timeout_ms;

    bool french;
    bool color;
    bool terminal;  /* out is one */
    unsigned width; /* columns of a line; 0: no limit */

    struct arena arena;            /* of the whole run */
    const struct command *command; /* borrow: the one that runs; NULL before */
    struct session session;
    bool session_open;
    /* Opens `session` at the first request. Tests put their own here. */
    enum ctps_code (*open_session)(struct cli *cli, struct ctps_err *err);
    void *open_ctx;
    struct reference reference;
};

/* Prepares a run on the given streams (borrowed). Opens nothing. */
void cli_init(struct cli *cli, const struct sys *sys, FILE *in, FILE *out, FILE *err);
/* Closes the session and releases everything, wiped. Idempotent. */
void cli_done(struct cli *cli);

/* Runs one command line; argv[0] is skipped. Returns the exit status (sysexits.h). */
int cli_run(struct cli *cli, int argc, const char *const *argv);

/* "ctps: " and one line on the error stream. */
void cli_complain(const struct cli *cli, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The key file to act with: --as, $CTPS_KEY, ~/.config/ctps/key. NULL without any. */
const char *cli_key_path(struct cli *cli);
/* Opens the session when it is not; 0, or the exit status after saying why. */
int cli_connect(struct cli *cli);
/* A question answered by yes or no; false without asking when --no-input or not a terminal. */
bool cli_confirm(struct cli *cli, const char *question);

#endif

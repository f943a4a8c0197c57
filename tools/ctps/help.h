/*
 * help: what `ctps help` says, made from the command and option rows so that it cannot go
 * stale. An example comes first.
 */
#ifndef CTPS_CLI_HELP_H
#define CTPS_CLI_HELP_H

#include "command.h"

/* Every command, one line each. On `out`; returns 0, or EX_USAGE when that is the error stream
 * (nothing was asked for). */
int help_run_all(struct cli *cli, FILE *out);
/* ctps help [NOUN [VERB]] */
int help_run(struct cli *cli, int argc, const char *const *argv);
int help_run_command(struct cli *cli, const struct command *command);
/* The meaning of exit status number `index`, and the status; NULL past the last. */
const char *help_status(size_t index, int *ret_status);
/* argv[0] (and argv[1]) name no command: the nearest one, and what there is. EX_USAGE, or 0
 * when help of a noun was asked for. */
int help_run_unknown(struct cli *cli, int argc, const char *const *argv);

#endif

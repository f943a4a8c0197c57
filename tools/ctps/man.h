/*
 * man: manual pages and bash completion, written at build time from the command and option rows
 * (and the daemon's option rows), so that they cannot go stale. In the run's language.
 */
#ifndef CTPS_CLI_MAN_H
#define CTPS_CLI_MAN_H

#include "command.h"

/* ctps.1: every noun. */
void man_write_program(FILE *out);
/* ctps-NOUN.1: its commands, examples first. */
void man_write_group(FILE *out, const struct command_group *group);
/* ctpsd.8 and ctpsd.conf.5 (English: the rows of the daemon are). */
void man_write_daemon(FILE *out);
void man_write_host(FILE *out);
void man_write_conf(FILE *out);
/* A text in roff: nothing in it is a request, an escape or a hyphen by accident. */
void man_write_text(FILE *out, const char *text);

/* The completion of bash for `ctps`. */
void completion_write(FILE *out);

#endif

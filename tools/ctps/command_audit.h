/* command_audit: who saw what, from the journal. */
#ifndef CTPS_CLI_COMMAND_AUDIT_H
#define CTPS_CLI_COMMAND_AUDIT_H

#include "command.h"
#include "view.h"

/* audit who: page after page until the period was read whole. */
int command_audit_who_run(struct cli *cli, const struct command *command,
                          const struct args *args);
#define COMMAND_AUDIT_WHO_ROWS 8
extern const struct option_row command_audit_who_options[COMMAND_AUDIT_WHO_ROWS];

#endif

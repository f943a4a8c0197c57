/*
 * command_reference: listing and changing reference data. A change is read, altered and sent
 * back whole, so that what is not named on the command line stays as it is.
 */
#ifndef CTPS_CLI_COMMAND_REFERENCE_H
#define CTPS_CLI_COMMAND_REFERENCE_H

#include "command.h"

/* Lists what the view's path names; each option's target is a field that must have the value.
 */
int command_reference_list(struct cli *cli, const struct command *command,
                           const struct args *args);
/* Alters one thing; what does not exist yet is made when it is known by code. */
int command_reference_set(struct cli *cli, const struct command *command,
                          const struct args *args);

#endif

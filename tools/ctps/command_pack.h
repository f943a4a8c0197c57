/* command_pack: packs and minutes, shown or printed; whom they are for. */
#ifndef CTPS_CLI_COMMAND_PACK_H
#define CTPS_CLI_COMMAND_PACK_H

#include "command.h"

/* meeting pack: of one attendee, on the terminal or as a page. */
int command_pack_run(struct cli *cli, const struct command *command, const struct args *args);
/* minutes show: as one attendee may read them. */
int command_minutes_run(struct cli *cli, const struct command *command,
                        const struct args *args);

#endif

/*
 * paper: what printed pages say alike, whatever noun they are about. In French, as pages are.
 */
#ifndef CTPS_CLI_PAPER_H
#define CTPS_CLI_PAPER_H

#include "cli.h"

/* "23/11/2026"; "" when not given. */
const char *paper_day(struct cli *cli, bool given, int32_t day);
/* An agent's name, or the id in digits; "" for 0. */
const char *paper_agent(struct cli *cli, uint64_t id);
/* The French label of a code of a closed list, or the code. */
const char *paper_label(struct cli *cli, const char *list, const char *code);

#endif

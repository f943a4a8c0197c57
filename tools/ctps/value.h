/*
 * value: a word of the command line as the value of a field. People write dates as on the wall,
 * labels as on paper, names and references instead of ids.
 */
#ifndef CTPS_CLI_VALUE_H
#define CTPS_CLI_VALUE_H

#include "message.h"
#include "option.h"

/* Sets the field at `slot` from `text`; 0 or the exit status, after saying what was expected.
 */
int value_set(struct cli *cli, const struct option_row *row, const char *text,
              struct message_slot slot);

/* A civil day: 20/11/2026 or 2026-11-20. */
bool value_parse_day(const char *text, int32_t *ret_day);
/* "0,5" or "0.5" -> 50; at most two decimals. */
bool value_parse_centi(const char *text, uint32_t *ret_centi);
bool value_parse_count(const char *text, uint64_t *ret_count);

/* Id of what `text` names: a number, a reference, an e-mail, a name. 0 or the exit status. */
int value_find_id(struct cli *cli, enum option_kind kind, const char *text, uint64_t *ret_id);

#endif

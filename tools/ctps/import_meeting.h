/*
 * import_meeting: one record of a calendar of meetings as the ImportMeeting of the schemas.
 */
#ifndef CTPS_CLI_IMPORT_MEETING_H
#define CTPS_CLI_IMPORT_MEETING_H

#include "import_values.h"

#include <ctps/command.pb-c.h>

/* Builds the row in `arena`. True and *ret_row; false and *ret_fault. Lists and territories
 * must be loaded. */
bool import_meeting_build(struct cli *cli, struct arena *arena, const struct import_map *map,
                          const struct import_record *record, Ctps__ImportMeeting **ret_row,
                          struct import_fault *ret_fault);

/* "14:00", "14h", "14h30" -> minute of the day. */
bool import_value_time(const char *text, uint32_t *ret_minute);
/* "2h", "1h30", "90 min", "90" -> minutes, 1 to 720. */
bool import_value_duration(const char *text, uint32_t *ret_minutes);

#endif

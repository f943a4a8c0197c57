/* import: what the rows of an import share, whatever they hold. */
#ifndef CTPS_DOMAIN_IMPORT_H
#define CTPS_DOMAIN_IMPORT_H

#include "domain/act.h"

/* Said with a reply while parts of an import remain to be taken back. */
#define IMPORT_UNDO_MORE "undo_more"

/* Leaves an import that is not undone in act->import, or refuses. */
bool import_load(struct act *act, uint64_t id);
/* Leaves an import that is not ended nor undone in act->import, or refuses. A dry run of rows
 * has no import to stand in: it names the source instead. */
bool import_load_open(struct act *act, uint64_t id);
bool import_load_for_row(struct act *act, uint64_t id, char *source);
/* Takes a further part back of the first import that was begun to be taken back, as whoever
 * began it; false when there is none. */
bool import_undo_go_on(struct act *act);
/* The row already taken under that number of this source; NULL when there is none. */
Ctps__ImportRowTaken *import_row_find(struct act *act, const char *number);

#endif

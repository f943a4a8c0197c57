/*
 * import_values: what a cell means. Labels or codes become codes by folded comparison with the
 * town's lists; dates are read as French people write them; names become agents and partners.
 * Every way a cell can be wrong has a cause with a sentence in both languages.
 */
#ifndef CTPS_CLI_IMPORT_VALUES_H
#define CTPS_CLI_IMPORT_VALUES_H

#include "import_map.h"

enum import_cause {
    CAUSE_NONE = 0,
#define X(id, fr, en) CAUSE_##id,
#include "import_causes.h"
#undef X
    CAUSE_COUNT
};

struct import_cause_row {
    const char *fr;
    const char *en;
};
const struct import_cause_row *import_cause_row(enum import_cause cause);

/* What is wrong with a record: its first fault. */
struct import_fault {
    enum import_cause cause;
    enum import_field field;
    const char *value; /* borrow from the cell; NULL when nominative */
};

/* Codes of the list by code or label; NULL when the list has none such. A borrow. */
const char *import_value_code(struct cli *cli, const char *list, const char *text);
/* A date; false when there is no such day. */
bool import_value_day(const char *text, int32_t *ret_day);
/* The district as its territory spells it, NULL when it is not one of it. */
const char *import_value_district(const Ctps__Territory *territory, const char *text);
/* "F", "M", or NULL when the text is neither. */
const char *import_value_sex(const char *text);
/* "15 400" -> 15400. */
bool import_value_population(const char *text, uint32_t *ret_count);

enum { IMPORT_PARTS_MAX = 32 };

/* Cuts a cell holding several values. The separators are tried in order; the first that leaves
 * only parts `known` accepts wins, the whole cell first of all. With none, *ret_bad is the
 * first part nobody knows under the first separator. Parts are borrows from `arena`. Returns
 * their number, 0 when some part is unknown. */
size_t import_value_split(struct arena *arena, const char *text, const char *const *separators,
                          bool (*known)(void *ctx, const char *part), void *ctx,
                          const char *ret_parts[IMPORT_PARTS_MAX], const char **ret_bad);

#endif

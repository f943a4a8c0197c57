/*
 * import_map: which column of a sheet is which field. Headers are compared folded with a table
 * of synonyms; an explicit mapping ("header = field" lines) comes before it. The table says
 * which fields a kind needs and which are nominative.
 */
#ifndef CTPS_CLI_IMPORT_MAP_H
#define CTPS_CLI_IMPORT_MAP_H

#include "import_read.h"

/* Fields of every kind; a kind uses some of them. */
enum import_field {
    FIELD_LIST,
    FIELD_CODE,
    FIELD_LABEL_FR,
    FIELD_LABEL_EN,
    FIELD_NAME,
    FIELD_POPULATION,
    FIELD_DISTRICTS,
    FIELD_LAST_NAME,
    FIELD_FIRST_NAME,
    FIELD_FUNCTION,
    FIELD_TERRITORIES,
    FIELD_FTE,
    FIELD_FUNDER,
    FIELD_EMAIL,
    FIELD_ACT,
    FIELD_FROM,
    FIELD_TO,
    FIELD_FAMILY,
    FIELD_PARTNER_KIND,
    FIELD_PARTNER,
    FIELD_PHONE,
    FIELD_CHARTER,
    FIELD_SIGNED,
    FIELD_NOTIFY,
    FIELD_NUMBER,
    FIELD_RECEIVED,
    FIELD_ORIGIN,
    FIELD_REFERRER,
    FIELD_CHANNEL,
    FIELD_TERRITORY,
    FIELD_DISTRICT,
    FIELD_NATURE,
    FIELD_PERSON_LAST,
    FIELD_PERSON_FIRST,
    FIELD_BORN,
    FIELD_SEX,
    FIELD_ADDRESS,
    FIELD_PERSON_PHONE,
    FIELD_REPRESENTATIVES,
    FIELD_MOTIVES,
    FIELD_URGENCY,
    FIELD_TERM,
    FIELD_STATUS,
    FIELD_LEAD,
    FIELD_EVOLUTION,
    FIELD_NEXT_REVIEW,
    FIELD_CLOSED,
    FIELD_CLOSING_MOTIVE,
    FIELD_OBSERVATION,
    FIELD_DATE,
    FIELD_TIME,
    FIELD_DURATION,
    FIELD_INSTANCE,
    FIELD_PLACE,
    FIELD_COUNT
};

struct import_field_row {
    enum import_kind kind;
    enum import_field field;
    bool required;        /* the column must be there; cells have rules of their own */
    bool nominative;      /* its cells are never copied into a report */
    const char *code;     /* as in a mapping file */
    const char *title;    /* French header, as in reports */
    const char *synonyms; /* folded, separated by "|"; the title itself is one */
};

struct import_map {
    enum import_kind kind;
    int columns[FIELD_COUNT]; /* -1: not there */
    size_t unknown_count;
    const char *unknown[IMPORT_COLUMNS_MAX]; /* headers nobody knows; borrow from the sheet */
};

/* Row of a field, NULL when the kind has none. Static. */
const struct import_field_row *import_field_row(enum import_kind kind, enum import_field field);

/* Which kind a file is, by its name ("tableau-de-suivi-2026.csv") or else by its headers. False
 * when neither says. */
bool import_kind_recognise(const char *path, const struct import_record *header,
                           enum import_kind *ret_kind);

/* Maps the headers. `mapping` is the text of a mapping file, NULL without. CTPS_INVALID for a
 * bad mapping line, a field found twice, or required columns that are missing: all of them are
 * named in the text. */
enum ctps_code import_map_headers(enum import_kind kind, const struct import_record *header,
                                  const char *mapping, struct import_map *ret_map,
                                  struct ctps_err *err);

/* The cell of a record, "" when its column is not there. */
const char *import_cell(const struct import_map *map, const struct import_record *record,
                        enum import_field field);

#endif

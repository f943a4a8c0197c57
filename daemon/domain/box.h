/*
 * box: where sealed parts stand in the views, as rows of data. Whoever erases, seals again or
 * tells somebody what is held about him walks these rows, so that nothing sealed is forgotten
 * because its noun is younger than the walk.
 *
 * A noun that seals something adds one row to the table of box_table.c (docs/sealing.md, "A new
 * sealed field"); tests/unit/domain/test_box.c fails for a sealed field of an event no row
 * speaks for. All functions are pure over the tables: decide and apply both use them.
 */
#ifndef CTPS_DOMAIN_BOX_H
#define CTPS_DOMAIN_BOX_H

#include "domain/record.h"
#include "domain/sealer.h"

/* Whose key a box is under, hence with whom it ends. */
enum box_owner {
    BOX_OF_SITUATION, /* under the situation's slot: sealed again when the situation is */
    BOX_OF_SAISINE,   /* under the slot of one of its saisines */
    BOX_OF_PERSON,    /* a person's own slot; ends with the situation, or alone by rekey */
    BOX_ALONE,        /* a slot of its own that ends with the situation */
    BOX_OF_ITSELF,    /* its own slot and its own end of life: no situation's */
};

enum { BOX_ALSO_MAX = 6 };

struct box_search {
    const struct tables *tables;
    struct arena *arena;
    const Ctps__SituationRecord *situation;
};

typedef void box_key(void *arg, const struct table_key *key);
/* Calls `each` with the keys of the rows that may hold boxes of the situation. `each` may write
 * the table. */
typedef void box_find(const struct box_search *search, enum table table, box_key *each,
                      void *arg);

struct box_row {
    enum sealed_field field; /* one row a number */
    const char *name;        /* "entry.text": what an extract calls it */
    enum table table;
    const ProtobufCMessageDescriptor *type; /* of the table's values */
    const char *path;                       /* of the box in them; one repeated part at most */
    const ProtobufCMessageDescriptor *content; /* what is sealed */
    enum box_owner owner;
    box_find *find; /* NULL for BOX_OF_ITSELF */
    /* Fields of other messages that are copied to `path`: "SituationClosed.text". */
    const char *also[BOX_ALSO_MAX];
};

/* NULL past the end. */
const struct box_row *box_row_at(size_t index);
/* NULL when no row has that number. */
const struct box_row *box_row_find(enum sealed_field field);

/* --- ways to find rows --- */

box_find box_find_situation; /* key: the situation's id */
box_find box_find_under;     /* keys that begin with the situation's id */
box_find box_find_saisines;  /* keys: ids of its saisines */

/* For finds of one's own: keys (id, other) of pairs, each with its reverse. */
void box_find_pairs(const struct box_search *search, enum table table, uint64_t id,
                    box_key *each, void *arg);
/* Ids that stand behind the situation's in the keys of table `index`.
 */
void box_find_indexed(const struct box_search *search, enum table index, box_key *each,
                      void *arg);

/* --- walking --- */

struct box_place {
    const struct box_row *row;
    struct table_key key;
    uint32_t index;                 /* in the repeated part of the path; 0 without one */
    const ProtobufCMessage *parent; /* the message the box is a field of */
    const Ctps__Sealed *sealed;
};

/* Every box that ends with the situation, in the order of the rows: those under its slot, of
 * its saisines and of its persons. Everything is a borrow of the arena. `each` may change the
 * place it is given by box_put. */
void box_each(const struct box_search *search,
              void (*each)(void *arg, const struct box_place *place), void *arg);

/* An integer field of the message a box stands in: "id", "day"; 0 when it has none. */
int64_t box_number(const struct box_place *place, const char *field);
/* A string field of it: "role"; "" when it has none. */
const char *box_word(const struct box_place *place, const char *field);

/* Puts `sealed` (NULL: nothing) in the place of a box; nothing happens when the row is gone. */
void box_put(const struct tables *tables, struct arena *arena, enum sealed_field field,
             const struct table_key *key, uint32_t index, const Ctps__Sealed *sealed);

#endif

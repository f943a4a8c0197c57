/*
 * reference: the town's reference data as the daemon answered them, asked for once per run and
 * only when needed; finding things by code, label or name, compared folded. An import adds what
 * it is about to create, so that later rows find it.
 */
#ifndef CTPS_CLI_REFERENCE_H
#define CTPS_CLI_REFERENCE_H

#include "base/arena.h"

#include <ctps/common.pb-c.h>

struct cli;

enum reference_kind {
    REFERENCE_LIST_VALUES,
    REFERENCE_TERRITORIES,
    REFERENCE_AGENTS,
    REFERENCE_PARTNERS,
    REFERENCE_CONTACTS,
    REFERENCE_KINDS
};

enum { REFERENCE_KEYS = 3 };

struct reference_item {
    const ProtobufCMessage *message;  /* ListValue, Territory, Agent, Partner or Contact */
    const char *scope;                /* list of a list value; NULL otherwise */
    const char *keys[REFERENCE_KEYS]; /* folded names it is found by; some may be NULL */
    bool pending;                     /* announced by reference_add, unknown to the daemon */
};

struct reference_set {
    struct reference_item *items;
    size_t count;
    size_t cap;
    bool loaded;
};

struct reference {
    struct reference_set sets[REFERENCE_KINDS];
    bool zone_taken;
};

/* Asks the daemon once. Returns 0 or the exit status, after saying why. */
int reference_load(struct cli *cli, enum reference_kind kind);
/* The same, but a principal who may not read them gets none and no complaint. */
int reference_load_quietly(struct cli *cli, enum reference_kind kind);
/* Makes the town's time zone this process' own (TZ), so that wall clocks are read and shown as
 * the town's; this machine's stays for a principal who may not read the town. 0 or exit status.
 */
int reference_take_zone(struct cli *cli);
/* Adds a thing (borrowed for the whole run); false without memory. `scope` for list values. */
bool reference_add(struct cli *cli, enum reference_kind kind, const ProtobufCMessage *message,
                   bool pending);

/* Finding in what is loaded; `scope` is the list of a list value, else NULL. The text is folded
 * first. NULL when absent, and (*ret_ambiguous, may be NULL) when several answer. */
const ProtobufCMessage *reference_find(struct cli *cli, enum reference_kind kind,
                                       const char *scope, const char *text,
                                       bool *ret_ambiguous);
/* The item itself, to replace what it stands for. */
struct reference_item *reference_find_item(struct cli *cli, enum reference_kind kind,
                                           const char *scope, const char *text,
                                           bool *ret_ambiguous);
/* Agent, partner or contact by id; NULL when absent. */
const ProtobufCMessage *reference_by_id(const struct cli *cli, enum reference_kind kind,
                                        uint64_t id);
/* Id of an agent, partner or contact. */
uint64_t reference_id(const ProtobufCMessage *message);

/* The label of a code in the run's language; the code itself when unknown. */
const char *reference_label(const struct cli *cli, const char *list, const char *code);
/* The known name nearest to `text` (as people write it), NULL when none is near. A borrow. */
const char *reference_nearest(struct cli *cli, enum reference_kind kind, const char *scope,
                              const char *text);

#endif

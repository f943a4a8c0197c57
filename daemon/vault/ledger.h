/*
 * ledger: append-only list of erased subjects, kept apart from the backups, so that a restore
 * cannot bring back who was erased. Each record: subject id, slots destroyed, day, chained
 * hash, MAC under a key derived from the root key. A torn last record (power cut) is cut at
 * open; a bad record before the last is CTPS_DAMAGED.
 */
#ifndef CTPS_VAULT_LEDGER_H
#define CTPS_VAULT_LEDGER_H

#include "base/err.h"
#include "base/sys.h"
#include "seal/seal.h"

struct ledger;

struct ledger_record {
    uint64_t subject; /* id of a situation, saisine or person */
    uint64_t slot;    /* key slot destroyed with it */
    int32_t day;      /* civil day of the erasure */
};

/* Makes the file when absent. Own: ledger_close. */
enum ctps_code ledger_open(struct ledger **ret_ledger, const char *path, const struct sys *sys,
                           const struct seal_key *root, struct ctps_err *err);
void ledger_close(struct ledger **ledger);
/* Durable when it answers CTPS_OK. */
enum ctps_code ledger_append(struct ledger *ledger, const struct ledger_record *records,
                             size_t count, struct ctps_err *err);
/* In order of appending; stops at a non-OK answer of `each`, which is returned. */
enum ctps_code ledger_each(struct ledger *ledger,
                           enum ctps_code (*each)(void *arg,
                                                  const struct ledger_record *record),
                           void *arg, struct ctps_err *err);
uint64_t ledger_count(const struct ledger *ledger);

#endif

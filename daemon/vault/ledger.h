/*
 * ledger: append-only list of erased subjects, kept apart from the backups, so that a restore
 * cannot bring back who was erased. Each record: subject id, slots destroyed, day, chained
 * hash, MAC under a key derived from the root key.
 *
 * The records of one append are a batch, flushed before the next is begun. At open, from the
 * first bad record of the last batch on, what follows is a torn tail (power cut) and is cut; a
 * bad record with one of a later batch behind it is CTPS_DAMAGED. A ledger that ends too early
 * looks whole: compare ledger_count with what the journal says was erased.
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

/* Makes the file when absent (0600). `root` is the root key itself, used during the call.
 * CTPS_FORGED when the file was made under another. Own: ledger_close. */
enum ctps_code ledger_open(struct ledger **ret_ledger, const char *path, const struct sys *sys,
                           const struct seal_key *root, struct ctps_err *err);
void ledger_close(struct ledger **ledger);
/* Durable when it answers CTPS_OK. After a failed write or flush what is on disk is unknown:
 * every later call is CTPS_CLOSED. */
enum ctps_code ledger_append(struct ledger *ledger, const struct ledger_record *records,
                             size_t count, struct ctps_err *err);
/* In order of appending; stops at a non-OK answer of `each`, which is returned. */
enum ctps_code ledger_each(struct ledger *ledger,
                           enum ctps_code (*each)(void *arg,
                                                  const struct ledger_record *record),
                           void *arg, struct ctps_err *err);
uint64_t ledger_count(const struct ledger *ledger);
/* Bytes cut at open. */
uint64_t ledger_torn_len(const struct ledger *ledger);

#endif

/*
 * rootkey: the one secret everything else is derived from, where it comes from and how it is
 * kept on paper.
 *
 * Text form: 64 hexadecimal digits and an end of line. A key file is 0400 or 0600 and belongs
 * to the user the daemon runs as, or to root. systemd gives credentials (systemd.exec(5),
 * LoadCredential=) as root's files with an ACL for the service, which shows as 0440: that mode
 * is taken there and only there.
 *
 * Owner and mode are asked of the real machine: this module opens for reading without struct
 * sys.
 */
#ifndef CTPS_VAULT_ROOTKEY_H
#define CTPS_VAULT_ROOTKEY_H

#include "base/err.h"
#include "base/sys.h"
#include "seal/seal.h"

enum { ROOTKEY_SHEET_LEN = 1200 };

enum rootkey_use {
    ROOTKEY_STORE,   /* bodies of journal frames */
    ROOTKEY_VIEWS,   /* rows of the views */
    ROOTKEY_KEYRING, /* derived by the keyring itself */
    ROOTKEY_LEDGER,  /* derived by the ledger itself */
};

/* Reads a key file. CTPS_REFUSED when others could read it or it belongs to somebody else,
 * CTPS_INVALID when it does not hold a key, CTPS_ABSENT when there is none. */
enum ctps_code rootkey_read(struct seal_key *out, const char *path, struct ctps_err *err);
/* Reads the credential `name` from `dir`, the value of $CREDENTIALS_DIRECTORY (NULL or empty:
 * CTPS_ABSENT). Errors as rootkey_read. */
enum ctps_code rootkey_read_credential(struct seal_key *out, const char *dir, const char *name,
                                       struct ctps_err *err);
/* Writes a new key file (0400), durable when it answers CTPS_OK. CTPS_EXISTS when something
 * stands there: a root key is never overwritten. */
enum ctps_code rootkey_write(const struct seal_key *key, const char *path,
                             const struct sys *sys, struct ctps_err *err);

/* The sub-key for one use. */
void rootkey_derive(struct seal_key *out, const struct seal_key *root, enum rootkey_use use);

/* The escrow sheet: bilingual text to print, the key in four checked lines. `day` is the civil
 * day printed on it. The buffer holds the key: wipe it. */
void rootkey_sheet_write(char out[ROOTKEY_SHEET_LEN], const struct seal_key *key, int32_t day);
/* Reads the key back from the text of a sheet, or from its five key lines typed again in any
 * spacing and case (O for 0, I or L for 1 are forgiven). CTPS_INVALID naming the line that does
 * not agree with its check. */
enum ctps_code rootkey_sheet_read(struct seal_key *out, const char *text, struct ctps_err *err);

#endif

/*
 * share: what of a situation was shared with somebody, and whether it holds today (CSI L132-5,
 * L132-13; CASF L121-6-2). Every path that shows a situation to somebody by a share asks here:
 * reading, packs of a meeting, minutes.
 */
#ifndef CTPS_DOMAIN_SHARE_H
#define CTPS_DOMAIN_SHARE_H

#include "domain/act.h"

enum { SHARE_FOUND_MAX = 256 };

#define BASE_GROUP        "L132-5"   /* working group of the CLSPD: confidential */
#define BASE_INTERCOMMUNE "L132-13"  /* the same of a CISPD */
#define BASE_SECRET       "L121-6-2" /* professionals of the same person: secret */
#define BASE_SERVICE      "interne"  /* within the service */

/* The shares of one situation that hold today for one reader, newest first. */
struct share_found {
    size_t count;
    Ctps__ShareRecord *list[SHARE_FOUND_MAX]; /* borrow of the act's arena */
};

/* Fills *ret_found with what holds today for `who` on `situation`; false when nothing does: no
 * share, past its day, revoked, the contact inactive or its charter not current, the agent's
 * habilitation out of its dates. Says nothing of the situation's own state (erased, closed). */
bool share_find(struct act *act, uint64_t situation, const struct principal *who,
                struct share_found *ret_found);

/* What the shares found give, those of one legal base only (NULL: any). */
bool share_gives_identity(const struct share_found *found, const char *legal_base);
bool share_gives_summary(const struct share_found *found, const char *legal_base);
bool share_gives_entry(const struct share_found *found, const char *legal_base, uint64_t entry);

/* Whether `who` is one of the recipients. */
bool share_is_recipient(const Ctps__InformationShared *shared, const struct principal *who);
/* Neither revoked nor past its last day. */
bool share_is_live(const Ctps__ShareRecord *share, int32_t today);

Ctps__ShareRecord *share_record(const struct tables *tables, struct arena *arena, uint64_t id);

/* Why recipients of a share are to be told (TABLE_SHARE_TELL; GDPR 19). */
enum share_tell {
    SHARE_TELL_RECTIFIED = 1,
    SHARE_TELL_ERASED = 2,
};

/* Key of TABLE_SHARE_BY, under which the shares of a recipient stand. */
struct table_key share_key_by(Ctps__ObjectKind kind, uint64_t object, uint64_t share);

/* What the policy must know of a situation that may be read by share or by breaking the glass:
 * to resource_of_situation it adds whether `who` was given a share, and until when, and when
 * `who` broke the glass. */
struct resource share_resource(struct act *act, const Ctps__SituationRecord *situation,
                               const struct principal *who);

/* Adds to an audit answer the shares of a situation that held at some time between two days. */
void share_trail(struct act *act, const Ctps__SituationRecord *situation, int32_t from_day,
                 int32_t to_day, Ctps__AuditAnswer *answer);

/* Fills the answer with one view for each legal base: what was shared with the one who asks and
 * nothing else. */
void share_open(struct act *act, const Ctps__SituationRecord *situation,
                Ctps__SituationAnswer *answer);

#endif

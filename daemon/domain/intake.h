/*
 * intake: taking in a saisine, the same way from a form, the bus or a sheet: required fields,
 * closed lists, sealing, numbering, duplicates proposed.
 */
#ifndef CTPS_DOMAIN_INTAKE_H
#define CTPS_DOMAIN_INTAKE_H

#include "domain/act.h"

struct intake {
    bool history; /* a row of a sheet: retired list values and past dates are what they are */
    bool facts_only; /* already past its term: nothing nominative is kept */
    uint64_t typed_by;
};

/* Whether the fields hold; refuses on the act otherwise. */
bool intake_check(struct act *act, const Ctps__SaisineReceive *in);
/* Emits saisine.received and duplicate.proposed events; NULL when refused. */
Ctps__SaisineReceived *intake_emit(struct act *act, const Ctps__SaisineReceive *in,
                                   const struct intake *intake);

/* The next number of a series: of a territory and a year, "AR-T3-2026-0123"; with "" for the
 * territory of the town's, "D-2026-0001". */
char *intake_number(struct act *act, const char *prefix, const char *territory, int32_t day,
                    uint32_t *ret_ordinal);
/* Whether role, sex and birth day of a person hold; refuses on the act otherwise. */
bool intake_person_check(struct act *act, const Ctps__Person *person);
/* Seals a person under a key of his own, as SEALED_PERSON_IDENTITY or, for one added to a
 * situation, SEALED_PERSON_ADDED; never NULL. */
Ctps__StoredPerson *intake_person_seal(struct act *act, enum sealed_field field,
                                       const Ctps__Person *in);
/* The box of an identity with its sex, under `slot`, for a person whose id stays. */
Ctps__Sealed *intake_identity_seal(struct act *act, uint64_t slot, enum sealed_field field,
                                   const Ctps__Identity *identity, const char *sex);
/* Emits duplicate.proposed events for somebody known later than his saisine. */
void intake_propose_person(struct act *act, const Ctps__SaisineRecord *saisine,
                           Ctps__Identity *identity);

/* "lt12", "12-15", "16-17", "18-25", "gt25" (domain.md, situation facts). */
const char *intake_age_band(int32_t birth_day, int32_t on_day);
/* Whether an age band is a minor's. */
bool intake_is_minor(const char *age_band);

/* Calls `each` for every subject of a saisine: named persons, and the exact place. */
void intake_subjects(const Ctps__SaisineReceived *received, const Ctps__SaisineContent *content,
                     Ctps__Identity *const *identities, size_t identity_count,
                     void (*each)(void *arg, const struct name_subject *subject), void *arg);

/* Opens a situation for a saisine that is being accepted: reference, term, first review. */
struct opening {
    const char *status;
    const char *term;
    const char *title; /* may be NULL; nominative */
    int32_t opened_day;
    uint64_t lead_agent;
    bool has_next_review_day;
    int32_t next_review_day;
    bool facts_only;
    char **warnings;
    size_t warning_count;
};
Ctps__SituationOpened *opening_emit(struct act *act, const Ctps__SaisineReceived *saisine,
                                    const struct opening *opening);
/* Day of the next review: by default one, three or six months later, by term. */
int32_t opening_next_review(const struct settings *settings, const char *term,
                            int32_t from_day);

#endif

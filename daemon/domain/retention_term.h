/*
 * retention_term: until when nominative data of a closed situation are kept (domain.md section
 * 8, CNIL 7 January 2020): three months after closing; a town shortens that freely, lengthens
 * it with a justification recorded in the journal (town.set). Lengthened, the limit is three
 * years and, for a person followed as a minor, also the 25th birthday: the earlier wins, but
 * never less than the three months everybody has.
 */
#ifndef CTPS_DOMAIN_RETENTION_TERM_H
#define CTPS_DOMAIN_RETENTION_TERM_H

#include "domain/act.h"

enum {
    RETENTION_DEFAULT_MONTHS = 3, /* longer needs a justification */
    RETENTION_MAX_MONTHS = 36,
    RETENTION_MINOR_YEARS = 25,
};

/* The earliest 25th birthday of those followed as minors. */
struct retention_minors {
    bool has_day;
    int32_t day;
};

/* Months in force: the town's, else the configuration's. */
int retention_months(const struct act *act);

/* Takes a person into account who is concerned and was a minor on `followed_day`. */
void retention_minor_note(struct retention_minors *minors, const char *role,
                          const Ctps__Identity *identity, int32_t followed_day);
/* The same for every person of a situation and of those merged into it; opens their identities,
 * which apply never does: the due day stands in the event. */
struct retention_minors retention_minors_of(struct act *act,
                                            const Ctps__SituationRecord *situation);

int32_t retention_due_day(const struct act *act, int32_t closed_day,
                          const struct retention_minors *minors);
/* Of a saisine that was declined or redirected: never longer than three months. */
int32_t retention_declined_due_day(const struct act *act, int32_t day);

/* Refuses a Town whose retention is too long, or long without a justification. */
bool retention_town_check(struct act *act, const Ctps__Town *town);

#endif

/*
 * situation: what every command about a situation begins with: loading it under the policy, its
 * state, its key.
 */
#ifndef CTPS_DOMAIN_SITUATION_H
#define CTPS_DOMAIN_SITUATION_H

#include "domain/act.h"

enum {
    SITUATION_SAISINES_MAX =
        200,                     /* attached to one situation: each has keys that end with it */
    SITUATION_PERSONS_MAX = 32,  /* added to one situation, besides its saisines' */
    SITUATION_COURSE_MAX = 1000, /* changes of state, reviews and the like of one situation */
};

/* Leaves the situation in act->situation and asks the policy; refuses when there is none. */
void situation_load(struct act *act, uint64_t id, enum action action);
/* Neither erased, about to be, nor merged into another; refuses otherwise. */
bool situation_is_kept(struct act *act);
/* As situation_is_kept, and not closed. */
bool situation_is_open(struct act *act);
/* Age band and sex of the first person concerned, opened for it; each pointer stays as it is
 * when nothing is known. */
void situation_facts_of_first(struct act *act, char **ret_band, char **ret_sex);
/* Refuses when one more change would be more than a situation can hold. */
bool situation_has_room(struct act *act);
/* Texts go under the situation's own key; NULL when there is none to seal, and for a situation
 * taken over as facts only, which has no key. Either text may be NULL. */
Ctps__Sealed *situation_seal(struct act *act, enum sealed_field field, char *text,
                             char *second);

#endif

/*
 * link: two situations that belong together (siblings, a group, a collective trouble and one
 * person). It says nothing of the other but that it exists, unless the reader may know more.
 */
#ifndef CTPS_DOMAIN_LINK_H
#define CTPS_DOMAIN_LINK_H

#include "domain/act.h"

/* NULL when the two are not linked. */
Ctps__LinkRecord *link_get(const struct act *act, uint64_t a, uint64_t b);
/* Emits situation.linked between two situations that are not yet; `kind` is of list "lien" and
 * outlives the act. The link's id. */
uint64_t link_emit(struct act *act, uint64_t a, uint64_t b, char *kind);
/* Calls `each` with every situation linked to `situation`; false stops. */
void link_walk(const struct act *act, uint64_t situation,
               bool (*each)(void *arg, uint64_t other, Ctps__LinkRecord *row), void *arg);

#endif

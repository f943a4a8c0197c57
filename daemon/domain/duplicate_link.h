/*
 * duplicate_link: two saisines a human linked: their situations are linked, now or when the
 * second one comes to a situation.
 */
#ifndef CTPS_DOMAIN_DUPLICATE_LINK_H
#define CTPS_DOMAIN_DUPLICATE_LINK_H

#include "domain/act.h"

/* Value of the list "lien" such a link has. */
#define DUPLICATE_LINK_KIND "rapprochement"

/* Links the two, once; nothing when either is 0, both are one, or a link stands. */
void duplicate_link_emit(struct act *act, uint64_t situation, uint64_t other);
/* Links `situation`, in which `saisine` has just come, with those of the saisines it was linked
 * with before. */
void duplicate_links_follow(struct act *act, uint64_t saisine, uint64_t situation);

#endif

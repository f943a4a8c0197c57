/* page: newest-first pages of a list, over the territories a reader may see. */
#ifndef CTPS_DOMAIN_PAGE_H
#define CTPS_DOMAIN_PAGE_H

#include "domain/act.h"

enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000 };

/* What a request asked for, within bounds. */
uint32_t page_limit(bool given, uint32_t limit);

/* Calls `each` with ids of `kind` in `territory`, newest first, those smaller than `before` (0:
 * all); stops when `each` answers false. */
void page_walk(struct act *act, const char *territory, Ctps__ObjectKind kind, uint64_t before,
               bool (*each)(void *arg, uint64_t id), void *arg);

/* The same over several territories together (at most PRINCIPAL_TERRITORIES_MAX): newest first
 * of all of them, so that one `before` continues the page. */
void page_walk_all(struct act *act, const char *const *territories, size_t count,
                   Ctps__ObjectKind kind, uint64_t before, bool (*each)(void *arg, uint64_t id),
                   void *arg);

/* As page_walk, over those that are open: saisines to answer, situations followed; at most
 * `max`. False when there were more. */
bool page_walk_open(struct act *act, const char *territory, Ctps__ObjectKind kind, size_t max,
                    bool (*each)(void *arg, uint64_t id), void *arg);

/* Codes of every territory; each is a borrow of the arena. */
size_t page_territories(struct act *act, const char **codes, size_t max);

/* For a list over all territories: allowed as soon as one territory is; otherwise refused by
 * the reason the last one gave (or by that of no territory at all). */
void page_judge(struct act *act, enum action action);

#endif

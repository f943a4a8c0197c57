/*
 * trail: which entries of the journal say who saw something of a situation, of a person, or who
 * somebody saw. Reads, searches that found it and refusals say so in their audit part; that it
 * was shared, that the glass was broken for it, that minutes which carry it went out, that it
 * went to another territory or into another situation stands in events: of a person, those of
 * the situation it is in, because whoever was given that may read of it. Pure.
 */
#ifndef CTPS_DOMAIN_TRAIL_H
#define CTPS_DOMAIN_TRAIL_H

#include "domain/act.h"

enum { TRAIL_IDS_MAX = 4096 };

/* What is looked for. */
struct trail_scope {
    bool by_object; /* one of `ids` must be concerned; else any object */
    size_t id_count;
    uint64_t *ids; /* ascending: situations, their saisines, shares and requests of persons */
    uint64_t person;
    uint64_t agent, contact; /* who saw, or was given; both 0: anybody */
};

/* Adds a situation with those that ended in it, and what belongs to them; false past
 * TRAIL_IDS_MAX or without memory. */
bool trail_scope_add(struct act *act, const Ctps__SituationRecord *situation,
                     struct trail_scope *scope);
bool trail_scope_add_id(struct act *act, uint64_t id, struct trail_scope *scope);
/* After the last one added. */
void trail_scope_sort(struct trail_scope *scope);

/* A read or a refusal. */
bool trail_is_about(const struct trail_scope *scope, const Ctps__AuditRecord *record);
/* One event of an entry made by `by` (may be NULL): when it made something readable to
 * somebody, *ret_view says it (in `arena`, borrowing the event). */
bool trail_of_event(const struct trail_scope *scope, const struct tables *tables,
                    struct arena *arena, const Ctps__Principal *by, const Ctps__Event *event,
                    Ctps__AuditView *ret_view);

#endif

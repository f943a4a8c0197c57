/*
 * instance: kinds of meeting, as data (domain.md section 4): who may attend, what may be
 * carried. A town sets its own with the same properties, within what the law allows.
 */
#ifndef CTPS_DOMAIN_INSTANCE_H
#define CTPS_DOMAIN_INSTANCE_H

#include "domain/act.h"

/* Words of Instance.attendance and Instance.content with rules of their own. */
#define ATTEND_ANY           "any"
#define ATTEND_INSTITUTIONAL "institutional"
#define ATTEND_TERRITORY     "territory"
#define ATTEND_RESTRICTED    "restricted"
#define ATTEND_AGENTS        "agents"
#define ATTEND_ENGAGED       "engaged"
#define ATTEND_SUPERVISED    "supervised"

#define CARRY_NUMBERS       "numbers"
#define CARRY_COLLECTIVE    "collective"
#define CARRY_NEED_TO_KNOW  "need_to_know"
#define CARRY_AGENTS        "agents"
#define CARRY_ONE_SITUATION "one_situation"
#define CARRY_PROJECT       "project"
#define CARRY_THEME         "theme"

/* Emits the kinds of domain.md, the values of lists "instance" and "theme": a new store has
 * them, and its town may alter them. */
void instance_defaults_emit(struct act *act);

/* The kind of that code; refuses on the act and answers NULL when there is none. */
Ctps__Instance *instance_check(struct act *act, const char *code);

/* Names may be said there. */
bool instance_is_nominative(const Ctps__Instance *instance);

#endif

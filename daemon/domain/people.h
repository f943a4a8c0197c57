/*
 * people: habilitations by the mayor, charter signatures and posts of agents: what is kept as
 * history, and what of it counts on a day.
 *
 * The register of habilitations is a list of acts in the order they were recorded. A period
 * counts until a later one replaces it (agent.set states the habilitation anew) and up to the
 * day before a withdrawal; habilitation.grant adds a period and leaves the others.
 */
#ifndef CTPS_DOMAIN_PEOPLE_H
#define CTPS_DOMAIN_PEOPLE_H

#include "domain/act.h"

enum { AGENT_POSTS_MAX = 16 };

struct habilitation {
    const Ctps__HabilitationGranted *granted;
    const Ctps__HabilitationWithdrawn *withdrawn; /* NULL: never */
    int32_t to_day;                               /* last day that counts */
    bool replaced;
};

/* Every period ever granted to the agent, oldest first, in `arena`; NULL when there is none. */
struct habilitation *habilitations_of(const struct tables *tables, struct arena *arena,
                                      uint64_t agent, size_t *ret_count);
/* Whether the period counts on `day`. */
bool habilitation_covers(const struct habilitation *period, int32_t day);
/* Whether period `at` is in force, ends by `horizon`, and none follows it. */
bool habilitation_is_expiring(const struct habilitation *periods, size_t count, size_t at,
                              int32_t today, int32_t horizon);
/* The last day of what is said to expire (settings->expiring_days). */
int32_t people_expiring_horizon(const struct act *act);
/* The same of an agent; *ret_last is the last day. */
bool habilitation_expires(const struct act *act, const Ctps__Agent *agent, int32_t *ret_last);
/* The last day of the newest period of `agent` that has begun, when none follows it; false for
 * one that was withdrawn. */
bool habilitation_ends(const struct act *act, uint64_t agent, int32_t *ret_last);
/* Fills the dates of the period in force on `today`, else those of the agent's own row. */
void habilitation_load(const struct tables *tables, struct arena *arena,
                       const Ctps__Agent *agent, int32_t today, struct principal *principal);
/* Emits habilitation.granted when an agent set has another act or other dates than before. */
void habilitation_note(struct act *act, const Ctps__Agent *set);

/* CSI L132-5: signed in the version of the configuration, less than `charter_years` ago. */
bool charter_is_current(const Ctps__Contact *contact, const struct settings *settings,
                        int32_t today);
/* Whether some contact of the partner is active, with a current charter. */
bool partner_is_in_force(const struct tables *tables, struct arena *arena,
                         const struct settings *settings, uint64_t partner, int32_t today);
/* Last day a charter signed on `day` counts. */
int32_t charter_last_day(int32_t day, const struct settings *settings);
/* Emits charter.signed when a contact set has another signature than before. */
void charter_note(struct act *act, const Ctps__Contact *set);

/* Each post of a funder of the list, its days in order, no more than full time on any day. */
bool posts_check(struct act *act, const Ctps__Agent *in);

/* Fills `team` and `districts_unusual`, which are derived and never stored. */
void territories_describe(struct act *act, Ctps__Territory **territories, size_t count);

#endif

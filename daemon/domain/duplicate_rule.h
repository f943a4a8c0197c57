/*
 * duplicate_rule: the rule on comparisons already made, shared by the plain form and the index.
 * Internal to domain/duplicate.
 */
#ifndef CTPS_DOMAIN_DUPLICATE_RULE_H
#define CTPS_DOMAIN_DUPLICATE_RULE_H

#include "domain/duplicate.h"

struct duplicate_facts {
    bool same_name;    /* and there is one */
    bool same_address; /* and there is one */
    bool shared_motive;
    int32_t birth_days[2];
    int32_t received_days[2];
};

unsigned duplicate_rule(const struct duplicate_facts *facts);

#endif

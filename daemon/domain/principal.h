/*
 * principal: who asks, and resource: about what, as plain values. The engine fills them from
 * the views; the policy judges them and nothing else. Never a session, a routing id or a name
 * of a person followed.
 */
#ifndef CTPS_DOMAIN_PRINCIPAL_H
#define CTPS_DOMAIN_PRINCIPAL_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/action.h"

enum {
    TERRITORY_CODE_LEN = 9, /* at most 8 characters, terminated */
    PRINCIPAL_TERRITORIES_MAX = 64,
    PRINCIPAL_NAME_LEN = 33,
};

enum principal_kind {
    PRINCIPAL_KIND_NONE = 0, /* numbers as in schemas/ctps/common.proto */
    PRINCIPAL_KIND_OPERATOR = 1,
    PRINCIPAL_KIND_AGENT = 2,
    PRINCIPAL_KIND_CONTACT = 3,
    PRINCIPAL_KIND_PLUGIN = 4,
    PRINCIPAL_KIND_SYSTEM = 5,
    PRINCIPAL_KIND_PARTNER = 6, /* a machine of his */
};

/* Functions of agents (closed list "fonction"); a town cannot invent one, the policy has a row
 * for each. */
enum agent_function {
    FUNCTION_NONE = 0,
    FUNCTION_COORDINATOR, /* coordinateur */
    FUNCTION_EDUCATOR,    /* educateur */
    FUNCTION_HEAD,        /* responsable */
    FUNCTION_ASSISTANT,   /* assistante */
    FUNCTION_DPO,         /* dpo */
    FUNCTION_ADMIN,       /* admin */
    FUNCTION_AUDITOR,     /* auditeur */
    FUNCTION_COUNT
};

/* FUNCTION_NONE when the code names none. */
enum agent_function agent_function_find(const char *code);

struct principal_territory {
    char code[TERRITORY_CODE_LEN];
    bool delegated;                   /* lent by the head */
    int32_t from_day;                 /* delegated only: first day */
    int32_t to_day;                   /* delegated only: last day */
    bool educator_reads_engaged_only; /* policy option of the territory */
};

struct principal {
    enum principal_kind kind;
    uint64_t id;                   /* agent, contact or partner */
    char name[PRINCIPAL_NAME_LEN]; /* plugin or integration */

    enum agent_function function;
    int32_t habilitation_from_day;
    int32_t habilitation_to_day; /* last day included */
    unsigned territory_count;
    struct principal_territory territories[PRINCIPAL_TERRITORIES_MAX];

    /* contact, partner */
    uint64_t partner;
    bool contact_active;
    /* Version as configured, signed less than charter_years ago; of a partner: by one of its
     * active contacts. */
    bool charter_current;

    /* The audience of the request at hand is granted (plugin; "plugins" as loaded), or is the
     * open feed of his partner (contact, partner; none as loaded). */
    bool audience_granted;

    /* plugin: what the configuration grants */
    bool granted[ACTION_COUNT];
    bool audience_audit_granted;
};

/* Whether the mayor's habilitation of an agent counts on `day`, both ends included. */
bool principal_is_habilitated(const struct principal *agent, int32_t day);

enum resource_kind {
    RESOURCE_NONE = 0, /* the action is about no object (lists, status, keys…) */
    RESOURCE_SAISINE,
    RESOURCE_SITUATION,
    RESOURCE_TERRITORY, /* creating or listing inside a territory */
    RESOURCE_MEETING,
};

/* Whether the object was shared with the one who asks. */
enum resource_share {
    RESOURCE_NOT_SHARED = 0,
    RESOURCE_SHARED,        /* until `shared_to_day` */
    RESOURCE_SHARE_REVOKED, /* each of its shares was */
};

struct resource {
    enum resource_kind kind;
    char territory[TERRITORY_CODE_LEN]; /* of the object; empty: of none, or all of them */
    bool engaged;                       /* the principal is its lead or engaged on it */
    uint64_t typed_by;                  /* saisine: agent who typed it */
    int64_t typed_us;                   /* saisine: when */
    uint64_t referrer_partner;          /* saisine: partner who referred it */
    bool invited;                       /* meeting: the principal is, or chairs it */
    bool charged;                       /* decision: it is his to do; minutes: he chaired */
    bool erased;                        /* erased, or its erasure ordered */
    bool purpose_stated;                /* the request says why (list "finalite") */
    bool purpose_rights;                /* and the reason is a request of the person */
    bool restricted;                    /* under restriction (GDPR art. 18) */
    enum resource_share share;
    int32_t shared_to_day; /* last day of the longest share not revoked */
    bool glass_used;       /* the one who asks broke the glass for it… */
    int64_t glass_us;      /* …the last time then, by the time of the entry */
};

#endif

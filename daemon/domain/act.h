/*
 * act: one request being dealt with. Authorise and decide read the views through it and leave
 * either events to append or a refusal; answers to reads are built in it. Nothing is written.
 *
 * Everything lives in `arena` until the batch has been answered. A failed allocation sets
 * `exhausted`; the engine then refuses the request with REFUSAL_LIMIT, so that domain code does
 * not look after each call.
 */
#ifndef CTPS_DOMAIN_ACT_H
#define CTPS_DOMAIN_ACT_H

#include <stddef.h>

#include "base/arena.h"
#include "ctps/answer.pb-c.h"
#include "ctps/command.pb-c.h"
#include "ctps/event.pb-c.h"
#include "ctps/record.pb-c.h"
#include "domain/principal.h"
#include "domain/refusal.h"
#include "domain/sealer.h"
#include "domain/settings.h"
#include "domain/tables.h"

enum { ACT_EVENTS_MAX = 64, ACT_MADE_MAX = 64, ACT_OBJECTS_MAX = 1024, ACT_WARNINGS_MAX = 16 };

struct judgement {
    bool allowed;
    bool existence_only;
    bool shared_only; /* allowed by a share: what it gives and nothing else */
    bool glass;       /* allowed because the one who asks broke the glass */
    enum refusal reason;
    const char *because; /* static: the cell that decided */
    unsigned trail_count;
    const char *const *trail; /* static texts, what was looked at, in order */
};

/* The policy, as the domain sees it. */
struct judge {
    void *ctx;
    bool (*allows)(void *ctx, const struct principal *principal, enum action action,
                   const struct resource *resource, struct judgement *ret_judgement);
};

/* Room for what an act goes on making once memory is exhausted, each piece apart: what it makes
 * points to what it made. Zeroed before each act. */
enum { ACT_RESERVE_LEN = 1 << 20 };

struct act_reserve {
    size_t used;
    _Alignas(max_align_t) uint8_t room[ACT_RESERVE_LEN];
};

struct act {
    /* given */
    struct arena *arena;
    const struct tables *tables;
    const struct sealer *sealer;
    const struct names *names;
    const struct judge *judge;
    const struct settings *settings;
    const struct principal *who;
    const Ctps__Request *request;
    int64_t now_us;
    int32_t today;           /* civil day in the town's zone */
    uint64_t seq;            /* of the entry this would become */
    bool clock_alarm;        /* the clock jumped ahead and nobody confirmed it */
    int64_t audit_behind_us; /* how long the signed log of the journal has been behind */
    const char **log_alarms; /* of that log, codes: given to who asks for today */
    unsigned log_alarm_count;

    /* authorise leaves here what it loaded, for decide */
    bool judged; /* the policy was asked and said yes; the engine refuses otherwise */
    Ctps__SaisineRecord *saisine;
    Ctps__SituationRecord *situation;
    Ctps__ImportRecord *import;
    Ctps__MeetingRecord *meeting;
    Ctps__Instance *instance;                /* the meeting's kind */
    Ctps__SituationRecord *agenda_situation; /* of an item, `situation` being the meeting's */
    Ctps__ShareRecord *share;
    Ctps__RightsRecord *rights;
    Ctps__DecisionRecord *decision;

    bool history; /* a sheet taken over: retired list values stay what they are */
    uint64_t
        indexed_saisine; /* subjects of the row sent, known by name until the import ends */

    /* outcome of a command */
    unsigned event_count;
    Ctps__Event *events[ACT_EVENTS_MAX];
    unsigned made_count;
    Ctps__StoredMade *made[ACT_MADE_MAX];
    const char *import_outcome;
    unsigned warning_count;
    char *warnings[ACT_WARNINGS_MAX];
    unsigned ordinal; /* last one given in this entry */

    /* outcome of a read */
    Ctps__Reply *reply;
    unsigned object_count; /* ids whose nominative part was read, for the audit entry */
    uint64_t *objects;     /* room for ACT_OBJECTS_MAX, made with the first */
    bool nominative;       /* the answer carries opened text: audit entry first */
    const char *basis; /* why it was opened to somebody elsewhere: legal bases, break_glass */
    struct bytes query_digest_of; /* a name searched: the engine digests it */

    /* refusal */
    enum refusal refusal;
    const char *detail; /* field or value at fault, never nominative */
    bool exhausted;

    struct act_reserve *reserve; /* borrowed, may be NULL */
    /* Where a message lands once that is exhausted too. */
    _Alignas(max_align_t) uint8_t scratch[1024];
};

/* Sets the refusal (the first one stays) and returns it. `detail` must outlive the act. */
enum refusal act_refuse(struct act *act, enum refusal refusal, const char *detail);
/* Asks the policy; on yes notes it and returns REFUSAL_NONE. */
enum refusal act_judge(struct act *act, enum action action, const struct resource *resource);
/* The same about no object at all (lists, keys, status…). */
enum refusal act_judge_plain(struct act *act, enum action action);
/* The same without touching the act: for rows of a list. */
bool act_may(const struct act *act, enum action action, const struct resource *resource,
             struct judgement *ret_judgement);

/* A new id in this entry; refuses with REFUSAL_LIMIT past 255. */
uint64_t act_new_id(struct act *act);
void act_made(struct act *act, Ctps__ObjectKind kind, uint64_t id, const char *reference);
void act_warn(struct act *act, const char *code);
void act_object_read(struct act *act, uint64_t id);

/* Zeroed memory: the arena's, else (the act is exhausted then, and will be refused) the
 * reserve's, else the scratch, which is then shared. NULL when that is too small. */
void *act_alloc(struct act *act, size_t len);
void act_reserve_clear(struct act_reserve *reserve);
char *act_text(struct act *act, const char *text);

/* One emit function per event: the message is initialised, in the act's events, never NULL. */
#define X(Type, field, CASE, topic) Ctps__##Type *emit_##field(struct act *act);
#include "domain/event_list.h"
#undef X

/* Seals `message` (its packed bytes) under `slot`; NULL when nothing was to seal. */
Ctps__Sealed *act_seal(struct act *act, uint64_t slot, enum sealed_field field,
                       const ProtobufCMessage *message);
/* Opens a box into a message of `type`; NULL when absent, erased or not openable. */
ProtobufCMessage *act_unseal(struct act *act, const Ctps__Sealed *sealed,
                             enum sealed_field field, const ProtobufCMessageDescriptor *type);
uint64_t act_take_slot(struct act *act);

/* An empty optional string reads as "". */
static inline const char *or_empty(const char *text)
{
    return text ? text : "";
}

static inline bool is_given(const char *text)
{
    return text && *text;
}

/* Sets an optional scalar and its has_ flag. */
#define SET(message, field, value)                                                             \
    do {                                                                                       \
        (message)->field = (value);                                                            \
        (message)->has_##field = 1;                                                            \
    } while (0)

/* Copies an optional scalar of the same name when it is set. */
#define SET_FROM(message, from, field)                                                         \
    do {                                                                                       \
        (message)->field = (from)->field;                                                      \
        (message)->has_##field = (from)->has_##field;                                          \
    } while (0)

#endif

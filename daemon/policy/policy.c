#include "policy/policy.h"

#include <assert.h>
#include <string.h>

#include "policy/policy_private.h"

static const int64_t GLASS_US = INT64_C(3) * 3600 * 1000000;
static const int64_t TYPED_READABLE_US = INT64_C(24) * 3600 * 1000000;

enum scope {
    SCOPE_OWN, /* in the order of the table's columns */
    SCOPE_ELSEWHERE,
    SCOPE_TOWN,
};

/* A case and what was found out about it. */
struct inquiry {
    const struct principal *principal;
    enum action action;
    const struct resource *resource;
    const struct policy_now *now;
    enum scope scope;
    bool engaged_only; /* the territory lets educators read only where engaged */
    struct policy_answer answer;
};

static const char *const becauses[POLICY_COLUMN_COUNT][POLICY_CELL_COUNT] = {
#define CELL(id, word, place) [POLICY_CELL_##id] = place "/" word,
#define X(id, who, scope)     [POLICY_COLUMN_##id] = {POLICY_CELL_LIST(CELL, who "/" scope)},
    POLICY_COLUMN_LIST(X)
#undef X
#undef CELL
};

static void note(struct inquiry *inquiry, const char *what)
{
    assert(inquiry->answer.trail_count < POLICY_TRAIL_MAX);
    inquiry->answer.trail[inquiry->answer.trail_count++] = what;
}

static void refuse(struct inquiry *inquiry, enum refusal reason)
{
    inquiry->answer.allowed = false;
    inquiry->answer.shared_only = false;
    inquiry->answer.glass = false;
    inquiry->answer.reason = reason;
}

static bool action_is_nominative(enum action action)
{
    return action == ACTION_SAISINE_READ || action == ACTION_SITUATION_READ ||
           action == ACTION_NAME_SEARCH || action == ACTION_MEETING_READ ||
           action == ACTION_RIGHTS_READ || action == ACTION_RIGHTS_EXTRACT ||
           action == ACTION_GLASS_READ || action == ACTION_DECISION_READ ||
           action == ACTION_MINUTES_READ;
}

/* What a restriction leaves: storing, facts, and the person's own rights (GDPR art. 18.2). */
static bool restriction_spares(enum action action)
{
    static const bool spared[ACTION_COUNT] = {
        [ACTION_SAISINE_LIST] = true,        [ACTION_SITUATION_EXISTENCE] = true,
        [ACTION_SITUATION_LIST] = true,      [ACTION_DUPLICATE_LIST] = true,
        [ACTION_SITUATION_RESTRICT] = true,  [ACTION_RIGHTS_OPEN] = true,
        [ACTION_RIGHTS_LIST] = true,         [ACTION_RIGHTS_READ] = true,
        [ACTION_RIGHTS_ANSWER] = true,       [ACTION_RIGHTS_EXTRACT] = true,
        [ACTION_ERASURE_CERTIFICATE] = true, [ACTION_SHARE_LIST] = true,
        [ACTION_SHARE_REVOKE] = true,        [ACTION_DECISION_LIST] = true,
    };

    return spared[action];
}

static bool agent_is_habilitated(struct inquiry *inquiry)
{
    if (principal_is_habilitated(inquiry->principal, inquiry->now->today)) {
        note(inquiry, "habilitation: in force");
        return true;
    }
    note(inquiry, "habilitation: not in force");
    inquiry->answer.because = "agent/habilitation";
    refuse(inquiry, REFUSAL_HABILITATION_MISSING);
    return false;
}

static bool contact_is_entitled(struct inquiry *inquiry)
{
    const struct principal *contact = inquiry->principal;
    if (!contact->contact_active) {
        note(inquiry, "contact: not active");
        inquiry->answer.because = "contact/active";
        refuse(inquiry, REFUSAL_CONTACT_INACTIVE);
        return false;
    }
    note(inquiry, "contact: active");
    if (!contact->charter_current) {
        note(inquiry, "charter: not current");
        inquiry->answer.because = "contact/charter";
        refuse(inquiry, REFUSAL_CHARTER_NOT_CURRENT);
        return false;
    }
    note(inquiry, "charter: current");
    return true;
}

static bool partner_is_entitled(struct inquiry *inquiry)
{
    if (inquiry->principal->charter_current) {
        note(inquiry, "partner: a contact with a current charter");
        return true;
    }
    note(inquiry, "partner: no contact with a current charter");
    inquiry->answer.because = "partner/charter";
    refuse(inquiry, REFUSAL_CHARTER_NOT_CURRENT);
    return false;
}

static bool territory_counts(const struct principal_territory *territory, int32_t today)
{
    return !territory->delegated ||
           (today >= territory->from_day && today <= territory->to_day);
}

/* The option is the territory's: when two holdings of it disagree the narrower one stands. */
static void find_scope(struct inquiry *inquiry)
{
    const struct principal *principal = inquiry->principal;
    const char *code = inquiry->resource->territory;
    const char *found = "territory: another";

    assert(principal->territory_count <= PRINCIPAL_TERRITORIES_MAX);
    inquiry->scope = SCOPE_ELSEWHERE;
    if (code[0] == '\0') {
        inquiry->scope = SCOPE_TOWN;
        note(inquiry, "territory: none named");
        return;
    }
    for (unsigned i = 0; i < principal->territory_count; i++) {
        const struct principal_territory *territory = &principal->territories[i];
        if (strncmp(territory->code, code, TERRITORY_CODE_LEN) != 0)
            continue;
        if (!territory_counts(territory, inquiry->now->today)) {
            if (inquiry->scope == SCOPE_ELSEWHERE)
                found = "territory: lent, not today";
            continue;
        }
        found = territory->delegated ? "territory: lent" : "territory: own";
        inquiry->scope = SCOPE_OWN;
        inquiry->engaged_only |= territory->educator_reads_engaged_only;
    }
    note(inquiry, found);
}

static enum policy_column agent_column(struct inquiry *inquiry)
{
    switch (inquiry->principal->function) {
    case FUNCTION_COORDINATOR:
        find_scope(inquiry);
        return POLICY_COLUMN_COORDINATOR_OWN + (unsigned)inquiry->scope;
    case FUNCTION_EDUCATOR:
        find_scope(inquiry);
        return POLICY_COLUMN_EDUCATOR_OWN + (unsigned)inquiry->scope;
    case FUNCTION_HEAD:
        return POLICY_COLUMN_HEAD;
    case FUNCTION_ASSISTANT:
        return POLICY_COLUMN_ASSISTANT;
    case FUNCTION_DPO:
        return POLICY_COLUMN_DPO;
    case FUNCTION_ADMIN:
        return POLICY_COLUMN_ADMIN;
    case FUNCTION_AUDITOR:
        return POLICY_COLUMN_AUDITOR;
    case FUNCTION_NONE:
    case FUNCTION_COUNT:
        break;
    }
    return POLICY_COLUMN_COUNT;
}

/* POLICY_COLUMN_COUNT when nothing in the table speaks for the principal: refused as the answer
 * already says. */
static enum policy_column find_column(struct inquiry *inquiry)
{
    switch (inquiry->principal->kind) {
    case PRINCIPAL_KIND_OPERATOR:
        return POLICY_COLUMN_OPERATOR;
    case PRINCIPAL_KIND_AGENT:
        return agent_is_habilitated(inquiry) ? agent_column(inquiry) : POLICY_COLUMN_COUNT;
    case PRINCIPAL_KIND_CONTACT:
        return contact_is_entitled(inquiry) ? POLICY_COLUMN_CONTACT : POLICY_COLUMN_COUNT;
    case PRINCIPAL_KIND_PLUGIN:
        return POLICY_COLUMN_PLUGIN;
    case PRINCIPAL_KIND_PARTNER:
        return partner_is_entitled(inquiry) ? POLICY_COLUMN_PARTNER : POLICY_COLUMN_COUNT;
    case PRINCIPAL_KIND_SYSTEM:
    case PRINCIPAL_KIND_NONE:
        break;
    }
    return POLICY_COLUMN_COUNT;
}

static enum refusal never(const struct inquiry *inquiry)
{
    return action_is_nominative(inquiry->action) ? REFUSAL_NOMINATIVE_NEVER
                                                 : REFUSAL_NOT_ALLOWED;
}

static enum refusal judge_typed(const struct inquiry *inquiry)
{
    const struct resource *saisine = inquiry->resource;
    if (inquiry->principal->id == 0 || saisine->typed_by != inquiry->principal->id)
        return never(inquiry);
    /* A saisine dated after now means a clock that moved: no reading on its word. */
    if (saisine->typed_us > inquiry->now->us ||
        (uint64_t)inquiry->now->us - (uint64_t)saisine->typed_us >= (uint64_t)TYPED_READABLE_US)
        return REFUSAL_TYPED_LONG_AGO;
    return REFUSAL_NONE;
}

static enum refusal judge_referrer(const struct inquiry *inquiry)
{
    uint64_t partner = inquiry->principal->partner;
    bool own = partner != 0 && inquiry->resource->referrer_partner == partner;
    return own ? REFUSAL_NONE : never(inquiry);
}

static enum refusal judge_granted(const struct inquiry *inquiry, bool audience_too)
{
    const struct principal *plugin = inquiry->principal;
    bool granted =
        plugin->granted[inquiry->action] && (!audience_too || plugin->audience_granted);
    return granted ? REFUSAL_NONE : REFUSAL_CAPABILITY_MISSING;
}

/* `without`: what is said to whom nothing was ever shared with. The last day is included. */
static enum refusal judge_shared(const struct inquiry *inquiry, enum refusal without)
{
    switch (inquiry->resource->share) {
    case RESOURCE_SHARED:
        return inquiry->now->today <= inquiry->resource->shared_to_day ? REFUSAL_NONE
                                                                       : REFUSAL_SHARE_EXPIRED;
    case RESOURCE_SHARE_REVOKED:
        return REFUSAL_SHARE_REVOKED;
    case RESOURCE_NOT_SHARED:
        break;
    }
    return without;
}

/* Open for three hours, the last microsecond excluded. A use dated after now means a clock that
 * moved: no reading on its word. */
static bool is_glass_open(const struct inquiry *inquiry)
{
    const struct resource *resource = inquiry->resource;

    return resource->glass_used && resource->glass_us <= inquiry->now->us &&
           (uint64_t)inquiry->now->us - (uint64_t)resource->glass_us < (uint64_t)GLASS_US;
}

/* REFUSAL_NONE: the cell allows. */
static enum refusal judge_cell(const struct inquiry *inquiry, enum policy_cell cell)
{
    switch (cell) {
    case POLICY_CELL_ALWAYS:
        return REFUSAL_NONE;
    case POLICY_CELL_NO_CONTENTS:
        return REFUSAL_OPERATOR_NO_CONTENTS;
    case POLICY_CELL_ELSEWHERE:
    case POLICY_CELL_EXISTENCE:
        return REFUSAL_OTHER_TERRITORY;
    case POLICY_CELL_PURPOSE:
        return inquiry->resource->purpose_stated ? REFUSAL_NONE : REFUSAL_PURPOSE_MISSING;
    case POLICY_CELL_ENGAGED:
    case POLICY_CELL_ENGAGED_OR_EXISTENCE:
        return inquiry->engaged_only && !inquiry->resource->engaged ? REFUSAL_NOT_ENGAGED
                                                                    : REFUSAL_NONE;
    case POLICY_CELL_TYPED_24H:
        return judge_typed(inquiry);
    case POLICY_CELL_REFERRER:
        return judge_referrer(inquiry);
    case POLICY_CELL_INVITED:
        return inquiry->resource->invited ? REFUSAL_NONE : REFUSAL_NOT_INVITED;
    case POLICY_CELL_CHARGED:
        return inquiry->resource->charged ? REFUSAL_NONE : REFUSAL_NOT_CHARGED;
    case POLICY_CELL_GRANTED:
        return judge_granted(inquiry, false);
    case POLICY_CELL_GRANTED_AUDIENCE:
        return judge_granted(inquiry, true);
    case POLICY_CELL_OWN_FEED:
        return inquiry->principal->audience_granted ? REFUSAL_NONE : never(inquiry);
    case POLICY_CELL_SHARED:
        return judge_shared(inquiry, REFUSAL_NOT_SHARED);
    case POLICY_CELL_GLASS:
        if (is_glass_open(inquiry))
            return REFUSAL_NONE;
        return judge_shared(inquiry, REFUSAL_OTHER_TERRITORY);
    case POLICY_CELL_SHARED_OR_EXISTENCE:
        return judge_shared(inquiry, REFUSAL_OTHER_TERRITORY);
    case POLICY_CELL_NEVER:
    case POLICY_CELL_COUNT:
        break;
    }
    return never(inquiry);
}

static bool cell_tells_existence(const struct inquiry *inquiry, enum policy_cell cell)
{
    return inquiry->resource->kind == RESOURCE_SITUATION &&
           (cell == POLICY_CELL_EXISTENCE || cell == POLICY_CELL_ENGAGED_OR_EXISTENCE ||
            ((cell == POLICY_CELL_SHARED_OR_EXISTENCE || cell == POLICY_CELL_GLASS) &&
             inquiry->resource->share == RESOURCE_NOT_SHARED));
}

static bool gives_shared_only(const struct inquiry *inquiry, enum policy_cell cell)
{
    return cell == POLICY_CELL_SHARED || cell == POLICY_CELL_SHARED_OR_EXISTENCE ||
           (cell == POLICY_CELL_GLASS && !is_glass_open(inquiry));
}

/* Last of all, so that only who would have been answered learns of an erasure. */
static void judge_erasure(struct inquiry *inquiry)
{
    if (!inquiry->resource->erased || !action_is_nominative(inquiry->action))
        return;
    if (inquiry->answer.allowed) {
        note(inquiry, "object: erased");
        refuse(inquiry, REFUSAL_ERASED);
    } else if (inquiry->action == ACTION_NAME_SEARCH) {
        inquiry->answer.existence_only = false;
    }
}

static bool may_read_restricted(const struct inquiry *inquiry)
{
    const struct principal *principal = inquiry->principal;
    bool in_charge =
        principal->kind == PRINCIPAL_KIND_AGENT &&
        (principal->function == FUNCTION_COORDINATOR || principal->function == FUNCTION_HEAD);

    return in_charge && inquiry->resource->purpose_rights &&
           action_is_nominative(inquiry->action);
}

/* Of somebody met by name only that he is known is told: whoever follows him must be called. */
static void judge_restriction(struct inquiry *inquiry)
{
    const struct resource *resource = inquiry->resource;
    bool object = resource->kind == RESOURCE_SITUATION || resource->kind == RESOURCE_SAISINE;

    if (!inquiry->answer.allowed || !object || !resource->restricted ||
        restriction_spares(inquiry->action) || may_read_restricted(inquiry))
        return;
    note(inquiry, "object: restricted");
    refuse(inquiry, REFUSAL_RESTRICTED);
    inquiry->answer.existence_only =
        inquiry->action == ACTION_NAME_SEARCH && resource->kind == RESOURCE_SITUATION;
}

/* A value that is no cell allows nothing. */
static enum policy_cell cell_of(const struct policy_table *table, enum action action,
                                enum policy_column column)
{
    uint8_t cell = table->cells[action][column];
    return cell < POLICY_CELL_COUNT ? (enum policy_cell)cell : POLICY_CELL_NEVER;
}

bool policy_judge(const struct policy_table *table, const struct principal *principal,
                  enum action action, const struct resource *resource,
                  const struct policy_now *now, struct policy_answer *ret_answer)
{
    assert(table != NULL && principal != NULL && resource != NULL && now != NULL);
    struct inquiry inquiry = {
        .principal = principal,
        .action = action,
        .resource = resource,
        .now = now,
        .answer = {.reason = REFUSAL_NOT_ALLOWED, .because = "nobody"},
    };
    enum policy_column column =
        (unsigned)action < ACTION_COUNT ? find_column(&inquiry) : POLICY_COLUMN_COUNT;
    if (column < POLICY_COLUMN_COUNT) {
        enum policy_cell cell = cell_of(table, action, column);
        enum refusal reason = judge_cell(&inquiry, cell);
        inquiry.answer.because = becauses[column][cell];
        note(&inquiry, becauses[column][cell]);
        inquiry.answer.allowed = reason == REFUSAL_NONE;
        inquiry.answer.reason = reason;
        inquiry.answer.existence_only =
            !inquiry.answer.allowed && cell_tells_existence(&inquiry, cell);
        inquiry.answer.shared_only =
            inquiry.answer.allowed && gives_shared_only(&inquiry, cell);
        inquiry.answer.glass =
            inquiry.answer.allowed && cell == POLICY_CELL_GLASS && !inquiry.answer.shared_only;
        judge_erasure(&inquiry);
        judge_restriction(&inquiry);
    }
    *ret_answer = inquiry.answer;
    return inquiry.answer.allowed;
}

bool policy_allows(const struct principal *principal, enum action action,
                   const struct resource *resource, const struct policy_now *now,
                   struct policy_answer *ret_answer)
{
    return policy_judge(&policy_table, principal, action, resource, now, ret_answer);
}

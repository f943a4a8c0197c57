#include "policy/policy_private.h"

/* Short words so that a row stays one line and the columns can be read downwards. */
enum {
    no = POLICY_CELL_NEVER,
    yes = POLICY_CELL_ALWAYS,
    shut = POLICY_CELL_NO_CONTENTS,
    away = POLICY_CELL_ELSEWHERE,
    seen = POLICY_CELL_EXISTENCE,
    why = POLICY_CELL_PURPOSE,
    eng = POLICY_CELL_ENGAGED,
    engx = POLICY_CELL_ENGAGED_OR_EXISTENCE,
    h24 = POLICY_CELL_TYPED_24H,
    ref = POLICY_CELL_REFERRER,
    inv = POLICY_CELL_INVITED,
    chg = POLICY_CELL_CHARGED,
    cap = POLICY_CELL_GRANTED,
    aud = POLICY_CELL_GRANTED_AUDIENCE,
    own = POLICY_CELL_OWN_FEED,
    shd = POLICY_CELL_SHARED,
    shx = POLICY_CELL_SHARED_OR_EXISTENCE,
    gls = POLICY_CELL_GLASS,
};

#define ROW(action, ...) [ACTION_##action] = {__VA_ARGS__}

/* clang-format off */
const struct policy_table policy_table = {.cells = {
    /* Columns: coordinator own, elsewhere, town; educator own, elsewhere, town; head,
     * assistant, dpo, auditor, admin, operator, contact, plugin; partner where it is not no. */
    ROW(SAISINE_RECEIVE,     yes, away, away, yes,  away, away, no,  yes, no,  no,  no,  shut, no,  cap),
    ROW(SAISINE_DECIDE,      yes, away, away, yes,  away, away, no,  no,  no,  no,  no,  shut, no,  cap),
    ROW(SAISINE_LIST,        yes, away, away, yes,  away, away, yes, h24, no,  no,  no,  shut, ref, cap),
    ROW(SAISINE_READ,        yes, away, away, eng,  away, away, why, h24, no,  no,  no,  shut, no,  no),
    ROW(SAISINE_COUNT,       yes, yes,  yes,  yes,  yes,  yes,  yes, no,  no,  no,  no,  shut, no,  cap),
    ROW(DUPLICATE_DECIDE,    yes, seen, away, yes,  seen, away, yes, no,  no,  no,  no,  shut, no,  no),
    ROW(SITUATION_EXISTENCE, yes, yes,  away, yes,  yes,  away, yes, yes, no,  no,  no,  shut, no,  cap),
    ROW(SITUATION_LIST,      yes, seen, away, yes,  seen, away, yes, no,  no,  no,  no,  shut, no,  cap),
    ROW(SITUATION_READ,      yes, gls,  away, eng,  gls,  away, why, no,  no,  no,  no,  shut, shd, no),
    ROW(SITUATION_STATUS,    yes, seen, away, yes,  seen, away, no,  no,  no,  no,  no,  shut, no,  cap),
    ROW(SITUATION_ENTRY,     yes, seen, away, yes,  seen, away, no,  no,  no,  no,  no,  shut, no,  cap),
    ROW(SITUATION_REVIEW,    yes, seen, away, yes,  seen, away, no,  no,  no,  no,  no,  shut, no,  cap),
    ROW(SITUATION_CLOSE,     yes, seen, away, no,   seen, away, no,  no,  no,  no,  no,  shut, no,  cap),
    ROW(SITUATION_ERASE,     no,  seen, away, no,   seen, away, yes, no,  no,  no,  no,  shut, no,  no),
    ROW(SITUATION_PERSON,    yes, seen, away, yes,  seen, away, no,  no,  no,  no,  no,  shut, no,  cap),
    ROW(SITUATION_ENGAGE,    yes, seen, away, yes,  seen, away, no,  no,  no,  no,  no,  shut, no,  cap),
    ROW(SITUATION_UPDATE,    yes,  seen, away, yes,  seen, away, no,   no,   no,   no,   no,   shut, no,   cap),
    ROW(SITUATION_ASSIGN,    yes,  seen, away, no,   seen, away, yes,  no,   no,   no,   no,   shut, no,   cap),
    ROW(SITUATION_INFORM,    yes,  seen, away, yes,  seen, away, no,   no,   no,   no,   no,   shut, no,   cap),
    ROW(SITUATION_TRANSFER,  yes,  seen, away, no,   seen, away, no,   no,   no,   no,   no,   shut, no,   cap),
    ROW(SITUATION_REOPEN,    yes,  seen, away, yes,  seen, away, no,   no,   no,   no,   no,   shut, no,   cap),
    ROW(SITUATION_CORRECT,   yes,  seen, away, yes,  seen, away, no,   no,   no,   no,   no,   shut, no,   no),
    ROW(SITUATION_LINK,      yes, seen, away, yes,  seen, away, no,  no,  no,  no,  no,  shut, no,  cap),
    ROW(NAME_SEARCH,         yes, seen, yes,  engx, seen, yes,  why, no,  no,  no,  no,  shut, no,  no),
    ROW(DUPLICATE_LIST,      yes, seen, away, yes,  seen, away, yes, no,  no,  no,  no,  shut, no,  cap),
    ROW(INSTANCE_SET,        no,  no,   no,   no,   no,   no,   yes, no,  no,  no,  yes, yes,  no,  no),
    ROW(MEETING_SCHEDULE,    yes, away, yes,  yes,  away, yes,  yes, yes, no,  no,  no,  shut, no,  cap),
    ROW(MEETING_MANAGE,      yes, away, yes,  yes,  away, yes,  yes, yes, no,  no,  no,  shut, no,  cap),
    ROW(MEETING_LIST,        yes, inv,  yes,  yes,  inv,  yes,  yes, yes, no,  no,  no,  shut, inv, cap),
    ROW(MEETING_READ,        yes, inv,  yes,  yes,  inv,  yes,  why, no,  no,  no,  no,  shut, no,  no),
    ROW(DECISION_TAKE,       yes, seen, yes,  yes,  seen, yes,  yes, no,  no,  no,  no,  shut, no,  cap),
    ROW(DECISION_COMPLETE,   yes, chg,  chg,  yes,  chg,  chg,  yes, chg, no,  no,  no,  shut, chg, cap),
    ROW(DECISION_LIST,       yes, chg,  yes,  yes,  chg,  yes,  yes, yes, no,  no,  no,  shut, chg, cap),
    ROW(DECISION_READ,       yes, away, yes,  eng,  away, yes,  why, no,  no,  no,  no,  shut, no,  no),
    ROW(MEETING_PROPOSE,     yes, away, yes,  yes,  away, yes,  yes, yes, no,  no,  no,  shut, no,  cap),
    ROW(MEETING_PACK,        yes, inv,  yes,  yes,  inv,  yes,  yes, yes, no,  no,  no,  shut, inv, no),
    ROW(MINUTES_WRITE,       yes, away, yes,  yes,  away, yes,  yes, no,  no,  no,  no,  shut, no,  cap),
    ROW(MINUTES_VALIDATE,    yes, chg,  chg,  chg,  chg,  chg,  yes, no,  no,  no,  no,  shut, no,  no),
    ROW(MINUTES_DISTRIBUTE,  yes, away, yes,  yes,  away, yes,  yes, yes, no,  no,  no,  shut, no,  cap),
    ROW(MINUTES_READ,        yes, inv,  yes,  yes,  inv,  yes,  why, no,  no,  no,  no,  shut, inv, no),
    ROW(REFERENCE_READ,      yes, yes,  yes,  yes,  yes,  yes,  yes, yes, yes, yes, yes, yes,  no,  cap),
    ROW(REFERENCE_SET,       no,  no,   no,   no,   no,   no,   yes, yes, no,  no,  yes, yes,  no,  cap),
    ROW(DIRECTORY_READ,      yes, yes,  yes,  yes,  yes,  yes,  yes, yes, yes, yes, yes, yes,  no,  cap),
    ROW(AGENT_SET,           no,  no,   no,   no,   no,   no,   yes, no,  no,  no,  no,  yes,  no,  no),
    ROW(TOWN_SET,            no,  no,   no,   no,   no,   no,   no,  no,  no,  no,  yes, yes,  no,  no),
    ROW(KEY_MANAGE,          no,  no,   no,   no,   no,   no,   no,  no,  no,  no,  no,  yes,  no,  no),
    ROW(KEY_LIST,            no,  no,   no,   no,   no,   no,   no,  no,  no,  no,  yes, yes,  no,  no),
    ROW(DELEGATION_MANAGE,   no,  no,   no,   no,   no,   no,   yes, no,  no,  no,  no,  no,   no,  no),
    ROW(DELEGATION_LIST,     yes, yes,  yes,  yes,  yes,  yes,  yes, yes, yes, yes, no,  no,   no,  cap),
    ROW(REGISTER_READ,       no,  no,   no,   no,   no,   no,   yes, yes, yes, yes, yes, yes,  no,  cap),
    ROW(SHARE_INSIDE,        yes, seen, away, eng,  seen, away, no,  no,  no,  no,  no,  shut, no,  no),
    ROW(SHARE_OUTSIDE,       yes, seen, away, no,   seen, away, no,  no,  no,  no,  no,  shut, no,  no),
    ROW(SHARE_REVOKE,        yes, seen, away, yes,  seen, away, no,  no,  no,  no,  no,  shut, no,  no),
    ROW(SHARE_ACKNOWLEDGE,   shd, shd,  away, shd,  shd,  away, shd, no,  no,  no,  no,  shut, shd, no),
    ROW(SHARE_LIST,          yes, shx,  away, yes,  shx,  away, yes, no,  yes, yes, no,  shut, shd, cap),
    ROW(GLASS_USE,           no,  yes,  away, no,   yes,  away, no,  no,  no,  no,  no,  shut, no,  no),
    ROW(GLASS_LIST,          no,  no,   no,   no,   no,   no,   yes, no,  yes, yes, no,  shut, no,  no),
    ROW(GLASS_READ,          no,  no,   no,   no,   no,   no,   why, no,  no,  no,  no,  shut, no,  no),
    ROW(AUDIT_READ,          no,  no,   no,   no,   no,   no,   no,  no,  yes, yes, no,  shut, no,  no),
    ROW(TODAY_READ,          yes, yes,  yes,  yes,  yes,  yes,  yes, yes, yes, no,  no,  shut, yes, no),
    ROW(AUDIT_HASHES,        no,  no,   no,   no,   no,   no,   no,  no,  yes, yes, no,  yes,  no,  cap),
    ROW(IMPORT_RUN,          no,  no,   no,   no,   no,   no,   yes, no,  no,  no,  no,  shut, no,  cap),
    ROW(IMPORT_LIST,         no,  no,   no,   no,   no,   no,   yes, no,  no,  no,  no,  shut, no,  cap),
    ROW(NOTIFICATION_PREPARE, no, no,   no,   no,   no,   no,   no,  no,  no,  no,  no,  no,   no,  cap),
    ROW(NOTIFICATION_RECEIVE, yes, yes, yes,  yes,  yes,  yes,  yes, yes, yes, yes, yes, no,   yes, no),
    ROW(EFFECT_RECORD,       no,  no,   no,   no,   no,   no,   no,  no,  no,  no,  no,  no,   no,  cap),
    ROW(EFFECT_LIST,         no,  no,   no,   no,   no,   no,   yes, yes, yes, yes, yes, yes,  no,  cap),
    ROW(DEAD_LETTER_ADD,     no,  no,   no,   no,   no,   no,   no,  no,  no,  no,  no,  no,   no,  cap),
    ROW(DEAD_LETTER_MANAGE,  no,  no,   no,   no,   no,   no,   no,  no,  no,  no,  yes, yes,  no,  no),
    ROW(PLUGIN_LIST,         no,  no,   no,   no,   no,   no,   yes, no,  yes, yes, yes, yes,  no,  no),
    ROW(PLUGIN_RELOAD,       no,  no,   no,   no,   no,   no,   no,  no,  no,  no,  yes, yes,  no,  no),
    ROW(EVENTS_READ,         no,  no,   no,   no,   no,   no,   no,  no,  no,  no,  no,  shut, own, aud, own),
    ROW(FEED_SET,            no,  no,   no,   no,   no,   no,   yes, no,  no,  no,  no,  no,   no,  no),
    ROW(FEED_LIST,           no,  no,   no,   no,   no,   no,   yes, yes, yes, yes, yes, yes,  no,  no),
    ROW(WEBHOOK_SET,         no,  no,   no,   no,   no,   no,   no,  no,  no,  no,  yes, yes,  no,  no),
    ROW(WEBHOOK_DELIVER,     no,  no,   no,   no,   no,   no,   no,  no,  no,  no,  no,  no,   no,  cap),
    ROW(STATUS_READ,         no,  no,   no,   no,   no,   no,   yes, no,  yes, yes, yes, yes,  no,  cap),
    ROW(POLICY_EXPLAIN,      no,  no,   no,   no,   no,   no,   yes, no,  yes, yes, yes, yes,  no,  no),
    ROW(BACKUP_MAKE,         no,  no,   no,   no,   no,   no,   no,  no,  no,  no,  yes, yes,  no,  no),
    ROW(CONFIG_RELOAD,       no,  no,   no,   no,   no,   no,   no,  no,  no,  no,  yes, yes,  no,  no),
    ROW(CLOCK_CONFIRM,       no,  no,   no,   no,   no,   no,   no,  no,  no,  no,  no,  yes,  no,  no),
    /* reminder */
    ROW(REMINDER_READ,       no,  no,   no,   no,   no,   no,   no,  no,  no,  no,  no,  no,   no,  cap),
    /* erasure and rights */
    ROW(SITUATION_RESTRICT,  yes, seen, away, no,   seen, away, yes, no,  no,  no,  no,  shut, no,  no),
    ROW(SITUATION_REKEY,     yes, seen, away, no,   seen, away, yes, no,  no,  no,  no,  shut, no,  no),
    ROW(ERASURE_CERTIFICATE, yes, away, away, yes,  away, away, yes, no,  yes, no,  no,  shut, no,  no),
    ROW(RIGHTS_OPEN,         yes, away, away, yes,  away, away, yes, no,  no,  no,  no,  shut, no,  no),
    ROW(RIGHTS_LIST,         yes, away, away, yes,  away, away, yes, no,  yes, no,  no,  shut, no,  cap),
    ROW(RIGHTS_READ,         yes, away, away, no,   away, away, why, no,  no,  no,  no,  shut, no,  no),
    ROW(RIGHTS_ANSWER,       yes, away, away, no,   away, away, yes, no,  no,  no,  no,  shut, no,  no),
    ROW(RIGHTS_EXTRACT,      yes, away, away, no,   away, away, why, no,  no,  no,  no,  shut, no,  no),
}};
/* clang-format on */

static const struct {
    const char *who;
    const char *scope;
} columns[POLICY_COLUMN_COUNT] = {
#define X(id, who, scope) [POLICY_COLUMN_##id] = {who, scope},
    POLICY_COLUMN_LIST(X)
#undef X
};

static const char *const words[POLICY_CELL_COUNT] = {
#define X(id, word, arg) [POLICY_CELL_##id] = (word),
    POLICY_CELL_LIST(X, )
#undef X
};

const char *policy_cell_word(enum policy_cell cell)
{
    return words[cell];
}

bool policy_line_get(size_t index, struct policy_line *ret_line)
{
    if (index >= (size_t)ACTION_COUNT * POLICY_COLUMN_COUNT)
        return false;
    enum action action = (enum action)(index / POLICY_COLUMN_COUNT);
    size_t column = index % POLICY_COLUMN_COUNT;
    *ret_line = (struct policy_line){
        .who = columns[column].who,
        .action = action_name(action),
        .scope = columns[column].scope,
        .cell = words[policy_table.cells[action][column]],
    };
    return true;
}

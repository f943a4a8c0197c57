/*
 * Taking an import back. A small one goes in one entry; a large one is shut first, after all
 * its rows were looked at, then goes in parts, each durable: a stop in between loses nothing.
 * Asking again goes on, and so does the daemon when nobody asks. docs/adr/0005.
 */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/import.h"
#include "domain/record.h"
#include "domain/retention.h"

enum {
    UNDO_AT_ONCE = 250, /* rows of one entry: their keys are named in it */
    LOOK_ARENA = 1 << 20,
};

struct undo {
    struct act *act;
    Ctps__ImportUndone *undone;
    Ctps__ErasureOrdered *ordered;
    size_t count;
    uint64_t made[UNDO_AT_ONCE]; /* saisines or meetings */
    bool more;
};

/* --- nobody touched it --- */

struct look {
    struct act *act;
    struct arena arena; /* let go after each row: there may be tens of thousands */
};

static bool any_row(void *arg, struct bytes key, struct bytes value)
{
    (void)key;
    (void)value;
    *(bool *)arg = true;
    return false;
}

/* Whether somebody wrote something beside it: a decision, a share, an agenda, a link. */
static bool is_spoken_of(struct act *act, uint64_t situation)
{
    static const enum table places[] = {TABLE_MEETING_SITUATION, TABLE_DECISION_OF,
                                        TABLE_SHARE_SITUATION,   TABLE_GLASS_SITUATION,
                                        TABLE_ENGAGEMENT,        TABLE_LINK};
    struct table_key prefix = table_key_of_u64(situation);
    bool found = false;

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !found; i++)
        act->tables->walk(act->tables->ctx, places[i], table_key_bytes(&prefix),
                          bytes_of(NULL, 0), false, any_row, &found);
    return found;
}

/* Untouched: nothing happened to it since the entry that made it. */
static void row_check(struct look *look, uint64_t id)
{
    struct act *act = look->act;
    const Ctps__MeetingRecord *meeting = record_meeting(act->tables, &look->arena, id);
    const Ctps__SaisineRecord *saisine = record_saisine(act->tables, &look->arena, id);
    const Ctps__SituationRecord *situation =
        saisine ? record_situation(act->tables, &look->arena, saisine->situation) : NULL;

    if (meeting) {
        if (meeting->last_touched_seq != id >> 8)
            act_refuse(act, REFUSAL_IMPORT_TOUCHED,
                       act_text(act, meeting->scheduled->reference));
    } else if (!situation || situation->last_touched_seq != id >> 8 ||
               situation->n_saisines != 1 || is_spoken_of(act, situation->opened->id)) {
        act_refuse(act, REFUSAL_IMPORT_TOUCHED,
                   situation ? act_text(act, situation->opened->reference) : "situation");
    }
}

static bool row_look(void *arg, struct bytes key, struct bytes value)
{
    struct look *look = arg;

    (void)value;
    if (key.len == 16)
        row_check(look, be64_get(key.data + 8));
    arena_reset(&look->arena);
    return look->act->refusal == REFUSAL_NONE;
}

static bool import_check(struct act *act, uint64_t id)
{
    struct look look = {.act = act};
    struct table_key prefix = table_key_of_u64(id);

    arena_init_within(&look.arena, LOOK_ARENA, act->arena);
    act->tables->walk(act->tables->ctx, TABLE_IMPORT_ROWS, table_key_bytes(&prefix),
                      bytes_of(NULL, 0), false, row_look, &look);
    arena_done(&look.arena);
    return act->refusal == REFUSAL_NONE;
}

/* --- taken back --- */

static bool undo_collect(void *arg, struct bytes key, struct bytes value)
{
    struct undo *undo = arg;

    (void)value;
    if (key.len != 16)
        return true;
    undo->more = undo->count == UNDO_AT_ONCE;
    if (!undo->more)
        undo->made[undo->count++] = be64_get(key.data + 8);
    return !undo->more;
}

static void undo_one(struct undo *undo, uint64_t id)
{
    struct act *act = undo->act;
    const Ctps__SaisineRecord *saisine = record_saisine(act->tables, act->arena, id);
    const Ctps__SituationRecord *situation =
        saisine ? record_situation(act->tables, act->arena, saisine->situation) : NULL;
    Ctps__ErasureSubject *subject;

    if (!situation) {
        undo->undone->meetings[undo->undone->n_meetings++] = id;
        return;
    }
    undo->undone->saisines[undo->undone->n_saisines++] = id;
    undo->undone->situations[undo->undone->n_situations++] = saisine->situation;
    if (saisine->received->facts_only)
        return;
    subject = retention_subject_of_situation(act, situation);
    if (subject)
        undo->ordered->subjects[undo->ordered->n_subjects++] = subject;
}

static void part_undo(struct undo *undo, uint64_t id, uint64_t by_agent)
{
    size_t room = (undo->count + 1) * sizeof(uint64_t);
    struct act *act = undo->act;

    /* The order comes first: it still finds what undoing removes. */
    undo->ordered = emit_erasure_ordered(act);
    undo->undone = emit_import_undone(act);
    SET(undo->ordered, day, act->today);
    SET(undo->ordered, by_agent, by_agent);
    SET(undo->undone, id, id);
    if (undo->more)
        SET(undo->undone, more, 1);
    undo->ordered->subjects = act_alloc(act, room);
    undo->undone->saisines = act_alloc(act, room);
    undo->undone->situations = act_alloc(act, room);
    undo->undone->meetings = act_alloc(act, room);
    for (size_t i = 0; i < undo->count && !act->exhausted; i++)
        undo_one(undo, undo->made[i]);
}

static void shut_emit(struct act *act, uint64_t id)
{
    Ctps__ImportUndoBegun *out = emit_import_undo_begun(act);

    SET(out, id, id);
    SET(out, day, act->today);
    SET(out, by_agent, act->who->id);
}

/* The rows of the next part; NULL without memory. */
static struct undo *undo_new(struct act *act, uint64_t id)
{
    struct undo *undo = arena_alloc(act->arena, sizeof(*undo));
    struct table_key prefix = table_key_of_u64(id);

    if (!undo) {
        act->exhausted = true;
        return NULL;
    }
    undo->act = act;
    act->tables->walk(act->tables->ctx, TABLE_IMPORT_ROWS, table_key_bytes(&prefix),
                      bytes_of(NULL, 0), false, undo_collect, undo);
    return undo;
}

void decide_import_undo(struct act *act)
{
    uint64_t id = act->request->import_undo->import_id;
    struct undo *undo;

    if (!import_load(act, id) || (!act->import->undoing && !import_check(act, id)))
        return;
    undo = undo_new(act, id);
    if (!undo)
        return;
    if (undo->more)
        act_warn(act, IMPORT_UNDO_MORE);
    if (undo->more && !act->import->undoing)
        shut_emit(act, id);
    else
        part_undo(undo, id, act->who->id);
}

/* --- going on --- */

struct begun {
    struct act *act;
    const Ctps__ImportRecord *found; /* NULL: none */
};

static bool begun_look(void *arg, struct bytes key, struct bytes value)
{
    struct begun *begun = arg;
    const Ctps__ImportRecord *row = (const Ctps__ImportRecord *)record_unpack(
        begun->act->arena, &ctps__import_record__descriptor, value);

    (void)key;
    if (row && row->undoing && !row->undone)
        begun->found = row;
    return !begun->found && !begun->act->exhausted;
}

bool import_undo_go_on(struct act *act)
{
    struct begun begun = {.act = act};
    struct undo *undo;

    act->tables->walk(act->tables->ctx, TABLE_IMPORT, bytes_of(NULL, 0), bytes_of(NULL, 0),
                      false, begun_look, &begun);
    undo = begun.found ? undo_new(act, begun.found->begun->id) : NULL;
    if (undo)
        part_undo(undo, begun.found->begun->id, begun.found->undo_by_agent);
    return undo != NULL;
}

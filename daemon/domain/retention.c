#include "domain/retention.h"

#include "domain/box.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/record.h"
#include "domain/rights.h"

/* Keys of one situation: its saisines (SITUATION_SAISINES_MAX) with their persons, and those of
 * situations merged into it. */
enum { SLOTS_FIRST = 64, SLOTS_MAX = 16384, DUE_MAX = 512 };

struct slots {
    struct act *act;
    uint64_t *list;
    size_t count;
    size_t cap;
    bool too_many;
};

static bool slots_grow(struct slots *slots)
{
    size_t cap = slots->cap ? slots->cap * 2 : SLOTS_FIRST;
    uint64_t *grown = cap <= SLOTS_MAX ? act_alloc(slots->act, cap * sizeof(*grown)) : NULL;

    slots->too_many |= cap > SLOTS_MAX;
    if (!grown)
        return false;
    if (slots->count)
        memcpy(grown, slots->list, slots->count * sizeof(*grown));
    slots->list = grown;
    slots->cap = cap;
    return true;
}

/* Once each: many boxes share a slot. */
static void slot_add(struct slots *slots, uint64_t slot)
{
    for (size_t i = 0; i < slots->count; i++)
        if (slots->list[i] == slot)
            return;
    if (slot && (slots->count < slots->cap || slots_grow(slots)))
        slots->list[slots->count++] = slot;
}

struct pair_slots {
    struct act *act;
    struct slots *slots;
};

static bool pair_slot_add(void *arg, struct bytes key, struct bytes value)
{
    struct pair_slots *pair = arg;
    Ctps__DuplicateRecord *row = (Ctps__DuplicateRecord *)record_unpack(
        pair->act->arena, &ctps__duplicate_record__descriptor, value);

    (void)key;
    if (row && row->decided && row->decided->text)
        slot_add(pair->slots, row->decided->text->slot);
    return true;
}

/* What was written about a pair ends with the first of the two. */
static void slots_of_pairs(struct act *act, struct slots *slots, uint64_t saisine)
{
    struct pair_slots pair = {act, slots};
    struct table_key prefix = table_key_of_u64(saisine);

    act->tables->walk(act->tables->ctx, TABLE_DUPLICATE, table_key_bytes(&prefix),
                      bytes_of(NULL, 0), false, pair_slot_add, &pair);
}

static void slot_of_box(void *arg, const struct box_place *place)
{
    slot_add(arg, place->sealed->slot);
}

static void slots_of_saisine(struct act *act, struct slots *slots,
                             const Ctps__SaisineRecord *saisine)
{
    const Ctps__SaisineReceived *received = saisine->received;

    slots_of_pairs(act, slots, received->id);
    slot_add(slots, received->slot);
    for (size_t i = 0; i < received->n_persons; i++)
        if (received->persons[i]->identity)
            slot_add(slots, received->persons[i]->identity->slot);
}

static Ctps__ErasureSubject *subject_make(struct act *act, Ctps__ObjectKind kind, uint64_t id,
                                          const struct slots *slots)
{
    Ctps__ErasureSubject *subject = act_alloc(act, sizeof(*subject));

    ctps__erasure_subject__init(subject);
    SET(subject, id, id);
    SET(subject, kind, kind);
    subject->slots = slots->list;
    subject->n_slots = slots->count;
    return subject;
}

/* Every key of one situation; those merged into it come apart. */
static void slots_of_situation(struct act *act, struct slots *slots,
                               const Ctps__SituationRecord *situation)
{
    struct box_search search = {act->tables, act->arena, situation};

    slot_add(slots, situation->opened->slot);
    box_each(&search, slot_of_box, slots);
    for (size_t i = 0; i < situation->n_saisines; i++) {
        Ctps__SaisineRecord *saisine =
            record_saisine(act->tables, act->arena, situation->saisines[i]);

        if (saisine)
            slots_of_saisine(act, slots, saisine);
    }
}

Ctps__ErasureSubject *retention_subject_of_situation(struct act *act,
                                                     const Ctps__SituationRecord *situation)
{
    struct slots slots = {.act = act};

    slots_of_situation(act, &slots, situation);
    for (size_t i = 0; i < situation->n_merged; i++) {
        Ctps__SituationRecord *merged =
            record_situation(act->tables, act->arena, situation->merged[i]);

        if (merged)
            slots_of_situation(act, &slots, merged);
    }
    if (slots.too_many) {
        act_refuse(act, REFUSAL_LIMIT, "keys of one situation");
        return NULL;
    }
    return subject_make(act, CTPS__OBJECT_KIND__OBJECT_SITUATION, situation->opened->id,
                        &slots);
}

Ctps__ErasureSubject *retention_subject_of_saisine(struct act *act,
                                                   const Ctps__SaisineRecord *saisine)
{
    struct slots slots = {.act = act};

    slots_of_saisine(act, &slots, saisine);
    return subject_make(act, CTPS__OBJECT_KIND__OBJECT_SAISINE, saisine->received->id, &slots);
}

Ctps__ErasureSubject *retention_subject_of_meeting(struct act *act,
                                                   const Ctps__MeetingRecord *meeting)
{
    struct slots slots = {.act = act};

    slot_add(&slots, meeting->scheduled->slot);
    return subject_make(act, CTPS__OBJECT_KIND__OBJECT_MEETING, meeting->scheduled->id, &slots);
}

void decide_situation_erase(struct act *act)
{
    Ctps__ErasureOrdered *out;
    Ctps__ErasureSubject *subject;

    if (!check_list(act, "finalite", act->request->situation_erase->reason, "reason"))
        return;
    if (act->situation->erasure_ordered || act->situation->erased) {
        act_refuse(act, REFUSAL_ERASED, "situation");
        return;
    }
    if (act->situation->merged_into) {
        act_refuse(act, REFUSAL_MERGED, "situation");
        return;
    }
    if (!act->situation->has_closed_day) {
        act_refuse(act, REFUSAL_STATE_WRONG, "situation");
        return;
    }
    subject = retention_subject_of_situation(act, act->situation);
    if (!subject)
        return;
    out = emit_erasure_ordered(act);
    out->subjects = act_alloc(act, sizeof(Ctps__ErasureSubject *));
    out->subjects[0] = subject;
    out->n_subjects = 1;
    SET(out, day, act->today);
    SET(out, by_agent, act->who->id);
    out->reason = act->request->situation_erase->reason;
}

/* What stands in the table of terms, read before anything is emitted. */
struct due_row {
    int32_t day;
    uint64_t id;
    Ctps__ObjectKind kind;
};

struct due_list {
    int32_t until_day;
    size_t count;
    struct due_row rows[DUE_MAX];
};

static bool due_collect(void *arg, struct bytes key, struct bytes value)
{
    struct due_list *list = arg;
    struct due_row *row = &list->rows[list->count];

    if (key.len != 12 || value.len != 1)
        return true;
    row->day = (int32_t)(be32_get(key.data) ^ UINT32_C(0x80000000));
    row->id = be64_get(key.data + 4);
    row->kind = (Ctps__ObjectKind)value.data[0];
    if (row->day > list->until_day)
        return false;
    list->count++;
    return list->count < DUE_MAX;
}

static struct due_list *due_read(struct act *act, int32_t until_day, uint64_t after_id,
                                 int32_t after_day)
{
    struct due_list *list = arena_alloc(act->arena, sizeof(*list));
    struct table_key after = {0};

    if (!list) {
        act->exhausted = true;
        return NULL;
    }
    list->until_day = until_day;
    if (after_id) {
        table_key_add_day(&after, after_day);
        table_key_add_u64(&after, after_id);
    }
    act->tables->walk(act->tables->ctx, TABLE_DUE, bytes_of(NULL, 0), table_key_bytes(&after),
                      false, due_collect, list);
    return list;
}

struct announced {
    int32_t day;   /* 0: it was not */
    uint32_t runs; /* different days the daemon had run on by then */
};

static struct announced announced_of(struct act *act, const struct due_row *row)
{
    if (row->kind == CTPS__OBJECT_KIND__OBJECT_RIGHTS_REQUEST) {
        Ctps__RightsRecord *rights = rights_record(act->tables, act->arena, row->id);

        return rights ? (struct announced){rights->erase_announced_day,
                                           rights->erase_announced_runs}
                      : (struct announced){0};
    }
    if (row->kind == CTPS__OBJECT_KIND__OBJECT_SITUATION) {
        Ctps__SituationRecord *situation = record_situation(act->tables, act->arena, row->id);

        return situation ? (struct announced){situation->erase_announced_day,
                                              situation->erase_announced_runs}
                         : (struct announced){0};
    } else if (row->kind == CTPS__OBJECT_KIND__OBJECT_MEETING) {
        Ctps__MeetingRecord *meeting = record_meeting(act->tables, act->arena, row->id);

        return meeting ? (struct announced){meeting->erase_announced_day,
                                            meeting->erase_announced_runs}
                       : (struct announced){0};
    } else {
        Ctps__SaisineRecord *saisine = record_saisine(act->tables, act->arena, row->id);

        return saisine ? (struct announced){saisine->erase_announced_day,
                                            saisine->erase_announced_runs}
                       : (struct announced){0};
    }
}

static void announce_one(struct act *act, const struct due_row *row)
{
    Ctps__ErasureAnnounced *out = emit_erasure_announced(act);
    int32_t earliest = act->today + act->settings->announce_days;

    SET(out, subject, row->id);
    SET(out, kind, row->kind);
    SET(out, day, act->today);
    SET(out, due_day, row->day > earliest ? row->day : earliest);
}

void retention_announce(struct act *act)
{
    struct due_list *due = due_read(act, act->today + act->settings->announce_days, 0, 0);

    while (due && due->count) {
        const struct due_row *last = &due->rows[due->count - 1];

        for (size_t i = 0; i < due->count; i++) {
            if (announced_of(act, &due->rows[i]).day)
                continue;
            if (act->event_count == ACT_EVENTS_MAX - 1)
                return;
            announce_one(act, &due->rows[i]);
        }
        due = due->count == DUE_MAX ? due_read(act, due->until_day, last->id, last->day) : NULL;
    }
}

/*
 * Days since the announcement are counted from the last clock alarm confirmed when that came
 * later: an announcement made while the clock was behind would look old once it is right. Run
 * days are counted in the order of the journal, not by date.
 */
static bool has_waited(struct act *act, struct announced announced)
{
    const Ctps__DaysRecord *days =
        (Ctps__DaysRecord *)record_get(act->tables, TABLE_RUN_DAYS, table_key_of_text("days"),
                                       act->arena, &ctps__days_record__descriptor);

    if (!days || !announced.day)
        return false;
    if (days->has_confirmed_day && days->confirmed_runs >= announced.runs) {
        announced.runs = days->confirmed_runs;
        if (days->confirmed_day > announced.day)
            announced.day = days->confirmed_day;
    }
    return act->today - announced.day >= act->settings->announce_days &&
           days->total - announced.runs >= (uint32_t)act->settings->announce_run_days;
}

static bool is_ripe(struct act *act, const struct due_row *row)
{
    return row->day <= act->today && has_waited(act, announced_of(act, row));
}

/* Who asked for rights, and what was written to them. */
static Ctps__ErasureSubject *subject_of_rights(struct act *act, uint64_t id)
{
    Ctps__RightsRecord *rights = rights_record(act->tables, act->arena, id);
    struct slots slots = {.act = act};

    if (!rights)
        return NULL;
    slot_add(&slots, rights->opened->slot);
    return subject_make(act, CTPS__OBJECT_KIND__OBJECT_RIGHTS_REQUEST, id, &slots);
}

static Ctps__ErasureSubject *subject_of(struct act *act, const struct due_row *row)
{
    if (row->kind == CTPS__OBJECT_KIND__OBJECT_RIGHTS_REQUEST)
        return subject_of_rights(act, row->id);
    if (row->kind == CTPS__OBJECT_KIND__OBJECT_SITUATION) {
        Ctps__SituationRecord *situation = record_situation(act->tables, act->arena, row->id);

        return situation ? retention_subject_of_situation(act, situation) : NULL;
    } else if (row->kind == CTPS__OBJECT_KIND__OBJECT_MEETING) {
        Ctps__MeetingRecord *meeting = record_meeting(act->tables, act->arena, row->id);

        return meeting ? retention_subject_of_meeting(act, meeting) : NULL;
    } else {
        Ctps__SaisineRecord *saisine = record_saisine(act->tables, act->arena, row->id);

        return saisine ? retention_subject_of_saisine(act, saisine) : NULL;
    }
}

struct ordered_today {
    struct act *act;
    unsigned count;
};

/* Orders stand by seq: those of today are the last ones. */
static bool ordered_count(void *arg, struct bytes key, struct bytes value)
{
    struct ordered_today *today = arg;
    Ctps__ErasureRecord *row = (Ctps__ErasureRecord *)record_unpack(
        today->act->arena, &ctps__erasure_record__descriptor, value);

    (void)key;
    if (!row || !row->ordered || row->ordered->day != today->act->today)
        return false;
    if (!row->ordered->by_agent)
        today->count += (unsigned)row->ordered->n_subjects;
    return true;
}

void retention_order_slot(struct act *act, uint64_t slot)
{
    Ctps__ErasureOrdered *out = emit_erasure_ordered(act);
    struct slots slots = {.act = act};

    slot_add(&slots, slot);
    SET(out, day, act->today);
    out->subjects = act_alloc(act, sizeof(Ctps__ErasureSubject *));
    out->subjects[0] = subject_make(act, CTPS__OBJECT_KIND__OBJECT_KEY, 0, &slots);
    out->n_subjects = out->subjects[0] ? 1 : 0;
}

void retention_order_within(struct act *act, size_t slots_max)
{
    unsigned cap = (unsigned)act->settings->erase_per_day_max;
    struct ordered_today today = {act, 0};
    struct due_list *due;
    Ctps__ErasureOrdered *out = NULL;
    size_t slots = 0;

    act->tables->walk(act->tables->ctx, TABLE_ERASURE, bytes_of(NULL, 0), bytes_of(NULL, 0),
                      true, ordered_count, &today);
    if (today.count >= cap)
        return;
    cap -= today.count;
    due = due_read(act, act->today, 0, 0);
    for (size_t i = 0; due && i < due->count && (!out || out->n_subjects < cap); i++) {
        Ctps__ErasureSubject *subject;

        if (!is_ripe(act, &due->rows[i]))
            continue;
        subject = subject_of(act, &due->rows[i]);
        if (!subject) {
            act->refusal = REFUSAL_NONE; /* one that cannot be keeps no other from its end */
            continue;
        }
        slots += subject->n_slots;
        if (out && slots > slots_max)
            break; /* the next order's */
        if (!out) {
            out = emit_erasure_ordered(act);
            out->subjects = act_alloc(act, cap * sizeof(Ctps__ErasureSubject *));
            SET(out, day, act->today);
        }
        out->subjects[out->n_subjects++] = subject;
    }
}

void retention_order(struct act *act)
{
    retention_order_within(act, RETENTION_ORDER_SLOTS_MAX);
}

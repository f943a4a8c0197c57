/*
 * Sealing a situation again under a new key, some parts dropped (GDPR art. 16 and 17): what
 * stays is opened and sealed here, so that apply only puts boxes in place of others; the old
 * key and those of dropped persons go the way of every erasure (confidentiality.md, "Erasure").
 */
#include "domain/box.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/record.h"

/* One entry of the journal holds it all: of at most a mebibyte, less the rest of the entry. */
enum { REKEY_BOXES_MAX = 4000, REKEY_BYTES_MAX = 768 << 10, REKEY_DROPS_MAX = 32 };

struct rekey {
    struct act *act;
    const Ctps__SituationRekey *in;
    uint64_t old_slot;
    uint64_t new_slot;
    size_t box_count;
    Ctps__BoxChange *boxes[REKEY_BOXES_MAX];
    size_t bytes;
    size_t slot_count;
    uint64_t slots[2 * REKEY_DROPS_MAX + 1];
    bool person_met[REKEY_DROPS_MAX];
    bool entry_met[REKEY_DROPS_MAX];
};

void authorise_situation_rekey(struct act *act)
{
    struct resource resource;

    act->situation =
        record_situation(act->tables, act->arena, act->request->situation_rekey->id);
    if (!act->situation) {
        act_refuse(act, REFUSAL_ABSENT, "situation");
        return;
    }
    resource = resource_of_situation(act, act->situation);
    act_judge(act, ACTION_SITUATION_REKEY, &resource);
}

static bool is_listed(const uint64_t *ids, size_t count, uint64_t id, bool *met)
{
    for (size_t i = 0; id && i < count; i++)
        if (ids[i] == id) {
            met[i] = true;
            return true;
        }
    return false;
}

/* Persons by their id, entries by theirs, the text of a saisine by the saisine's. */
static bool is_dropped(struct rekey *rekey, const struct box_place *place)
{
    const Ctps__SituationRekey *in = rekey->in;
    uint64_t id = (uint64_t)box_number(place, "id");

    if (place->row->owner == BOX_OF_PERSON)
        return is_listed(in->drop_persons, in->n_drop_persons, id, rekey->person_met);
    if (place->row->type == &ctps__situation_record__descriptor)
        return false;
    return is_listed(in->drop_entries, in->n_drop_entries, id, rekey->entry_met);
}

static void slot_drop(struct rekey *rekey, uint64_t slot)
{
    for (size_t i = 0; i < rekey->slot_count; i++)
        if (rekey->slots[i] == slot)
            return;
    if (rekey->slot_count == sizeof(rekey->slots) / sizeof(rekey->slots[0]))
        act_refuse(rekey->act, REFUSAL_LIMIT, "drop_persons");
    else
        rekey->slots[rekey->slot_count++] = slot;
}

static Ctps__Sealed *seal_again(struct rekey *rekey, const struct box_place *place)
{
    struct act *act = rekey->act;
    const struct sealer *sealer = act->sealer;
    struct bytes content;
    struct bytes box;
    Ctps__Sealed *sealed;

    if (sealer->unseal(sealer->ctx, act->arena, place->sealed->slot, place->row->field,
                       bytes_of(place->sealed->box.data, place->sealed->box.len),
                       &content) != CTPS_OK ||
        sealer->seal(sealer->ctx, act->arena, rekey->new_slot, place->row->field, content,
                     &box) != CTPS_OK) {
        act_refuse(act, REFUSAL_UNAVAILABLE, "sealing");
        return NULL;
    }
    sealed = act_alloc(act, sizeof(*sealed));
    ctps__sealed__init(sealed);
    SET(sealed, slot, rekey->new_slot);
    sealed->has_box = 1;
    record_bytes_set(&sealed->box, box);
    rekey->bytes += box.len;
    return sealed;
}

static Ctps__BoxChange *change_add(struct rekey *rekey, const struct box_place *place)
{
    Ctps__BoxChange *change = act_alloc(rekey->act, sizeof(*change));

    ctps__box_change__init(change);
    SET(change, field, (uint32_t)place->row->field);
    change->has_key = 1;
    record_bytes_set(&change->key,
                     bytes_of(arena_copy(rekey->act->arena, place->key.data, place->key.len),
                              place->key.len));
    SET(change, index, place->index);
    rekey->boxes[rekey->box_count++] = change;
    rekey->bytes += place->key.len + sizeof(*change);
    return change;
}

static void place_rekey(void *arg, const struct box_place *place)
{
    struct rekey *rekey = arg;
    bool dropped = is_dropped(rekey, place);

    if (rekey->act->refusal != REFUSAL_NONE ||
        (!dropped && place->row->owner != BOX_OF_SITUATION))
        return;
    if (rekey->box_count == REKEY_BOXES_MAX || rekey->bytes > REKEY_BYTES_MAX) {
        act_refuse(rekey->act, REFUSAL_LIMIT, "sealed parts of one situation");
        return;
    }
    if (dropped)
        slot_drop(rekey, place->sealed->slot);
    change_add(rekey, place)->box = dropped ? NULL : seal_again(rekey, place);
}

static bool all_met(struct act *act, const bool *met, size_t count, const char *field)
{
    for (size_t i = 0; i < count; i++)
        if (!met[i]) {
            act_refuse(act, REFUSAL_ABSENT, field);
            return false;
        }
    return true;
}

static bool rekey_check(struct act *act, const Ctps__SituationRekey *in)
{
    if (!check_list(act, "finalite", in->reason, "reason"))
        return false;
    if (act->situation->erased || act->situation->erasure_ordered)
        act_refuse(act, REFUSAL_ERASED, "situation");
    else if (!act->situation->opened->slot)
        act_refuse(act, REFUSAL_STATE_WRONG, "situation");
    else if (in->n_drop_persons > REKEY_DROPS_MAX || in->n_drop_entries > REKEY_DROPS_MAX)
        act_refuse(act, REFUSAL_LIMIT, "drop_persons");
    return act->refusal == REFUSAL_NONE;
}

static void rekeyed_emit(struct rekey *rekey)
{
    struct act *act = rekey->act;
    const Ctps__SituationRekey *in = rekey->in;
    Ctps__SituationRekeyed *out = emit_situation_rekeyed(act);

    SET(out, id, act->situation->opened->id);
    SET(out, old_slot, rekey->old_slot);
    SET(out, slot, rekey->new_slot);
    out->boxes =
        arena_copy(act->arena, rekey->boxes, (rekey->box_count + 1) * sizeof(rekey->boxes[0]));
    out->n_boxes = out->boxes ? rekey->box_count : 0;
    act->exhausted |= !out->boxes;
    out->dropped =
        act_alloc(act, (in->n_drop_persons + in->n_drop_entries + 1) * sizeof(uint64_t));
    for (size_t i = 0; out->dropped && i < in->n_drop_persons; i++)
        out->dropped[out->n_dropped++] = in->drop_persons[i];
    for (size_t i = 0; out->dropped && i < in->n_drop_entries; i++)
        out->dropped[out->n_dropped++] = in->drop_entries[i];
    SET(out, day, act->today);
    SET(out, by_agent, act->who->id);
}

/* The subject is the old key, not the situation, which lives on: after a restore of a backup
 * the ledger must not take it for erased. */
static void order_emit(struct rekey *rekey)
{
    struct act *act = rekey->act;
    Ctps__ErasureOrdered *out = emit_erasure_ordered(act);
    Ctps__ErasureSubject *subject = act_alloc(act, sizeof(*subject));

    ctps__erasure_subject__init(subject);
    SET(subject, id, 0);
    SET(subject, kind, CTPS__OBJECT_KIND__OBJECT_KEY);
    SET(subject, part_of, act->situation->opened->id);
    subject->slots =
        arena_copy(act->arena, rekey->slots, rekey->slot_count * sizeof(rekey->slots[0]));
    subject->n_slots = subject->slots ? rekey->slot_count : 0;
    act->exhausted |= !subject->slots;
    out->subjects = act_alloc(act, sizeof(Ctps__ErasureSubject *));
    out->subjects[0] = subject;
    out->n_subjects = 1;
    SET(out, day, act->today);
    SET(out, by_agent, act->who->id);
    out->reason = rekey->in->reason;
}

void decide_situation_rekey(struct act *act)
{
    const Ctps__SituationRekey *in = act->request->situation_rekey;
    struct box_search search = {act->tables, act->arena, act->situation};
    struct rekey *rekey;

    if (!rekey_check(act, in))
        return;
    rekey = arena_alloc(act->arena, sizeof(*rekey));
    if (!rekey) {
        act->exhausted = true;
        return;
    }
    rekey->act = act;
    rekey->in = in;
    rekey->old_slot = act->situation->opened->slot;
    rekey->new_slot = act_take_slot(act);
    slot_drop(rekey, rekey->old_slot);
    box_each(&search, place_rekey, rekey);
    if (act->refusal != REFUSAL_NONE ||
        !all_met(act, rekey->person_met, in->n_drop_persons, "drop_persons") ||
        !all_met(act, rekey->entry_met, in->n_drop_entries, "drop_entries"))
        return;
    rekeyed_emit(rekey);
    order_emit(rekey);
}

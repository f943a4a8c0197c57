#include "domain/link.h"

#include "domain/check.h"
#include "domain/decide.h"
#include "domain/record.h"
#include "domain/situation.h"

Ctps__LinkRecord *link_get(const struct act *act, uint64_t a, uint64_t b)
{
    return (Ctps__LinkRecord *)record_get(act->tables, TABLE_LINK, table_key_of_two(a, b),
                                          act->arena, &ctps__link_record__descriptor);
}

struct walk {
    const struct act *act;
    bool (*each)(void *arg, uint64_t other, Ctps__LinkRecord *row);
    void *arg;
};

static bool walk_row(void *arg, struct bytes key, struct bytes value)
{
    struct walk *walk = arg;
    Ctps__LinkRecord *row = (Ctps__LinkRecord *)record_unpack(
        walk->act->arena, &ctps__link_record__descriptor, value);

    return !row || !row->linked || key.len != 16 ||
           walk->each(walk->arg, be64_get(key.data + 8), row);
}

void link_walk(const struct act *act, uint64_t situation,
               bool (*each)(void *arg, uint64_t other, Ctps__LinkRecord *row), void *arg)
{
    struct walk walk = {act, each, arg};
    struct table_key prefix = table_key_of_u64(situation);

    act->tables->walk(act->tables->ctx, TABLE_LINK, table_key_bytes(&prefix), bytes_of(NULL, 0),
                      false, walk_row, &walk);
}

uint64_t link_emit(struct act *act, uint64_t a, uint64_t b, char *kind)
{
    uint64_t id = act_new_id(act);
    Ctps__SituationLinked *out = emit_situation_linked(act);

    SET(out, id, id);
    SET(out, a, a);
    SET(out, b, b);
    out->kind = kind;
    SET(out, day, act->today);
    SET(out, by_agent, act->who->id);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_LINK, id, NULL);
    return id;
}

/* One's own side is worked on; of the other, its existence must be known. */
void authorise_situation_link(struct act *act)
{
    const Ctps__Request *request = act->request;
    bool begins = request->command_case == CTPS__REQUEST__COMMAND_SITUATION_LINK;
    Ctps__SituationRecord *other;
    struct resource resource;

    situation_load(act, begins ? request->situation_link->a : request->situation_unlink->a,
                   ACTION_SITUATION_LINK);
    if (!begins || act->refusal != REFUSAL_NONE)
        return;
    other = record_situation(act->tables, act->arena, request->situation_link->b);
    if (!other) {
        act_refuse(act, REFUSAL_ABSENT, "b");
        return;
    }
    resource = resource_of_situation(act, other);
    act_judge(act, ACTION_SITUATION_EXISTENCE, &resource);
}

void decide_situation_link(struct act *act)
{
    const Ctps__SituationLink *in = act->request->situation_link;
    const Ctps__SituationRecord *other = record_situation(act->tables, act->arena, in->b);

    if (!situation_is_kept(act) || !check_list(act, "lien", in->kind, "kind"))
        return;
    if (in->a == in->b)
        act_refuse(act, REFUSAL_FIELD_RANGE, "b");
    else if (!other || other->erased || other->erasure_ordered)
        act_refuse(act, REFUSAL_ERASED, "b");
    else if (link_get(act, in->a, in->b))
        act_refuse(act, REFUSAL_EXISTS, "link");
    else
        link_emit(act, in->a, in->b, in->kind);
}

struct sought {
    uint64_t link;
    uint64_t other;
};

static bool sought_row(void *arg, uint64_t other, Ctps__LinkRecord *row)
{
    struct sought *sought = arg;

    if (row->linked->id == sought->link)
        sought->other = other;
    return !sought->other;
}

void decide_situation_unlink(struct act *act)
{
    const Ctps__SituationUnlink *in = act->request->situation_unlink;
    struct sought sought = {in->link, in->b};
    Ctps__SituationUnlinked *out;
    Ctps__LinkRecord *row;

    if (!check_given(act, in->b || in->link, "b"))
        return;
    if (!in->b)
        link_walk(act, in->a, sought_row, &sought);
    row = link_get(act, in->a, sought.other);
    if (!row || (in->link && row->linked->id != in->link)) {
        act_refuse(act, REFUSAL_ABSENT, "link");
        return;
    }
    out = emit_situation_unlinked(act);
    SET(out, id, row->linked->id);
    SET(out, a, in->a);
    SET(out, b, sought.other);
    SET(out, by_agent, act->who->id);
}

#include "domain/erasure_tell.h"

#include "domain/record.h"

struct told {
    size_t room;
    size_t count;
    uint64_t ids[ACT_EVENTS_MAX];
};

static bool told_collect(void *arg, struct bytes key, struct bytes value)
{
    struct told *told = arg;

    (void)value;
    if (key.len == 8 && told->count < told->room)
        told->ids[told->count++] = be64_get(key.data);
    return told->count < told->room;
}

bool erasure_tell(struct act *act)
{
    struct told told = {.room = ACT_EVENTS_MAX - act->event_count};

    if (!told.room)
        return true;
    act->tables->walk(act->tables->ctx, TABLE_ERASED_TELL, bytes_of(NULL, 0), bytes_of(NULL, 0),
                      false, told_collect, &told);
    for (size_t i = 0; i < told.count; i++) {
        const Ctps__SituationRecord *row =
            record_situation(act->tables, act->arena, told.ids[i]);
        Ctps__SituationErased *out = emit_situation_erased(act);

        SET(out, id, told.ids[i]);
        SET(out, day, act->today);
        if (!row)
            continue;
        out->reference = row->opened->reference;
        out->territory = row->territory;
    }
    return told.count == told.room;
}

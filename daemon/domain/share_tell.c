#include "domain/share_tell.h"

#include "domain/record.h"
#include "domain/share.h"

struct told {
    struct act *act;
    size_t count;
    struct {
        uint64_t id;
        uint8_t why;
    } list[ACT_EVENTS_MAX];
};

static bool told_collect(void *arg, struct bytes key, struct bytes value)
{
    struct told *told = arg;

    if (key.len == 8 && value.len == 1) {
        told->list[told->count].id = be64_get(key.data);
        told->list[told->count++].why = value.data[0];
    }
    return told->count < ACT_EVENTS_MAX;
}

static void tell_one(struct act *act, const Ctps__InformationShared *shared, uint8_t why)
{
    if (why == SHARE_TELL_ERASED) {
        Ctps__InformationErased *out = emit_information_erased(act);

        SET(out, id, shared->id);
        SET(out, situation, shared->situation);
        SET(out, day, act->today);
    } else {
        Ctps__InformationRectified *out = emit_information_rectified(act);

        SET(out, id, shared->id);
        SET(out, situation, shared->situation);
        SET(out, day, act->today);
    }
}

bool share_tell(struct act *act)
{
    struct told told = {.act = act};

    act->tables->walk(act->tables->ctx, TABLE_SHARE_TELL, bytes_of(NULL, 0), bytes_of(NULL, 0),
                      false, told_collect, &told);
    for (size_t i = 0; i < told.count; i++) {
        Ctps__ShareRecord *share = share_record(act->tables, act->arena, told.list[i].id);

        if (share)
            tell_one(act, share->shared, told.list[i].why);
    }
    return told.count == ACT_EVENTS_MAX && act->event_count > 0;
}

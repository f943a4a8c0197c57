/* Of one's day: what was shared with whoever asks, and what was opened in need. */
#include "domain/check.h"
#include "domain/record.h"
#include "domain/share.h"
#include "domain/today_private.h"

enum {
    GLASS_BACK_DAYS = 7,
    LOOKED_AT_MAX = 2000,
};

struct bounded {
    struct today *today;
    size_t left;
};

static char *reference_of(struct act *act, uint64_t situation)
{
    Ctps__SituationRecord *record = record_situation(act->tables, act->arena, situation);

    return record ? record->opened->reference : NULL;
}

/* --- shares waiting for the asker's word --- */

static bool is_acknowledged(const Ctps__ShareRecord *share, const struct principal *who)
{
    for (size_t i = 0; i < share->n_acknowledged; i++)
        if (share->acknowledged[i]->by &&
            (int)share->acknowledged[i]->by->kind == (int)who->kind &&
            share->acknowledged[i]->by->id == who->id)
            return true;
    return false;
}

static bool share_look(void *arg, struct bytes key, struct bytes value)
{
    struct bounded *bounded = arg;
    struct act *act = bounded->today->act;
    const Ctps__ShareRecord *share =
        key.len >= 8 ? share_record(act->tables, act->arena, be64_get(key.data + key.len - 8))
                     : NULL;
    Ctps__TodayItem *item;

    (void)value;
    if (share && share_is_recipient(share->shared, act->who) &&
        share_is_live(share, act->today) && !is_acknowledged(share, act->who)) {
        item = today_add(bounded->today, TODAY_SHARE_WAITING, share->shared->day);
        if (item) {
            today_object(item, CTPS__OBJECT_KIND__OBJECT_SHARE, share->shared->id,
                         reference_of(act, share->shared->situation), NULL);
            item->code = share->shared->purpose;
            SET(item, agent, share->shared->by_agent);
            item->has_late = 0; /* given that day: nothing is late */
        }
    }
    return !act->exhausted && --bounded->left > 0;
}

static void shares_look(struct today *today)
{
    struct bounded bounded = {today, LOOKED_AT_MAX};
    struct table_key prefix =
        share_key_by(CTPS__OBJECT_KIND__OBJECT_AGENT, today->act->who->id, 0);

    today->act->tables->walk(today->act->tables->ctx, TABLE_SHARE_BY, table_key_bytes(&prefix),
                             bytes_of(NULL, 0), true, share_look, &bounded);
}

/* --- glass broken of late, for the head and the DPO --- */

static bool glass_look(void *arg, struct bytes key, struct bytes value)
{
    struct bounded *bounded = arg;
    struct act *act = bounded->today->act;
    const Ctps__BreakGlassRecord *record = (const Ctps__BreakGlassRecord *)record_unpack(
        act->arena, &ctps__break_glass_record__descriptor, value);
    Ctps__TodayItem *item;

    (void)key;
    if (!record || record->used->day < act->today - GLASS_BACK_DAYS)
        return false;
    item = today_add(bounded->today, TODAY_GLASS_BROKEN, record->used->day);
    if (item) {
        today_object(item, CTPS__OBJECT_KIND__OBJECT_BREAK_GLASS, record->used->id,
                     reference_of(act, record->used->situation), NULL);
        SET(item, agent, record->used->agent);
        item->has_late = 0;
    }
    return --bounded->left > 0;
}

void today_tasks(struct today *today)
{
    struct act *act = today->act;
    struct resource nothing = {.kind = RESOURCE_NONE};
    struct judgement judgement = {0};
    struct bounded glass = {today, LOOKED_AT_MAX};

    shares_look(today);
    if (act_may(act, ACTION_GLASS_LIST, &nothing, &judgement))
        act->tables->walk(act->tables->ctx, TABLE_GLASS, bytes_of(NULL, 0), bytes_of(NULL, 0),
                          true, glass_look, &glass);
}

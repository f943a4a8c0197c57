#include "domain/apply_private.h"

void apply_break_glass_used(const struct apply *apply, const Ctps__BreakGlassUsed *event)
{
    struct table_key of = table_key_of_two(event->situation, event->id);
    Ctps__BreakGlassRecord row = CTPS__BREAK_GLASS_RECORD__INIT;
    Ctps__BreakGlassUsed used = *event;

    row.used = &used;
    SET(&row, used_us, apply->entry->time_us);
    record_put(apply->tables, TABLE_GLASS, table_key_of_u64(event->id), apply->arena,
               &row.base);
    apply->tables->put(apply->tables->ctx, TABLE_GLASS_SITUATION, table_key_bytes(&of),
                       bytes_of(NULL, 0));
}

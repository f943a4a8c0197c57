/* A situation sealed again: boxes in place of boxes, nothing opened. */
#include "domain/apply_private.h"
#include "domain/box.h"
#include "domain/share.h"

void apply_situation_rekeyed(const struct apply *apply, const Ctps__SituationRekeyed *event)
{
    Ctps__SituationRecord *row;

    for (size_t i = 0; i < event->n_boxes; i++) {
        const Ctps__BoxChange *change = event->boxes[i];
        struct table_key key = {0};

        table_key_add_bytes(&key, bytes_of(change->key.data, change->key.len));
        box_put(apply->tables, apply->arena, (enum sealed_field)change->field, &key,
                change->index, change->box);
    }
    apply_slot_taken(apply, event->slot);
    row = record_situation(apply->tables, apply->arena, event->id);
    if (!row)
        return;
    SET(row->opened, slot, event->slot);
    apply_situation_put(apply, row);
    /* Who was given a part that is gone learns that there was a change (GDPR 19). */
    if (event->n_dropped)
        apply_shares_tell(apply, event->id, SHARE_TELL_RECTIFIED);
}

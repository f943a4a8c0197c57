/* Saisines: from reception to the decision, and how many of each kind there are. */
#include "domain/apply_private.h"
#include "domain/check.h"
#include "domain/saisine_count.h"

void apply_saisine_count(const struct apply *apply, const Ctps__SaisineRecord *record, int by)
{
    struct table_key key =
        saisine_count_key(record->received->territory, record->received->received_day,
                          record->received->origin, record->status);
    Ctps__CounterRecord *had =
        (Ctps__CounterRecord *)record_get(apply->tables, TABLE_SAISINE_COUNT, key, apply->arena,
                                          &ctps__counter_record__descriptor);
    Ctps__CounterRecord row = CTPS__COUNTER_RECORD__INIT;

    if (by < 0 && !had)
        return;
    SET(&row, value, (had ? had->value : 0) + (uint64_t)(int64_t)by);
    if (row.value)
        record_put(apply->tables, TABLE_SAISINE_COUNT, key, apply->arena, &row.base);
    else
        record_remove(apply->tables, TABLE_SAISINE_COUNT, key);
}

void apply_saisine_status(const struct apply *apply, Ctps__SaisineRecord *record,
                          const char *status)
{
    apply_saisine_count(apply, record, -1);
    record->status = arena_copy(apply->arena, status, strlen(status) + 1);
    apply_saisine_count(apply, record, 1);
    apply_saisine_put(apply, record);
}

uint64_t *apply_ids_grow(const struct apply *apply, const uint64_t *ids, size_t count,
                         uint64_t id)
{
    uint64_t *grown = arena_alloc(apply->arena, (count + 1) * sizeof(uint64_t));

    if (!grown)
        return NULL;
    if (count)
        memcpy(grown, ids, count * sizeof(uint64_t));
    grown[count] = id;
    return grown;
}

void apply_saisine_received(const struct apply *apply, const Ctps__SaisineReceived *event)
{
    Ctps__SaisineRecord row = CTPS__SAISINE_RECORD__INIT;
    Ctps__SaisineReceived received = *event;
    char status[] = SAISINE_RECEIVED;

    row.received = &received;
    row.status = status;
    apply_slot_taken(apply, event->slot);
    for (size_t i = 0; i < event->n_persons; i++)
        apply_sealed_taken(apply, event->persons[i]->identity);
    apply_saisine_put(apply, &row);
    apply_saisine_count(apply, &row, 1);
    apply_reference_add(apply, event->number, event->id);
    apply_number_raise(apply, event->number, event->number_ordinal);
    apply_territory_add(apply, event->territory, CTPS__OBJECT_KIND__OBJECT_SAISINE, event->id);
}

void apply_saisine_accepted(const struct apply *apply, const Ctps__SaisineAccepted *event)
{
    Ctps__SaisineRecord *saisine = record_saisine(apply->tables, apply->arena, event->id);
    Ctps__SituationRecord *situation =
        record_situation(apply->tables, apply->arena, event->situation);
    uint64_t *grown;

    if (!saisine || !situation)
        return;
    SET(saisine, situation, event->situation);
    apply_saisine_status(apply, saisine, SAISINE_ACCEPTED);
    grown = apply_ids_grow(apply, situation->saisines, situation->n_saisines, event->id);
    if (!grown)
        return;
    situation->saisines = grown;
    situation->n_saisines++;
    apply_situation_put(apply, situation);
}

/* A saisine nobody follows here ends three months after that was decided. */
static void saisine_end(const struct apply *apply, Ctps__SaisineRecord *saisine,
                        const char *status, int32_t erase_due_day)
{
    SET(saisine, erase_due_day, erase_due_day);
    apply_saisine_status(apply, saisine, status);
    apply_due_add(apply, erase_due_day, CTPS__OBJECT_KIND__OBJECT_SAISINE,
                  saisine->received->id);
}

void apply_saisine_declined(const struct apply *apply, const Ctps__SaisineDeclined *event)
{
    Ctps__SaisineRecord *saisine = record_saisine(apply->tables, apply->arena, event->id);
    Ctps__SaisineDeclined declined = *event;

    if (!saisine)
        return;
    saisine->declined = &declined;
    saisine_end(apply, saisine, SAISINE_DECLINED, event->erase_due_day);
}

void apply_saisine_redirected(const struct apply *apply, const Ctps__SaisineRedirected *event)
{
    Ctps__SaisineRecord *saisine = record_saisine(apply->tables, apply->arena, event->id);
    Ctps__SaisineRedirected redirected = *event;

    if (!saisine)
        return;
    saisine->redirected = &redirected;
    saisine_end(apply, saisine, SAISINE_REDIRECTED, event->erase_due_day);
}

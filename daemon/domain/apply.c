#include "domain/apply.h"

#include "domain/apply_private.h"
#include "domain/notice.h"

int32_t apply_window_of(int64_t time_us)
{
    return (int32_t)(time_us / (INT64_C(86400000000) * APPLY_REQUEST_WINDOW_DAYS));
}

struct table_key apply_request_key(int32_t window, const Ctps__Principal *principal,
                                   struct bytes request_id)
{
    struct table_key key = {0};

    table_key_add_day(&key, window);
    table_key_add_u32(&key, (uint32_t)principal->kind);
    table_key_add_u64(&key, principal->id);
    table_key_add_text(&key, principal->name);
    table_key_add_bytes(&key, request_id);
    return key;
}

static void request_remember(const struct apply *apply)
{
    const Ctps__Entry *entry = apply->entry;
    Ctps__RequestRecord row = CTPS__REQUEST_RECORD__INIT;

    if (entry->kind != CTPS__ENTRY_KIND__ENTRY_COMMAND || !entry->principal ||
        !entry->has_request_id)
        return;
    row.has_digest = entry->has_request_digest;
    row.digest = entry->request_digest;
    SET(&row, seq, apply->seq);
    SET(&row, time_us, entry->time_us);
    row.n_made = entry->n_made;
    row.made = entry->made;
    row.import_outcome = entry->import_outcome;
    row.n_import_warnings = entry->n_import_warnings;
    row.import_warnings = entry->import_warnings;
    SET(&row, digest_slot, apply->state->digest_slot);
    record_put(apply->tables, TABLE_REQUEST,
               apply_request_key(apply->state->digest_window, entry->principal,
                                 bytes_of(entry->request_id.data, entry->request_id.len)),
               apply->arena, &row.base);
}

int64_t apply_clock_us(const struct apply *apply)
{
    return apply->entry->has_clock_us ? apply->entry->clock_us : apply->entry->time_us;
}

static void counts_keep(const struct apply *apply)
{
    struct apply_state *state = apply->state;

    state->entry_count++;
    state->last_time_us = apply->entry->time_us;
    state->last_clock_us = apply_clock_us(apply);
    if (apply->entry->kind == CTPS__ENTRY_KIND__ENTRY_READ)
        state->read_count++;
    if (apply->entry->kind == CTPS__ENTRY_KIND__ENTRY_REFUSAL)
        state->refusal_count++;
}

void apply_slot_taken(const struct apply *apply, uint64_t slot)
{
    if (slot >= apply->state->next_slot)
        apply->state->next_slot = slot + 1;
}

void apply_sealed_taken(const struct apply *apply, const Ctps__Sealed *sealed)
{
    if (sealed)
        apply_slot_taken(apply, sealed->slot);
}

typedef void apply_event(const struct apply *apply, const Ctps__Event *event);

#define X(Type, field, CASE, topic)                                                            \
    static void event_##field(const struct apply *apply, const Ctps__Event *event)             \
    {                                                                                          \
        apply_##field(apply, event->field);                                                    \
    }
#include "domain/event_list.h"
#undef X

struct event_row {
    Ctps__Event__BodyCase which;
    apply_event *apply;
};

static const struct event_row event_rows[] = {
#define X(Type, field, CASE, topic) {CTPS__EVENT__BODY_##CASE, event_##field},
#include "domain/event_list.h"
#undef X
};

static enum ctps_code event_apply(const struct apply *apply, const Ctps__Event *event)
{
    for (size_t i = 0; i < sizeof(event_rows) / sizeof(event_rows[0]); i++)
        if (event_rows[i].which == event->body_case) {
            event_rows[i].apply(apply, event);
            return CTPS_OK;
        }
    return CTPS_UNSUPPORTED;
}

enum ctps_code apply_entry(const struct apply *apply)
{
    const Ctps__Entry *entry = apply->entry;
    Ctps__Notice notice;
    const char *topic;

    counts_keep(apply);
    for (size_t i = 0; i < entry->n_events; i++) {
        enum ctps_code code = event_apply(apply, entry->events[i]);

        if (code != CTPS_OK)
            return code;
        apply_feeds_tell(apply, entry->events[i], apply->seq << 8 | (i + 1));
        if (notice_of_event(entry->events[i], &notice, &topic))
            apply->state->last_published = apply->seq << 8 | (i + 1);
        if (notice_of_event_audited(entry->events[i], &notice, &topic))
            apply->state->last_audited = apply->seq << 8 | (i + 1);
    }
    if (notice_is_audited(entry))
        apply->state->last_audited = apply->seq << 8 | NOTICE_AUDIT_ORDINAL;
    request_remember(apply);
    return CTPS_OK;
}

/* Reference data, keys, delegations, and the store's own events. */
#include "domain/apply_private.h"

enum { RUN_DAYS_KEPT = 40 };

void apply_store_initialised(const struct apply *apply, const Ctps__StoreInitialised *event)
{
    apply->state->next_slot = event->first_slot;
}

void apply_store_restored(const struct apply *apply, const Ctps__StoreRestored *event)
{
    apply_slot_taken(apply, event->burnt_to_slot);
    for (size_t i = 0; i < event->n_erased; i++)
        apply_erased(apply, event->erased[i]);
    for (size_t i = 0; i < event->n_revoked_keys; i++) {
        Ctps__KeyRevoked revoked = CTPS__KEY_REVOKED__INIT;

        revoked.has_public_key = 1;
        revoked.public_key = event->revoked_keys[i];
        apply_key_revoked(apply, &revoked);
    }
}

static Ctps__DaysRecord *days_of(const struct apply *apply)
{
    return (Ctps__DaysRecord *)record_get(apply->tables, TABLE_RUN_DAYS,
                                          table_key_of_text("days"), apply->arena,
                                          &ctps__days_record__descriptor);
}

uint32_t apply_run_total(const struct apply *apply)
{
    const Ctps__DaysRecord *row = days_of(apply);

    return row ? row->total : 0;
}

void apply_day_run(const struct apply *apply, const Ctps__DayRun *event)
{
    Ctps__DaysRecord *row = days_of(apply);
    Ctps__DaysRecord out = row ? *row : (Ctps__DaysRecord)CTPS__DAYS_RECORD__INIT;
    int32_t days[RUN_DAYS_KEPT];
    size_t skip = row && row->n_days == RUN_DAYS_KEPT ? 1 : 0;

    apply->state->last_run_day = event->day;
    for (size_t i = 0; row && i < row->n_days; i++)
        if (row->days[i] == event->day)
            return; /* the clock went back to a day already counted */
    out.n_days = 0;
    for (size_t i = skip; row && i < row->n_days && i < RUN_DAYS_KEPT; i++)
        days[out.n_days++] = row->days[i];
    days[out.n_days++] = event->day;
    out.days = days;
    SET(&out, total, (row ? row->total : 0) + 1);
    record_put(apply->tables, TABLE_RUN_DAYS, table_key_of_text("days"), apply->arena,
               &out.base);
    apply_feeds_prune(apply, event);
}

void apply_audit_key_set(const struct apply *apply, const Ctps__AuditKeySet *event)
{
    Ctps__CounterRecord month = CTPS__COUNTER_RECORD__INIT;

    SET(&month, value, event->month);
    record_put(apply->tables, TABLE_AUDIT_KEY, table_key_of_u64(event->slot), apply->arena,
               &month.base);
    apply->state->audit_slot = event->slot;
    apply->state->audit_month = event->month;
    apply_slot_taken(apply, event->slot);
}

struct old_rows {
    size_t count;
    struct table_key keys[128];
};

static bool old_collect(void *arg, struct bytes key, struct bytes value)
{
    struct old_rows *old = arg;

    (void)value;
    table_key_init(&old->keys[old->count]);
    table_key_add_bytes(&old->keys[old->count++], key);
    return old->count < sizeof(old->keys) / sizeof(old->keys[0]);
}

/* Answers of windows before `oldest` are forgotten. A row stands under the window whose key
 * made its digest, so that no row outlives its key. */
static void answers_expire(const struct apply *apply, int32_t oldest)
{
    struct old_rows *old = arena_alloc(apply->arena, sizeof(*old));
    struct table_key limit = {0};

    table_key_add_day(&limit, oldest);
    do {
        if (!old)
            return;
        old->count = 0;
        apply->tables->walk(apply->tables->ctx, TABLE_REQUEST, bytes_of(NULL, 0),
                            table_key_bytes(&limit), true, old_collect, old);
        for (size_t i = 0; i < old->count; i++)
            record_remove(apply->tables, TABLE_REQUEST, old->keys[i]);
    } while (old->count);
}

void apply_digest_key_set(const struct apply *apply, const Ctps__DigestKeySet *event)
{
    apply->state->digest_slot_before = apply->state->digest_slot;
    apply->state->digest_window_before = apply->state->digest_window;
    apply->state->digest_slot = event->slot;
    apply->state->digest_window = event->window;
    apply_slot_taken(apply, event->slot);
    answers_expire(apply, apply->state->digest_window_before);
}

void apply_clock_alarm_raised(const struct apply *apply, const Ctps__ClockAlarmRaised *event)
{
    (void)event;
    apply->state->clock_alarm = true;
}

void apply_clock_alarm_confirmed(const struct apply *apply,
                                 const Ctps__ClockAlarmConfirmed *event)
{
    Ctps__DaysRecord *row = days_of(apply);

    apply->state->clock_alarm = false;
    if (!row)
        return;
    SET(row, confirmed_day, event->day);
    SET(row, confirmed_runs, row->total);
    record_put(apply->tables, TABLE_RUN_DAYS, table_key_of_text("days"), apply->arena,
               &row->base);
}

void apply_settings_changed(const struct apply *apply, const Ctps__Town *event)
{
    record_put(apply->tables, TABLE_TOWN, table_key_of_text("town"), apply->arena,
               &event->base);
}

void apply_list_value_set(const struct apply *apply, const Ctps__ListValue *event)
{
    record_put(apply->tables, TABLE_LIST_VALUE, table_key_of_texts(event->list, event->code),
               apply->arena, &event->base);
}

void apply_territory_set(const struct apply *apply, const Ctps__Territory *event)
{
    Ctps__Territory *old = record_territory(apply->tables, apply->arena, event->code);

    for (size_t i = 0; old && i < old->n_districts; i++)
        record_remove(apply->tables, TABLE_DISTRICT, table_key_of_text(old->districts[i]));
    for (size_t i = 0; i < event->n_districts; i++) {
        struct table_key key = table_key_of_text(event->districts[i]);

        apply->tables->put(apply->tables->ctx, TABLE_DISTRICT, table_key_bytes(&key),
                           bytes_of_str(event->code));
    }
    record_put(apply->tables, TABLE_TERRITORY, table_key_of_text(event->code), apply->arena,
               &event->base);
}

void apply_agent_set(const struct apply *apply, const Ctps__Agent *event)
{
    record_put(apply->tables, TABLE_AGENT, table_key_of_u64(event->id), apply->arena,
               &event->base);
}

void apply_partner_set(const struct apply *apply, const Ctps__Partner *event)
{
    record_put(apply->tables, TABLE_PARTNER, table_key_of_u64(event->id), apply->arena,
               &event->base);
}

void apply_contact_set(const struct apply *apply, const Ctps__Contact *event)
{
    record_put(apply->tables, TABLE_CONTACT, table_key_of_u64(event->id), apply->arena,
               &event->base);
}

static struct table_key key_of_public(ProtobufCBinaryData public_key)
{
    struct table_key key = {0};

    table_key_add_bytes(&key, bytes_of(public_key.data, public_key.len));
    return key;
}

void apply_key_registered(const struct apply *apply, const Ctps__Key *event)
{
    record_put(apply->tables, TABLE_KEY, key_of_public(event->public_key), apply->arena,
               &event->base);
}

void apply_key_revoked(const struct apply *apply, const Ctps__KeyRevoked *event)
{
    struct table_key at = key_of_public(event->public_key);
    Ctps__Key *key = (Ctps__Key *)record_get(apply->tables, TABLE_KEY, at, apply->arena,
                                             &ctps__key__descriptor);
    Ctps__Key unseen = CTPS__KEY__INIT;

    /* A restored backup may not know the key: it is revoked all the same. */
    if (!key) {
        unseen.has_public_key = 1;
        unseen.public_key = event->public_key;
        key = &unseen;
    }
    SET(key, revoked_us, apply->entry->time_us);
    record_put(apply->tables, TABLE_KEY, at, apply->arena, &key->base);
}

void apply_delegation_granted(const struct apply *apply, const Ctps__Delegation *event)
{
    record_put(apply->tables, TABLE_DELEGATION, table_key_of_u64(event->id), apply->arena,
               &event->base);
}

void apply_delegation_ended(const struct apply *apply, const Ctps__DelegationEnded *event)
{
    struct table_key at = table_key_of_u64(event->id);
    Ctps__Delegation *row = (Ctps__Delegation *)record_get(
        apply->tables, TABLE_DELEGATION, at, apply->arena, &ctps__delegation__descriptor);

    if (!row)
        return;
    SET(row, ended, 1);
    record_put(apply->tables, TABLE_DELEGATION, at, apply->arena, &row->base);
}

void apply_cursor_moved(const struct apply *apply, const Ctps__CursorMoved *event)
{
    Ctps__CounterRecord row = CTPS__COUNTER_RECORD__INIT;

    SET(&row, value, event->position);
    record_put(apply->tables, TABLE_CURSOR,
               table_key_of_texts(event->audience, event->consumer), apply->arena, &row.base);
}

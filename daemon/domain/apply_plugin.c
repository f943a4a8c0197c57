#include "domain/apply_private.h"
#include "domain/notification.h"

static struct table_key letter_key(const char *plugin, const char *audience, uint64_t number)
{
    struct table_key key = table_key_of_texts(plugin, audience);

    table_key_add_u64(&key, number);
    return key;
}

void apply_dead_letter_added(const struct apply *apply, const Ctps__DeadLetter *event)
{
    record_put(apply->tables, TABLE_DEAD_LETTER,
               letter_key(event->plugin, event->audience, event->number), apply->arena,
               &event->base);
}

void apply_dead_letter_settled(const struct apply *apply, const Ctps__DeadLetterSettled *event)
{
    record_remove(apply->tables, TABLE_DEAD_LETTER,
                  letter_key(event->plugin, event->audience, event->number));
}

static void effect_put(const struct apply *apply, const Ctps__Effect *event)
{
    Ctps__IdRecord row = CTPS__ID_RECORD__INIT;

    SET(&row, id, event->id);
    record_put(apply->tables, TABLE_EFFECT, table_key_of_u64(event->id), apply->arena,
               &event->base);
    record_put(apply->tables, TABLE_EFFECT_KEY, table_key_of_texts(event->plugin, event->key),
               apply->arena, &row.base);
}

void apply_reminder_due(const struct apply *apply, const Ctps__Effect *event)
{
    effect_put(apply, event);
}

/* Those to be sent and those given up are looked for; the others are history. */
static void notification_put(const struct apply *apply, const Ctps__Effect *event,
                             const char *state)
{
    struct table_key waiting = notification_key(NOTIFICATION_WAITING, event->id);
    struct table_key key = notification_key(state, event->id);

    effect_put(apply, event);
    apply->tables->remove(apply->tables->ctx, TABLE_NOTIFICATION, table_key_bytes(&waiting));
    if (*state)
        apply->tables->put(apply->tables->ctx, TABLE_NOTIFICATION, table_key_bytes(&key),
                           bytes_of(NULL, 0));
}

void apply_notification_queued(const struct apply *apply, const Ctps__Effect *event)
{
    notification_put(apply, event, NOTIFICATION_WAITING);
}

void apply_notification_sent(const struct apply *apply, const Ctps__Effect *event)
{
    notification_put(apply, event, "");
}

void apply_notification_skipped(const struct apply *apply, const Ctps__Effect *event)
{
    notification_put(apply, event, "");
}

void apply_notification_failed(const struct apply *apply, const Ctps__Effect *event)
{
    notification_put(apply, event, NOTIFICATION_FAILED);
}

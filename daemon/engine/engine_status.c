/* Figures of the running daemon. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/engine_private.h"

enum { FIGURES_MAX = 96, STATUS_TEXT_MAX = 8192 };

struct figures {
    struct engine *engine;
    Ctps__StatusAnswer *answer;
};

static void figure_add(void *arg, const char *name, const char *value, const char *unit,
                       bool alarm)
{
    struct figures *figures = arg;
    struct arena *arena = &figures->engine->arena;
    Ctps__StatusFigure *figure = arena_alloc(arena, sizeof(*figure));

    if (!figure || figures->answer->n_figures == FIGURES_MAX)
        return;
    ctps__status_figure__init(figure);
    figure->name = arena_strdup(arena, name);
    figure->value = arena_strdup(arena, value);
    figure->unit = *unit ? arena_strdup(arena, unit) : NULL;
    if (alarm)
        SET(figure, alarm, 1);
    figures->answer->figures[figures->answer->n_figures++] = figure;
}

static void number_add(struct figures *figures, const char *name, uint64_t value,
                       const char *unit)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRIu64, value);
    figure_add(figures, name, text, unit, false);
}

static void yes_add(struct figures *figures, const char *name, bool value, bool alarm)
{
    figure_add(figures, name, value ? "yes" : "no", "", alarm);
}

static void journal_add(struct figures *figures)
{
    struct engine *engine = figures->engine;
    struct journal_figures journal;
    struct journal_head head;
    char incarnation[2 * JOURNAL_INCARNATION_LEN + 1];

    journal_figures_get(engine->journal, &journal);
    journal_head_get(engine->journal, &head);
    hex_encode(incarnation, head.incarnation, sizeof(head.incarnation));
    figure_add(figures, "journal.incarnation", incarnation, "", false);
    number_add(figures, "journal.entries", head.seq, "entries");
    number_add(figures, "journal.used", journal.used_len, "bytes");
    number_add(figures, "journal.segments", journal.segment_count, "files");
    number_add(figures, "journal.torn_at_start", journal.torn_len, "bytes");
    number_add(figures, "journal.flushes", journal.flush_count, "");
    number_add(figures, "journal.flush_last", (uint64_t)journal.flush_last_us, "us");
    number_add(figures, "journal.flush_worst", (uint64_t)journal.flush_worst_us, "us");
    number_add(figures, "journal.reads", view_state(engine->view)->read_count, "entries");
    number_add(figures, "journal.refusals", view_state(engine->view)->refusal_count, "entries");
    number_add(figures, "refusals.counted_only", engine->refusals_counted_only, "");
}

static void views_add(struct figures *figures)
{
    struct engine *engine = figures->engine;
    struct view_figures views;
    struct journal_head head;

    journal_head_get(engine->journal, &head);
    number_add(figures, "views.lag", head.seq - view_head(engine->view)->seq, "entries");
    if (view_figures_get(engine->view, &views) == CTPS_OK) {
        number_add(figures, "views.rows", views.row_count, "rows");
        number_add(figures, "views.used", views.used_len, "bytes");
        figure_add(figures, "views.room",
                   views.used_len > views.map_len / 10 * 9 ? "low" : "ok", "",
                   views.used_len > views.map_len / 10 * 9);
    }
    yes_add(figures, "views.rebuilt_at_start", engine->views_were_fresh, false);
    number_add(figures, "views.replayed_at_start", engine->rebuilt_entries, "entries");
    number_add(figures, "start.recovery", (uint64_t)engine->recovery_us, "us");
}

static void batches_add(struct figures *figures)
{
    struct engine *engine = figures->engine;

    number_add(figures, "batch.count", engine->batches, "");
    number_add(figures, "batch.requests", engine->requests, "");
    number_add(figures, "batch.largest", engine->largest_batch, "requests");
    number_add(figures, "batch.waiting", engine->queue_count, "requests");
    number_add(figures, "time.decide", (uint64_t)engine->shares.decide_us, "us");
    number_add(figures, "time.flush", (uint64_t)engine->shares.flush_us, "us");
    number_add(figures, "time.commit", (uint64_t)engine->shares.commit_us, "us");
}

static void keys_add(struct figures *figures)
{
    struct engine *engine = figures->engine;
    uint64_t made = keyring_slot_count(engine->keyring);
    uint64_t next = view_state(engine->view)->next_slot;

    number_add(figures, "keyring.epoch", keyring_epoch(engine->keyring), "");
    number_add(figures, "keyring.free", next <= made ? made - next + 1 : 0, "slots");
    number_add(figures, "ledger.erased", ledger_count(engine->ledger), "keys");
    yes_add(figures, "index.complete", engine->names.complete, false);
    number_add(figures, "index.subjects", duplicate_index_stat(engine->index).count, "");
    number_add(figures, "index.memory", duplicate_index_stat(engine->index).bytes, "bytes");
}

/* KiB, 0 when unknown. Not getrusage's: that one keeps what the process that started us had. */
static uint64_t peak_memory(const struct sys *sys)
{
    static const char name[] = "\nVmHWM:";
    char status[STATUS_TEXT_MAX];
    int fd = sys->open(sys->ctx, "/proc/self/status", O_RDONLY | O_CLOEXEC, 0);
    const char *at;
    ssize_t len;

    if (fd < 0)
        return 0;
    len = sys->pread(sys->ctx, fd, status, sizeof(status) - 1, 0);
    sys->close(sys->ctx, fd);
    status[len > 0 ? len : 0] = '\0';
    at = strstr(status, name);
    return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static void process_add(struct figures *figures)
{
    struct engine *engine = figures->engine;

    yes_add(figures, "clock.alarm", view_state(engine->view)->clock_alarm,
            view_state(engine->view)->clock_alarm);
    yes_add(figures, "clock.behind_last_entry", engine->clock_back, engine->clock_back);
    number_add(figures, "process.peak_memory", peak_memory(engine->sys), "KiB");
}

static void signed_add(struct figures *figures)
{
    struct engine_signed_state state;
    char text[24];

    engine_signed_state(figures->engine, &state);
    if (!state.is_configured && !state.reads_refused)
        return;
    number_add(figures, "audit.signed", state.count, "entries");
    snprintf(text, sizeof(text), "%" PRIu64, state.lag);
    figure_add(figures, "audit.lag", text, "entries", state.alarm);
    snprintf(text, sizeof(text), "%" PRId64, state.behind_us / 1000000);
    figure_add(figures, "audit.behind", text, "s", state.alarm);
    yes_add(figures, "audit.reads_refused", state.reads_refused, state.reads_refused);
}

static bool is_followed(const struct settings *settings, const char *consumer, bool audit)
{
    for (unsigned i = 0; i < settings->grant_count; i++) {
        const struct settings_grant *grant = &settings->grants[i];

        if (strcmp(grant->name, consumer) == 0)
            return audit ? grant->audience_audit : grant->audience_plugins;
    }
    return false;
}

uint64_t engine_lag(const struct engine *engine, bool audit, uint64_t position)
{
    const struct apply_state *state = view_state(engine->view);
    uint64_t newest = audit ? state->last_audited : state->last_published;

    return newest > position ? (newest >> 8) - (position >> 8) : 0;
}

/* Of what the configuration lets follow. A partner that does not follow its feed, or a plugin
 * that is no more, is nobody's alarm. */
static bool cursor_add(void *arg, struct bytes key, struct bytes value)
{
    struct figures *figures = arg;
    struct engine *engine = figures->engine;
    Ctps__CounterRecord *row = (Ctps__CounterRecord *)record_unpack(
        &engine->arena, &ctps__counter_record__descriptor, value);
    const char *audience = (const char *)key.data; /* a NUL, and the consumer behind it */
    const char *end = memchr(key.data, 0, key.len);
    const char *consumer =
        end ? arena_printf(&engine->arena, "%.*s",
                           (int)(key.len - (size_t)(end + 1 - audience)), end + 1)
            : NULL;
    bool is_audit = end && strcmp(audience, AUDIENCE_AUDIT) == 0;
    uint64_t lag;
    char *name, text[24];

    if (!row || !consumer || (!is_audit && strcmp(audience, AUDIENCE_PLUGINS) != 0) ||
        !is_followed(&engine->settings, consumer, is_audit))
        return true;
    lag = engine_lag(engine, is_audit, row->value);
    name =
        arena_printf(&engine->arena, "consumer.%s.%slag", consumer, is_audit ? "audit." : "");
    snprintf(text, sizeof(text), "%" PRIu64, lag);
    if (name)
        figure_add(figures, name, text, "entries", lag >= engine->settings.lag_alarm_entries);
    return true;
}

void engine_status_answer(struct engine *engine, struct pending *pending)
{
    Ctps__Reply *reply =
        engine_reply_new(engine, pending->request, CTPS__REPLY_STATUS__REPLY_ANSWERED);
    struct figures figures = {engine, arena_alloc(&engine->arena, sizeof(Ctps__StatusAnswer))};
    const struct tables *tables = view_tables(engine->view);

    if (!reply || !figures.answer)
        return;
    ctps__status_answer__init(figures.answer);
    figures.answer->figures =
        arena_alloc(&engine->arena, FIGURES_MAX * sizeof(Ctps__StatusFigure *));
    if (!figures.answer->figures)
        return;
    journal_add(&figures);
    views_add(&figures);
    batches_add(&figures);
    keys_add(&figures);
    process_add(&figures);
    signed_add(&figures);
    tables->walk(tables->ctx, TABLE_CURSOR, bytes_of(NULL, 0), bytes_of(NULL, 0), false,
                 cursor_add, &figures);
    engine->out.figures(engine->out.ctx, figure_add, &figures);
    reply->answer_case = CTPS__REPLY__ANSWER_STATUS_ANSWER;
    reply->status_answer = figures.answer;
    engine_reply_set(engine, pending, reply);
}

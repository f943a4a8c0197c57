/* What nobody asks for: keys of the month, the day noted, erasures announced, ordered, done. */
#include <stdio.h>

#include "domain/erasure_tell.h"
#include "domain/share_tell.h"
#include "engine/engine_private.h"

/* More than any one order names: RETENTION_ORDER_SLOTS_MAX, and a subject's own 16,384. */
enum { SLOTS_AT_ONCE = 65536 };

static const int64_t LENT_US = INT64_C(3600) * 1000000;

/* --- clock --- */

struct jump {
    int64_t before_us;
    int64_t after_us;
};

static void jump_fill(struct engine *engine, struct act *act, void *arg)
{
    const struct jump *jump = arg;
    Ctps__ClockAlarmRaised *out = emit_clock_alarm_raised(act);

    (void)engine;
    SET(out, before_us, jump->before_us);
    SET(out, after_us, jump->after_us);
}

/* While the process runs the wall clock must keep step with the monotonic one; over a stop, the
 * last entry is all there is to compare with. */
static enum ctps_code clock_watch(struct engine *engine, struct ctps_err *err)
{
    int64_t wall = sys_wall_us(engine->sys);
    int64_t mono = sys_mono_us(engine->sys);
    struct jump jump = {engine->wall_seen_us, wall};
    int64_t ahead = wall - engine->wall_seen_us - (mono - engine->mono_seen_us);
    const struct apply_state *state = view_state(engine->view);

    if (!engine->wall_seen_us) {
        jump.before_us = state->last_clock_us;
        ahead = wall - state->last_clock_us;
    }
    engine->wall_seen_us = wall;
    engine->mono_seen_us = mono;
    if (ahead <= engine->settings.clock_jump_us || state->clock_alarm ||
        state->entry_count <= 1)
        return CTPS_OK;
    log_warning(engine->log, "the clock jumped by %lld s: nothing irreversible until confirmed",
                (long long)(ahead / 1000000));
    return engine_system(engine, jump_fill, &jump, err);
}

/* --- keys of the month and of the window --- */

static void keys_fill(struct engine *engine, struct act *act, void *arg)
{
    const struct apply_state *state = view_state(engine->view);
    struct civil_date date = civil_date_of(act->today);
    uint32_t month = (uint32_t)(date.year * 12 + date.month - 1);
    int32_t window = apply_window_of(engine->entry_us);

    (void)arg;
    if (state->audit_slot == 0 || month != state->audit_month) {
        Ctps__AuditKeySet *out = emit_audit_key_set(act);

        SET(out, month, month);
        SET(out, slot, act_take_slot(act));
    }
    if (state->digest_slot == 0 || window > state->digest_window) {
        Ctps__DigestKeySet *out = emit_digest_key_set(act);

        SET(out, window, window);
        SET(out, slot, act_take_slot(act));
        /* Answers of the window before the last are forgotten now, and what keyed them. */
        if (state->digest_slot_before)
            retention_order_slot(act, state->digest_slot_before);
    }
    if (act->today != state->last_run_day) {
        Ctps__DayRun *out = emit_day_run(act);

        SET(out, day, act->today);
        SET(out, feed_kept_days, (uint32_t)act->settings->feed_kept_days);
    }
}

static enum ctps_code digest_key_load(struct engine *engine, struct ctps_err *err)
{
    uint64_t slot = view_state(engine->view)->digest_slot;
    enum ctps_code code;

    if (slot == engine->digest_slot)
        return CTPS_OK;
    code = keyring_key_get(engine->keyring, slot, engine->digest_key);
    if (code != CTPS_OK)
        return err_set(err, code == CTPS_ABSENT ? CTPS_DAMAGED : code,
                       "key slot %llu of the request digests cannot be read",
                       (unsigned long long)slot);
    engine->digest_slot = slot;
    return CTPS_OK;
}

enum ctps_code engine_keys_ensure(struct engine *engine, struct ctps_err *err)
{
    enum ctps_code code = clock_watch(engine, err);

    if (code == CTPS_OK)
        code = engine_system(engine, keys_fill, NULL, err);
    return code == CTPS_OK ? digest_key_load(engine, err) : code;
}

/* --- keyring --- */

static enum ctps_code keyring_copy(struct engine *engine, struct ctps_err *err)
{
    char dir[PATH_MAX];
    char day[CIVIL_TEXT_LEN];

    if (!engine->options.keyring_backup_dir)
        return CTPS_OK;
    civil_format_iso(day, zone_day_of(sys_wall_us(engine->sys)));
    if (snprintf(dir, sizeof(dir), "%s/%s", engine->options.keyring_backup_dir, day) >=
        (int)sizeof(dir))
        return err_set(err, CTPS_INVALID, "path of the keyring backups too long");
    return keyring_backup(engine->keyring, dir, err);
}

/* A backup that fails stops nothing: it is said, and tried again with the next block. */
static void backup_or_log(struct engine *engine)
{
    struct ctps_err err = {0};

    if (keyring_copy(engine, &err) != CTPS_OK)
        log_error(engine->log, "keyring backup: %s", err.text);
}

enum ctps_code engine_keyring_top_up(struct engine *engine, uint64_t free_count,
                                     struct ctps_err *err)
{
    uint64_t needed = view_state(engine->view)->next_slot + free_count;
    struct keyring_mark mark;
    enum ctps_code code = CTPS_OK;

    engine_mark(engine, &mark);
    while (code == CTPS_OK && keyring_slot_count(engine->keyring) < needed) {
        code = keyring_extend(engine->keyring, &mark, err);
        if (!engine->extended_at_us)
            engine->extended_at_us = sys_mono_us(engine->sys);
    }
    return code;
}

static void grown_keyring_copy(struct engine *engine)
{
    if (engine->extended_at_us)
        backup_or_log(engine);
    engine->extended_at_us = 0;
}

/* --- erasures --- */

struct undone {
    struct engine *engine;
    struct arena *arena;
    uint64_t seqs[64];
    unsigned seq_count;
    uint64_t slots[SLOTS_AT_ONCE];
    size_t slot_count;
    struct ledger_record records[SLOTS_AT_ONCE];
    bool more; /* orders wait that did not fit */
};

static bool subject_add(struct undone *undone, const Ctps__ErasureSubject *subject, int32_t day)
{
    if (subject->n_slots > SLOTS_AT_ONCE - undone->slot_count)
        return false;
    for (size_t i = 0; i < subject->n_slots; i++) {
        undone->records[undone->slot_count] = (struct ledger_record){
            .subject = subject->id,
            .slot = subject->slots[i],
            .day = day,
        };
        undone->slots[undone->slot_count++] = subject->slots[i];
    }
    return true;
}

/* An order is destroyed whole, or waits for the next go. */
static bool undone_collect(void *arg, struct bytes key, struct bytes value)
{
    struct undone *undone = arg;
    Ctps__ErasureRecord *row = (Ctps__ErasureRecord *)record_unpack(
        undone->arena, &ctps__erasure_record__descriptor, value);
    size_t before = undone->slot_count;

    if (!row || row->done || !row->ordered)
        return true;
    undone->more = undone->seq_count == sizeof(undone->seqs) / sizeof(undone->seqs[0]);
    for (size_t i = 0; i < row->ordered->n_subjects && !undone->more; i++)
        undone->more = !subject_add(undone, row->ordered->subjects[i], row->ordered->day);
    if (undone->more)
        undone->slot_count = before;
    else
        undone->seqs[undone->seq_count++] = be64_get(key.data);
    return !undone->more;
}

static enum ctps_code undone_find(struct engine *engine, struct undone *undone,
                                  struct ctps_err *err)
{
    const struct tables *tables;
    enum ctps_code code = view_begin(engine->view, false, err);

    if (code != CTPS_OK)
        return code;
    tables = view_tables(engine->view);
    tables->walk(tables->ctx, TABLE_ERASURE, bytes_of(NULL, 0), bytes_of(NULL, 0), true,
                 undone_collect, undone);
    code = view_error(engine->view, err);
    view_abort(engine->view);
    if (code == CTPS_OK && undone->arena->starved)
        code = err_set(err, CTPS_NOMEM, "no memory to read what is to be erased");
    return code;
}

static void done_fill(struct engine *engine, struct act *act, void *arg)
{
    const struct undone *undone = arg;

    for (unsigned i = 0; i < undone->seq_count; i++) {
        Ctps__ErasureDone *out = emit_erasure_done(act);

        SET(out, ordered_seq, undone->seqs[i]);
        SET(out, day, act->today);
        SET(out, epoch, keyring_epoch(engine->keyring));
        SET(out, slot_count, (uint32_t)undone->slot_count);
        SET(out, backups_gone_day,
            act->today + (engine->options.keyring_backup_dir
                              ? engine->settings.keyring_backup_days
                              : 0));
    }
}

static enum ctps_code undone_destroy(struct engine *engine, struct undone *undone,
                                     struct ctps_err *err)
{
    struct keyring_mark mark;
    enum ctps_code code;

    engine_mark(engine, &mark);
    code = keyring_destroy(engine->keyring, undone->slots, undone->slot_count, &mark, err);
    if (code == CTPS_OK)
        code = ledger_append(engine->ledger, undone->records, undone->slot_count, err);
    if (code == CTPS_OK)
        code = engine_system(engine, done_fill, undone, err);
    if (code == CTPS_OK)
        backup_or_log(engine);
    if (code == CTPS_OK)
        log_info(engine->log, "erased: %zu keys destroyed, epoch %u", undone->slot_count,
                 keyring_epoch(engine->keyring));
    return code;
}

/* As many orders as fit; *ret_more: others wait. */
static enum ctps_code some_finish(struct engine *engine, bool *ret_more, struct ctps_err *err)
{
    struct arena arena;
    struct undone *undone;
    enum ctps_code code;

    arena_init(&arena, ENGINE_REPLAY_ARENA);
    undone = arena_alloc(&arena, sizeof(*undone));
    if (!undone)
        return err_set(err, CTPS_NOMEM, "erasure");
    undone->engine = engine;
    undone->arena = &arena;
    code = undone_find(engine, undone, err);
    if (code == CTPS_OK && undone->seq_count) {
        code = undone_destroy(engine, undone, err);
        engine->destroyed_at_us = sys_mono_us(engine->sys);
    }
    *ret_more = undone->more && undone->seq_count;
    arena_done(&arena);
    return code;
}

enum ctps_code engine_erasures_finish(struct engine *engine, struct ctps_err *err)
{
    enum ctps_code code = CTPS_OK;
    bool more = !view_state(engine->view)->clock_alarm;

    while (code == CTPS_OK && more)
        code = some_finish(engine, &more, err);
    return code;
}

static bool may_destroy_now(const struct engine *engine)
{
    return !engine->destroyed_at_us || sys_mono_us(engine->sys) - engine->destroyed_at_us >=
                                           engine->settings.erase_interval_us;
}

static void announce_fill(struct engine *engine, struct act *act, void *arg)
{
    unsigned *count = arg;

    (void)engine;
    retention_announce(act);
    *count = act->event_count;
}

static void order_fill(struct engine *engine, struct act *act, void *arg)
{
    unsigned *count = arg;

    (void)engine;
    retention_order(act);
    *count = act->event_count ? (unsigned)act->events[0]->erasure_ordered->n_subjects : 0;
}

static void audit_fill(struct engine *engine, struct act *act, void *arg)
{
    (void)engine, (void)arg;
    retention_order_audit(act);
}

static enum ctps_code retention_run(struct engine *engine, struct ctps_err *err)
{
    unsigned count = 0;
    enum ctps_code code;

    do
        code = engine_system(engine, announce_fill, &count, err);
    while (code == CTPS_OK && count == ACT_EVENTS_MAX - 1);
    do
        if (code == CTPS_OK)
            code = engine_system(engine, order_fill, &count, err);
    while (code == CTPS_OK && count);
    return code == CTPS_OK ? engine_system(engine, audit_fill, NULL, err) : code;
}

enum ctps_code engine_daily(struct engine *engine, struct ctps_err *err)
{
    int32_t today = zone_day_of(sys_wall_us(engine->sys));
    enum ctps_code code = CTPS_OK;

    /* Nothing is announced either on a day that may be a mistake. */
    if (view_state(engine->view)->clock_alarm)
        return CTPS_OK;
    if (today != engine->daily_done_day) {
        code = retention_run(engine, err);
        backup_or_log(engine); /* daily: the older ones are about to expire */
        engine_backups_expire(engine);
        engine->daily_done_day = today;
    }
    if (code == CTPS_OK && may_destroy_now(engine))
        code = engine_erasures_finish(engine, err);
    return code;
}

static void tell_fill(struct engine *engine, struct act *act, void *arg)
{
    (void)engine;
    bool more = share_tell(act);

    *(bool *)arg = erasure_tell(act) || more;
}

enum ctps_code engine_tick(struct engine *engine, struct ctps_err *err)
{
    enum ctps_code code = engine_keys_ensure(engine, err);
    bool more = true;

    while (code == CTPS_OK && more)
        code = engine_system(engine, tell_fill, &more, err);
    if (code == CTPS_OK)
        code = engine_door_tick(engine, err);
    if (code == CTPS_OK && engine->feeds_unread)
        engine_feeds_renew(engine);
    view_tend(engine->view);
    engine_signed_tick(engine);
    engine_backup_tick(engine);
    if (engine->extended_at_us && sys_mono_us(engine->sys) - engine->extended_at_us >
                                      ENGINE_KEYRING_COPY_S * INT64_C(1000000))
        grown_keyring_copy(engine);
    if (engine->lent_count && sys_mono_us(engine->sys) - engine->lent_at_us > LENT_US)
        engine_names_give_back(engine);
    if (code == CTPS_OK)
        code = engine_undo_tick(engine, err);
    return code == CTPS_OK ? engine_daily(engine, err) : code;
}

/* A pause between two batches of busy clients is no reason to write pages that the next batch
 * changes again, nor to let them wait: what is kept begins to be written once in a while, and
 * is awaited when a whole idle period was quiet. */
static enum ctps_code views_flush(struct engine *engine, struct ctps_err *err)
{
    int64_t now = sys_mono_us(engine->sys);
    bool quiet = engine->batches == engine->idle_batches;
    enum ctps_code code;

    engine->idle_batches = engine->batches;
    if (!quiet && now - engine->views_flushed_us < ENGINE_KEEP_VIEWS_US)
        return CTPS_OK;
    engine->views_flushed_us = now;
    code = quiet ? view_flush(engine->view, err) : view_spill(engine->view, err);
    if (code != CTPS_OK)
        view_distrust(engine->view);
    return code;
}

enum ctps_code engine_idle(struct engine *engine, bool *ret_more, struct ctps_err *err)
{
    enum ctps_code code = engine_keyring_top_up(engine, ENGINE_SLOTS_IDLE, err);

    grown_keyring_copy(engine);
    if (code == CTPS_OK)
        code = views_flush(engine, err);
    if (code == CTPS_OK)
        code = journal_prepare(engine->journal, err);
    *ret_more = code == CTPS_OK && engine_backup_step(engine);
    if (code != CTPS_OK || engine->names.complete)
        return code;
    code = view_begin(engine->view, false, err);
    if (code != CTPS_OK)
        return code;
    engine_names_build(engine, ENGINE_INDEX_CHUNK);
    code = view_error(engine->view, err);
    view_abort(engine->view);
    *ret_more = *ret_more || !engine->names.complete;
    return code == CTPS_DAMAGED ? code : CTPS_OK; /* else it is tried again */
}

/* Start and stop: open the parts, compare heads, replay, finish what was left undone. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/engine_private.h"

enum ctps_code engine_path(const struct engine *engine, const char *name, char out[PATH_MAX],
                           struct ctps_err *err)
{
    if (snprintf(out, PATH_MAX, "%s/%s", engine->dir, name) >= PATH_MAX)
        return err_set(err, CTPS_INVALID, "path too long: %s", engine->dir);
    return CTPS_OK;
}

void engine_mark(const struct engine *engine, struct keyring_mark *ret_mark)
{
    struct journal_head head;

    journal_head_get(engine->journal, &head);
    memcpy(ret_mark->incarnation, head.incarnation, sizeof(ret_mark->incarnation));
    memcpy(ret_mark->hash, head.hash, sizeof(ret_mark->hash));
    ret_mark->seq = head.seq;
}

static bool keys_make(struct engine *engine)
{
    engine->store_key = seal_key_new();
    engine->views_key = seal_key_new();
    engine->digest_key = seal_key_new();
    engine->spare_key = seal_key_new();
    return engine->store_key && engine->views_key && engine->digest_key && engine->spare_key;
}

struct engine *engine_new(const struct engine_options *options, struct ctps_err *err)
{
    struct engine *engine = calloc(1, sizeof(*engine));

    if (engine)
        engine->sessions = engine_sessions_new();
    if (!engine || !engine->sessions || !keys_make(engine)) {
        err_set(err, CTPS_NOMEM, "engine");
        engine_free(&engine);
        return NULL;
    }
    engine->options = *options;
    if (!engine->options.batch_max || engine->options.batch_max > ENGINE_BATCH_MAX)
        engine->options.batch_max = ENGINE_BATCH_MAX;
    engine->sys = options->sys;
    engine->log = options->log;
    engine->settings = options->settings;
    engine->queue_tail = &engine->queue_head;
    arena_init(&engine->arena, ENGINE_ARENA_CAP);
    rootkey_derive(engine->store_key, options->root, ROOTKEY_STORE);
    rootkey_derive(engine->views_key, options->root, ROOTKEY_VIEWS);
    engine_sealer_init(engine);
    engine_judge_init(engine);
    if (snprintf(engine->dir, sizeof(engine->dir), "%s", options->data_dir) >=
        (int)sizeof(engine->dir)) {
        err_set(err, CTPS_INVALID, "path of the data folder too long");
        engine_free(&engine);
    }
    return engine;
}

void engine_parts_close(struct engine *engine)
{
    view_close(&engine->view, false, NULL);
    journal_close(&engine->journal);
    keyring_close(&engine->keyring);
    ledger_close(&engine->ledger);
}

void engine_free(struct engine **engine_at)
{
    struct engine *engine = *engine_at;

    if (!engine)
        return;
    engine_queue_free(engine);
    engine_backup_free(engine);
    engine_parts_close(engine);
    engine_who_forget(engine);
    engine_sessions_free(&engine->sessions);
    free(engine->feeds);
    free(engine->lent);
    buf_done(&engine->backup_reply);
    duplicate_index_free(&engine->index);
    arena_done(&engine->arena);
    seal_key_free(&engine->store_key);
    seal_key_free(&engine->views_key);
    seal_key_free(&engine->digest_key);
    seal_key_free(&engine->spare_key);
    free(engine);
    *engine_at = NULL;
}

static enum ctps_code keyring_part(struct engine *engine, struct ctps_err *err)
{
    char dir[PATH_MAX];
    struct keyring_options options = {
        .dir = dir,
        .sys = engine->sys,
        .root = engine->options.root,
        .log = engine->log,
    };
    enum ctps_code code = engine_path(engine, "keyring", dir, err);

    return code == CTPS_OK ? keyring_open(&engine->keyring, &options, err) : code;
}

static enum ctps_code ledger_part(struct engine *engine, struct ctps_err *err)
{
    char dir[PATH_MAX];
    char path[PATH_MAX];
    enum ctps_code code = engine_path(engine, "ledger", dir, err);
    int rc;

    if (code == CTPS_OK && engine->options.ledger_dir)
        snprintf(dir, sizeof(dir), "%s", engine->options.ledger_dir);
    if (code != CTPS_OK)
        return code;
    rc = engine->sys->mkdir(engine->sys->ctx, dir, 0700);
    if (rc < 0)
        return err_set_errno(err, -rc, "cannot make %s", dir);
    if (snprintf(path, sizeof(path), "%s/erased", dir) >= (int)sizeof(path))
        return err_set(err, CTPS_INVALID, "path too long: %s", dir);
    code = ledger_open(&engine->ledger, path, engine->sys, engine->options.root, err);
    if (code == CTPS_OK && ledger_torn_len(engine->ledger))
        log_warning(engine->log,
                    "erasure ledger: %" PRIu64
                    " bytes of a record cut short by a power cut were "
                    "taken off; that erasure is done again",
                    ledger_torn_len(engine->ledger));
    return code;
}

static enum ctps_code journal_part(struct engine *engine, bool read_only, struct ctps_err *err)
{
    char dir[PATH_MAX];
    struct journal_options options = {
        .dir = dir,
        .sys = engine->sys,
        .key = engine->store_key,
        .log = engine->log,
        .segment_len = engine->options.segment_len,
        .read_only = read_only,
    };
    enum ctps_code code = engine_path(engine, "journal", dir, err);

    return code == CTPS_OK ? journal_open(&engine->journal, &options, err) : code;
}

/* A journal that ends before what the keyring saw has lost its tail. */
static enum ctps_code keyring_compare(struct engine *engine, struct ctps_err *err)
{
    struct keyring_mark mark;
    struct journal_head head = {0};

    keyring_mark_get(engine->keyring, &mark);
    if (mark.seq == 0)
        return CTPS_OK;
    memcpy(head.incarnation, mark.incarnation, sizeof(head.incarnation));
    memcpy(head.hash, mark.hash, sizeof(head.hash));
    head.seq = mark.seq;
    return journal_head_check(engine->journal, &head, err);
}

enum ctps_code engine_parts_open(struct engine *engine, bool read_only, struct ctps_err *err)
{
    enum ctps_code code = keyring_part(engine, err);

    if (code == CTPS_OK)
        code = ledger_part(engine, err);
    if (code == CTPS_OK)
        code = journal_part(engine, read_only, err);
    if (code == CTPS_OK)
        code = keyring_compare(engine, err);
    return code;
}

/* After a restore the keyring has seen more than the journal holds. */
enum ctps_code engine_parts_open_restored(struct engine *engine, struct ctps_err *err)
{
    enum ctps_code code = keyring_part(engine, err);

    if (code == CTPS_OK)
        code = ledger_part(engine, err);
    return code == CTPS_OK ? journal_part(engine, false, err) : code;
}

static enum ctps_code view_part(struct engine *engine, struct ctps_err *err)
{
    char dir[PATH_MAX];
    struct view_options options = {
        .dir = dir,
        .sys = engine->sys,
        .key = engine->views_key,
        .log = engine->log,
        .map_len = engine->options.map_len,
    };
    struct journal_head head = {0};
    const struct view_head *known;
    enum ctps_code code = engine_path(engine, "views", dir, err);

    if (code == CTPS_OK)
        code = view_open(&engine->view, &options, &engine->views_were_fresh, err);
    if (code != CTPS_OK || engine->views_were_fresh)
        return code;
    known = view_head(engine->view);
    memcpy(head.hash, known->hash, sizeof(head.hash));
    head.seq = known->seq;
    return journal_head_check(engine->journal, &head, err);
}

/* --- replay --- */

struct replay {
    struct engine *engine;
    struct arena arena;
    uint64_t applied;
    struct ctps_err err;
};

static void replay_place(struct replay *replay, const struct journal_frame *frame)
{
    struct view *view = replay->engine->view;
    Ctps__PlaceRecord row = CTPS__PLACE_RECORD__INIT;

    if (frame->seq % ENGINE_PLACE_EVERY)
        return;
    SET(&row, segment, frame->place.segment);
    SET(&row, offset, frame->place.offset);
    SET(&row, last_published, view_state(view)->last_published);
    SET(&row, last_audited, view_state(view)->last_audited);
    record_put(view_tables(view), TABLE_PLACE, table_key_of_u64(frame->seq), &replay->arena,
               &row.base);
}

static enum ctps_code replay_frame(void *arg, const struct journal_frame *frame)
{
    struct replay *replay = arg;
    struct view *view = replay->engine->view;
    struct view_head head = {.seq = frame->seq, .batch = frame->batch};
    struct apply apply = {
        .tables = view_tables(view),
        .arena = &replay->arena,
        .state = view_state(view),
        .seq = frame->seq,
    };
    enum ctps_code code;

    arena_reset(&replay->arena);
    apply.entry = (const Ctps__Entry *)record_unpack(&replay->arena, &ctps__entry__descriptor,
                                                     frame->body);
    if (!apply.entry)
        return err_set(&replay->err, replay->arena.starved ? CTPS_NOMEM : CTPS_DAMAGED,
                       "entry %llu cannot be read", (unsigned long long)frame->seq);
    replay_place(replay, frame);
    code = apply_entry(&apply);
    if (code == CTPS_UNSUPPORTED)
        err_set(
            &replay->err, code,
            "entry %llu holds an event unknown here: a newer version wrote it; install that "
            "one again, or restore the backup made before it",
            (unsigned long long)frame->seq);
    if (code == CTPS_OK)
        code = view_error(view, &replay->err);
    if (code == CTPS_OK && replay->arena.starved)
        code = err_set(&replay->err, CTPS_NOMEM, "no memory to apply an entry");
    memcpy(head.incarnation, frame->incarnation, sizeof(head.incarnation));
    memcpy(head.hash, frame->hash, sizeof(head.hash));
    view_head_set(view, &head);
    if (code == CTPS_OK)
        code = view_keep(view, &replay->err);
    if (code == CTPS_OK)
        code = view_begin(view, true, &replay->err);
    replay->applied++;
    return code;
}

enum ctps_code engine_replay(struct engine *engine, struct ctps_err *err)
{
    struct replay replay = {.engine = engine};
    uint64_t from = view_head(engine->view)->seq + 1;
    enum ctps_code code = view_begin(engine->view, true, err);

    if (code != CTPS_OK)
        return code;
    view_hold(engine->view, ENGINE_REPLAY_ROWS);
    arena_init(&replay.arena, ENGINE_REPLAY_ARENA);
    code = journal_scan(engine->journal, from, replay_frame, &replay, err);
    arena_done(&replay.arena);
    view_hold(engine->view, VIEW_HELD_ROWS);
    view_abort(engine->view);
    if (code != CTPS_OK) {
        if (err && replay.err.code != CTPS_OK)
            *err = replay.err;
        return code;
    }
    engine->rebuilt_entries = replay.applied;
    return view_flush(engine->view, err);
}

static enum ctps_code recover(struct engine *engine, struct ctps_err *err)
{
    int64_t at = sys_mono_us(engine->sys);
    enum ctps_code code = engine_parts_open(engine, false, err);

    if (code == CTPS_OK)
        code = view_part(engine, err);
    if (code == CTPS_OK)
        code = engine_replay(engine, err);
    if (code == CTPS_OK)
        code = engine_names_init(engine, err);
    engine_signed_start(engine);
    engine_undo_note(engine);
    engine->recovery_us = sys_mono_us(engine->sys) - at;
    return code;
}

static enum ctps_code holidays_take(struct engine *engine, struct ctps_err *err)
{
    enum ctps_code code = view_begin(engine->view, false, err);
    Ctps__Town *town;

    if (code != CTPS_OK)
        return code;
    town = record_town(view_tables(engine->view), &engine->arena);
    code = view_error(engine->view, err);
    if (code == CTPS_OK && engine->arena.starved)
        code = err_set(err, CTPS_NOMEM, "no memory to read the town");
    if (town) {
        engine->settings.holidays.alsace_moselle =
            strcmp(or_empty(town->holiday_regime), "alsace-moselle") == 0;
        engine->settings.holidays.good_friday = town->good_friday;
    }
    view_abort(engine->view);
    arena_reset(&engine->arena);
    return code;
}

enum ctps_code engine_open(struct engine **ret_engine, const struct engine_options *options,
                           const struct engine_out *out, struct ctps_err *err)
{
    struct engine *engine = engine_new(options, err);
    enum ctps_code code;

    if (!engine)
        return CTPS_NOMEM;
    engine->out = *out;
    code = recover(engine, err);
    if (code == CTPS_OK)
        code = engine_keyring_top_up(engine, ENGINE_SLOTS_BATCH, err);
    if (code == CTPS_OK)
        code = engine_keys_ensure(engine, err);
    if (code == CTPS_OK)
        code = engine_erasures_finish(engine, err);
    if (code == CTPS_OK)
        code = engine_revoked_settle(engine, err);
    if (code == CTPS_OK)
        code = engine_feeds_load(engine, err);
    if (code == CTPS_OK)
        code = holidays_take(engine, err);
    if (code != CTPS_OK) {
        engine_free(&engine);
        return code;
    }
    *ret_engine = engine;
    return CTPS_OK;
}

enum ctps_code engine_close(struct engine **engine_at, bool clean, struct ctps_err *err)
{
    struct engine *engine = *engine_at;
    enum ctps_code code;

    if (!engine)
        return CTPS_OK;
    code = view_close(&engine->view, clean, err);
    engine_free(engine_at);
    return code;
}

void engine_settings_set(struct engine *engine, const struct settings *settings)
{
    struct civil_holidays holidays = engine->settings.holidays;

    engine->settings = *settings;
    engine->settings.holidays = holidays;
    engine_who_forget(engine);
}

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "view/view_private.h"

static const size_t default_map_len = (size_t)64 << 30;

static enum ctps_code paths_set(struct view *view, const char *dir, struct ctps_err *err)
{
    if (snprintf(view->dir, sizeof(view->dir), "%s", dir) >= (int)sizeof(view->dir))
        return err_set(err, CTPS_INVALID, "path of the views too long");
    snprintf(view->env_path, sizeof(view->env_path), "%s/views.mdb", view->dir);
    snprintf(view->marker_path, sizeof(view->marker_path), "%s/marker", view->dir);
    return CTPS_OK;
}

static enum ctps_code env_open(struct view *view, struct ctps_err *err)
{
    struct store_options options = {
        .path = view->env_path,
        .flavour = STORE_DISPOSABLE,
        .map_len = view->map_len,
        .schema_version = VIEW_SCHEMA_VERSION,
        .table_count = TABLE_COUNT,
        .sys = view->sys,
        .key = view->key,
        .read_only = view->read_only,
    };

    return store_open(&view->store, &options, err);
}

static enum ctps_code file_remove(struct view *view, const char *path, struct ctps_err *err)
{
    int rc = view->sys->unlink(view->sys->ctx, path);

    return rc < 0 && rc != -ENOENT ? err_set_errno(err, -rc, "cannot remove %s", path)
                                   : CTPS_OK;
}

/* What was distrusted must be gone: rows left behind would pass for rebuilt ones. */
static enum ctps_code env_remove(struct view *view, struct ctps_err *err)
{
    char lock[PATH_MAX + 8];
    enum ctps_code code = file_remove(view, view->env_path, err);

    snprintf(lock, sizeof(lock), "%s-lock", view->env_path);
    return code == CTPS_OK ? file_remove(view, lock, err) : code;
}

/* Says nothing of the file: another time it may be read. */
static bool is_passing(enum ctps_code code)
{
    return code == CTPS_NOMEM || code == CTPS_IO || code == CTPS_BUSY;
}

/* CTPS_ABSENT: nothing says it may be trusted. CTPS_DAMAGED: it was closed clean and is not
 * what it was then. An environment last written by a killed process may be behind, even empty.
 */
static enum ctps_code env_open_trusted(struct view *view, struct ctps_err *err)
{
    enum ctps_code code = view_marker_read(view, err);

    if (code != CTPS_OK)
        return code;
    code = env_open(view, err);
    if (code == CTPS_OK)
        code = view_meta_read(view, err);
    if (code == CTPS_OK && view->marked_clean && view->now.head.seq != view->marked_seq)
        code = err_set(err, CTPS_DAMAGED, "%s: closed at entry %" PRIu64 ", stands at %" PRIu64,
                       view->env_path, view->marked_seq, view->now.head.seq);
    if (code == CTPS_OK)
        return CTPS_OK;
    store_close(&view->store);
    if (view->marked_clean && !is_passing(code))
        return err_set(err, CTPS_DAMAGED, "views closed clean cannot be read: %s", err->text);
    return code;
}

static enum ctps_code env_open_fresh(struct view *view, struct ctps_err *err)
{
    enum ctps_code code;

    view_marker_remove(view);
    code = env_remove(view, err);
    memset(&view->now, 0, sizeof(view->now));
    view->stored = view->now;
    view_cache_clear(view->cache);
    view_all_changed(view);
    if (code == CTPS_OK)
        code = env_open(view, err);
    return code == CTPS_OK ? view_marker_write(view, false, err) : code;
}

static enum ctps_code open_env(struct view *view, bool *ret_fresh, struct ctps_err *err)
{
    struct ctps_err why = {0};
    enum ctps_code code = env_open_trusted(view, &why);

    *ret_fresh = code != CTPS_OK;
    if (*ret_fresh && view->read_only)
        return err_set(err, code == CTPS_DAMAGED || is_passing(code) ? code : CTPS_ABSENT, "%s",
                       why.text);
    if (code != CTPS_OK && code != CTPS_ABSENT)
        log_warning(view->log, "views are made again: %s", why.text);
    if (*ret_fresh)
        return env_open_fresh(view, err);
    /* A clean marker must be gone, durably, before the first unflushed commit. */
    return view->read_only ? CTPS_OK : view_marker_write(view, false, err);
}

static bool parts_new(struct view *view)
{
    view->held_max = VIEW_HELD_ROWS;
    view->key = seal_key_new();
    view->sum_key = seal_key_new();
    view->cache = view_cache_new();
    view->held = view_bulk_new();
    view->writer.bulk = view_bulk_new();
    return view->key && view->sum_key && view->cache && view->held && view->writer.bulk;
}

enum ctps_code view_open(struct view **ret_view, const struct view_options *options,
                         bool *ret_fresh, struct ctps_err *err)
{
    struct view *view = calloc(1, sizeof(*view));
    enum ctps_code code;
    int rc;

    if (!view)
        return err_set(err, CTPS_NOMEM, "views");
    view->sys = options->sys;
    view->log = options->log;
    view->read_only = options->read_only;
    view->map_len = options->map_len ? options->map_len : default_map_len;
    view_tables_init(view);
    code = parts_new(view) ? paths_set(view, options->dir, err)
                           : err_set(err, CTPS_NOMEM, "views");
    if (code == CTPS_OK) {
        seal_key_set(view->key, options->key->bytes);
        seal_key_derive(view->sum_key, view->key, "views sum", bytes_of(NULL, 0));
        rc = view->sys->mkdir(view->sys->ctx, view->dir, 0700);
        code = rc < 0 ? err_set_errno(err, -rc, "cannot make %s", view->dir)
                      : open_env(view, ret_fresh, err);
    }
    if (code != CTPS_OK) {
        view_close(&view, false, NULL);
        return code;
    }
    *ret_view = view;
    return CTPS_OK;
}

enum ctps_code view_close(struct view **view_at, bool clean, struct ctps_err *err)
{
    struct view *view = *view_at;
    enum ctps_code code = CTPS_OK;

    if (!view)
        return CTPS_OK;
    view_abort(view);
    if (view->store && clean && !view->read_only) {
        code = view_flush(view, err);
        if (code == CTPS_OK)
            code = store_sync(view->store, err);
        if (code == CTPS_OK)
            code = view_marker_write(view, true, err);
    }
    if (view->store) /* else nothing was ever held, and parts may be missing */
        view_drop(view);
    store_txn_abort(&view->txn);
    store_close(&view->store);
    view_bulk_free(&view->held);
    view_bulk_free(&view->writer.bulk);
    seal_key_free(&view->key);
    seal_key_free(&view->sum_key);
    view_cache_free(&view->cache);
    free(view);
    *view_at = NULL;
    return code;
}

void view_distrust(struct view *view)
{
    view_marker_remove(view);
}

enum ctps_code view_reset(struct view *view, struct ctps_err *err)
{
    view_drop(view);
    store_txn_abort(&view->txn);
    store_close(&view->store);
    return env_open_fresh(view, err);
}

enum ctps_code view_figures_get(struct view *view, struct view_figures *ret_figures)
{
    struct store_figures figures;
    enum ctps_code code = store_figures_get(view->store, &figures);

    if (code != CTPS_OK)
        return code;
    *ret_figures = (struct view_figures){
        .used_len = figures.used_len,
        .map_len = figures.map_len,
        .row_count = figures.row_count,
    };
    return CTPS_OK;
}

void view_tend(struct view *view)
{
    store_check_readers(view->store);
}

/* A stopped store: verified, rebuilt, restored, described. */
#include <stdio.h>

#include "engine/engine_private.h"

void engine_store_head_report(const struct engine *engine, struct engine_report *report)
{
    struct journal_figures figures;
    struct journal_head head;

    journal_figures_get(engine->journal, &figures);
    journal_head_get(engine->journal, &head);
    report->entries = head.seq;
    report->segments = figures.segment_count;
    report->journal_len = figures.used_len;
    report->torn_len = figures.torn_len;
    report->slots = keyring_slot_count(engine->keyring);
    memcpy(report->incarnation, head.incarnation, sizeof(report->incarnation));
    memcpy(report->head_hash, head.hash, sizeof(report->head_hash));
}

/* Opens views under <data>/<name>; an engine holds one view at a time. */
static enum ctps_code view_open_at(struct engine *engine, const char *name, bool read_only,
                                   bool *ret_fresh, struct ctps_err *err)
{
    char dir[PATH_MAX];
    struct view_options options = {
        .dir = dir,
        .sys = engine->sys,
        .key = engine->views_key,
        .log = engine->log,
        .map_len = engine->options.map_len,
        .read_only = read_only,
    };
    enum ctps_code code = engine_path(engine, name, dir, err);

    return code == CTPS_OK ? view_open(&engine->view, &options, ret_fresh, err) : code;
}

enum ctps_code engine_store_views_make(struct engine *engine, const char *name,
                                       struct engine_report *report, struct ctps_err *err)
{
    int64_t at = sys_mono_us(engine->sys);
    struct view_figures figures;
    bool fresh;
    enum ctps_code code = view_open_at(engine, name, false, &fresh, err);

    if (code == CTPS_OK)
        code = view_reset(engine->view, err);
    if (code == CTPS_OK)
        code = engine_replay(engine, err);
    if (code != CTPS_OK)
        return code;
    report->rebuild_us = sys_mono_us(engine->sys) - at;
    code = view_check(engine->view, report->digest_rebuilt, err);
    if (code != CTPS_OK)
        return code;
    if (view_figures_get(engine->view, &figures) == CTPS_OK)
        report->view_rows = figures.row_count;
    return CTPS_OK;
}

static void folder_remove(struct engine *engine, const char *name)
{
    static const char *const files[] = {"views.mdb", "views.mdb-lock", "marker"};
    char path[PATH_MAX];
    struct ctps_err err;

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char inner[64];

        snprintf(inner, sizeof(inner), "%s/%s", name, files[i]);
        if (engine_path(engine, inner, path, &err) == CTPS_OK)
            engine->sys->unlink(engine->sys->ctx, path);
    }
}

/* The rows must be those written, and say what a rebuild says. */
static enum ctps_code views_compare(struct engine *engine, struct engine_report *report,
                                    struct ctps_err *err)
{
    struct ctps_err absent = {0};
    bool fresh = false;
    enum ctps_code code = view_open_at(engine, "views", true, &fresh, &absent);

    if (code == CTPS_DAMAGED)
        return err_set(err, code, "%s: run store rebuild", absent.text);
    /* What could not be read has not been checked. */
    if (code != CTPS_OK && code != CTPS_ABSENT)
        return err_set(err, code, "%s", absent.text);
    report->views_trusted = code == CTPS_OK;
    if (code == CTPS_OK && view_head(engine->view)->seq == report->entries) {
        code = view_check(engine->view, report->digest_found, err);
    } else {
        report->views_trusted = false;
        code = CTPS_OK;
    }
    view_close(&engine->view, false, NULL);
    if (code != CTPS_OK)
        return code;
    code = engine_store_views_make(engine, "views.check", report, err);
    view_close(&engine->view, false, NULL);
    folder_remove(engine, "views.check");
    if (code != CTPS_OK || !report->views_trusted)
        return code;
    if (memcmp(report->digest_found, report->digest_rebuilt, VIEW_DIGEST_LEN) != 0)
        return err_set(err, CTPS_DAMAGED,
                       "views: not what the journal says: run store rebuild");
    return CTPS_OK;
}

static enum ctps_code frame_count(void *arg, const struct journal_frame *frame)
{
    struct engine_report *report = arg;

    (void)frame;
    report->events++;
    return CTPS_OK;
}

enum ctps_code engine_store_check(const struct engine_options *options,
                                  struct engine_report *ret_report, struct ctps_err *err)
{
    struct engine *engine = engine_new(options, err);
    enum ctps_code code;

    *ret_report = (struct engine_report){0};
    if (!engine)
        return CTPS_NOMEM;
    code = engine_parts_open(engine, true, err);
    if (code == CTPS_OK) {
        engine_store_head_report(engine, ret_report);
        code = journal_scan(engine->journal, 1, frame_count, ret_report, err);
    }
    if (code == CTPS_OK)
        code = keyring_check(engine->keyring, &ret_report->live_keys, err);
    if (code == CTPS_OK)
        code = views_compare(engine, ret_report, err);
    engine_free(&engine);
    return code;
}

enum ctps_code engine_store_rebuild(const struct engine_options *options,
                                    struct engine_report *ret_report, struct ctps_err *err)
{
    struct engine *engine = engine_new(options, err);
    enum ctps_code code;

    *ret_report = (struct engine_report){0};
    if (!engine)
        return CTPS_NOMEM;
    code = engine_parts_open(engine, false, err);
    if (code == CTPS_OK) {
        engine_store_head_report(engine, ret_report);
        code = engine_store_views_make(engine, "views", ret_report, err);
    }
    if (code == CTPS_OK)
        code = view_close(&engine->view, true, err);
    engine_free(&engine);
    return code;
}

enum ctps_code engine_store_stat(const struct engine_options *options,
                                 struct engine_report *ret_report, struct ctps_err *err)
{
    struct engine *engine = engine_new(options, err);
    struct view_figures figures;
    bool fresh;
    enum ctps_code code;

    *ret_report = (struct engine_report){0};
    if (!engine)
        return CTPS_NOMEM;
    code = engine_parts_open(engine, true, err);
    if (code == CTPS_OK) {
        engine_store_head_report(engine, ret_report);
        code = view_open_at(engine, "views", true, &fresh, err);
        ret_report->views_trusted = code == CTPS_OK;
        if (code == CTPS_OK && view_figures_get(engine->view, &figures) == CTPS_OK)
            ret_report->view_rows = figures.row_count;
        if (code == CTPS_ABSENT || code == CTPS_DAMAGED)
            code = CTPS_OK;
    }
    engine_free(&engine);
    return code;
}

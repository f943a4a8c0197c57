/*
 * Online backups. The journal's is copied in steps between batches, under a name of its own
 * until it is whole; who asked is answered then. The keyring's are short-lived: what was erased
 * must not wait in one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine_private.h"

enum {
    BACKUP_NAME_MAX = 64,
    BACKUP_TICK_US = 20000, /* a second's share while clients keep the daemon busy */
};

/* --- one that is being made --- */

struct engine_backup {
    struct journal_copying *copying; /* own */
    struct engine_peer peer;         /* who waits for the answer */
    uint8_t id[16];                  /* of the request */
    char dir[PATH_MAX];              /* its name once whole */
    char partial[PATH_MAX];          /* its name until then */
};

static bool name_is_plain(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len <= BACKUP_NAME_MAX && name[0] != '.' &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
               len;
}

struct emptying {
    const struct sys *sys;
    const char *dir;
};

static int file_remove(void *arg, const char *name)
{
    struct emptying *emptying = arg;
    char path[PATH_MAX];

    if (snprintf(path, sizeof(path), "%s/%s", emptying->dir, name) >= (int)sizeof(path))
        return 0;
    return emptying->sys->unlink(emptying->sys->ctx, path);
}

/* Makes the folder of the copy, without what one that was cut short has left there. */
static enum ctps_code partial_make(struct engine *engine, const char *partial,
                                   char journal_dir[PATH_MAX], struct ctps_err *err)
{
    const struct sys *sys = engine->sys;
    struct emptying emptying = {sys, journal_dir};
    int rc;

    if (snprintf(journal_dir, PATH_MAX, "%s/journal", partial) >= PATH_MAX)
        return err_set(err, CTPS_INVALID, "path too long");
    rc = sys->mkdir(sys->ctx, partial, 0700);
    if (rc == 0)
        rc = sys->mkdir(sys->ctx, journal_dir, 0700);
    if (rc == 0)
        rc = sys->list_dir(sys->ctx, journal_dir, file_remove, &emptying);
    return rc < 0 ? err_set_errno(err, -rc, "%s", partial) : CTPS_OK;
}

static int is_there(void *arg, const char *name)
{
    (void)arg;
    (void)name;
    return 1;
}

static enum ctps_code copy_begin(struct engine *engine, struct engine_backup *backup,
                                 struct ctps_err *err)
{
    const struct sys *sys = engine->sys;
    char journal_dir[PATH_MAX];
    enum ctps_code code;

    if (sys->list_dir(sys->ctx, backup->dir, is_there, NULL) >= 0)
        return err_set(err, CTPS_EXISTS, "%s already exists", backup->dir);
    code = partial_make(engine, backup->partial, journal_dir, err);
    return code == CTPS_OK
               ? journal_copy_begin(&backup->copying, engine->journal, journal_dir, err)
               : code;
}

void engine_backup_free(struct engine *engine)
{
    if (!engine->backup)
        return;
    journal_copy_end(&engine->backup->copying);
    free(engine->backup);
    engine->backup = NULL;
}

/* --- its answer --- */

static void answer_make(struct engine *engine, struct pending *pending, const char *dir,
                        uint64_t seq, uint64_t len)
{
    Ctps__Reply *reply =
        engine_reply_new(engine, pending->request, CTPS__REPLY_STATUS__REPLY_DONE);
    Ctps__BackupAnswer *answer = arena_alloc(&engine->arena, sizeof(*answer));

    if (!reply || !answer)
        return;
    ctps__backup_answer__init(answer);
    answer->path = arena_strdup(&engine->arena, dir);
    SET(answer, seq, seq);
    SET(answer, size_len, len);
    reply->answer_case = CTPS__REPLY__ANSWER_BACKUP_ANSWER;
    reply->backup_answer = answer;
    engine_reply_set(engine, pending, reply);
    /* Backups are no entries: the last answer is kept for a client that asks again. */
    buf_reset(&engine->backup_reply);
    memcpy(engine->backup_id, pending->request->id.data, sizeof(engine->backup_id));
    buf_append(&engine->backup_reply, pending->reply.data, pending->reply.len);
}

static void refuse(struct engine *engine, struct pending *pending, const struct ctps_err *err)
{
    log_error(engine->log, "backup: %s", err->text);
    engine_reply_refuse(engine, pending,
                        err->code == CTPS_EXISTS ? REFUSAL_EXISTS : REFUSAL_UNAVAILABLE,
                        "backup");
}

/* Between two batches: to whom has waited since its request was taken. */
static void waiting_answer(struct engine *engine, enum ctps_code code,
                           const struct ctps_err *err)
{
    struct engine_backup *backup = engine->backup;
    Ctps__Request request = CTPS__REQUEST__INIT;
    struct pending pending = {.request = &request};
    uint64_t seq;
    uint64_t len;

    request.has_id = 1;
    request.id = (ProtobufCBinaryData){sizeof(backup->id), backup->id};
    journal_copy_figures(backup->copying, &seq, &len);
    if (code == CTPS_OK)
        answer_make(engine, &pending, backup->dir, seq, len);
    else
        refuse(engine, &pending, err);
    engine->out.reply(engine->out.ctx, &backup->peer, pending.reply);
    arena_reset(&engine->arena);
}

/* --- steps --- */

static enum ctps_code name_give(struct engine *engine, struct ctps_err *err)
{
    const struct sys *sys = engine->sys;
    struct engine_backup *backup = engine->backup;
    int rc = sys->sync_dir(sys->ctx, backup->partial);

    if (rc == 0)
        rc = sys->rename(sys->ctx, backup->partial, backup->dir);
    if (rc == 0)
        rc = sys->sync_dir(sys->ctx, engine->options.backup_dir);
    return rc < 0 ? err_set_errno(err, -rc, "%s", backup->dir) : CTPS_OK;
}

bool engine_backup_step(struct engine *engine)
{
    struct ctps_err err = {0};
    enum ctps_code code;
    bool more;

    if (!engine->backup)
        return false;
    code = journal_copy_step(engine->backup->copying, &more, &err);
    if (code == CTPS_OK && more)
        return true;
    if (code == CTPS_OK)
        code = name_give(engine, &err);
    waiting_answer(engine, code, &err);
    engine_backup_free(engine);
    return false;
}

void engine_backup_tick(struct engine *engine)
{
    int64_t until = sys_mono_us(engine->sys) + BACKUP_TICK_US;

    while (engine_backup_step(engine) && sys_mono_us(engine->sys) < until)
        ;
}

/* --- its request --- */

static enum ctps_code journal_begin(struct engine *engine, const struct pending *pending,
                                    const char *dir, struct ctps_err *err)
{
    struct engine_backup *backup = calloc(1, sizeof(*backup));
    enum ctps_code code;

    if (!backup)
        return err_set(err, CTPS_NOMEM, "no memory");
    backup->peer = pending->from->peer;
    memcpy(backup->id, pending->request->id.data, sizeof(backup->id));
    snprintf(backup->dir, sizeof(backup->dir), "%s", dir);
    engine->backup = backup;
    if (snprintf(backup->partial, PATH_MAX, "%s.partial", dir) >= PATH_MAX)
        code = err_set(err, CTPS_INVALID, "path too long");
    else
        code = copy_begin(engine, backup, err);
    if (code != CTPS_OK)
        engine_backup_free(engine);
    return code;
}

static enum ctps_code keyring_make(struct engine *engine, struct pending *pending,
                                   const char *dir, struct ctps_err *err)
{
    enum ctps_code code = keyring_backup(engine->keyring, dir, err);
    struct journal_figures figures;
    struct journal_head head;

    journal_figures_get(engine->journal, &figures);
    journal_head_get(engine->journal, &head);
    if (code == CTPS_OK)
        answer_make(engine, pending, dir, head.seq, figures.used_len);
    return code;
}

static void backup_begin(struct engine *engine, struct pending *pending, const char *under)
{
    const Ctps__Backup *in = pending->request->backup;
    struct ctps_err err = {0};
    char dir[PATH_MAX];
    enum ctps_code code;

    if (snprintf(dir, sizeof(dir), "%s/%s", under, in->name) >= (int)sizeof(dir))
        code = err_set(&err, CTPS_INVALID, "path too long");
    else
        code = in->keyring ? keyring_make(engine, pending, dir, &err)
                           : journal_begin(engine, pending, dir, &err);
    if (code != CTPS_OK)
        refuse(engine, pending, &err);
    else
        pending->held = !in->keyring;
}

/* Asked again, perhaps over another connection: that one is answered. */
static void wait_here(struct engine *engine, struct pending *pending)
{
    engine->out.reply(engine->out.ctx, &engine->backup->peer, bytes_of(NULL, 0));
    engine->backup->peer = pending->from->peer;
    pending->held = true;
}

static bool is_of(const struct pending *pending, const uint8_t id[16])
{
    return bytes_equal(bytes_of(pending->request->id.data, pending->request->id.len),
                       bytes_of(id, 16));
}

void engine_backup_answer(struct engine *engine, struct pending *pending)
{
    const Ctps__Backup *in = pending->request->backup;
    const char *under =
        in->keyring ? engine->options.keyring_backup_dir : engine->options.backup_dir;

    if (engine->backup_reply.len && is_of(pending, engine->backup_id))
        pending->reply = buf_bytes(&engine->backup_reply);
    else if (engine->backup && is_of(pending, engine->backup->id))
        wait_here(engine, pending);
    else if (!name_is_plain(or_empty(in->name)))
        engine_reply_refuse(engine, pending, REFUSAL_FIELD_RANGE, "name");
    else if (!under)
        engine_reply_refuse(engine, pending, REFUSAL_UNAVAILABLE,
                            in->keyring ? "keyring_backup_dir" : "backup_dir");
    else if (engine->backup && !in->keyring)
        engine_reply_refuse(engine, pending, REFUSAL_UNAVAILABLE, "backup");
    else
        backup_begin(engine, pending, under);
}

/* --- keyring backups past their term --- */

struct expiry {
    struct engine *engine;
    int32_t before_day;
    const char *dir;
};

/* Only folders named by a day are ours. */
static int folder_expire(void *arg, const char *name)
{
    struct expiry *expiry = arg;
    struct ctps_err err = {0};
    char dir[PATH_MAX];
    int32_t day;

    if (!civil_parse_iso(name, &day) || day >= expiry->before_day)
        return 0;
    if (snprintf(dir, sizeof(dir), "%s/%s", expiry->dir, name) >= (int)sizeof(dir))
        return 0;
    if (keyring_backup_remove(expiry->engine->sys, expiry->engine->log, dir, &err) != CTPS_OK)
        log_error(expiry->engine->log, "keyring backup: %s", err.text);
    return 0;
}

void engine_backups_expire(struct engine *engine)
{
    const struct sys *sys = engine->sys;
    struct expiry expiry = {
        .engine = engine,
        .before_day = zone_day_of(sys_wall_us(sys)) - engine->settings.keyring_backup_days,
        .dir = engine->options.keyring_backup_dir,
    };

    if (expiry.dir)
        sys->list_dir(sys->ctx, expiry.dir, folder_expire, &expiry);
}

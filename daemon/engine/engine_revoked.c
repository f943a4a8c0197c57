/*
 * Keys revoked, in a file beside the ledger: apart from the backups, so that restoring one does
 * not let a lost laptop in again. A line is the key in hex, a space, a MAC in hex.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/engine_private.h"

enum {
    LINE_LEN = 2 * ENGINE_KEY_LEN + 1 + 2 * SEAL_HASH_LEN + 1,
    FILE_MAX = 16 << 20,
    MISSING_MAX = 256 /* more are found at the next start */
};

static enum ctps_code revoked_path(const struct engine *engine, char out[PATH_MAX],
                                   struct ctps_err *err)
{
    if (!engine->options.ledger_dir)
        return engine_path(engine, "ledger/revoked", out, err);
    if (snprintf(out, PATH_MAX, "%s/revoked", engine->options.ledger_dir) >= PATH_MAX)
        return err_set(err, CTPS_INVALID, "path too long: %s", engine->options.ledger_dir);
    return CTPS_OK;
}

static void line_mac(const struct engine *engine, const uint8_t *public_key,
                     uint8_t out[SEAL_HASH_LEN])
{
    struct bytes parts[] = {bytes_of_str("revoked"), bytes_of(public_key, ENGINE_KEY_LEN)};

    seal_mac(out, engine->store_key, parts, 2);
}

static void line_make(const struct engine *engine, const uint8_t *public_key,
                      char line[LINE_LEN + 1])
{
    uint8_t mac[SEAL_HASH_LEN];

    line_mac(engine, public_key, mac);
    hex_encode(line, public_key, ENGINE_KEY_LEN);
    line[2 * ENGINE_KEY_LEN] = ' ';
    hex_encode(line + 2 * ENGINE_KEY_LEN + 1, mac, SEAL_HASH_LEN);
    line[LINE_LEN - 1] = '\n';
    line[LINE_LEN] = '\0';
}

/* The whole file is replaced: a line seen after a flush that failed may never have reached the
 * disk, and nothing must be built on it. Revocations are few. */
static enum ctps_code lines_write(struct engine *engine, const char *path, char *text,
                                  const char *line, struct ctps_err *err)
{
    ssize_t len = sys_read_file(engine->sys, path, text, FILE_MAX);
    int rc;

    if (len == -ENOENT)
        len = 0;
    if (len < 0)
        return err_set_errno(err, (int)-len, "%s", path);
    len -= len % LINE_LEN;
    memcpy(text + len, line, LINE_LEN);
    rc = sys_write_file(engine->sys, path, text, (size_t)len + LINE_LEN, 0600);
    return rc < 0 ? err_set_errno(err, -rc, "%s", path) : CTPS_OK;
}

enum ctps_code engine_revoked_append(struct engine *engine, const uint8_t *public_key,
                                     struct ctps_err *err)
{
    char path[PATH_MAX];
    char line[LINE_LEN + 1];
    enum ctps_code code = revoked_path(engine, path, err);
    char *text;

    if (code != CTPS_OK)
        return code;
    text = malloc(FILE_MAX + LINE_LEN);
    if (!text)
        return err_set(err, CTPS_NOMEM, "%s", path);
    line_make(engine, public_key, line);
    code = lines_write(engine, path, text, line, err);
    free(text);
    return code;
}

static bool line_read(const struct engine *engine, const char *line,
                      uint8_t public_key[ENGINE_KEY_LEN])
{
    char key_hex[2 * ENGINE_KEY_LEN + 1];
    char expected[LINE_LEN + 1];

    memcpy(key_hex, line, sizeof(key_hex) - 1);
    key_hex[sizeof(key_hex) - 1] = '\0';
    if (!hex_decode(public_key, ENGINE_KEY_LEN, key_hex))
        return false;
    line_make(engine, public_key, expected);
    return memcmp(expected, line, LINE_LEN) == 0;
}

enum ctps_code engine_revoked_read(struct engine *engine, struct arena *arena,
                                   struct engine_revoked *ret_revoked, struct ctps_err *err)
{
    char path[PATH_MAX];
    char *text;
    enum ctps_code code = revoked_path(engine, path, err);
    ssize_t len;
    int fd;

    *ret_revoked = (struct engine_revoked){0};
    if (code != CTPS_OK)
        return code;
    /* Nobody was ever revoked: the usual case is not worth the memory. */
    fd = engine->sys->open(engine->sys->ctx, path, O_RDONLY, 0);
    if (fd == -ENOENT)
        return CTPS_OK;
    if (fd < 0)
        return err_set_errno(err, -fd, "%s", path);
    engine->sys->close(engine->sys->ctx, fd);
    text = arena_alloc(arena, FILE_MAX);
    len = text ? sys_read_file(engine->sys, path, text, FILE_MAX) : -ENOMEM;
    if (len < 0)
        return err_set_errno(err, (int)-len, "%s", path);
    ret_revoked->keys = arena_alloc(arena, (size_t)len / LINE_LEN * ENGINE_KEY_LEN + 1);
    if (!ret_revoked->keys)
        return err_set(err, arena_shortage(arena), "%s: no memory", path);
    for (ssize_t at = 0; at + LINE_LEN <= len; at += LINE_LEN) {
        if (!line_read(engine, text + at, ret_revoked->keys[ret_revoked->count]))
            return err_set(err, CTPS_DAMAGED, "%s: line %zd is not one of ours", path,
                           at / LINE_LEN + 1);
        ret_revoked->count++;
    }
    return CTPS_OK;
}

/* --- at start: keys whose line could not be written when they were revoked --- */

struct missing {
    struct engine *engine;
    struct arena arena;
    struct engine_revoked known;
    uint8_t keys[MISSING_MAX][ENGINE_KEY_LEN];
    size_t count;
};

static bool is_known(const struct missing *missing, const uint8_t *public_key)
{
    for (size_t i = 0; i < missing->known.count; i++)
        if (memcmp(missing->known.keys[i], public_key, ENGINE_KEY_LEN) == 0)
            return true;
    return false;
}

static bool missing_collect(void *arg, struct bytes at, struct bytes value)
{
    struct missing *missing = arg;
    Ctps__Key *key = (Ctps__Key *)record_unpack(&missing->arena, &ctps__key__descriptor, value);

    if (key && key->has_revoked_us && at.len == ENGINE_KEY_LEN && !is_known(missing, at.data))
        memcpy(missing->keys[missing->count++], at.data, ENGINE_KEY_LEN);
    return missing->count < MISSING_MAX;
}

static enum ctps_code missing_find(struct missing *missing, struct ctps_err *err)
{
    struct engine *engine = missing->engine;
    const struct tables *tables;
    enum ctps_code code = engine_revoked_read(engine, &missing->arena, &missing->known, err);

    if (code == CTPS_OK)
        code = view_begin(engine->view, false, err);
    if (code != CTPS_OK)
        return code;
    tables = view_tables(engine->view);
    code = tables->walk(tables->ctx, TABLE_KEY, bytes_of(NULL, 0), bytes_of(NULL, 0), false,
                        missing_collect, missing);
    view_abort(engine->view);
    return code;
}

enum ctps_code engine_revoked_settle(struct engine *engine, struct ctps_err *err)
{
    struct missing *missing = calloc(1, sizeof(*missing));
    enum ctps_code code;

    if (!missing)
        return err_set(err, CTPS_NOMEM, "revoked keys");
    missing->engine = engine;
    arena_init(&missing->arena, 4 * (size_t)FILE_MAX);
    code = missing_find(missing, err);
    if (code == CTPS_OK && missing->arena.starved)
        code = err_set(err, CTPS_NOMEM, "no memory to read the revoked keys");
    for (size_t i = 0; code == CTPS_OK && i < missing->count; i++)
        code = engine_revoked_append(engine, missing->keys[i], err);
    arena_done(&missing->arena);
    free(missing);
    return code;
}

/* Taking a backup's journal for this store's: a new incarnation, nothing erased comes back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/engine_private.h"

enum { ASIDE_MAX = 1000, ERASED_MAX = 100000 };

/* The present journal is renamed, never removed: a restore may be a mistake. */
static enum ctps_code journal_set_aside(struct engine *engine, struct ctps_err *err)
{
    char from[PATH_MAX];
    char to[PATH_MAX];
    char name[64];
    enum ctps_code code = engine_path(engine, "journal", from, err);
    int rc = -EEXIST;

    for (unsigned i = 1; code == CTPS_OK && i <= ASIDE_MAX && rc != 0; i++) {
        int fd;

        snprintf(name, sizeof(name), "journal.aside-%u", i);
        code = engine_path(engine, name, to, err);
        fd = engine->sys->open(engine->sys->ctx, to, 0, 0);
        if (fd >= 0) {
            engine->sys->close(engine->sys->ctx, fd);
            continue;
        }
        rc = engine->sys->rename(engine->sys->ctx, from, to);
        if (rc == -ENOENT)
            return CTPS_OK; /* there was none */
    }
    if (code == CTPS_OK && rc != 0)
        code = err_set_errno(err, -rc, "cannot set the present journal aside");
    return code;
}

static enum ctps_code journal_take(struct engine *engine, const char *backup_dir,
                                   struct ctps_err *err)
{
    char from[PATH_MAX];
    char to[PATH_MAX];
    struct journal_options options = {
        .dir = from,
        .sys = engine->sys,
        .key = engine->store_key,
        .log = engine->log,
        .segment_len = engine->options.segment_len,
        .read_only = true,
    };
    struct journal *backup = NULL;
    enum ctps_code code = engine_path(engine, "journal", to, err);

    if (code != CTPS_OK)
        return code;
    if (snprintf(from, sizeof(from), "%s/journal", backup_dir) >= (int)sizeof(from))
        return err_set(err, CTPS_INVALID, "path too long: %s", backup_dir);
    code = journal_open(&backup, &options, err);
    if (code == CTPS_OK)
        code = journal_set_aside(engine, err);
    if (code == CTPS_OK)
        code = journal_copy(backup, to, err);
    journal_close(&backup);
    return code;
}

static enum ctps_code frame_verify(void *arg, const struct journal_frame *frame)
{
    (void)arg;
    (void)frame;
    return CTPS_OK;
}

/* The whole backup is read before anything is touched. */
static enum ctps_code backup_verify(struct engine *engine, const char *backup_dir,
                                    struct ctps_err *err)
{
    char from[PATH_MAX];
    struct journal_options options = {
        .dir = from,
        .sys = engine->sys,
        .key = engine->store_key,
        .log = engine->log,
        .segment_len = engine->options.segment_len,
        .read_only = true,
    };
    struct journal *backup = NULL;
    struct journal_figures figures;
    enum ctps_code code;

    if (snprintf(from, sizeof(from), "%s/journal", backup_dir) >= (int)sizeof(from))
        return err_set(err, CTPS_INVALID, "path too long: %s", backup_dir);
    code = journal_open(&backup, &options, err);
    if (code == CTPS_OK) {
        journal_figures_get(backup, &figures);
        /* A copy ends with a whole batch: nothing was being written when it was made. */
        code = figures.torn_len ? err_set(err, CTPS_DAMAGED,
                                          "backup: the last batch of its journal is damaged")
                                : journal_scan(backup, 1, frame_verify, NULL, err);
    }
    journal_close(&backup);
    return code;
}

struct erased {
    uint64_t *subjects;
    uint64_t *slots;
    size_t subject_count;
    size_t slot_count;
};

static enum ctps_code erased_collect(void *arg, const struct ledger_record *record)
{
    struct erased *erased = arg;

    if (erased->slot_count == ERASED_MAX)
        return CTPS_LIMIT;
    erased->slots[erased->slot_count++] = record->slot;
    if (erased->subject_count == 0 ||
        erased->subjects[erased->subject_count - 1] != record->subject)
        erased->subjects[erased->subject_count++] = record->subject;
    return CTPS_OK;
}

static enum ctps_code erased_read(struct engine *engine, struct erased *erased,
                                  struct ctps_err *err)
{
    erased->subjects = arena_alloc(&engine->arena, ERASED_MAX * sizeof(uint64_t));
    erased->slots = arena_alloc(&engine->arena, ERASED_MAX * sizeof(uint64_t));
    if (!erased->subjects || !erased->slots)
        return err_set(err, CTPS_NOMEM, "erasure ledger");
    return ledger_each(engine->ledger, erased_collect, erased, err);
}

/* --- what the backup holds under another owner than the one it was erased with --- */

struct unreadable {
    struct erased *erased;
    struct arena arena;
    bool full;
    bool starved;
};

static int slot_compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

static bool unreadable_note(struct unreadable *unreadable, uint64_t id, uint64_t slot)
{
    struct erased *erased = unreadable->erased;

    if (!slot || !bsearch(&slot, erased->slots, erased->slot_count, sizeof(slot), slot_compare))
        return true;
    for (size_t i = 0; i < erased->subject_count; i++)
        if (erased->subjects[i] == id)
            return true;
    unreadable->full = erased->subject_count == ERASED_MAX;
    if (!unreadable->full)
        erased->subjects[erased->subject_count++] = id;
    return !unreadable->full;
}

static bool situation_look(void *arg, struct bytes key, struct bytes value)
{
    struct unreadable *unreadable = arg;
    const Ctps__SituationRecord *row = (const Ctps__SituationRecord *)record_unpack(
        &unreadable->arena, &ctps__situation_record__descriptor, value);
    uint64_t slot = row && !row->erased ? row->opened->slot : 0;

    unreadable->starved |= unreadable->arena.starved;
    arena_reset(&unreadable->arena);
    return unreadable_note(unreadable, be64_get(key.data), slot);
}

static bool saisine_look(void *arg, struct bytes key, struct bytes value)
{
    struct unreadable *unreadable = arg;
    const Ctps__SaisineRecord *row = (const Ctps__SaisineRecord *)record_unpack(
        &unreadable->arena, &ctps__saisine_record__descriptor, value);
    uint64_t slot = row && !row->erased ? row->received->slot : 0;

    unreadable->starved |= unreadable->arena.starved;
    arena_reset(&unreadable->arena);
    return unreadable_note(unreadable, be64_get(key.data), slot);
}

/* A situation merged and a saisine attached after the backup ended with another one: the ledger
 * names that one. In the backup they stand alone, their keys gone; they are marked as well
 * rather than found unreadable. So is a situation sealed again since (docs/adr/0018). */
static enum ctps_code unreadable_find(struct engine *engine, struct erased *erased,
                                      struct ctps_err *err)
{
    struct unreadable unreadable = {.erased = erased};
    const struct tables *tables;
    enum ctps_code code = view_begin(engine->view, false, err);

    if (code != CTPS_OK)
        return code;
    qsort(erased->slots, erased->slot_count, sizeof(erased->slots[0]), slot_compare);
    arena_init(&unreadable.arena, ENGINE_REPLAY_ARENA);
    tables = view_tables(engine->view);
    tables->walk(tables->ctx, TABLE_SITUATION, bytes_of(NULL, 0), bytes_of(NULL, 0), false,
                 situation_look, &unreadable);
    tables->walk(tables->ctx, TABLE_SAISINE, bytes_of(NULL, 0), bytes_of(NULL, 0), false,
                 saisine_look, &unreadable);
    arena_done(&unreadable.arena);
    code = view_error(engine->view, err);
    view_abort(engine->view);
    if (code == CTPS_OK && unreadable.starved)
        return err_set(err, CTPS_NOMEM, "no memory to read what the backup holds");
    return code == CTPS_OK && unreadable.full ? err_set(err, CTPS_LIMIT, "erasure ledger")
                                              : code;
}

static enum ctps_code restored_entry(struct engine *engine, const struct erased *erased,
                                     const uint8_t incarnation[JOURNAL_INCARNATION_LEN],
                                     struct ctps_err *err)
{
    struct engine_revoked revoked;
    Ctps__Entry entry = CTPS__ENTRY__INIT;
    Ctps__Event event = CTPS__EVENT__INIT;
    Ctps__Event *events[] = {&event};
    Ctps__StoreRestored restored = CTPS__STORE_RESTORED__INIT;
    Ctps__Principal system = CTPS__PRINCIPAL__INIT;
    struct bytes packed;
    struct journal_place place;
    uint64_t seq;
    enum ctps_code code = engine_revoked_read(engine, &engine->arena, &revoked, err);

    if (code != CTPS_OK)
        return code;
    restored.has_incarnation = 1;
    record_bytes_set(&restored.incarnation, bytes_of(incarnation, JOURNAL_INCARNATION_LEN));
    SET(&restored, burnt_to_slot, keyring_slot_count(engine->keyring));
    restored.n_erased = erased->subject_count;
    restored.erased = erased->subjects;
    restored.n_revoked_keys = revoked.count;
    restored.revoked_keys =
        arena_alloc(&engine->arena, (revoked.count + 1) * sizeof(ProtobufCBinaryData));
    if (!restored.revoked_keys)
        return err_set(err, CTPS_NOMEM, "no memory for the revoked keys");
    for (size_t i = 0; i < revoked.count; i++)
        record_bytes_set(&restored.revoked_keys[i], bytes_of(revoked.keys[i], ENGINE_KEY_LEN));
    event.body_case = CTPS__EVENT__BODY_STORE_RESTORED;
    event.store_restored = &restored;
    SET(&entry, kind, CTPS__ENTRY_KIND__ENTRY_SYSTEM);
    SET(&entry, time_us, engine_entry_time(engine));
    SET(&system, kind, CTPS__PRINCIPAL_KIND__PRINCIPAL_SYSTEM);
    entry.principal = &system;
    entry.n_events = 1;
    entry.events = events;
    code = wire_pack(&engine->arena, &entry.base, &packed);
    if (code == CTPS_OK)
        code = journal_batch_add(engine->journal, packed, &seq, &place, err);
    return code == CTPS_OK ? journal_batch_flush(engine->journal, err) : code;
}

/* Keys a restored keyring still holds of the erased are destroyed before anything is served. */
static enum ctps_code keyring_settle(struct engine *engine, const struct erased *erased,
                                     struct ctps_err *err)
{
    struct keyring_mark mark;
    enum ctps_code code;

    engine_mark(engine, &mark);
    code = keyring_destroy(engine->keyring, erased->slots, erased->slot_count, &mark, err);
    /* A block beyond the burnt slots, and a mark in the new incarnation. */
    return code == CTPS_OK ? keyring_extend(engine->keyring, &mark, err) : code;
}

static enum ctps_code restore_finish(struct engine *engine, struct engine_report *report,
                                     struct ctps_err *err)
{
    uint8_t incarnation[JOURNAL_INCARNATION_LEN];
    struct erased erased = {0};
    enum ctps_code code = erased_read(engine, &erased, err);

    if (code != CTPS_OK)
        return code;
    sys_random(engine->sys, incarnation, sizeof(incarnation));
    journal_incarnation_set(engine->journal, incarnation);
    code = engine_store_views_make(engine, "views", report, err);
    if (code == CTPS_OK && erased.slot_count)
        code = unreadable_find(engine, &erased, err);
    if (code == CTPS_OK)
        code = restored_entry(engine, &erased, incarnation, err);
    if (code == CTPS_OK)
        code = keyring_settle(engine, &erased, err);
    if (code == CTPS_OK)
        code = engine_replay(engine, err);
    if (code == CTPS_OK)
        code = view_close(&engine->view, true, err);
    engine_store_head_report(engine, report);
    return code;
}

enum ctps_code engine_store_restore(const struct engine_options *options,
                                    const char *backup_dir, struct engine_report *ret_report,
                                    struct ctps_err *err)
{
    struct engine *engine = engine_new(options, err);
    enum ctps_code code;

    *ret_report = (struct engine_report){0};
    if (!engine)
        return CTPS_NOMEM;
    code = backup_verify(engine, backup_dir, err);
    if (code == CTPS_OK)
        code = journal_take(engine, backup_dir, err);
    if (code == CTPS_OK)
        code = engine_parts_open_restored(engine, err);
    if (code == CTPS_OK)
        code = restore_finish(engine, ret_report, err);
    engine_free(&engine);
    return code;
}

#include "journal/journal_private.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* One segment at a time: its frames are verified to the end, then its bytes are written. */
struct journal_copying {
    struct journal *journal; /* borrow */
    struct journal_options target;
    char *dir; /* own: target.dir */
    struct journal_walk walk;
    size_t count;      /* segments at the beginning: later ones are no part of the copy */
    int64_t used_len;  /* of the last of them */
    uint64_t next_seq; /* behind its last frame */
    size_t index;      /* segment under way */
    int from;          /* its file; -1 between two segments */
    int to;            /* its copy; -1 until it is verified */
    int64_t written;
    uint64_t total_len;
};

static enum ctps_code target_make(const struct journal_options *target, struct ctps_err *err)
{
    struct journal_segments present = {0};
    enum ctps_code code = journal_folder_make(target, err);
    size_t count;

    if (code == CTPS_OK)
        code = journal_segments_list(target, &present, err);
    if (code != CTPS_OK)
        return code;
    count = present.count;
    journal_segments_done(&present);
    if (count)
        return err_set(err, CTPS_EXISTS, "journal: %s already holds one", target->dir);
    return CTPS_OK;
}

enum ctps_code journal_copy_begin(struct journal_copying **ret_copying, struct journal *journal,
                                  const char *dir, struct ctps_err *err)
{
    struct journal_copying *copying;
    enum ctps_code code = journal_usable(journal, err);

    if (code != CTPS_OK)
        return code;
    copying = calloc(1, sizeof(*copying));
    if (!copying)
        return err_set(err, CTPS_NOMEM, "journal: no memory to copy it");
    copying->journal = journal;
    copying->target = journal->options;
    copying->target.dir = copying->dir = strdup(dir);
    copying->count = journal->segments.count;
    copying->used_len = journal->used_len;
    copying->next_seq = journal->head.next_seq;
    copying->from = copying->to = -1;
    journal_walk_init(&copying->walk, &journal->options);
    journal_chain_start(&copying->walk.chain, journal->segments.first[0]);
    code = copying->dir ? target_make(&copying->target, err)
                        : err_set(err, CTPS_NOMEM, "journal: no memory to copy it");
    if (code == CTPS_OK)
        *ret_copying = copying;
    else
        journal_copy_end(&copying);
    return code;
}

static void file_close(const struct journal_copying *copying, int *fd)
{
    const struct sys *sys = copying->target.sys;

    if (*fd >= 0)
        sys->close(sys->ctx, *fd);
    *fd = -1;
}

static enum ctps_code failed(const struct journal_copying *copying, int rc,
                             struct ctps_err *err)
{
    return err_set_errno(err, -rc, "journal: copying to %s", copying->target.dir);
}

static bool is_last(const struct journal_copying *copying)
{
    return copying->index + 1 == copying->count;
}

static enum ctps_code segment_begin(struct journal_copying *copying, struct ctps_err *err)
{
    const struct journal *journal = copying->journal;
    uint64_t first = journal->segments.first[copying->index];
    enum ctps_code code =
        journal_segment_open(&journal->options, first, O_RDONLY, &copying->from, err);

    if (code != CTPS_OK)
        return code;
    return journal_walk_begin(&copying->walk, first, copying->from,
                              is_last(copying) ? copying->used_len : -1, err);
}

/* Its frames are all verified: only now is there a file of its name in the copy. The copy's
 * segments are only as long as their frames: an open for writing makes the last one whole. */
static enum ctps_code segment_verified(struct journal_copying *copying, struct ctps_err *err)
{
    const struct sys *sys = copying->target.sys;
    const struct journal *journal = copying->journal;
    char path[PATH_MAX];
    enum ctps_code code =
        is_last(copying)
            ? journal_walk_ended_at(&copying->walk, copying->used_len, copying->next_seq, err)
            : journal_walk_closed(&copying->walk, journal->segments.first[copying->index + 1],
                                  err);

    if (code == CTPS_OK)
        code = journal_segment_path(&copying->target, copying->walk.segment, path, err);
    if (code != CTPS_OK)
        return code;
    copying->written = 0;
    copying->to = sys->open(sys->ctx, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return copying->to < 0 ? failed(copying, copying->to, err) : CTPS_OK;
}

static enum ctps_code frames_verify(struct journal_copying *copying, struct ctps_err *err)
{
    int64_t end = copying->walk.offset + JOURNAL_COPY_STEP;
    struct journal_frame frame;
    enum ctps_code code = CTPS_OK;

    while (code == CTPS_OK && copying->walk.offset < end)
        code = journal_walk_next(&copying->walk, &frame, err);
    return code == CTPS_ABSENT ? segment_verified(copying, err) : code;
}

static enum ctps_code bytes_write(struct journal_copying *copying, struct ctps_err *err)
{
    const struct sys *sys = copying->target.sys;
    int64_t end = copying->written + JOURNAL_COPY_STEP;
    int rc;

    if (end > copying->walk.offset)
        end = copying->walk.offset;
    rc = journal_walk_copy(&copying->walk, copying->to, copying->written, end);
    if (rc == 0)
        rc = end == copying->walk.offset ? sys->fsync(sys->ctx, copying->to)
                                         : sys->fdatasync(sys->ctx, copying->to);
    copying->written = end;
    if (rc < 0)
        return failed(copying, rc, err);
    if (end < copying->walk.offset)
        return CTPS_OK;
    copying->total_len += (uint64_t)end;
    file_close(copying, &copying->to);
    file_close(copying, &copying->from);
    copying->index++;
    if (copying->index < copying->count)
        return CTPS_OK;
    rc = sys->sync_dir(sys->ctx, copying->target.dir);
    return rc < 0 ? failed(copying, rc, err) : CTPS_OK;
}

enum ctps_code journal_copy_step(struct journal_copying *copying, bool *ret_more,
                                 struct ctps_err *err)
{
    enum ctps_code code;

    if (copying->to >= 0)
        code = bytes_write(copying, err);
    else if (copying->from >= 0)
        code = frames_verify(copying, err);
    else
        code = segment_begin(copying, err);
    if (code == CTPS_OK)
        *ret_more = copying->index < copying->count;
    return code;
}

void journal_copy_figures(const struct journal_copying *copying, uint64_t *ret_seq,
                          uint64_t *ret_len)
{
    *ret_seq = copying->next_seq - 1;
    *ret_len = copying->total_len;
}

void journal_copy_end(struct journal_copying **copying)
{
    if (!*copying)
        return;
    file_close(*copying, &(*copying)->to);
    file_close(*copying, &(*copying)->from);
    journal_walk_done(&(*copying)->walk);
    free((*copying)->dir);
    free(*copying);
    *copying = NULL;
}

enum ctps_code journal_copy(struct journal *journal, const char *dir, struct ctps_err *err)
{
    struct journal_copying *copying = NULL;
    enum ctps_code code = journal_copy_begin(&copying, journal, dir, err);
    bool more = true;

    while (copying && code == CTPS_OK && more)
        code = journal_copy_step(copying, &more, err);
    journal_copy_end(&copying);
    return code;
}

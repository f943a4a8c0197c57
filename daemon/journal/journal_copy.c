#include "journal/journal_private.h"

#include <fcntl.h>

/* Writes the frames just verified. The copy's segments are only as long as their frames: an
 * open for writing makes the last one whole again. */
static enum ctps_code segment_write(struct journal_walk *walk,
                                    const struct journal_options *target, struct ctps_err *err)
{
    const struct sys *sys = target->sys;
    char path[PATH_MAX];
    enum ctps_code code = journal_segment_path(target, walk->segment, path, err);
    int fd;
    int rc;

    if (code != CTPS_OK)
        return code;
    fd = sys->open(sys->ctx, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set_errno(err, -fd, "journal: %s", path);
    rc = journal_walk_copy(walk, fd);
    if (rc == 0)
        rc = sys->fsync(sys->ctx, fd);
    sys->close(sys->ctx, fd);
    return rc < 0 ? err_set_errno(err, -rc, "journal: %s", path) : CTPS_OK;
}

static enum ctps_code segment_copy(struct journal *journal, struct journal_walk *walk,
                                   size_t index, const struct journal_options *target,
                                   struct ctps_err *err)
{
    const struct sys *sys = journal->options.sys;
    uint64_t first = journal->segments.first[index];
    bool active = index + 1 == journal->segments.count;
    enum ctps_code code;
    int fd;

    code = journal_segment_open(&journal->options, first, O_RDONLY, &fd, err);
    if (code != CTPS_OK)
        return code;
    code = journal_walk_begin(walk, first, fd, active ? journal->used_len : -1, err);
    if (code == CTPS_OK)
        code = journal_walk_rest(walk, err);
    if (code == CTPS_OK)
        code = journal_walk_ended(walk, journal, index, err);
    if (code == CTPS_OK)
        code = segment_write(walk, target, err);
    sys->close(sys->ctx, fd);
    return code;
}

static enum ctps_code segments_copy(struct journal *journal,
                                    const struct journal_options *target, struct ctps_err *err)
{
    struct journal_walk walk;
    enum ctps_code code = CTPS_OK;

    journal_walk_init(&walk, &journal->options);
    journal_chain_start(&walk.chain, journal->segments.first[0]);
    for (size_t i = 0; i < journal->segments.count && code == CTPS_OK; i++)
        code = segment_copy(journal, &walk, i, target, err);
    journal_walk_done(&walk);
    return code;
}

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

enum ctps_code journal_copy(struct journal *journal, const char *dir, struct ctps_err *err)
{
    struct journal_options target = journal->options;
    const struct sys *sys = target.sys;
    enum ctps_code code = journal_usable(journal, err);
    int rc;

    target.dir = dir;
    if (code == CTPS_OK)
        code = target_make(&target, err);
    if (code == CTPS_OK)
        code = segments_copy(journal, &target, err);
    if (code != CTPS_OK)
        return code;
    rc = sys->sync_dir(sys->ctx, dir);
    return rc < 0 ? err_set_errno(err, -rc, "journal: %s", dir) : CTPS_OK;
}

#include "journal/journal_private.h"

#include <fcntl.h>
#include <stdlib.h>

static enum ctps_code options_read(struct journal_options *ret_options,
                                   const struct journal_options *given, struct ctps_err *err)
{
    *ret_options = *given;
    if (ret_options->segment_len == 0)
        ret_options->segment_len = JOURNAL_SEGMENT_LEN;
    if (ret_options->segment_len < SEGMENT_LEN_MIN ||
        ret_options->segment_len > SEGMENT_LEN_MAX ||
        ret_options->segment_len % JOURNAL_FRAME_ALIGN != 0)
        return err_set(err, CTPS_INVALID, "journal: segments of %zu bytes are not possible",
                       ret_options->segment_len);
    return CTPS_OK;
}

/* The genesis frame (seq 0, empty body) stands in the first segment from its first flush on: it
 * carries the incarnation and shows later that a key is the right one. */
static enum ctps_code first_segment_make(const struct journal_options *options,
                                         const uint8_t *incarnation, struct ctps_err *err)
{
    uint8_t frame[FRAME_MIN_LEN];
    struct journal_header header = {0};
    struct journal_chain chain = {0};
    enum ctps_code code;
    int fd;

    memcpy(header.incarnation, incarnation, JOURNAL_INCARNATION_LEN);
    journal_frame_write(frame, options->key, options->sys, &header, bytes_of(NULL, 0), &chain);
    code = journal_segment_make(options, bytes_of(frame, sizeof(frame)), &fd, err);
    if (code != CTPS_OK)
        return code;
    options->sys->close(options->sys->ctx, fd);
    return journal_segment_name(options, SEGMENT_FIRST, err);
}

enum ctps_code journal_create(const struct journal_options *given,
                              const uint8_t incarnation[JOURNAL_INCARNATION_LEN],
                              struct ctps_err *err)
{
    struct journal_options options;
    struct journal_segments segments = {0};
    size_t count;
    enum ctps_code code = options_read(&options, given, err);

    if (code == CTPS_OK)
        code = journal_folder_make(&options, err);
    if (code == CTPS_OK)
        code = journal_segments_list(&options, &segments, err);
    if (code != CTPS_OK)
        return code;
    count = segments.count;
    journal_segments_done(&segments);
    if (count)
        return err_set(err, CTPS_EXISTS, "journal: %s already holds one", options.dir);
    return first_segment_make(&options, incarnation, err);
}

/* The chain at the end of the segment before the active one, which must lead to it. */
static enum ctps_code walk_previous(struct journal *journal, struct journal_walk *walk,
                                    struct ctps_err *err)
{
    const struct sys *sys = journal->options.sys;
    uint64_t previous = journal->segments.first[journal->segments.count - 2];
    enum ctps_code code;
    int fd;

    code = journal_segment_open(&journal->options, previous, O_RDONLY, &fd, err);
    if (code != CTPS_OK)
        return code;
    journal_chain_start(&walk->chain, previous);
    code = journal_walk_begin(walk, previous, fd, -1, err);
    if (code == CTPS_OK)
        code = journal_walk_rest(walk, err);
    if (code == CTPS_OK)
        code = journal_walk_closed(walk, journal_active(journal), err);
    sys->close(sys->ctx, fd);
    return code;
}

/* Walks the active segment. When not one frame of it is good (an empty one, or its first batch
 * is torn), the chain comes from the segment before. That also keeps a journal opened with the
 * wrong key from looking torn: some frame must have opened before anything is cut. */
static enum ctps_code walk_active(struct journal *journal, struct journal_walk *walk,
                                  struct ctps_err *err)
{
    uint64_t active = journal_active(journal);
    enum ctps_code code;

    journal_chain_start(&walk->chain, active);
    code = journal_walk_begin(walk, active, journal->fd, -1, err);
    if (code == CTPS_OK)
        code = journal_walk_rest(walk, err);
    if (code != CTPS_OK || walk->offset > 0)
        return code;
    if (journal->segments.count == 1)
        return journal_walk_damaged(walk, err, "not a frame sealed under this key");
    code = walk_previous(journal, walk, err);
    if (code == CTPS_OK)
        code = journal_walk_begin(walk, active, journal->fd, -1, err);
    return code;
}

/* Makes durable what was read, and zeros what follows. The zeros go as far as one batch could
 * have reached, even where zeros are seen already: those may be in the page cache only, put
 * there by a start that failed in its flush. The folder is flushed for the same reason. */
static enum ctps_code make_durable(struct journal_walk *walk, struct ctps_err *err)
{
    const struct sys *sys = walk->options->sys;
    int64_t used = walk->offset;
    int64_t end = used + JOURNAL_BATCH_MAX;
    int rc = journal_walk_copy(walk, walk->fd, 0, used);

    if (end > walk->file_len)
        end = walk->file_len;
    if (walk->file_len < (int64_t)walk->options->segment_len)
        end = (int64_t)walk->options->segment_len;
    if (rc == 0)
        rc = journal_zero(sys, walk->fd, used, end);
    if (rc == 0)
        rc = sys->fsync(sys->ctx, walk->fd);
    if (rc == 0)
        rc = sys->sync_dir(sys->ctx, walk->options->dir);
    return rc < 0 ? err_set_errno(err, -rc, "journal: segment %016llx: rewriting",
                                  (unsigned long long)walk->segment)
                  : CTPS_OK;
}

static enum ctps_code recover(struct journal *journal, struct journal_walk *walk,
                              struct ctps_err *err)
{
    struct journal_tail tail;
    enum ctps_code code = walk_active(journal, walk, err);

    if (code == CTPS_OK)
        code = journal_walk_tail(walk, &tail, err);
    if (code != CTPS_OK)
        return code;
    if (tail.later)
        return journal_walk_damaged(walk, err,
                                    "a bad frame, with a good one of a later batch behind");
    if (tail.dirty_end) {
        journal->figures.torn_len = (uint64_t)(tail.dirty_end - walk->offset);
        log_warning(journal->options.log, "journal: a torn tail of %llu bytes at entry %llu",
                    (unsigned long long)journal->figures.torn_len,
                    (unsigned long long)walk->chain.next_seq);
    }
    journal->used_len = walk->offset;
    journal->head = walk->chain;
    journal->queued = walk->chain;
    memcpy(journal->incarnation, walk->chain.incarnation, JOURNAL_INCARNATION_LEN);
    return journal->options.read_only ? CTPS_OK : make_durable(walk, err);
}

static enum ctps_code closed_measure(struct journal *journal, struct ctps_err *err)
{
    const struct sys *sys = journal->options.sys;

    for (size_t i = 0; i + 1 < journal->segments.count; i++) {
        uint64_t first = journal->segments.first[i];
        int64_t len;
        int fd;
        enum ctps_code code =
            journal_segment_open(&journal->options, first, O_RDONLY, &fd, err);

        if (code != CTPS_OK)
            return code;
        len = sys->size(sys->ctx, fd);
        sys->close(sys->ctx, fd);
        if (len < 0)
            return err_set_errno(err, (int)-len, "journal: segment %016llx",
                                 (unsigned long long)first);
        journal->closed_len += len;
    }
    return CTPS_OK;
}

static enum ctps_code open_files(struct journal *journal, struct ctps_err *err)
{
    struct journal_walk walk;
    enum ctps_code code = journal_segments_list(&journal->options, &journal->segments, err);

    if (code != CTPS_OK)
        return code;
    if (journal->segments.count == 0)
        return err_set(err, CTPS_ABSENT, "journal: none in %s", journal->options.dir);
    code = closed_measure(journal, err);
    if (code == CTPS_OK)
        code = journal_segment_open(&journal->options, journal_active(journal),
                                    journal->options.read_only ? O_RDONLY : O_RDWR,
                                    &journal->fd, err);
    if (code != CTPS_OK)
        return code;
    journal_walk_init(&walk, &journal->options);
    code = recover(journal, &walk, err);
    journal_walk_done(&walk);
    return code;
}

enum ctps_code journal_open(struct journal **ret_journal, const struct journal_options *given,
                            struct ctps_err *err)
{
    struct journal_options options;
    struct journal *journal;
    enum ctps_code code = options_read(&options, given, err);

    if (code != CTPS_OK)
        return code;
    journal = calloc(1, sizeof(*journal));
    if (journal)
        journal->dir = strdup(given->dir);
    if (!journal || !journal->dir) {
        free(journal);
        return err_set(err, CTPS_NOMEM, "journal: no memory");
    }
    journal->options = options;
    journal->options.dir = journal->dir;
    journal->fd = journal->next_fd = -1;
    buf_init(&journal->batch);
    seal_rng_init(&journal->rng, options.sys);
    code = open_files(journal, err);
    if (code != CTPS_OK)
        journal_close(&journal);
    else
        *ret_journal = journal;
    return code;
}

static void fd_close(const struct sys *sys, int fd)
{
    if (fd >= 0)
        sys->close(sys->ctx, fd);
}

void journal_close(struct journal **journal)
{
    struct journal *self = *journal;

    if (!self)
        return;
    fd_close(self->options.sys, self->fd);
    fd_close(self->options.sys, self->next_fd);
    journal_segments_done(&self->segments);
    buf_done(&self->batch);
    seal_rng_done(&self->rng);
    free(self->dir);
    free(self);
    *journal = NULL;
}

static void head_of(const struct journal_chain *chain, struct journal_head *ret_head)
{
    *ret_head = (struct journal_head){.seq = chain->next_seq - 1, .batch = chain->batch};
    memcpy(ret_head->incarnation, chain->incarnation, JOURNAL_INCARNATION_LEN);
    if (ret_head->seq)
        memcpy(ret_head->hash, chain->hash, SEAL_HASH_LEN);
}

void journal_head_get(const struct journal *journal, struct journal_head *ret_head)
{
    head_of(&journal->head, ret_head);
}

void journal_batch_head(const struct journal *journal, struct journal_head *ret_head)
{
    head_of(&journal->queued, ret_head);
}

void journal_figures_get(const struct journal *journal, struct journal_figures *ret_figures)
{
    *ret_figures = journal->figures;
    ret_figures->segment_count = journal->segments.count;
    ret_figures->used_len = (uint64_t)(journal->closed_len + journal->used_len);
}

enum ctps_code journal_usable(const struct journal *journal, struct ctps_err *err)
{
    if (journal->failed)
        return err_set(err, CTPS_CLOSED, "journal: an earlier write or flush failed");
    return CTPS_OK;
}

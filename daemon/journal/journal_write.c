#include "journal/journal_private.h"

#include <fcntl.h>

/* A batch is not begun where less than this share of the segment is left, so that few of them
 * pass its end. */
enum { RESERVE_SHARE = 64 };

void journal_incarnation_set(struct journal *journal,
                             const uint8_t incarnation[JOURNAL_INCARNATION_LEN])
{
    memcpy(journal->incarnation, incarnation, JOURNAL_INCARNATION_LEN);
}

uint64_t journal_next_seq(const struct journal *journal)
{
    return journal->queued.next_seq;
}

/* Chosen when a batch begins, because places are given out before its length is known: a batch
 * that grows past the prepared end makes the file longer rather than move. */
static struct journal_place batch_place(const struct journal *journal, size_t frame_len)
{
    int64_t room = (int64_t)journal->options.segment_len - journal->used_len;
    int64_t need = (int64_t)journal->options.segment_len / RESERVE_SHARE;

    if ((int64_t)frame_len > need)
        need = (int64_t)frame_len;
    /* A segment that holds no entry yet is never left: the next would have its name. */
    if (journal->queued.next_seq > journal_active(journal) && room < need)
        return (struct journal_place){.segment = journal->queued.next_seq};
    return (struct journal_place){.segment = journal_active(journal),
                                  .offset = (uint32_t)journal->used_len};
}

static void frame_add(struct journal *journal, uint8_t *room, struct bytes body)
{
    struct journal_chain *queued = &journal->queued;
    bool first = queued->batch == journal->head.batch;
    struct journal_header header = {
        .seq = queued->next_seq,
        .batch = journal->head.batch + 1,
        .index = first ? 0 : queued->next_index,
    };

    memcpy(header.incarnation, first ? journal->incarnation : queued->incarnation,
           JOURNAL_INCARNATION_LEN);
    journal_frame_write(room, journal->options.key, seal_rng_sys(&journal->rng), &header, body,
                        queued);
}

enum ctps_code journal_batch_add(struct journal *journal, struct bytes body, uint64_t *ret_seq,
                                 struct journal_place *ret_place, struct ctps_err *err)
{
    size_t frame_len = journal_frame_len(body.len + SEAL_OVERHEAD);
    size_t before = journal->batch.len;
    uint64_t seq = journal->queued.next_seq;
    enum ctps_code code = journal_usable(journal, err);
    uint8_t *room;

    if (code != CTPS_OK)
        return code;
    if (journal->options.read_only)
        return err_set(err, CTPS_REFUSED, "journal: opened to be read only");
    if (body.len > JOURNAL_BODY_MAX)
        return err_set(err, CTPS_LIMIT, "journal: an entry of %zu bytes, more than %d",
                       body.len, JOURNAL_BODY_MAX);
    if (frame_len > JOURNAL_BATCH_MAX - before)
        return err_set(err, CTPS_LIMIT, "journal: the batch would be longer than %d bytes",
                       JOURNAL_BATCH_MAX);
    room = buf_extend(&journal->batch, frame_len);
    if (!room) {
        journal->batch.failed = false; /* what it holds is still whole */
        return err_set(err, CTPS_NOMEM, "journal: no memory for the batch");
    }
    if (before == 0) {
        journal->batch_place = batch_place(journal, frame_len);
        seal_rng_reseed(&journal->rng);
    }
    frame_add(journal, room, body);
    *ret_seq = seq;
    *ret_place = journal->batch_place;
    ret_place->offset += (uint32_t)before;
    return CTPS_OK;
}

void journal_batch_drop(struct journal *journal)
{
    journal->batch.len = 0; /* sealed bytes: nothing to wipe */
    journal->queued = journal->head;
}

static enum ctps_code next_ready(struct journal *journal, struct ctps_err *err)
{
    if (journal->next_fd >= 0)
        return CTPS_OK;
    return journal_segment_make(&journal->options, bytes_of(NULL, 0), &journal->next_fd, err);
}

enum ctps_code journal_prepare(struct journal *journal, struct ctps_err *err)
{
    enum ctps_code code = journal_usable(journal, err);

    if (code != CTPS_OK)
        return code;
    if (journal->options.read_only ||
        journal->used_len < (int64_t)journal->options.segment_len / 2)
        return CTPS_OK;
    return next_ready(journal, err);
}

/* Everything in the active segment is flushed, so from its naming on the new one is active. */
static enum ctps_code advance(struct journal *journal, uint64_t first, struct ctps_err *err)
{
    const struct sys *sys = journal->options.sys;
    enum ctps_code code = next_ready(journal, err);
    int64_t len;

    if (code == CTPS_OK)
        code = journal_segment_name(&journal->options, first, err);
    if (code == CTPS_OK)
        code = journal_segments_add(&journal->segments, first, err);
    if (code != CTPS_OK)
        return code;
    len = sys->size(sys->ctx, journal->fd);
    if (len > 0)
        journal->closed_len += len;
    sys->close(sys->ctx, journal->fd);
    journal->fd = journal->next_fd;
    journal->next_fd = -1;
    journal->used_len = 0;
    return CTPS_OK;
}

static enum ctps_code batch_write(struct journal *journal, struct ctps_err *err)
{
    const struct sys *sys = journal->options.sys;
    enum ctps_code code = CTPS_OK;
    int rc;

    if (journal->batch_place.segment != journal_active(journal))
        code = advance(journal, journal->batch_place.segment, err);
    if (code != CTPS_OK)
        return code;
    rc = sys_write_all(sys, journal->fd, journal->batch.data, journal->batch.len,
                       journal->used_len);
    if (rc == 0)
        rc = sys->fdatasync(sys->ctx, journal->fd);
    return rc < 0 ? err_set_errno(err, -rc, "journal: segment %016llx: writing entry %llu",
                                  (unsigned long long)journal_active(journal),
                                  (unsigned long long)journal->head.next_seq)
                  : CTPS_OK;
}

enum ctps_code journal_batch_flush(struct journal *journal, struct ctps_err *err)
{
    struct journal_figures *figures = &journal->figures;
    enum ctps_code code = journal_usable(journal, err);
    int64_t start;

    if (code != CTPS_OK || journal->batch.len == 0)
        return code;
    start = sys_mono_us(journal->options.sys);
    code = batch_write(journal, err);
    if (code != CTPS_OK) {
        journal->failed = true;
        return code;
    }
    journal->used_len += (int64_t)journal->batch.len;
    journal->head = journal->queued;
    journal->batch.len = 0;
    figures->flush_count++;
    figures->flush_last_us = sys_mono_us(journal->options.sys) - start;
    if (figures->flush_last_us > figures->flush_worst_us)
        figures->flush_worst_us = figures->flush_last_us;
    return CTPS_OK;
}

#include "journal/journal_private.h"

#include <errno.h>

void journal_walk_init(struct journal_walk *walk, const struct journal_options *options)
{
    *walk = (struct journal_walk){.options = options, .fd = -1, .read_len = WALK_READ_FIRST};
    buf_init(&walk->window);
    buf_init(&walk->body);
}

void journal_walk_done(struct journal_walk *walk)
{
    buf_done(&walk->body);
    buf_done(&walk->window);
}

/* Room for `len` bytes in place of what was there, without wiping sealed bytes; NULL without
 * memory. */
static uint8_t *window_room(struct journal_walk *walk, size_t len)
{
    walk->window.len = 0;
    walk->window.failed = false;
    return buf_extend(&walk->window, len);
}

enum ctps_code journal_walk_begin(struct journal_walk *walk, uint64_t segment, int fd,
                                  int64_t len, struct ctps_err *err)
{
    const struct sys *sys = walk->options->sys;

    if (len < 0)
        len = sys->size(sys->ctx, fd);
    if (len < 0)
        return err_set_errno(err, (int)-len, "journal: segment %016llx",
                             (unsigned long long)segment);
    /* A batch begun in a segment stays in it, so it may end a little behind the length. */
    if (len > (int64_t)SEGMENT_LEN_MAX + JOURNAL_BATCH_MAX)
        return err_set(err, CTPS_DAMAGED, "journal: segment %016llx is too long",
                       (unsigned long long)segment);
    walk->segment = segment;
    walk->fd = fd;
    walk->file_len = len;
    walk->offset = 0;
    walk->window_offset = 0;
    walk->window.len = 0;
    return CTPS_OK;
}

/* Reads at `offset`, at least `need` bytes: the caller knows that they are there. */
static enum ctps_code window_fill(struct journal_walk *walk, int64_t offset, size_t need,
                                  struct ctps_err *err)
{
    int64_t left = walk->file_len - offset;
    size_t len = need > walk->read_len ? need : walk->read_len;
    uint8_t *room;
    int rc;

    if (left < (int64_t)len)
        len = (size_t)left;
    if (walk->read_len < WALK_READ_MAX)
        walk->read_len *= 2;
    room = window_room(walk, len);
    if (!room)
        return err_set(err, CTPS_NOMEM, "journal: no memory to read segments");
    rc = sys_read_all(walk->options->sys, walk->fd, room, len, offset);
    if (rc == 0) {
        walk->window_offset = offset;
        return CTPS_OK;
    }
    walk->window.len = 0;
    return err_set_errno(err, -rc, "journal: segment %016llx: reading",
                         (unsigned long long)walk->segment);
}

/* Bytes at `offset`; CTPS_ABSENT when the file ends before. Offsets only grow in a walk, so a
 * refill starts at what is asked. */
static enum ctps_code window_get(struct journal_walk *walk, int64_t offset, size_t len,
                                 const uint8_t **ret_data, struct ctps_err *err)
{
    int64_t left = walk->file_len - offset;
    enum ctps_code code = CTPS_OK;

    if (left < 0 || (uint64_t)left < len)
        return CTPS_ABSENT;
    if (offset < walk->window_offset ||
        offset + (int64_t)len > walk->window_offset + (int64_t)walk->window.len)
        code = window_fill(walk, offset, len, err);
    if (code == CTPS_OK)
        *ret_data = walk->window.data + (offset - walk->window_offset);
    return code;
}

static enum ctps_code unsupported(const struct journal_walk *walk, int64_t offset,
                                  struct ctps_err *err)
{
    return err_set(err, CTPS_UNSUPPORTED,
                   "journal: segment %016llx, offset %lld: written by a later version",
                   (unsigned long long)walk->segment, (long long)offset);
}

/* Header at `offset`, read and intact; CTPS_ABSENT when there is none. */
static enum ctps_code header_at(struct journal_walk *walk, int64_t offset,
                                struct journal_header *ret_header, struct ctps_err *err)
{
    const uint8_t *data;
    enum ctps_code code = window_get(walk, offset, JOURNAL_HEADER_LEN, &data, err);

    if (code != CTPS_OK)
        return code;
    code = journal_header_read(ret_header, data);
    if (code == CTPS_UNSUPPORTED)
        return unsupported(walk, offset, err);
    return code == CTPS_OK ? CTPS_OK : CTPS_ABSENT;
}

/* Whole frame of `header` at `offset`, its body opened into walk->body (left alone in a walk
 * along the chain only); CTPS_ABSENT when it is not all there or does not open. */
static enum ctps_code frame_at(struct journal_walk *walk, int64_t offset,
                               const struct journal_header *header, const uint8_t **ret_frame,
                               struct ctps_err *err)
{
    size_t body_len = header->sealed_len - SEAL_OVERHEAD;
    enum ctps_code code =
        window_get(walk, offset, journal_frame_len(header->sealed_len), ret_frame, err);
    uint8_t *body;

    if (code != CTPS_OK || walk->chain_only)
        return code;
    buf_reset(&walk->body);
    body = buf_extend(&walk->body, body_len ? body_len : 1);
    if (!body)
        return err_set(err, CTPS_NOMEM, "journal: no memory to open an entry");
    if (journal_frame_open(*ret_frame, header, walk->options->key, body) != CTPS_OK)
        return CTPS_ABSENT;
    return CTPS_OK;
}

/* The frame that continues the chain, at the walk's offset; CTPS_ABSENT when none does. The
 * checksum of the header is not looked at: seal and hash cover the header. */
static enum ctps_code continuing_frame(struct journal_walk *walk,
                                       struct journal_header *ret_header,
                                       const uint8_t **ret_frame, struct ctps_err *err)
{
    enum ctps_code code = window_get(walk, walk->offset, JOURNAL_HEADER_LEN, ret_frame, err);

    if (code != CTPS_OK)
        return code;
    if (!journal_header_parse(ret_header, *ret_frame) ||
        !journal_chain_continues(&walk->chain, ret_header))
        return CTPS_ABSENT;
    return frame_at(walk, walk->offset, ret_header, ret_frame, err);
}

enum ctps_code journal_walk_next(struct journal_walk *walk, struct journal_frame *ret_frame,
                                 struct ctps_err *err)
{
    struct journal_header header;
    const uint8_t *frame;
    enum ctps_code code = continuing_frame(walk, &header, &frame, err);

    if (code == CTPS_ABSENT) {
        code = header_at(walk, walk->offset, &header, err);
        return code == CTPS_OK ? CTPS_ABSENT : code;
    }
    if (code != CTPS_OK)
        return code;
    journal_chain_move(&walk->chain, &header, frame);
    ret_frame->seq = header.seq;
    ret_frame->batch = header.batch;
    memcpy(ret_frame->incarnation, header.incarnation, JOURNAL_INCARNATION_LEN);
    memcpy(ret_frame->hash, walk->chain.hash, SEAL_HASH_LEN);
    ret_frame->place =
        (struct journal_place){.segment = walk->segment, .offset = (uint32_t)walk->offset};
    ret_frame->body = walk->chain_only
                          ? bytes_of(NULL, 0)
                          : bytes_of(walk->body.data, header.sealed_len - SEAL_OVERHEAD);
    walk->offset += (int64_t)journal_frame_len(header.sealed_len);
    return CTPS_OK;
}

enum ctps_code journal_walk_rest(struct journal_walk *walk, struct ctps_err *err)
{
    struct journal_frame frame;
    enum ctps_code code;

    do
        code = journal_walk_next(walk, &frame, err);
    while (code == CTPS_OK);
    return code == CTPS_ABSENT ? CTPS_OK : code;
}

/* Whether a frame seen `distance` bytes behind a bad place proves that the batch of that place
 * was followed by another one, hence had been flushed.
 *
 * Its batch began at seq - index. When that is not after the missing seq, the missing frame is
 * of the same batch: torn. The same test makes harmless what a cut tail might have left: such
 * a frame's batch began no later than the cut, and the chain goes on from the cut, so it can
 * never begin after the seq that is missing now. Older frames (a page put back, or in another
 * place) have a seq at or below the missing one. Beyond that, there must be room for the
 * frames in between, and the caller opens the seal: a header alone proves nothing. */
static bool is_later(const struct journal_chain *chain, const struct journal_header *header,
                     int64_t distance)
{
    if (header->seq <= chain->next_seq || header->index > header->seq)
        return false;
    if (header->seq - chain->next_seq > (uint64_t)distance / FRAME_MIN_LEN)
        return false;
    return header->batch > chain->batch && header->seq - header->index > chain->next_seq;
}

static enum ctps_code look_for_later(struct journal_walk *walk, int64_t offset,
                                     struct journal_tail *tail, struct ctps_err *err)
{
    struct journal_header header;
    const uint8_t *frame;
    enum ctps_code code = header_at(walk, offset, &header, err);

    if (code == CTPS_OK && !is_later(&walk->chain, &header, offset - walk->offset))
        return CTPS_OK;
    if (code == CTPS_OK)
        code = frame_at(walk, offset, &header, &frame, err);
    if (code == CTPS_OK) {
        tail->later = offset;
        tail->later_seq = header.seq;
    }
    return code == CTPS_ABSENT ? CTPS_OK : code;
}

enum ctps_code journal_walk_tail(struct journal_walk *walk, struct journal_tail *ret_tail,
                                 struct ctps_err *err)
{
    struct journal_tail tail = {0};
    enum ctps_code code = CTPS_OK;

    for (int64_t at = walk->offset; at < walk->file_len && !tail.later && code == CTPS_OK;
         at += JOURNAL_FRAME_ALIGN) {
        int64_t left = walk->file_len - at;
        size_t len = left < JOURNAL_FRAME_ALIGN ? (size_t)left : JOURNAL_FRAME_ALIGN;
        const uint8_t *data;

        code = window_get(walk, at, len, &data, err);
        if (code != CTPS_OK || journal_is_zero(data, len))
            continue;
        tail.dirty_end = at + (int64_t)len;
        code = look_for_later(walk, at, &tail, err);
    }
    if (code == CTPS_OK)
        *ret_tail = tail;
    return code;
}

enum ctps_code journal_walk_damaged(const struct journal_walk *walk, struct ctps_err *err,
                                    const char *what)
{
    return err_set(err, CTPS_DAMAGED, "journal: segment %016llx, offset %lld, entry %llu: %s",
                   (unsigned long long)walk->segment, (long long)walk->offset,
                   (unsigned long long)walk->chain.next_seq, what);
}

enum ctps_code journal_walk_closed(struct journal_walk *walk, uint64_t next,
                                   struct ctps_err *err)
{
    struct journal_tail tail;
    enum ctps_code code = journal_walk_tail(walk, &tail, err);

    if (code != CTPS_OK)
        return code;
    if (tail.dirty_end)
        return journal_walk_damaged(walk, err, "not the frame that was written there");
    if (walk->chain.next_seq != next)
        return journal_walk_damaged(walk, err, "frames are missing before the next segment");
    return CTPS_OK;
}

enum ctps_code journal_walk_ended(struct journal_walk *walk, const struct journal *journal,
                                  size_t index, struct ctps_err *err)
{
    if (index + 1 < journal->segments.count)
        return journal_walk_closed(walk, journal->segments.first[index + 1], err);
    return journal_walk_ended_at(walk, journal->used_len, journal->head.next_seq, err);
}

enum ctps_code journal_walk_ended_at(const struct journal_walk *walk, int64_t used_len,
                                     uint64_t next_seq, struct ctps_err *err)
{
    return walk->offset == used_len && walk->chain.next_seq == next_seq
               ? CTPS_OK
               : journal_walk_damaged(walk, err, "not the frame that was written there");
}

int journal_walk_copy(struct journal_walk *walk, int to, int64_t from, int64_t end)
{
    const struct sys *sys = walk->options->sys;

    for (int64_t at = from; at < end; at += WALK_READ_MAX) {
        int64_t left = end - at;
        size_t len = left < WALK_READ_MAX ? (size_t)left : WALK_READ_MAX;
        uint8_t *room = window_room(walk, len);
        int rc = room ? sys_read_all(sys, walk->fd, room, len, at) : -ENOMEM;

        if (rc == 0)
            rc = sys_write_all(sys, to, room, len, at);
        walk->window.len = 0;
        if (rc < 0)
            return rc;
    }
    return 0;
}

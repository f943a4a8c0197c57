#include "journal/journal_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

/* Enough for most frames in one read. */
enum { FIRST_READ_LEN = 4096 };

/* The active segment's own descriptor, or the closed segment looked at last, kept open. */
static enum ctps_code fd_of(struct journal *journal, uint64_t segment, int *ret_fd,
                            struct ctps_err *err)
{
    const struct sys *sys = journal->options.sys;
    enum ctps_code code;

    if (segment == journal_active(journal)) {
        *ret_fd = journal->fd;
        return CTPS_OK;
    }
    if (journal->read_fd < 0 || journal->read_segment != segment) {
        if (journal->read_fd >= 0)
            sys->close(sys->ctx, journal->read_fd);
        journal->read_fd = -1;
        code =
            journal_segment_open(&journal->options, segment, O_RDONLY, &journal->read_fd, err);
        if (code != CTPS_OK)
            return code;
        journal->read_segment = segment;
    }
    *ret_fd = journal->read_fd;
    return CTPS_OK;
}

static enum ctps_code damaged(struct ctps_err *err, uint64_t seq, struct journal_place place)
{
    return err_set(err, CTPS_DAMAGED, "journal: segment %016llx, offset %u: not entry %llu",
                   (unsigned long long)place.segment, place.offset, (unsigned long long)seq);
}

/* Reads until `len` bytes or the end of the file; the count, or a negated errno. */
static ssize_t read_up_to(const struct sys *sys, int fd, uint8_t *out, size_t len,
                          int64_t offset)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = sys->pread(sys->ctx, fd, out + done, len - done, offset + (int64_t)done);

        if (n < 0)
            return n;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

/* Reads the whole frame into journal->read_frame; CTPS_ABSENT when no frame stands there. */
static enum ctps_code frame_read(struct journal *journal, int fd, uint32_t offset,
                                 struct journal_header *ret_header, struct ctps_err *err)
{
    const struct sys *sys = journal->options.sys;
    uint8_t *frame = journal->read_frame;
    ssize_t got = read_up_to(sys, fd, frame, FIRST_READ_LEN, offset);
    size_t len;
    int rc = 0;

    if (got < 0)
        return err_set_errno(err, (int)-got, "journal: reading an entry");
    if ((size_t)got < JOURNAL_HEADER_LEN || journal_header_read(ret_header, frame) != CTPS_OK)
        return CTPS_ABSENT;
    len = journal_frame_len(ret_header->sealed_len);
    if ((size_t)got < len)
        rc = sys_read_all(sys, fd, frame + got, len - (size_t)got, offset + got);
    if (rc == -ENODATA)
        return CTPS_ABSENT;
    return rc < 0 ? err_set_errno(err, -rc, "journal: reading an entry") : CTPS_OK;
}

static enum ctps_code frame_find(struct journal *journal, uint64_t seq,
                                 struct journal_place place, struct journal_header *ret_header,
                                 struct ctps_err *err)
{
    enum ctps_code code;
    size_t index;
    int fd;

    if (seq == 0 || seq >= journal->head.next_seq ||
        !journal_segments_find(&journal->segments, seq, &index) ||
        journal->segments.first[index] != place.segment)
        return damaged(err, seq, place);
    if (!journal->read_frame)
        journal->read_frame = malloc(FRAME_MAX_LEN);
    if (!journal->read_frame)
        return err_set(err, CTPS_NOMEM, "journal: no memory to read an entry");
    code = fd_of(journal, place.segment, &fd, err);
    if (code == CTPS_OK)
        code = frame_read(journal, fd, place.offset, ret_header, err);
    if (code == CTPS_ABSENT || (code == CTPS_OK && ret_header->seq != seq))
        return damaged(err, seq, place);
    return code;
}

enum ctps_code journal_read(struct journal *journal, uint64_t seq, struct journal_place place,
                            struct arena *arena, struct journal_frame *ret_frame,
                            struct ctps_err *err)
{
    struct journal_header header = {0};
    struct journal_chain chain;
    uint8_t *body;
    size_t body_len;
    enum ctps_code code = journal_usable(journal, err);

    if (code == CTPS_OK)
        code = frame_find(journal, seq, place, &header, err);
    if (code != CTPS_OK)
        return code;
    body_len = header.sealed_len - SEAL_OVERHEAD;
    body = arena_alloc(arena, body_len ? body_len : 1);
    if (!body)
        return err_set(err, CTPS_NOMEM, "journal: no room for entry %llu",
                       (unsigned long long)seq);
    if (journal_frame_open(journal->read_frame, &header, journal->options.key, body) != CTPS_OK)
        return damaged(err, seq, place);
    journal_chain_move(&chain, &header, journal->read_frame);
    *ret_frame = (struct journal_frame){.seq = seq, .batch = header.batch, .place = place};
    memcpy(ret_frame->incarnation, header.incarnation, JOURNAL_INCARNATION_LEN);
    memcpy(ret_frame->hash, chain.hash, SEAL_HASH_LEN);
    ret_frame->body = bytes_of(body, body_len);
    return CTPS_OK;
}

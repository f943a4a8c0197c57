/*
 * Inside the journal: the frame header, the chain, a cursor over one segment, segment files.
 * Nothing outside daemon/journal includes this.
 */
#ifndef CTPS_JOURNAL_JOURNAL_PRIVATE_H
#define CTPS_JOURNAL_JOURNAL_PRIVATE_H

#include <limits.h>

#include "journal/journal.h"
#include "seal/rng.h"

enum {
    FRAME_VERSION = 1,
    FRAME_MIN_LEN = 192,             /* header and an empty sealed body, aligned */
    FRAME_MAX_LEN = (1 << 20) + 192, /* header and the longest sealed body, aligned */
    SEGMENT_LEN_MIN = 1024,          /* options.segment_len between these two */
    SEGMENT_LEN_MAX = 1 << 30,       /* so that a place's offset fits 32 bits */
    SEGMENT_FIRST = 1,               /* the segment that begins with the genesis frame */
    SEGMENT_COUNT_MAX = 1 << 20,     /* 16 TiB at 16 MiB each */
    WALK_READ_FIRST = 1 << 15, /* bytes of the first read of a walk: it may be a short one */
    WALK_READ_MAX = 1 << 18,   /* and of the later ones, each twice the one before */
};

/* --- journal_frame.c: bytes of one frame --- */

struct journal_header {
    uint8_t incarnation[JOURNAL_INCARNATION_LEN];
    uint64_t seq;
    uint64_t batch;
    uint8_t prev[SEAL_HASH_LEN];
    uint32_t sealed_len; /* bytes of the sealed body */
    uint32_t index;      /* of the frame in its batch, from 0 */
};

/* What the next frame must continue. */
struct journal_chain {
    uint64_t next_seq;
    uint64_t batch;      /* of the last frame */
    uint32_t next_index; /* in that batch, should it go on */
    uint8_t hash[SEAL_HASH_LEN];
    uint8_t incarnation[JOURNAL_INCARNATION_LEN];
    bool anchored; /* false: hash and batch unknown, the first frame is believed */
    bool inside;   /* not anchored: the first frame may stand inside a batch */
};

/* Bytes a frame takes in its segment, padding included. */
size_t journal_frame_len(size_t sealed_len);
void journal_header_write(uint8_t out[JOURNAL_HEADER_LEN], const struct journal_header *header);
/* Without the checksum: for a caller that authenticates header and body together. */
bool journal_header_parse(struct journal_header *ret_header,
                          const uint8_t in[JOURNAL_HEADER_LEN]);
/* CTPS_INVALID: not a header. CTPS_UNSUPPORTED: an intact header of a later version. */
enum ctps_code journal_header_read(struct journal_header *ret_header,
                                   const uint8_t in[JOURNAL_HEADER_LEN]);
/* Writes journal_frame_len(body.len + SEAL_OVERHEAD) bytes at `out` and moves `chain` past the
 * frame. header->sealed_len and header->prev are set here. The nonce comes from `random`. */
void journal_frame_write(uint8_t *out, const struct seal_key *key, const struct sys *random,
                         struct journal_header *header, struct bytes body,
                         struct journal_chain *chain);
/* Opens header.sealed_len - SEAL_OVERHEAD bytes into `body`; CTPS_FORGED when the seal or the
 * padding is not what was written. `frame` holds the whole frame, padding included. */
enum ctps_code journal_frame_open(const uint8_t *frame, const struct journal_header *header,
                                  const struct seal_key *key, uint8_t *body);
bool journal_chain_continues(const struct journal_chain *chain,
                             const struct journal_header *header);
void journal_chain_move(struct journal_chain *chain, const struct journal_header *header,
                        const uint8_t *frame);
/* Where the chain of a segment starts when nothing before it was read. */
void journal_chain_start(struct journal_chain *chain, uint64_t segment);
bool journal_is_zero(const uint8_t *data, size_t len);

/* --- journal_segment.c: files --- */

struct journal_segments {
    uint64_t *first; /* own: first seq of each segment, ascending; the last one is active */
    size_t count;
    size_t cap;
};

enum ctps_code journal_segment_path(const struct journal_options *options, uint64_t first,
                                    char out[PATH_MAX], struct ctps_err *err);
/* Own: journal_segments_done. CTPS_ABSENT when the folder does not exist. */
enum ctps_code journal_segments_list(const struct journal_options *options,
                                     struct journal_segments *ret_segments,
                                     struct ctps_err *err);
enum ctps_code journal_segments_add(struct journal_segments *segments, uint64_t first,
                                    struct ctps_err *err);
void journal_segments_done(struct journal_segments *segments);
/* Index of the segment that would hold `seq`; false when it lies before the first. */
bool journal_segments_find(const struct journal_segments *segments, uint64_t seq,
                           size_t *ret_index);
/* Own: sys->close. A file that is not there any more is CTPS_DAMAGED. */
enum ctps_code journal_segment_open(const struct journal_options *options, uint64_t first,
                                    int flags, int *ret_fd, struct ctps_err *err);
/* Makes the unnamed next segment: `start`, then zeros up to the segment length, flushed. On
 * failure nothing is left. Own: sys->close. */
enum ctps_code journal_segment_make(const struct journal_options *options, struct bytes start,
                                    int *ret_fd, struct ctps_err *err);
/* Gives the file of journal_segment_make its name, durably. */
enum ctps_code journal_segment_name(const struct journal_options *options, uint64_t first,
                                    struct ctps_err *err);
/* Makes options->dir when absent and its own name durable. */
enum ctps_code journal_folder_make(const struct journal_options *options, struct ctps_err *err);
/* Zeros from `from` up to `to`; 0 or a negated errno. */
int journal_zero(const struct sys *sys, int fd, int64_t from, int64_t to);

/* --- journal_walk.c: a cursor over the frames of one segment --- */

struct journal_walk {
    const struct journal_options *options;
    uint64_t segment;
    int fd;           /* borrow */
    int64_t file_len; /* bytes to look at */
    int64_t offset;   /* of the next frame */
    struct journal_chain chain;
    struct buf window; /* bytes of the file, from window_offset on */
    int64_t window_offset;
    size_t read_len; /* of the next read, unless a frame is longer */
    struct buf body; /* opened, of the last frame */
    bool chain_only; /* nothing is opened: for a caller that knows the hash to arrive at */
};

/* What stands behind the last good frame of a segment. */
struct journal_tail {
    int64_t dirty_end; /* end of the last 64 bytes that are not all zero; 0 when none */
    int64_t later;     /* offset of a frame of a later batch; 0 when none */
    uint64_t later_seq;
};

/* Own: journal_walk_done. */
void journal_walk_init(struct journal_walk *walk, const struct journal_options *options);
/* Wipes and frees. Idempotent. */
void journal_walk_done(struct journal_walk *walk);
/* Starts at the beginning of a segment; `len` < 0: the file's whole length. The chain is left
 * as it is. */
enum ctps_code journal_walk_begin(struct journal_walk *walk, uint64_t segment, int fd,
                                  int64_t len, struct ctps_err *err);
/* The next frame of the chain, its body borrowed until the next call. CTPS_ABSENT: none stands
 * here (the end, or a bad frame: journal_walk_tail tells). */
enum ctps_code journal_walk_next(struct journal_walk *walk, struct journal_frame *ret_frame,
                                 struct ctps_err *err);
/* Every frame that is left; CTPS_OK where journal_walk_next would answer CTPS_ABSENT. */
enum ctps_code journal_walk_rest(struct journal_walk *walk, struct ctps_err *err);
/* Examines what follows, once journal_walk_next answered CTPS_ABSENT. */
enum ctps_code journal_walk_tail(struct journal_walk *walk, struct journal_tail *ret_tail,
                                 struct ctps_err *err);
/* CTPS_DAMAGED naming the walk's place. */
enum ctps_code journal_walk_damaged(const struct journal_walk *walk, struct ctps_err *err,
                                    const char *what);
/* After the last frame of a closed segment: CTPS_DAMAGED unless only zeros follow and the
 * chain goes on in segment `next`. */
enum ctps_code journal_walk_closed(struct journal_walk *walk, uint64_t next,
                                   struct ctps_err *err);

/* --- the journal itself --- */

struct journal {
    struct journal_options options; /* its dir is the one below */
    char *dir;                      /* own */
    struct journal_segments segments;
    int fd;                                       /* active segment */
    int64_t used_len;                             /* bytes of frames in it */
    int64_t closed_len;                           /* bytes of the files before it */
    struct journal_chain head;                    /* after the last flushed frame */
    struct journal_chain queued;                  /* after the last frame of the batch */
    uint8_t incarnation[JOURNAL_INCARNATION_LEN]; /* of the next batch */
    struct seal_rng rng;                          /* nonces; reseeded with each batch */
    struct buf batch;
    struct journal_place batch_place; /* of its first frame */
    int next_fd;                      /* prepared segment, or -1 */
    bool failed;                      /* a write or a flush failed: outcome unknown */
    struct journal_figures figures;
};

static inline uint64_t journal_active(const struct journal *journal)
{
    return journal->segments.first[journal->segments.count - 1];
}

/* After the last frame of segment `index`: CTPS_DAMAGED unless it ends as it must, a closed one
 * at the next segment, the active one at the head. */
enum ctps_code journal_walk_ended(struct journal_walk *walk, const struct journal *journal,
                                  size_t index, struct ctps_err *err);
/* The same for what was the active one when its frames ended at `used_len` before `next_seq`.
 */
enum ctps_code journal_walk_ended_at(const struct journal_walk *walk, int64_t used_len,
                                     uint64_t next_seq, struct ctps_err *err);
/* Copies bytes `from` up to `end` of the walk's file to the same offsets of file `to`, which
 * may be the same file; 0 or a negated errno. The walk stays where it was. */
int journal_walk_copy(struct journal_walk *walk, int to, int64_t from, int64_t end);
/* CTPS_CLOSED after a failed write or flush. */
enum ctps_code journal_usable(const struct journal *journal, struct ctps_err *err);

#endif

/*
 * journal: the only truth. Append-only segments of frames; a batch of frames is one write and
 * one fdatasync, and nothing is acknowledged before.
 *
 * Frame: a clear 96-byte header {magic, version, flags, incarnation, seq, batch, hash of the
 * previous frame, body length, index in the batch, header checksum} and a body sealed under the
 * store key with the header as associated data. Frames are aligned to 64 bytes so that a reader
 * can resynchronise. The hash of a frame is BLAKE2b-256 over its header and its sealed body:
 * the chain is verified without opening anything. (docs/formats.md has the table.)
 *
 * Segments: <dir>/<first seq, 16 hex digits>.seg, 16 MiB, preallocated by writing zeros,
 * written strictly in order; a batch never spans two: it is begun in the next segment when
 * little room is left, and one that grows past the end all the same makes its file longer. The
 * first segment begins with the genesis frame (seq 0, empty body): it carries the incarnation.
 *
 * At open, before anything may be appended: the active segment is scanned; from the first bad
 * frame of the last batch on, what follows is a torn tail: zeroed and flushed. A bad frame with
 * a valid frame of a later batch behind it is damage: CTPS_DAMAGED, the place named, nothing
 * touched. Then the used part is rewritten and flushed (frames seen in the page cache may never
 * have reached the disk).
 *
 * One thread. Errors of write or flush are final for this process (outcome unknown): the caller
 * exits; every later call answers CTPS_CLOSED.
 */
#ifndef CTPS_JOURNAL_JOURNAL_H
#define CTPS_JOURNAL_JOURNAL_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sys.h"
#include "seal/seal.h"

enum {
    JOURNAL_SEGMENT_LEN = 16 << 20,
    JOURNAL_FRAME_ALIGN = 64,
    JOURNAL_HEADER_LEN = 96,
    JOURNAL_BODY_MAX = 1 << 20,  /* bytes of an opened body */
    JOURNAL_BATCH_MAX = 4 << 20, /* bytes of frames of one batch */
    JOURNAL_INCARNATION_LEN = 16,
    JOURNAL_COPY_STEP = 1 << 20, /* bytes a step of a copy deals with */
};

struct journal;

struct journal_options {
    const char *dir; /* made when absent (0700) */
    const struct sys *sys;
    const struct seal_key *key; /* store key; borrow, outlives the journal */
    const struct log *log;      /* may be NULL */
    size_t segment_len; /* 0: JOURNAL_SEGMENT_LEN; tests take small ones (64 divides it) */
    bool read_only;     /* check and stat: repairs nothing, a torn tail is reported */
};

/* A place: what views, keyring and checkpoints remember to notice a lost tail. */
struct journal_head {
    uint8_t incarnation[JOURNAL_INCARNATION_LEN];
    uint64_t seq; /* 0: nothing yet */
    uint64_t batch;
    uint8_t hash[SEAL_HASH_LEN]; /* of frame `seq`; for seq 0 all zero */
};

/* Where a frame stands; kept by the views so that one entry can be read without a scan. */
struct journal_place {
    uint64_t segment; /* first seq of its segment */
    uint32_t offset;  /* bytes from the start of the file */
};

struct journal_figures {
    uint64_t segment_count;
    uint64_t used_len;      /* bytes of closed segments, and of frames in the active one */
    uint64_t torn_len;      /* bytes cut at open (read_only: that would be cut) */
    uint64_t flush_count;   /* batches flushed by this process */
    int64_t flush_last_us;  /* duration of the last write + flush */
    int64_t flush_worst_us; /* since open */
};

/* Starts an empty journal with this incarnation; CTPS_EXISTS when the folder holds segments. */
enum ctps_code journal_create(const struct journal_options *options,
                              const uint8_t incarnation[JOURNAL_INCARNATION_LEN],
                              struct ctps_err *err);
/* Own: journal_close. Verifies the active segment only; journal_scan verifies all. CTPS_ABSENT:
 * no journal there. CTPS_DAMAGED also when nothing opens under this key. CTPS_UNSUPPORTED: a
 * later version wrote here. After any failure nothing was cut that had been acknowledged. */
enum ctps_code journal_open(struct journal **ret_journal, const struct journal_options *options,
                            struct ctps_err *err);
void journal_close(struct journal **journal);

void journal_head_get(const struct journal *journal, struct journal_head *ret_head);
void journal_figures_get(const struct journal *journal, struct journal_figures *ret_figures);

/* From the next batch on, frames carry this incarnation (after a restore). Durable with the
 * first batch flushed, not before. */
void journal_incarnation_set(struct journal *journal,
                             const uint8_t incarnation[JOURNAL_INCARNATION_LEN]);

/* --- appending: add frames to the batch, then flush them all or drop them all --- */

/* Frames one body into the batch buffer, giving its seq and place (valid once flushed).
 * CTPS_LIMIT when the body or the batch would be too large: nothing changed. */
enum ctps_code journal_batch_add(struct journal *journal, struct bytes body, uint64_t *ret_seq,
                                 struct journal_place *ret_place, struct ctps_err *err);
/* The seq the next journal_batch_add will give. */
uint64_t journal_next_seq(const struct journal *journal);
/* What the head will be once the batch is flushed. */
void journal_batch_head(const struct journal *journal, struct journal_head *ret_head);
/* One write, one fdatasync. With an empty batch: nothing, CTPS_OK. */
enum ctps_code journal_batch_flush(struct journal *journal, struct ctps_err *err);
/* Forgets the frames added since the last flush (they were never written). */
void journal_batch_drop(struct journal *journal);
/* Prepares the next segment ahead (zeros, flush): call when idle. Does nothing when ready, nor
 * before half of the active one is used. A failure here is not final: no frame was at stake. */
enum ctps_code journal_prepare(struct journal *journal, struct ctps_err *err);

/* --- reading --- */

struct journal_frame {
    uint64_t seq;
    uint64_t batch;
    uint8_t incarnation[JOURNAL_INCARNATION_LEN];
    uint8_t hash[SEAL_HASH_LEN];
    struct journal_place place;
    struct bytes body; /* opened; borrow until the callback returns or the arena is reset */
};

/* Walks frames from seq `from` (>= 1) in order, verifying chain and seals, until the head, or
 * until `each` answers other than CTPS_OK (returned as is). `from` past the head: CTPS_OK, no
 * call. CTPS_ABSENT when `from` lies before the first segment kept. */
enum ctps_code journal_scan(struct journal *journal, uint64_t from,
                            enum ctps_code (*each)(void *arg,
                                                   const struct journal_frame *frame),
                            void *arg, struct ctps_err *err);
/* The same, starting at the known place of frame `from` instead of its segment's beginning: the
 * first frame's link to the one before is then not verified. CTPS_DAMAGED when frame `from`
 * does not stand there. `place` NULL: as journal_scan. */
enum ctps_code
journal_scan_at(struct journal *journal, uint64_t from, const struct journal_place *place,
                enum ctps_code (*each)(void *arg, const struct journal_frame *frame), void *arg,
                struct ctps_err *err);
/* Whether `head` lies on this journal's chain: CTPS_OK; CTPS_DAMAGED when the journal ends
 * before it (a lost tail) or has another frame there. Other incarnation: compared by seq and
 * hash all the same. CTPS_ABSENT when it lies before the first segment kept. */
enum ctps_code journal_head_check(struct journal *journal, const struct journal_head *head,
                                  struct ctps_err *err);

/* Walks the chain of the journal in folder `dir` from frame 1 on without any key, opening
 * nothing (bodies are empty): for whoever checks a copy of it, or the journal of a running
 * daemon, and must not read it. In the last segment it ends at the first frame that is not
 * whole or does not continue the chain: the caller knows how far it must reach. In an earlier
 * one that is CTPS_DAMAGED. CTPS_ABSENT: no journal, or not from its beginning. */
enum ctps_code journal_chain_scan(const struct sys *sys, const char *dir,
                                  enum ctps_code (*each)(void *arg,
                                                         const struct journal_frame *frame),
                                  void *arg, struct ctps_err *err);

/* Copies every flushed frame into folder `dir` (made when absent; CTPS_EXISTS when it holds
 * segments), verifying them on the way; usable while appending between batches. Places stay
 * the same. The copy is whole only when this answers CTPS_OK: what a failure leaves may open as
 * a shorter journal. Own backup format = journal segments + nothing else. */
enum ctps_code journal_copy(struct journal *journal, const char *dir, struct ctps_err *err);

/* The same in steps, so that batches may come in between; what they append is not copied. One
 * copy holds two files open and at most one read window of memory. */
struct journal_copying;
/* Own: journal_copy_end, before the journal is closed. Errors as journal_copy. */
enum ctps_code journal_copy_begin(struct journal_copying **ret_copying, struct journal *journal,
                                  const char *dir, struct ctps_err *err);
/* Reads, verifies or writes (and flushes) about JOURNAL_COPY_STEP bytes; *ret_more false: all
 * is copied and durable. After an error only journal_copy_end is left. */
enum ctps_code journal_copy_step(struct journal_copying *copying, bool *ret_more,
                                 struct ctps_err *err);
/* Seq of the last entry copied, bytes of all frames. */
void journal_copy_figures(const struct journal_copying *copying, uint64_t *ret_seq,
                          uint64_t *ret_len);
/* NULL allowed; nulls the pointer. */
void journal_copy_end(struct journal_copying **copying);

#endif

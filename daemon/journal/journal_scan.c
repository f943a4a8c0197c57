#include "journal/journal_private.h"

#include <fcntl.h>

/* Stops a scan from inside without being an error of the scan. */
struct visit {
    enum ctps_code (*each)(void *arg, const struct journal_frame *frame);
    void *arg;
    uint64_t from;
    const struct journal_place *place; /* of frame `from`; NULL: unknown */
    bool chain_only;
    bool stopped;
};

static enum ctps_code visit_frames(struct journal_walk *walk, struct visit *visit,
                                   struct ctps_err *err)
{
    struct journal_frame frame;
    enum ctps_code code;

    while ((code = journal_walk_next(walk, &frame, err)) == CTPS_OK) {
        if (frame.seq < visit->from)
            continue;
        code = visit->each(visit->arg, &frame);
        if (code != CTPS_OK) {
            visit->stopped = true;
            return code;
        }
    }
    return code == CTPS_ABSENT ? CTPS_OK : code;
}

/* The first segment looked at may be entered in the middle, also of a batch. */
static enum ctps_code place_take(struct journal_walk *walk, struct visit *visit,
                                 struct ctps_err *err)
{
    const struct journal_place *place = visit->place;

    if (!place)
        return CTPS_OK;
    if (place->segment != walk->segment)
        return journal_walk_damaged(walk, err, "the entry asked for is not in this segment");
    walk->offset = place->offset;
    walk->chain = (struct journal_chain){.next_seq = visit->from, .inside = true};
    visit->place = NULL;
    return CTPS_OK;
}

static enum ctps_code visit_segment(struct journal *journal, struct journal_walk *walk,
                                    size_t index, struct visit *visit, struct ctps_err *err)
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
        code = place_take(walk, visit, err);
    if (code == CTPS_OK)
        code = visit_frames(walk, visit, err);
    if (code == CTPS_OK && !visit->stopped)
        code = journal_walk_ended(walk, journal, index, err);
    sys->close(sys->ctx, fd);
    return code;
}

static enum ctps_code visit_from(struct journal *journal, struct visit *visit,
                                 struct ctps_err *err)
{
    struct journal_walk walk;
    size_t index;
    enum ctps_code code = CTPS_OK;

    if (!journal_segments_find(&journal->segments, visit->from, &index))
        return err_set(err, CTPS_ABSENT, "journal: entry %llu lies before the first kept",
                       (unsigned long long)visit->from);
    journal_walk_init(&walk, &journal->options);
    walk.chain_only = visit->chain_only;
    journal_chain_start(&walk.chain, journal->segments.first[index]);
    for (; index < journal->segments.count && code == CTPS_OK && !visit->stopped; index++)
        code = visit_segment(journal, &walk, index, visit, err);
    journal_walk_done(&walk);
    return code;
}

enum ctps_code journal_scan(struct journal *journal, uint64_t from,
                            enum ctps_code (*each)(void *arg,
                                                   const struct journal_frame *frame),
                            void *arg, struct ctps_err *err)
{
    return journal_scan_at(journal, from, NULL, each, arg, err);
}

enum ctps_code
journal_scan_at(struct journal *journal, uint64_t from, const struct journal_place *place,
                enum ctps_code (*each)(void *arg, const struct journal_frame *frame), void *arg,
                struct ctps_err *err)
{
    struct visit visit = {.each = each, .arg = arg, .from = from, .place = place};
    enum ctps_code code = journal_usable(journal, err);

    if (code != CTPS_OK || from >= journal->head.next_seq)
        return code;
    return visit_from(journal, &visit, err);
}

struct comparison {
    const struct journal_head *head;
    bool same;
};

static enum ctps_code compare_one(void *arg, const struct journal_frame *frame)
{
    struct comparison *comparison = arg;

    comparison->same = frame->seq == comparison->head->seq &&
                       memcmp(frame->hash, comparison->head->hash, SEAL_HASH_LEN) == 0;
    return CTPS_EXISTS; /* one frame is enough */
}

static enum ctps_code compare_earlier(struct journal *journal, const struct journal_head *head,
                                      bool *ret_same, struct ctps_err *err)
{
    struct comparison comparison = {.head = head};
    struct visit visit = {
        .each = compare_one, .arg = &comparison, .from = head->seq, .chain_only = true};
    enum ctps_code code = visit_from(journal, &visit, err);

    *ret_same = comparison.same;
    return visit.stopped ? CTPS_OK : code;
}

enum ctps_code journal_head_check(struct journal *journal, const struct journal_head *head,
                                  struct ctps_err *err)
{
    struct journal_head own;
    enum ctps_code code = journal_usable(journal, err);
    bool same;

    if (code != CTPS_OK)
        return code;
    journal_head_get(journal, &own);
    if (head->seq > own.seq)
        return err_set(err, CTPS_DAMAGED,
                       "journal: ends at entry %llu, entry %llu was known: its tail is lost",
                       (unsigned long long)own.seq, (unsigned long long)head->seq);
    if (head->seq == 0)
        same = journal_is_zero(head->hash, SEAL_HASH_LEN);
    else if (head->seq == own.seq)
        same = memcmp(head->hash, own.hash, SEAL_HASH_LEN) == 0;
    else
        code = compare_earlier(journal, head, &same, err);
    if (code == CTPS_OK && !same)
        return err_set(err, CTPS_DAMAGED, "journal: entry %llu is not the one that was known",
                       (unsigned long long)head->seq);
    return code;
}

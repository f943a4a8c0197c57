#include "journal/journal_private.h"

#include <fcntl.h>

struct chain_visit {
    const struct sys *sys;
    struct journal_segments segments;
    struct journal_walk walk;
    enum ctps_code (*each)(void *arg, const struct journal_frame *frame);
    void *arg;
};

static enum ctps_code frames_visit(struct chain_visit *visit, struct ctps_err *err)
{
    struct journal_frame frame;
    enum ctps_code code;

    while ((code = journal_walk_next(&visit->walk, &frame, err)) == CTPS_OK) {
        if (frame.seq == 0)
            continue; /* the genesis frame */
        code = visit->each(visit->arg, &frame);
        if (code != CTPS_OK)
            return code;
    }
    return code == CTPS_ABSENT ? CTPS_OK : code;
}

static enum ctps_code segment_visit(struct chain_visit *visit, size_t index,
                                    struct ctps_err *err)
{
    uint64_t first = visit->segments.first[index];
    enum ctps_code code;
    int fd;

    code = journal_segment_open(visit->walk.options, first, O_RDONLY | O_CLOEXEC, &fd, err);
    if (code != CTPS_OK)
        return code;
    code = journal_walk_begin(&visit->walk, first, fd, -1, err);
    if (code == CTPS_OK)
        code = frames_visit(visit, err);
    if (code == CTPS_OK && index + 1 < visit->segments.count)
        code = journal_walk_closed(&visit->walk, visit->segments.first[index + 1], err);
    visit->sys->close(visit->sys->ctx, fd);
    return code;
}

enum ctps_code journal_chain_scan(const struct sys *sys, const char *dir,
                                  enum ctps_code (*each)(void *arg,
                                                         const struct journal_frame *frame),
                                  void *arg, struct ctps_err *err)
{
    const struct journal_options options = {.dir = dir, .sys = sys};
    struct chain_visit visit = {.sys = sys, .each = each, .arg = arg};
    enum ctps_code code = journal_segments_list(&options, &visit.segments, err);

    if (code != CTPS_OK)
        return code;
    if (!visit.segments.count || visit.segments.first[0] != SEGMENT_FIRST)
        code = err_set(err, CTPS_ABSENT, "journal: %s does not hold its beginning", dir);
    journal_walk_init(&visit.walk, &options);
    visit.walk.chain_only = true;
    journal_chain_start(&visit.walk.chain, SEGMENT_FIRST);
    for (size_t i = 0; i < visit.segments.count && code == CTPS_OK; i++)
        code = segment_visit(&visit, i, err);
    journal_walk_done(&visit.walk);
    journal_segments_done(&visit.segments);
    return code;
}

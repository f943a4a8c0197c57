#include <stdlib.h>
#include <string.h>

#include "sim_disk_private.h"

static struct sim_log *log_add(struct sim_disk *disk)
{
    disk->log = sim_grow(disk->log, disk->log_count, &disk->log_cap, sizeof(*disk->log));
    disk->log[disk->log_count] = (struct sim_log){0};
    return &disk->log[disk->log_count++];
}

void sim_log_write(struct sim_disk *disk, uint32_t node, int64_t offset, const void *data,
                   size_t len)
{
    struct sim_log *log = log_add(disk);

    log->kind = SIM_LOG_WRITE;
    log->node = node;
    log->offset = offset;
    log->len = len;
    log->data = malloc(len);
    if (!log->data)
        abort();
    memcpy(log->data, data, len);
}

void sim_log_truncate(struct sim_disk *disk, uint32_t node, int64_t len)
{
    struct sim_log *log = log_add(disk);

    log->kind = SIM_LOG_TRUNCATE;
    log->node = node;
    log->offset = len;
}

void sim_log_name(struct sim_disk *disk, uint32_t node, uint32_t from_parent, const char *from,
                  uint32_t to_parent, const char *to)
{
    struct sim_log *log = log_add(disk);

    log->kind = SIM_LOG_NAME;
    log->node = node;
    log->from_parent = from_parent;
    log->to_parent = to_parent;
    log->from = from ? sim_text(from, strlen(from)) : NULL;
    log->to = to ? sim_text(to, strlen(to)) : NULL;
}

void sim_log_done(struct sim_log *log)
{
    free(log->data);
    free(log->from);
    free(log->to);
    *log = (struct sim_log){0};
}

/* Which units are kept, asked in the order of the log. */
struct keeper {
    bool (*keep)(struct keeper *keeper);
    struct sim_disk *disk; /* draws */
    uint64_t unit;         /* number of the unit asked about */
    uint64_t pick;
    unsigned share; /* of 8 */
};

static bool keep_all(struct keeper *keeper)
{
    (void)keeper;
    return true;
}

static bool keep_none(struct keeper *keeper)
{
    (void)keeper;
    return false;
}

static bool keep_one(struct keeper *keeper)
{
    return keeper->unit == keeper->pick;
}

static bool keep_first(struct keeper *keeper)
{
    return keeper->unit < keeper->pick;
}

static bool keep_drawn(struct keeper *keeper)
{
    return sim_disk_draw(keeper->disk) % 8 < keeper->share;
}

static bool keep_next(struct keeper *keeper)
{
    bool kept = keeper->keep(keeper);

    keeper->unit++;
    return kept;
}

static size_t group_count(const struct sim_log *log, size_t group_len)
{
    size_t first = (size_t)log->offset / group_len;

    if (log->kind != SIM_LOG_WRITE)
        return 1;
    return ((size_t)log->offset + log->len - 1) / group_len - first + 1;
}

static void apply_write(struct sim_disk *to, const struct sim_log *log, size_t group_len,
                        struct keeper *keeper)
{
    size_t end = (size_t)log->offset + log->len;
    size_t at = (size_t)log->offset;

    while (at < end) {
        size_t next = (at / group_len + 1) * group_len;

        if (next > end)
            next = end;
        if (keep_next(keeper))
            sim_write(&to->nodes[log->node].platter, (int64_t)at,
                      log->data + (at - (size_t)log->offset), next - at);
        at = next;
    }
}

static void apply_name(struct sim_disk *to, const struct sim_log *log)
{
    if (log->from)
        sim_name_unset(&to->platter, log->from_parent, log->from);
    if (log->to)
        sim_name_set(&to->platter, log->to_parent, log->to, log->node);
}

/* Brings what `keeper` keeps of one entry to the platter of `to`. */
static void apply(struct sim_disk *to, const struct sim_log *log, size_t group_len,
                  struct keeper *keeper)
{
    if (log->kind == SIM_LOG_WRITE) {
        apply_write(to, log, group_len, keeper);
        return;
    }
    if (!keep_next(keeper))
        return;
    if (log->kind == SIM_LOG_TRUNCATE)
        sim_truncate(&to->nodes[log->node].platter, log->offset);
    else
        apply_name(to, log);
}

static bool concerns(const struct sim_log *log, uint32_t node, bool names)
{
    if (!names)
        return log->kind != SIM_LOG_NAME && log->node == node;
    return log->kind == SIM_LOG_NAME &&
           ((log->from && log->from_parent == node) || (log->to && log->to_parent == node));
}

void sim_log_flush(struct sim_disk *disk, uint32_t node, bool names, enum sim_flush flush)
{
    static bool (*const keeps[])(struct keeper *) = {[SIM_FLUSH_ALL] = keep_all,
                                                     [SIM_FLUSH_DRAWN] = keep_drawn,
                                                     [SIM_FLUSH_NONE] = keep_none};
    struct keeper keeper = {.keep = keeps[flush], .disk = disk, .share = 4};
    size_t left = 0;

    for (size_t i = 0; i < disk->log_count; i++) {
        if (concerns(&disk->log[i], node, names)) {
            apply(disk, &disk->log[i], SIM_SECTOR_LEN, &keeper);
            sim_log_done(&disk->log[i]);
        } else {
            disk->log[left++] = disk->log[i];
        }
    }
    disk->log_count = left;
}

static size_t group_len_of(size_t group_len)
{
    return group_len ? group_len : SIM_SECTOR_LEN;
}

size_t sim_disk_unit_count(const struct sim_disk *disk, size_t group_len)
{
    size_t count = 0;

    for (size_t i = 0; i < disk->log_count; i++)
        count += group_count(&disk->log[i], group_len_of(group_len));
    return count;
}

/* Index of the last write in the log, or the log's length. */
static size_t last_write(const struct sim_disk *disk)
{
    for (size_t i = disk->log_count; i > 0; i--)
        if (disk->log[i - 1].kind == SIM_LOG_WRITE)
            return i - 1;
    return disk->log_count;
}

size_t sim_disk_torn_count(const struct sim_disk *disk, size_t group_len)
{
    size_t last = last_write(disk);

    if (last == disk->log_count)
        return 0;
    return group_count(&disk->log[last], group_len_of(group_len));
}

/* Contents and names as on the platter; neither log nor open files. */
static struct sim_disk *platter_copy(const struct sim_disk *disk)
{
    struct sim_disk *copy = sim_disk_new(disk->random);

    copy->random = disk->random;
    copy->wall_us = disk->wall_us;
    copy->mono_us = disk->mono_us;
    copy->boot = disk->boot;
    for (size_t i = 0; i < disk->node_count; i++) {
        uint32_t node = i == SIM_ROOT ? SIM_ROOT : sim_node_add(copy, disk->nodes[i].is_dir);
        const struct buf *from = &disk->nodes[i].platter;

        sim_write(&copy->nodes[node].platter, 0, from->data, from->len);
    }
    sim_names_copy(&copy->platter, &disk->platter);
    return copy;
}

static void see_platter(struct sim_disk *disk)
{
    for (size_t i = 0; i < disk->node_count; i++) {
        struct sim_node *node = &disk->nodes[i];

        sim_write(&node->seen, 0, node->platter.data, node->platter.len);
    }
    sim_names_copy(&disk->seen, &disk->platter);
}

struct sim_disk *sim_disk_cut(const struct sim_disk *disk, const struct sim_cut *cut)
{
    static bool (*const keeps[])(struct keeper *) = {[SIM_CUT_ALL] = keep_all,
                                                     [SIM_CUT_FLUSHED] = keep_none,
                                                     [SIM_CUT_ONE] = keep_one,
                                                     [SIM_CUT_RANDOM] = keep_drawn,
                                                     [SIM_CUT_TORN] = keep_all};
    struct sim_disk *after = platter_copy(disk);
    struct keeper keeper = {.keep = keeps[cut->policy], .disk = after, .pick = cut->pick};
    struct keeper first = {.keep = keep_first, .pick = cut->pick};
    size_t torn = cut->policy == SIM_CUT_TORN ? last_write(disk) : disk->log_count;

    after->boot++;
    after->mono_us = 1000000;
    if (cut->policy == SIM_CUT_RANDOM) {
        static const unsigned shares[] = {1, 4, 4, 7};

        after->random ^= cut->pick * 0x9e3779b97f4a7c15u;
        keeper.share = shares[sim_disk_draw(after) % 4];
    }
    for (size_t i = 0; i < disk->log_count; i++)
        apply(after, &disk->log[i], group_len_of(cut->group_len), i == torn ? &first : &keeper);
    see_platter(after);
    return after;
}

static void log_copy(struct sim_disk *to, const struct sim_log *log)
{
    if (log->kind == SIM_LOG_WRITE)
        sim_log_write(to, log->node, log->offset, log->data, log->len);
    else if (log->kind == SIM_LOG_TRUNCATE)
        sim_log_truncate(to, log->node, log->offset);
    else
        sim_log_name(to, log->node, log->from_parent, log->from, log->to_parent, log->to);
}

struct sim_disk *sim_disk_clone(const struct sim_disk *disk)
{
    struct sim_disk *copy = platter_copy(disk);

    for (size_t i = 0; i < disk->node_count; i++) {
        const struct buf *from = &disk->nodes[i].seen;

        sim_write(&copy->nodes[i].seen, 0, from->data, from->len);
    }
    sim_names_copy(&copy->seen, &disk->seen);
    for (size_t i = 0; i < disk->log_count; i++)
        log_copy(copy, &disk->log[i]);
    return copy;
}

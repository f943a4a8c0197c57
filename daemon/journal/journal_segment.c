#include "journal/journal_private.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>

enum { NAME_DIGITS = 16, ZERO_CHUNK = 65536 };

/* The file being prepared. It is nobody's truth until it is renamed, so what a crash leaves of
 * it is simply made again. */
static const char next_name[] = "next.new";
static const char suffix[] = ".seg";

static enum ctps_code path_of(const struct journal_options *options, const char *name,
                              char out[PATH_MAX], struct ctps_err *err)
{
    if (snprintf(out, PATH_MAX, "%s/%s", options->dir, name) >= PATH_MAX)
        return err_set(err, CTPS_LIMIT, "journal: the path of %s is too long", name);
    return CTPS_OK;
}

enum ctps_code journal_segment_path(const struct journal_options *options, uint64_t first,
                                    char out[PATH_MAX], struct ctps_err *err)
{
    char name[NAME_DIGITS + sizeof(suffix)];

    snprintf(name, sizeof(name), "%016llx%s", (unsigned long long)first, suffix);
    return path_of(options, name, out, err);
}

static bool parse_name(const char *name, uint64_t *ret_first)
{
    uint64_t first = 0;

    for (int i = 0; i < NAME_DIGITS; i++) {
        char c = name[i];

        if (c >= '0' && c <= '9')
            first = first << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            first = first << 4 | (uint64_t)(c - 'a' + 10);
        else
            return false;
    }
    if (strcmp(name + NAME_DIGITS, suffix) != 0 || first == 0)
        return false;
    *ret_first = first;
    return true;
}

enum ctps_code journal_segments_add(struct journal_segments *segments, uint64_t first,
                                    struct ctps_err *err)
{
    if (segments->count == segments->cap) {
        size_t cap = segments->cap ? segments->cap * 2 : 64;
        uint64_t *grown;

        if (cap > SEGMENT_COUNT_MAX)
            return err_set(err, CTPS_LIMIT, "journal: more than %d segments",
                           SEGMENT_COUNT_MAX);
        grown = realloc(segments->first, cap * sizeof(*grown));
        if (!grown)
            return err_set(err, CTPS_NOMEM, "journal: no memory for the list of segments");
        segments->first = grown;
        segments->cap = cap;
    }
    segments->first[segments->count++] = first;
    return CTPS_OK;
}

void journal_segments_done(struct journal_segments *segments)
{
    free(segments->first);
    *segments = (struct journal_segments){0};
}

struct listing {
    struct journal_segments segments;
    struct ctps_err *err;
    enum ctps_code code;
};

static int list_one(void *arg, const char *name)
{
    struct listing *listing = arg;
    uint64_t first;

    if (parse_name(name, &first))
        listing->code = journal_segments_add(&listing->segments, first, listing->err);
    return listing->code != CTPS_OK;
}

static int compare_first(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

enum ctps_code journal_segments_list(const struct journal_options *options,
                                     struct journal_segments *ret_segments,
                                     struct ctps_err *err)
{
    struct listing listing = {.err = err};
    int rc = options->sys->list_dir(options->sys->ctx, options->dir, list_one, &listing);

    if (rc < 0)
        listing.code = err_set_errno(err, -rc, "journal: %s", options->dir);
    if (listing.code != CTPS_OK) {
        journal_segments_done(&listing.segments);
        return listing.code;
    }
    if (listing.segments.count)
        qsort(listing.segments.first, listing.segments.count, sizeof(uint64_t), compare_first);
    *ret_segments = listing.segments;
    return CTPS_OK;
}

bool journal_segments_find(const struct journal_segments *segments, uint64_t seq,
                           size_t *ret_index)
{
    size_t low = 0;
    size_t high = segments->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (segments->first[middle] <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return false;
    *ret_index = low - 1;
    return true;
}

enum ctps_code journal_segment_open(const struct journal_options *options, uint64_t first,
                                    int flags, int *ret_fd, struct ctps_err *err)
{
    const struct sys *sys = options->sys;
    char path[PATH_MAX];
    enum ctps_code code = journal_segment_path(options, first, path, err);
    int fd;

    if (code != CTPS_OK)
        return code;
    fd = sys->open(sys->ctx, path, flags, 0);
    if (fd == -ENOENT)
        return err_set(err, CTPS_DAMAGED, "journal: %s is gone", path);
    if (fd < 0)
        return err_set_errno(err, -fd, "journal: %s", path);
    *ret_fd = fd;
    return CTPS_OK;
}

int journal_zero(const struct sys *sys, int fd, int64_t from, int64_t to)
{
    static const uint8_t zeros[ZERO_CHUNK];

    while (from < to) {
        size_t len = to - from < ZERO_CHUNK ? (size_t)(to - from) : ZERO_CHUNK;
        int rc = sys_write_all(sys, fd, zeros, len, from);

        if (rc < 0)
            return rc;
        from += (int64_t)len;
    }
    return 0;
}

static int fill(const struct journal_options *options, int fd, struct bytes start)
{
    const struct sys *sys = options->sys;
    int rc = sys_write_all(sys, fd, start.data, start.len, 0);

    if (rc == 0)
        rc = journal_zero(sys, fd, (int64_t)start.len, (int64_t)options->segment_len);
    if (rc == 0)
        rc = sys->fsync(sys->ctx, fd);
    return rc;
}

enum ctps_code journal_segment_make(const struct journal_options *options, struct bytes start,
                                    int *ret_fd, struct ctps_err *err)
{
    const struct sys *sys = options->sys;
    char path[PATH_MAX];
    enum ctps_code code = path_of(options, next_name, path, err);
    int fd;
    int rc;

    if (code != CTPS_OK)
        return code;
    fd = sys->open(sys->ctx, path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set_errno(err, -fd, "journal: %s", path);
    rc = fill(options, fd, start);
    if (rc < 0) {
        sys->close(sys->ctx, fd);
        sys->unlink(sys->ctx, path);
        return err_set_errno(err, -rc, "journal: %s", path);
    }
    *ret_fd = fd;
    return CTPS_OK;
}

enum ctps_code journal_segment_name(const struct journal_options *options, uint64_t first,
                                    struct ctps_err *err)
{
    const struct sys *sys = options->sys;
    char from[PATH_MAX];
    char to[PATH_MAX];
    enum ctps_code code = path_of(options, next_name, from, err);
    int rc;

    if (code == CTPS_OK)
        code = journal_segment_path(options, first, to, err);
    if (code != CTPS_OK)
        return code;
    rc = sys->rename(sys->ctx, from, to);
    if (rc == 0)
        rc = sys->sync_dir(sys->ctx, options->dir);
    return rc < 0 ? err_set_errno(err, -rc, "journal: naming %s", to) : CTPS_OK;
}

enum ctps_code journal_folder_make(const struct journal_options *options, struct ctps_err *err)
{
    const struct sys *sys = options->sys;
    char copy[PATH_MAX];
    int rc;

    if (snprintf(copy, sizeof(copy), "%s", options->dir) >= (int)sizeof(copy))
        return err_set(err, CTPS_LIMIT, "journal: the path of the folder is too long");
    rc = sys->mkdir(sys->ctx, options->dir, 0700);
    if (rc == 0)
        rc = sys->sync_dir(sys->ctx, dirname(copy));
    return rc < 0 ? err_set_errno(err, -rc, "journal: %s", options->dir) : CTPS_OK;
}

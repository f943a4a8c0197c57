/*
 * Inside sim_disk: nodes (contents), names (the tree), and the log of what is not flushed.
 */
#ifndef CTPS_HARNESS_SIM_DISK_PRIVATE_H
#define CTPS_HARNESS_SIM_DISK_PRIVATE_H

#include "sim_disk.h"

enum { SIM_ROOT = 0, SIM_NONE = INT32_MAX, SIM_SECTOR_LEN = 512 };

struct sim_node {
    bool is_dir;
    struct buf seen;
    struct buf platter;
};

struct sim_name {
    uint32_t parent;
    uint32_t node;
    char *text; /* own */
};

struct sim_names {
    struct sim_name *at; /* own */
    size_t count;
    size_t cap;
};

enum sim_log_kind { SIM_LOG_WRITE, SIM_LOG_TRUNCATE, SIM_LOG_NAME };

/* One logged change. A name change removes `from` and makes `to` (either may be absent). */
struct sim_log {
    enum sim_log_kind kind;
    uint32_t node; /* the file written, or the one named */
    int64_t offset;
    size_t len;
    uint8_t *data; /* own */
    uint32_t from_parent;
    uint32_t to_parent;
    char *from; /* own, or NULL */
    char *to;   /* own, or NULL */
};

struct sim_fd {
    bool used;
    bool writable;
    uint32_t node;
};

struct sim_disk {
    struct sys sys;
    uint64_t random;
    int64_t wall_us;
    int64_t mono_us;
    unsigned boot;
    struct sim_node *nodes; /* own; index = node number, never reused */
    size_t node_count;
    size_t node_cap;
    struct sim_names seen;
    struct sim_names platter;
    struct sim_log *log; /* own, oldest first */
    size_t log_count;
    size_t log_cap;
    struct sim_fd *fds; /* own */
    size_t fd_count;
    struct sim_fault fault;
    bool fault_on;
    bool fault_hit;
    bool sync_ignored;
    bool writes_lost;
    void (*before)(void *arg, enum sim_op kind, uint64_t number);
    void *before_arg;
    struct sim_counts counts;
};

/* --- sim_disk_state.c --- */

void *sim_grow(void *array, size_t count, size_t *cap, size_t item_len);
char *sim_text(const char *text, size_t len);
void sim_write(struct buf *content, int64_t offset, const void *data, size_t len);
void sim_truncate(struct buf *content, int64_t len);
uint32_t sim_node_add(struct sim_disk *disk, bool is_dir);
uint32_t sim_name_find(const struct sim_names *names, uint32_t parent, const char *text);
void sim_name_set(struct sim_names *names, uint32_t parent, const char *text, uint32_t node);
void sim_name_unset(struct sim_names *names, uint32_t parent, const char *text);
void sim_names_copy(struct sim_names *to, const struct sim_names *from);
void sim_names_done(struct sim_names *names);
/* Walks `path`: its folder, and the last part (own: free; "" for the root). False when a folder
 * on the way is not there. */
bool sim_path_split(const struct sim_disk *disk, const char *path, uint32_t *ret_parent,
                    char **ret_last);
/* SIM_NONE when nothing has that path. */
uint32_t sim_path_find(const struct sim_disk *disk, const char *path);

/* --- sim_disk_cut.c --- */

void sim_log_write(struct sim_disk *disk, uint32_t node, int64_t offset, const void *data,
                   size_t len);
void sim_log_truncate(struct sim_disk *disk, uint32_t node, int64_t len);
/* `from` or `to` may be NULL. */
void sim_log_name(struct sim_disk *disk, uint32_t node, uint32_t from_parent, const char *from,
                  uint32_t to_parent, const char *to);
void sim_log_done(struct sim_log *log);
/* Which units of a file or a folder reach the platter when it is flushed. */
enum sim_flush { SIM_FLUSH_ALL, SIM_FLUSH_DRAWN, SIM_FLUSH_NONE };
/* Takes the entries of `node` out of the log: its data, or with `names` the names in it. */
void sim_log_flush(struct sim_disk *disk, uint32_t node, bool names, enum sim_flush flush);

#endif

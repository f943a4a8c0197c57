/* What the files of view share; nobody else includes it. */
#ifndef CTPS_VIEW_VIEW_PRIVATE_H
#define CTPS_VIEW_VIEW_PRIVATE_H

#include <limits.h>

#include "store/store.h"
#include "view/view.h"

enum { VIEW_MARKER_LEN = 256 };

/* What changes with each entry, copied at begin so that abort can go back. */
struct view_moment {
    struct view_head head;
    struct apply_state state;
    uint8_t digest[VIEW_DIGEST_LEN];
};

struct view {
    const struct sys *sys;
    const struct log *log;
    struct seal_key *key; /* own copy: the store borrows it */
    struct store *store;
    struct store_txn *txn;
    bool writing;
    bool read_only;
    struct tables tables;
    struct view_moment now;
    struct view_moment before; /* at view_begin */
    char dir[PATH_MAX - 32];
    char env_path[PATH_MAX];
    char marker_path[PATH_MAX];
    size_t map_len;
};

/* --- marker --- */
bool view_marker_is_trusted(struct view *view);
enum ctps_code view_marker_write(struct view *view, bool clean, struct ctps_err *err);
void view_marker_remove(struct view *view);

/* --- head row --- */
enum ctps_code view_meta_read(struct view *view, struct ctps_err *err);
enum ctps_code view_meta_write(struct view *view);

/* --- digest --- */
void view_digest_add(uint8_t digest[VIEW_DIGEST_LEN], unsigned table, struct bytes key,
                     struct bytes value);
void view_digest_subtract(uint8_t digest[VIEW_DIGEST_LEN], unsigned table, struct bytes key,
                          struct bytes value);

/* --- tables port --- */
void view_tables_init(struct view *view);

#endif

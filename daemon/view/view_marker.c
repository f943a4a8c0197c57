/* The file that says whether the environment may be trusted at the next start. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "view/view_private.h"

static bool place_get(struct view *view, char out[VIEW_MARKER_LEN])
{
    return view->sys->boot_mount_id(view->sys->ctx, view->dir, out, VIEW_MARKER_LEN - 8) == 0;
}

static enum ctps_code absent(const struct view *view, struct ctps_err *err)
{
    return err_set(err, CTPS_ABSENT, "no views that can be trusted under %s", view->dir);
}

enum ctps_code view_marker_read(struct view *view, struct ctps_err *err)
{
    char place[VIEW_MARKER_LEN];
    char expected[VIEW_MARKER_LEN];
    char found[VIEW_MARKER_LEN];
    ssize_t len = sys_read_file(view->sys, view->marker_path, found, sizeof(found) - 1);

    if (len < 0 && len != -ENOENT && len != -EFBIG)
        return err_set_errno(err, (int)-len, "%s", view->marker_path);
    if (len < 0)
        return absent(view, err);
    found[len] = '\0';
    view->marked_clean = strncmp(found, "clean ", 6) == 0;
    if (view->marked_clean) {
        view->marked_seq = strtoull(found + 6, NULL, 10);
        return CTPS_OK;
    }
    if (strncmp(found, "live ", 5) != 0)
        return absent(view, err);
    if (!place_get(view, place))
        return err_set(err, CTPS_IO, "boot and mount of %s cannot be read", view->dir);
    snprintf(expected, sizeof(expected), "live %.240s\n", place);
    return strcmp(found, expected) == 0 ? CTPS_OK : absent(view, err);
}

enum ctps_code view_marker_write(struct view *view, bool clean, struct ctps_err *err)
{
    char place[VIEW_MARKER_LEN];
    char text[VIEW_MARKER_LEN];
    int rc;

    if (clean)
        snprintf(text, sizeof(text), "clean %" PRIu64 "\n", view->now.head.seq);
    else if (place_get(view, place))
        snprintf(text, sizeof(text), "live %.240s\n", place);
    else
        snprintf(text, sizeof(text), "unknown\n");
    rc = sys_write_file(view->sys, view->marker_path, text, strlen(text), 0600);
    return rc < 0 ? err_set_errno(err, -rc, "cannot write %s", view->marker_path) : CTPS_OK;
}

void view_marker_remove(struct view *view)
{
    view->sys->unlink(view->sys->ctx, view->marker_path);
    view->sys->sync_dir(view->sys->ctx, view->dir);
}

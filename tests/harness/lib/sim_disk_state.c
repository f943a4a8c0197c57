#include <stdlib.h>
#include <string.h>

#include "sim_disk_private.h"

void *sim_grow(void *array, size_t count, size_t *cap, size_t item_len)
{
    void *grown;

    if (count < *cap)
        return array;
    *cap = *cap ? *cap * 2 : 16;
    grown = realloc(array, *cap * item_len);
    if (!grown)
        abort();
    return grown;
}

char *sim_text(const char *text, size_t len)
{
    char *copy = strndup(text, len);

    if (!copy)
        abort();
    return copy;
}

static void resize(struct buf *content, size_t len)
{
    size_t old = content->len;

    if (len <= old) {
        content->len = len;
        return;
    }
    if (!buf_extend(content, len - old))
        abort();
    memset(content->data + old, 0, len - old);
}

void sim_write(struct buf *content, int64_t offset, const void *data, size_t len)
{
    size_t end = (size_t)offset + len;

    if (len == 0)
        return;
    if (end > content->len)
        resize(content, end);
    memcpy(content->data + offset, data, len);
}

void sim_truncate(struct buf *content, int64_t len)
{
    resize(content, (size_t)len);
}

uint32_t sim_node_add(struct sim_disk *disk, bool is_dir)
{
    disk->nodes =
        sim_grow(disk->nodes, disk->node_count, &disk->node_cap, sizeof(*disk->nodes));
    disk->nodes[disk->node_count] = (struct sim_node){.is_dir = is_dir};
    return (uint32_t)disk->node_count++;
}

static size_t name_index(const struct sim_names *names, uint32_t parent, const char *text)
{
    size_t i = 0;

    while (i < names->count &&
           (names->at[i].parent != parent || strcmp(names->at[i].text, text) != 0))
        i++;
    return i;
}

uint32_t sim_name_find(const struct sim_names *names, uint32_t parent, const char *text)
{
    size_t i = name_index(names, parent, text);

    return i < names->count ? names->at[i].node : SIM_NONE;
}

void sim_name_set(struct sim_names *names, uint32_t parent, const char *text, uint32_t node)
{
    size_t i = name_index(names, parent, text);

    if (i < names->count) {
        names->at[i].node = node;
        return;
    }
    names->at = sim_grow(names->at, names->count, &names->cap, sizeof(*names->at));
    names->at[names->count++] =
        (struct sim_name){.parent = parent, .node = node, .text = sim_text(text, strlen(text))};
}

void sim_name_unset(struct sim_names *names, uint32_t parent, const char *text)
{
    size_t i = name_index(names, parent, text);

    if (i == names->count)
        return;
    free(names->at[i].text);
    names->count--;
    memmove(names->at + i, names->at + i + 1, (names->count - i) * sizeof(*names->at));
}

void sim_names_copy(struct sim_names *to, const struct sim_names *from)
{
    for (size_t i = 0; i < from->count; i++)
        sim_name_set(to, from->at[i].parent, from->at[i].text, from->at[i].node);
}

void sim_names_done(struct sim_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->at[i].text);
    free(names->at);
    *names = (struct sim_names){0};
}

bool sim_path_split(const struct sim_disk *disk, const char *path, uint32_t *ret_parent,
                    char **ret_last)
{
    uint32_t parent = SIM_ROOT;
    char *last = sim_text("", 0);

    for (;;) {
        size_t len;

        path += strspn(path, "/");
        len = strcspn(path, "/");
        if (len == 0)
            break;
        if (len == 1 && *path == '.') {
            path++;
            continue;
        }
        if (*last)
            parent = sim_name_find(&disk->seen, parent, last);
        free(last);
        last = sim_text(path, len);
        path += len;
        if (parent == SIM_NONE || !disk->nodes[parent].is_dir) {
            free(last);
            return false;
        }
    }
    *ret_parent = parent;
    *ret_last = last;
    return true;
}

uint32_t sim_path_find(const struct sim_disk *disk, const char *path)
{
    uint32_t parent;
    uint32_t node = SIM_ROOT;
    char *last;

    if (!sim_path_split(disk, path, &parent, &last))
        return SIM_NONE;
    if (*last)
        node = sim_name_find(&disk->seen, parent, last);
    free(last);
    return node;
}

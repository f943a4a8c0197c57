#include "host/usage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 512, LEAST = 4096 };

/* Folders that are open, the one being read last. */
struct walk {
    DIR *open[USAGE_DEPTH_MAX];
    unsigned depth;
    struct usage usage;
};

/* What could not be looked at: for want of something of ours, or for what it is. Not what went
 * away meanwhile. */
static void note_failure(struct walk *walk, int why)
{
    if (why == ENOMEM || why == EMFILE || why == ENFILE || why == EINTR)
        walk->usage.partial = true;
    else if (why != ENOENT)
        walk->usage.hides = true;
}

static void enter(struct walk *walk, int at, const char *name)
{
    DIR *folder;
    int fd;

    if (walk->depth == USAGE_DEPTH_MAX) {
        walk->usage.hides = true;
        return;
    }
    fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (folder) {
        walk->open[walk->depth++] = folder;
        return;
    }
    note_failure(walk, errno);
    if (fd >= 0)
        close(fd);
}

static void count(struct walk *walk, int at, const char *name)
{
    struct stat info;
    uint64_t bytes;

    if (fstatat(at, name, &info, AT_SYMLINK_NOFOLLOW) < 0) {
        note_failure(walk, errno);
        return;
    }
    bytes = (uint64_t)info.st_blocks * BLOCK;
    walk->usage.bytes += bytes > LEAST ? bytes : LEAST;
    if (S_ISDIR(info.st_mode))
        enter(walk, at, name);
}

struct usage usage_of(const char *dir, uint64_t enough)
{
    struct walk walk = {0};
    struct dirent *entry;

    enter(&walk, AT_FDCWD, dir);
    while (walk.depth) {
        DIR *folder = walk.open[walk.depth - 1];
        bool over = walk.usage.hides || walk.usage.partial || walk.usage.bytes > enough;

        entry = over ? NULL : readdir(folder);
        if (!entry) {
            closedir(folder);
            walk.depth--;
        } else if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            count(&walk, dirfd(folder), entry->d_name);
        }
    }
    return walk.usage;
}

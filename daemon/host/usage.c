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

static void enter(struct walk *walk, int at, const char *name)
{
    int fd = walk->depth < USAGE_DEPTH_MAX
                 ? openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                 : -1;
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;

    if (folder)
        walk->open[walk->depth++] = folder;
    else if (fd >= 0)
        close(fd);
    if (!folder && (errno != ENOENT || walk->depth == USAGE_DEPTH_MAX))
        walk->usage.hides = true;
}

static void count(struct walk *walk, int at, const char *name)
{
    struct stat info;
    uint64_t bytes;

    if (fstatat(at, name, &info, AT_SYMLINK_NOFOLLOW) < 0) {
        walk->usage.hides |= errno != ENOENT; /* gone meanwhile */
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
        bool over = walk.usage.hides || walk.usage.bytes > enough;

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

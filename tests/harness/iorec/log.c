#include "iorec.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static struct {
    pthread_once_t once;
    pthread_mutex_t order;
    char root[PATH_MAX];
    size_t root_len; /* 0: not active */
    int log_fd;      /* -1: nothing is recorded */
} state = {.once = PTHREAD_ONCE_INIT, .order = PTHREAD_MUTEX_INITIALIZER, .log_fd = -1};

static void fail_setup(const char *what)
{
    dprintf(STDERR_FILENO, "iorec: %s\n", what);
    _exit(99);
}

static void set_up(void)
{
    const char *root = getenv("IOREC_ROOT");
    const char *log = getenv("IOREC_LOG");

    if (!root)
        return;
    if (!realpath(root, state.root))
        fail_setup("IOREC_ROOT does not exist");
    state.root_len = strlen(state.root);
    if (log) {
        state.log_fd = (int)syscall(SYS_openat, AT_FDCWD, log,
                                    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        if (state.log_fd < 0)
            fail_setup("IOREC_LOG cannot be opened");
    }
    iorec_rules_load();
    iorec_log(IOREC_START, 0, "", (uint64_t)getpid(), 0, NULL);
}

bool iorec_is_active(void)
{
    pthread_once(&state.once, set_up);
    return state.root_len > 0;
}

/* At once, so that what is counted does not begin with the first call on a file. */
__attribute__((constructor)) static void begin(void)
{
    iorec_is_active();
}

__attribute__((destructor)) static void end(void)
{
    if (state.root_len)
        iorec_rules_tell();
}

const char *iorec_root(void)
{
    return state.root;
}

const char *iorec_boot_path(void)
{
    return getenv("IOREC_BOOT");
}

/* Cuts the root off an absolute path; false when the path is not below it. */
static bool cut_root(const char *path, char out[PATH_MAX])
{
    if (strncmp(path, state.root, state.root_len) != 0)
        return false;
    path += state.root_len;
    if (*path != '/' && *path != '\0')
        return false;
    snprintf(out, PATH_MAX, "%s", *path ? path + 1 : "");
    return true;
}

bool iorec_path_of_fd(int fd, char out[PATH_MAX])
{
    static const char gone[] = " (deleted)";
    char link[64];
    char path[PATH_MAX];
    ssize_t len;

    if (!iorec_is_active())
        return false;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    len = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof(path) - 1);
    if (len <= 0)
        return false;
    path[len] = '\0';
    if ((size_t)len >= sizeof(gone) && strcmp(path + len - (sizeof(gone) - 1), gone) == 0)
        return false; /* nothing of it can come back after a crash */
    return cut_root(path, out);
}

/* Folder that `name` is relative to, resolved. */
static bool resolve_folder(int dir_fd, const char *folder, char out[PATH_MAX])
{
    char path[PATH_MAX * 2];

    if (folder[0] == '/' || dir_fd == AT_FDCWD)
        return realpath(folder, out) != NULL;
    if (snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir_fd, folder) >=
        (int)sizeof(path))
        return false;
    return realpath(path, out) != NULL;
}

static bool is_dots(const char *name)
{
    return strcmp(name, "") == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

bool iorec_path_of_name(int dir_fd, const char *name, char out[PATH_MAX])
{
    char folder[PATH_MAX];
    char resolved[PATH_MAX];
    char whole[PATH_MAX * 2];
    const char *last = strrchr(name, '/');

    if (!iorec_is_active() || strlen(name) >= sizeof(folder))
        return false;
    if (is_dots(last ? last + 1 : name))
        return resolve_folder(dir_fd, name, resolved) && cut_root(resolved, out);
    if (!last)
        snprintf(folder, sizeof(folder), ".");
    else if (last == name)
        snprintf(folder, sizeof(folder), "/");
    else
        snprintf(folder, sizeof(folder), "%.*s", (int)(last - name), name);
    if (!resolve_folder(dir_fd, folder, resolved))
        return false;
    snprintf(whole, sizeof(whole), "%s/%s", resolved, last ? last + 1 : name);
    return strlen(whole) < PATH_MAX && cut_root(whole, out);
}

void iorec_log(enum iorec_op op, uint8_t flags, const char *path, uint64_t offset, uint64_t len,
               const void *data)
{
    struct iorec_record record = {
        .magic = IOREC_MAGIC,
        .op = (uint8_t)op,
        .flags = flags,
        .path_len = (uint16_t)strlen(path),
        .offset = offset,
        .len = len,
    };
    char name[PATH_MAX];
    char *content = NULL;
    struct iovec parts[3] = {{&record, sizeof(record)}, {name, record.path_len}, {NULL, 0}};
    size_t whole = sizeof(record) + record.path_len + (data ? len : 0);

    if (state.log_fd < 0)
        return;
    memcpy(name, path, record.path_len);
    if (data) {
        memcpy(&content, &data, sizeof(content)); /* writev only reads it */
        parts[2] = (struct iovec){content, len};
    }
    if (syscall(SYS_writev, state.log_fd, parts, 3) != (ssize_t)whole)
        fail_setup("the log cannot be written");
}

void iorec_step_begin(struct iorec_step *step)
{
    pthread_mutex_lock(&state.order);
    step->verdict = iorec_rules_before(step->kind, step->path);
}

void iorec_step_end(struct iorec_step *step)
{
    int saved = errno;

    iorec_rules_after(step->kind, step->path);
    pthread_mutex_unlock(&state.order);
    errno = saved;
}

/* The sandbox's files: which of them may be opened, by Landlock. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/sandbox_private.h"

/* Of kernels newer than the headers this is built with. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (UINT64_C(1) << 13) /* ABI 2 */
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (UINT64_C(1) << 14) /* ABI 3 */
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (UINT64_C(1) << 15) /* ABI 5 */
#endif

enum { BESIDE_MAX = 256, PATH_LEN = 4096 };

static const uint64_t look = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t work = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                             LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                             LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                             LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_TRUNCATE;

long landlock_version(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

/* Rights the running kernel knows, of those this source knows. */
static uint64_t rights_known(long version)
{
    uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

    if (version >= 2)
        rights |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3)
        rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
    if (version >= 5)
        rights |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
    return rights;
}

static bool path_allow(int ruleset, const char *path, uint64_t rights)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = rights};
    long status;

    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return errno == ENOENT;
    status = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
    return status == 0;
}

static void list_allow(int ruleset, const char *const *paths, size_t count, uint64_t rights)
{
    for (size_t i = 0; i < count; i++)
        (void)path_allow(ruleset, paths[i], rights);
}

/* Its own folder, and the files its options name. */
static bool own_allow(int ruleset, const Ctps__LinkStart *start, uint64_t known)
{
    if (start->state_dir && *start->state_dir &&
        !path_allow(ruleset, start->state_dir, work & known))
        return false;
    for (size_t i = 0; i < start->n_readable; i++)
        if (!path_allow(ruleset, start->readable[i], LANDLOCK_ACCESS_FS_READ_FILE))
            return false;
    return true;
}

/* --- while it is loaded --- */

/* "libx.so", "libx.so.1": not "notes.so.txt". */
static bool is_library(const char *name)
{
    const char *end = strstr(name, ".so");

    return end && end[3 + strspn(end + 3, ".0123456789")] == '\0';
}

/* Libraries may stand beside the object; what else stands there is none of its business. */
static void beside_allow(int ruleset, const char *object)
{
    char path[PATH_LEN];
    const char *slash = strrchr(object, '/');
    struct dirent *entry;
    DIR *folder;

    if (!slash)
        return;
    snprintf(path, sizeof(path), "%.*s", (int)(slash - object + 1), object);
    folder = opendir(path);
    for (int i = 0; folder && i < BESIDE_MAX && (entry = readdir(folder)); i++) {
        if (!is_library(entry->d_name))
            continue;
        snprintf(path, sizeof(path), "%.*s%s", (int)(slash - object + 1), object,
                 entry->d_name);
        (void)path_allow(ruleset, path, LANDLOCK_ACCESS_FS_READ_FILE);
    }
    if (folder)
        closedir(folder);
}

static bool load_allow(int ruleset, const Ctps__LinkStart *start, uint64_t known)
{
    /* What the loader, and libraries when they begin, read on a Debian system. */
    static const char *const folders[] = {
        "/lib",       "/lib64",   "/usr/lib",       "/usr/lib64",  "/usr/local/lib",
        "/usr/share", "/etc/ssl", "/etc/localtime", "/dev/random", "/sys/devices/system/cpu",
    };
    static const char *const files[] = {
        "/etc/ld.so.cache", "/etc/nsswitch.conf", "/etc/resolv.conf", "/etc/hosts",
        "/etc/host.conf",   "/etc/gai.conf",      "/etc/passwd",      "/etc/group",
        "/etc/services",    "/etc/protocols",     "/etc/timezone",    "/etc/locale.alias",
        "/dev/null",        "/dev/zero",          "/dev/urandom",
    };

    list_allow(ruleset, folders, sizeof(folders) / sizeof(folders[0]), look & known);
    list_allow(ruleset, files, sizeof(files) / sizeof(files[0]), LANDLOCK_ACCESS_FS_READ_FILE);
    (void)path_allow(ruleset, start->path, LANDLOCK_ACCESS_FS_READ_FILE);
    beside_allow(ruleset, start->path);
    return own_allow(ruleset, start, known);
}

/* --- once it runs --- */

static bool run_allow(int ruleset, const Ctps__LinkStart *start, uint64_t known)
{
    /* What libraries read late. */
    static const char *const shared[] = {"/usr/share/zoneinfo", "/etc/localtime"};

    list_allow(ruleset, shared, sizeof(shared) / sizeof(shared[0]), look & known);
    return own_allow(ruleset, start, known);
}

static enum ctps_code restrict_to(const Ctps__LinkStart *start,
                                  bool (*allow)(int, const Ctps__LinkStart *, uint64_t),
                                  struct ctps_err *err)
{
    long version = landlock_version();
    struct landlock_ruleset_attr attributes = {.handled_access_fs = rights_known(version)};
    bool closed;
    int ruleset;

    if (version <= 0)
        return CTPS_OK;
    ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
    if (ruleset < 0)
        return err_set_errno(err, errno, "sandbox: landlock");
    closed = allow(ruleset, start, attributes.handled_access_fs) &&
             syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return closed ? CTPS_OK : err_set_errno(err, errno, "sandbox: landlock");
}

enum ctps_code landlock_load(const Ctps__LinkStart *start, struct ctps_err *err)
{
    return restrict_to(start, load_allow, err);
}

enum ctps_code landlock_close(const Ctps__LinkStart *start, struct ctps_err *err)
{
    return restrict_to(start, run_allow, err);
}

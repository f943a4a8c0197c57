/* A plugin that attempts what no plugin may, while it is loaded and once the sandbox has
 * closed, and tells how many attempts were made and how many came through. What it may do is
 * attempted too: a sandbox that forbids everything would be no proof. */
#include "begin.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_LEN = 256 };

struct escaper {
    struct ctps_host *host;
    const struct ctps_host_api *api;
};

/* --- acts: true when it came through --- */

static bool opens(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool reads(const char *path)
{
    return opens(path, O_RDONLY);
}

static bool makes_socket(int family, int type)
{
    int fd = socket(family, type | SOCK_CLOEXEC, 0);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool call(long status)
{
    return status >= 0;
}

/* A child, if there is one, ends at once and is waited for. */
static bool is_child(pid_t pid)
{
    if (pid == 0)
        _exit(0);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return pid > 0;
}

static bool act_passwd(void)
{
    return reads("/etc/passwd");
}
static bool act_shadow(void)
{
    return reads("/etc/shadow");
}
static bool act_hosts(void)
{
    return reads("/etc/hosts");
}
static bool act_environ(void)
{
    return reads("/proc/self/environ");
}
static bool act_maps(void)
{
    return reads("/proc/self/maps");
}
static bool act_mem(void)
{
    return opens("/proc/self/mem", O_RDWR);
}
static bool act_parent_mem(void)
{
    char path[PATH_LEN];

    snprintf(path, sizeof(path), "/proc/%d/mem", (int)getppid());
    return opens(path, O_RDWR);
}
static bool act_parent_environ(void)
{
    char path[PATH_LEN];

    snprintf(path, sizeof(path), "/proc/%d/environ", (int)getppid());
    return reads(path);
}
static bool act_parent_fd(void)
{
    char path[PATH_LEN];

    snprintf(path, sizeof(path), "/proc/%d/fd/3", (int)getppid());
    return opens(path, O_RDWR);
}
static bool act_host_program(void)
{
    return reads("/proc/self/exe");
}
static bool act_root_dir(void)
{
    return reads("/");
}
static bool act_tmp_dir(void)
{
    return reads("/tmp");
}
static bool act_home_dir(void)
{
    return reads("/root");
}
static bool act_tmp_make(void)
{
    bool made = opens("/tmp/ctps-escaper", O_WRONLY | O_CREAT);

    unlink("/tmp/ctps-escaper");
    return made;
}
static bool act_shm_make(void)
{
    bool made = opens("/dev/shm/ctps-escaper", O_WRONLY | O_CREAT);

    unlink("/dev/shm/ctps-escaper");
    return made;
}
static bool act_tmp_mkdir(void)
{
    bool made = mkdir("/tmp/ctps-escaper.d", 0700) == 0;

    rmdir("/tmp/ctps-escaper.d");
    return made;
}
static bool act_dev_null_write(void)
{
    return opens("/dev/null", O_WRONLY);
}
static bool act_dev_kmsg(void)
{
    return opens("/dev/kmsg", O_RDONLY);
}
static bool act_sysrq(void)
{
    return opens("/proc/sysrq-trigger", O_WRONLY);
}
static bool act_cgroup(void)
{
    return reads("/sys/fs/cgroup/cgroup.procs");
}
static bool act_above_state(void)
{
    return opens("..", O_RDONLY | O_DIRECTORY);
}
static bool act_symlink(void)
{
    bool made = symlink("/etc/passwd", "/tmp/ctps-escaper.l") == 0;

    unlink("/tmp/ctps-escaper.l");
    return made;
}
static bool act_hard_link(void)
{
    bool made = link("/etc/hostname", "/tmp/ctps-escaper.h") == 0;

    unlink("/tmp/ctps-escaper.h");
    return made;
}
static bool act_chmod(void)
{
    return chmod("/tmp", 01777) == 0;
}
static bool act_chown(void)
{
    return chown("/tmp", 0, 0) == 0;
}
static bool act_truncate(void)
{
    return truncate("/tmp/ctps-escaper.none", 0) == 0 || errno != EPERM;
}
static bool act_chdir(void)
{
    return chdir("/") == 0;
}
static bool act_chroot(void)
{
    return chroot("/") == 0;
}
static bool act_mount(void)
{
    return mount("none", "/tmp", "tmpfs", 0, "") == 0 && umount("/tmp") == 0;
}
static bool act_unshare(void)
{
    return unshare(CLONE_NEWUSER) == 0;
}
static bool act_setns(void)
{
    return call(setns(0, 0)) || errno != EPERM;
}
static bool act_tcp4(void)
{
    return makes_socket(AF_INET, SOCK_STREAM);
}
static bool act_tcp6(void)
{
    return makes_socket(AF_INET6, SOCK_STREAM);
}
static bool act_udp(void)
{
    return makes_socket(AF_INET, SOCK_DGRAM);
}
static bool act_unix(void)
{
    return makes_socket(AF_UNIX, SOCK_STREAM);
}
static bool act_netlink(void)
{
    return makes_socket(AF_NETLINK, SOCK_RAW);
}
static bool act_packet(void)
{
    return makes_socket(AF_PACKET, SOCK_RAW);
}
static bool act_pair(void)
{
    int ends[2];
    bool made = socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0;

    if (made) {
        close(ends[0]);
        close(ends[1]);
    }
    return made;
}
static bool act_bind(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};

    return bind(0, (struct sockaddr *)&address, sizeof(address)) == 0 || errno != EPERM;
}
static bool act_connect(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};

    /* What libcurl is told; of no socket at all the kernel itself would say ENOTSOCK. */
    return connect(0, (struct sockaddr *)&address, sizeof(address)) == 0 ||
           errno != EINPROGRESS;
}
static bool act_listen(void)
{
    return listen(0, 1) == 0 || errno != EPERM;
}
static bool act_fork(void)
{
    return is_child(fork());
}
static bool act_vfork(void)
{
    /* Ends in the frame it was called in: a return from it would spoil the parent's stack. */
    pid_t pid = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork) */

    if (pid == 0)
        _exit(0);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return pid > 0;
}
static bool act_clone_process(void)
{
    return is_child((pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}
static bool act_exec(void)
{
    char *const words[] = {(char[]){"true"}, NULL};

    /* Would end the plugin: attempted with a file that is none, which tells by its error. */
    execve("/nowhere", words, NULL);
    return errno != EPERM;
}
static bool act_spawn(void)
{
    char *const words[] = {(char[]){"true"}, NULL};
    pid_t pid = 0;
    bool spawned = posix_spawn(&pid, "/bin/true", NULL, NULL, words, NULL) == 0;

    if (spawned)
        waitpid(pid, NULL, 0);
    return spawned;
}
static bool act_kill_parent(void)
{
    return kill(getppid(), 0) == 0;
}
static bool act_kill_all(void)
{
    return kill(-1, 0) == 0;
}
static bool act_pidfd(void)
{
    return call(syscall(SYS_pidfd_open, getppid(), 0));
}
static bool act_ptrace(void)
{
    /* Of nobody: one that traces its parent, or is traced, would stop at the next signal. */
    return call(ptrace(PTRACE_SEIZE, -1, NULL, NULL)) || errno != EPERM;
}
static bool act_read_parent(void)
{
    char byte;
    struct iovec here = {&byte, 1};
    struct iovec there = {&byte, 1};

    return call(process_vm_readv(getppid(), &here, 1, &there, 1, 0)) || errno != EPERM;
}
static bool act_memory_run(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return page != MAP_FAILED;
}
static bool act_memory_made_run(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}
static bool act_dlopen(void)
{
    return dlopen("libthread_db.so.1", RTLD_NOW) != NULL;
}
static bool act_memfd(void)
{
    return call(syscall(SYS_memfd_create, "x", 0));
}
static bool act_shm(void)
{
    return call(shmget(IPC_PRIVATE, 4096, 0600));
}
static bool act_setuid(void)
{
    return setuid(getuid()) == 0;
}
static bool act_dumpable(void)
{
    return prctl(PR_SET_DUMPABLE, 1) == 0;
}
static bool act_rlimit(void)
{
    struct rlimit limit = {1024, 1024};

    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}
static bool act_clock_set(void)
{
    struct timeval now = {0};

    return settimeofday(&now, NULL) == 0 || errno != EPERM;
}
static bool act_bpf(void)
{
    return call(syscall(SYS_bpf, 0, NULL, 0)) || errno != EPERM;
}
static bool act_perf(void)
{
    return call(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0)) || errno != EPERM;
}
static bool act_uring(void)
{
    return call(syscall(SYS_io_uring_setup, 1, NULL)) || errno != EPERM;
}
static bool act_keyctl(void)
{
    return call(syscall(SYS_keyctl, 0, -3, 1)) || errno != EPERM;
}
static bool act_tty(void)
{
    return ioctl(0, TIOCSTI, "x") == 0 || errno != EPERM;
}

struct act {
    const char *name;
    bool (*attempt)(void);
};

#define ACT(name)                                                                              \
    {                                                                                          \
#name, act_##name                                                                      \
    }
static const struct act acts[] = {
    ACT(passwd),
    ACT(shadow),
    ACT(hosts),
    ACT(environ),
    ACT(maps),
    ACT(mem),
    ACT(parent_mem),
    ACT(parent_environ),
    ACT(parent_fd),
    ACT(host_program),
    ACT(root_dir),
    ACT(tmp_dir),
    ACT(home_dir),
    ACT(tmp_make),
    ACT(shm_make),
    ACT(tmp_mkdir),
    ACT(dev_null_write),
    ACT(dev_kmsg),
    ACT(sysrq),
    ACT(cgroup),
    ACT(above_state),
    ACT(symlink),
    ACT(hard_link),
    ACT(chmod),
    ACT(chown),
    ACT(truncate),
    ACT(chdir),
    ACT(chroot),
    ACT(mount),
    ACT(unshare),
    ACT(setns),
    ACT(tcp4),
    ACT(tcp6),
    ACT(udp),
    ACT(unix),
    ACT(netlink),
    ACT(packet),
    ACT(pair),
    ACT(bind),
    ACT(connect),
    ACT(listen),
    ACT(fork),
    ACT(vfork),
    ACT(clone_process),
    ACT(exec),
    ACT(spawn),
    ACT(kill_parent),
    ACT(kill_all),
    ACT(pidfd),
    ACT(ptrace),
    ACT(read_parent),
    ACT(memory_run),
    ACT(memory_made_run),
    ACT(dlopen),
    ACT(memfd),
    ACT(shm),
    ACT(setuid),
    ACT(dumpable),
    ACT(rlimit),
    ACT(clock_set),
    ACT(bpf),
    ACT(perf),
    ACT(uring),
    ACT(keyctl),
    ACT(tty),
};
enum { ACT_COUNT = sizeof(acts) / sizeof(acts[0]) };

/* What it may do: its own folder, memory, the clock, a timer. */
static bool works(const char *state_dir)
{
    char path[PATH_LEN];
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool made;

    snprintf(path, sizeof(path), "%s/note", state_dir);
    made = opens(path, O_WRONLY | O_CREAT) && reads(path) && unlink(path) == 0;
    return made && page != MAP_FAILED && munmap(page, 4096) == 0 &&
           reads("/usr/share/zoneinfo/Europe/Paris");
}

/* --- while it is loaded --- */

/* What loading needs: libraries and what they read, pages of code. */
static bool is_of_loading(const char *name)
{
    static const char *const may[] = {"passwd", "hosts", "memory_run", "memory_made_run",
                                      "dlopen"};

    for (size_t i = 0; i < sizeof(may) / sizeof(may[0]); i++)
        if (strcmp(may[i], name) == 0)
            return true;
    return false;
}

static int loading_attempts, loading_through;
static char loading[PATH_LEN]; /* its version: how the process that only looks at it tells */

__attribute__((constructor)) static void attempt_early(void)
{
    for (size_t i = 0; i < ACT_COUNT; i++) {
        if (is_of_loading(acts[i].name))
            continue;
        loading_attempts++;
        if (!acts[i].attempt())
            continue;
        loading_through++;
        fprintf(stderr, "came through while loading: %s\n", acts[i].name);
    }
    snprintf(loading, sizeof(loading), "%d/%d", loading_through, loading_attempts);
}

/* --- once it runs --- */

static void attempt_all(void *arg)
{
    struct escaper *self = arg;
    char line[64];
    int64_t through = 0;

    for (size_t i = 0; i < ACT_COUNT; i++) {
        if (!acts[i].attempt())
            continue;
        through++;
        snprintf(line, sizeof(line), "came through: %s", acts[i].name);
        self->api->log(self->host, CTPS_LEVEL_INFO, line);
    }
    self->api->metric(self->host, "attempts", ACT_COUNT);
    self->api->metric(self->host, "through", through);
    self->api->metric(self->host, "loading.attempts", loading_attempts);
    self->api->metric(self->host, "loading.through", loading_through);
    self->api->metric(self->host, "works", works(self->api->state_dir(self->host)));
    self->api->metric(self->host, "over", 1);
}

PLUGIN_BEGIN(escaper)

static enum ctps_status start(struct ctps_host *host, const struct ctps_host_api *api,
                              void **ret_self, char *why, size_t why_len)
{
    struct escaper *self = begin(host, api, why, why_len);

    if (!self)
        return CTPS_STATUS_NO_MEMORY;
    /* The loop's first turn comes after the sandbox closed. */
    if (!api->timer_add(host, 0, attempt_all, self)) {
        snprintf(why, why_len, "no timer");
        free(self);
        return CTPS_STATUS_NO_MEMORY;
    }
    *ret_self = self;
    return CTPS_STATUS_OK;
}

CTPS_EXPORT const struct ctps_plugin ctps_plugin = {
    .magic = CTPS_PLUGIN_MAGIC,
    .abi_major = 1,
    .abi_minor = 0,
    .struct_len = sizeof(struct ctps_plugin),
    .name = "escaper",
    .version = loading,
    .summary = "Attempts what no plugin may.",
    .start = start,
    .stop = free,
};

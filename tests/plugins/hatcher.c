/* A plugin that misbehaves when it is loaded, before anybody asked it anything: as the name of
 * its file says (sleep.so, fork.so…). How that went stands in its version. */
#include <arpa/inet.h>
#include <ctps/plugin.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT_LEN = 300, PORT = 9 };

static char outcome[TEXT_LEN] = "none";

static void tell(bool done)
{
    snprintf(outcome, sizeof(outcome), "%s", done ? "done" : strerror(errno));
}
static void do_sleep(void)
{
    for (;;)
        sleep(3600);
}
static void do_loop(void)
{
    for (volatile unsigned turns = 1; turns; turns |= 1)
        ;
}
static void do_fork(void)
{
    pid_t pid = fork();

    if (pid == 0)
        for (;;)
            pause();
    tell(pid > 0);
}
/* Keys, a store: what stands beside the folder it was put into. */
static void do_open(void)
{
    Dl_info where;
    char path[TEXT_LEN];
    int fd = -1;

    if (dladdr(outcome, &where)) {
        snprintf(path, sizeof(path), "%s.secret", where.dli_fname);
        fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    tell(fd >= 0);
}
static void do_write(void)
{
    tell(open("/tmp/ctps-hatcher", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0);
}
static void do_connect(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    tell(fd >= 0);
    if (fd >= 0)
        (void)connect(fd, (const struct sockaddr *)&address, sizeof(address));
}
static void do_kill(void)
{
    tell(kill(getppid(), SIGTERM) == 0);
}
static void do_crash(void)
{
    signal(SIGSEGV, SIG_DFL);
    *(volatile char *)((uintptr_t)outcome & 0xfff) = 1; /* the first page is nobody's */
}
static void do_exit(void)
{
    _exit(0);
}
static void do_flood(void)
{
    for (int i = 0; i < 100000; i++)
        fprintf(stderr, "look at me %d\n", i);
}
static void do_junk(void)
{
    (void)send(3, "\xff\xff\xff\xffjunk", 8, MSG_NOSIGNAL);
}

static const struct {
    const char *file;
    void (*act)(void);
} acts[] = {
    {"sleep", do_sleep}, {"loop", do_loop},       {"fork", do_fork}, {"open", do_open},
    {"write", do_write}, {"connect", do_connect}, {"kill", do_kill}, {"crash", do_crash},
    {"exit", do_exit},   {"flood", do_flood},     {"junk", do_junk},
};

__attribute__((constructor)) static void hatch(void)
{
    Dl_info where;
    const char *name;

    if (!dladdr(outcome, &where) || !(name = strrchr(where.dli_fname, '/')))
        return;
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
        if (strncmp(name + 1, acts[i].file, strlen(acts[i].file)) == 0)
            acts[i].act();
}

static enum ctps_status start(struct ctps_host *host, const struct ctps_host_api *api,
                              void **ret_self, char *why, size_t why_len)
{
    (void)why;
    (void)why_len;
    *ret_self = host;
    api->log(host, CTPS_LEVEL_INFO, outcome);
    return CTPS_STATUS_OK;
}

CTPS_EXPORT const struct ctps_plugin ctps_plugin = {
    .magic = CTPS_PLUGIN_MAGIC,
    .abi_major = 1,
    .abi_minor = 0,
    .struct_len = sizeof(struct ctps_plugin),
    .name = "hatcher",
    .version = outcome,
    .summary = "Misbehaves when it is loaded.",
    .start = start,
};

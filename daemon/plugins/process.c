#include "plugins/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINK_FD = 3, HOW_LEN = 96 };

/* --- its end --- */

static void forget(struct process *process)
{
    loop_watch_remove(&process->end_watch);
    words_close(&process->words);
    channel_close(&process->channel);
    if (process->pidfd > 0)
        close(process->pidfd);
    process->pidfd = 0;
    process->pid = 0;
    process->reaped = false;
}

static void how_words(int status, char out[HOW_LEN])
{
    if (WIFSIGNALED(status))
        snprintf(out, HOW_LEN, "ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(out, HOW_LEN, "ended with %d", WEXITSTATUS(status));
}

/* What it said last stands behind its end, and says more. */
static void on_end(void *ctx, unsigned ready)
{
    struct process *process = ctx;
    char how[HOW_LEN];
    int status = 0;

    (void)ready;
    if (waitpid(process->pid, &status, WNOHANG) != process->pid)
        return;
    process->reaped = true;
    how_words(status, how);
    if (process->channel)
        channel_take(process->channel);
    if (process->pid == 0)
        return; /* what it said made it forgotten */
    forget(process);
    process->calls.over(process->calls.ctx, how);
}

void process_kill(struct process *process)
{
    if (process->pid > 0 && !process->reaped) {
        kill(process->pid, SIGKILL);
        while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    forget(process);
}

/* --- what it says --- */

static bool on_frame(void *ctx, const Ctps__LinkFrame *frame, int fd)
{
    struct process *process = ctx;

    if (fd >= 0)
        close(fd);
    return process->calls.frame(process->calls.ctx, frame);
}

/* Its end is told by the process itself; one that stays without a link is of no use. */
static void on_link_ended(void *ctx, const char *why)
{
    struct process *process = ctx;

    (void)why;
    channel_close(&process->channel);
    process_signal(process, SIGTERM);
}

void process_send(struct process *process, const Ctps__LinkFrame *frame)
{
    if (process->channel)
        channel_send(process->channel, frame, -1);
}

void process_signal(const struct process *process, int signo)
{
    if (process->pid > 0 && !process->reaped)
        kill(process->pid, signo);
}

bool process_is_running(const struct process *process)
{
    return process->pid > 0;
}

/* --- its start --- */

static int spawn(const char *program, const char *mode, int link, int words, pid_t *ret_pid)
{
    char *const argv[] = {(char[]){"ctps-host"}, (char *)(uintptr_t)mode, NULL};
    posix_spawn_file_actions_t actions;
    int status;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, words, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, words, STDERR_FILENO);
    posix_spawn_file_actions_adddup2(&actions, link, LINK_FD);
    posix_spawn_file_actions_addclosefrom_np(&actions, LINK_FD + 1);
    status = posix_spawn(ret_pid, program, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (status)
        *ret_pid = 0;
    return status;
}

/* Of both pairs the first is ours. */
static bool pairs_make(int link[2], int words[2])
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link) < 0)
        return false;
    if (pipe2(words, O_CLOEXEC | O_NONBLOCK) == 0)
        return true;
    close(link[0]);
    close(link[1]);
    return false;
}

static enum ctps_code listen_to(struct process *process, int link, int words,
                                struct ctps_err *err)
{
    struct channel_calls calls = {.ctx = process, .frame = on_frame, .ended = on_link_ended};
    enum ctps_code code;

    code = channel_open(process->loop, link, &calls, &process->channel, err);
    if (code == CTPS_OK)
        code = words_open(process->loop, words, process->calls.line, process->calls.ctx,
                          &process->words, err);
    else
        close(words);
    if (code != CTPS_OK)
        return code;
    process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
    if (process->pidfd < 0)
        return err_set_errno(err, errno, "pidfd");
    return loop_watch_add(process->loop, process->pidfd, LOOP_READABLE, on_end, process,
                          &process->end_watch, err);
}

enum ctps_code process_start(struct process *process, struct loop *loop, const char *program,
                             const char *mode, const struct process_calls *calls,
                             struct ctps_err *err)
{
    int link[2];
    int words[2];
    int status;
    enum ctps_code code;

    *process = (struct process){.loop = loop, .calls = *calls};
    if (!pairs_make(link, words))
        return err_set_errno(err, errno, "no descriptors for the program ctps-host");
    status = spawn(program, mode, link[1], words[1], &process->pid);
    close(link[1]);
    close(words[1]);
    if (status) {
        close(link[0]);
        close(words[0]);
        return err_set(err, CTPS_IO,
                       "the program ctps-host cannot be run as %s: %s; install it there, or "
                       "say in `programs.host` where it is",
                       program, strerror(status));
    }
    code = listen_to(process, link[0], words[0], err);
    if (code != CTPS_OK)
        process_kill(process);
    return code;
}

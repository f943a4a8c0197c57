#include "host/process.h"

#include <errno.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PLUGIN_FD = 3 };

static enum ctps_code spawn(int theirs, const char *mode, pid_t *ret_pid, struct ctps_err *err)
{
    char *const words[] = {(char[]){"ctps-host"}, (char *)(uintptr_t)mode, NULL};
    posix_spawn_file_actions_t actions;
    int status;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, theirs, PLUGIN_FD);
    posix_spawn_file_actions_addclosefrom_np(&actions, PLUGIN_FD + 1);
    status = posix_spawn(ret_pid, "/proc/self/exe", &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (status == 0)
        return CTPS_OK;
    *ret_pid = 0;
    return err_set_errno(err, status, "the plugin process");
}

enum ctps_code process_open(struct loop *loop, const char *mode,
                            const struct channel_calls *calls, pid_t *ret_pid,
                            struct channel **ret_channel, struct ctps_err *err)
{
    enum ctps_code code;
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return err_set_errno(err, errno, "socket pair");
    code = spawn(ends[1], mode, ret_pid, err);
    close(ends[1]);
    if (code != CTPS_OK) {
        close(ends[0]);
        return code;
    }
    return channel_open(loop, ends[0], calls, ret_channel, err);
}

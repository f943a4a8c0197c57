/*
 * process: one process of the program ctps-host, seen from ctpsd: a channel to it, the lines it
 * writes to its standard error, and its end, each told on the loop.
 */
#ifndef CTPS_PLUGINS_PROCESS_H
#define CTPS_PLUGINS_PROCESS_H

#include <sys/types.h>

#include "link/channel.h"
#include "plugins/words.h"

struct process_calls {
    void *ctx;
    /* A frame; a descriptor that came along is closed. False: it makes no sense. */
    bool (*frame)(void *ctx, const Ctps__LinkFrame *frame);
    /* One line of its standard error. */
    void (*line)(void *ctx, const char *line);
    /* It ended by itself, `how` in words; everything it said before has been told, and it is
     * forgotten. */
    void (*over)(void *ctx, const char *how);
};

/* Zeroed: none. */
struct process {
    struct loop *loop;
    struct process_calls calls;
    pid_t pid; /* 0: none */
    bool reaped;
    int pidfd;
    struct loop_watch *end_watch;
    struct channel *channel; /* NULL: the other end closed it */
    struct words *words;
};

/* Runs `program` with the one word `mode`. CTPS_IO with errno's text. */
enum ctps_code process_start(struct process *process, struct loop *loop, const char *program,
                             const char *mode, const struct process_calls *calls,
                             struct ctps_err *err);
bool process_is_running(const struct process *process);
/* Does nothing when there is no channel. */
void process_send(struct process *process, const Ctps__LinkFrame *frame);
void process_signal(const struct process *process, int signo);
/* Kills and forgets it, without a word. Idempotent. */
void process_kill(struct process *process);

#endif

/*
 * channel: frames of schemas/ctps/link.proto over one end of a stream socket pair, on the loop;
 * a frame may bring one descriptor along. What comes in is checked before it is unpacked: the
 * other end may be a plugin that was taken over.
 *
 * Writing never blocks: what the socket does not take waits in memory, up to
 * CHANNEL_WAITING_MAX; an end that lets more pile up is treated as gone.
 */
#ifndef CTPS_LINK_CHANNEL_H
#define CTPS_LINK_CHANNEL_H

#include "base/arena.h"
#include "base/bytes.h"
#include "ctps/link.pb-c.h"
#include "loop/loop.h"

enum {
    CHANNEL_FRAME_MAX = 8 << 20,
    CHANNEL_WAITING_MAX = 64 << 20,
    CHANNEL_FDS_MAX = 16, /* descriptors that wait to be sent */
};

struct channel;

struct channel_calls {
    void *ctx;
    /* `frame` is borrowed for the call; `fd` is own, -1 when none came along. False closes: the
     * frame makes no sense. */
    bool (*frame)(void *ctx, const Ctps__LinkFrame *frame, int fd);
    /* The other end is gone, or sent what is no frame (`why`). The channel may be closed in it.
     */
    void (*ended)(void *ctx, const char *why);
};

/* Takes `fd`. Own: channel_close(). CTPS_NOMEM, CTPS_IO. */
enum ctps_code channel_open(struct loop *loop, int fd, const struct channel_calls *calls,
                            struct channel **ret_channel, struct ctps_err *err);
/* Idempotent, nulls the pointer. What waits to be written is tried once more, without waiting.
 */
void channel_close(struct channel **channel);

/* Sends one frame; with `fd` >= 0 its descriptor, which stays the caller's. A failure is told
 * by `ended`, later. */
void channel_send(struct channel *channel, const Ctps__LinkFrame *frame, int fd);
/* Takes in at once what has come, for an other end that is known to be gone. Its callbacks may
 * close the channel. */
void channel_take(struct channel *channel);

#endif

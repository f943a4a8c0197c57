#include "link/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/wire.h"

enum { HEADER_LEN = 4, READ_LEN = 64 * 1024, ARENA_MAX = 32 << 20 };

struct channel {
    struct loop *loop;
    struct loop_watch *watch;
    struct loop_deferred ending;
    struct channel_calls calls;
    const char *why; /* why it ended; NULL while it stands */
    struct arena arena;
    struct buf in;
    struct buf out;
    size_t sent; /* of `out` */
    struct {
        int fd;
        size_t at; /* in `out`: its frame's first byte carries it */
    } passing[CHANNEL_FDS_MAX];
    size_t passing_count;
    int fd;
    int received;       /* came along, its frame not read yet; -1: none */
    size_t received_at; /* place in `in` of the byte it came with */
    bool *gone;         /* set when closed inside a callback */
};

static void wants_set(struct channel *channel)
{
    unsigned wanted = (channel->why ? 0 : LOOP_READABLE) |
                      (channel->sent < channel->out.len && !channel->why ? LOOP_WRITABLE : 0);

    if (!loop_watch_set(channel->watch, wanted) && !channel->why) {
        channel->why = "no memory";
        loop_defer(channel->loop, &channel->ending);
    }
}

static void end(struct channel *channel, const char *why)
{
    if (channel->why)
        return;
    channel->why = why;
    loop_defer(channel->loop, &channel->ending);
    wants_set(channel);
}

static void on_ending(void *ctx)
{
    struct channel *channel = ctx;

    channel->calls.ended(channel->calls.ctx, channel->why);
}

/* --- writing --- */

static size_t chunk_len(const struct channel *channel)
{
    size_t left = channel->out.len - channel->sent;

    /* A descriptor goes with the first byte of its own frame: stop before it. */
    if (channel->passing_count && channel->passing[0].at > channel->sent)
        return channel->passing[0].at - channel->sent;
    return left;
}

static ssize_t chunk_send(struct channel *channel)
{
    union {
        char data[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec part = {channel->out.data + channel->sent, chunk_len(channel)};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    bool passes = channel->passing_count && channel->passing[0].at == channel->sent;

    if (passes) {
        message.msg_control = control.data;
        message.msg_controllen = sizeof(control.data);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &channel->passing[0].fd, sizeof(int));
        part.iov_len = 1;
    }
    ssize_t len = sendmsg(channel->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (len > 0 && passes) {
        close(channel->passing[0].fd);
        channel->passing_count--;
        memmove(channel->passing, channel->passing + 1,
                channel->passing_count * sizeof(channel->passing[0]));
    }
    return len;
}

static void write_waiting(struct channel *channel)
{
    while (channel->sent < channel->out.len) {
        ssize_t len = chunk_send(channel);

        if (len < 0 && errno == EINTR)
            continue;
        if (len < 0 && errno != EAGAIN)
            end(channel, "the other end is gone");
        if (len <= 0)
            return;
        channel->sent += (size_t)len;
    }
    buf_reset(&channel->out);
    channel->sent = 0;
}

static void passing_add(struct channel *channel, int fd)
{
    int own = channel->passing_count < CHANNEL_FDS_MAX ? dup(fd) : -1;

    if (own < 0) {
        end(channel, "too many descriptors wait");
        return;
    }
    channel->passing[channel->passing_count].fd = own;
    channel->passing[channel->passing_count++].at = channel->out.len;
}

void channel_send(struct channel *channel, const Ctps__LinkFrame *frame, int fd)
{
    uint8_t header[HEADER_LEN];
    size_t start = channel->out.len;

    if (channel->why)
        return;
    if (fd >= 0)
        passing_add(channel, fd);
    buf_append(&channel->out, header, HEADER_LEN);
    if (wire_pack_buf(&channel->out, &frame->base) != CTPS_OK) {
        end(channel, "no memory");
        return;
    }
    be32_put(channel->out.data + start, (uint32_t)(channel->out.len - start - HEADER_LEN));
    if (channel->out.len - channel->sent > CHANNEL_WAITING_MAX)
        end(channel, "the other end does not read");
    write_waiting(channel);
    wants_set(channel);
}

/* --- reading --- */

/* The kernel ends a reading with the byte a descriptor came with: bytes of earlier frames may
 * stand before it. */
static void received_take(struct channel *channel, struct msghdr *message, size_t end)
{
    struct cmsghdr *header = CMSG_FIRSTHDR(message);

    if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
        return;
    if (channel->received >= 0)
        close(channel->received);
    memcpy(&channel->received, CMSG_DATA(header), sizeof(int));
    channel->received_at = end ? end - 1 : 0;
}

/* The descriptor of the frame that has the first `len` bytes; -1: it has none. */
static int received_of(struct channel *channel, size_t len)
{
    int fd = channel->received;

    if (fd < 0)
        return -1;
    if (channel->received_at >= len) {
        channel->received_at -= len;
        return -1;
    }
    channel->received = -1;
    return fd;
}

static ssize_t bytes_receive(struct channel *channel)
{
    union {
        char data[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    uint8_t data[READ_LEN];
    struct iovec part = {data, sizeof(data)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.data,
                             .msg_controllen = sizeof(control.data)};
    ssize_t len = recvmsg(channel->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    if (len >= 0) {
        buf_append(&channel->in, data, (size_t)len);
        received_take(channel, &message, channel->in.len);
    }
    return len;
}

/* One whole frame at the start of `in`: its length with the header, 0 when there is none yet.
 */
static size_t frame_len(struct channel *channel)
{
    size_t len;

    if (channel->in.len < HEADER_LEN)
        return 0;
    len = be32_get(channel->in.data);
    if (len > CHANNEL_FRAME_MAX) {
        end(channel, "a frame larger than allowed");
        return 0;
    }
    return channel->in.len >= HEADER_LEN + len ? HEADER_LEN + len : 0;
}

/* False when the channel was closed by the callback. */
static bool frame_handle(struct channel *channel, size_t len)
{
    struct bytes body = bytes_of(channel->in.data + HEADER_LEN, len - HEADER_LEN);
    ProtobufCMessage *message;
    bool gone = false;
    int fd = received_of(channel, len);

    arena_reset(&channel->arena);
    if (wire_unpack(&channel->arena, &ctps__link_frame__descriptor, body, WIRE_STORED, &message,
                    NULL) != CTPS_OK) {
        if (fd >= 0)
            close(fd);
        end(channel, "not a frame");
        return true;
    }
    memmove(channel->in.data, channel->in.data + len, channel->in.len - len);
    channel->in.len -= len;
    channel->gone = &gone;
    bool good = channel->calls.frame(channel->calls.ctx, (Ctps__LinkFrame *)message, fd);
    if (gone)
        return false;
    channel->gone = NULL;
    if (!good)
        end(channel, "a frame out of place");
    return true;
}

/* Never within itself: a callback that lets go of a hold is already in it. */
static bool frames_handle(struct channel *channel)
{
    size_t len;

    while (!channel->why && !channel->gone && (len = frame_len(channel)) > 0)
        if (!frame_handle(channel, len))
            return false;
    return true;
}

static void on_ready(void *ctx, unsigned ready)
{
    struct channel *channel = ctx;

    if (ready & LOOP_WRITABLE)
        write_waiting(channel);
    if (ready & LOOP_READABLE) {
        ssize_t len = bytes_receive(channel);

        if (len == 0 || (len < 0 && errno != EAGAIN && errno != EINTR))
            end(channel, "the other end is gone");
        else if (channel->in.failed)
            end(channel, "no memory");
        else if (!frames_handle(channel))
            return;
    }
    wants_set(channel);
}

void channel_take(struct channel *channel)
{
    while (!channel->why && !channel->in.failed && bytes_receive(channel) > 0)
        if (!frames_handle(channel))
            return;
}

/* --- life --- */

enum ctps_code channel_open(struct loop *loop, int fd, const struct channel_calls *calls,
                            struct channel **ret_channel, struct ctps_err *err)
{
    struct channel *channel = calloc(1, sizeof(*channel));
    enum ctps_code code;

    if (!channel) {
        close(fd);
        return err_set(err, CTPS_NOMEM, "link: no memory");
    }
    *channel = (struct channel){.loop = loop, .fd = fd, .calls = *calls, .received = -1};
    channel->ending = (struct loop_deferred){.call = on_ending, .ctx = channel};
    arena_init(&channel->arena, ARENA_MAX);
    buf_init(&channel->in);
    buf_init(&channel->out);
    code = loop_watch_add(loop, fd, LOOP_READABLE, on_ready, channel, &channel->watch, err);
    if (code != CTPS_OK) {
        channel_close(&channel);
        return code;
    }
    *ret_channel = channel;
    return CTPS_OK;
}

void channel_close(struct channel **held)
{
    struct channel *channel = *held;

    if (!channel)
        return;
    if (channel->watch && !channel->why)
        write_waiting(channel);
    loop_defer_cancel(channel->loop, &channel->ending);
    loop_watch_remove(&channel->watch);
    if (channel->gone)
        *channel->gone = true;
    for (size_t i = 0; i < channel->passing_count; i++)
        close(channel->passing[i].fd);
    if (channel->received >= 0)
        close(channel->received);
    close(channel->fd);
    buf_done(&channel->in);
    buf_done(&channel->out);
    arena_done(&channel->arena);
    free(channel);
    *held = NULL;
}

/*
 * fuzz_link: any bytes on one of the socket pairs between ctpsd, ctps-host and the plugin
 * process, read as that process reads them: refused, or taken; never a crash, and no descriptor
 * is kept or closed twice.
 *
 * The input has the shape of a message, so that fuzz_mutate.h keeps its lengths right: first a
 * number (field 1), for the state the reader is in, then pieces of bytes: a frame that gets its
 * header (field 2), the same with a descriptor (3), bytes as they are (4), with one (5).
 */
#ifndef CTPS_FUZZ_LINK_H
#define CTPS_FUZZ_LINK_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "fuzz.h"
#include "fuzz_mutate.h"
#include "link/channel.h"
#include "loop/loop.h"

enum { FUZZ_FRAME_HEAD = 4, FUZZ_PIECE_MAX = 1 << 16, FUZZ_PIECES_MAX = 64 };
enum { FUZZ_STATE = 1, FUZZ_FRAME = 2, FUZZ_FRAME_FD = 3, FUZZ_RAW = 4, FUZZ_RAW_FD = 5 };

/* The pair: `read` is the reader's, `write` ours. */
struct fuzz_link {
    struct loop *loop;
    int read;
    int write;
};

static inline void fuzz_require(bool held)
{
    if (!held)
        abort();
}

/* The lowest number free: another one afterwards is a descriptor kept, or closed twice. */
static inline int fuzz_lowest_fd(void)
{
    int fd = dup(STDERR_FILENO);

    close(fd);
    return fd;
}

/* One loop for all inputs: to make one takes longer than an input. */
static inline struct loop *fuzz_loop(void)
{
    static struct loop *loop;

    if (!loop)
        fuzz_require(loop_open(&loop, NULL) == CTPS_OK);
    return loop;
}

static inline void fuzz_link_open(struct fuzz_link *link)
{
    int ends[2];

    link->loop = fuzz_loop();
    fuzz_require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    link->read = ends[0];
    link->write = ends[1];
}

static inline void fuzz_link_close(struct fuzz_link *link)
{
    close(link->write);
}

struct fuzz_again {
    struct loop *loop;
    struct loop_deferred deferred;
};

static inline void fuzz_defer_again(void *ctx)
{
    struct fuzz_again *again = ctx;

    loop_defer(again->loop, &again->deferred);
}

/* So much that all that came is dealt with; waits for nothing, as there is always a call. */
static inline void fuzz_turns(struct loop *loop, unsigned count)
{
    struct fuzz_again again = {.loop = loop, .deferred = {.call = fuzz_defer_again}};

    again.deferred.ctx = &again;
    loop_defer(loop, &again.deferred);
    for (unsigned i = 0; i < count; i++)
        (void)loop_turn(loop, NULL);
    loop_defer_cancel(loop, &again.deferred);
}

static inline void fuzz_send(int fd, const void *data, size_t len, bool with_fd)
{
    union {
        char data[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec part = {(void *)(uintptr_t)data, len};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    const int passed = STDERR_FILENO;

    if (with_fd) {
        message.msg_control = control.data;
        message.msg_controllen = sizeof(control.data);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &passed, sizeof(int));
    }
    (void)sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* The state the input asks for; 0 when it says none. */
static inline uint8_t fuzz_state(const uint8_t *data, size_t size)
{
    return size > 1 && data[0] == FUZZ_STATE << 3 ? data[1] & 0x7f : 0;
}

static inline void fuzz_piece(const struct fuzz_link *link, const uint8_t *data, size_t len,
                              uint64_t kind)
{
    uint8_t framed[FUZZ_FRAME_HEAD + FUZZ_PIECE_MAX];
    size_t head = kind == FUZZ_FRAME || kind == FUZZ_FRAME_FD ? FUZZ_FRAME_HEAD : 0;

    if (len > FUZZ_PIECE_MAX || head + len == 0)
        return;
    be32_put(framed, (uint32_t)len);
    memcpy(framed + head, data, len);
    fuzz_send(link->write, framed, head + len, kind == FUZZ_FRAME_FD || kind == FUZZ_RAW_FD);
    fuzz_turns(link->loop, 2);
}

/* Sends all pieces, letting the reader read behind each. */
static inline void fuzz_link_feed(const struct fuzz_link *link, const uint8_t *data,
                                  size_t size)
{
    uint64_t tag;
    uint64_t number;
    size_t at = 0;

    for (unsigned i = 0; i < FUZZ_PIECES_MAX && mutate_take_varint(data, size, &at, &tag) &&
                         mutate_take_varint(data, size, &at, &number);
         i++) {
        if ((tag & 7) == 0)
            continue;
        if ((tag & 7) != 2 || number > size - at)
            break;
        fuzz_piece(link, data + at, (size_t)number, tag >> 3);
        at += (size_t)number;
    }
    shutdown(link->write, SHUT_RDWR);
    fuzz_turns(link->loop, 3);
}

#endif

/*
 * fuzz_link: any bytes on one of the socket pairs between ctpsd, ctps-host and the plugin
 * process, read as that process reads them: refused, or taken; never a crash, and no descriptor
 * is kept or closed twice.
 *
 * The input: one byte for the state the reader is in, then pieces: a byte of flags, two of
 * length (little-endian), so many bytes. Flags: bit 0, it is a frame and gets its header; bit
 * 1, a descriptor comes along with its first byte.
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
#include "link/channel.h"
#include "loop/loop.h"

enum { FUZZ_PIECE_HEAD = 3, FUZZ_FRAME_HEAD = 4, FUZZ_PIECES_MAX = 64 };
enum { FUZZ_FRAMED = 1, FUZZ_WITH_FD = 2 };

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

static inline void fuzz_link_open(struct fuzz_link *link)
{
    int ends[2];

    fuzz_require(loop_open(&link->loop, NULL) == CTPS_OK);
    fuzz_require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    link->read = ends[0];
    link->write = ends[1];
}

static inline void fuzz_link_close(struct fuzz_link *link)
{
    close(link->write);
    loop_close(&link->loop);
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

static inline size_t fuzz_piece(const struct fuzz_link *link, const uint8_t *data, size_t size)
{
    uint8_t framed[FUZZ_FRAME_HEAD + UINT16_MAX];
    size_t len = data[1] | (size_t)data[2] << 8;
    size_t head = data[0] & FUZZ_FRAMED ? FUZZ_FRAME_HEAD : 0;

    if (len > size - FUZZ_PIECE_HEAD)
        len = size - FUZZ_PIECE_HEAD;
    be32_put(framed, (uint32_t)len);
    memcpy(framed + head, data + FUZZ_PIECE_HEAD, len);
    if (head + len)
        fuzz_send(link->write, framed, head + len, data[0] & FUZZ_WITH_FD);
    return FUZZ_PIECE_HEAD + len;
}

/* Sends all pieces of `data`, letting the reader read behind each. */
static inline void fuzz_link_feed(const struct fuzz_link *link, const uint8_t *data,
                                  size_t size)
{
    for (unsigned i = 0; i < FUZZ_PIECES_MAX && size > FUZZ_PIECE_HEAD; i++) {
        size_t used = fuzz_piece(link, data, size);

        fuzz_turns(link->loop, 2);
        data += used;
        size -= used;
    }
    shutdown(link->write, SHUT_RDWR);
    fuzz_turns(link->loop, 3);
}

#endif

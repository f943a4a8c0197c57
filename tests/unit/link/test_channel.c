/* Frames between processes: whole, in order, with their descriptors; junk ends the link only.
 */
#include "link/channel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAIT_TURNS = 1000, BIG = 3 << 20 };

struct end {
    struct channel *channel;
    unsigned frames;
    uint64_t last; /* ticket of the last request */
    size_t last_len;
    char *why; /* why it ended; own */
    int fd;    /* came along */
    bool refuse;
};

struct pair {
    struct loop *loop;
    struct end ends[2];
    int raw; /* instead of ends[1]: the socket itself */
};

static bool on_frame(void *ctx, const Ctps__LinkFrame *frame, int fd)
{
    struct end *end = ctx;

    end->frames++;
    if (frame->body_case == CTPS__LINK_FRAME__BODY_REQUEST) {
        end->last = frame->request->ticket;
        end->last_len = frame->request->request.len;
    }
    if (fd >= 0)
        end->fd = fd;
    return !end->refuse;
}

static void on_ended(void *ctx, const char *why)
{
    struct end *end = ctx;

    end->why = strdup(why);
    channel_close(&end->channel);
}

static void end_open(struct pair *pair, int at, int fd)
{
    struct channel_calls calls = {.ctx = &pair->ends[at], .frame = on_frame, .ended = on_ended};

    pair->ends[at].fd = -1;
    assert_int_equal(channel_open(pair->loop, fd, &calls, &pair->ends[at].channel, NULL),
                     CTPS_OK);
}

static void pair_open(struct pair *pair, bool raw)
{
    int fds[2];

    *pair = (struct pair){.raw = -1};
    assert_int_equal(loop_open(&pair->loop, NULL), CTPS_OK);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    end_open(pair, 0, fds[0]);
    if (raw)
        pair->raw = fds[1];
    else
        end_open(pair, 1, fds[1]);
}

static void pair_close(struct pair *pair)
{
    for (int i = 0; i < 2; i++) {
        channel_close(&pair->ends[i].channel);
        free(pair->ends[i].why);
        if (pair->ends[i].fd >= 0)
            close(pair->ends[i].fd);
    }
    if (pair->raw >= 0)
        close(pair->raw);
    loop_close(&pair->loop);
}

static void request_send(struct end *from, uint64_t ticket, size_t len)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkRequest body = CTPS__LINK_REQUEST__INIT;

    body.has_ticket = body.has_request = 1;
    body.ticket = ticket;
    body.request.len = len;
    body.request.data = calloc(1, len + 1);
    assert_non_null(body.request.data);
    frame.body_case = CTPS__LINK_FRAME__BODY_REQUEST;
    frame.request = &body;
    channel_send(from->channel, &frame, -1);
    free(body.request.data);
}

static void turn_until(struct pair *pair, bool (*test)(const struct pair *pair))
{
    enum ctps_code code = CTPS_OK;

    /* A link that ended leaves the loop with nothing to wait for. */
    for (int i = 0; i < WAIT_TURNS && !test(pair) && code == CTPS_OK; i++)
        code = loop_turn(pair->loop, NULL);
    assert_true(test(pair));
}

static bool has_three(const struct pair *pair)
{
    return pair->ends[1].frames == 3;
}

static bool has_ended(const struct pair *pair)
{
    return pair->ends[0].why != NULL;
}

static bool has_fd(const struct pair *pair)
{
    return pair->ends[1].fd >= 0;
}

static void channel_send_comes_whole_and_in_order(void **state)
{
    struct pair pair;

    (void)state;
    pair_open(&pair, false);
    request_send(&pair.ends[0], 1, 10);
    request_send(&pair.ends[0], 2, BIG); /* more than a socket takes at once */
    request_send(&pair.ends[0], 3, 0);
    turn_until(&pair, has_three);
    assert_int_equal(pair.ends[1].last, 3);
    assert_int_equal(pair.ends[1].last_len, 0);
    pair_close(&pair);
}

static void channel_send_descriptor_comes_with_its_frame(void **state)
{
    Ctps__LinkFrame frame = CTPS__LINK_FRAME__INIT;
    Ctps__LinkConnected body = CTPS__LINK_CONNECTED__INIT;
    struct pair pair;
    int ends[2];
    char byte;

    (void)state;
    pair_open(&pair, false);
    assert_int_equal(pipe(ends), 0);
    frame.body_case = CTPS__LINK_FRAME__BODY_CONNECTED;
    frame.connected = &body;
    request_send(&pair.ends[0], 1, 100000);
    channel_send(pair.ends[0].channel, &frame, ends[1]);
    close(ends[1]);
    turn_until(&pair, has_fd);
    assert_int_equal(pair.ends[1].frames, 2);
    assert_int_equal(write(pair.ends[1].fd, "x", 1), 1);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    pair_close(&pair);
}

static void channel_other_end_gone_is_told(void **state)
{
    struct pair pair;

    (void)state;
    pair_open(&pair, true);
    close(pair.raw);
    pair.raw = -1;
    turn_until(&pair, has_ended);
    assert_string_equal(pair.ends[0].why, "the other end is gone");
    pair_close(&pair);
}

static void channel_junk_ends_it(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *why;
    } junk[] = {
        {"\xff\xff\xff\xff", 4, "a frame larger than allowed"},
        {"\0\0\0\3\x0b\x0b\x0b", 7, "not a frame"},
        {"\0\0\0\2\x0a\x7f", 6, "not a frame"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++) {
        struct pair pair;

        pair_open(&pair, true);
        assert_int_equal(write(pair.raw, junk[i].bytes, junk[i].len), (ssize_t)junk[i].len);
        turn_until(&pair, has_ended);
        assert_string_equal(pair.ends[0].why, junk[i].why);
        assert_int_equal(pair.ends[0].frames, 0);
        pair_close(&pair);
    }
}

static bool other_ended(const struct pair *pair)
{
    return pair->ends[1].why != NULL;
}

static void channel_frame_out_of_place_ends_it(void **state)
{
    struct pair pair;

    (void)state;
    pair_open(&pair, false);
    pair.ends[1].refuse = true;
    request_send(&pair.ends[0], 1, 1);
    turn_until(&pair, other_ended);
    assert_string_equal(pair.ends[1].why, "a frame out of place");
    pair_close(&pair);
}

static void channel_reader_that_never_reads_is_given_up(void **state)
{
    struct pair pair;

    (void)state;
    pair_open(&pair, true);
    for (size_t sent = 0; sent <= CHANNEL_WAITING_MAX; sent += BIG)
        request_send(&pair.ends[0], 1, BIG);
    turn_until(&pair, has_ended);
    assert_string_equal(pair.ends[0].why, "the other end does not read");
    pair_close(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channel_send_comes_whole_and_in_order),
        cmocka_unit_test(channel_send_descriptor_comes_with_its_frame),
        cmocka_unit_test(channel_other_end_gone_is_told),
        cmocka_unit_test(channel_junk_ends_it),
        cmocka_unit_test(channel_frame_out_of_place_ends_it),
        cmocka_unit_test(channel_reader_that_never_reads_is_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "plugins/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_LEN = 4096, LAST_READS = 16, SECOND_US = 1000000 };

struct words {
    struct loop_watch *watch;
    struct loop_timer *timer; /* once a second */
    void (*call)(void *ctx, const char *line);
    void *ctx;
    int fd;
    char line[WORDS_LINE_LEN];
    size_t len;
    unsigned tokens;
    unsigned dropped;
};

static void line_tell(struct words *words)
{
    words->line[words->len] = '\0';
    words->len = 0;
    if (words->tokens == 0) {
        words->dropped++;
        return;
    }
    words->tokens--;
    words->call(words->ctx, words->line);
}

static void bytes_take(struct words *words, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = bytes[i];

        if (c == '\n' || words->len == WORDS_LINE_LEN - 1)
            line_tell(words);
        if (c >= 0 && c < ' ')
            c = ' ';
        if (bytes[i] != '\n')
            words->line[words->len++] = c;
    }
}

static ssize_t bytes_read(struct words *words)
{
    char bytes[READ_LEN];
    ssize_t len = read(words->fd, bytes, sizeof(bytes));

    if (len > 0)
        bytes_take(words, bytes, (size_t)len);
    return len;
}

/* Out of tokens it stops reading: the pipe fills, and the writer loses what it writes. */
static void on_ready(void *ctx, unsigned ready)
{
    struct words *words = ctx;
    ssize_t len = bytes_read(words);

    (void)ready;
    if (len == 0 || (len < 0 && errno != EAGAIN && errno != EINTR))
        loop_watch_remove(&words->watch);
    else if (words->tokens == 0)
        (void)loop_watch_set(words->watch, 0);
}

static void dropped_tell(struct words *words)
{
    char line[64];

    if (!words->dropped)
        return;
    snprintf(line, sizeof(line), "%u lines too many, not kept", words->dropped);
    words->dropped = 0;
    words->call(words->ctx, line);
}

static void on_second(void *ctx)
{
    struct words *words = ctx;

    dropped_tell(words);
    words->tokens += WORDS_PER_S;
    if (words->tokens > WORDS_BURST)
        words->tokens = WORDS_BURST;
    if (words->watch)
        (void)loop_watch_set(words->watch, LOOP_READABLE);
    loop_timer_set(words->timer, SECOND_US);
}

enum ctps_code words_open(struct loop *loop, int fd, void (*call)(void *ctx, const char *line),
                          void *ctx, struct words **ret_words, struct ctps_err *err)
{
    struct words *words = calloc(1, sizeof(*words));
    enum ctps_code code;

    if (!words) {
        close(fd);
        return err_set(err, CTPS_NOMEM, "plugins: no memory");
    }
    *words = (struct words){.fd = fd, .call = call, .ctx = ctx, .tokens = WORDS_BURST};
    code = loop_watch_add(loop, fd, LOOP_READABLE, on_ready, words, &words->watch, err);
    if (code == CTPS_OK)
        code = loop_timer_add(loop, SECOND_US, on_second, words, &words->timer, err);
    if (code != CTPS_OK)
        words_close(&words);
    else
        *ret_words = words;
    return code;
}

void words_close(struct words **held)
{
    struct words *words = *held;

    if (!words)
        return;
    for (int i = 0; i < LAST_READS && bytes_read(words) > 0; i++)
        ;
    if (words->len)
        line_tell(words);
    dropped_tell(words);
    loop_watch_remove(&words->watch);
    loop_timer_remove(&words->timer);
    close(words->fd);
    free(words);
    *held = NULL;
}

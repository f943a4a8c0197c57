/* Lines of a process: whole, named, and never more than so many. */
#include "plugins/words.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct probe {
    struct loop *loop;
    struct words *words;
    int write_end;
    unsigned lines;
    char last[WORDS_LINE_LEN];
};

static void on_line(void *ctx, const char *line)
{
    struct probe *probe = ctx;

    probe->lines++;
    snprintf(probe->last, sizeof(probe->last), "%s", line);
}

static void probe_open(struct probe *probe)
{
    int ends[2];

    *probe = (struct probe){0};
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    probe->write_end = ends[1];
    assert_int_equal(loop_open(&probe->loop, NULL), CTPS_OK);
    assert_int_equal(words_open(probe->loop, ends[0], on_line, probe, &probe->words, NULL),
                     CTPS_OK);
}

static void probe_close(struct probe *probe)
{
    words_close(&probe->words);
    close(probe->write_end);
    loop_close(&probe->loop);
}

static void say(const struct probe *probe, const char *text)
{
    assert_int_equal(write(probe->write_end, text, strlen(text)), (ssize_t)strlen(text));
}

static void words_in_pieces_are_told_line_by_line(void **state)
{
    struct probe probe;

    (void)state;
    probe_open(&probe);
    say(&probe, "one\ntwo");
    assert_int_equal(loop_turn(probe.loop, NULL), CTPS_OK);
    assert_int_equal(probe.lines, 1);
    assert_string_equal(probe.last, "one");
    say(&probe, " and\ta half\n");
    assert_int_equal(loop_turn(probe.loop, NULL), CTPS_OK);
    assert_string_equal(probe.last, "two and a half");
    probe_close(&probe);
}

static void words_closed_tells_what_is_left(void **state)
{
    struct probe probe;

    (void)state;
    probe_open(&probe);
    say(&probe, "a\nlast words");
    words_close(&probe.words);
    assert_int_equal(probe.lines, 2);
    assert_string_equal(probe.last, "last words");
    probe_close(&probe);
}

static void words_of_a_line_without_end_are_cut(void **state)
{
    char text[3 * WORDS_LINE_LEN];
    struct probe probe;

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    probe_open(&probe);
    say(&probe, text);
    assert_int_equal(loop_turn(probe.loop, NULL), CTPS_OK);
    assert_int_equal(probe.lines, 3);
    probe_close(&probe);
}

static void words_too_many_are_counted_and_reading_stops(void **state)
{
    char line[8];
    struct probe probe;
    unsigned written = 0;

    (void)state;
    probe_open(&probe);
    for (int turn = 0; turn < 100; turn++) {
        while (snprintf(line, sizeof(line), "x\n") > 0 &&
               write(probe.write_end, line, strlen(line)) > 0)
            written++;
        if (probe.lines < WORDS_BURST)
            assert_int_equal(loop_turn(probe.loop, NULL), CTPS_OK);
    }
    assert_int_equal(probe.lines, WORDS_BURST);
    words_close(&probe.words);
    assert_int_equal(probe.lines, WORDS_BURST + 1);
    assert_non_null(strstr(probe.last, "lines too many, not kept"));
    assert_true(written > WORDS_BURST);
    probe_close(&probe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_in_pieces_are_told_line_by_line),
        cmocka_unit_test(words_closed_tells_what_is_left),
        cmocka_unit_test(words_of_a_line_without_end_are_cut),
        cmocka_unit_test(words_too_many_are_counted_and_reading_stops),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Flips single bits of a file and has a child process look at the result: LMDB may crash on a
 * page that makes no sense, which is counted apart.
 */
#ifndef TEST_STORE_FLIPS_H
#define TEST_STORE_FLIPS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sys.h"

/* What a child answers as its exit status; any other end is a crash. */
enum flip_answer {
    FLIP_RIGHT = 40, /* everything as it was written */
    FLIP_REFUSED,    /* an error was answered */
    FLIP_ABSENT,     /* no error, but a row was missing */
    FLIP_STALE,      /* no error, but a row was as in an earlier commit */
    FLIP_WRONG,      /* no error, and bytes that were never written */
};

struct flip_counts {
    unsigned right;
    unsigned refused;
    unsigned absent;
    unsigned stale;
    unsigned wrong;
    unsigned crashed;
};

enum { FLIP_PAGE = 4096, FLIP_HEAD = 96 };

static inline uint64_t flip_random(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return *state >> 33;
}

/* Half of the flips anywhere, half in the heads of pages, where LMDB keeps its structure. */
static inline size_t flip_place(uint64_t *state, size_t len)
{
    size_t at = (size_t)(flip_random(state) % len);

    if (flip_random(state) % 2)
        return at;
    return at / FLIP_PAGE * FLIP_PAGE + at % FLIP_HEAD;
}

static inline void flip_child(enum flip_answer (*look)(void *arg), void *arg)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

    /* cmocka's handlers would go on with the next test in the child. */
    for (unsigned i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
        signal(fatal[i], SIG_DFL);
    dup2(fd, STDERR_FILENO);
    alarm(20);
    _exit((int)look(arg));
}

static inline void flip_count(struct flip_counts *counts, int status)
{
    switch (WIFEXITED(status) ? WEXITSTATUS(status) : 0) {
    case FLIP_RIGHT:
        counts->right++;
        break;
    case FLIP_REFUSED:
        counts->refused++;
        break;
    case FLIP_ABSENT:
        counts->absent++;
        break;
    case FLIP_STALE:
        counts->stale++;
        break;
    case FLIP_WRONG:
        counts->wrong++;
        break;
    default:
        counts->crashed++;
        break;
    }
}

/* `path` is restored after each flip and at the end; its lock file is removed. */
static inline void flips_run(struct flip_counts *counts, const char *path, unsigned count,
                             enum flip_answer (*look)(void *arg), void *arg)
{
    static uint8_t whole[4 << 20];
    const struct sys *sys = sys_real();
    ssize_t len = sys_read_file(sys, path, whole, sizeof(whole));
    uint64_t state = 20261123;
    char lock[512];

    assert_true(len > 0);
    snprintf(lock, sizeof(lock), "%s-lock", path);
    for (unsigned i = 0; i < count; i++) {
        size_t at = flip_place(&state, (size_t)len);
        uint8_t bit = (uint8_t)(1U << flip_random(&state) % 8);
        int status = 0;
        pid_t pid;
        int fd;

        unlink(lock);
        whole[at] ^= bit;
        fd = open(path, O_WRONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(pwrite(fd, whole, (size_t)len, 0), len);
        assert_int_equal(ftruncate(fd, len), 0);
        close(fd);
        whole[at] ^= bit;
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            flip_child(look, arg);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        flip_count(counts, status);
    }
    unlink(lock);
    assert_int_equal(sys_write_file(sys, path, whole, (size_t)len, 0600), 0);
}

static inline void flips_print(const char *what, const struct flip_counts *counts)
{
    print_message("%s: %u right, %u refused, %u absent, %u stale, %u wrong, %u crashed\n", what,
                  counts->right, counts->refused, counts->absent, counts->stale, counts->wrong,
                  counts->crashed);
}

#endif

/*
 * Does the file calls named on its command line, one word each, and says how each went; the
 * recorder's own tests run it.
 *
 *   create:NAME  open:NAME  dsync:NAME (O_DSYNC)  append:NAME   the descriptor the rest uses
 *   write:OFFSET:LEN:LETTER  push:LEN:LETTER (no offset)  parts:OFFSET:LEN:LETTER (two parts)
 *   read:OFFSET:LEN  alloc:LEN
 *   size:LEN  fsync  fdatasync  close
 *   mkdir:NAME  rename:FROM:TO  unlink:NAME  syncdir:NAME
 *   clock (prints the wall clock in microseconds)  boot (prints the boot id)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { WORDS_MAX = 4, DATA_MAX = 1 << 20 };

static int do_open(int *fd, const char *verb, const char *name)
{
    int flags = O_RDWR;

    if (strcmp(verb, "create") == 0)
        flags |= O_CREAT;
    if (strcmp(verb, "dsync") == 0)
        flags |= O_DSYNC | O_CREAT;
    if (strcmp(verb, "append") == 0)
        flags |= O_APPEND | O_CREAT;
    *fd = open(name, flags, 0600);
    return *fd < 0 ? -1 : 0;
}

static long do_parts(int fd, char *data, size_t len, off_t offset)
{
    struct iovec parts[2] = {{data, len / 2}, {data + len / 2, len - len / 2}};

    return pwritev(fd, parts, 2, offset);
}

static long do_write(int fd, char *const *words)
{
    static char data[DATA_MAX];
    int with_offset = strcmp(words[0], "push") != 0;
    char *const *rest = words + 1 + with_offset;
    size_t len = strtoul(rest[0], NULL, 10);
    off_t offset = with_offset ? (off_t)strtol(words[1], NULL, 10) : 0;

    if (len > sizeof(data))
        return -1;
    memset(data, rest[1][0], len);
    if (strcmp(words[0], "parts") == 0)
        return do_parts(fd, data, len, offset);
    return with_offset ? pwrite(fd, data, len, offset) : write(fd, data, len);
}

static long do_read(int fd, char *const *words)
{
    static char data[DATA_MAX];
    size_t len = strtoul(words[2], NULL, 10);

    return len > sizeof(data) ? -1 : pread(fd, data, len, strtol(words[1], NULL, 10));
}

static long do_alloc(const char *len)
{
    void *volatile room = malloc(strtoul(len, NULL, 10));
    long rc = room ? 0 : -1;

    free(room);
    return rc;
}

static int do_syncdir(const char *name)
{
    int fd = open(name, O_RDONLY | O_DIRECTORY);
    int rc = fd < 0 ? -1 : fsync(fd);

    if (fd >= 0)
        close(fd);
    return rc;
}

static long do_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    printf("%lld\n", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    return 0;
}

static long do_boot(void)
{
    char text[64] = "";
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

    if (fd >= 0)
        close(fd);
    printf("%s\n", text);
    return n;
}

static long do_named(char *const *words)
{
    if (strcmp(words[0], "mkdir") == 0)
        return mkdir(words[1], 0700);
    if (strcmp(words[0], "rename") == 0)
        return rename(words[1], words[2]);
    if (strcmp(words[0], "unlink") == 0)
        return unlink(words[1]);
    if (strcmp(words[0], "syncdir") == 0)
        return do_syncdir(words[1]);
    if (strcmp(words[0], "clock") == 0)
        return do_clock();
    if (strcmp(words[0], "boot") == 0)
        return do_boot();
    fprintf(stderr, "probe: unknown word %s\n", words[0]);
    exit(64);
}

static long do_one(int *fd, char *const *words)
{
    static const char *const openers[] = {"create", "open", "dsync", "append"};

    for (size_t i = 0; i < sizeof(openers) / sizeof(openers[0]); i++)
        if (strcmp(words[0], openers[i]) == 0)
            return do_open(fd, words[0], words[1]);
    if (strcmp(words[0], "write") == 0 || strcmp(words[0], "push") == 0 ||
        strcmp(words[0], "parts") == 0)
        return do_write(*fd, words);
    if (strcmp(words[0], "read") == 0)
        return do_read(*fd, words);
    if (strcmp(words[0], "alloc") == 0)
        return do_alloc(words[1]);
    if (strcmp(words[0], "size") == 0)
        return ftruncate(*fd, (off_t)strtol(words[1], NULL, 10));
    if (strcmp(words[0], "fsync") == 0)
        return fsync(*fd);
    if (strcmp(words[0], "fdatasync") == 0)
        return fdatasync(*fd);
    if (strcmp(words[0], "close") == 0)
        return close(*fd);
    return do_named(words);
}

int main(int argc, char **argv)
{
    static char none[] = "";
    int fd = -1;

    for (int i = 1; i < argc; i++) {
        char *words[WORDS_MAX] = {none, none, none, none};
        char *rest = NULL;
        int count = 0;
        long rc;

        for (char *word = strtok_r(argv[i], ":", &rest); word && count < WORDS_MAX;
             word = strtok_r(NULL, ":", &rest))
            words[count++] = word;
        rc = do_one(&fd, words);
        if (rc < 0)
            printf("%s %s\n", words[0], strerrorname_np(errno));
        else
            printf("%s %ld\n", words[0], rc);
        fflush(stdout);
    }
    return 0;
}

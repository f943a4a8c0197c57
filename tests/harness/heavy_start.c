/* Preloaded into a daemon for the control of the campaign `idle`: a start that takes long and
 * holds much. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HELD = 32 << 20, WAIT_NS = 600 * 1000 * 1000 };

static volatile char *held;

__attribute__((constructor)) static void start_heavily(void)
{
    struct timespec wait = {.tv_nsec = WAIT_NS};

    held = malloc(HELD);
    for (size_t i = 0; held && i < HELD; i += 512)
        held[i] = 1;
    nanosleep(&wait, NULL);
}

__attribute__((destructor)) static void let_go(void)
{
    free((void *)held);
}

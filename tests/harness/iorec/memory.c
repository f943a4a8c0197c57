/* Allocations and mappings, as the kind "alloc": its path is the file name of the program or
 * library that asked. The rest passes on to what glibc calls itself. */
#include "iorec.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FRAMES_MAX = 48 };

void *__libc_malloc(size_t len);
void *__libc_calloc(size_t count, size_t len);
void *__libc_realloc(void *room, size_t len);
void *__libc_memalign(size_t align, size_t len);

/* A sanitized program frees what its sanitizer gave, and nothing else. */
#define SANITIZED(name) __attribute__((weak)) __interceptor_##name
void *SANITIZED(malloc)(size_t len);
void *SANITIZED(calloc)(size_t count, size_t len);
void *SANITIZED(realloc)(void *room, size_t len);
int SANITIZED(posix_memalign)(void **ret, size_t align, size_t len);
void *SANITIZED(mmap)(void *at, size_t len, int protection, int flags, int fd, off_t offset);

static void *room_make(size_t len)
{
    return __interceptor_malloc ? __interceptor_malloc(len) : __libc_malloc(len);
}

static void *room_clear(size_t count, size_t len)
{
    return __interceptor_calloc ? __interceptor_calloc(count, len) : __libc_calloc(count, len);
}

static void *room_change(void *room, size_t len)
{
    return __interceptor_realloc ? __interceptor_realloc(room, len) : __libc_realloc(room, len);
}

static void *room_align(size_t align, size_t len)
{
    void *room = NULL;

    if (!__interceptor_posix_memalign)
        return __libc_memalign(align, len);
    return __interceptor_posix_memalign(&room, align, len) ? NULL : room;
}

static void *room_map(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
    return __interceptor_mmap
               ? __interceptor_mmap(at, len, protection, flags, fd, offset)
               : (void *)syscall(SYS_mmap, at, len, protection, flags, fd, offset);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static const char *module_of(const void *code)
{
    Dl_info info;

    return dladdr(code, &info) && info.dli_fname ? base_name(info.dli_fname) : NULL;
}

static bool is_libc(const char *module)
{
    return strncmp(module, "libc.so", 7) == 0;
}

/* Loads what unwinding needs, which allocates, before anything is counted. In a sanitized
 * program nothing is counted, and what is loaded this early would pass for a leak. */
__attribute__((constructor)) static void prepare(void)
{
    void *frames[1];

    if (!__interceptor_malloc)
        backtrace(frames, 1);
}

/* For whom libc asks: strdup, fopen and the like. */
static const char *behind_libc(void)
{
    void *frames[FRAMES_MAX];
    int count = backtrace(frames, FRAMES_MAX);

    for (int i = 0; i < count; i++) {
        const char *module = module_of(frames[i]);

        if (module && !is_libc(module) && strncmp(module, "libiorec", 8) != 0)
            return module;
    }
    return "libc.so";
}

/* Other threads are those of libraries, which count in no order; but for the program's own. */
static bool is_counted(const char *module)
{
    return gettid() == getpid() || strcmp(module, program_invocation_short_name) == 0;
}

/* Whether the allocation asked for from `caller` must fail. */
static bool must_fail(const void *caller)
{
    /* Found without a call: a sanitizer that has not begun yet stands before that one. */
    static _Thread_local bool inside __attribute__((tls_model("initial-exec")));
    const char *module = !inside && iorec_rules_have_alloc() ? module_of(caller) : NULL;

    if (!module || strncmp(module, "libiorec", 8) == 0 || !is_counted(module) ||
        !iorec_rules_alloc(module))
        return false;
    inside = true;
    iorec_log(IOREC_FAULT, 0, is_libc(module) ? behind_libc() : module, IOREC_KIND_ALLOC, 0,
              NULL);
    inside = false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t len)
{
    return must_fail(__builtin_return_address(0)) ? NULL : room_make(len);
}

void *calloc(size_t count, size_t len)
{
    return must_fail(__builtin_return_address(0)) ? NULL : room_clear(count, len);
}

void *realloc(void *room, size_t len)
{
    return must_fail(__builtin_return_address(0)) ? NULL : room_change(room, len);
}

void *reallocarray(void *room, size_t count, size_t len)
{
    size_t whole;

    if (__builtin_mul_overflow(count, len, &whole)) {
        errno = ENOMEM;
        return NULL;
    }
    return must_fail(__builtin_return_address(0)) ? NULL : room_change(room, whole);
}

void *aligned_alloc(size_t align, size_t len)
{
    return must_fail(__builtin_return_address(0)) ? NULL : room_align(align, len);
}

int posix_memalign(void **ret, size_t align, size_t len)
{
    void *room = must_fail(__builtin_return_address(0)) ? NULL : room_align(align, len);

    if (!room)
        return ENOMEM;
    *ret = room;
    return 0;
}

void *mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
    if (must_fail(__builtin_return_address(0)))
        return MAP_FAILED;
    return room_map(at, len, protection, flags, fd, offset);
}

void *mmap64(void *at, size_t len, int protection, int flags, int fd, off64_t offset)
{
    if (must_fail(__builtin_return_address(0)))
        return MAP_FAILED;
    return room_map(at, len, protection, flags, fd, offset);
}

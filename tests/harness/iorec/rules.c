#include "iorec.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { RULES_MAX = 16, WORD_MAX = 200 };

enum rule_action { RULE_FAIL, RULE_SHORTEN, RULE_DROP, RULE_KILL_BEFORE, RULE_KILL_AFTER };

struct rule {
    enum rule_action action;
    unsigned kinds;      /* bits: 1 << enum iorec_kind */
    unsigned long first; /* the call it hits, counted from 1 */
    bool and_later;
    int fail_errno;
    char glob[WORD_MAX];
    char text[WORD_MAX];
    atomic_ulong seen;
};

static struct {
    struct rule rules[RULES_MAX];
    unsigned count;
    char phase_glob[WORD_MAX];
    struct iorec_phase_page *phase;
    const volatile uint64_t *gate; /* NULL: always open */
    bool have_alloc;
} state;

static const struct {
    const char *name;
    unsigned kinds;
} kind_names[] = {
    {"open", 1U << IOREC_KIND_OPEN},
    {"close", 1U << IOREC_KIND_CLOSE},
    {"write", 1U << IOREC_KIND_WRITE},
    {"fsync", 1U << IOREC_KIND_FSYNC},
    {"fdatasync", 1U << IOREC_KIND_FDATASYNC},
    {"msync", 1U << IOREC_KIND_MSYNC},
    {"flush", 1U << IOREC_KIND_FSYNC | 1U << IOREC_KIND_FDATASYNC | 1U << IOREC_KIND_MSYNC},
    {"truncate", 1U << IOREC_KIND_TRUNCATE},
    {"rename", 1U << IOREC_KIND_RENAME},
    {"unlink", 1U << IOREC_KIND_UNLINK},
    {"mkdir", 1U << IOREC_KIND_MKDIR},
    {"read", 1U << IOREC_KIND_READ},
    {"data", 1U << IOREC_KIND_READ | 1U << IOREC_KIND_WRITE},
    {"alloc", 1U << IOREC_KIND_ALLOC},
    {"any", (1U << IOREC_KIND_ALLOC) - 1},
};

static const struct {
    const char *name;
    int value;
} errno_names[] = {
    {"EIO", EIO},       {"ENOSPC", ENOSPC}, {"ENOMEM", ENOMEM}, {"EINTR", EINTR},
    {"EDQUOT", EDQUOT}, {"EAGAIN", EAGAIN}, {"EACCES", EACCES}, {"EMFILE", EMFILE},
};

static void refuse(const char *rule)
{
    dprintf(STDERR_FILENO, "iorec: rule not understood: %s\n", rule);
    _exit(99);
}

static unsigned kinds_of(const char *name)
{
    for (size_t i = 0; i < sizeof(kind_names) / sizeof(kind_names[0]); i++)
        if (strcmp(kind_names[i].name, name) == 0)
            return kind_names[i].kinds;
    return 0;
}

static int errno_of(const char *name)
{
    for (size_t i = 0; i < sizeof(errno_names) / sizeof(errno_names[0]); i++)
        if (strcmp(errno_names[i].name, name) == 0)
            return errno_names[i].value;
    return 0;
}

/* "EIO", "SHORT", "DROP" after a count; "before", "after" for a kill. */
static bool read_effect(struct rule *rule, bool kill_rule, const char *word)
{
    if (kill_rule) {
        rule->action = strcmp(word, "before") == 0 ? RULE_KILL_BEFORE : RULE_KILL_AFTER;
        return strcmp(word, "before") == 0 || strcmp(word, "after") == 0;
    }
    rule->action = RULE_FAIL;
    if (strcmp(word, "SHORT") == 0)
        rule->action = RULE_SHORTEN;
    if (strcmp(word, "DROP") == 0)
        rule->action = RULE_DROP;
    rule->fail_errno = errno_of(word);
    return rule->action != RULE_FAIL || rule->fail_errno;
}

/* kind:number[+]:effect[:glob] */
static bool read_counted(struct rule *rule, bool kill_rule, const char *text)
{
    char kind[WORD_MAX];
    char number[WORD_MAX];
    char effect[WORD_MAX];
    char *end;

    if (sscanf(text, "%199[^:]:%199[^:]:%199[^:]:%199s", kind, number, effect, rule->glob) < 3)
        return false;
    rule->kinds = kinds_of(kind);
    rule->first = strtoul(number, &end, 10);
    rule->and_later = *end == '+';
    return rule->kinds && rule->first && read_effect(rule, kill_rule, effect);
}

/* kind[:glob] */
static bool read_drop(struct rule *rule, const char *text)
{
    char kind[WORD_MAX];

    rule->action = RULE_DROP;
    rule->first = 1;
    rule->and_later = true;
    if (sscanf(text, "%199[^:]:%199s", kind, rule->glob) < 1)
        return false;
    rule->kinds = kinds_of(kind);
    return rule->kinds != 0;
}

static void read_rules(const char *variable, bool drop_rule, bool kill_rule)
{
    const char *value = getenv(variable);
    char *copy = value ? strdup(value) : NULL;
    char *rest = NULL;

    for (char *one = copy ? strtok_r(copy, ",", &rest) : NULL; one;
         one = strtok_r(NULL, ",", &rest)) {
        struct rule rule = {.first = 0};
        bool good = drop_rule ? read_drop(&rule, one) : read_counted(&rule, kill_rule, one);

        if (!good || state.count == RULES_MAX)
            refuse(one);
        snprintf(rule.text, sizeof(rule.text), "%s", one);
        state.have_alloc |= rule.kinds == 1U << IOREC_KIND_ALLOC;
        state.rules[state.count++] = rule;
    }
    free(copy);
}

/* `file` mapped, made when it is absent. */
static void *map_words(const char *file, size_t len)
{
    void *page;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0 || syscall(SYS_ftruncate, fd, (long)len) < 0)
        refuse(file);
    page = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        refuse(file);
    syscall(SYS_close, fd);
    return page;
}

/* IOREC_PHASE=FILE:GLOB */
static void map_phase(void)
{
    const char *value = getenv("IOREC_PHASE");
    const char *colon = value ? strrchr(value, ':') : NULL;
    char file[PATH_MAX];

    if (!value)
        return;
    if (!colon || (size_t)(colon - value) >= sizeof(file))
        refuse(value);
    snprintf(file, sizeof(file), "%.*s", (int)(colon - value), value);
    snprintf(state.phase_glob, sizeof(state.phase_glob), "%s", colon + 1);
    state.phase = map_words(file, sizeof(*state.phase));
}

void iorec_rules_load(void)
{
    read_rules("IOREC_FAIL", false, false);
    read_rules("IOREC_KILL", false, true);
    read_rules("IOREC_DROP", true, false);
    map_phase();
    if (getenv("IOREC_GATE"))
        state.gate = map_words(getenv("IOREC_GATE"), sizeof(*state.gate));
}

static bool matches(const char *glob, const char *path)
{
    return !*glob || fnmatch(glob, path, 0) == 0;
}

static bool is_flush(enum iorec_kind kind)
{
    return kind == IOREC_KIND_FSYNC || kind == IOREC_KIND_FDATASYNC;
}

static void move_phase(enum iorec_kind kind, const char *path, bool ended)
{
    if (!state.phase || !matches(state.phase_glob, path))
        return;
    if (kind == IOREC_KIND_WRITE) {
        state.phase->phase = ended ? IOREC_PHASE_WRITTEN : IOREC_PHASE_WRITING;
        state.phase->write_count += ended;
    } else if (is_flush(kind)) {
        state.phase->phase = ended ? IOREC_PHASE_FLUSHED : IOREC_PHASE_FLUSHING;
        state.phase->flush_count += ended;
    }
}

static void end_process(const char *path)
{
    uint64_t phase = state.phase ? state.phase->phase : IOREC_PHASE_IDLE;

    iorec_log(IOREC_KILL, 0, path, phase, 0, NULL);
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;)
        pause();
}

static bool is_hit(const struct rule *rule)
{
    unsigned long seen = rule->seen;

    return seen == rule->first || (rule->and_later && seen > rule->first);
}

static bool concerns(const struct rule *rule, enum iorec_kind kind, const char *path)
{
    return (!state.gate || *state.gate) && rule->kinds & 1U << kind &&
           matches(rule->glob, path);
}

struct iorec_verdict iorec_rules_before(enum iorec_kind kind, const char *path)
{
    struct iorec_verdict verdict = {.fail_errno = 0};

    move_phase(kind, path, false);
    for (unsigned i = 0; i < state.count; i++) {
        struct rule *rule = &state.rules[i];

        if (!concerns(rule, kind, path))
            continue;
        rule->seen++;
        if (!is_hit(rule))
            continue;
        if (rule->action == RULE_KILL_BEFORE)
            end_process(path);
        if (rule->action == RULE_FAIL || rule->action == RULE_SHORTEN)
            iorec_log(IOREC_FAULT, 0, path, kind, 0, NULL);
        if (rule->action == RULE_FAIL)
            verdict.fail_errno = rule->fail_errno;
        verdict.drop |= rule->action == RULE_DROP;
        verdict.shorten |= rule->action == RULE_SHORTEN;
    }
    return verdict;
}

void iorec_rules_after(enum iorec_kind kind, const char *path)
{
    move_phase(kind, path, true);
    for (unsigned i = 0; i < state.count; i++) {
        const struct rule *rule = &state.rules[i];

        if (rule->action == RULE_KILL_AFTER && concerns(rule, kind, path) && is_hit(rule))
            end_process(path);
    }
}

bool iorec_rules_have_alloc(void)
{
    return state.have_alloc;
}

bool iorec_rules_alloc(const char *module)
{
    bool hit = false;

    for (unsigned i = 0; i < state.count; i++) {
        struct rule *rule = &state.rules[i];
        unsigned long seen;

        if (!concerns(rule, IOREC_KIND_ALLOC, module))
            continue;
        seen = atomic_fetch_add(&rule->seen, 1) + 1;
        hit |= seen == rule->first || (rule->and_later && seen > rule->first);
    }
    return hit;
}

void iorec_rules_tell(void)
{
    for (unsigned i = 0; i < state.count; i++)
        iorec_log(IOREC_SEEN, 0, state.rules[i].text, state.rules[i].seen, 0, NULL);
}

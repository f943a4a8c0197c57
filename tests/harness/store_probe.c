/*
 * store_probe: opens stores as the daemon does and asks them as its clients do, without a
 * daemon, a bus or a wait: thousands of rebuilt disks are looked at in one process.
 *
 * usage: store_probe ROOT-KEY-FILE < lines
 * One answer line per line read, "ok ...", or "error CODE text":
 *
 *   create DIR KEY          a new store in DIR for the operator's public KEY (hex)
 *   open DIR new|same       "new": as after a power loss; "same": as if this were the boot and
 *                           mount its views were written in
 *   clock US                what the clocks say from now on; 0: the real ones
 *   ask KEY BODY            queues a request (hex) of that public key (hex)
 *   turn                    deals with what was queued -> ok REPLY... (hex, in the order asked)
 *   tick                    what the daemon does once a second
 *   live KEY                -> ok 0|1
 *   entries                 -> ok ENTRY... (hex, every body of the journal)
 *   unseal SLOT BOX         -> ok CONTENT (hex), or - once the key is gone
 *   close clean|rough
 *   check DIR new|same      -> ok ENTRIES trusted|none (the views)
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine_private.h"

enum { LINE_LEN = 1 << 20, REPLIES_MAX = 1024, MARKER_LEN = 256, SEALED_FIELDS_MAX = 99 };

struct probe {
    struct seal_key *root;
    struct sys sys;
    struct log log;
    bool same_boot;
    int64_t wall_us; /* what the clock says; 0: the real one */
    struct engine *engine;
    unsigned asked;
    char *replies[REPLIES_MAX];
};

static int probe_boot_mount_id(void *ctx, const char *path, char *out, size_t len)
{
    const struct probe *probe = ctx;
    char marker[PATH_MAX];
    char text[MARKER_LEN] = "";

    snprintf(out, len, "another-boot");
    if (!probe->same_boot)
        return 0;
    snprintf(marker, sizeof(marker), "%s/marker", path);
    if (sys_read_file(sys_real(), marker, text, sizeof(text) - 1) < 0)
        return 0;
    text[strcspn(text, "\n")] = '\0';
    if (strncmp(text, "live ", 5) == 0)
        snprintf(out, len, "%s", text + 5);
    return 0;
}

static int64_t probe_wall_us(void *ctx)
{
    const struct probe *probe = ctx;

    return probe->wall_us ? probe->wall_us : sys_wall_us(sys_real());
}

/* Goes with the wall clock while that is ours: what is counted by time is then the same twice.
 */
static int64_t probe_mono_us(void *ctx)
{
    const struct probe *probe = ctx;

    return probe->wall_us ? probe->wall_us : sys_mono_us(sys_real());
}

static void quiet_write(void *ctx, enum log_level level, const char *line)
{
    (void)ctx;
    (void)level;
    (void)line;
}

static bool is_word(const char *word, const char *expected)
{
    return word && strcmp(word, expected) == 0;
}

/* In place; the length, or -1. */
static ssize_t unhex(char *text)
{
    size_t len = strlen(text) / 2;

    return hex_decode((uint8_t *)text, len, text) ? (ssize_t)len : -1;
}

static void answer_error(enum ctps_code code, const struct ctps_err *err)
{
    printf("error %d %s\n", (int)code, err->text);
}

static void take_reply(void *ctx, const struct engine_peer *peer, struct bytes reply)
{
    struct probe *probe = ctx;
    unsigned at;

    memcpy(&at, peer->handle, sizeof(at));
    if (at >= REPLIES_MAX)
        return;
    free(probe->replies[at]);
    probe->replies[at] = malloc(2 * reply.len + 1);
    if (probe->replies[at])
        hex_encode(probe->replies[at], reply.data, reply.len);
}

static void ignore_event(void *ctx, const char *audience, const char *topic, struct bytes event)
{
    (void)ctx;
    (void)audience;
    (void)topic;
    (void)event;
}

static void ignore_key(void *ctx, const uint8_t public_key[ENGINE_KEY_LEN])
{
    (void)ctx;
    (void)public_key;
}

static void ignore_reload(void *ctx)
{
    (void)ctx;
}

static void no_figures(void *ctx,
                       void (*add)(void *arg, const char *name, const char *value,
                                   const char *unit, bool alarm),
                       void *arg)
{
    (void)ctx;
    (void)add;
    (void)arg;
}

static void options_set(const struct probe *probe, const char *dir,
                        struct engine_options *ret_options)
{
    *ret_options = (struct engine_options){
        .data_dir = dir,
        .sys = &probe->sys,
        .log = &probe->log,
        .root = probe->root,
    };
    settings_init(&ret_options->settings);
    ret_options->settings.erase_interval_us = 0;
}

static void do_open(struct probe *probe, const char *dir, const char *boot)
{
    struct engine_options options;
    struct ctps_err err = {0};
    struct engine_out out = {
        .ctx = probe,
        .reply = take_reply,
        .publish = ignore_event,
        .key_revoked = ignore_key,
        .reload = ignore_reload,
        .figures = no_figures,
    };
    enum ctps_code code;

    engine_close(&probe->engine, false, &err);
    probe->same_boot = is_word(boot, "same");
    options_set(probe, dir, &options);
    code = engine_open(&probe->engine, &options, &out, &err);
    if (code != CTPS_OK)
        answer_error(code, &err);
    else
        printf("ok\n");
}

/* A new store whose first entry has the probe's time; the operator's key is KEY. */
static void do_create(struct probe *probe, const char *dir, char *key)
{
    struct engine_options options;
    struct engine_init init = {
        .options = &options,
        .town_name = "Mulhouse",
        .insee = "68224",
        .zone = "Europe/Paris",
        .holiday_regime = "alsace-moselle",
        .good_friday = true,
    };
    struct ctps_err err = {0};
    enum ctps_code code;

    if (unhex(key) != ENGINE_KEY_LEN) {
        printf("error %d not a key\n", CTPS_INVALID);
        return;
    }
    memcpy(init.operator_key, key, ENGINE_KEY_LEN);
    options_set(probe, dir, &options);
    code = engine_create(&init, &err);
    if (code != CTPS_OK)
        answer_error(code, &err);
    else
        printf("ok\n");
}

static enum ctps_code frame_print(void *arg, const struct journal_frame *frame)
{
    char *text = malloc(2 * frame->body.len + 1);

    (void)arg;
    if (!text)
        return CTPS_NOMEM;
    hex_encode(text, frame->body.data, frame->body.len);
    printf(" %s", text);
    free(text);
    return CTPS_OK;
}

static void do_entries(struct probe *probe)
{
    struct ctps_err err = {0};

    fputs("ok", stdout);
    if (journal_scan(probe->engine->journal, 1, frame_print, NULL, &err) != CTPS_OK)
        fputs(" damaged", stdout);
    putchar('\n');
}

/* Whatever kind of field the box holds; "-" once its key is gone. */
static void do_unseal(struct probe *probe, const char *slot, char *box)
{
    ssize_t len = unhex(box);
    struct arena arena = {0};
    struct bytes content;
    char *text = NULL;

    arena_init(&arena, LINE_LEN);
    for (uint32_t field = 1; len > 0 && !text && field <= SEALED_FIELDS_MAX; field++)
        if (keyring_unseal(probe->engine->keyring, &arena, strtoull(slot, NULL, 10), field,
                           bytes_of(box, (size_t)len), &content) == CTPS_OK)
            text = arena_alloc(&arena, 2 * content.len + 1);
    if (text)
        hex_encode(text, content.data, content.len);
    printf("ok %s\n", text ? text : "-");
    arena_done(&arena);
}

static void do_ask(struct probe *probe, char *key, char *body)
{
    struct engine_peer peer = {.address = "probe"};
    ssize_t len = body ? unhex(body) : -1;

    if (!probe->engine || !key || unhex(key) != ENGINE_KEY_LEN || len < 0 ||
        probe->asked == REPLIES_MAX) {
        printf("error %d not a request\n", CTPS_INVALID);
        return;
    }
    memcpy(peer.public_key, key, ENGINE_KEY_LEN);
    memcpy(peer.handle, &probe->asked, sizeof(probe->asked));
    if (engine_request(probe->engine, &peer, bytes_of(body, (size_t)len)) != CTPS_OK) {
        printf("error %d queue full\n", CTPS_BUSY);
        return;
    }
    probe->asked++;
    printf("ok\n");
}

static void do_turn(struct probe *probe)
{
    struct ctps_err err = {0};
    enum ctps_code code = CTPS_OK;

    while (code == CTPS_OK && engine_has_work(probe->engine))
        code = engine_turn(probe->engine, &err);
    if (code != CTPS_OK) {
        answer_error(code, &err);
    } else {
        fputs("ok", stdout);
        for (unsigned i = 0; i < probe->asked; i++)
            printf(" %s", probe->replies[i] && *probe->replies[i] ? probe->replies[i] : "-");
        putchar('\n');
    }
    for (unsigned i = 0; i < REPLIES_MAX; i++) {
        free(probe->replies[i]);
        probe->replies[i] = NULL;
    }
    probe->asked = 0;
}

static void do_live(struct probe *probe, char *key)
{
    if (!key || unhex(key) != ENGINE_KEY_LEN)
        printf("error %d not a key\n", CTPS_INVALID);
    else
        printf("ok %d\n", engine_key_is_live(probe->engine, (const uint8_t *)key));
}

static void do_check(struct probe *probe, const char *dir, const char *boot)
{
    struct engine_options options;
    struct engine_report report;
    struct ctps_err err = {0};
    enum ctps_code code;

    probe->same_boot = is_word(boot, "same");
    options_set(probe, dir, &options);
    code = engine_store_check(&options, &report, &err);
    if (code != CTPS_OK)
        answer_error(code, &err);
    else
        printf("ok %llu %s\n", (unsigned long long)report.entries,
               report.views_trusted ? "trusted" : "none");
}

static void answer(enum ctps_code code, const struct ctps_err *err)
{
    if (code != CTPS_OK)
        answer_error(code, err);
    else
        printf("ok\n");
}

static void do_line(struct probe *probe, char *line)
{
    char *rest = NULL;
    const char *verb = strtok_r(line, " \n", &rest);
    char *first = strtok_r(NULL, " \n", &rest);
    char *second = strtok_r(NULL, " \n", &rest);
    struct ctps_err err = {0};

    if (is_word(verb, "open") && second)
        do_open(probe, first, second);
    else if (is_word(verb, "check") && second)
        do_check(probe, first, second);
    else if (is_word(verb, "create") && second)
        do_create(probe, first, second);
    else if (is_word(verb, "clock") && first) {
        probe->wall_us = strtoll(first, NULL, 10);
        printf("ok\n");
    } else if (is_word(verb, "close"))
        answer(engine_close(&probe->engine, is_word(first, "clean"), &err), &err);
    else if (!probe->engine)
        printf("error %d no store is open, or no such line\n", CTPS_INVALID);
    else if (is_word(verb, "ask"))
        do_ask(probe, first, second);
    else if (is_word(verb, "turn"))
        do_turn(probe);
    else if (is_word(verb, "tick"))
        answer(engine_tick(probe->engine, &err), &err);
    else if (is_word(verb, "live"))
        do_live(probe, first);
    else if (is_word(verb, "entries"))
        do_entries(probe);
    else if (is_word(verb, "unseal") && second)
        do_unseal(probe, first, second);
    else
        printf("error %d no such line\n", CTPS_INVALID);
}

int main(int argc, char **argv)
{
    struct probe probe = {.log = {.write = quiet_write, .max = LOG_LEVEL_WARNING}};
    struct ctps_err err = {0};
    char *line;

    if (argc != 2 || seal_start(&err) != CTPS_OK)
        return 64;
    probe.sys = *sys_real(); /* which looks at no context of its own */
    probe.sys.ctx = &probe;
    probe.sys.boot_mount_id = probe_boot_mount_id;
    probe.sys.wall_us = probe_wall_us;
    probe.sys.mono_us = probe_mono_us;
    probe.root = seal_key_new();
    if (!probe.root || rootkey_read(probe.root, argv[1], &err) != CTPS_OK) {
        fprintf(stderr, "store_probe: %s\n", err.text);
        return 65;
    }
    line = malloc(LINE_LEN);
    if (!line)
        return 70;
    while (fgets(line, LINE_LEN, stdin)) {
        do_line(&probe, line);
        fflush(stdout);
    }
    engine_close(&probe.engine, false, &err);
    seal_key_free(&probe.root);
    free(line);
    return 0;
}

/* ctps-witness: a second pair of eyes for logs of hashes, under another user or on another
 * machine. It cosigns a log that only grew, and refuses by name everything else. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "server.h"

static const char usage_text[] =
    "usage: ctps-witness init FOLDER NAME          a new witness; prints its verifier key\n"
    "       ctps-witness add FOLDER VKEY           know a log, by the key it signs with;\n"
    "                                              also while it serves\n"
    "       ctps-witness list FOLDER               logs, and what was cosigned of each\n"
    "       ctps-witness checkpoint FOLDER ORIGIN  the checkpoint cosigned last\n"
    "       ctps-witness serve FOLDER ADDRESS:PORT takes requests (C2SP tlog-witness)\n"
    "\n"
    "example: ctps-witness init /var/lib/ctps-witness witness.town.example\n";

static int complain(const struct store *store)
{
    fprintf(stderr, "ctps-witness: %s\n", store->why);
    return EX_DATAERR;
}

static int vkey_print(const struct note_key *key)
{
    char text[NOTE_VKEY_MAX];

    note_vkey_write(key, text);
    puts(text);
    return EX_OK;
}

static int run_init(struct store *store, const char *folder, const char *name)
{
    return store_init(store, folder, name) ? vkey_print(&store->key) : complain(store);
}

static int run_add(struct store *store, const char *folder, const char *vkey)
{
    struct note_key key;

    if (!note_vkey_read(vkey, &key)) {
        fprintf(stderr, "ctps-witness: not a verifier key: %s\n", vkey);
        return EX_USAGE;
    }
    return store_open(store, folder, STORE_ADD) && store_add(store, &key) ? EX_OK
                                                                          : complain(store);
}

static int run_list(struct store *store, const char *folder, const char *unused)
{
    (void)unused;
    if (!store_open(store, folder, STORE_LOOK))
        return complain(store);
    for (size_t i = 0; i < store->log_count; i++)
        printf("%s %" PRIu64 "\n", store->logs[i].key.name, store->logs[i].seen.size);
    return EX_OK;
}

static int run_checkpoint(struct store *store, const char *folder, const char *origin)
{
    char note[NOTE_LEN_MAX] = "";

    if (!store_open(store, folder, STORE_LOOK))
        return complain(store);
    for (size_t i = 0; i < store->log_count; i++)
        if (strcmp(store->logs[i].key.name, origin) == 0 &&
            !store_seen_read(store, &store->logs[i], note))
            return complain(store);
    if (!*note) {
        fprintf(stderr, "ctps-witness: nothing was cosigned of %s\n", origin);
        return EX_UNAVAILABLE;
    }
    fputs(note, stdout);
    return EX_OK;
}

static int run_serve(struct store *store, const char *folder, const char *listen)
{
    return store_open(store, folder, STORE_COSIGN) ? server_run(store, listen, stdout, stderr)
                                                   : complain(store);
}

static const struct verb {
    const char *name;
    int words;
    int (*run)(struct store *store, const char *folder, const char *word);
} verbs[] = {
    {"init", 2, run_init},   {"add", 2, run_add},
    {"list", 1, run_list},   {"checkpoint", 2, run_checkpoint},
    {"serve", 2, run_serve},
};

int main(int argc, char **argv)
{
    struct store store = {.lock = -1};
    int status;

    /* Neither traced nor dumped: its memory holds the key. */
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0});
    umask(077);
    if (sodium_init() < 0)
        return EX_SOFTWARE;
    for (size_t i = 0; argc > 2 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(verbs[i].name, argv[1]) != 0 || verbs[i].words != argc - 2)
            continue;
        status = verbs[i].run(&store, argv[2], argc > 3 ? argv[3] : NULL);
        store_close(&store);
        return status;
    }
    fputs(usage_text, argc == 2 && strcmp(argv[1], "--help") == 0 ? stdout : stderr);
    return argc == 2 && strcmp(argv[1], "--help") == 0 ? EX_OK : EX_USAGE;
}

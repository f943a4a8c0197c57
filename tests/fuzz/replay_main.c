/*
 * Runs a fuzz target as a plain test: every file of a folder, then seeded mutations of them.
 *
 * usage: fuzz_NAME CORPUS-FOLDER MUTATIONS   (a missing folder is an empty one)
 *        fuzz_NAME FILE                      (one input, to look into a failure)
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

enum { INPUT_MAX = 1 << 16, INPUTS_MAX = 4096, EDITS_MAX = 6 };

struct input {
    uint8_t *data;
    size_t len;
};

struct corpus {
    struct input inputs[INPUTS_MAX];
    size_t count;
};

/* splitmix64: the same mutations in each run. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

static size_t below(uint64_t *state, size_t limit)
{
    return limit ? (size_t)(next_random(state) % limit) : 0;
}

/* Each input stands in memory of its exact length, so that a byte read past it is seen. */
static void run_exactly(const uint8_t *data, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);

    if (!copy)
        abort();
    memcpy(copy, data, len);
    LLVMFuzzerTestOneInput(copy, len);
    free(copy);
}

static bool read_input(const char *path, struct input *ret_input)
{
    static uint8_t data[INPUT_MAX];
    FILE *file = fopen(path, "rb");
    struct input input;

    if (!file)
        return false;
    input.len = fread(data, 1, sizeof(data), file);
    fclose(file);
    input.data = malloc(input.len ? input.len : 1);
    if (!input.data)
        return false;
    memcpy(input.data, data, input.len);
    *ret_input = input;
    return true;
}

static bool read_corpus(struct corpus *corpus, const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, NULL, alphasort);
    char path[4096];

    for (int i = 0; i < count; i++) {
        bool wanted = entries[i]->d_name[0] != '.' && corpus->count < INPUTS_MAX;

        snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        free(entries[i]);
        if (wanted && !read_input(path, &corpus->inputs[corpus->count++]))
            return false;
    }
    free(entries);
    return true;
}

/* Removes a run of bytes, or inserts random ones. */
static size_t edit_length(uint8_t *data, size_t len, uint64_t *seed)
{
    size_t at = below(seed, len + 1);
    size_t run = 1 + below(seed, 8);

    if (next_random(seed) & 1) {
        if (run > len - at)
            run = len - at;
        memmove(data + at, data + at + run, len - at - run);
        return len - run;
    }
    if (len + run > INPUT_MAX)
        return len;
    memmove(data + at + run, data + at, len - at);
    for (size_t i = 0; i < run; i++)
        data[at + i] = (uint8_t)next_random(seed);
    return len + run;
}

static size_t edit(uint8_t *data, size_t len, uint64_t *seed)
{
    static const uint8_t telling[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    size_t at = below(seed, len);

    switch (len ? next_random(seed) % 5 : 4) {
    case 0:
        data[at] ^= (uint8_t)(1U << below(seed, 8));
        return len;
    case 1:
        data[at] = (uint8_t)next_random(seed);
        return len;
    case 2:
        data[at] = telling[below(seed, sizeof(telling))];
        return len;
    case 3:
        return below(seed, 8) ? len : at;
    default:
        return edit_length(data, len, seed);
    }
}

/* One mutation: an input of the corpus (or nothing), edited a few times. */
static void run_mutation(const struct corpus *corpus, uint64_t *seed)
{
    static uint8_t data[INPUT_MAX];
    size_t pick = below(seed, corpus->count + 1);
    size_t edits = 1 + below(seed, EDITS_MAX);
    size_t len = 0;

    if (pick < corpus->count) {
        len = corpus->inputs[pick].len;
        memcpy(data, corpus->inputs[pick].data, len);
    }
    for (size_t i = 0; i < edits; i++)
        len = edit(data, len, seed);
    run_exactly(data, len);
}

static int run_folder(const char *folder, unsigned long mutations)
{
    static struct corpus corpus;
    uint64_t seed = 1;

    if (!read_corpus(&corpus, folder)) {
        fprintf(stderr, "%s: cannot be read\n", folder);
        return 74;
    }
    for (size_t i = 0; i < corpus.count; i++)
        run_exactly(corpus.inputs[i].data, corpus.inputs[i].len);
    for (unsigned long i = 0; i < mutations; i++)
        run_mutation(&corpus, &seed);
    printf("%zu inputs and %lu mutations run\n", corpus.count, mutations);
    for (size_t i = 0; i < corpus.count; i++)
        free(corpus.inputs[i].data);
    return corpus.count + mutations > 0 ? 0 : 1;
}

static int run_file(const char *path)
{
    struct input input;

    if (!read_input(path, &input)) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return 66;
    }
    run_exactly(input.data, input.len);
    free(input.data);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return run_folder(argv[1], strtoul(argv[2], NULL, 10));
    if (argc == 2)
        return run_file(argv[1]);
    fprintf(stderr, "usage: %s CORPUS-FOLDER MUTATIONS | FILE\n", argv[0]);
    return 64;
}

#include "since.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATH_LEN = 4096 };

static bool since_write(const char *folder, const char *path, int64_t now_us)
{
    char made[PATH_LEN];
    FILE *file;
    bool ok;

    snprintf(made, sizeof(made), "%s/since.new", folder);
    file = fopen(made, "we");
    if (!file)
        return false;
    ok = fprintf(file, "%" PRIi64 "\n", now_us) > 0 && fflush(file) == 0 &&
         fsync(fileno(file)) == 0;
    return fclose(file) == 0 && ok && rename(made, path) == 0;
}

bool since_read(const char *folder, int64_t now_us, int64_t *ret_since_us)
{
    char path[PATH_LEN], line[32] = "";
    FILE *file;
    bool read;

    snprintf(path, sizeof(path), "%s/since", folder);
    file = fopen(path, "re");
    *ret_since_us = now_us;
    if (!file)
        return since_write(folder, path, now_us);
    read = fgets(line, sizeof(line), file) != NULL;
    fclose(file);
    *ret_since_us = strtoll(line, NULL, 10);
    return read && *ret_since_us > 0;
}

/* ctps-man: writes the manual pages and the completion while building.
 *
 *   ctps-man pages LANGUAGE FOLDER    FOLDER/ctps.1, ctps-NOUN.1; in English the daemon's too
 *   ctps-man completion FILE
 */
#include "lang.h"
#include "man.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static bool page(const char *folder, const char *name, const struct command_group *group,
                 void (*write)(FILE *out))
{
    char path[4096];
    FILE *out;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    out = fopen(path, "w");
    if (!out)
        return false;
    if (group)
        man_write_group(out, group);
    else
        write(out);
    return fclose(out) == 0;
}

static bool pages(const char *language, const char *folder)
{
    size_t count;
    const struct command_group *const *groups = command_groups(&count);
    bool done = page(folder, "ctps.1", NULL, man_write_program);

    for (size_t i = 0; done && i < count; i++) {
        char name[80];

        snprintf(name, sizeof name, "ctps-%s.1", groups[i]->noun);
        done = page(folder, name, groups[i], NULL);
    }
    if (strcmp(language, "en") != 0)
        return done;
    return done && page(folder, "ctpsd.8", NULL, man_write_daemon) &&
           page(folder, "ctps-host.8", NULL, man_write_host) &&
           page(folder, "ctpsd.conf.5", NULL, man_write_conf);
}

static bool completion(const char *path)
{
    FILE *out = fopen(path, "w");

    if (!out)
        return false;
    completion_write(out);
    return fclose(out) == 0;
}

int main(int argc, char **argv)
{
    bool done = false;

    if (argc == 4 && strcmp(argv[1], "pages") == 0) {
        lang_start(argv[2]);
        done = pages(argv[2], argv[3]);
    } else if (argc == 3 && strcmp(argv[1], "completion") == 0) {
        done = completion(argv[2]);
    } else {
        fputs("ctps-man pages LANGUAGE FOLDER | completion FILE\n", stderr);
        return EX_USAGE;
    }
    if (!done)
        perror("ctps-man");
    return done ? EX_OK : EX_CANTCREAT;
}

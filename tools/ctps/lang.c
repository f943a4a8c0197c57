#include "lang.h"

#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool lang_is_known(const char *name)
{
    return strcmp(name, "fr") == 0 || strcmp(name, "en") == 0;
}

static bool environment_is_english(void)
{
    static const char *const names[] = {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"};
    const char *value;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        value = getenv(names[i]);
        if (value && (strncmp(value, "en", 2) == 0 || strncmp(value, "fr", 2) == 0))
            return value[0] == 'e';
    }
    return false;
}

static bool has_catalogue(const char *folder)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/fr/LC_MESSAGES/ctps.mo", folder);

    return len > 0 && (size_t)len < sizeof path && access(path, R_OK) == 0;
}

/* `tail` seen from the folder of the program. */
static bool beside_program(char out[PATH_MAX], const char *tail)
{
    ssize_t len = readlink("/proc/self/exe", out, PATH_MAX - 1);
    char *slash;

    if (len <= 0)
        return false;
    out[len] = '\0';
    slash = strrchr(out, '/');
    if (!slash || (size_t)(slash - out) + strlen(tail) + 2 > PATH_MAX)
        return false;
    memcpy(slash + 1, tail, strlen(tail) + 1);
    return has_catalogue(out);
}

static void bind_catalogue(void)
{
    const char *told = getenv("CTPS_LOCALEDIR");
    char path[PATH_MAX];

    if (told && *told)
        bindtextdomain("ctps", told);
    else if (beside_program(path, "locale") || beside_program(path, "../share/locale"))
        bindtextdomain("ctps", path);
    else
        bindtextdomain("ctps", CTPS_LOCALEDIR_DEFAULT);
    bind_textdomain_codeset("ctps", "UTF-8");
    textdomain("ctps");
}

bool lang_start(const char *forced)
{
    bool french = forced ? strcmp(forced, "fr") == 0 : !environment_is_english();

    /* gettext looks at LANGUAGE only when the locale is not plain "C"; C.UTF-8 is always there,
     * the French one where somebody installed it. */
    setenv("LANGUAGE", french ? "fr" : "en", 1);
    if (!setlocale(LC_ALL, "C.UTF-8"))
        setlocale(LC_ALL, "C");
    setlocale(LC_MESSAGES, french ? "fr_FR.UTF-8" : "en_US.UTF-8");
    bind_catalogue();
    return french;
}

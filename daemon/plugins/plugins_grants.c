/* What a plugin wants against what its section grants it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "plugins/plugins_private.h"

static const char *const *as_words(char **words)
{
    return (const char *const *)words;
}

static bool is_among(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

/* The first of `words` that is not among `granted`; NULL: all are. */
static const char *missing_find(const char *const *words, size_t count,
                                const char *const *granted, size_t granted_count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_among(words[i], granted, granted_count))
            return words[i];
    return NULL;
}

/* A recording stands in the clear: nothing that could hold a name may come into it. */
static const char *record_refused(const struct plugin_config *config)
{
    static const char *const plain[] = {"effect.record",   "effect.list", "events.read",
                                        "dead_letter.add", "status.read", "reference.read"};

    return config->record ? missing_find(config->actions, config->action_count, plain,
                                         sizeof(plain) / sizeof(plain[0]))
                          : NULL;
}

static bool no(char *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool no(char *why, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(why, WHY_LEN, format, args);
    va_end(args);
    return false;
}

bool grants_check(const struct definition *is, char why[WHY_LEN])
{
    const Ctps__PluginDescription *wants = is->description;
    const struct plugin_config *config = &is->config;
    const char *missing;

    if (!wants->name || strcmp(wants->name, config->name) != 0)
        return no(why, "its file calls itself \"%s\": name its section so",
                  wants->name ? wants->name : "");
    missing = missing_find(as_words(wants->actions), wants->n_actions, config->actions,
                           config->action_count);
    if (missing)
        return no(why,
                  "it needs the action \"%s\", which its section does not grant: add it to "
                  "`actions`",
                  missing);
    missing = missing_find(as_words(wants->audiences), wants->n_audiences, config->audiences,
                           config->audience_count);
    if (missing)
        return no(why,
                  "it follows the audience \"%s\", which its section does not grant: add it "
                  "to `audiences`",
                  missing);
    missing = record_refused(config);
    return !missing || no(why,
                          "it is granted the action \"%s\": a recording of it might hold "
                          "names; take away one of `record` and that action",
                          missing);
}

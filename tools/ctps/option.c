#include "option.h"

#include "base/nearest.h"
#include "command.h"
#include "lang.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static const struct option_row globals[] = {
    {"as", OPTION_TEXT, "KEYFILE",
     N_("key file to act with; else $CTPS_KEY, else ~/.config/ctps/key"), NULL, NULL, 0},
    {"json", OPTION_FLAG, NULL, N_("write JSON for programs"), NULL, NULL, 0},
    {"no-input", OPTION_FLAG, NULL, N_("never ask a question"), NULL, NULL, 0},
    {"lang", OPTION_TEXT, "fr|en", N_("language of messages"), NULL, NULL, 0},
    {"timeout", OPTION_COUNT, "SECONDS", N_("how long to wait for an answer (10)"), NULL, NULL,
     0},
    {"help", OPTION_FLAG, NULL, N_("explain the command"), NULL, NULL, 0},
};

const struct option_row *option_globals(size_t *ret_count)
{
    *ret_count = sizeof globals / sizeof *globals;
    return globals;
}

bool option_is_positional(const struct option_row *row)
{
    return isupper((unsigned char)row->name[0]) != 0;
}

/* Whether `word` is --name or --name=value; the value in *ret_value, NULL when none is joined.
 */
static bool word_is_option(const char *word, const char *name, const char **ret_value)
{
    size_t len = strlen(name);

    if (strncmp(word, "--", 2) != 0 || strncmp(word + 2, name, len) != 0)
        return false;
    if (word[2 + len] != '\0' && word[2 + len] != '=')
        return false;
    *ret_value = word[2 + len] ? word + 3 + len : NULL;
    return true;
}

const char *option_peek_language(int argc, const char *const *argv)
{
    const char *value;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0)
            return NULL;
        if (!word_is_option(argv[i], "lang", &value))
            continue;
        if (!value && i + 1 < argc)
            value = argv[i + 1];
        return value && lang_is_known(value) ? value : NULL;
    }
    return NULL;
}

static const struct option_row *find_option(const struct option_row *rows, size_t count,
                                            const char *word, const char **ret_value)
{
    for (size_t i = 0; i < count; i++)
        if (!option_is_positional(&rows[i]) && word_is_option(word, rows[i].name, ret_value))
            return &rows[i];
    return NULL;
}

/* Takes the value after the option when it is not joined to it. */
static int take_value(const struct cli *cli, const struct option_row *row, int argc,
                      const char *const *argv, int *at, const char **value)
{
    (*at)++;
    if (row->kind == OPTION_FLAG) {
        if (*value) {
            cli_complain(cli, _("--%s takes no value"), row->name);
            return EX_USAGE;
        }
        return 0;
    }
    if (!*value && *at < argc)
        *value = argv[(*at)++];
    if (*value)
        return 0;
    cli_complain(cli, _("--%s needs a value: --%s %s"), row->name, row->name, row->value);
    return EX_USAGE;
}

static int set_timeout(struct cli *cli, const char *value)
{
    char *end;
    long seconds;

    errno = 0;
    seconds = strtol(value, &end, 10);
    if (errno || *end || end == value || seconds < 1 || seconds > 3600) {
        cli_complain(cli, _("--timeout: a number of seconds from 1 to 3600, not \"%s\""),
                     value);
        return EX_USAGE;
    }
    cli->timeout_ms = (int)seconds * 1000;
    return 0;
}

static int set_global(struct cli *cli, const char *name, const char *value)
{
    if (strcmp(name, "as") == 0)
        cli->key_path = value;
    else if (strcmp(name, "json") == 0)
        cli->json = true;
    else if (strcmp(name, "no-input") == 0)
        cli->no_input = true;
    else if (strcmp(name, "help") == 0)
        cli->help = true;
    else if (strcmp(name, "timeout") == 0)
        return set_timeout(cli, value);
    else if (!lang_is_known(value)) {
        cli_complain(cli, _("--lang: fr or en, not \"%s\""), value);
        return EX_USAGE;
    }
    return 0;
}

static int unknown_option(const struct cli *cli, const struct command *command,
                          const char *word)
{
    struct nearest nearest;
    char name[NEAREST_LEN_MAX + 1];
    const char *best;

    snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    nearest_init(&nearest, name);
    for (size_t i = 0; i < sizeof globals / sizeof *globals; i++)
        nearest_offer(&nearest, globals[i].name, strlen(globals[i].name));
    for (size_t i = 0; command && i < command->option_count; i++)
        nearest_offer(&nearest, command->options[i].name, strlen(command->options[i].name));
    best = nearest_best(&nearest);
    if (best)
        cli_complain(cli, _("unknown option %s; did you mean --%s?"), word, best);
    else
        cli_complain(cli, _("unknown option %s; see ctps help %s %s"), word,
                     command ? command->noun : "",
                     command && command->verb ? command->verb : "");
    return EX_USAGE;
}

int option_take_global(struct cli *cli, int argc, const char *const *argv, int *at)
{
    const char *value = NULL;
    const struct option_row *row;
    int status;

    if (strcmp(argv[*at], "-h") == 0) {
        cli->help = true;
        (*at)++;
        return 0;
    }
    row = find_option(globals, sizeof globals / sizeof *globals, argv[*at], &value);
    if (!row)
        return unknown_option(cli, NULL, argv[*at]);
    status = take_value(cli, row, argc, argv, at, &value);
    return status ? status : set_global(cli, row->name, value);
}

static int read_file_value(struct cli *cli, const char *path, const char **ret_text)
{
    char *text = arena_alloc(&cli->arena, OPTION_FILE_MAX + 1);
    ssize_t len;

    if (!text)
        return EX_OSERR;
    if (strcmp(path, "-") == 0)
        len = (ssize_t)fread(text, 1, OPTION_FILE_MAX, cli->in);
    else
        len = sys_read_file(cli->sys, path, text, OPTION_FILE_MAX);
    if (len < 0) {
        cli_complain(cli, "%s: %s", path, strerror((int)-len));
        return EX_NOINPUT;
    }
    if (memchr(text, '\0', (size_t)len)) {
        cli_complain(cli, _("%s: not a text"), path);
        return EX_DATAERR;
    }
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    text[len] = '\0';
    *ret_text = text;
    return 0;
}

static int add_arg(struct cli *cli, struct args *args, const struct option_row *row,
                   const char *text)
{
    int status = 0;

    if (args->count == ARGS_MAX) {
        cli_complain(cli, _("more than %d values on one command line"), ARGS_MAX);
        return EX_USAGE;
    }
    if (!(row->flags & OPTION_REPEATED) && args_get(args, row->name)) {
        cli_complain(
            cli, option_is_positional(row) ? _("%s is given twice") : _("--%s is given twice"),
            row->name);
        return EX_USAGE;
    }
    if (text && text[0] == '@' && row->kind == OPTION_TEXT)
        status = read_file_value(cli, text + 1, &text);
    if (!status)
        args->items[args->count++] = (struct arg){.row = row, .text = text};
    return status;
}

static int add_positional(struct cli *cli, const struct command *command, struct args *args,
                          const char *word)
{
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option_row *row = &command->options[i];

        if (option_is_positional(row) &&
            (row->flags & OPTION_REPEATED || !args_get(args, row->name)))
            return add_arg(cli, args, row, word);
    }
    cli_complain(cli, _("\"%s\" is one word too many; see ctps help %s %s"), word,
                 command->noun, command->verb ? command->verb : "");
    return EX_USAGE;
}

static int parse_option(struct cli *cli, const struct command *command, int argc,
                        const char *const *argv, int *at, struct args *args)
{
    const char *value = NULL;
    const struct option_row *row =
        find_option(command->options, command->option_count, argv[*at], &value);
    int status;

    if (!row) {
        if (find_option(globals, sizeof globals / sizeof *globals, argv[*at], &value) ||
            strcmp(argv[*at], "-h") == 0)
            return option_take_global(cli, argc, argv, at);
        return unknown_option(cli, command, argv[*at]);
    }
    status = take_value(cli, row, argc, argv, at, &value);
    return status ? status : add_arg(cli, args, row, value);
}

int args_parse(struct cli *cli, const struct command *command, int argc,
               const char *const *argv, struct args *ret_args)
{
    bool options = true;
    int at = 0;
    int status = 0;

    ret_args->count = 0;
    while (at < argc && !status) {
        if (options && strcmp(argv[at], "--") == 0) {
            options = false;
            at++;
        } else if (options && argv[at][0] == '-' && argv[at][1])
            status = parse_option(cli, command, argc, argv, &at, ret_args);
        else
            status = add_positional(cli, command, ret_args, argv[at++]);
    }
    return status;
}

int args_check(const struct cli *cli, const struct command *command, const struct args *args)
{
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option_row *row = &command->options[i];

        if (!(row->flags & OPTION_REQUIRED) || args_get(args, row->name))
            continue;
        if (option_is_positional(row))
            cli_complain(cli, _("%s is missing: %s"), row->name, _(row->help));
        else
            cli_complain(cli, _("--%s is missing: %s"), row->name, _(row->help));
        fprintf(cli->err, _("  example: ctps %s\n"), command->example);
        return EX_USAGE;
    }
    return 0;
}

const char *args_get(const struct args *args, const char *name)
{
    for (size_t i = args->count; i-- > 0;)
        if (strcmp(args->items[i].row->name, name) == 0)
            return args->items[i].text ? args->items[i].text : "";
    return NULL;
}

const char *args_get_nth(const struct args *args, const char *name, size_t index)
{
    for (size_t i = 0; i < args->count; i++)
        if (strcmp(args->items[i].row->name, name) == 0 && index-- == 0)
            return args->items[i].text ? args->items[i].text : "";
    return NULL;
}

#include "cli.h"

#include "command.h"
#include "help.h"
#include "lang.h"
#include "option.h"
#include "request.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <unistd.h>

void cli_init(struct cli *cli, const struct sys *sys, FILE *in, FILE *out, FILE *err)
{
    *cli = (struct cli){
        .sys = sys,
        .in = in,
        .out = out,
        .err = err,
        .timeout_ms = CLI_TIMEOUT_MS,
    };
    arena_init(&cli->arena, CLI_ARENA_MAX);
}

void cli_done(struct cli *cli)
{
    if (cli->session_open)
        cli->session.close(cli->session.ctx);
    cli->session_open = false;
    cli->reference = (struct reference){0};
    arena_done(&cli->arena);
}

void cli_complain(const struct cli *cli, const char *fmt, ...)
{
    va_list args;

    fputs("ctps: ", cli->err);
    va_start(args, fmt);
    vfprintf(cli->err, fmt, args);
    va_end(args);
    fputc('\n', cli->err);
}

const char *cli_key_path(struct cli *cli)
{
    const char *told = cli->key_path ? cli->key_path : getenv("CTPS_KEY");
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");

    if (told && *told)
        return told;
    if (config && *config)
        return arena_printf(&cli->arena, "%s/ctps/key", config);
    return home && *home ? arena_printf(&cli->arena, "%s/.config/ctps/key", home) : NULL;
}

int cli_connect(struct cli *cli)
{
    struct ctps_err err = {0};
    enum ctps_code code;

    if (cli->session_open)
        return 0;
    code = cli->open_session(cli, &err);
    if (code) {
        cli_complain(cli, "%s", err.text);
        return request_code_status(code);
    }
    cli->session_open = true;
    return 0;
}

bool cli_confirm(struct cli *cli, const char *question)
{
    char answer[16];

    if (cli->no_input || !isatty(fileno(cli->in)))
        return false;
    fprintf(cli->err, _("%s [y/N] "), question);
    fflush(cli->err);
    if (!fgets(answer, sizeof answer, cli->in))
        return false;
    return strchr("yYoO", answer[0]) && answer[0];
}

/* Lines are fitted to a screen only: what goes to a file or a pipe is whole. */
static unsigned terminal_width(const struct cli *cli)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    long told = columns ? strtol(columns, NULL, 10) : 0;

    if (!cli->terminal)
        return 0;
    if (told >= 20 && told <= 1000)
        return (unsigned)told;
    if (ioctl(fileno(cli->out), TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
        return size.ws_col;
    return 80;
}

static void look_at_terminal(struct cli *cli)
{
    const char *no_color = getenv("NO_COLOR");

    cli->terminal = isatty(fileno(cli->out)) == 1;
    cli->width = terminal_width(cli);
    cli->color = cli->terminal && !(no_color && *no_color);
}

enum { HELP_WORDS_MAX = 3 };

static int run_help(struct cli *cli, int argc, const char *const *argv)
{
    const char *words[HELP_WORDS_MAX];
    int count = 0;
    int at = 0;
    int status = 0;

    while (at < argc && !status) {
        if (argv[at][0] == '-')
            status = option_take_global(cli, argc, argv, &at);
        else if (count < HELP_WORDS_MAX)
            words[count++] = argv[at++];
        else
            at++;
    }
    return status ? status : help_run(cli, count, words);
}

/* The words before the options of a command are its noun and its verb; "ctps --json status" and
 * "ctps status --json" are the same. */
static int run_words(struct cli *cli, int argc, const char *const *argv)
{
    const struct command *command;
    struct args args;
    int used;
    int status;

    if (argc == 0)
        return help_run_all(cli, cli->help ? cli->out : cli->err);
    if (strcmp(argv[0], "help") == 0)
        return run_help(cli, argc - 1, argv + 1);
    command = command_find(argv[0], argc > 1 ? argv[1] : NULL, &used);
    if (!command)
        return help_run_unknown(cli, argc, argv);
    status = args_parse(cli, command, argc - used, argv + used, &args);
    if (status)
        return status;
    if (cli->help)
        return help_run_command(cli, command);
    status = args_check(cli, command, &args);
    return status ? status : command_run(cli, command, &args);
}

int cli_run(struct cli *cli, int argc, const char *const *argv)
{
    int at = 1;
    int status;

    cli->french = lang_start(option_peek_language(argc, argv));
    look_at_terminal(cli);
    while (at < argc && argv[at][0] == '-' && argv[at][1]) {
        status = option_take_global(cli, argc, argv, &at);
        if (status)
            return status;
    }
    status = run_words(cli, argc - at, argv + at);
    if (fflush(cli->out) != 0 || ferror(cli->out)) {
        cli_complain(cli, _("cannot write the output"));
        return EX_IOERR;
    }
    return status;
}

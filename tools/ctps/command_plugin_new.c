/* plugin new: the example under another name, with its Makefile and its test. */
#include "command.h"
#include "lang.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "ctps/plugin.h"

static const char word[] = "example";

static const struct file {
    const char *from;
    const char *end; /* after the plugin's name; NULL: named as `from` */
} files[] = {{"example.c", ".c"}, {"example.record", ".record"}, {"Makefile", NULL}};

/* Beside the program as built, or where both are installed. */
static bool template_find(char out[PATH_MAX])
{
    static const char *const tails[] = {"template", "../share/ctps/plugin-template"};
    ssize_t len = readlink("/proc/self/exe", out, PATH_MAX - 64);
    char *slash;

    out[len > 0 ? len : 0] = '\0';
    slash = strrchr(out, '/');
    for (size_t i = 0; slash && i < sizeof tails / sizeof *tails; i++) {
        memcpy(slash + 1, tails[i], strlen(tails[i]) + 1);
        if (access(out, X_OK) == 0)
            return true;
    }
    return false;
}

static bool is_name(const char *text)
{
    size_t len = strlen(text);

    return len > 0 && len <= CTPS_PLUGIN_NAME_MAX && text[0] >= 'a' && text[0] <= 'z' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* The name for the word; "struct example" is a word of C, where no '-' may stand. */
static void text_write(FILE *out, const char *text, const char *name)
{
    const char *at = text;
    const char *next;

    while ((next = strstr(at, word))) {
        bool is_c = next - text >= 7 && strncmp(next - 7, "struct ", 7) == 0;

        fwrite(at, 1, (size_t)(next - at), out);
        for (const char *letter = name; *letter; letter++)
            fputc(is_c && *letter == '-' ? '_' : *letter, out);
        at = next + strlen(word);
    }
    fputs(at, out);
}

static bool file_make(const char *path, const char *text, const char *name)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

    if (!out)
        return false;
    text_write(out, text, name);
    return fclose(out) == 0;
}

static int file_copy(struct cli *cli, const struct file *file, const char *from_dir,
                     const char *dir, const char *name)
{
    char *text = arena_alloc(&cli->arena, OPTION_FILE_MAX + 1);
    char *from = arena_printf(&cli->arena, "%s/%s", from_dir, file->from);
    char *to = file->end ? arena_printf(&cli->arena, "%s/%s%s", dir, name, file->end)
                         : arena_printf(&cli->arena, "%s/%s", dir, file->from);
    ssize_t len;

    if (!text || !from || !to)
        return EX_OSERR;
    len = sys_read_file(cli->sys, from, text, OPTION_FILE_MAX);
    if (len < 0) {
        cli_complain(cli, "%s: %s", from, strerror((int)-len));
        return EX_NOINPUT;
    }
    text[len] = '\0';
    if (file_make(to, text, name))
        return 0;
    cli_complain(cli, "%s: %s", to, strerror(errno));
    return EX_CANTCREAT;
}

int command_plugin_new_run(struct cli *cli, const struct command *command,
                           const struct args *args)
{
    const char *name = args_get(args, "NAME");
    const char *dir = args_get(args, "DIR") ? args_get(args, "DIR") : name;
    char from[PATH_MAX];
    int status = 0;

    (void)command;
    if (!is_name(name)) {
        cli_complain(cli, _("a plugin's name is small letters, figures and '-', at most %d"),
                     (int)CTPS_PLUGIN_NAME_MAX);
        return EX_USAGE;
    }
    if (!template_find(from)) {
        cli_complain(cli, _("the plugin kit is not installed with this program"));
        return EX_UNAVAILABLE;
    }
    if (mkdir(dir, 0777) < 0 && errno != EEXIST) {
        cli_complain(cli, "%s: %s", dir, strerror(errno));
        return EX_CANTCREAT;
    }
    for (size_t i = 0; i < sizeof files / sizeof *files && !status; i++)
        status = file_copy(cli, &files[i], from, dir, name);
    if (!status)
        fprintf(cli->out, _("made %s; now: make -C %s check\n"), dir, dir);
    return status;
}

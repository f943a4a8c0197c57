/* Completion of bash: tables from the command rows, and one function that looks into them. */
#include "command.h"
#include "lang.h"
#include "man.h"

#include <string.h>

/* Words of a table are lower-case letters, digits and hyphens: nothing bash would expand. */
static void nouns(FILE *out)
{
    size_t count;
    const struct command_group *const *groups = command_groups(&count);

    fputs("_ctps_nouns='help", out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, " %s", groups[i]->noun);
    fputs("'\n", out);
}

static void verbs(FILE *out)
{
    size_t count;
    const struct command_group *const *groups = command_groups(&count);

    fputs("_ctps_verbs() {\n    case $1 in\n", out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "    %s) printf '%%s' '", groups[i]->noun);
        for (size_t j = 0; j < groups[i]->count; j++)
            if (groups[i]->commands[j].verb)
                fprintf(out, "%s ", groups[i]->commands[j].verb);
        fputs("' ;;\n", out);
    }
    fputs("    esac\n}\n", out);
}

static void options_of(FILE *out, const struct option_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!option_is_positional(&rows[i]))
            fprintf(out, "--%s ", rows[i].name);
}

static const char *verb_of(const struct command *command)
{
    return command->verb ? command->verb : "";
}

static void options(FILE *out, const struct command *command)
{
    fprintf(out, "    '%s %s') printf '%%s' '", command->noun, verb_of(command));
    options_of(out, command->options, command->option_count);
    fputs("' ;;\n", out);
}

/* "@file" stands for the names of files, "" for a value nobody but the daemon knows. */
static const char *values_of(const struct option_row *row)
{
    if (row->kind == OPTION_CHOICE)
        return row->list;
    if (row->kind == OPTION_YESNO)
        return "yes|no";
    return row->value && strncmp(row->value, "FILE", 4) == 0 ? "@file" : "";
}

static void value_line(FILE *out, const char *noun, const char *verb,
                       const struct option_row *row)
{
    if (row->kind == OPTION_FLAG || option_is_positional(row))
        return;
    fputs("    '", out);
    if (*noun)
        fprintf(out, "%s %s ", noun, verb);
    fprintf(out, "--%s') printf '%%s' '=", row->name);
    for (const char *c = values_of(row); *c; c++)
        fputc(*c == '|' ? ' ' : *c, out);
    fputs("' ;;\n", out);
}

static void values(FILE *out, const struct command *command)
{
    for (size_t i = 0; i < command->option_count; i++)
        value_line(out, command->noun, verb_of(command), &command->options[i]);
}

static void each_command(FILE *out, void (*write)(FILE *out, const struct command *command))
{
    size_t count;
    const struct command_group *const *groups = command_groups(&count);

    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < groups[i]->count; j++)
            write(out, &groups[i]->commands[j]);
}

static void tables(FILE *out)
{
    size_t count;
    const struct option_row *globals = option_globals(&count);

    nouns(out);
    verbs(out);
    fputs("_ctps_globals='", out);
    options_of(out, globals, count);
    fputs("'\n_ctps_options() {\n    case \"$1 $2\" in\n", out);
    each_command(out, options);
    fputs("    esac\n}\n"
          "# '=' and the values an option takes; nothing for a flag.\n"
          "_ctps_values() {\n    case \"$1 $2 $3\" in\n",
          out);
    each_command(out, values);
    fputs("    esac\n    case \"$3\" in\n", out);
    for (size_t i = 0; i < count; i++)
        value_line(out, "", "", &globals[i]);
    fputs("    esac\n}\n", out);
}

static const char lookup[] =
    "_ctps() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev= noun= verb= value= word= i skip=\n"
    "    COMPREPLY=()\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        if [[ $skip ]]; then skip=; continue; fi\n"
    "        if [[ $word == -* ]]; then\n"
    "            [[ $word == *=* ]] || skip=$(_ctps_values \"$noun\" \"$verb\" \"$word\")\n"
    "        elif [[ ! $noun ]]; then noun=$word\n"
    "        elif [[ ! $verb && \" $(_ctps_verbs \"$noun\") \" == *\" $word \"* ]]; then "
    "verb=$word\n"
    "        fi\n"
    "    done\n"
    "    if [[ $noun == help ]]; then\n"
    "        for ((i = 2; i < COMP_CWORD; i++)); do [[ ${COMP_WORDS[i]} == help ]] || break; "
    "done\n"
    "        if ((i == COMP_CWORD)); then value=$_ctps_nouns\n"
    "        else value=$(_ctps_verbs \"${COMP_WORDS[i]}\"); fi\n"
    "        COMPREPLY=($(compgen -W \"$value\" -- \"$cur\"))\n"
    "        return\n"
    "    fi\n"
    "    if [[ $skip ]]; then\n"
    "        value=${skip#=}\n"
    "        if [[ $value == @file ]]; then COMPREPLY=($(compgen -f -- \"$cur\"))\n"
    "        else COMPREPLY=($(compgen -W \"$value\" -- \"$cur\")); fi\n"
    "        return\n"
    "    fi\n"
    "    if [[ ! $noun ]]; then value=\"$_ctps_nouns $_ctps_globals\"\n"
    "    elif [[ ! $verb && $(_ctps_verbs \"$noun\") && $cur != -* ]]; then "
    "value=$(_ctps_verbs \"$noun\")\n"
    "    else value=\"$(_ctps_options \"$noun\" \"$verb\") $_ctps_globals\"; fi\n"
    "    COMPREPLY=($(compgen -W \"$value\" -- \"$cur\"))\n"
    "}\n"
    "complete -F _ctps ctps\n";

void completion_write(FILE *out)
{
    fputs("# bash completion of ctps, made from its command table.\n", out);
    tables(out);
    fputs(lookup, out);
}

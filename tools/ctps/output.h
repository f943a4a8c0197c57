/*
 * output: an answer written to a file instead of the terminal: CSV for spreadsheets, a
 * printable page for paper. The same views serve; a file is made new, for its owner alone
 * (0600).
 */
#ifndef CTPS_CLI_OUTPUT_H
#define CTPS_CLI_OUTPUT_H

#include "option.h"
#include "view.h"

/* Options of a command whose answer may go to a file. */
#define OUTPUT_OPTIONS                                                                         \
    {"csv", OPTION_TEXT, "FILE", N_("write a CSV file for spreadsheets"), NULL, NULL, 0},      \
    {                                                                                          \
        "output", OPTION_TEXT, "FILE", N_("write a printable page (HTML)"), NULL, NULL, 0      \
    }

/* Whether the answer goes to a file. */
bool output_is_wanted(const struct args *args);
/* Writes the files asked for by --csv and --output; 0 or the exit status, after saying why. */
int output_write(struct cli *cli, const struct view *view, const struct args *args,
                 const ProtobufCMessage *const *messages, size_t count);

#endif

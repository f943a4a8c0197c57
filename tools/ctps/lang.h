/*
 * lang: the language of messages. Source strings are English; catalogues are gettext's. French
 * unless LANGUAGE, LC_ALL, LC_MESSAGES or LANG asks for English, because the people who use
 * this are coordination services of French towns. No system locale needs to be installed.
 */
#ifndef CTPS_CLI_LANG_H
#define CTPS_CLI_LANG_H

#include <libintl.h>
#include <stdbool.h>

#define _(text)  gettext(text)
#define N_(text) (text)

/* Chooses the language and binds the catalogue: $CTPS_LOCALEDIR, else "locale" beside the
 * program, else ../share/locale, else the prefix it was built for. `forced` ("fr", "en") may be
 * NULL. Changes the process' locale: call once per run, before any other output. Returns
 * whether the language is French. False is English. */
bool lang_start(const char *forced);

/* Whether `name` is a language this program speaks. */
bool lang_is_known(const char *name);

#endif

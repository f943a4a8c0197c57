/*
 * template: the words of mails, from files a town may edit. One folder a language (fr, en), one
 * file a kind of mail, and `words.txt` ("code = words" a line):
 *
 *     # a comment
 *     Subject: Convocation {reference}
 *     Line: {reference}, {instance}, {date}         (what stands for it in a daily digest)
 *
 *     Bonjour, …{place}…
 *
 * Placeholders stand in braces and are those of PLACEHOLDER_LIST: an unknown one refuses the
 * start with file and line. Nothing nominative can be said: there is no placeholder for it.
 */
#ifndef NOTIFY_TEMPLATE_H
#define NOTIFY_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEMPLATE_LIST(X)                                                                       \
    X(CONVOCATION, "convocation")                                                              \
    X(MOVED, "moved")                                                                          \
    X(CALLED_OFF, "called-off")                                                                \
    X(REMINDER, "reminder")                                                                    \
    X(ACKNOWLEDGEMENT, "acknowledgement")                                                      \
    X(CLOSING, "closing")                                                                      \
    X(DECISION, "decision")                                                                    \
    X(MINUTES, "minutes")                                                                      \
    X(SHARED, "shared")                                                                        \
    X(REVOKED, "revoked")                                                                      \
    X(RECTIFIED, "rectified")                                                                  \
    X(ERASED, "erased")                                                                        \
    X(BREAK_GLASS, "break-glass")                                                              \
    X(FAILURE, "failure")                                                                      \
    X(DIGEST, "digest")

enum template_kind {
#define X(id, name) TEMPLATE_##id,
    TEMPLATE_LIST(X)
#undef X
        TEMPLATE_COUNT
};

/* date, time, end: of a meeting. day: what else the mail is about. what: of a reminder or of a
 * failure. items: of a digest. */
#define PLACEHOLDER_LIST(X)                                                                    \
    X(REFERENCE, "reference")                                                                  \
    X(INSTANCE, "instance")                                                                    \
    X(TERRITORY, "territory")                                                                  \
    X(PLACE, "place")                                                                          \
    X(START, "start")                                                                          \
    X(DATE, "date")                                                                            \
    X(TIME, "time")                                                                            \
    X(END, "end")                                                                              \
    X(DAY, "day")                                                                              \
    X(WHAT, "what")                                                                            \
    X(ITEMS, "items")                                                                          \
    X(TOWN, "town")                                                                            \
    X(LINK, "link")

enum placeholder {
#define X(id, name) PLACEHOLDER_##id,
    PLACEHOLDER_LIST(X)
#undef X
        PLACEHOLDER_COUNT
};

enum template_part { PART_SUBJECT, PART_LINE, PART_BODY, PART_COUNT };
enum language { LANGUAGE_FR, LANGUAGE_EN, LANGUAGE_COUNT };

struct templates;

struct template_values {
    const char *of[PLACEHOLDER_COUNT]; /* NULL: nothing */
};

/* Reads `folder`/fr and `folder`/en; one of them may be missing, but not that of `fallback`.
 * NULL with a sentence in `why` (file and line) when something is wrong. Own:
 * templates_close(). */
struct templates *templates_open(const char *folder, enum language fallback, char *why,
                                 size_t why_len);
void templates_close(struct templates **templates);
/* One part with its placeholders filled. Own: free(). NULL without memory. */
char *template_render(const struct templates *templates, enum language language,
                      enum template_kind kind, enum template_part part,
                      const struct template_values *values);
/* The words for a code; the code itself when there are none. Borrow. */
const char *template_word(const struct templates *templates, enum language language,
                          const char *code);

/* LANGUAGE_COUNT when `code` names none. */
enum language language_find(const char *code);
const char *language_code(enum language language);

enum { TEMPLATE_DATE_LEN = 64, TEMPLATE_TIME_LEN = 16 };
/* "mardi 24 novembre 2026", "Tuesday 24 November 2026" */
void template_date(enum language language, int32_t day, char out[TEMPLATE_DATE_LEN]);
/* "14 h 05", "14:05" */
void template_time(enum language language, uint32_t minute, char out[TEMPLATE_TIME_LEN]);

/* Year, month and day of month of a civil day (days since 1970-01-01). */
void template_civil(int32_t day, int *ret_year, int *ret_month, int *ret_day);

#endif

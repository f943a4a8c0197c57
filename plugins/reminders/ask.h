/*
 * ask: the requests of reminders, as bytes, and who waits for their answers. The host's request
 * ids come from words: those of a record from its key and outcome, so that one sent again after
 * a crash is the same request; of a read from a count.
 */
#ifndef REMINDERS_ASK_H
#define REMINDERS_ASK_H

#include <ctps/answer.pb-c.h>
#include <ctps/plugin.h>

#include "rules.h"

#define ASK_BEGIN_KEY "begin" /* the effect that says since when there are reminders */

enum { ASK_KEYS_MAX = 64, ASK_OBJECTS_MAX = 64, ASK_POSITION_MAX = 260 };

struct ask {
    struct ctps_host *host;
    const struct ctps_host_api *api;
    uint64_t reads; /* sent in this life */
    int64_t life;   /* when it began: a read of another life is another request */
};

struct ask_object {
    uint8_t kind; /* Ctps__ObjectKind */
    uint64_t id;
};

/* The page behind `position` (empty: the first) of what runs out between two days. */
enum ctps_status ask_page(struct ask *ask, const uint8_t *position, size_t position_len,
                          int32_t from_day, int32_t to_day, ctps_answered *done, void *arg);
enum ctps_status ask_objects(struct ask *ask, const struct ask_object *objects, size_t count,
                             int32_t from_day, int32_t to_day, ctps_answered *done, void *arg);
/* Which of these keys (at most ASK_KEYS_MAX) are recorded. */
enum ctps_status ask_find(struct ask *ask, const char *const *keys, size_t count,
                          ctps_answered *done, void *arg);
enum ctps_status ask_record(struct ask *ask, const struct due *due, ctps_answered *done,
                            void *arg);
/* Records that reminders are kept from now on. */
enum ctps_status ask_begin(struct ask *ask, int32_t today, ctps_answered *done, void *arg);

/* The answer, to be freed with ctps__reply__free_unpacked; NULL when it is none, or a refusal:
 * `what` was asked and goes into the log. */
Ctps__Reply *ask_read(struct ask *ask, enum ctps_status status, const uint8_t *reply,
                      size_t reply_len, const char *what);

const char *ask_outcome(enum outcome outcome);

#endif

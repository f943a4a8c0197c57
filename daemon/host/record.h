/*
 * record: what passes between host and plugin process as lines of JSON, one frame a line, to be
 * replayed without a daemon (host/replay.h). docs/plugin-guide.md says how a line looks.
 *
 * A line is a LinkFrame as wire/json.h writes it, but: the bytes inside a frame (notice,
 * request, reply) are the message they hold; a verdict is its word; tickets and request ids are
 * left out. Secrets are never written.
 */
#ifndef CTPS_HOST_RECORD_H
#define CTPS_HOST_RECORD_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "ctps/link.pb-c.h"

/* Own: json_decref(). NULL for frames that stand in no recording. */
json_t *record_line(const Ctps__LinkFrame *frame);
/* The way back; of frames to the plugin only. *ret_frame in `arena`. CTPS_INVALID. */
enum ctps_code record_frame(struct arena *arena, json_t *line, Ctps__LinkFrame **ret_frame,
                            struct ctps_err *err);

struct record;

/* A new file, mode 0600, in place of an older one. Own: record_close(). */
enum ctps_code record_open(const char *path, struct record **ret_record, struct ctps_err *err);
/* Idempotent, nulls the pointer. */
void record_close(struct record **record);
/* Adds the line of `frame`, behind one that says what time it is. NULL does nothing. */
void record_add(struct record *record, const Ctps__LinkFrame *frame);

#endif

/* What chains each entry of the journal, for the log an auditor keeps: hashes of sealed frames,
 * so nothing of what they hold. */
#include "engine/engine_private.h"

enum { HASHES_MAX = 1024 }; /* entries of one page: requests wait meanwhile */

struct hashes {
    uint64_t after;
    size_t limit, count;
    uint8_t *data;
};

static enum ctps_code frame_take(void *arg, const struct journal_frame *frame)
{
    struct hashes *hashes = arg;

    if (frame->seq <= hashes->after)
        return CTPS_OK; /* before the page, from the place it was looked for */
    memcpy(hashes->data + hashes->count * SEAL_HASH_LEN, frame->hash, SEAL_HASH_LEN);
    return ++hashes->count == hashes->limit ? CTPS_LIMIT : CTPS_OK;
}

static enum ctps_code journal_take(struct engine *engine, struct hashes *hashes,
                                   struct ctps_err *err)
{
    uint64_t from = hashes->after + 1;
    uint64_t at = from - from % ENGINE_PLACE_EVERY;
    struct journal_place place;
    bool known = at > 0 && engine_place_find(engine, at, &place);
    enum ctps_code code = journal_scan_at(engine->journal, known ? at : 1,
                                          known ? &place : NULL, frame_take, hashes, err);

    return code == CTPS_LIMIT ? CTPS_OK : code;
}

void engine_hashes_answer(struct engine *engine, struct pending *pending)
{
    const Ctps__EntryHashes *in = pending->request->entry_hashes;
    Ctps__Reply *reply =
        engine_reply_new(engine, pending->request, CTPS__REPLY_STATUS__REPLY_ANSWERED);
    Ctps__EntryHashesAnswer *answer = arena_alloc(&engine->arena, sizeof(*answer));
    uint64_t head = view_head(engine->view)->seq;
    struct hashes hashes = {.after = in->after, .limit = HASHES_MAX};
    struct ctps_err err = {0};

    if (in->has_signed_count)
        engine_signed_note(engine, pending->who, in->signed_count);
    if (in->limit && in->limit < HASHES_MAX)
        hashes.limit = in->limit;
    hashes.data = arena_alloc(&engine->arena, hashes.limit * SEAL_HASH_LEN);
    if (!reply || !answer || !hashes.data) {
        engine_reply_refuse(engine, pending, REFUSAL_LIMIT, "memory of one request");
        return;
    }
    if (in->after < head && journal_take(engine, &hashes, &err) != CTPS_OK) {
        log_error(engine->log, "the journal cannot be read: %s", err.text);
        engine_reply_refuse(engine, pending, REFUSAL_UNAVAILABLE, "journal");
        return;
    }
    ctps__entry_hashes_answer__init(answer);
    SET(answer, head, head);
    answer->has_incarnation = 1;
    answer->incarnation.len = JOURNAL_INCARNATION_LEN;
    answer->incarnation.data = arena_copy(&engine->arena, view_head(engine->view)->incarnation,
                                          JOURNAL_INCARNATION_LEN);
    answer->has_hashes = 1;
    answer->hashes = (ProtobufCBinaryData){hashes.count * SEAL_HASH_LEN, hashes.data};
    reply->answer_case = CTPS__REPLY__ANSWER_ENTRY_HASHES_ANSWER;
    reply->entry_hashes_answer = answer;
    engine_reply_set(engine, pending, reply);
}

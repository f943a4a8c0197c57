#include "connection.h"
#include "report.h"

#include "base/uuid.h"
#include "bus/publication.h"
#include "ctps/answer.pb-c.h"
#include "ctps/command.pb-c.h"
#include "ctps/notice.pb-c.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum {
    AUDIENCE_LEN = 64,
    TOPIC_LEN = 96,
    PULL_COUNT = 500,
    PULL_LEAST_MS = 200,
    BUSY_PAUSE_MS = 100,
};

static const char heartbeat_topic[] = "heartbeat";

struct ctps_subscription {
    struct ctps_keyfile key;
    char audience[AUDIENCE_LEN];
    struct ctps_position position;
    struct ctps_client *client; /* to pull with */
    void *context;
    struct connection heard;
    bool must_pull;
    Ctps__Reply *pulled; /* own; NULL when there is none */
    size_t pulled_next;
    /* what the event handed out last points to */
    char topic[TOPIC_LEN];
    uint8_t *notice;
};

/* One message of the bus. */
struct hearing {
    zmq_msg_t frame;
    struct bytes topic;
    Ctps__EventRecord *record; /* NULL: not an event of the bus */
    const Ctps__EventHeader *header;
};

static enum ctps_status connect_to_audience(struct ctps_subscription *sub,
                                            struct ctps_error *error)
{
    enum ctps_status status = ctps_client_open(&sub->key, &sub->client, error);

    if (status != CTPS_STATUS_OK)
        return status;
    sub->context = zmq_ctx_new();
    if (!sub->context)
        return report(error, CTPS_STATUS_IO, "cannot start libzmq: %s", zmq_strerror(errno));
    return connection_open(&sub->heard, sub->context, ZMQ_SUB, &sub->key, sub->key.events,
                           error);
}

enum ctps_status ctps_subscription_open(const struct ctps_keyfile *key, const char *audience,
                                        const struct ctps_position *position,
                                        struct ctps_subscription **ret_subscription,
                                        struct ctps_error *error)
{
    struct ctps_subscription *sub;
    enum ctps_status status;

    if (key->events[0] == '\0')
        return report(error, CTPS_STATUS_INVALID, "the key file names no events endpoint");
    if (strlen(audience) >= AUDIENCE_LEN)
        return report(error, CTPS_STATUS_INVALID, "%s is too long for an audience", audience);
    sub = calloc(1, sizeof(*sub));
    if (!sub)
        return report(error, CTPS_STATUS_NO_MEMORY, "no memory for a subscription");
    sub->key = *key;
    sub->position = *position;
    sub->must_pull = true;
    memcpy(sub->audience, audience, strlen(audience) + 1);
    status = connect_to_audience(sub, error);
    if (status != CTPS_STATUS_OK)
        ctps_subscription_close(&sub);
    else
        *ret_subscription = sub;
    return status;
}

static void forget_pulled(struct ctps_subscription *sub)
{
    if (sub->pulled)
        ctps__reply__free_unpacked(sub->pulled, NULL);
    sub->pulled = NULL;
    sub->pulled_next = 0;
}

void ctps_subscription_close(struct ctps_subscription **ref)
{
    struct ctps_subscription *sub = *ref;

    *ref = NULL;
    if (!sub)
        return;
    forget_pulled(sub);
    connection_close(&sub->heard);
    if (sub->context)
        zmq_ctx_term(sub->context);
    ctps_client_close(&sub->client);
    ctps_keyfile_wipe(&sub->key);
    free(sub->notice);
    free(sub);
}

static enum ctps_status check_incarnation(struct ctps_subscription *sub,
                                          const Ctps__EventHeader *header,
                                          struct ctps_error *error)
{
    struct ctps_position *position = &sub->position;

    if (header->incarnation.len != CTPS_INCARNATION_LEN)
        return report(error, CTPS_STATUS_INVALID, "an event without incarnation");
    if (!position->has_incarnation) {
        memcpy(position->incarnation, header->incarnation.data, CTPS_INCARNATION_LEN);
        position->has_incarnation = true;
    }
    if (memcmp(position->incarnation, header->incarnation.data, CTPS_INCARNATION_LEN) == 0)
        return CTPS_STATUS_OK;
    return report(error, CTPS_STATUS_RESTORED,
                  "a backup was restored: events up to number %llu may never have happened",
                  (unsigned long long)position->after);
}

/* Hands out an event; `notice` is taken. */
static void hand_out(struct ctps_subscription *sub, const Ctps__EventHeader *header,
                     uint8_t *notice, size_t notice_len, bool was_pulled,
                     struct ctps_event *ret_event)
{
    free(sub->notice);
    sub->notice = notice;
    snprintf(sub->topic, sizeof(sub->topic), "%s", header->topic ? header->topic : "");
    sub->position.after = header->number;
    *ret_event = (struct ctps_event){
        .number = header->number,
        .previous_number = header->previous_number,
        .time_us = header->time_us,
        .topic = sub->topic,
        .notice = notice,
        .notice_len = notice_len,
        .was_pulled = was_pulled,
    };
    memcpy(ret_event->incarnation, sub->position.incarnation, CTPS_INCARNATION_LEN);
}

static enum ctps_status pack_question(const struct ctps_subscription *sub,
                                      struct ctps_bytes *ret_request, struct ctps_error *error)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__ReadEvents read = CTPS__READ_EVENTS__INIT;
    uint8_t id[UUID_LEN], incarnation[CTPS_INCARNATION_LEN];
    char audience[AUDIENCE_LEN];

    uuid_make(sys_real(), id);
    memcpy(audience, sub->audience, sizeof(audience));
    memcpy(incarnation, sub->position.incarnation, sizeof(incarnation));
    request.has_id = 1;
    request.id = (ProtobufCBinaryData){sizeof(id), id};
    request.command_case = CTPS__REQUEST__COMMAND_READ_EVENTS;
    request.read_events = &read;
    read.audience = audience;
    read.has_incarnation = sub->position.has_incarnation;
    read.incarnation = (ProtobufCBinaryData){sizeof(incarnation), incarnation};
    read.has_after = read.has_limit = 1;
    read.after = sub->position.from_now ? UINT64_MAX : sub->position.after;
    read.limit = PULL_COUNT;
    ret_request->len = ctps__request__get_packed_size(&request);
    ret_request->data = malloc(ret_request->len);
    if (!ret_request->data)
        return report(error, CTPS_STATUS_NO_MEMORY, "no memory for a request");
    ctps__request__pack(&request, ret_request->data);
    return CTPS_STATUS_OK;
}

static enum ctps_status judge_refusal(const Ctps__Reply *reply, struct ctps_error *error)
{
    const char *name = reply->refusal && reply->refusal->name ? reply->refusal->name : "?";
    const char *text = reply->refusal && reply->refusal->text_en ? reply->refusal->text_en : "";

    return report(error,
                  strstr(name, "incarnation") ? CTPS_STATUS_RESTORED : CTPS_STATUS_REFUSED,
                  "reading events: %s: %s", name, text);
}

/* Takes an answer in; it is kept as `pulled`, or its memory is given back by the caller. */
static enum ctps_status take_answer(struct ctps_subscription *sub, Ctps__Reply *reply,
                                    struct ctps_error *error)
{
    const Ctps__EventsAnswer *answer;
    enum ctps_status status;
    uint64_t last = sub->position.after;

    if (reply->status == CTPS__REPLY_STATUS__REPLY_BUSY) {
        zmq_poll(NULL, 0, BUSY_PAUSE_MS);
        return CTPS_STATUS_OK;
    }
    if (reply->status == CTPS__REPLY_STATUS__REPLY_REFUSED)
        return judge_refusal(reply, error);
    if (reply->answer_case != CTPS__REPLY__ANSWER_EVENTS_ANSWER)
        return report(error, CTPS_STATUS_INVALID, "reading events: not an answer to that");
    answer = reply->events_answer;
    sub->must_pull = false;
    if (!answer->head)
        return CTPS_STATUS_OK;
    status = check_incarnation(sub, answer->head, error);
    if (status != CTPS_STATUS_OK)
        return status;
    if (sub->position.from_now) {
        sub->position.from_now = false;
        sub->position.after = answer->head->number;
        return CTPS_STATUS_OK;
    }
    if (answer->n_events > 0 && answer->events[answer->n_events - 1]->header)
        last = answer->events[answer->n_events - 1]->header->number;
    sub->must_pull = answer->n_events > 0 && last < answer->head->number;
    sub->pulled = reply;
    return CTPS_STATUS_OK;
}

static enum ctps_status pull(struct ctps_subscription *sub, int timeout_ms,
                             struct ctps_error *error)
{
    struct ctps_bytes request = {0}, bytes = {0};
    enum ctps_status status = pack_question(sub, &request, error);
    Ctps__Reply *reply;

    if (status == CTPS_STATUS_OK)
        status = ctps_client_request(sub->client, request.data, request.len, timeout_ms, &bytes,
                                     error);
    ctps_bytes_free(&request);
    if (status != CTPS_STATUS_OK)
        return status;
    reply = ctps__reply__unpack(NULL, bytes.len, bytes.data);
    ctps_bytes_free(&bytes);
    if (!reply)
        return report(error, CTPS_STATUS_INVALID, "reading events: malformed answer");
    status = take_answer(sub, reply, error);
    if (sub->pulled != reply)
        ctps__reply__free_unpacked(reply, NULL);
    return status;
}

/* Own; NULL without memory, or without a notice. */
static uint8_t *pack_notice(const Ctps__EventRecord *record, size_t *ret_len)
{
    uint8_t *notice = NULL;

    *ret_len = record->notice ? ctps__notice__get_packed_size(record->notice) : 0;
    if (record->notice)
        notice = malloc(*ret_len + 1);
    if (notice)
        ctps__notice__pack(record->notice, notice);
    else
        *ret_len = 0;
    return notice;
}

/* Whether one of the pulled events was handed out. */
static bool hand_out_pulled(struct ctps_subscription *sub, struct ctps_event *ret_event)
{
    const Ctps__EventsAnswer *answer = sub->pulled ? sub->pulled->events_answer : NULL;

    while (answer && sub->pulled_next < answer->n_events) {
        const Ctps__EventRecord *record = answer->events[sub->pulled_next++];
        uint8_t *notice;
        size_t len;

        if (!record->header || record->header->number <= sub->position.after)
            continue;
        notice = pack_notice(record, &len);
        hand_out(sub, record->header, notice, len, true, ret_event);
        return true;
    }
    forget_pulled(sub);
    return false;
}

/* What has not one frame, or a frame of another shape, is let go like anything unknown. */
static void hear(void *socket, struct hearing *in)
{
    struct bytes packed;
    int frames = 0, more = 1;

    zmq_msg_init(&in->frame);
    while (more && zmq_msg_recv(&in->frame, socket, ZMQ_DONTWAIT) >= 0) {
        more = zmq_msg_more(&in->frame);
        frames++;
    }
    if (frames == 1 &&
        publication_split(bytes_of(zmq_msg_data(&in->frame), zmq_msg_size(&in->frame)),
                          &in->topic, &packed))
        in->record = ctps__event_record__unpack(NULL, packed.len, packed.data);
    if (in->record)
        in->header = in->record->header;
}

static void stop_hearing(struct hearing *in)
{
    if (in->record)
        ctps__event_record__free_unpacked(in->record, NULL);
    zmq_msg_close(&in->frame);
}

static bool is_heartbeat(const struct hearing *in)
{
    return bytes_equal(in->topic, bytes_of_str(heartbeat_topic));
}

/* ABSENT: the message was no new event, or one behind a gap. */
static enum ctps_status judge(struct ctps_subscription *sub, struct hearing *in,
                              struct ctps_event *ret_event, struct ctps_error *error)
{
    enum ctps_status status;
    uint8_t *notice;
    size_t len;

    if (!in->header || (!in->record->notice && !is_heartbeat(in)))
        return CTPS_STATUS_ABSENT;
    status = check_incarnation(sub, in->header, error);
    if (status != CTPS_STATUS_OK)
        return status;
    if (in->header->number <= sub->position.after)
        return CTPS_STATUS_ABSENT;
    sub->must_pull = is_heartbeat(in) || in->header->previous_number != sub->position.after;
    if (sub->must_pull)
        return CTPS_STATUS_ABSENT;
    notice = pack_notice(in->record, &len);
    if (!notice)
        return report(error, CTPS_STATUS_NO_MEMORY, "no memory for an event");
    hand_out(sub, in->header, notice, len, false, ret_event);
    return CTPS_STATUS_OK;
}

static enum ctps_status listen_once(struct ctps_subscription *sub, int wait_ms,
                                    struct ctps_event *ret_event, struct ctps_error *error)
{
    struct hearing in = {.record = NULL};
    enum ctps_status status;

    if (connection_wait(&sub->heard, wait_ms)) {
        hear(sub->heard.socket, &in);
        status = judge(sub, &in, ret_event, error);
        stop_hearing(&in);
        return status;
    }
    if (sub->heard.state == CONNECTION_DENIED)
        return report(error, CTPS_STATUS_DENIED, "%s: the key of %s may not follow %s",
                      sub->key.events, sub->key.principal, sub->audience);
    if (sub->heard.state == CONNECTION_LOST) {
        sub->heard.state = CONNECTION_WAITING; /* libzmq connects again by itself */
        sub->must_pull = true;
    }
    return CTPS_STATUS_ABSENT;
}

enum ctps_status ctps_subscription_next(struct ctps_subscription *sub, int timeout_ms,
                                        struct ctps_event *ret_event, struct ctps_error *error)
{
    int64_t deadline = connection_now_ms() + timeout_ms;
    enum ctps_status status = CTPS_STATUS_ABSENT;
    bool has_pulled = false;

    while (status == CTPS_STATUS_ABSENT) {
        int64_t left = deadline - connection_now_ms();

        if (hand_out_pulled(sub, ret_event))
            return CTPS_STATUS_OK;
        if (sub->must_pull && (left > 0 || !has_pulled)) {
            has_pulled = true;
            status = pull(sub, (int)(left > PULL_LEAST_MS ? left : PULL_LEAST_MS), error);
            if (status == CTPS_STATUS_OK)
                status = CTPS_STATUS_ABSENT;
        } else if (left <= 0) {
            status = report(error, CTPS_STATUS_TIMEOUT, "no event within %d ms", timeout_ms);
        } else {
            status = listen_once(sub, (int)left, ret_event, error);
        }
    }
    return status;
}

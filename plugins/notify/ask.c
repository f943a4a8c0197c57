#include "ask.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AGAIN_MS = 500, WORDS_LEN = 64 };

struct question {
    struct asker *asker;
    ask_answered *done;
    void *arg;
    size_t len;
    uint8_t request[];
};

static void question_answered(void *arg, enum ctps_status status, const uint8_t *data,
                              size_t len);

static void question_end(struct question *question, const Ctps__Reply *reply)
{
    question->done(question->arg, reply);
    free(question);
}

static void question_send(void *arg)
{
    struct question *question = arg;
    struct asker *asker = question->asker;

    if (asker->api->request(asker->host, question->request, question->len, question_answered,
                            question) != CTPS_STATUS_OK &&
        !asker->api->timer_add(asker->host, AGAIN_MS, question_send, question))
        question_end(question, NULL);
}

static bool question_again(struct question *question)
{
    struct asker *asker = question->asker;

    return asker->api->timer_add(asker->host, AGAIN_MS, question_send, question) != NULL;
}

static void question_answered(void *arg, enum ctps_status status, const uint8_t *data,
                              size_t len)
{
    struct question *question = arg;
    Ctps__Reply *reply = data ? ctps__reply__unpack(NULL, len, data) : NULL;
    bool again = status == CTPS_STATUS_TIMEOUT || status == CTPS_STATUS_IO ||
                 (reply && reply->status == CTPS__REPLY_STATUS__REPLY_BUSY);

    if (!again || !question_again(question))
        question_end(question, again ? NULL : reply);
    if (reply)
        ctps__reply__free_unpacked(reply, NULL);
}

bool ask(struct asker *asker, Ctps__Request *request, const char *words, ask_answered *done,
         void *arg)
{
    uint8_t id[CTPS_REQUEST_ID_LEN];
    char read_words[WORDS_LEN];
    struct question *question;
    size_t len;

    snprintf(read_words, sizeof(read_words), "read %u %" PRIi64, asker->reads++,
             asker->api->now_us(asker->host));
    asker->api->request_id(asker->host, words ? words : read_words, id);
    request->has_id = 1;
    request->id = (ProtobufCBinaryData){sizeof(id), id};
    len = ctps__request__get_packed_size(request);
    question = malloc(sizeof(*question) + len);
    if (!question)
        return false;
    *question = (struct question){.asker = asker, .done = done, .arg = arg, .len = len};
    ctps__request__pack(request, question->request);
    if (asker->api->request(asker->host, question->request, len, question_answered, question) ==
        CTPS_STATUS_OK)
        return true;
    free(question);
    return false;
}

/*
 * What a coordinator's screen sends: 30 % entries with a text that is sealed, 70 % reviews,
 * facts only. Each names one situation among all of the town's. Commands are near 1 KiB: the
 * text has 478 characters of two bytes; a review carries a purpose of 200 characters of four
 * bytes, which is checked as the rest is and not stored.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/uuid.h"
#include "bus/publication.h"
#include "ctps/answer.pb-c.h"
#include "ctps/command.pb-c.h"
#include "ctps/notice.pb-c.h"
#include "workload.h"

enum {
    TEXT_CHARS = 478,
    PURPOSE_CHARS = 200,
    SEALED_PERCENT = 30,
    REPLY_STORE = 1 << 20,
    DAY_S = 86400,
    LIST_LIMIT = 50,
    TERRITORY_COUNT = 16, /* as tools/bench/town makes them: B01… */
};

/* Reading a reply takes no memory but this. */
struct pool {
    uint8_t bytes[REPLY_STORE];
    size_t used;
};

struct ctpsd {
    uint64_t state;
    uint64_t *situations;
    size_t situation_count;
    int32_t today;
    char text[TEXT_CHARS * 2 + 1];
    char purpose[PURPOSE_CHARS * 4 + 1];
    struct pool pool;
};

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dULL;
}

static void *pool_alloc(void *ctx, size_t len)
{
    struct pool *pool = ctx;
    uint8_t *at = pool->bytes + pool->used;

    len = (len + 15) & ~(size_t)15;
    if (len > sizeof(pool->bytes) - pool->used)
        return NULL;
    pool->used += len;
    return at;
}

static void pool_free(void *ctx, void *at)
{
    (void)ctx;
    (void)at;
}

static void fill(char *out, const char *letter, size_t count)
{
    size_t len = strlen(letter);

    for (size_t i = 0; i < count; i++)
        memcpy(out + i * len, letter, len);
    out[count * len] = '\0';
}

/* One id a line. */
static bool situations_read(struct ctpsd *ctpsd, const char *path)
{
    FILE *file = path ? fopen(path, "r") : NULL;
    char line[32];
    size_t cap = 0;

    while (file && fgets(line, sizeof(line), file)) {
        if (ctpsd->situation_count == cap) {
            uint64_t *grown = reallocarray(ctpsd->situations, cap * 2 + 4096, sizeof(*grown));

            if (!grown)
                break;
            ctpsd->situations = grown;
            cap = cap * 2 + 4096;
        }
        ctpsd->situations[ctpsd->situation_count++] = strtoull(line, NULL, 10);
    }
    if (file)
        fclose(file);
    return ctpsd->situation_count > 0;
}

static void ctpsd_close(void *ctx)
{
    struct ctpsd *ctpsd = ctx;

    free(ctpsd->situations);
    free(ctpsd);
}

static void *ctpsd_open(const struct workload_options *options)
{
    struct ctpsd *ctpsd = calloc(1, sizeof(*ctpsd));
    struct timespec now;

    if (!ctpsd)
        return NULL;
    clock_gettime(CLOCK_REALTIME, &now);
    ctpsd->state = 0x9e3779b97f4a7c15ULL;
    ctpsd->today = (int32_t)(now.tv_sec / DAY_S);
    fill(ctpsd->text, "\xc3\xa9", TEXT_CHARS);
    fill(ctpsd->purpose, "\xf0\x9f\x93\x93", PURPOSE_CHARS);
    if (situations_read(ctpsd, options->data))
        return ctpsd;
    fprintf(stderr, "bench_load: --data: a file of situations' ids, one a line\n");
    ctpsd_close(ctpsd);
    return NULL;
}

static uint64_t situation_pick(struct ctpsd *ctpsd)
{
    return ctpsd->situations[next_random(&ctpsd->state) % ctpsd->situation_count];
}

static size_t request_pack(Ctps__Request *request, uint64_t number, uint8_t *out)
{
    uint8_t id[UUID_LEN];
    size_t len;

    uuid_put(id, sys_wall_us(sys_real()), number);
    request->has_id = 1;
    request->id = (ProtobufCBinaryData){sizeof(id), id};
    len = ctps__request__pack(request, out);
    request->id = (ProtobufCBinaryData){0}; /* not to outlive this call */
    return len;
}

static size_t entry_build(struct ctpsd *ctpsd, uint64_t number, uint8_t *out)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__SituationAddEntry entry = CTPS__SITUATION_ADD_ENTRY__INIT;
    char kind[] = "entretien";

    entry.has_id = entry.has_day = 1;
    entry.id = situation_pick(ctpsd);
    entry.day = ctpsd->today;
    entry.kind = kind;
    entry.text = ctpsd->text;
    request.command_case = CTPS__REQUEST__COMMAND_SITUATION_ADD_ENTRY;
    request.situation_add_entry = &entry;
    return request_pack(&request, number, out);
}

static size_t review_build(struct ctpsd *ctpsd, uint64_t number, uint8_t *out)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__SituationReview review = CTPS__SITUATION_REVIEW__INIT;
    char evolution[] = "stable";

    review.has_id = review.has_day = 1;
    review.id = situation_pick(ctpsd);
    review.day = ctpsd->today;
    review.evolution = evolution;
    request.purpose_text = ctpsd->purpose;
    request.command_case = CTPS__REQUEST__COMMAND_SITUATION_REVIEW;
    request.situation_review = &review;
    return request_pack(&request, number, out);
}

static size_t write_build(void *ctx, uint32_t client, uint64_t number, uint8_t *out)
{
    struct ctpsd *ctpsd = ctx;

    (void)client;
    if (next_random(&ctpsd->state) % 100 < SEALED_PERCENT)
        return entry_build(ctpsd, number, out);
    return review_build(ctpsd, number, out);
}

static size_t get_build(struct ctpsd *ctpsd, uint64_t number, bool nominative, uint8_t *out)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__SituationGet get = CTPS__SITUATION_GET__INIT;

    get.has_id = 1;
    get.id = situation_pick(ctpsd);
    get.has_nominative = get.nominative = nominative;
    request.command_case = CTPS__REQUEST__COMMAND_SITUATION_GET;
    request.situation_get = &get;
    return request_pack(&request, number, out);
}

static size_t facts_build(void *ctx, uint32_t client, uint64_t number, uint8_t *out)
{
    (void)client;
    return get_build(ctx, number, false, out);
}

static size_t names_build(void *ctx, uint32_t client, uint64_t number, uint8_t *out)
{
    (void)client;
    return get_build(ctx, number, true, out);
}

static size_t list_build(void *ctx, uint32_t client, uint64_t number, uint8_t *out)
{
    struct ctpsd *ctpsd = ctx;
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__SituationList list = CTPS__SITUATION_LIST__INIT;
    char territory[8];

    (void)client;
    snprintf(territory, sizeof(territory), "B%02u",
             1 + (unsigned)(next_random(&ctpsd->state) % TERRITORY_COUNT));
    list.territory = territory;
    list.has_limit = 1;
    list.limit = LIST_LIMIT;
    request.command_case = CTPS__REQUEST__COMMAND_SITUATION_LIST;
    request.situation_list = &list;
    return request_pack(&request, number, out);
}

static bool ctpsd_read_ack(void *ctx, const uint8_t *data, size_t len, uint64_t *ret_number,
                           uint64_t *ret_seq)
{
    struct ctpsd *ctpsd = ctx;
    ProtobufCAllocator allocator = {pool_alloc, pool_free, &ctpsd->pool};
    Ctps__Reply *reply;

    ctpsd->pool.used = 0;
    reply = ctps__reply__unpack(&allocator, len, data);
    if (!reply || reply->id.len != UUID_LEN)
        return false;
    *ret_number = uuid_free(reply->id.data);
    *ret_seq = reply->seq;
    return reply->status == CTPS__REPLY_STATUS__REPLY_DONE ||
           reply->status == CTPS__REPLY_STATUS__REPLY_ANSWERED;
}

static bool ctpsd_read_event(void *ctx, const struct workload_frame *frames, size_t count,
                             struct workload_event *ret_event)
{
    struct ctpsd *ctpsd = ctx;
    ProtobufCAllocator allocator = {pool_alloc, pool_free, &ctpsd->pool};
    Ctps__EventRecord *record;
    const Ctps__EventHeader *header;
    struct bytes topic, packed;

    ctpsd->pool.used = 0;
    if (count != 1 ||
        !publication_split(bytes_of(frames[0].data, frames[0].len), &topic, &packed))
        return false;
    record = ctps__event_record__unpack(&allocator, packed.len, packed.data);
    header = record ? record->header : NULL;
    if (!header || !header->topic)
        return false;
    *ret_event = (struct workload_event){
        .seq = header->number >> 8,
        .number = header->number,
        .previous = header->previous_number,
        .is_heartbeat = strcmp(header->topic, "heartbeat") == 0,
    };
    return true;
}

#define WORKLOAD(workload_name, builder, answers_only)                                         \
    {                                                                                          \
        .name = (workload_name), .is_read = (answers_only), .open = ctpsd_open,                \
        .close = ctpsd_close, .build = (builder), .read_ack = ctpsd_read_ack,                  \
        .read_event = ctpsd_read_event                                                         \
    }

const struct workload workload_ctpsd = WORKLOAD("ctpsd", write_build, false);
const struct workload workload_ctpsd_get = WORKLOAD("ctpsd-get", facts_build, true);
const struct workload workload_ctpsd_names = WORKLOAD("ctpsd-names", names_build, true);
const struct workload workload_ctpsd_list = WORKLOAD("ctpsd-list", list_build, true);

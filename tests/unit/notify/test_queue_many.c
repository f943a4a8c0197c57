/* The queue with as much waiting as after days without a server: what a turn, an addition and
 * an end look at does not grow with it. */
#include <inttypes.h>
#include <time.h>

#include "host.h"

enum { FEW = 1000, MANY = 100000, ROUNDS = 200, PAGE = 500, SECOND_MS = 1000 };

/* What waits. `looked`: questions about a delivery, asked of the channel. */
struct crowd {
    struct ctps_host *host;
    struct asker asker;
    struct queue *queue;
    struct channel channel;
    const struct channel *channels[1];
    uint64_t count;
    const char *prefix; /* of their keys */
    unsigned tries;     /* each had */
    int64_t queued_us;
    bool ready;
    unsigned looked;
    struct delivery *tried[8]; /* under way, oldest first */
    size_t tried_count;
    size_t tries_begun;
};

static void channel_send(void *arg, struct delivery *delivery)
{
    struct crowd *crowd = arg;

    crowd->tried[crowd->tried_count++] = delivery;
    crowd->tries_begun++;
}

static unsigned channel_lane(void *arg, const struct delivery *delivery)
{
    ((struct crowd *)arg)->looked++;
    return (unsigned)(delivery->contact % 4);
}

static bool channel_same_group(void *arg, const struct delivery *one,
                               const struct delivery *other)
{
    ((struct crowd *)arg)->looked++;
    return one->object == other->object;
}

/* --- what ctpsd has of them --- */

static void row_fill(const struct crowd *crowd, uint64_t id, Ctps__Effect *row, char *key)
{
    static char kind[] = "notification.queued", code[] = "mail";

    ctps__effect__init(row);
    snprintf(key, 32, "%s%" PRIu64, crowd->prefix, id);
    row->key = key;
    row->kind = kind;
    row->code = code;
    row->has_id = row->has_object = row->has_contact = row->has_tries = row->has_queued_us = 1;
    row->id = row->object = id;
    row->contact = 1;
    row->tries = crowd->tries;
    row->queued_us = crowd->queued_us;
}

/* A page of those that wait, the newest first; or what was added now. */
static void on_find(void *ctx, const Ctps__EffectFind *find, Ctps__Reply *reply)
{
    static Ctps__Effect rows[PAGE];
    static Ctps__Effect *list[PAGE];
    static char keys[PAGE][32];
    static Ctps__EffectAnswer answer;
    struct crowd *crowd = ctx;
    uint64_t id = find->before ? find->before - 1 : crowd->count;
    size_t most = find->n_keys ? 1 : PAGE;

    if (find->n_keys)
        id = ++crowd->count;
    ctps__effect_answer__init(&answer);
    answer.effects = list;
    for (; id && answer.n_effects < most; id--) {
        size_t at = answer.n_effects++;

        list[at] = &rows[at];
        row_fill(crowd, id, &rows[at], keys[at]);
    }
    answer.has_more = 1;
    answer.more = id > 0 && !find->n_keys;
    reply->answer_case = CTPS__REPLY__ANSWER_EFFECT_ANSWER;
    reply->effect_answer = &answer;
}

static void on_ready(void *arg)
{
    ((struct crowd *)arg)->ready = true;
}

/* `count` that wait since a minute before, after so many tries each. */
static struct crowd *crowd_new(uint64_t count, const char *prefix, unsigned tries)
{
    static const struct queue_options options = {60 * SECOND_MS, 4 * 3600 * SECOND_MS,
                                                 72 * 3600 * INT64_C(1000)};
    struct crowd *crowd = calloc(1, sizeof(*crowd));

    assert_non_null(crowd);
    crowd->host = host_new();
    crowd->host->find = on_find;
    crowd->host->ctx = crowd;
    crowd->asker = (struct asker){.host = crowd->host, .api = &host_api};
    crowd->channel = (struct channel){.code = "mail",
                                      .at_once = 1,
                                      .send = channel_send,
                                      .lane = channel_lane,
                                      .same_group = channel_same_group,
                                      .arg = crowd};
    crowd->channels[0] = &crowd->channel;
    crowd->count = count;
    crowd->prefix = prefix;
    crowd->tries = tries;
    crowd->queued_us = crowd->host->now_us - 60 * SECOND_MS * INT64_C(1000);
    crowd->queue = queue_open(&crowd->asker, &options, crowd->channels, 1);
    queue_load(crowd->queue, on_ready, crowd);
    host_run(crowd->host);
    assert_true(crowd->ready);
    return crowd;
}

static void crowd_free(struct crowd *crowd)
{
    queue_close(&crowd->queue);
    free(crowd->host);
    free(crowd);
}

static void end(struct crowd *crowd, enum outcome outcome)
{
    struct delivery *delivery = crowd->tried[0];

    assert_true(crowd->tried_count > 0);
    memmove(crowd->tried, crowd->tried + 1, --crowd->tried_count * sizeof(delivery));
    queue_end(crowd->queue, delivery, outcome, "");
    host_run(crowd->host);
}

static void on_added(void *arg, bool ok)
{
    (void)arg;
    assert_true(ok);
}

/* One of each: something new, an end, a turn. */
static void round_do(struct crowd *crowd)
{
    struct delivery model = {
        .channel = &crowd->channel, .contact = 1, .object = crowd->count + 1};

    snprintf(model.key, sizeof(model.key), "%s%" PRIu64, crowd->prefix, crowd->count + 1);
    queue_add(crowd->queue, &model, on_added, NULL);
    host_run(crowd->host);
    end(crowd, OUTCOME_SENT);
    queue_turn(crowd->queue);
}

static double processor_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

struct cost {
    double load_ms, rounds_ms, idle_ms;
    unsigned looked;
};

static struct cost cost_of(uint64_t count)
{
    double begun = processor_ms();
    struct crowd *crowd = crowd_new(count, "mail:", 0);
    struct cost cost = {.load_ms = processor_ms() - begun};

    crowd->looked = 0;
    begun = processor_ms();
    for (unsigned i = 0; i < ROUNDS; i++)
        round_do(crowd);
    cost.rounds_ms = processor_ms() - begun;
    assert_int_equal(crowd->tries_begun, ROUNDS + 1);
    end(crowd, OUTCOME_DOWN); /* all the others wait behind it */
    begun = processor_ms();
    for (unsigned i = 0; i < ROUNDS; i++)
        queue_turn(crowd->queue);
    cost.idle_ms = processor_ms() - begun;
    cost.looked = crowd->looked;
    crowd_free(crowd);
    return cost;
}

static void turns_among_many_look_at_no_more_than_among_few(void **state)
{
    struct cost few = cost_of(FEW), many = cost_of(MANY);

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        const struct cost *cost = i ? &many : &few;

        print_message(
            "%d wait: loaded in %.1f ms; %d additions, ends and turns %.1f ms, as many "
            "turns while the lane is down %.1f ms, %u looked at\n",
            i ? MANY : FEW, cost->load_ms, ROUNDS, cost->rounds_ms, cost->idle_ms,
            cost->looked);
    }
    assert_in_range(many.looked, 0, few.looked + ROUNDS);
    assert_in_range(many.looked, 0, 20 * ROUNDS);
}

/* By the time of the next try, and among those that are due the oldest. */
static void next_is_the_oldest_that_is_due(void **state)
{
    struct crowd *crowd = crowd_new(4, "mail:", 0);

    (void)state;
    for (uint64_t id = 1; id <= 4; id++) {
        assert_int_equal(crowd->tried[0]->id, id);
        end(crowd, OUTCOME_RETRY);
        host_pass(crowd->host, 15 * SECOND_MS);
    }
    assert_int_equal(crowd->tried[0]->id, 1);
    host_pass(crowd->host, 60 * SECOND_MS);
    end(crowd, OUTCOME_RETRY); /* its second: the others are all due before it again */
    queue_turn(crowd->queue);
    for (uint64_t id = 2; id <= 4; id++) {
        assert_int_equal(crowd->tried[0]->id, id);
        end(crowd, OUTCOME_SENT);
    }
    assert_int_equal(crowd->tried_count, 0);
    host_pass(crowd->host, 120 * SECOND_MS);
    assert_int_equal(crowd->tried[0]->id, 1);
    crowd_free(crowd);
}

static void all_that_were_tried_are_given_up_in_one_turn(void **state)
{
    struct crowd *crowd = crowd_new(100, "mail:", 1);

    (void)state;
    end(crowd, OUTCOME_DOWN);
    host_pass(crowd->host, 71 * 3600 * INT64_C(1000));
    assert_int_equal(crowd->tried[0]->id, 1);
    host_pass(crowd->host, 3600 * INT64_C(1000));
    assert_string_equal(host_recorded(crowd->host, "mail:100")->cause, "given_up");
    end(crowd, OUTCOME_RETRY);
    assert_string_equal(host_recorded(crowd->host, "mail:1")->kind, "notification.failed");
    assert_null(queue_first(crowd->queue));
    crowd_free(crowd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turns_among_many_look_at_no_more_than_among_few),
        cmocka_unit_test(next_is_the_oldest_that_is_due),
        cmocka_unit_test(all_that_were_tried_are_given_up_in_one_turn),
    };

    return cmocka_run_group_tests_name("notify_queue_many", tests, NULL, NULL);
}

/* Opening and closing the feeds of partners, and the list of them. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/feed.h"
#include "domain/record.h"
#include "domain/rows.h"

void authorise_feed_set(struct act *act)
{
    act_judge_plain(act, ACTION_FEED_SET);
}

void authorise_feed_list(struct act *act)
{
    act_judge_plain(act, ACTION_FEED_LIST);
}

static struct rows all_feeds(struct act *act)
{
    struct rows rows = rows_read(act->tables, act->arena, TABLE_FEED, bytes_of(NULL, 0),
                                 &ctps__feed_record__descriptor);

    act->exhausted = act->exhausted || rows.failed;
    return rows;
}

/* The one it had, if nobody took it since; else the first that is free; FEEDS_MAX: none is. */
static uint32_t place_find(struct act *act, const Ctps__FeedRecord *before)
{
    struct rows rows = all_feeds(act);
    bool taken[FEEDS_MAX] = {false};
    uint32_t place = 0;

    for (size_t i = 0; i < rows.count; i++) {
        const Ctps__FeedRecord *feed = (const Ctps__FeedRecord *)rows.list[i];

        if (feed->on && feed->place < FEEDS_MAX)
            taken[feed->place] = true;
    }
    if (before && before->place < FEEDS_MAX && !taken[before->place])
        return before->place;
    while (place < FEEDS_MAX && taken[place])
        place++;
    return place;
}

static bool place_check(struct act *act, uint32_t place)
{
    if (place == FEEDS_MAX) {
        act_refuse(act, REFUSAL_LIMIT, "feeds");
        return false;
    }
    if (act->settings->feed_endpoint_count)
        return true;
    act_refuse(act, REFUSAL_FEED_NOWHERE, "bus.feeds");
    return false;
}

void decide_feed_set(struct act *act)
{
    const Ctps__FeedSet *in = act->request->feed_set;
    const Ctps__FeedRecord *before;
    Ctps__FeedSwitched *out;
    uint32_t place;

    if (!check_given(act, in->has_partner && in->partner, "partner") ||
        !check_given(act, in->has_on, "on") || !check_partner(act, in->partner, "partner"))
        return;
    before = feed_record(act->tables, act->arena, in->partner);
    if ((before && before->on) == (bool)in->on) { /* one with webhooks only is not open */
        act_refuse(act, REFUSAL_STATE_WRONG, "on");
        return;
    }
    place = in->on ? place_find(act, before) : before->place;
    if (in->on && !place_check(act, place))
        return;
    out = emit_feed_switched(act);
    SET_FROM(out, in, partner);
    SET_FROM(out, in, on);
    SET(out, place, place);
    SET(out, day, act->today);
    SET(out, by_agent, act->who->kind == PRINCIPAL_KIND_AGENT ? act->who->id : 0);
}

static Ctps__FeedView *view_of(struct act *act, const Ctps__FeedRecord *feed)
{
    const struct settings *settings = act->settings;
    Ctps__FeedView *view = act_alloc(act, sizeof(*view));
    char audience[FEED_AUDIENCE_LEN];
    char endpoint[FEED_ENDPOINT_LEN];

    ctps__feed_view__init(view);
    feed_audience_write(feed->partner, audience);
    SET_FROM(view, feed, partner);
    SET_FROM(view, feed, on);
    SET_FROM(view, feed, since_day);
    SET_FROM(view, feed, by_agent);
    SET_FROM(view, feed, last_number);
    view->audience = act_text(act, audience);
    view->endpoints = act_alloc(act, SETTINGS_FEED_ENDPOINTS_MAX * sizeof(char *));
    for (unsigned i = 0; feed->on && i < settings->feed_endpoint_count; i++)
        if (feed_endpoint_write(settings->feed_endpoints[i], feed->partner, feed->place,
                                endpoint))
            view->endpoints[view->n_endpoints++] = act_text(act, endpoint);
    return view;
}

void answer_feed_list(struct act *act)
{
    uint64_t partner = act->request->feed_list->partner;
    struct rows rows = all_feeds(act);
    Ctps__FeedAnswer *answer = act_alloc(act, sizeof(*answer));

    ctps__feed_answer__init(answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_FEED_ANSWER;
    act->reply->feed_answer = answer;
    answer->feeds = arena_alloc(act->arena, (rows.count + 1) * sizeof(Ctps__FeedView *));
    if (!answer->feeds) {
        act->exhausted = true;
        return;
    }
    for (size_t i = 0; i < rows.count; i++) {
        const Ctps__FeedRecord *feed = (const Ctps__FeedRecord *)rows.list[i];

        if (!partner || feed->partner == partner)
            answer->feeds[answer->n_feeds++] = view_of(act, feed);
    }
}

/* Webhooks made, switched, given another secret, revoked. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/record.h"
#include "domain/rows.h"
#include "domain/webhook.h"

enum { SECRET_MIN = 24, SECRET_MAX = 64 };

static const int64_t HOUR_US = INT64_C(3600) * 1000000;

/* A partner's is judged as its feed is. */
static void owner_judge(struct act *act, uint64_t partner)
{
    act_judge_plain(act, partner ? ACTION_FEED_SET : ACTION_WEBHOOK_SET);
}

void authorise_webhook_new(struct act *act)
{
    owner_judge(act, act->request->webhook_new->partner);
}

static void existing_judge(struct act *act, uint64_t id)
{
    const Ctps__WebhookRecord *row = webhook_record(act->tables, act->arena, id);

    if (row)
        owner_judge(act, row->made->partner);
    else if (act_judge_plain(act, ACTION_FEED_LIST) == REFUSAL_NONE)
        act_refuse(act, REFUSAL_ABSENT, "id");
}

void authorise_webhook_switch(struct act *act)
{
    existing_judge(act, act->request->webhook_switch->id);
}

void authorise_webhook_rotate(struct act *act)
{
    existing_judge(act, act->request->webhook_rotate->id);
}

void authorise_webhook_revoke(struct act *act)
{
    existing_judge(act, act->request->webhook_revoke->id);
}

void authorise_webhook_deliver(struct act *act)
{
    act_judge_plain(act, ACTION_WEBHOOK_DELIVER);
}

static uint64_t by_agent(const struct act *act)
{
    return act->who->kind == PRINCIPAL_KIND_AGENT ? act->who->id : 0;
}

static Ctps__Sealed *secret_seal(struct act *act, uint64_t slot, ProtobufCBinaryData secret)
{
    Ctps__WebhookSecret message = CTPS__WEBHOOK_SECRET__INIT;

    message.has_secret = 1;
    message.secret = secret;
    return act_seal(act, slot, SEALED_WEBHOOK_SECRET, &message.base);
}

static bool secret_check(struct act *act, bool given, ProtobufCBinaryData secret)
{
    if (!check_given(act, given, "secret"))
        return false;
    if (secret.len >= SECRET_MIN && secret.len <= SECRET_MAX)
        return true;
    act_refuse(act, REFUSAL_FIELD_RANGE, "secret");
    return false;
}

static bool room_check(struct act *act)
{
    struct rows rows = rows_read(act->tables, act->arena, TABLE_WEBHOOK, bytes_of(NULL, 0),
                                 &ctps__webhook_record__descriptor);
    size_t live = 0;

    for (size_t i = 0; i < rows.count; i++)
        live += !((const Ctps__WebhookRecord *)rows.list[i])->has_revoked_day;
    act->exhausted = act->exhausted || rows.failed;
    if (live < WEBHOOKS_MAX)
        return true;
    act_refuse(act, REFUSAL_LIMIT, "webhooks");
    return false;
}

void decide_webhook_new(struct act *act)
{
    const Ctps__WebhookNew *in = act->request->webhook_new;
    Ctps__WebhookMade *out;
    uint64_t id;

    if (!check_given(act, is_given(in->url), "url") ||
        !check_partner(act, in->partner, "partner") ||
        !secret_check(act, in->has_secret, in->secret) || !room_check(act))
        return;
    if (!webhook_url_is_good(in->url)) {
        act_refuse(act, REFUSAL_WEBHOOK_URL, "url");
        return;
    }
    id = act_new_id(act);
    out = emit_webhook_made(act);
    SET(out, id, id);
    out->url = in->url;
    SET(out, partner, in->partner);
    out->topics = in->topics;
    out->n_topics = in->n_topics;
    SET(out, slot, act_take_slot(act));
    out->secret = secret_seal(act, out->slot, in->secret);
    SET(out, day, act->today);
    SET(out, by_agent, by_agent(act));
    act_made(act, CTPS__OBJECT_KIND__OBJECT_WEBHOOK, id, NULL);
}

/* NULL and refused when it was revoked. */
static Ctps__WebhookRecord *live_find(struct act *act, uint64_t id)
{
    Ctps__WebhookRecord *row = webhook_record(act->tables, act->arena, id);

    if (row && !row->has_revoked_day)
        return row;
    act_refuse(act, row ? REFUSAL_WEBHOOK_REVOKED : REFUSAL_ABSENT, "id");
    return NULL;
}

static void switched_emit(struct act *act, const Ctps__WebhookRecord *row, bool on,
                          const char *reason)
{
    Ctps__WebhookSwitched *out = emit_webhook_switched(act);

    SET(out, id, row->made->id);
    SET(out, on, on);
    out->reason = act_text(act, reason);
    SET(out, day, act->today);
    SET(out, by_agent, by_agent(act));
    SET(out, partner, row->made->partner);
}

void decide_webhook_switch(struct act *act)
{
    const Ctps__WebhookSwitch *in = act->request->webhook_switch;
    const Ctps__WebhookRecord *row = live_find(act, in->id);

    if (!row || !check_given(act, in->has_on, "on"))
        return;
    if ((bool)row->on == (bool)in->on)
        act_refuse(act, REFUSAL_STATE_WRONG, "on");
    else
        switched_emit(act, row, in->on, WEBHOOK_BY_HAND);
}

/* Told twice, or of one that is off already: nothing more happens. */
void decide_webhook_gone(struct act *act)
{
    const Ctps__WebhookRecord *row =
        webhook_record(act->tables, act->arena, act->request->webhook_gone->id);

    if (!row)
        act_refuse(act, REFUSAL_ABSENT, "id");
    else if (row->on && !row->has_revoked_day)
        switched_emit(act, row, false, WEBHOOK_GONE);
}

void decide_webhook_rotate(struct act *act)
{
    const Ctps__WebhookRotate *in = act->request->webhook_rotate;
    const Ctps__WebhookRecord *row = live_find(act, in->id);
    uint32_t hours = in->has_overlap_hours ? in->overlap_hours : WEBHOOK_OVERLAP_HOURS;
    Ctps__WebhookRotated *out;

    if (!row || !secret_check(act, in->has_secret, in->secret))
        return;
    out = emit_webhook_rotated(act);
    SET(out, id, in->id);
    out->secret = secret_seal(act, row->made->slot, in->secret);
    SET(out, previous_until_us, act->now_us + hours * HOUR_US);
    SET(out, day, act->today);
    SET(out, by_agent, by_agent(act));
    SET(out, partner, row->made->partner);
}

/* Its key ends with those of the day: the secret is then nowhere. */
static void key_order(struct act *act, uint64_t slot)
{
    Ctps__ErasureOrdered *out = emit_erasure_ordered(act);
    Ctps__ErasureSubject *subject = act_alloc(act, sizeof(*subject));

    ctps__erasure_subject__init(subject);
    SET(subject, id, 0);
    SET(subject, kind, CTPS__OBJECT_KIND__OBJECT_KEY);
    subject->slots = arena_copy(act->arena, &slot, sizeof(slot));
    subject->n_slots = subject->slots ? 1 : 0;
    act->exhausted |= !subject->slots;
    out->subjects = act_alloc(act, sizeof(Ctps__ErasureSubject *));
    out->subjects[0] = subject;
    out->n_subjects = 1;
    SET(out, day, act->today);
    SET(out, by_agent, by_agent(act));
}

void decide_webhook_revoke(struct act *act)
{
    const Ctps__WebhookRecord *row = live_find(act, act->request->webhook_revoke->id);
    Ctps__WebhookRevoked *out;

    if (!row)
        return;
    out = emit_webhook_revoked(act);
    SET(out, id, row->made->id);
    SET(out, day, act->today);
    SET(out, by_agent, by_agent(act));
    SET(out, partner, row->made->partner);
    key_order(act, row->made->slot);
}

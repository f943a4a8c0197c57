/* Commands about the daemon itself: cursors, clock, backup, status, the policy explained. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/feed.h"
#include "domain/notice.h"
#include "domain/principal_load.h"
#include "domain/record.h"
#include "domain/share.h"

/* The policy is asked about the audience at hand. */
static void audience_judge(struct act *act, const char *audience)
{
    struct principal *asks = arena_alloc(act->arena, sizeof(*asks));

    if (!asks) {
        act->exhausted = true;
        return;
    }
    *asks = *act->who;
    asks->audience_granted = audience_is_granted(act->tables, act->arena, asks, audience);
    act->who = asks;
    act_judge_plain(act, ACTION_EVENTS_READ);
}

void authorise_cursor_set(struct act *act)
{
    audience_judge(act, act->request->cursor_set->audience);
}

void authorise_cursor_get(struct act *act)
{
    audience_judge(act, act->request->cursor_get->audience);
}

void authorise_events_read(struct act *act)
{
    audience_judge(act, act->request->read_events->audience);
}

void authorise_clock_confirm(struct act *act)
{
    act_judge_plain(act, ACTION_CLOCK_CONFIRM);
}

void authorise_backup(struct act *act)
{
    act_judge_plain(act, ACTION_BACKUP_MAKE);
}

void authorise_reload(struct act *act)
{
    act_judge_plain(act, ACTION_CONFIG_RELOAD);
}

void authorise_status(struct act *act)
{
    act_judge_plain(act, ACTION_STATUS_READ);
}

void decide_cursor_set(struct act *act)
{
    const Ctps__CursorSet *in = act->request->cursor_set;
    Ctps__CursorMoved *out;

    if (!audience_is_known(in->audience)) {
        act_refuse(act, REFUSAL_FIELD_RANGE, "audience");
        return;
    }
    if (!check_given(act, *audience_consumer(act) != '\0', "principal.name"))
        return;
    out = emit_cursor_moved(act);
    out->audience = in->audience;
    out->consumer = act_text(act, audience_consumer(act));
    SET(out, position, in->position);
}

void decide_clock_confirm(struct act *act)
{
    Ctps__ClockAlarmConfirmed *out = emit_clock_alarm_confirmed(act);

    SET(out, day, act->today);
}

void authorise_policy_explain(struct act *act)
{
    act_judge_plain(act, ACTION_POLICY_EXPLAIN);
}

/* A hypothetical question says nothing of the object but its territory. */
static bool explain_resource(struct act *act, const Ctps__PolicyExplain *in,
                             const struct principal *asked, struct resource *resource)
{
    Ctps__SituationRecord *situation;
    Ctps__SaisineRecord *saisine;

    if (!in->object) {
        *resource = resource_of_territory(act, in->territory);
        return true;
    }
    situation = record_situation(act->tables, act->arena, in->object);
    if (situation) {
        *resource = share_resource(act, situation, asked);
        resource->engaged = in->principal && in->principal->id == situation->lead_agent;
        return true;
    }
    saisine = record_saisine(act->tables, act->arena, in->object);
    if (saisine) {
        *resource = resource_of_saisine(act, saisine);
        return true;
    }
    act_refuse(act, REFUSAL_ABSENT, "object");
    return false;
}

static void explain_fill(struct act *act, const struct judgement *judgement)
{
    Ctps__PolicyAnswer *answer = act_alloc(act, sizeof(*answer));

    ctps__policy_answer__init(answer);
    SET(answer, allowed, judgement->allowed);
    answer->reason = act_text(act, judgement->allowed ? or_empty(judgement->because)
                                                      : refusal_row(judgement->reason)->name);
    answer->rule = act_text(act, refusal_row(judgement->reason)->rule);
    answer->trail = act_alloc(act, (judgement->trail_count + 1) * sizeof(char *));
    for (unsigned i = 0; answer->trail && i < judgement->trail_count; i++)
        answer->trail[answer->n_trail++] = act_text(act, judgement->trail[i]);
    act->reply->answer_case = CTPS__REPLY__ANSWER_POLICY_ANSWER;
    act->reply->policy_answer = answer;
}

void answer_policy_explain(struct act *act)
{
    const Ctps__PolicyExplain *in = act->request->policy_explain;
    enum action action = action_find(or_empty(in->action));
    struct judgement judgement = {0};
    struct resource resource;
    struct principal asked;

    if (!check_given(act, in->principal != NULL, "principal"))
        return;
    if (action == ACTION_COUNT) {
        act_refuse(act, REFUSAL_FIELD_RANGE, "action");
        return;
    }
    if (principal_load(act->tables, act->arena, act->settings, act->today, in->principal,
                       &asked) != CTPS_OK) {
        act_refuse(act, REFUSAL_ABSENT, "principal");
        return;
    }
    if (!explain_resource(act, in, &asked, &resource))
        return;
    act->judge->allows(act->judge->ctx, &asked, action, &resource, &judgement);
    explain_fill(act, &judgement);
}

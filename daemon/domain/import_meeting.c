/* Taking over a town's calendar, row by row: what is odd is said, what is past counts as held.
 */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/import.h"
#include "domain/instance.h"
#include "domain/meeting.h"
#include "domain/record.h"

/* Nothing of a calendar row is nominative: the key is the views'. */
static bool row_digest(struct act *act, const Ctps__MeetingSchedule *row,
                       uint8_t out[SEALER_MAC_LEN])
{
    struct bytes packed;

    if (wire_pack(act->arena, &row->base, &packed) != CTPS_OK) {
        act->exhausted = true;
        return false;
    }
    return act->sealer->mac(act->sealer->ctx, 0, packed, out) == CTPS_OK;
}

static void row_compare(struct act *act, const Ctps__ImportMeeting *in,
                        const Ctps__ImportRowTaken *taken)
{
    uint8_t digest[SEALER_MAC_LEN];

    if (taken->import_id == in->import_id) {
        act_refuse(act, REFUSAL_NUMBER_TAKEN, in->number);
        return;
    }
    act_made(act, CTPS__OBJECT_KIND__OBJECT_MEETING, taken->meeting, NULL);
    act->import_outcome = "unchanged";
    if (!row_digest(act, in->meeting, digest) || taken->digest.len != sizeof(digest) ||
        memcmp(taken->digest.data, digest, sizeof(digest)) != 0)
        act->import_outcome = "changed";
}

/* --- the row --- */

static void held_emit(struct act *act, const Ctps__MeetingScheduled *of)
{
    Ctps__MeetingHeld *out = emit_meeting_held(act);

    SET(out, id, of->id);
    SET(out, day, of->day);
    SET(out, by_agent, act->who->id);
    SET(out, history, 1);
    out->instance = of->instance;
    out->territory = of->territory;
}

static void taken_emit(struct act *act, const Ctps__ImportMeeting *in, uint64_t meeting)
{
    Ctps__ImportRowTaken *out = emit_import_row_taken(act);

    SET(out, import_id, in->import_id);
    out->source = act->import->begun->source;
    out->number = in->number;
    SET(out, meeting, meeting);
    out->warnings = act->warnings;
    out->n_warnings = act->warning_count;
    out->has_digest = 1;
    out->digest.len = SEALER_MAC_LEN;
    out->digest.data = act_alloc(act, SEALER_MAC_LEN);
    if (!row_digest(act, in->meeting, out->digest.data))
        act_refuse(act, REFUSAL_UNAVAILABLE, "digest");
}

static void row_take(struct act *act, const Ctps__ImportMeeting *in,
                     const Ctps__Instance *instance)
{
    Ctps__MeetingScheduled *made;

    made = meeting_emit(act, in->meeting, instance, in->meeting->day, NULL);
    SET(made, history, 1);
    for (size_t i = 0; i < made->n_warnings; i++)
        act_warn(act, made->warnings[i]);
    if (made->day < act->today)
        held_emit(act, made);
    taken_emit(act, in, made->id);
    act->import_outcome = "taken";
}

/* A calendar says when, where and which kind: people, titles and series are entered by hand. */
static bool is_bare(const Ctps__MeetingSchedule *row)
{
    return !row->n_agents && !row->n_contacts && !row->recurrence && !row->situation &&
           !is_given(row->title);
}

void decide_import_meeting(struct act *act)
{
    const Ctps__ImportMeeting *in = act->request->import_meeting;
    const Ctps__MeetingSchedule *row = in->meeting;
    Ctps__ImportRowTaken *taken;
    Ctps__Instance *instance;

    act->history = true;
    if (!import_load_for_row(act, in->import_id, in->source) ||
        !check_given(act, is_given(in->number), "number") ||
        !check_given(act, row != NULL, "meeting"))
        return;
    if (!row || !is_bare(row)) {
        act_refuse(act, REFUSAL_FIELD_RANGE, "meeting");
        return;
    }
    instance = instance_check(act, row->instance);
    if (!instance ||
        !meeting_time_check(act, row->has_day, row->day, row->has_minute, row->minute,
                            row->zone, row->has_duration_min, row->duration_min))
        return;
    if (is_given(row->territory) && !check_territory(act, row->territory))
        return;
    if (instance->per_territory && !check_given(act, is_given(row->territory), "territory"))
        return;
    taken = import_row_find(act, in->number);
    if (taken)
        row_compare(act, in, taken);
    else
        row_take(act, in, instance);
}

/* Writing, validating and distributing minutes. Source: domain.md §4 and §7. */
#include "base/civil.h"
#include "domain/attendance.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/instance.h"
#include "domain/meeting.h"
#include "domain/minutes.h"
#include "domain/principal_load.h"
#include "domain/record.h"

/* --- draft --- */

void authorise_minutes_draft(struct act *act)
{
    meeting_load(act, act->request->minutes_draft->meeting, ACTION_MINUTES_WRITE);
}

/* The version this would be: the draft's own again, or one more; 0 after refusing. */
static uint32_t version_next(struct act *act, bool correction)
{
    const Ctps__MinutesRecord *newest =
        minutes_newest(act->tables, act->arena, act->meeting->scheduled->id);

    if (!newest)
        return 1;
    if (!newest->validated)
        return newest->drafted->version;
    if (!correction) {
        act_refuse(act, REFUSAL_MINUTES_VALIDATED, "meeting");
        return 0;
    }
    if (newest->drafted->version >= MINUTES_VERSIONS_MAX) {
        act_refuse(act, REFUSAL_LIMIT, "versions");
        return 0;
    }
    return newest->drafted->version + 1;
}

static const Ctps__AgendaItem *item_find(const Ctps__MeetingRecord *meeting, uint64_t id)
{
    for (size_t i = 0; i < meeting->n_agenda; i++)
        if (meeting->agenda[i]->id == id)
            return meeting->agenda[i];
    return NULL;
}

/* About a situation only where its name may be said. */
static bool item_check(struct act *act, const Ctps__MinutesText *in)
{
    const Ctps__AgendaItem *item = item_find(act->meeting, in->item);
    const Ctps__SituationRecord *situation;

    if (!item) {
        act_refuse(act, REFUSAL_ABSENT, "items.item");
        return false;
    }
    if (!check_given(act, is_given(in->text), "items.text"))
        return false;
    if (!item->situation)
        return true;
    situation = record_situation(act->tables, act->arena, item->situation);
    if (!item->nominative)
        act_refuse(act, REFUSAL_MINUTES_BY_NUMBER, "items.text");
    else if (!situation || situation->erased || situation->erasure_ordered)
        act_refuse(act, REFUSAL_ERASED, "items.text");
    return act->refusal == REFUSAL_NONE;
}

static bool draft_check(struct act *act, const Ctps__MinutesDraft *in)
{
    if (!minutes_meeting_began(act, act->meeting) ||
        !check_given(act, is_given(in->text) || in->n_items, "text"))
        return false;
    if (strcmp(or_empty(act->instance->content), CARRY_THEME) == 0) {
        act_refuse(act, REFUSAL_MINUTES_THEME_ONLY, "text");
        return false;
    }
    for (size_t i = 0; i < in->n_items; i++)
        if (!item_check(act, in->items[i]))
            return false;
    return true;
}

/* The key of the meeting's one situation, else its own, taken once at need; 0 after refusing.
 */
static uint64_t own_slot(struct act *act, Ctps__MinutesDrafted *out)
{
    uint64_t taken = 0;
    uint64_t slot;

    if (act->situation)
        return act->situation->opened->slot;
    slot = out->slot ? out->slot : minutes_own_slot(act, act->meeting, &taken);
    if (taken) {
        SET(out, slot, taken);
        SET(out, erase_due_day, meeting_texts_due(act->meeting->scheduled->day));
    }
    return slot;
}

static Ctps__Sealed *text_seal(struct act *act, uint64_t slot, enum sealed_field field,
                               char *text)
{
    Ctps__MinutesContent content = CTPS__MINUTES_CONTENT__INIT;

    content.text = text;
    return slot && is_given(text) ? act_seal(act, slot, field, &content.base) : NULL;
}

static void items_seal(struct act *act, const Ctps__MinutesDraft *in, Ctps__MinutesDrafted *out)
{
    out->items = act_alloc(act, (in->n_items + 1) * sizeof(out->items[0]));
    for (size_t i = 0; i < in->n_items && !act->exhausted; i++) {
        const Ctps__AgendaItem *item = item_find(act->meeting, in->items[i]->item);
        Ctps__StoredMinutesItem *stored = act_alloc(act, sizeof(*stored));
        const Ctps__SituationRecord *situation =
            item && item->situation ? record_situation(act->tables, act->arena, item->situation)
                                    : NULL;
        uint64_t slot = situation ? situation->opened->slot : own_slot(act, out);

        if (!item) {
            act_refuse(act, REFUSAL_ABSENT, "items.item");
            return;
        }
        ctps__stored_minutes_item__init(stored);
        SET(stored, item, item->id);
        if (situation)
            SET(stored, situation, item->situation);
        stored->text = text_seal(act, slot, SEALED_MINUTES_ITEM, in->items[i]->text);
        out->items[out->n_items++] = stored;
    }
}

#define STAMP(act, out, version_)                                                              \
    do {                                                                                       \
        SET(out, meeting, (act)->meeting->scheduled->id);                                      \
        SET(out, version, version_);                                                           \
        SET(out, day, (act)->today);                                                           \
        SET(out, by_agent, (act)->who->id);                                                    \
        (out)->instance = (act)->meeting->scheduled->instance;                                 \
        (out)->territory = (act)->meeting->scheduled->territory;                               \
    } while (0)

void decide_minutes_draft(struct act *act)
{
    const Ctps__MinutesDraft *in = act->request->minutes_draft;
    Ctps__MinutesDrafted *out;
    uint32_t version;

    if (!draft_check(act, in))
        return;
    version = version_next(act, in->correction);
    if (!version)
        return;
    out = emit_minutes_drafted(act);
    STAMP(act, out, version);
    if (is_given(in->text))
        out->text = text_seal(act, own_slot(act, out), SEALED_MINUTES_TEXT, in->text);
    items_seal(act, in, out);
}

/* --- validate --- */

void authorise_minutes_validate(struct act *act)
{
    const Ctps__MinutesValidate *in = act->request->minutes_validate;
    struct resource resource;

    act->meeting = record_meeting(act->tables, act->arena, in->meeting);
    if (!act->meeting) {
        act_refuse(act, REFUSAL_ABSENT, "meeting");
        return;
    }
    resource = resource_of_meeting(act, act->meeting);
    resource.charged = act->who->kind == PRINCIPAL_KIND_AGENT &&
                       act->meeting->scheduled->chair == act->who->id;
    act_judge(act, ACTION_MINUTES_VALIDATE, &resource);
}

void decide_minutes_validate(struct act *act)
{
    const Ctps__MinutesRecord *newest =
        minutes_newest(act->tables, act->arena, act->meeting->scheduled->id);
    Ctps__MinutesValidated *out;

    if (!newest) {
        act_refuse(act, REFUSAL_ABSENT, "minutes");
        return;
    }
    if (newest->validated) {
        act_refuse(act, REFUSAL_MINUTES_VALIDATED, "meeting");
        return;
    }
    if (strcmp(or_empty(act->meeting->state), MEETING_HELD) != 0) {
        act_refuse(act, REFUSAL_MEETING_NOT_YET, "meeting");
        return;
    }
    out = emit_minutes_validated(act);
    STAMP(act, out, newest->drafted->version);
}

/* --- distribute --- */

void authorise_minutes_distribute(struct act *act)
{
    meeting_load(act, act->request->minutes_distribute->meeting, ACTION_MINUTES_DISTRIBUTE);
}

static enum refusal contact_refusal(struct act *act, uint64_t id)
{
    Ctps__Principal named = CTPS__PRINCIPAL__INIT;
    struct principal contact;

    SET(&named, kind, CTPS__PRINCIPAL_KIND__PRINCIPAL_CONTACT);
    SET(&named, id, id);
    if (principal_load(act->tables, act->arena, act->settings, act->today, &named, &contact) !=
        CTPS_OK)
        return REFUSAL_ABSENT;
    if (!contact.contact_active)
        return REFUSAL_CONTACT_INACTIVE;
    if (act->instance->charter_required && !contact.charter_current)
        return REFUSAL_CHARTER_NOT_CURRENT;
    return REFUSAL_NONE;
}

static bool named_check(struct act *act, const Ctps__MinutesDistribute *in)
{
    const Ctps__MeetingScheduled *of = act->meeting->scheduled;
    Ctps__Attendee one;

    for (size_t i = 0; i < in->n_agents; i++) {
        ctps__attendee__init(&one);
        SET(&one, agent, in->agents[i]);
        if (in->agents[i] != of->chair && !attendance_has(of->invited, of->n_invited, &one))
            act_refuse(act, REFUSAL_NOT_ATTENDEE, "agents");
    }
    for (size_t i = 0; i < in->n_contacts; i++) {
        enum refusal refusal = contact_refusal(act, in->contacts[i]);

        ctps__attendee__init(&one);
        SET(&one, contact, in->contacts[i]);
        if (!attendance_has(of->invited, of->n_invited, &one))
            refusal = REFUSAL_NOT_ATTENDEE;
        if (refusal != REFUSAL_NONE)
            act_refuse(act, refusal, "contacts");
    }
    return act->refusal == REFUSAL_NONE;
}

/* Everybody of the meeting; a contact without a current charter gets nothing and it is said. */
static void all_fill(struct act *act, Ctps__MinutesDistributed *out)
{
    const Ctps__MeetingScheduled *of = act->meeting->scheduled;
    Ctps__Attendee chair = CTPS__ATTENDEE__INIT;

    out->agents = act_alloc(act, (of->n_invited + 1) * sizeof(uint64_t));
    out->contacts = act_alloc(act, (of->n_invited + 1) * sizeof(uint64_t));
    for (size_t i = 0; i < of->n_invited && !act->exhausted; i++) {
        const Ctps__Attendee *one = of->invited[i];

        if (one->agent)
            out->agents[out->n_agents++] = one->agent;
        else if (contact_refusal(act, one->contact) == REFUSAL_NONE)
            out->contacts[out->n_contacts++] = one->contact;
        else
            act_warn(act, "contact_left_out");
    }
    SET(&chair, agent, of->chair);
    if (of->chair && !attendance_has(of->invited, of->n_invited, &chair))
        out->agents[out->n_agents++] = of->chair;
}

void decide_minutes_distribute(struct act *act)
{
    const Ctps__MinutesDistribute *in = act->request->minutes_distribute;
    const Ctps__MinutesRecord *newest =
        minutes_newest(act->tables, act->arena, act->meeting->scheduled->id);
    Ctps__MinutesDistributed *out;

    if (!newest || !newest->validated) {
        act_refuse(act, REFUSAL_MINUTES_NOT_VALIDATED, "meeting");
        return;
    }
    if (!named_check(act, in))
        return;
    out = emit_minutes_distributed(act);
    STAMP(act, out, newest->drafted->version);
    if (!in->n_agents && !in->n_contacts) {
        all_fill(act, out);
        return;
    }
    out->n_agents = in->n_agents;
    out->agents = in->agents;
    out->n_contacts = in->n_contacts;
    out->contacts = in->contacts;
}

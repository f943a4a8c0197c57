/* The pack of one attendee, before the meeting. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/decision.h"
#include "domain/meeting.h"
#include "domain/pack.h"
#include "domain/record.h"
#include "domain/share.h"
#include "domain/view_fill.h"

enum {
    PACK_ENTRIES = 5,    /* newest steps of a situation; the sheet itself has them all */
    PACK_DECISIONS = 20, /* undone ones about a situation */
};

void authorise_meeting_pack(struct act *act)
{
    meeting_load(act, act->request->meeting_pack->meeting, ACTION_MEETING_PACK);
}

struct tasks {
    struct act *act;
    const struct principal *attendee;
    Ctps__PackItem *item;
};

static bool task_row(void *arg, uint64_t id)
{
    struct tasks *tasks = arg;
    struct act *act = tasks->act;
    const struct principal *asker = act->who;
    Ctps__DecisionRecord *record = decision_record(act->tables, act->arena, id);

    if (!record || !decision_is_in(record, DECISION_UNDONE, act->today))
        return !act->exhausted;
    act->who = tasks->attendee; /* a contact sees of it number, verb and due day */
    tasks->item->decisions[tasks->item->n_decisions++] = decision_view(act, record);
    act->who = asker;
    return tasks->item->n_decisions < PACK_DECISIONS;
}

static void tasks_fill(struct act *act, const struct principal *attendee, Ctps__PackItem *item,
                       uint64_t situation)
{
    struct tasks tasks = {act, attendee, item};

    item->decisions = act_alloc(act, PACK_DECISIONS * sizeof(item->decisions[0]));
    if (!act->exhausted)
        decision_walk(act, situation, 0, task_row, &tasks);
}

static void situation_fill(struct act *act, const struct principal *attendee,
                           Ctps__PackItem *item, const Ctps__SituationRecord *situation)
{
    Ctps__SituationView *view = view_situation_facts(act, situation);

    view_situation_open(act, situation, view);
    if (view->n_entries > PACK_ENTRIES)
        view->n_entries = PACK_ENTRIES;
    item->situation = act_alloc(act, sizeof(item->situation[0]));
    item->situation[item->n_situation++] = view;
    tasks_fill(act, attendee, item, situation->opened->id);
}

/* One view for each legal base: the two regimes stay separate. */
static void shared_fill(struct act *act, const struct principal *attendee, Ctps__PackItem *item,
                        const Ctps__SituationRecord *situation)
{
    const struct principal *asker = act->who;
    Ctps__SituationAnswer shared = CTPS__SITUATION_ANSWER__INIT;

    act->who = attendee;
    share_open(act, situation, &shared);
    act->who = asker;
    item->situation = shared.situations;
    item->n_situation = shared.n_situations;
}

/* Of no situation: whoever attends and may read what is said in the meeting. A contact attends
 * or gets no pack. */
static bool may_own_text(struct act *act, const struct principal *attendee)
{
    bool asks_own = attendee->id == act->who->id && attendee->kind == act->who->kind;

    if (act->meeting->erased || act->meeting->erasure_ordered)
        return false;
    if (attendee->kind != PRINCIPAL_KIND_CONTACT)
        return pack_may_meeting(act, attendee, ACTION_MEETING_READ);
    return asks_own || pack_may_meeting(act, act->who, ACTION_MEETING_READ);
}

static char *text_open(struct act *act, const Ctps__AgendaItem *item)
{
    Ctps__MeetingText *text = (Ctps__MeetingText *)act_unseal(
        act, item->text, SEALED_AGENDA_TEXT, &ctps__meeting_text__descriptor);

    return text ? text->text : NULL;
}

static Ctps__PackItem *item_fill(struct act *act, const struct principal *attendee,
                                 const Ctps__AgendaItem *item)
{
    const Ctps__SituationRecord *about;
    Ctps__PackItem *view = pack_item(act, attendee, item, &about);
    /* The text of an item without a situation of its own is the meeting's situation's. */
    const Ctps__SituationRecord *of = about ? about : act->situation;
    bool may = about && strcmp(view->shown, PACK_OPEN) == 0;

    if (!item->situation)
        may = of ? pack_may_situation(act, attendee, of) : may_own_text(act, attendee);
    if (about && strcmp(view->shown, PACK_SHARED) == 0)
        shared_fill(act, attendee, view, about);
    else if (about)
        situation_fill(act, attendee, view, about);
    if (may && item->text)
        view->text = text_open(act, item);
    return view;
}

void answer_meeting_pack(struct act *act)
{
    const Ctps__MeetingPack *in = act->request->meeting_pack;
    const Ctps__MeetingScheduled *of = act->meeting->scheduled;
    Ctps__PackAnswer *answer = act_alloc(act, sizeof(*answer));
    Ctps__Pack *pack = act_alloc(act, sizeof(*pack));
    struct principal attendee;

    if (!pack_attendee_load(act, in->agent, in->contact, &attendee))
        return;
    ctps__pack_answer__init(answer);
    ctps__pack__init(pack);
    act->reply->answer_case = CTPS__REPLY__ANSWER_PACK_ANSWER;
    act->reply->pack_answer = answer;
    answer->packs = act_alloc(act, sizeof(answer->packs[0]));
    pack->items = act_alloc(act, (act->meeting->n_agenda + 1) * sizeof(pack->items[0]));
    if (act->exhausted)
        return;
    answer->packs[answer->n_packs++] = pack;
    act_object_read(act, of->id);
    SET(pack, meeting, of->id);
    pack->reference = of->reference;
    pack->instance = of->instance;
    pack->territory = of->territory;
    SET_FROM(pack, of, day);
    SET_FROM(pack, of, minute);
    pack->place = of->place;
    if (attendee.kind == PRINCIPAL_KIND_CONTACT)
        SET(pack, contact, attendee.id);
    else
        SET(pack, agent, attendee.id);
    for (size_t i = 0; i < act->meeting->n_agenda && !act->exhausted; i++)
        pack->items[pack->n_items++] = item_fill(act, &attendee, act->meeting->agenda[i]);
}

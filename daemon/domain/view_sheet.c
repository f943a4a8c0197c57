/* The sheet of one situation: facts that lists leave out. */
#include "domain/check.h"
#include "domain/engagement.h"
#include "domain/link.h"
#include "domain/principal_load.h"
#include "domain/record.h"
#include "domain/view_fill.h"

enum { SHEET_ROWS_MAX = 200 };

struct sheet {
    struct act *act;
    Ctps__SituationView *view;
};

static uint64_t partner_of(struct act *act, uint64_t contact)
{
    Ctps__Contact *row =
        (Ctps__Contact *)record_get(act->tables, TABLE_CONTACT, table_key_of_u64(contact),
                                    act->arena, &ctps__contact__descriptor);

    return row ? row->partner : 0;
}

static bool engagement_row(void *arg, Ctps__EngagementRecord *row)
{
    struct sheet *sheet = arg;
    Ctps__EngagementView *view = act_alloc(sheet->act, sizeof(*view));

    ctps__engagement_view__init(view);
    SET(view, kind, row->engaged->kind);
    if (row->engaged->kind == CTPS__OBJECT_KIND__OBJECT_PARTNER) {
        SET(view, partner, row->engaged->id);
    } else if (row->engaged->kind == CTPS__OBJECT_KIND__OBJECT_CONTACT) {
        SET(view, contact, row->engaged->id);
        SET(view, partner, partner_of(sheet->act, row->engaged->id));
    } else {
        SET(view, agent, row->engaged->id);
    }
    view->role = row->engaged->role;
    SET_FROM(view, row->engaged, since_day);
    SET_FROM(view, row, until_day);
    sheet->view->engagements[sheet->view->n_engagements++] = view;
    return sheet->view->n_engagements < SHEET_ROWS_MAX;
}

/* Of the other side its existence, unless its facts are the reader's to know. */
static void other_fill(struct act *act, uint64_t other, Ctps__LinkView *view)
{
    Ctps__SituationRecord *record = record_situation(act->tables, act->arena, other);
    struct judgement judgement = {0};
    struct resource resource;

    if (!record)
        return;
    resource = resource_of_situation(act, record);
    view->territory = record->territory;
    if (!act_may(act, ACTION_SITUATION_LIST, &resource, &judgement)) {
        SET(view, existence_only, 1);
        SET(view, call_agent,
            principal_coordinator_of(act->tables, act->arena, record->territory));
        return;
    }
    SET(view, situation, other);
    view->reference = record->opened->reference;
    view->status = record->status;
}

static bool link_row(void *arg, uint64_t other, Ctps__LinkRecord *row)
{
    struct sheet *sheet = arg;
    Ctps__LinkView *view = act_alloc(sheet->act, sizeof(*view));

    ctps__link_view__init(view);
    SET_FROM(view, row->linked, id);
    view->kind = row->linked->kind;
    SET_FROM(view, row->linked, day);
    other_fill(sheet->act, other, view);
    sheet->view->links[sheet->view->n_links++] = view;
    return sheet->view->n_links < SHEET_ROWS_MAX;
}

static void steps_fill(struct act *act, const Ctps__SituationRecord *record,
                       Ctps__SituationView *view)
{
    view->steps = act_alloc(act, (record->n_steps + 1) * sizeof(Ctps__StepView *));
    for (size_t i = 0; view->steps && i < record->n_steps; i++) {
        Ctps__StepView *step = act_alloc(act, sizeof(*step));

        ctps__step_view__init(step);
        step->kind = record->steps[i]->kind;
        SET_FROM(step, record->steps[i], count);
        if (step->count)
            view->steps[view->n_steps++] = step;
    }
}

static void course_fill(struct act *act, const Ctps__SituationRecord *record,
                        Ctps__SituationView *view)
{
    view->course = act_alloc(act, (record->n_course + 1) * sizeof(Ctps__CourseView *));
    for (size_t i = 0; view->course && i < record->n_course; i++) {
        const Ctps__CourseStep *step = record->course[i];
        Ctps__CourseView *shown = act_alloc(act, sizeof(*shown));

        ctps__course_view__init(shown);
        shown->kind = step->kind;
        SET_FROM(shown, step, day);
        shown->code = step->code;
        SET_FROM(shown, step, agent);
        shown->territory = step->territory;
        SET_FROM(shown, step, until_day);
        view->course[view->n_course++] = shown;
    }
}

void view_course_open(struct act *act, const Ctps__SituationRecord *record,
                      Ctps__SituationView *view)
{
    for (size_t i = 0; i < record->n_course && i < view->n_course; i++) {
        Ctps__EntryContent *content = (Ctps__EntryContent *)act_unseal(
            act, record->course[i]->text, SEALED_COURSE_TEXT, &ctps__entry_content__descriptor);

        if (content)
            view->course[i]->text = content->text;
    }
}

void view_situation_sheet(struct act *act, const Ctps__SituationRecord *record,
                          Ctps__SituationView *view)
{
    struct sheet sheet = {act, view};

    view->engagements = act_alloc(act, SHEET_ROWS_MAX * sizeof(Ctps__EngagementView *));
    view->links = act_alloc(act, SHEET_ROWS_MAX * sizeof(Ctps__LinkView *));
    if (!view->engagements || !view->links)
        return;
    steps_fill(act, record, view);
    course_fill(act, record, view);
    engagement_walk(act, record->opened->id, engagement_row, &sheet);
    link_walk(act, record->opened->id, link_row, &sheet);
}

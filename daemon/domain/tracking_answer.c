/* The tracking table: rows a reader may see, computed when asked for, never stored. */
#include "base/civil.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/page.h"
#include "domain/record.h"
#include "domain/view_fill.h"

enum { NOMINATIVE_ROWS_MAX = 100 };

struct tracking {
    struct act *act;
    const Ctps__TrackingTableGet *in;
    Ctps__TrackingTableAnswer *answer;
    uint32_t limit;
};

/* Names of a whole table are not read in passing: why is wanted of everybody. */
void authorise_tracking_table(struct act *act)
{
    const Ctps__TrackingTableGet *in = act->request->tracking_table_get;
    struct resource resource = resource_of_territory(act, in->territory);

    if (in->nominative && !check_list(act, "finalite", act->request->purpose, "purpose"))
        return;
    if (is_given(in->territory))
        act_judge(act, ACTION_SITUATION_LIST, &resource);
    else
        page_judge(act, ACTION_SITUATION_LIST);
}

static bool is_in_period(const struct tracking *tracking, const Ctps__SituationRecord *record)
{
    const Ctps__TrackingTableGet *in = tracking->in;

    if (!in->has_from_day && !in->has_to_day)
        return !record->has_closed_day;
    if (in->has_to_day && record->opened->opened_day > in->to_day)
        return false;
    return !in->has_from_day || !record->has_closed_day || record->closed_day >= in->from_day;
}

static void referrer_fill(struct act *act, const Ctps__SituationRecord *record,
                          Ctps__TrackingRow *row)
{
    const Ctps__SaisineRecord *saisine =
        record->n_saisines ? record_saisine(act->tables, act->arena, record->saisines[0])
                           : NULL;
    const Ctps__Partner *partner;

    if (!saisine)
        return;
    SET_FROM(row, saisine->received, received_day);
    if (!saisine->received->referrer_partner)
        return;
    SET_FROM(row, saisine->received, referrer_partner);
    partner = (const Ctps__Partner *)record_get(act->tables, TABLE_PARTNER,
                                                table_key_of_u64(row->referrer_partner),
                                                act->arena, &ctps__partner__descriptor);
    row->referrer_kind = partner ? partner->kind : NULL;
}

struct last_step {
    struct act *act;
    Ctps__TrackingRow *row;
};

static bool last_step_take(void *arg, struct bytes key, struct bytes value)
{
    struct last_step *last = arg;
    const Ctps__SituationEntryAdded *entry = (const Ctps__SituationEntryAdded *)record_unpack(
        last->act->arena, &ctps__situation_entry_added__descriptor, value);

    (void)key;
    if (!entry)
        return false;
    SET(last->row, last_step_day, entry->day);
    last->row->last_step = entry->kind;
    return false;
}

static Ctps__TrackingRow *row_facts(struct act *act, const Ctps__SituationRecord *record)
{
    const Ctps__SituationOpened *opened = record->opened;
    Ctps__TrackingRow *row = act_alloc(act, sizeof(*row));
    struct last_step last = {act, row};
    struct table_key prefix = table_key_of_u64(opened->id);

    ctps__tracking_row__init(row);
    SET(row, id, opened->id);
    row->reference = opened->reference;
    row->territory = record->territory;
    row->district = opened->district;
    row->nature = opened->nature;
    row->n_motives = opened->n_motives;
    row->motives = opened->motives;
    row->origin = opened->origin;
    row->urgency = opened->urgency;
    row->term = opened->term;
    row->status = record->status;
    row->evolution = record->evolution;
    SET_FROM(row, record, lead_agent);
    SET_FROM(row, record, next_review_day);
    SET_FROM(row, record, closed_day);
    row->closing_motive = record->closing_motive;
    SET(row, step_count, record->entry_count);
    SET(row, review_overdue, view_review_is_overdue(act, record));
    SET(row, silent, view_is_silent(act, record, act->today));
    SET(row, not_informed, view_is_not_informed(act, record, act->today));
    SET(row, erased, record->erased || record->erasure_ordered);
    referrer_fill(act, record, row);
    act->tables->walk(act->tables->ctx, TABLE_ENTRY, table_key_bytes(&prefix),
                      bytes_of(NULL, 0), true, last_step_take, &last);
    return row;
}

static void row_names(struct act *act, const Ctps__SituationRecord *record,
                      const struct resource *resource, Ctps__TrackingRow *row)
{
    Ctps__SituationView view = CTPS__SITUATION_VIEW__INIT;
    struct judgement judgement = {0};

    if (!act_may(act, ACTION_SITUATION_READ, resource, &judgement))
        return;
    view_situation_names(act, record, &view);
    row->title = view.title;
    row->n_persons = view.n_persons;
    row->persons = view.persons;
}

static bool row_look(void *arg, uint64_t id)
{
    struct tracking *tracking = arg;
    struct act *act = tracking->act;
    const Ctps__SituationRecord *record = record_situation(act->tables, act->arena, id);
    struct judgement judgement = {0};
    struct resource resource;
    Ctps__TrackingRow *row;

    if (!record || record->merged_into || !is_in_period(tracking, record))
        return !act->exhausted;
    resource = resource_of_situation(act, record);
    if (!act_may(act, ACTION_SITUATION_LIST, &resource, &judgement))
        return true;
    if (tracking->answer->n_rows == tracking->limit) {
        SET(tracking->answer, more, 1);
        return false;
    }
    row = row_facts(act, record);
    if (tracking->in->nominative)
        row_names(act, record, &resource, row);
    tracking->answer->rows[tracking->answer->n_rows++] = row;
    return act->refusal == REFUSAL_NONE;
}

/* Names leave the service in a file: that is said apart from their having been read. */
static void export_emit(struct act *act, const Ctps__TrackingTableAnswer *answer)
{
    Ctps__ExportMade *out = emit_export_made(act);

    SET(out, kind, CTPS__OBJECT_KIND__OBJECT_SITUATION);
    SET(out, day, act->today);
    if (act->who->kind == PRINCIPAL_KIND_AGENT)
        SET(out, by_agent, act->who->id);
    SET(out, row_count, (uint32_t)answer->n_rows);
}

void answer_tracking_table(struct act *act)
{
    const Ctps__TrackingTableGet *in = act->request->tracking_table_get;
    struct tracking tracking = {act, in, act_alloc(act, sizeof(*tracking.answer)),
                                page_limit(in->has_limit, in->limit)};
    const char *codes[PRINCIPAL_TERRITORIES_MAX];
    size_t count = 1;

    ctps__tracking_table_answer__init(tracking.answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_TRACKING_TABLE_ANSWER;
    act->reply->tracking_table_answer = tracking.answer;
    if (in->nominative && tracking.limit > NOMINATIVE_ROWS_MAX)
        tracking.limit = NOMINATIVE_ROWS_MAX;
    tracking.answer->rows =
        arena_alloc(act->arena, tracking.limit * sizeof(Ctps__TrackingRow *));
    if (!tracking.answer->rows) {
        act->exhausted = true;
        return;
    }
    codes[0] = in->territory;
    if (!is_given(in->territory))
        count = page_territories(act, codes, PRINCIPAL_TERRITORIES_MAX);
    page_walk_all(act, codes, count, CTPS__OBJECT_KIND__OBJECT_SITUATION, in->before, row_look,
                  &tracking);
    if (in->nominative && in->export && act->refusal == REFUSAL_NONE)
        export_emit(act, tracking.answer);
}

/* What was taken over, and from which rows. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/page.h"
#include "domain/record.h"

enum { IMPORTS_MAX = 200, IMPORT_ROWS_MAX = 20000, IMPORT_LEFT_MAX = 1000000 };

void authorise_import_list(struct act *act)
{
    act_judge_plain(act, ACTION_IMPORT_LIST);
}

struct imports {
    struct act *act;
    Ctps__ImportAnswer *answer;
    uint64_t wanted;
};

static bool row_count(void *arg, struct bytes key, struct bytes value)
{
    uint32_t *count = arg;

    (void)key;
    (void)value;
    return ++*count < IMPORT_LEFT_MAX;
}

static uint32_t rows_left(const struct act *act, uint64_t id)
{
    struct table_key prefix = table_key_of_u64(id);
    uint32_t count = 0;

    act->tables->walk(act->tables->ctx, TABLE_IMPORT_ROWS, table_key_bytes(&prefix),
                      bytes_of(NULL, 0), false, row_count, &count);
    return count;
}

static bool import_row(void *arg, struct bytes key, struct bytes value)
{
    struct imports *imports = arg;
    struct act *act = imports->act;
    Ctps__ImportRecord *row = (Ctps__ImportRecord *)record_unpack(
        act->arena, &ctps__import_record__descriptor, value);
    Ctps__ImportView *view = act_alloc(act, sizeof(*view));

    ctps__import_view__init(view);
    if (!row || (imports->wanted && be64_get(key.data) != imports->wanted))
        return !act->exhausted;
    SET_FROM(view, row->begun, id);
    view->source = row->begun->source;
    SET_FROM(view, row->begun, by_agent);
    SET_FROM(view, row->begun, begun_us);
    SET_FROM(view, row->begun, row_count);
    SET_FROM(view, row, ended);
    SET_FROM(view, row, undone);
    if (row->undoing && !row->undone) {
        SET(view, undoing, 1);
        SET(view, rows_left, rows_left(act, row->begun->id));
    }
    imports->answer->imports[imports->answer->n_imports++] = view;
    return imports->answer->n_imports < IMPORTS_MAX;
}

static bool taken_row(void *arg, struct bytes key, struct bytes value)
{
    struct imports *imports = arg;
    struct act *act = imports->act;
    struct table_key at = {0};
    Ctps__ImportRowView *view = act_alloc(act, sizeof(*view));
    Ctps__ImportRowTaken *taken;
    Ctps__SituationRecord *situation;
    Ctps__MeetingRecord *meeting;

    (void)key;
    ctps__import_row_view__init(view);
    table_key_add_bytes(&at, value);
    taken = (Ctps__ImportRowTaken *)record_get(act->tables, TABLE_IMPORT_ROW, at, act->arena,
                                               &ctps__import_row_taken__descriptor);
    if (!taken)
        return !act->exhausted;
    situation = record_situation(act->tables, act->arena, taken->situation);
    view->number = taken->number;
    SET_FROM(view, taken, saisine);
    SET_FROM(view, taken, situation);
    SET_FROM(view, taken, meeting);
    meeting = record_meeting(act->tables, act->arena, taken->meeting);
    view->reference = situation ? situation->opened->reference : NULL;
    if (meeting)
        view->reference = meeting->scheduled->reference;
    view->n_warnings = taken->n_warnings;
    view->warnings = taken->warnings;
    imports->answer->rows[imports->answer->n_rows++] = view;
    return imports->answer->n_rows < IMPORT_ROWS_MAX;
}

void answer_import_list(struct act *act)
{
    Ctps__ImportAnswer *answer = act_alloc(act, sizeof(*answer));
    struct imports imports = {act, answer, act->request->import_list->import_id};
    struct table_key prefix = table_key_of_u64(imports.wanted);

    ctps__import_answer__init(answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_IMPORT_ANSWER;
    act->reply->import_answer = answer;
    answer->imports = act_alloc(act, IMPORTS_MAX * sizeof(Ctps__ImportView *));
    if (!answer->imports)
        return;
    act->tables->walk(act->tables->ctx, TABLE_IMPORT, bytes_of(NULL, 0), bytes_of(NULL, 0),
                      true, import_row, &imports);
    if (!imports.wanted)
        return;
    answer->rows = act_alloc(act, IMPORT_ROWS_MAX * sizeof(Ctps__ImportRowView *));
    if (answer->rows)
        act->tables->walk(act->tables->ctx, TABLE_IMPORT_ROWS, table_key_bytes(&prefix),
                          bytes_of(NULL, 0), false, taken_row, &imports);
}

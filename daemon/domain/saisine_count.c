/* Figures of saisines by territory, origin and status. */
#include "domain/saisine_count.h"

#include "base/civil.h"
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/page.h"
#include "domain/record.h"

/* Below this a figure of another territory could point to somebody (confidentiality.md). */
enum { CELL_MIN = 5, CELLS_MAX = 4096 };

struct table_key saisine_count_key(const char *territory, int32_t received_day,
                                   const char *origin, const char *status)
{
    struct table_key key = {0};

    table_key_add_text(&key, territory);
    table_key_add_day(&key, received_day);
    table_key_add_text(&key, origin);
    table_key_add_text(&key, status);
    return key;
}

void authorise_saisine_count(struct act *act)
{
    struct resource resource =
        resource_of_territory(act, act->request->saisine_count->territory);

    act_judge(act, ACTION_SAISINE_COUNT, &resource);
}

struct counting {
    struct act *act;
    Ctps__CountAnswer *answer;
    const char *territory;
    int32_t from_day;
    int32_t to_day;
    bool by_year; /* another's territory: calendar years lying whole in the period */
    size_t first; /* of this territory in the answer */
};

static Ctps__CountView *cell_find(struct counting *counting, const char *origin,
                                  const char *status, uint32_t year)
{
    struct act *act = counting->act;
    Ctps__CountAnswer *answer = counting->answer;
    Ctps__CountView *view;

    for (size_t i = counting->first; i < answer->n_counts; i++) {
        view = answer->counts[i];
        if (view->year == year && strcmp(view->origin, origin) == 0 &&
            strcmp(view->status, status) == 0)
            return view;
    }
    if (answer->n_counts == CELLS_MAX) {
        act_refuse(act, REFUSAL_LIMIT, "cells");
        return NULL;
    }
    view = act_alloc(act, sizeof(*view));
    ctps__count_view__init(view);
    view->territory = act_text(act, counting->territory);
    view->origin = act_text(act, origin);
    view->status = act_text(act, status);
    if (year)
        SET(view, year, year);
    answer->counts[answer->n_counts++] = view;
    return view;
}

/* Day, origin and status of a key, which holds texts with their zero byte. */
static bool cell_read(struct bytes key, size_t territory_len, int32_t *ret_day,
                      const char **ret_origin, const char **ret_status)
{
    const uint8_t *end = key.data + key.len;
    const uint8_t *at = key.data + territory_len + 1;
    size_t len;

    if (key.len < territory_len + 1 + 4)
        return false;
    *ret_day = (int32_t)(be32_get(at) ^ UINT32_C(0x80000000));
    *ret_origin = (const char *)at + 4;
    len = strnlen(*ret_origin, (size_t)(end - at - 4)) + 1;
    *ret_status = *ret_origin + len;
    return at + 4 + len < end && end[-1] == 0;
}

static bool count_row(void *arg, struct bytes key, struct bytes value)
{
    struct counting *counting = arg;
    struct act *act = counting->act;
    const char *origin;
    const char *status;
    int32_t day;
    Ctps__CounterRecord *row = (Ctps__CounterRecord *)record_unpack(
        act->arena, &ctps__counter_record__descriptor, value);
    Ctps__CountView *cell;

    if (!row || !cell_read(key, strlen(counting->territory), &day, &origin, &status))
        return !act->exhausted;
    if (day > counting->to_day)
        return false;
    cell = cell_find(counting, origin, status,
                     counting->by_year ? (uint32_t)civil_date_of(day).year : 0);
    if (!cell)
        return false;
    SET(cell, count, cell->count + (uint32_t)row->value);
    return true;
}

static int32_t first_of_year(int year)
{
    return civil_day_of((struct civil_date){year, 1, 1});
}

/* Fixed cells of years that are over: were any period allowed, or a year that still grows, the
 * difference of two answers would give a small cell. */
static void period_of_years(struct counting *counting)
{
    int32_t today = counting->act->today;
    int32_t to_day = counting->to_day < today ? counting->to_day : today;
    int first = civil_date_of(counting->from_day).year;
    int end = civil_date_of(to_day + 1).year; /* the first one not asked for whole */

    if (first_of_year(first) < counting->from_day)
        first++;
    counting->from_day = first_of_year(first);
    counting->to_day = first_of_year(end) - 1;
}

static void cells_mask(struct counting *counting)
{
    for (size_t i = counting->first; i < counting->answer->n_counts; i++) {
        Ctps__CountView *cell = counting->answer->counts[i];

        if (cell->count >= CELL_MIN)
            continue;
        cell->has_count = 0;
        cell->count = 0;
        SET(cell, masked, 1);
    }
}

static void territory_count(struct counting counting)
{
    struct act *act = counting.act;
    struct resource resource = resource_of_territory(act, counting.territory);
    struct judgement judgement = {0};
    struct table_key prefix = {0};
    struct table_key after;

    if (!act_may(act, ACTION_SAISINE_COUNT, &resource, &judgement))
        return;
    counting.by_year = !act_may(act, ACTION_SAISINE_LIST, &resource, &judgement);
    counting.first = counting.answer->n_counts;
    if (counting.by_year)
        period_of_years(&counting);
    if (counting.from_day > counting.to_day)
        return;
    table_key_add_text(&prefix, counting.territory);
    after = prefix;
    table_key_add_day(&after, counting.from_day);
    act->tables->walk(act->tables->ctx, TABLE_SAISINE_COUNT, table_key_bytes(&prefix),
                      table_key_bytes(&after), false, count_row, &counting);
    if (counting.by_year)
        cells_mask(&counting);
}

static bool period_check(struct act *act, struct counting *counting)
{
    const Ctps__SaisineCount *in = act->request->saisine_count;

    counting->from_day = in->has_from_day ? in->from_day : CIVIL_DAY_MIN;
    counting->to_day = in->has_to_day ? in->to_day : act->today;
    if (!check_day(act, true, counting->from_day, "from_day") ||
        !check_day(act, true, counting->to_day, "to_day"))
        return false;
    if (!in->has_from_day || counting->from_day <= counting->to_day)
        return true;
    act_refuse(act, REFUSAL_DATE_ORDER, "to_day");
    return false;
}

void answer_saisine_count(struct act *act)
{
    const Ctps__SaisineCount *in = act->request->saisine_count;
    struct counting counting = {.act = act, .answer = act_alloc(act, sizeof(*counting.answer))};
    const char *codes[PRINCIPAL_TERRITORIES_MAX];
    size_t count = 1;

    if (!period_check(act, &counting))
        return;
    if (is_given(in->territory) && !check_territory(act, in->territory))
        return;
    ctps__count_answer__init(counting.answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_COUNT_ANSWER;
    act->reply->count_answer = counting.answer;
    counting.answer->counts = act_alloc(act, CELLS_MAX * sizeof(Ctps__CountView *));
    if (!counting.answer->counts)
        return;
    codes[0] = in->territory;
    if (!is_given(in->territory))
        count = page_territories(act, codes, PRINCIPAL_TERRITORIES_MAX);
    for (size_t i = 0; i < count; i++) {
        counting.territory = codes[i];
        territory_count(counting);
    }
}

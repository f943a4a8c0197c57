/* Pairs of saisines: proposed, decided, and what was written about them. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/page.h"
#include "domain/record.h"
#include "domain/view_fill.h"

void authorise_duplicate_list(struct act *act)
{
    const char *territory = act->request->duplicate_list->territory;
    struct resource resource = resource_of_territory(act, territory);

    if (is_given(territory))
        act_judge(act, ACTION_DUPLICATE_LIST, &resource);
    else
        page_judge(act, ACTION_DUPLICATE_LIST);
}

/* One saisine of a pair, as the reader may see it. */
struct side {
    Ctps__SaisineRecord *saisine;
    Ctps__SituationRecord *situation; /* NULL: not followed yet */
    const char *territory;            /* where it is now */
    bool seen;
};

static struct side side_load(struct act *act, uint64_t id)
{
    struct side side = {.saisine = record_saisine(act->tables, act->arena, id)};
    struct judgement judgement = {0};
    struct resource resource;

    if (!side.saisine)
        return side;
    if (side.saisine->situation)
        side.situation = record_situation(act->tables, act->arena, side.saisine->situation);
    side.territory =
        side.situation
            ? record_situation_now(act->tables, act->arena, side.situation)->territory
            : side.saisine->received->territory;
    resource = side.situation ? resource_of_situation(act, side.situation)
                              : resource_of_saisine(act, side.saisine);
    side.seen = act_may(act, ACTION_DUPLICATE_LIST, &resource, &judgement);
    return side;
}

static char *reference_of(struct act *act, const struct side *side)
{
    return act_text(act, side->situation ? side->situation->opened->reference
                                         : side->saisine->received->number);
}

static Ctps__DuplicateView *pair_view(struct act *act, uint64_t a, uint64_t b,
                                      const Ctps__DuplicateRecord *row,
                                      const struct side sides[2])
{
    Ctps__DuplicateView *view = act_alloc(act, sizeof(*view));

    ctps__duplicate_view__init(view);
    SET(view, a, a);
    SET(view, b, b);
    view->rule = row->rule;
    SET(view, proposed_day, row->day);
    if (sides[0].seen) {
        view->reference_a = reference_of(act, &sides[0]);
        view->import_number_a = sides[0].saisine->import_number;
    }
    if (sides[1].seen) {
        view->reference_b = reference_of(act, &sides[1]);
        view->import_number_b = sides[1].saisine->import_number;
    }
    if (row->decided) {
        view->outcome = row->decided->outcome;
        SET(view, decided_day, row->decided->day);
        SET(view, decided_by, row->decided->by_agent);
    }
    return view;
}

struct pairs {
    struct act *act;
    Ctps__DuplicateAnswer *answer;
    uint32_t limit;
    const char *territory;
    bool pending;
    bool decided;
};

/* A pair nobody decided waits no longer once both came into one situation some other way. */
static bool is_wanted(const struct pairs *pairs, const Ctps__DuplicateRecord *row,
                      const struct side sides[2])
{
    bool joined = sides[0].saisine->situation &&
                  sides[0].saisine->situation == sides[1].saisine->situation;

    if (row->decided)
        return pairs->decided;
    return pairs->pending && (!joined || pairs->decided);
}

static bool is_reader_s(const struct pairs *pairs, const struct side sides[2])
{
    for (int i = 0; i < 2; i++)
        if (sides[i].seen && (!is_given(pairs->territory) ||
                              strcmp(pairs->territory, or_empty(sides[i].territory)) == 0))
            return true;
    return false;
}

static bool pair_row(void *arg, struct bytes key, struct bytes value)
{
    struct pairs *pairs = arg;
    struct act *act = pairs->act;
    Ctps__DuplicateRecord *row = (Ctps__DuplicateRecord *)record_unpack(
        act->arena, &ctps__duplicate_record__descriptor, value);
    uint64_t a = be64_get(key.data);
    uint64_t b = be64_get(key.data + 8);
    struct side sides[2];

    if (!row || key.len != 16 || a > b)
        return !act->exhausted;
    sides[0] = side_load(act, a);
    sides[1] = side_load(act, b);
    if (!sides[0].saisine || !sides[1].saisine || !is_wanted(pairs, row, sides) ||
        !is_reader_s(pairs, sides))
        return !act->exhausted;
    if (pairs->answer->n_duplicates == pairs->limit) {
        SET(pairs->answer, more, 1);
        return false;
    }
    pairs->answer->duplicates[pairs->answer->n_duplicates++] = pair_view(act, a, b, row, sides);
    return true;
}

static bool state_read(struct act *act, struct pairs *pairs)
{
    const char *state = or_empty(act->request->duplicate_list->state);
    bool all = strcmp(state, "all") == 0;

    pairs->pending = all || !*state || strcmp(state, "pending") == 0;
    pairs->decided = all || strcmp(state, "decided") == 0;
    if (!pairs->pending && !pairs->decided)
        act_refuse(act, REFUSAL_FIELD_RANGE, "state");
    return pairs->pending || pairs->decided;
}

void answer_duplicate_list(struct act *act)
{
    const Ctps__DuplicateList *in = act->request->duplicate_list;
    Ctps__DuplicateAnswer *answer = act_alloc(act, sizeof(*answer));
    struct pairs pairs = {.act = act,
                          .answer = answer,
                          .limit = page_limit(in->has_limit, in->limit),
                          .territory = in->territory};
    struct table_key after = {0};

    if (!state_read(act, &pairs))
        return;
    ctps__duplicate_answer__init(answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_DUPLICATE_ANSWER;
    act->reply->duplicate_answer = answer;
    answer->duplicates = act_alloc(act, pairs.limit * sizeof(Ctps__DuplicateView *));
    if (!answer->duplicates)
        return;
    if (in->after_a)
        after = table_key_of_two(in->after_a, in->after_b);
    act->tables->walk(act->tables->ctx, TABLE_DUPLICATE, bytes_of(NULL, 0),
                      table_key_bytes(&after), false, pair_row, &pairs);
}

/* --- with what was written --- */

enum { DECIDED_MAX = 100 };

struct written {
    struct act *act;
    Ctps__SaisineView *view;
};

static bool written_row(void *arg, struct bytes key, struct bytes value)
{
    struct written *written = arg;
    struct act *act = written->act;
    Ctps__DuplicateRecord *row = (Ctps__DuplicateRecord *)record_unpack(
        act->arena, &ctps__duplicate_record__descriptor, value);
    uint64_t a = be64_get(key.data);
    uint64_t b = be64_get(key.data + 8);
    Ctps__EntryContent *content;
    Ctps__DuplicateView *pair;
    struct side sides[2];

    if (!row || !row->decided)
        return !act->exhausted;
    sides[0] = side_load(act, a);
    sides[1] = side_load(act, b);
    if (!sides[0].saisine || !sides[1].saisine)
        return true;
    pair = pair_view(act, a, b, row, sides);
    content = (Ctps__EntryContent *)act_unseal(act, row->decided->text, SEALED_DUPLICATE_TEXT,
                                               &ctps__entry_content__descriptor);
    if (content && sides[0].seen && sides[1].seen)
        pair->text = content->text;
    written->view->duplicates[written->view->n_duplicates++] = pair;
    return written->view->n_duplicates < DECIDED_MAX;
}

void view_duplicates_open(struct act *act, uint64_t saisine, Ctps__SaisineView *view)
{
    struct written written = {act, view};
    struct table_key prefix = table_key_of_u64(saisine);

    view->duplicates = act_alloc(act, DECIDED_MAX * sizeof(Ctps__DuplicateView *));
    if (view->duplicates)
        act->tables->walk(act->tables->ctx, TABLE_DUPLICATE, table_key_bytes(&prefix),
                          bytes_of(NULL, 0), false, written_row, &written);
}

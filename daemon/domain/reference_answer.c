/* Lists of reference data, keys and delegations. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/people.h"
#include "domain/record.h"
#include "domain/rows.h"

static struct rows table_read(struct act *act, enum table table, struct bytes prefix,
                              const ProtobufCMessageDescriptor *type)
{
    struct rows rows = rows_read(act->tables, act->arena, table, prefix, type);

    act->exhausted = act->exhausted || rows.failed;
    return rows;
}

/* The town, its lists and its territories are open to whoever may come in; people are not. */
void authorise_reference_list(struct act *act)
{
    bool directory = false;

    switch (act->request->reference_list->kind) {
    case CTPS__OBJECT_KIND__OBJECT_AGENT:
    case CTPS__OBJECT_KIND__OBJECT_PARTNER:
    case CTPS__OBJECT_KIND__OBJECT_CONTACT:
        directory = true;
        break;
    default:
        break;
    }
    act_judge_plain(act, directory ? ACTION_DIRECTORY_READ : ACTION_REFERENCE_READ);
}

static void list_values_fill(struct act *act, Ctps__ReferenceAnswer *answer)
{
    struct table_key prefix = {0};
    struct rows rows;

    if (is_given(act->request->reference_list->list))
        table_key_add_text(&prefix, act->request->reference_list->list);
    rows = table_read(act, TABLE_LIST_VALUE, table_key_bytes(&prefix),
                      &ctps__list_value__descriptor);
    answer->list_values = (Ctps__ListValue **)rows.list;
    answer->n_list_values = rows.count;
}

void answer_reference_list(struct act *act)
{
    Ctps__ReferenceAnswer *answer = act_alloc(act, sizeof(*answer));
    struct bytes all = bytes_of(NULL, 0);
    struct rows rows;

    ctps__reference_answer__init(answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_REFERENCE_ANSWER;
    act->reply->reference_answer = answer;
    switch (act->request->reference_list->kind) {
    case CTPS__OBJECT_KIND__OBJECT_NONE:
        answer->town = record_town(act->tables, act->arena);
        break;
    case CTPS__OBJECT_KIND__OBJECT_LIST_VALUE:
        list_values_fill(act, answer);
        break;
    case CTPS__OBJECT_KIND__OBJECT_TERRITORY:
        rows = table_read(act, TABLE_TERRITORY, all, &ctps__territory__descriptor);
        answer->territories = (Ctps__Territory **)rows.list;
        answer->n_territories = rows.count;
        territories_describe(act, answer->territories, answer->n_territories);
        break;
    case CTPS__OBJECT_KIND__OBJECT_AGENT:
        rows = table_read(act, TABLE_AGENT, all, &ctps__agent__descriptor);
        answer->agents = (Ctps__Agent **)rows.list;
        answer->n_agents = rows.count;
        break;
    case CTPS__OBJECT_KIND__OBJECT_PARTNER:
        rows = table_read(act, TABLE_PARTNER, all, &ctps__partner__descriptor);
        answer->partners = (Ctps__Partner **)rows.list;
        answer->n_partners = rows.count;
        break;
    case CTPS__OBJECT_KIND__OBJECT_CONTACT:
        rows = table_read(act, TABLE_CONTACT, all, &ctps__contact__descriptor);
        answer->contacts = (Ctps__Contact **)rows.list;
        answer->n_contacts = rows.count;
        break;
    default:
        act_refuse(act, REFUSAL_FIELD_RANGE, "kind");
    }
}

void authorise_key_list(struct act *act)
{
    act_judge_plain(act, ACTION_KEY_LIST);
}

void answer_key_list(struct act *act)
{
    struct rows rows = table_read(act, TABLE_KEY, bytes_of(NULL, 0), &ctps__key__descriptor);
    Ctps__KeyAnswer *answer = act_alloc(act, sizeof(*answer));

    ctps__key_answer__init(answer);
    answer->keys = (Ctps__Key **)rows.list;
    for (size_t i = 0; i < rows.count; i++)
        if (act->request->key_list->with_revoked || !answer->keys[i]->has_revoked_us)
            answer->keys[answer->n_keys++] = answer->keys[i];
    act->reply->answer_case = CTPS__REPLY__ANSWER_KEY_ANSWER;
    act->reply->key_answer = answer;
}

void authorise_delegation_list(struct act *act)
{
    act_judge_plain(act, ACTION_DELEGATION_LIST);
}

static bool is_delegation_wanted(const struct act *act, const Ctps__Delegation *row)
{
    const Ctps__DelegationList *in = act->request->delegation_list;

    return (in->with_past || (!row->ended && row->to_day >= act->today)) &&
           (!is_given(in->territory) || strcmp(in->territory, or_empty(row->territory)) == 0) &&
           (!in->agent || in->agent == row->to_agent);
}

void answer_delegation_list(struct act *act)
{
    struct rows rows =
        table_read(act, TABLE_DELEGATION, bytes_of(NULL, 0), &ctps__delegation__descriptor);
    Ctps__DelegationAnswer *answer = act_alloc(act, sizeof(*answer));

    ctps__delegation_answer__init(answer);
    answer->delegations = (Ctps__Delegation **)rows.list;
    for (size_t i = 0; i < rows.count; i++) {
        Ctps__Delegation *row = answer->delegations[i];

        if (is_delegation_wanted(act, row))
            answer->delegations[answer->n_delegations++] = row;
    }
    act->reply->answer_case = CTPS__REPLY__ANSWER_DELEGATION_ANSWER;
    act->reply->delegation_answer = answer;
}

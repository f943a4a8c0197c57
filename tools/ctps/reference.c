#include "reference.h"

#include "base/nearest.h"
#include "base/zone.h"
#include "cli.h"
#include "request.h"
#include "text/fold.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const Ctps__ObjectKind object_kinds[REFERENCE_KINDS] = {
    CTPS__OBJECT_KIND__OBJECT_LIST_VALUE, CTPS__OBJECT_KIND__OBJECT_TERRITORY,
    CTPS__OBJECT_KIND__OBJECT_AGENT,      CTPS__OBJECT_KIND__OBJECT_PARTNER,
    CTPS__OBJECT_KIND__OBJECT_CONTACT,
};

enum { SCRATCH_MAX = 256 << 10 /* bytes folding one text may take */ };

/* First and last name in any order. */
static const char *name_key(struct arena *arena, const char *first, const char *second)
{
    const char *text = arena_printf(arena, "%s %s", first ? first : "", second ? second : "");

    return text ? text_fold_words(arena, text) : NULL;
}

static const char *text_key(struct arena *arena, const char *text)
{
    return text && *text ? text_fold_name(arena, text) : NULL;
}

static void item_set_keys(struct arena *arena, enum reference_kind kind,
                          struct reference_item *item)
{
    const Ctps__ListValue *value = (const Ctps__ListValue *)item->message;
    const Ctps__Territory *territory = (const Ctps__Territory *)item->message;
    const Ctps__Agent *agent = (const Ctps__Agent *)item->message;
    const Ctps__Partner *partner = (const Ctps__Partner *)item->message;
    const Ctps__Contact *contact = (const Ctps__Contact *)item->message;

    switch (kind) {
    case REFERENCE_LIST_VALUES:
        item->scope = value->list;
        item->keys[0] = text_key(arena, value->code);
        item->keys[1] = text_key(arena, value->label_fr);
        item->keys[2] = text_key(arena, value->label_en);
        break;
    case REFERENCE_TERRITORIES:
        item->keys[0] = text_key(arena, territory->code);
        item->keys[1] = text_key(arena, territory->name);
        break;
    case REFERENCE_AGENTS:
        item->keys[0] = name_key(arena, agent->first_name, agent->last_name);
        item->keys[1] = text_key(arena, agent->email);
        break;
    case REFERENCE_PARTNERS:
        item->keys[0] = text_key(arena, partner->name);
        break;
    case REFERENCE_CONTACTS:
        item->keys[0] = name_key(arena, contact->first_name, contact->last_name);
        item->keys[1] = text_key(arena, contact->email);
        break;
    default:
        break;
    }
}

bool reference_add(struct cli *cli, enum reference_kind kind, const ProtobufCMessage *message,
                   bool pending)
{
    struct reference_set *set = &cli->reference.sets[kind];
    struct reference_item *grown;
    size_t cap = set->cap ? set->cap * 2 : 64;

    if (set->count == set->cap) {
        grown = arena_alloc(&cli->arena, cap * sizeof *grown);
        if (!grown)
            return false;
        if (set->count)
            memcpy(grown, set->items, set->count * sizeof *grown);
        set->items = grown;
        set->cap = cap;
    }
    set->items[set->count] = (struct reference_item){.message = message, .pending = pending};
    item_set_keys(&cli->arena, kind, &set->items[set->count++]);
    return true;
}

static void **answer_items(Ctps__ReferenceAnswer *answer, enum reference_kind kind,
                           size_t *ret_count)
{
    switch (kind) {
    case REFERENCE_LIST_VALUES:
        *ret_count = answer->n_list_values;
        return (void **)answer->list_values;
    case REFERENCE_TERRITORIES:
        *ret_count = answer->n_territories;
        return (void **)answer->territories;
    case REFERENCE_AGENTS:
        *ret_count = answer->n_agents;
        return (void **)answer->agents;
    case REFERENCE_PARTNERS:
        *ret_count = answer->n_partners;
        return (void **)answer->partners;
    default:
        *ret_count = answer->n_contacts;
        return (void **)answer->contacts;
    }
}

static void take_answer(struct cli *cli, enum reference_kind kind,
                        Ctps__ReferenceAnswer *answer)
{
    size_t count;
    void **items = answer_items(answer, kind, &count);

    for (size_t i = 0; i < count; i++)
        reference_add(cli, kind, items[i], false);
}

static int ask(struct cli *cli, enum reference_kind kind, Ctps__Reply **ret_reply)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__ReferenceList list = CTPS__REFERENCE_LIST__INIT;

    list.has_kind = 1;
    list.kind = object_kinds[kind];
    request.command_case = CTPS__REQUEST__COMMAND_REFERENCE_LIST;
    request.reference_list = &list;
    return request_try(cli, &request, ret_reply);
}

int reference_load_quietly(struct cli *cli, enum reference_kind kind)
{
    struct reference_set *set = &cli->reference.sets[kind];
    Ctps__Reply *reply;
    int status = set->loaded ? 0 : ask(cli, kind, &reply);

    if (status || set->loaded)
        return status;
    set->loaded = true;
    if (reply->answer_case == CTPS__REPLY__ANSWER_REFERENCE_ANSWER)
        take_answer(cli, kind, reply->reference_answer);
    return 0;
}

int reference_load(struct cli *cli, enum reference_kind kind)
{
    struct reference_set *set = &cli->reference.sets[kind];
    Ctps__Reply *reply;
    int status;

    if (set->loaded)
        return 0;
    status = ask(cli, kind, &reply);
    if (status)
        return status;
    if (reply->status == CTPS__REPLY_STATUS__REPLY_REFUSED)
        return request_refused(cli, reply->refusal);
    set->loaded = true;
    if (reply->answer_case == CTPS__REPLY__ANSWER_REFERENCE_ANSWER)
        take_answer(cli, kind, reply->reference_answer);
    return 0;
}

int reference_take_zone(struct cli *cli)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__ReferenceList list = CTPS__REFERENCE_LIST__INIT;
    const Ctps__Town *town = NULL;
    Ctps__Reply *reply;
    int status;

    if (cli->reference.zone_taken)
        return 0;
    request.command_case = CTPS__REQUEST__COMMAND_REFERENCE_LIST;
    request.reference_list = &list;
    status = request_try(cli, &request, &reply);
    if (status)
        return status;
    cli->reference.zone_taken = true;
    if (reply->answer_case == CTPS__REPLY__ANSWER_REFERENCE_ANSWER)
        town = reply->reference_answer->town;
    if (town && town->zone && zone_is_known(town->zone)) {
        setenv("TZ", town->zone, 1);
        tzset();
    }
    return 0;
}

/* A text in the two forms things are known by. */
struct wanted {
    const char *scope;
    const char *name;
    const char *words;
};

static bool item_answers(const struct reference_item *item, const struct wanted *wanted)
{
    const char *key;

    if (wanted->scope && (!item->scope || strcmp(item->scope, wanted->scope) != 0))
        return false;
    for (size_t i = 0; i < REFERENCE_KEYS; i++) {
        key = item->keys[i];
        if (key && *key && (strcmp(key, wanted->name) == 0 || strcmp(key, wanted->words) == 0))
            return true;
    }
    return false;
}

static struct reference_item *find_wanted(const struct reference_set *set,
                                          const struct wanted *wanted, bool *ret_ambiguous)
{
    struct reference_item *found = NULL;

    *ret_ambiguous = false;
    for (size_t i = 0; i < set->count; i++) {
        if (!item_answers(&set->items[i], wanted))
            continue;
        if (found)
            *ret_ambiguous = true;
        else
            found = &set->items[i];
    }
    return found;
}

struct reference_item *reference_find_item(struct cli *cli, enum reference_kind kind,
                                           const char *scope, const char *text,
                                           bool *ret_ambiguous)
{
    struct reference_item *found = NULL;
    struct wanted wanted = {.scope = scope};
    struct arena scratch;
    bool ambiguous = false;

    arena_init(&scratch, SCRATCH_MAX);
    wanted.name = text_fold_name(&scratch, text);
    wanted.words = text_fold_words(&scratch, text);
    if (wanted.name && wanted.words && *wanted.name)
        found = find_wanted(&cli->reference.sets[kind], &wanted, &ambiguous);
    arena_done(&scratch);
    if (ret_ambiguous)
        *ret_ambiguous = ambiguous;
    return found;
}

const ProtobufCMessage *reference_find(struct cli *cli, enum reference_kind kind,
                                       const char *scope, const char *text, bool *ret_ambiguous)
{
    const struct reference_item *item =
        reference_find_item(cli, kind, scope, text, ret_ambiguous);

    return item ? item->message : NULL;
}

uint64_t reference_id(const ProtobufCMessage *message)
{
    if (message->descriptor == &ctps__agent__descriptor)
        return ((const Ctps__Agent *)message)->id;
    if (message->descriptor == &ctps__partner__descriptor)
        return ((const Ctps__Partner *)message)->id;
    if (message->descriptor == &ctps__contact__descriptor)
        return ((const Ctps__Contact *)message)->id;
    return 0;
}

const ProtobufCMessage *reference_by_id(const struct cli *cli, enum reference_kind kind,
                                        uint64_t id)
{
    const struct reference_set *set = &cli->reference.sets[kind];

    for (size_t i = 0; i < set->count; i++)
        if (reference_id(set->items[i].message) == id)
            return set->items[i].message;
    return NULL;
}

const char *reference_label(const struct cli *cli, const char *list, const char *code)
{
    const struct reference_set *set = &cli->reference.sets[REFERENCE_LIST_VALUES];
    const Ctps__ListValue *value;
    const char *label;

    for (size_t i = 0; i < set->count; i++) {
        value = (const Ctps__ListValue *)set->items[i].message;
        if (!value->list || !value->code || strcmp(value->list, list) != 0 ||
            strcmp(value->code, code) != 0)
            continue;
        label = cli->french ? value->label_fr : value->label_en;
        if (!label || !*label)
            label = value->label_fr; /* a town need not translate its own values */
        return label && *label ? label : code;
    }
    return code;
}

static const char *display_name(struct arena *arena, enum reference_kind kind,
                                const ProtobufCMessage *message)
{
    const Ctps__Agent *agent = (const Ctps__Agent *)message;
    const Ctps__Contact *contact = (const Ctps__Contact *)message;

    switch (kind) {
    case REFERENCE_LIST_VALUES:
        return ((const Ctps__ListValue *)message)->code;
    case REFERENCE_TERRITORIES:
        return ((const Ctps__Territory *)message)->code;
    case REFERENCE_PARTNERS:
        return ((const Ctps__Partner *)message)->name;
    case REFERENCE_AGENTS:
        return arena_printf(arena, "%s %s", agent->first_name ? agent->first_name : "",
                            agent->last_name ? agent->last_name : "");
    default:
        return arena_printf(arena, "%s %s", contact->first_name ? contact->first_name : "",
                            contact->last_name ? contact->last_name : "");
    }
}

static const char *nearest_key(const struct reference_set *set, const char *scope,
                               struct nearest *nearest)
{
    const struct reference_item *item;

    for (size_t i = 0; i < set->count; i++) {
        item = &set->items[i];
        if (scope && (!item->scope || strcmp(scope, item->scope) != 0))
            continue;
        for (size_t k = 0; k < REFERENCE_KEYS; k++)
            if (item->keys[k])
                nearest_offer(nearest, item->keys[k], strlen(item->keys[k]));
    }
    return nearest_best(nearest);
}

const char *reference_nearest(struct cli *cli, enum reference_kind kind, const char *scope,
                              const char *text)
{
    const struct reference_set *set = &cli->reference.sets[kind];
    const char *key = text_fold_name(&cli->arena, text);
    struct wanted wanted = {.scope = scope};
    struct nearest nearest;

    if (!key || !*key)
        return NULL;
    nearest_init(&nearest, key);
    wanted.name = nearest_key(set, scope, &nearest);
    wanted.words = wanted.name;
    for (size_t i = 0; wanted.name && i < set->count; i++)
        if (item_answers(&set->items[i], &wanted))
            return display_name(&cli->arena, kind, set->items[i].message);
    return NULL;
}

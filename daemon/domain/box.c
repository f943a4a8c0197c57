#include "domain/box.h"

#include "domain/act.h"

enum { KEYS_AT_ONCE = 8, PART_LEN = 64 };

/* --- ways to find rows --- */

void box_find_situation(const struct box_search *search, enum table table, box_key *each,
                        void *arg)
{
    struct table_key key = table_key_of_u64(search->situation->opened->id);

    (void)table;
    each(arg, &key);
}

void box_find_saisines(const struct box_search *search, enum table table, box_key *each,
                       void *arg)
{
    (void)table;
    for (size_t i = 0; i < search->situation->n_saisines; i++) {
        struct table_key key = table_key_of_u64(search->situation->saisines[i]);

        each(arg, &key);
    }
}

struct keys {
    size_t count;
    struct table_key list[KEYS_AT_ONCE];
};

static bool key_collect(void *arg, struct bytes key, struct bytes value)
{
    struct keys *keys = arg;
    struct table_key *at = &keys->list[keys->count++];

    (void)value;
    table_key_init(at);
    table_key_add_bytes(at, key);
    return keys->count < KEYS_AT_ONCE;
}

/* Some at a time: a table must not be written while it is walked. */
static void under(const struct box_search *search, enum table table, uint64_t id, box_key *each,
                  void *arg)
{
    struct table_key prefix = table_key_of_u64(id);
    struct keys *keys = arena_alloc(search->arena, sizeof(*keys));
    struct table_key after = {0};

    do {
        if (!keys)
            return;
        keys->count = 0;
        search->tables->walk(search->tables->ctx, table, table_key_bytes(&prefix),
                             table_key_bytes(&after), false, key_collect, keys);
        for (size_t i = 0; i < keys->count; i++)
            each(arg, &keys->list[i]);
        if (keys->count)
            after = keys->list[keys->count - 1];
    } while (keys->count == KEYS_AT_ONCE);
}

void box_find_under(const struct box_search *search, enum table table, box_key *each, void *arg)
{
    under(search, table, search->situation->opened->id, each, arg);
}

struct indexed {
    box_key *each;
    void *arg;
};

static void second_give(void *arg, const struct table_key *key)
{
    const struct indexed *indexed = arg;
    struct table_key id;

    if (key->len != 16)
        return;
    id = table_key_of_u64(be64_get(key->data + 8));
    indexed->each(indexed->arg, &id);
}

void box_find_indexed(const struct box_search *search, enum table index, box_key *each,
                      void *arg)
{
    struct indexed indexed = {each, arg};

    box_find_under(search, index, second_give, &indexed);
}

static void pair_give(void *arg, const struct table_key *key)
{
    const struct indexed *indexed = arg;
    struct table_key reverse;

    indexed->each(indexed->arg, key);
    if (key->len != 16)
        return;
    reverse = table_key_of_two(be64_get(key->data + 8), be64_get(key->data));
    indexed->each(indexed->arg, &reverse);
}

void box_find_pairs(const struct box_search *search, enum table table, uint64_t id,
                    box_key *each, void *arg)
{
    struct indexed indexed = {each, arg};

    under(search, table, id, pair_give, &indexed);
}

/* --- paths --- */

/* The field named by the part of the path at `*path`, which moves behind it. */
static const ProtobufCFieldDescriptor *part_next(const ProtobufCMessageDescriptor *type,
                                                 const char **path)
{
    char part[PART_LEN];
    size_t len = strcspn(*path, ".");

    if (len >= sizeof(part))
        return NULL;
    memcpy(part, *path, len);
    part[len] = '\0';
    *path += len + ((*path)[len] == '.');
    return protobuf_c_message_descriptor_get_field_by_name(type, part);
}

/* Where a message field keeps its message, or its message `index`; NULL past the last. */
static ProtobufCMessage **member_at(ProtobufCMessage *message,
                                    const ProtobufCFieldDescriptor *field, uint32_t index)
{
    uint8_t *at = (uint8_t *)message + field->offset;
    const size_t *count =
        (const size_t *)(const void *)((uint8_t *)message + field->quantifier_offset);

    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return (ProtobufCMessage **)(void *)at;
    if (index >= *count)
        return NULL;
    return &(*(ProtobufCMessage ***)(void *)at)[index];
}

/* Where the box stands, and the message around it; NULL when that message is not there. */
static ProtobufCMessage **box_at(const struct box_row *row, ProtobufCMessage *message,
                                 uint32_t index, ProtobufCMessage **ret_parent,
                                 bool *ret_repeated)
{
    const char *path = row->path;

    *ret_repeated = false;
    for (;;) {
        const ProtobufCFieldDescriptor *field = part_next(message->descriptor, &path);
        ProtobufCMessage **at = field ? member_at(message, field, index) : NULL;

        *ret_repeated |= field && field->label == PROTOBUF_C_LABEL_REPEATED;
        *ret_parent = message;
        if (!at || !*path)
            return at;
        if (!*at)
            return NULL;
        message = *at;
    }
}

/* --- walking --- */

struct walk {
    const struct box_search *search;
    const struct box_row *row;
    void (*each)(void *arg, const struct box_place *place);
    void *arg;
};

/* A row may hold boxes of another situation: only those under this one's slot are its own. */
static bool is_own(const struct walk *walk, const Ctps__Sealed *sealed)
{
    return walk->row->owner != BOX_OF_SITUATION ||
           sealed->slot == walk->search->situation->opened->slot;
}

static void row_walk(void *arg, const struct table_key *key)
{
    struct walk *walk = arg;
    struct box_place place = {.row = walk->row, .key = *key};
    ProtobufCMessage *message = record_get(walk->search->tables, walk->row->table, *key,
                                           walk->search->arena, walk->row->type);
    ProtobufCMessage *parent;
    ProtobufCMessage **at;
    bool repeated = true;

    for (uint32_t i = 0; message && repeated; i++) {
        at = box_at(walk->row, message, i, &parent, &repeated);
        if (!at)
            return;
        place.index = i;
        place.parent = parent;
        place.sealed = (const Ctps__Sealed *)*at;
        if (place.sealed && is_own(walk, place.sealed))
            walk->each(walk->arg, &place);
    }
}

void box_each(const struct box_search *search,
              void (*each)(void *arg, const struct box_place *place), void *arg)
{
    struct walk walk = {.search = search, .each = each, .arg = arg};

    for (size_t i = 0; (walk.row = box_row_at(i)); i++)
        if (walk.row->find)
            walk.row->find(search, walk.row->table, row_walk, &walk);
}

int64_t box_number(const struct box_place *place, const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(place->parent->descriptor, name);
    const void *at = field ? (const uint8_t *)place->parent + field->offset : NULL;

    if (!at || field->label == PROTOBUF_C_LABEL_REPEATED)
        return 0;
    if (field->type == PROTOBUF_C_TYPE_UINT64)
        return (int64_t) * (const uint64_t *)at;
    return field->type == PROTOBUF_C_TYPE_SINT32 ? *(const int32_t *)at : 0;
}

const char *box_word(const struct box_place *place, const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(place->parent->descriptor, name);
    const uint8_t *at = field ? (const uint8_t *)place->parent + field->offset : NULL;

    if (!at || field->type != PROTOBUF_C_TYPE_STRING ||
        field->label == PROTOBUF_C_LABEL_REPEATED)
        return "";
    return or_empty(*(const char *const *)(const void *)at);
}

void box_put(const struct tables *tables, struct arena *arena, enum sealed_field number,
             const struct table_key *key, uint32_t index, const Ctps__Sealed *sealed)
{
    const struct box_row *row = box_row_find(number);
    ProtobufCMessage *message =
        row ? record_get(tables, row->table, *key, arena, row->type) : NULL;
    ProtobufCMessage *parent;
    ProtobufCMessage **at;
    bool repeated;

    if (!message)
        return;
    at = box_at(row, message, index, &parent, &repeated);
    if (!at || (!repeated && index))
        return;
    *at = (ProtobufCMessage *)(uintptr_t)sealed; /* protobuf-c has no const */
    record_put(tables, row->table, *key, arena, message);
}

#include "domain/duplicate_link.h"

#include "domain/check.h"
#include "domain/link.h"
#include "domain/record.h"

enum { FOLLOWED_MAX = 32 /* links one decision makes; a town has seen three */ };

void duplicate_link_emit(struct act *act, uint64_t situation, uint64_t other)
{
    if (situation && other && situation != other && !link_get(act, situation, other))
        link_emit(act, situation, other, act_text(act, DUPLICATE_LINK_KIND));
}

struct follow {
    struct act *act;
    uint64_t situation;
    size_t count;
    uint64_t seen[FOLLOWED_MAX];
};

static bool is_new(struct follow *follow, uint64_t situation)
{
    for (size_t i = 0; i < follow->count; i++)
        if (follow->seen[i] == situation)
            return false;
    follow->seen[follow->count++] = situation;
    return true;
}

static bool pair_follow(void *arg, struct bytes key, struct bytes value)
{
    struct follow *follow = arg;
    struct act *act = follow->act;
    Ctps__DuplicateRecord *row = (Ctps__DuplicateRecord *)record_unpack(
        act->arena, &ctps__duplicate_record__descriptor, value);
    Ctps__SaisineRecord *other;

    if (!row || !row->decided || key.len != 16 ||
        strcmp(or_empty(row->decided->outcome), DUPLICATE_LINK) != 0)
        return !act->exhausted;
    other = record_saisine(act->tables, act->arena, be64_get(key.data + 8));
    if (other && other->situation && is_new(follow, other->situation))
        duplicate_link_emit(act, follow->situation, other->situation);
    return follow->count < FOLLOWED_MAX;
}

void duplicate_links_follow(struct act *act, uint64_t saisine, uint64_t situation)
{
    struct follow follow = {.act = act, .situation = situation};
    struct table_key prefix = table_key_of_u64(saisine);

    act->tables->walk(act->tables->ctx, TABLE_DUPLICATE, table_key_bytes(&prefix),
                      bytes_of(NULL, 0), false, pair_follow, &follow);
}

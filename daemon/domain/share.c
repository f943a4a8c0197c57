#include "domain/share.h"

#include "domain/break_glass.h"
#include "domain/check.h"
#include "domain/principal_load.h"
#include "domain/record.h"
#include "domain/view_fill.h"

Ctps__ShareRecord *share_record(const struct tables *tables, struct arena *arena, uint64_t id)
{
    Ctps__ShareRecord *row = (Ctps__ShareRecord *)record_get(
        tables, TABLE_SHARE, table_key_of_u64(id), arena, &ctps__share_record__descriptor);

    return row && row->shared ? row : NULL;
}

struct table_key share_key_by(Ctps__ObjectKind kind, uint64_t object, uint64_t share)
{
    struct table_key key = {0};

    table_key_add_u32(&key, (uint32_t)kind);
    table_key_add_u64(&key, object);
    if (share)
        table_key_add_u64(&key, share);
    return key;
}

static bool is_among(const uint64_t *ids, size_t count, uint64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

bool share_is_recipient(const Ctps__InformationShared *shared, const struct principal *who)
{
    if (who->kind == PRINCIPAL_KIND_CONTACT)
        return is_among(shared->contacts, shared->n_contacts, who->id);
    return who->kind == PRINCIPAL_KIND_AGENT &&
           is_among(shared->agents, shared->n_agents, who->id);
}

bool share_is_live(const Ctps__ShareRecord *share, int32_t today)
{
    return !share->has_revoked_day && today <= share->shared->expiry_day;
}

/* --- what somebody was ever given --- */

struct given {
    struct act *act;
    const struct principal *who;
    bool any;
    bool standing;  /* one of them was not revoked */
    int32_t to_day; /* the last of those */
    struct share_found *found;
};

static bool given_take(void *arg, struct bytes key, struct bytes value)
{
    struct given *given = arg;
    Ctps__ShareRecord *share;

    (void)value;
    share =
        share_record(given->act->tables, given->act->arena, be64_get(key.data + key.len - 8));
    if (!share || !share_is_recipient(share->shared, given->who))
        return true;
    given->any = true;
    if (share->has_revoked_day)
        return true;
    if (!given->standing || share->shared->expiry_day > given->to_day)
        given->to_day = share->shared->expiry_day;
    given->standing = true;
    if (given->found && share_is_live(share, given->act->today) &&
        given->found->count < SHARE_FOUND_MAX)
        given->found->list[given->found->count++] = share;
    return true;
}

static struct given given_read(struct act *act, uint64_t situation, const struct principal *who,
                               struct share_found *found)
{
    struct given given = {.act = act, .who = who, .found = found};
    struct table_key prefix = table_key_of_u64(situation);

    act->tables->walk(act->tables->ctx, TABLE_SHARE_SITUATION, table_key_bytes(&prefix),
                      bytes_of(NULL, 0), true, given_take, &given);
    return given;
}

static bool is_entitled(const struct act *act, const struct principal *who)
{
    if (who->kind == PRINCIPAL_KIND_CONTACT)
        return who->contact_active && who->charter_current;
    return who->kind == PRINCIPAL_KIND_AGENT && principal_is_habilitated(who, act->today);
}

bool share_find(struct act *act, uint64_t situation, const struct principal *who,
                struct share_found *ret_found)
{
    ret_found->count = 0;
    if (is_entitled(act, who))
        given_read(act, situation, who, ret_found);
    return ret_found->count > 0;
}

struct resource share_resource(struct act *act, const Ctps__SituationRecord *situation,
                               const struct principal *who)
{
    struct resource resource = resource_of_situation(act, situation);
    struct given given = given_read(act, situation->opened->id, who, NULL);

    resource.share = given.standing ? RESOURCE_SHARED
                     : given.any    ? RESOURCE_SHARE_REVOKED
                                    : RESOURCE_NOT_SHARED;
    resource.shared_to_day = given.to_day;
    resource.glass_used = break_glass_last(act, situation->opened->id, who, &resource.glass_us);
    return resource;
}

/* --- what they give --- */

static bool is_of_base(const Ctps__ShareRecord *share, const char *legal_base)
{
    return !legal_base || strcmp(or_empty(share->shared->legal_base), legal_base) == 0;
}

bool share_gives_identity(const struct share_found *found, const char *legal_base)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->list[i]->shared->identity && is_of_base(found->list[i], legal_base))
            return true;
    return false;
}

bool share_gives_summary(const struct share_found *found, const char *legal_base)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->list[i]->shared->summary && is_of_base(found->list[i], legal_base))
            return true;
    return false;
}

bool share_gives_entry(const struct share_found *found, const char *legal_base, uint64_t entry)
{
    for (size_t i = 0; i < found->count; i++) {
        const Ctps__InformationShared *shared = found->list[i]->shared;

        if (is_of_base(found->list[i], legal_base) &&
            is_among(shared->entries, shared->n_entries, entry))
            return true;
    }
    return false;
}

/* --- the answer --- */

struct of_base {
    const struct share_found *found;
    const char *legal_base;
};

static bool is_entry_given(void *arg, uint64_t entry)
{
    const struct of_base *of = arg;

    return share_gives_entry(of->found, of->legal_base, entry);
}

static void shares_note(struct act *act, const struct of_base *of, Ctps__SituationView *view)
{
    view->shares = act_alloc(act, of->found->count * sizeof(uint64_t));
    if (!view->shares)
        return;
    for (size_t i = 0; i < of->found->count; i++) {
        const Ctps__InformationShared *shared = of->found->list[i]->shared;

        if (!is_of_base(of->found->list[i], of->legal_base))
            continue;
        view->shares[view->n_shares++] = shared->id;
        act_object_read(act, shared->id);
        if (!view->has_shared_to_day || shared->expiry_day > view->shared_to_day)
            SET(view, shared_to_day, shared->expiry_day);
    }
}

static Ctps__SituationView *base_open(struct act *act, const Ctps__SituationRecord *situation,
                                      struct of_base *of)
{
    Ctps__SituationView *view = view_existence(act, situation);
    const struct view_parts parts = {
        .identity = share_gives_identity(of->found, of->legal_base),
        .summary = share_gives_summary(of->found, of->legal_base),
        .entry = is_entry_given,
        .arg = of,
    };

    view->has_existence_only = 0;
    SET(view, id, situation->opened->id);
    view->reference = situation->opened->reference;
    view->legal_base = act_text(act, of->legal_base);
    act->basis = act->basis ? arena_printf(act->arena, "%s %s", act->basis, of->legal_base)
                            : view->legal_base;
    shares_note(act, of, view);
    view_situation_parts(act, situation, &parts, view);
    return view;
}

static bool is_first_of_base(const struct share_found *found, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (is_of_base(found->list[i], or_empty(found->list[index]->shared->legal_base)))
            return false;
    return true;
}

void share_open(struct act *act, const Ctps__SituationRecord *situation,
                Ctps__SituationAnswer *answer)
{
    struct share_found *found = arena_alloc(act->arena, sizeof(*found));

    if (!found) {
        act->exhausted = true;
        return;
    }
    if (!share_find(act, situation->opened->id, act->who, found))
        return;
    answer->situations = act_alloc(act, found->count * sizeof(Ctps__SituationView *));
    if (!answer->situations)
        return;
    for (size_t i = 0; i < found->count; i++) {
        struct of_base of = {found, or_empty(found->list[i]->shared->legal_base)};

        if (is_first_of_base(found, i))
            answer->situations[answer->n_situations++] = base_open(act, situation, &of);
    }
}

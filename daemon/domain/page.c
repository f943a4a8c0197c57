#include "domain/page.h"

#include "domain/check.h"
#include "domain/record.h"

uint32_t page_limit(bool given, uint32_t limit)
{
    if (!given || limit == 0)
        return PAGE_DEFAULT;
    return limit < PAGE_MAX ? limit : PAGE_MAX;
}

struct page {
    const struct act *act;
    size_t left; /* rows it may still look at */
    bool (*each)(void *arg, uint64_t id);
    void *arg;
};

static bool page_row(void *arg, struct bytes key, struct bytes value)
{
    struct page *page = arg;

    (void)value;
    if (key.len < 8)
        return true;
    if (page->left-- == 0 || page->act->exhausted)
        return false;
    return page->each(page->arg, be64_get(key.data + key.len - 8));
}

void page_walk(struct act *act, const char *territory, Ctps__ObjectKind kind, uint64_t before,
               bool (*each)(void *arg, uint64_t id), void *arg)
{
    struct page page = {act, SIZE_MAX, each, arg};
    struct table_key prefix = {0};
    struct table_key after = {0};

    table_key_add_text(&prefix, territory);
    table_key_add_u32(&prefix, (uint32_t)kind);
    if (before) {
        after = prefix;
        table_key_add_u64(&after, before);
    }
    act->tables->walk(act->tables->ctx, TABLE_BY_TERRITORY, table_key_bytes(&prefix),
                      table_key_bytes(&after), true, page_row, &page);
}

static bool head_take(void *arg, uint64_t id)
{
    *(uint64_t *)arg = id;
    return false;
}

/* The newest id before `before`, 0 when there is none. */
static uint64_t head_of(struct act *act, const char *territory, Ctps__ObjectKind kind,
                        uint64_t before)
{
    uint64_t id = 0;

    page_walk(act, territory, kind, before, head_take, &id);
    return id;
}

void page_walk_all(struct act *act, const char *const *territories, size_t count,
                   Ctps__ObjectKind kind, uint64_t before, bool (*each)(void *arg, uint64_t id),
                   void *arg)
{
    uint64_t heads[PRINCIPAL_TERRITORIES_MAX];

    for (size_t i = 0; i < count; i++)
        heads[i] = head_of(act, territories[i], kind, before);
    for (;;) {
        size_t newest = 0;

        for (size_t i = 1; i < count; i++)
            if (heads[i] > heads[newest])
                newest = i;
        if (count == 0 || heads[newest] == 0 || act->exhausted || !each(arg, heads[newest]))
            return;
        heads[newest] = head_of(act, territories[newest], kind, heads[newest]);
    }
}

bool page_walk_open(struct act *act, const char *territory, Ctps__ObjectKind kind, size_t max,
                    bool (*each)(void *arg, uint64_t id), void *arg)
{
    struct page page = {act, max, each, arg};
    struct table_key prefix = {0};

    table_key_add_text(&prefix, territory);
    table_key_add_u32(&prefix, (uint32_t)kind);
    act->tables->walk(act->tables->ctx, TABLE_OPEN, table_key_bytes(&prefix), bytes_of(NULL, 0),
                      true, page_row, &page);
    return page.left != SIZE_MAX;
}

struct codes {
    struct act *act;
    const char **list;
    size_t count;
    size_t max;
};

static bool code_collect(void *arg, struct bytes key, struct bytes value)
{
    struct codes *codes = arg;
    char *code = arena_alloc(codes->act->arena, key.len + 1);

    (void)value;
    if (!code) {
        codes->act->exhausted = true;
        return false;
    }
    memcpy(code, key.data, key.len);
    codes->list[codes->count++] = code;
    return codes->count < codes->max;
}

size_t page_territories(struct act *act, const char **codes, size_t max)
{
    struct codes collected = {act, codes, 0, max};

    act->tables->walk(act->tables->ctx, TABLE_TERRITORY, bytes_of(NULL, 0), bytes_of(NULL, 0),
                      false, code_collect, &collected);
    return collected.count;
}

void page_judge(struct act *act, enum action action)
{
    const char *codes[PRINCIPAL_TERRITORIES_MAX];
    size_t count = page_territories(act, codes, PRINCIPAL_TERRITORIES_MAX);
    struct resource resource = resource_of_territory(act, NULL);
    struct judgement judgement = {0};

    if (act_may(act, action, &resource, &judgement)) {
        act->judged = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct resource one = resource_of_territory(act, codes[i]);

        if (act_may(act, action, &one, &judgement)) {
            act->judged = true;
            return;
        }
    }
    act_refuse(act, judgement.reason, action_name(action));
}

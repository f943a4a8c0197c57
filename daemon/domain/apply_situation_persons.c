/* Who is concerned by a situation, who works on it, what it is linked to. */
#include "domain/apply_private.h"
#include "domain/engagement.h"
#include "domain/merge.h"

static Ctps__SituationRecord *situation_of(const struct apply *apply, uint64_t id)
{
    return record_situation(apply->tables, apply->arena, id);
}

static void facts_take(Ctps__SituationRecord *row, char *age_band, char *sex)
{
    if (is_given(age_band))
        row->opened->age_band = age_band;
    if (is_given(sex))
        row->opened->sex = sex;
}

static void persons_grow(const struct apply *apply, Ctps__SituationRecord *row,
                         Ctps__StoredPerson *const *more, size_t count)
{
    Ctps__StoredPerson **grown =
        arena_alloc(apply->arena, (row->n_persons + count) * sizeof(*grown));

    if (!grown)
        return;
    if (row->n_persons)
        memcpy(grown, row->persons, row->n_persons * sizeof(*grown));
    memcpy(grown + row->n_persons, more, count * sizeof(*grown));
    row->n_persons += count;
    row->persons = grown;
}

void apply_situation_person_added(const struct apply *apply,
                                  const Ctps__SituationPersonAdded *event)
{
    Ctps__SituationRecord *row = situation_of(apply, event->situation);

    if (!event->person)
        return;
    apply_sealed_taken(apply, event->person->identity);
    if (!row)
        return;
    persons_grow(apply, row, &event->person, 1);
    facts_take(row, event->age_band, event->sex);
    apply_situation_put(apply, row);
}

static void person_replace(Ctps__StoredPerson **persons, size_t count,
                           Ctps__StoredPerson *person)
{
    for (size_t i = 0; i < count; i++)
        if (persons[i]->id == person->id)
            persons[i] = person;
}

void apply_situation_person_corrected(const struct apply *apply,
                                      const Ctps__SituationPersonCorrected *event)
{
    Ctps__SituationRecord *row = situation_of(apply, event->situation);
    Ctps__SaisineRecord *saisine =
        event->saisine ? record_saisine(apply->tables, apply->arena, event->saisine) : NULL;

    if (!event->person)
        return;
    apply_sealed_taken(apply, event->person->identity);
    if (saisine) {
        person_replace(saisine->received->persons, saisine->received->n_persons, event->person);
        apply_saisine_put(apply, saisine);
    }
    if (!row)
        return;
    person_replace(row->persons, row->n_persons, event->person);
    facts_take(row, event->age_band, event->sex);
    apply_situation_put(apply, row);
    apply_shares_tell(apply, event->situation, SHARE_TELL_RECTIFIED);
}

/* A situation somebody works on is no longer as its import left it. */
static void situation_touch(const struct apply *apply, uint64_t id)
{
    Ctps__SituationRecord *row = situation_of(apply, id);

    if (row)
        apply_situation_put(apply, row);
}

void apply_situation_engaged(const struct apply *apply, const Ctps__SituationEngaged *event)
{
    Ctps__EngagementRecord row = CTPS__ENGAGEMENT_RECORD__INIT;
    Ctps__SituationEngaged engaged = *event;

    row.engaged = &engaged;
    record_put(apply->tables, TABLE_ENGAGEMENT,
               engagement_key(event->situation, event->kind, event->id), apply->arena,
               &row.base);
    situation_touch(apply, event->situation);
}

void apply_situation_disengaged(const struct apply *apply,
                                const Ctps__SituationDisengaged *event)
{
    Ctps__EngagementRecord *row =
        engagement_get(apply->tables, apply->arena, event->situation, event->kind, event->id);

    if (!row)
        return;
    SET(row, until_day, event->until_day);
    record_put(apply->tables, TABLE_ENGAGEMENT,
               engagement_key(event->situation, event->kind, event->id), apply->arena,
               &row->base);
    situation_touch(apply, event->situation);
}

void apply_situation_linked(const struct apply *apply, const Ctps__SituationLinked *event)
{
    Ctps__LinkRecord row = CTPS__LINK_RECORD__INIT;
    Ctps__SituationLinked linked = *event;

    row.linked = &linked;
    record_put(apply->tables, TABLE_LINK, table_key_of_two(event->a, event->b), apply->arena,
               &row.base);
    record_put(apply->tables, TABLE_LINK, table_key_of_two(event->b, event->a), apply->arena,
               &row.base);
    situation_touch(apply, event->a);
    situation_touch(apply, event->b);
}

void apply_situation_unlinked(const struct apply *apply, const Ctps__SituationUnlinked *event)
{
    record_remove(apply->tables, TABLE_LINK, table_key_of_two(event->a, event->b));
    record_remove(apply->tables, TABLE_LINK, table_key_of_two(event->b, event->a));
    situation_touch(apply, event->a);
    situation_touch(apply, event->b);
}

struct keys {
    size_t count;
    struct table_key list[8];
};

static bool key_collect(void *arg, struct bytes key, struct bytes value)
{
    struct keys *keys = arg;
    struct table_key *at = &keys->list[keys->count++];

    (void)value;
    table_key_init(at);
    table_key_add_bytes(at, key);
    return keys->count < sizeof(keys->list) / sizeof(keys->list[0]);
}

/* Calls `each` for the rows of `table` whose keys begin with `prefix`, some at a time: the
 * table may be written meanwhile. `other` is for `each`. */
static void rows_each(const struct apply *apply, enum table table, struct table_key prefix,
                      void (*each)(const struct apply *apply, struct table_key key,
                                   uint64_t other),
                      uint64_t other)
{
    struct keys *keys = arena_alloc(apply->arena, sizeof(*keys));
    struct table_key after = {0};

    do {
        if (!keys)
            return;
        keys->count = 0;
        apply->tables->walk(apply->tables->ctx, table, table_key_bytes(&prefix),
                            table_key_bytes(&after), false, key_collect, keys);
        for (size_t i = 0; i < keys->count; i++)
            each(apply, keys->list[i], other);
        if (keys->count)
            after = keys->list[keys->count - 1];
    } while (keys->count == sizeof(keys->list) / sizeof(keys->list[0]));
}

static void link_remove(const struct apply *apply, struct table_key key, uint64_t other)
{
    uint64_t a = be64_get(key.data);
    uint64_t b = be64_get(key.data + 8);

    (void)other;
    record_remove(apply->tables, TABLE_LINK, table_key_of_two(a, b));
    record_remove(apply->tables, TABLE_LINK, table_key_of_two(b, a));
}

void apply_situation_links_remove(const struct apply *apply, uint64_t situation)
{
    rows_each(apply, TABLE_LINK, table_key_of_u64(situation), link_remove, 0);
}

static void engagement_remove(const struct apply *apply, struct table_key key, uint64_t other)
{
    (void)other;
    record_remove(apply->tables, TABLE_ENGAGEMENT, key);
}

void apply_situation_contacts_remove(const struct apply *apply, uint64_t situation)
{
    struct table_key prefix = table_key_of_u64(situation);

    table_key_add_u32(&prefix, (uint32_t)CTPS__OBJECT_KIND__OBJECT_CONTACT);
    rows_each(apply, TABLE_ENGAGEMENT, prefix, engagement_remove, 0);
}

static void link_put(const struct apply *apply, uint64_t a, uint64_t b, Ctps__LinkRecord *row)
{
    SET(row->linked, a, a);
    SET(row->linked, b, b);
    record_put(apply->tables, TABLE_LINK, table_key_of_two(a, b), apply->arena, &row->base);
    record_put(apply->tables, TABLE_LINK, table_key_of_two(b, a), apply->arena, &row->base);
}

/* A link between the two that become one is gone; one that `into` has already stays as it is.
 */
static void link_move(const struct apply *apply, struct table_key key, uint64_t into)
{
    uint64_t b = be64_get(key.data + 8);
    Ctps__LinkRecord *row = (Ctps__LinkRecord *)record_get(
        apply->tables, TABLE_LINK, key, apply->arena, &ctps__link_record__descriptor);

    link_remove(apply, key, 0);
    if (row && row->linked && b != into &&
        !record_exists(apply->tables, TABLE_LINK, table_key_of_two(into, b)))
        link_put(apply, into, b, row);
}

static void engagement_move(const struct apply *apply, struct table_key key, uint64_t into)
{
    Ctps__EngagementRecord *row =
        (Ctps__EngagementRecord *)record_get(apply->tables, TABLE_ENGAGEMENT, key, apply->arena,
                                             &ctps__engagement_record__descriptor);
    Ctps__EngagementRecord *there;

    if (!row || !row->engaged)
        return;
    there =
        engagement_get(apply->tables, apply->arena, into, row->engaged->kind, row->engaged->id);
    record_remove(apply->tables, TABLE_ENGAGEMENT, key);
    if (!merge_moves_engagement(row, there))
        return;
    SET(row->engaged, situation, into);
    record_put(apply->tables, TABLE_ENGAGEMENT,
               engagement_key(into, row->engaged->kind, row->engaged->id), apply->arena,
               &row->base);
}

void apply_situation_persons_move(const struct apply *apply, Ctps__SituationRecord *row,
                                  Ctps__SituationRecord *into)
{
    struct table_key prefix = table_key_of_u64(row->opened->id);

    if (row->n_persons)
        persons_grow(apply, into, row->persons, row->n_persons);
    row->n_persons = 0;
    rows_each(apply, TABLE_LINK, prefix, link_move, into->opened->id);
    rows_each(apply, TABLE_ENGAGEMENT, prefix, engagement_move, into->opened->id);
}

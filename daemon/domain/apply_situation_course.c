/* The course of a situation: what happened to it besides its timeline, and corrections of that.
 */
#include "domain/apply_private.h"
#include "domain/check.h"
#include "domain/situation.h"

static Ctps__SituationRecord *situation_of(const struct apply *apply, uint64_t id)
{
    return record_situation(apply->tables, apply->arena, id);
}

void apply_course_add(const struct apply *apply, Ctps__SituationRecord *row,
                      const Ctps__CourseStep *step)
{
    Ctps__CourseStep **grown = arena_alloc(apply->arena, (row->n_course + 1) * sizeof(*grown));
    Ctps__CourseStep *own = arena_copy(apply->arena, step, sizeof(*step));

    if (!grown || !own)
        return;
    if (row->n_course)
        memcpy(grown, row->course, row->n_course * sizeof(*grown));
    grown[row->n_course++] = own;
    row->course = grown;
}

void apply_step_count(const struct apply *apply, Ctps__SituationRecord *row, char *kind, int by)
{
    Ctps__StepCount **grown;
    Ctps__StepCount *own;

    SET(row, entry_count, row->entry_count + (uint32_t)by);
    for (size_t i = 0; i < row->n_steps; i++)
        if (strcmp(or_empty(row->steps[i]->kind), or_empty(kind)) == 0) {
            SET(row->steps[i], count, row->steps[i]->count + (uint32_t)by);
            return;
        }
    grown = arena_alloc(apply->arena, (row->n_steps + 1) * sizeof(*grown));
    own = arena_alloc(apply->arena, sizeof(*own));
    if (!grown || !own)
        return;
    ctps__step_count__init(own);
    own->kind = kind;
    SET(own, count, 1);
    if (row->n_steps)
        memcpy(grown, row->steps, row->n_steps * sizeof(*grown));
    grown[row->n_steps++] = own;
    row->steps = grown;
}

void apply_situation_updated(const struct apply *apply, const Ctps__SituationUpdated *event)
{
    Ctps__SituationRecord *row = situation_of(apply, event->id);

    if (!row)
        return;
    if (event->content)
        row->opened->content = event->content;
    if (event->n_motives) {
        row->opened->n_motives = event->n_motives;
        row->opened->motives = event->motives;
    }
    if (event->term)
        row->opened->term = event->term;
    if (event->urgency)
        row->opened->urgency = event->urgency;
    if (event->district)
        row->opened->district = event->district;
    if (event->nature)
        row->opened->nature = event->nature;
    /* Age band and sex are facts of individual situations only. */
    if (event->nature && strcmp(event->nature, "individuelle") != 0)
        row->opened->age_band = row->opened->sex = NULL;
    if (event->age_band)
        row->opened->age_band = event->age_band;
    if (event->sex)
        row->opened->sex = event->sex;
    apply_situation_put(apply, row);
    if (event->content)
        apply_shares_tell(apply, event->id, SHARE_TELL_RECTIFIED);
}

void apply_situation_assigned(const struct apply *apply, const Ctps__SituationAssigned *event)
{
    Ctps__SituationRecord *row = situation_of(apply, event->id);
    Ctps__CourseStep step = CTPS__COURSE_STEP__INIT;
    char kind[] = "assigned";

    if (!row)
        return;
    SET(row, lead_agent, event->lead_agent);
    step.kind = kind;
    SET_FROM(&step, event, day);
    SET(&step, agent, event->lead_agent);
    apply_course_add(apply, row, &step);
    apply_situation_touch(apply, row);
}

void apply_situation_informed(const struct apply *apply, const Ctps__SituationInformed *event)
{
    Ctps__SituationRecord *row = situation_of(apply, event->id);
    Ctps__CourseStep step = CTPS__COURSE_STEP__INIT;
    char informed[] = "informed";
    char postponed[] = "postponed";

    if (!row)
        return;
    step.kind = event->means ? informed : postponed;
    SET_FROM(&step, event, day);
    step.code = event->means;
    SET(&step, agent, event->by_agent);
    SET_FROM(&step, event, until_day);
    step.text = event->why;
    if (event->means) {
        SET(row, informed_day, event->day);
        row->informed_means = event->means;
        SET(row, informed_by, event->by_agent);
    }
    row->has_inform_until_day = event->has_until_day;
    row->inform_until_day = event->until_day;
    apply_course_add(apply, row, &step);
    apply_situation_touch(apply, row);
}

/* Whoever may read a saisine that was accepted reads where its situation is. */
static void move(const struct apply *apply, const Ctps__SituationTransferred *event,
                 Ctps__ObjectKind kind, uint64_t id)
{
    apply_territory_remove(apply, event->from_territory, kind, id);
    apply_territory_add(apply, event->territory, kind, id);
}

void apply_situation_transferred(const struct apply *apply,
                                 const Ctps__SituationTransferred *event)
{
    Ctps__SituationRecord *row = situation_of(apply, event->id);
    Ctps__CourseStep step = CTPS__COURSE_STEP__INIT;
    char kind[] = "transferred";

    if (!row)
        return;
    move(apply, event, CTPS__OBJECT_KIND__OBJECT_SITUATION, event->id);
    for (size_t i = 0; i < row->n_saisines; i++)
        move(apply, event, CTPS__OBJECT_KIND__OBJECT_SAISINE, row->saisines[i]);
    for (size_t i = 0; i < row->n_merged; i++)
        move(apply, event, CTPS__OBJECT_KIND__OBJECT_SITUATION, row->merged[i]);
    row->territory = event->territory;
    row->opened->district = event->district;
    SET(row, lead_agent, event->lead_agent);
    step.kind = kind;
    SET_FROM(&step, event, day);
    SET(&step, agent, event->by_agent);
    step.territory = event->from_territory;
    step.text = event->text;
    apply_course_add(apply, row, &step);
    apply_situation_put(apply, row);
}

void apply_situation_reopened(const struct apply *apply, const Ctps__SituationReopened *event)
{
    Ctps__SituationRecord *row = situation_of(apply, event->id);
    Ctps__CourseStep step = CTPS__COURSE_STEP__INIT;
    char kind[] = "reopened";
    char status[] = STATUS_FOLLOWED;

    if (!row)
        return;
    if (row->has_erase_due_day)
        apply_due_remove(apply, row->erase_due_day, event->id);
    row->has_erase_due_day = row->has_erase_announced_day = row->has_erase_announced_runs = 0;
    row->erase_due_day = row->erase_announced_day = 0;
    row->erase_announced_runs = 0;
    row->has_closed_day = 0;
    row->closed_day = 0;
    row->closing_motive = row->closing_result = NULL;
    row->status = status;
    SET(row, known_us, apply_clock_us(apply));
    SET_FROM(row, event, next_review_day);
    step.kind = kind;
    SET_FROM(&step, event, day);
    SET(&step, agent, event->by_agent);
    step.text = event->text;
    apply_course_add(apply, row, &step);
    apply_situation_put(apply, row);
}

/* --- entries corrected --- */

struct last_day {
    const struct apply *apply;
    int32_t day;
};

static bool last_day_row(void *arg, struct bytes key, struct bytes value)
{
    struct last_day *last = arg;
    Ctps__SituationEntryAdded *entry = (Ctps__SituationEntryAdded *)record_unpack(
        last->apply->arena, &ctps__situation_entry_added__descriptor, value);

    (void)key;
    if (entry && !entry->cancelled && entry->day > last->day)
        last->day = entry->day;
    return true;
}

static void last_day_set(const struct apply *apply, Ctps__SituationRecord *row)
{
    struct last_day last = {apply, row->opened->opened_day};
    struct table_key prefix = table_key_of_u64(row->opened->id);

    apply->tables->walk(apply->tables->ctx, TABLE_ENTRY, table_key_bytes(&prefix),
                        bytes_of(NULL, 0), false, last_day_row, &last);
    SET(row, last_entry_day, last.day);
}

static void version_keep(const struct apply *apply, const Ctps__SituationEntryCorrected *event,
                         Ctps__SituationEntryAdded *old)
{
    Ctps__EntryPastRecord past = CTPS__ENTRY_PAST_RECORD__INIT;
    struct table_key key = table_key_of_two(event->situation, event->entry);

    table_key_add_u32(&key, old->version);
    old->content = NULL;
    SET(&past, id, event->entry);
    past.version = old;
    past.before = event->before;
    past.why = event->why;
    SET(&past, corrected_day, event->day);
    SET_FROM(&past, event, by_agent);
    record_put(apply->tables, TABLE_ENTRY_PAST, key, apply->arena, &past.base);
}

void apply_situation_entry_corrected(const struct apply *apply,
                                     const Ctps__SituationEntryCorrected *event)
{
    struct table_key key = table_key_of_two(event->situation, event->entry);
    Ctps__SituationRecord *row = situation_of(apply, event->situation);
    Ctps__SituationEntryAdded *old =
        (Ctps__SituationEntryAdded *)record_get(apply->tables, TABLE_ENTRY, key, apply->arena,
                                                &ctps__situation_entry_added__descriptor);

    if (!row || !old || !event->now)
        return;
    version_keep(apply, event, old);
    record_put(apply->tables, TABLE_ENTRY, key, apply->arena, &event->now->base);
    apply_step_count(apply, row, old->kind, -1);
    if (!event->now->cancelled)
        apply_step_count(apply, row, event->now->kind, 1);
    last_day_set(apply, row);
    apply_situation_touch(apply, row);
    apply_shares_tell(apply, event->situation, SHARE_TELL_RECTIFIED);
}

#include "domain/retention_term.h"

#include "base/civil.h"
#include "domain/box.h"
#include "domain/record.h"
#include "domain/retention.h"

enum { MAJORITY_YEARS = 18, MONTHS_A_YEAR = 12 };

int retention_months(const struct act *act)
{
    const Ctps__Town *town = record_town(act->tables, act->arena);

    return town && town->has_retention_months ? (int)town->retention_months
                                              : act->settings->retention_months;
}

void retention_minor_note(struct retention_minors *minors, const char *role,
                          const Ctps__Identity *identity, int32_t followed_day)
{
    int32_t day;

    if (!identity || !identity->has_birth_day ||
        (is_given(role) && strcmp(role, "concerned") != 0) ||
        civil_age_years(identity->birth_day, followed_day) >= MAJORITY_YEARS)
        return;
    day = civil_add_months(identity->birth_day, RETENTION_MINOR_YEARS * MONTHS_A_YEAR);
    if (!minors->has_day || day < minors->day)
        *minors = (struct retention_minors){true, day};
}

struct search {
    struct act *act;
    struct retention_minors minors;
    int32_t opened_day;
};

static void person_note(void *arg, const struct box_place *place)
{
    struct search *search = arg;

    if (place->row->content != &ctps__identity__descriptor)
        return;
    retention_minor_note(&search->minors, box_word(place, "role"),
                         (const Ctps__Identity *)act_unseal(search->act, place->sealed,
                                                            place->row->field,
                                                            place->row->content),
                         search->opened_day);
}

struct retention_minors retention_minors_of(struct act *act,
                                            const Ctps__SituationRecord *situation)
{
    struct search search = {act, {0}, situation->opened->opened_day};
    struct box_search boxes = {act->tables, act->arena, situation};

    /* No name is opened where it would change nothing. */
    if (retention_months(act) <= RETENTION_DEFAULT_MONTHS)
        return search.minors;
    box_each(&boxes, person_note, &search);
    for (size_t i = 0; i < situation->n_merged; i++) {
        boxes.situation = record_situation(act->tables, act->arena, situation->merged[i]);
        if (!boxes.situation)
            continue;
        search.opened_day = boxes.situation->opened->opened_day;
        box_each(&boxes, person_note, &search);
    }
    return search.minors;
}

int32_t retention_due_day(const struct act *act, int32_t closed_day,
                          const struct retention_minors *minors)
{
    int months = retention_months(act);
    int32_t due = civil_add_months(closed_day, months);
    int32_t least = civil_add_months(closed_day, RETENTION_DEFAULT_MONTHS);

    if (months <= RETENTION_DEFAULT_MONTHS || !minors->has_day || minors->day >= due)
        return due;
    return minors->day > least ? minors->day : least;
}

int32_t retention_declined_due_day(const struct act *act, int32_t day)
{
    int months = retention_months(act);

    return civil_add_months(day, months < RETENTION_DEFAULT_MONTHS ? months
                                                                   : RETENTION_DEFAULT_MONTHS);
}

bool retention_town_check(struct act *act, const Ctps__Town *town)
{
    if (!retention_audit_check(act, town))
        return false;
    if (!town->has_retention_months || town->retention_months <= RETENTION_DEFAULT_MONTHS)
        return true;
    if (town->retention_months > RETENTION_MAX_MONTHS)
        act_refuse(act, REFUSAL_RETENTION_TOO_LONG, "retention_months");
    else if (!is_given(town->retention_justification))
        act_refuse(act, REFUSAL_RETENTION_UNJUSTIFIED, "retention_justification");
    return act->refusal == REFUSAL_NONE;
}

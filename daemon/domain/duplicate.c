#include "domain/duplicate.h"
#include "domain/duplicate_rule.h"

static bool are_births_compatible(const int32_t days[2])
{
    return days[0] == days[1] || days[0] == DUPLICATE_DAY_UNKNOWN ||
           days[1] == DUPLICATE_DAY_UNKNOWN;
}

static bool are_days_near(const int32_t days[2])
{
    int64_t apart = (int64_t)days[0] - days[1];

    if (days[0] == DUPLICATE_DAY_UNKNOWN || days[1] == DUPLICATE_DAY_UNKNOWN)
        return false;
    return apart >= -DUPLICATE_WINDOW_DAYS && apart <= DUPLICATE_WINDOW_DAYS;
}

unsigned duplicate_rule(const struct duplicate_facts *facts)
{
    unsigned clauses = 0;

    if (facts->same_name && are_births_compatible(facts->birth_days))
        clauses |= DUPLICATE_NAME;
    if (facts->same_address && facts->shared_motive && are_days_near(facts->received_days))
        clauses |= DUPLICATE_ADDRESS;
    return clauses;
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b && a[0] != '\0' && strcmp(a, b) == 0;
}

static bool has_shared_motive(const struct duplicate_subject *a,
                              const struct duplicate_subject *b)
{
    for (size_t i = 0; i < a->motive_count; i++)
        for (size_t j = 0; j < b->motive_count; j++)
            if (strcmp(a->motives[i], b->motives[j]) == 0)
                return true;
    return false;
}

unsigned duplicate_clauses(const struct duplicate_subject *a, const struct duplicate_subject *b)
{
    struct duplicate_facts facts = {
        .same_name = is_same_text(a->name, b->name),
        .same_address = is_same_text(a->address, b->address),
        .shared_motive = has_shared_motive(a, b),
        .birth_days = {a->birth_day, b->birth_day},
        .received_days = {a->received_day, b->received_day},
    };

    return duplicate_rule(&facts);
}

/* What the plugin that reminds must know of the town to count days as the daemon does. */
#include "base/civil.h"
#include "base/zone.h"
#include "domain/principal_load.h"
#include "domain/record.h"
#include "domain/reminder.h"
#include "domain/rows.h"

enum {
    AROUND_DAYS = 31,
    OFFSETS_MOST = 64, /* a zone changes twice a year, some a little more often */
    TEAMS_MOST = 4 + 2 * PRINCIPAL_TERRITORIES_MAX,
};

static const int64_t DAY_US = INT64_C(86400) * 1000000;

/* --- days and hours --- */

static void days_off_fill(struct act *act, Ctps__ReminderCalendar *calendar)
{
    size_t most = (size_t)(calendar->to_day - calendar->from_day) + 1;

    calendar->days_off = arena_alloc(act->arena, most * sizeof(int32_t));
    if (!calendar->days_off) {
        act->exhausted = true;
        return;
    }
    for (int32_t day = calendar->from_day; day <= calendar->to_day; day++)
        if (!civil_is_working_day(&act->settings->holidays, day))
            calendar->days_off[calendar->n_days_off++] = day;
}

static int32_t offset_at(int64_t us)
{
    int64_t local = (int64_t)zone_day_of(us) * 86400 + zone_second_of_day(us);

    return (int32_t)(local - us / 1000000);
}

/* The instant between the two at which the offset changes, to the second. */
static int64_t change_find(int64_t before_us, int64_t after_us, int32_t before)
{
    while (after_us - before_us > 1000000) {
        int64_t middle = before_us + (after_us - before_us) / 2000000 * 1000000;

        if (offset_at(middle) == before)
            before_us = middle;
        else
            after_us = middle;
    }
    return after_us;
}

static void offset_add(struct act *act, Ctps__ReminderCalendar *calendar, int64_t from_us)
{
    Ctps__ZoneOffset *offset;

    if (calendar->n_offsets == OFFSETS_MOST)
        return;
    offset = act_alloc(act, sizeof(*offset));
    ctps__zone_offset__init(offset);
    SET(offset, from_us, from_us);
    SET(offset, seconds, offset_at(from_us));
    calendar->offsets[calendar->n_offsets++] = offset;
}

static void offsets_fill(struct act *act, Ctps__ReminderCalendar *calendar)
{
    int64_t end_us = (int64_t)calendar->to_day * DAY_US;
    int64_t at = (int64_t)calendar->from_day * DAY_US;

    calendar->offsets = arena_alloc(act->arena, OFFSETS_MOST * sizeof(Ctps__ZoneOffset *));
    if (!calendar->offsets) {
        act->exhausted = true;
        return;
    }
    offset_add(act, calendar, at);
    for (; at < end_us; at += DAY_US)
        if (offset_at(at) != offset_at(at + DAY_US))
            offset_add(act, calendar, change_find(at, at + DAY_US, offset_at(at)));
}

void reminder_calendar_fill(struct act *act, Ctps__ReminderSubjectsAnswer *answer,
                            int32_t from_day, int32_t to_day)
{
    Ctps__ReminderCalendar *calendar = act_alloc(act, sizeof(*calendar));
    const Ctps__Town *town =
        (Ctps__Town *)record_get(act->tables, TABLE_TOWN, table_key_of_text("town"), act->arena,
                                 &ctps__town__descriptor);

    ctps__reminder_calendar__init(calendar);
    calendar->zone = town ? town->zone : NULL;
    SET(calendar, from_day, from_day - AROUND_DAYS);
    SET(calendar, to_day, to_day + AROUND_DAYS);
    SET(calendar, clock_alarm, act->clock_alarm);
    days_off_fill(act, calendar);
    offsets_fill(act, calendar);
    answer->calendar = calendar;
}

/* --- who works where --- */

static Ctps__ReminderTeam *team_get(struct act *act, Ctps__ReminderSubjectsAnswer *answer,
                                    const char *role, const char *territory, size_t agents)
{
    Ctps__ReminderTeam *team;

    for (size_t i = 0; i < answer->n_teams; i++)
        if (strcmp(answer->teams[i]->role, role) == 0 &&
            strcmp(or_empty(answer->teams[i]->territory), territory) == 0)
            return answer->teams[i];
    if (answer->n_teams == TEAMS_MOST)
        return NULL;
    team = act_alloc(act, sizeof(*team));
    ctps__reminder_team__init(team);
    team->role = act_text(act, role);
    team->territory = *territory ? act_text(act, territory) : NULL;
    team->agents = arena_alloc(act->arena, agents * sizeof(uint64_t));
    act->exhausted = act->exhausted || !team->agents;
    answer->teams[answer->n_teams++] = team;
    return team;
}

struct teams {
    struct act *act;
    Ctps__ReminderSubjectsAnswer *answer;
    size_t agents;
};

static void team_join(struct teams *teams, const struct principal *agent, const char *role,
                      const char *territory)
{
    Ctps__ReminderTeam *team =
        team_get(teams->act, teams->answer, role, territory, teams->agents);

    if (!team || !team->agents)
        return;
    /* A territory of his own that was lent to him too counts once. */
    if (!team->n_agents || team->agents[team->n_agents - 1] != agent->id)
        team->agents[team->n_agents++] = agent->id;
}

static void agent_join(struct teams *teams, const struct principal *agent)
{
    static const struct {
        enum agent_function function;
        const char *role;
        bool everywhere;
    } roles[] = {
        {FUNCTION_COORDINATOR, "coordinator", false},
        {FUNCTION_EDUCATOR, "educator", false},
        {FUNCTION_HEAD, "head", true},
        {FUNCTION_ASSISTANT, "assistant", true},
        {FUNCTION_DPO, "dpo", true},
    };

    team_join(teams, agent, "any", "");
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        if (roles[i].function != agent->function)
            continue;
        if (roles[i].everywhere)
            team_join(teams, agent, roles[i].role, "");
        for (unsigned j = 0; !roles[i].everywhere && j < agent->territory_count; j++) {
            const struct principal_territory *held = &agent->territories[j];

            if (!held->delegated ||
                (held->from_day <= teams->act->today && teams->act->today <= held->to_day))
                team_join(teams, agent, roles[i].role, held->code);
        }
    }
}

void reminder_teams_fill(struct act *act, Ctps__ReminderSubjectsAnswer *answer)
{
    struct rows agents = rows_read(act->tables, act->arena, TABLE_AGENT, bytes_of(NULL, 0),
                                   &ctps__agent__descriptor);
    struct teams teams = {act, answer, agents.count};

    answer->teams = arena_alloc(act->arena, TEAMS_MOST * sizeof(Ctps__ReminderTeam *));
    if (agents.failed || !answer->teams) {
        act->exhausted = true;
        return;
    }
    for (size_t i = 0; i < agents.count; i++) {
        Ctps__Principal named = CTPS__PRINCIPAL__INIT;
        struct principal agent;

        SET(&named, kind, CTPS__PRINCIPAL_KIND__PRINCIPAL_AGENT);
        SET(&named, id, ((const Ctps__Agent *)agents.list[i])->id);
        if (principal_load(act->tables, act->arena, act->settings, act->today, &named,
                           &agent) == CTPS_OK &&
            principal_is_habilitated(&agent, act->today))
            agent_join(&teams, &agent);
    }
}

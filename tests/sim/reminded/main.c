/*
 * reminded: years of towns (year.h), for tests/campaigns/r8-reminders.py, which holds what it
 * prints against its own idea.
 */
#include "base/civil.h"
#include "year.h"

enum { YEAR_DAYS = 365, MINUTES_OF_DAY = 1440 };

/* --- the town --- */

static void lists_add(struct town *town)
{
    static const char *const values[][2] = {
        {"decision", "contacter"},
        {"information", "courrier"},
        {"resultat", "realisee"},
        {"quality", "personne"},
    };

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        town_list(town, values[i][0], values[i][1]);
    if (town_turn(town) != CTPS_OK)
        abort();
    town_forget(town);
}

/* Contacts whose charter ends in the year, or not at all in it. */
static void contacts_add(struct year *year)
{
    for (unsigned i = 0; i < CONTACTS; i++) {
        int32_t day = year_today(year) - (i ? 10 : civil_add_months(0, 36) - 100);
        TOWN_REQUEST(request, CONTACT_SET, Contact, CONTACT, contact_set);

        SET(&request_body, partner, year->town.partner);
        request_body.last_name = town_text("Contact");
        request_body.charter_version = year->town.options.settings.charter_version;
        SET(&request_body, charter_day, day);
        year->contacts[i] = year_made_by(year, TOWN_OPERATOR, &request);
        if (!year->contacts[i])
            abort();
        year_say(year, "charter %llu %d", (unsigned long long)year->contacts[i], day);
    }
    town_forget(&year->town);
}

static void leavers_add(struct year *year)
{
    char *territories[] = {town_text("T2")};

    for (unsigned i = 0; i < LEAVERS; i++) {
        int32_t last = year_today(year) + 60 + 70 * (int32_t)i + (int32_t)year_draw(year, 50);
        TOWN_REQUEST(request, AGENT_SET, Agent, AGENT, agent_set);

        request_body.last_name = town_text("Leaver");
        request_body.function = town_text("educateur");
        request_body.n_territories = 1;
        request_body.territories = territories;
        request_body.habilitation_act = town_text("act");
        SET(&request_body, habilitation_from_day, 10000);
        SET(&request_body, habilitation_to_day, last);
        year->leavers[i] = year_made_by(year, TOWN_OPERATOR, &request);
        if (!year->leavers[i])
            abort();
        year_say(year, "habilitation %llu %d", (unsigned long long)year->leavers[i], last);
    }
    town_forget(&year->town);
}

static void roles_say(struct year *year)
{
    static const struct {
        enum town_who who;
        const char *role;
    } roles[] = {{TOWN_COORDINATOR, "coordinator"},
                 {TOWN_HEAD, "head"},
                 {TOWN_ASSISTANT, "assistant"},
                 {TOWN_DPO, "dpo"}};

    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        year_say(year, "role %s a%llu", roles[i].role,
                 (unsigned long long)year->town.agents[roles[i].who]);
}

static void year_begin(struct year *year, uint64_t seed)
{
    static const int64_t first_us = INT64_C(1735689600) * 1000000; /* 2025-01-01 */
    struct town *town = &year->town;
    struct settings_grant *grant;

    year->random = seed;
    town_init(town, seed);
    town->options.map_len = 256 << 20;
    town->out.publish = life_publish;
    grant = &town->options.settings.grants[0];
    grant->actions[ACTION_REMINDER_READ] = grant->actions[ACTION_EFFECT_RECORD] = true;
    year->truth_us = first_us + (int64_t)(seed % 40) * 365 * TOWN_US_PER_DAY +
                     (int64_t)year_draw(year, 365 * MINUTES_OF_DAY) * MINUTE_US;
    sim_disk_wall_set(town->disk, year->truth_us);
    town_found(town);
    lists_add(town);
    contacts_add(year);
    leavers_add(year);
    roles_say(year);
    life_events_forget(year);
    year->host.wall_us = year_wall;
    year->host.mono_us = year_mono;
    year->host.settled = life_settled;
    year->host.ctx = year;
    life_plugin_start(year);
    life_pass(year, MINUTE_US);
}

/* --- what the journal says --- */

static void effect_say(const Ctps__Effect *effect)
{
    if (strcmp(effect->outcome, "begun") == 0)
        printf("%lld begun\n", (long long)effect->done_us);
    else
        printf("%lld reminder %s %llu %d %d %s %c%llu %s %d\n", (long long)effect->done_us,
               effect->code, (unsigned long long)effect->object, effect->day,
               effect->has_minute ? (int)effect->minute : -1, effect->lead,
               effect->contact ? 'c' : 'a',
               (unsigned long long)(effect->contact ? effect->contact : effect->agent),
               effect->outcome, effect->escalated);
}

static void effects_say(struct year *year)
{
    uint64_t before = 0;
    bool more = true;

    while (more) {
        const Ctps__EffectAnswer *answer;
        TOWN_REQUEST(request, EFFECT_FIND, EffectFind, EFFECT_FIND, effect_find);

        request_body.kind = town_text("reminder.due");
        SET(&request_body, limit, 1000);
        SET(&request_body, before, before);
        answer = year_ask(year, TOWN_HEAD, &request)->effect_answer;
        for (size_t i = 0; answer && i < answer->n_effects; i++) {
            effect_say(answer->effects[i]);
            before = answer->effects[i]->id;
        }
        more = answer && answer->more && answer->n_effects;
        town_forget(&year->town);
    }
}

static void year_run(struct year *year)
{
    int64_t end = year_mono(year) + YEAR_DAYS * TOWN_US_PER_DAY;

    while (year_mono(year) < end) {
        life_pass(year, (int64_t)year_draw(year, 10 * 60) * MINUTE_US);
        people_act(year);
        life_pump(year);
        if (year_chance(year, 25))
            accident_clock_confirm(year);
        if (year_chance(year, 100))
            accident_happen(year);
    }
    year->calm = true;
    if (year->away)
        life_plugin_start(year);
    life_pump(year);
    accident_clock_confirm(year);
    life_pass(year, 7 * HOUR_US);
}

int main(int argc, char **argv)
{
    static struct year year;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    uint64_t count = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;

    if (argc != 4 || count == 0) {
        fprintf(stderr, "usage: reminded PLUGIN.so FIRST-SEED YEARS\n");
        return 64;
    }
    for (uint64_t seed = first; seed < first + count; seed++) {
        year = (struct year){0};
        host_load(&year.host, argv[1]);
        printf("0 year %llu\n", (unsigned long long)seed);
        year_begin(&year, seed);
        year_run(&year);
        effects_say(&year);
        printf("0 end %u\n", year.kills);
        host_kill(&year.host);
        life_events_forget(&year);
        town_done(&year.town);
        fflush(stdout);
    }
    return 0;
}

/* Clocks that jump, and machines and plugins that stay away. */
#include "year.h"

static void clock_set(struct year *year, int64_t us)
{
    sim_disk_wall_set(year->town.disk, us);
    life_daemon_tick(year);
    life_pump(year);
}

void accident_clock_confirm(struct year *year)
{
    TOWN_REQUEST(request, CLOCK_CONFIRM, ClockConfirm, CLOCK_CONFIRM, clock_confirm);

    if (!year->alarm)
        return;
    year_ask(year, TOWN_OPERATOR, &request);
    town_forget(&year->town);
    life_pump(year);
}

/* Days ahead or behind, put right hours or days later. */
static void clock_jump(struct year *year)
{
    int64_t by = (int64_t)(1 + year_draw(year, 14 * 24)) * HOUR_US;

    clock_set(year, year_wall(year) + (year_chance(year, 2) ? by : -by));
    life_pass(year, (int64_t)(1 + year_draw(year, 60)) * HOUR_US);
    clock_set(year, year->truth_us);
}

static void outage(struct year *year)
{
    int64_t away =
        (int64_t)(1 + year_draw(year, year_chance(year, 4) ? 45 * 24 : 72)) * HOUR_US;

    life_daemon_kill(year);
    sim_disk_clock_step(year->town.disk, away);
    year->truth_us += away;
    life_daemon_open(year);
    if (year_chance(year, 2))
        accident_clock_confirm(year);
}

static void plugin_outage(struct year *year)
{
    life_plugin_kill(year);
    for (unsigned days = (unsigned)year_draw(year, 20);
         days && year->event_count < EVENTS_MAX / 2; days--) {
        life_step(year, 24 * HOUR_US);
        people_act(year);
    }
    if (year->away)
        life_plugin_start(year);
    life_pump(year);
}

void accident_happen(struct year *year)
{
    static void (*const accidents[])(struct year * year) = {clock_jump, outage, plugin_outage};

    accidents[year_draw(year, sizeof(accidents) / sizeof(accidents[0]))](year);
}

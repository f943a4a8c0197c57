#include "options.h"

#include <stdio.h>
#include <string.h>

#define LEADS(row, value, text)                                                                \
    {                                                                                          \
        .name = (row), .type = CTPS_OPTION_LIST, .fallback = (value),                          \
        .help = "Leads of reminders of " text ": J-7 days, O-3 working days before; J on the " \
                "day; J+7/7 after it, then every 7."                                           \
    }

const struct ctps_option reminders_options[REMINDERS_OPTION_COUNT] = {
    LEADS("decision", "O-3 J J+7/7", "a decision's due day"),
    LEADS("review", "J J+7 J+14", "a situation's next review"),
    LEADS("silent", "J J+7 J+14", "a situation nothing was entered for (rules.silent_days)"),
    LEADS("not_informed", "J J+7 J+14", "a person to be told (rules.inform_days)"),
    LEADS("saisine", "J J+7 J+14", "a saisine to answer (rules.answer_working_days)"),
    LEADS("minutes", "J J+7 J+14", "minutes to distribute, five working days after"),
    LEADS("erasure", "J-15", "an erasure announced"),
    LEADS("habilitation", "J-30", "the end of a habilitation"),
    LEADS("charter", "J-30", "the end of a charter's signature"),
    LEADS("rights", "J-15 J-7 J-2 J J+7/7", "the term of a person's request (GDPR art. 12.3)"),
    {.name = "at",
     .type = CTPS_OPTION_STRING,
     .fallback = "08:00",
     .help = "Local time at which reminders counted in days are due."},
    {.name = "grace",
     .type = CTPS_OPTION_DURATION,
     .fallback = "15 min",
     .max = 3600000,
     .help = "One counted in hours is on time for so long; one in days all its day."},
    {.name = "look_back",
     .type = CTPS_OPTION_DURATION,
     .fallback = "366 d",
     .min = INT64_C(86400000),
     .max = INT64_C(600) * 86400000,
     .help = "After an outage what was missed is looked for so far back."},
    {.name = "tick",
     .type = CTPS_OPTION_DURATION,
     .fallback = "1 min",
     .min = 10,
     .max = 3600000,
     .help = "The clock may jump: it is looked at so often."},
    {.name = "escalate_after",
     .type = CTPS_OPTION_INT,
     .fallback = "2",
     .min = 0,
     .max = 52,
     .unit = "reminders",
     .help = "The head of service too, from this reminder past the day on; 0: never."},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "08:00" */
static bool minute_read(const char *text, uint32_t *ret_minute)
{
    int hour, minute;

    if (!text || strlen(text) != 5 || text[2] != ':' || !is_digit(text[0]) ||
        !is_digit(text[1]) || !is_digit(text[3]) || !is_digit(text[4]))
        return false;
    hour = (text[0] - '0') * 10 + (text[1] - '0');
    minute = (text[3] - '0') * 10 + (text[4] - '0');
    if (hour > 23 || minute > 59)
        return false;
    *ret_minute = (uint32_t)(hour * 60 + minute);
    return true;
}

static bool leads_read(struct ctps_host *host, const struct ctps_host_api *api,
                       const char *name, struct leads *leads)
{
    const char *item;

    for (unsigned i = 0; (item = api->option_item(host, name, i)); i++)
        if (!*item || !leads_add(leads, item))
            return false;
    return true;
}

bool options_read(struct ctps_host *host, const struct ctps_host_api *api,
                  struct rules *ret_rules, char *why, size_t why_len)
{
    struct rules rules = {0};

    for (unsigned i = 0; i < RULES_KINDS; i++) {
        const char *name = rules_option((uint8_t)i);

        if (name && !leads_read(host, api, name, &rules.leads[i])) {
            snprintf(why, why_len, "%s: a lead is written J-7, J, J+7/7 or O-3", name);
            return false;
        }
    }
    if (!minute_read(api->option_string(host, "at"), &rules.at)) {
        snprintf(why, why_len, "at: a time of day is written 08:00");
        return false;
    }
    rules.grace_us = api->option_int(host, "grace") * 1000;
    rules.escalate_after = (int)api->option_int(host, "escalate_after");
    *ret_rules = rules;
    return true;
}

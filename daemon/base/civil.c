#include "base/civil.h"

#include <stddef.h>
#include <stdio.h>

/* Days from civil: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
int32_t civil_day_of(struct civil_date date)
{
    int y = date.year - (date.month <= 2);
    int era = (y >= 0 ? y : y - 399) / 400;
    int yoe = y - era * 400;
    int doy = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + doe - 719468;
}

struct civil_date civil_date_of(int32_t day)
{
    int64_t z = (int64_t)day + 719468;
    int era = (int)((z >= 0 ? z : z - 146096) / 146097);
    int doe = (int)(z - (int64_t)era * 146097);
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int mp = (5 * doy + 2) / 153;
    int month = mp < 10 ? mp + 3 : mp - 9;

    return (struct civil_date){
        .year = yoe + era * 400 + (month <= 2),
        .month = month,
        .day = doy - (153 * mp + 2) / 5 + 1,
    };
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_len(int year, int month)
{
    static const int lens[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap(year) ? 29 : lens[month - 1];
}

bool civil_is_valid(struct civil_date date)
{
    int32_t day;

    if (date.year < 1 || date.year > 9999 || date.month < 1 || date.month > 12)
        return false;
    if (date.day < 1 || date.day > month_len(date.year, date.month))
        return false;
    day = civil_day_of(date);
    return day >= CIVIL_DAY_MIN && day <= CIVIL_DAY_MAX;
}

int civil_weekday(int32_t day)
{
    return (day % 7 + 7 + 3) % 7; /* 1970-01-01 was a Thursday */
}

int32_t civil_add_months(int32_t day, int months)
{
    struct civil_date date = civil_date_of(day);
    int index = date.year * 12 + date.month - 1 + months;
    int len;

    date.year = index / 12;
    date.month = index % 12 + 1;
    len = month_len(date.year, date.month);
    if (date.day > len)
        date.day = len;
    return civil_day_of(date);
}

int civil_age_years(int32_t born, int32_t on)
{
    struct civil_date b = civil_date_of(born);
    struct civil_date o = civil_date_of(on);
    int years = o.year - b.year;

    if (o.month < b.month || (o.month == b.month && o.day < b.day))
        years--;
    return years;
}

static bool date_store(struct civil_date date, int32_t *ret_day)
{
    if (!civil_is_valid(date))
        return false;
    *ret_day = civil_day_of(date);
    return true;
}

/* Reads `min` to `max` digits at *at and moves it behind them; -1 when there are fewer. */
static int digits_read(const char **at, int min, int max)
{
    int value = 0;
    int n = 0;

    while (n < max && (*at)[0] >= '0' && (*at)[0] <= '9') {
        value = value * 10 + (*at)[0] - '0';
        (*at)++;
        n++;
    }
    return n < min ? -1 : value;
}

static bool char_read(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

bool civil_parse_iso(const char *text, int32_t *ret_day)
{
    struct civil_date date;

    date.year = digits_read(&text, 4, 4);
    if (date.year < 0 || !char_read(&text, '-'))
        return false;
    date.month = digits_read(&text, 2, 2);
    if (date.month < 0 || !char_read(&text, '-'))
        return false;
    date.day = digits_read(&text, 2, 2);
    return date.day >= 0 && *text == '\0' && date_store(date, ret_day);
}

bool civil_parse_french(const char *text, int32_t *ret_day)
{
    struct civil_date date;

    date.day = digits_read(&text, 1, 2);
    if (date.day < 0 || !char_read(&text, '/'))
        return false;
    date.month = digits_read(&text, 1, 2);
    if (date.month < 0 || !char_read(&text, '/'))
        return false;
    date.year = digits_read(&text, 4, 4);
    return date.year >= 0 && *text == '\0' && date_store(date, ret_day);
}

void civil_format_iso(char *out, int32_t day)
{
    struct civil_date d = civil_date_of(day);

    /* The modulo bounds what the compiler must believe about the widths. */
    snprintf(out, CIVIL_TEXT_LEN, "%04u-%02u-%02u", (unsigned)d.year % 10000U,
             (unsigned)d.month % 100U, (unsigned)d.day % 100U);
}

/* Gregorian Easter: J. Meeus, Astronomical Algorithms, chapter 8. */
static int32_t easter_day(int year)
{
    int a = year % 19;
    int b = year / 100;
    int c = year % 100;
    int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    int m = (a + 11 * h + 22 * l) / 451;
    int n = h + l - 7 * m + 114;

    return civil_day_of((struct civil_date){year, n / 31, n % 31 + 1});
}

static bool is_fixed_holiday(const struct civil_holidays *rules, struct civil_date date)
{
    static const struct {
        int month, day;
    } fixed[] = {{1, 1}, {5, 1}, {5, 8}, {7, 14}, {8, 15}, {11, 1}, {11, 11}, {12, 25}};

    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        if (fixed[i].month == date.month && fixed[i].day == date.day)
            return true;
    return rules->alsace_moselle && date.month == 12 && date.day == 26;
}

bool civil_is_holiday(const struct civil_holidays *rules, int32_t day)
{
    struct civil_date date = civil_date_of(day);
    int32_t since_easter = day - easter_day(date.year);

    if (is_fixed_holiday(rules, date))
        return true;
    if (since_easter == 1 || since_easter == 39 || since_easter == 50)
        return true; /* Easter Monday, Ascension, Whit Monday */
    return rules->good_friday && since_easter == -2;
}

bool civil_is_working_day(const struct civil_holidays *rules, int32_t day)
{
    return civil_weekday(day) < 5 && !civil_is_holiday(rules, day);
}

int32_t civil_add_working_days(const struct civil_holidays *rules, int32_t day, int count)
{
    while (count > 0 && day < CIVIL_DAY_MAX) {
        day++;
        if (civil_is_working_day(rules, day))
            count--;
    }
    return day;
}

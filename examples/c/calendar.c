/*
 * The Gregorian calendar: days, weekdays, Easter, date arithmetic, ISO weeks, formatting.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A civil date. */
struct date {
    int year;
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
};

enum weekday { MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY };

bool is_leap_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* 0 for a month that does not exist. */
int days_in_month(int year, int month)
{
    switch (month) {
    case 4:
    case 6:
    case 9:
    case 11:
        return 30;
    case 2:
        return is_leap_year(year) ? 29 : 28;
    default:
        return month >= 1 && month <= 12 ? 31 : 0;
    }
}

bool date_is_valid(struct date d)
{
    return d.year >= 1 && d.year <= 9999 && d.day >= 1 && d.day <= days_in_month(d.year, d.month);
}

/* Days since 1970-01-01. */
int32_t date_to_days(struct date d)
{
    int y = d.month <= 2 ? d.year - 1 : d.year;
    int era = (y >= 0 ? y : y - 399) / 400;
    int yoe = y - era * 400;
    int doy = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + doe - 719468;
}

/* Inverse of date_to_days. */
struct date date_from_days(int32_t days)
{
    struct date d;
    int z = days + 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    int doe = z - era * 146097;
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int mp = (5 * doy + 2) / 153;

    d.day = doy - (153 * mp + 2) / 5 + 1;
    d.month = mp < 10 ? mp + 3 : mp - 9;
    d.year = yoe + era * 400 + (d.month <= 2);
    return d;
}

enum weekday date_weekday(struct date d)
{
    int32_t days = date_to_days(d) % 7;

    return (enum weekday)((days + 10) % 7);
}

/* Move a date by whole months; the day is cut to the month's length. */
void date_add_months(struct date *d, int months)
{
    int total = d->year * 12 + (d->month - 1) + months;
    int last;

    d->year = total / 12;
    d->month = total % 12 + 1;
    if (total % 12 < 0) {
        d->year--;
        d->month += 12;
    }
    last = days_in_month(d->year, d->month);
    if (d->day > last)
        d->day = last;
}

/* Easter Sunday (Gauss, corrected). */
struct date easter(int year)
{
    int a = year % 19, b = year / 100, c = year % 100;
    int d = b / 4, e = b % 4, f = (b + 8) / 25;
    int g = (b - f + 1) / 3;
    int h = (19 * a + b - d - g + 15) % 30;
    int i = c / 4, k = c % 4;
    int l = (32 + 2 * e + 2 * i - h - k) % 7;
    int m = (a + 11 * h + 22 * l) / 451;
    struct date result = { year, (h + l - 7 * m + 114) / 31, (h + l - 7 * m + 114) % 31 + 1 };

    return result;
}

/* Negative, zero or positive. */
int date_compare(const struct date *a, const struct date *b)
{
    if (a->year != b->year)
        return a->year - b->year;
    if (a->month != b->month)
        return a->month - b->month;
    return a->day - b->day;
}

/* Earliest date of an array, by value; the array must not be empty. */
struct date date_earliest(const struct date *dates, size_t count)
{
    const struct date *best = &dates[0];

    for (size_t i = 1; i < count; i++)
        if (date_compare(&dates[i], best) < 0)
            best = &dates[i];
    return *best;
}

/* YYYY-MM-DD and a NUL; the year must be below 10000. */
void date_format(char out[11], const struct date *d)
{
    int y = d->year, m = d->month, day = d->day;

    for (int i = 3; i >= 0; i--, y /= 10)
        out[i] = (char)('0' + y % 10);
    out[4] = '-';
    out[5] = (char)('0' + m / 10);
    out[6] = (char)('0' + m % 10);
    out[7] = '-';
    out[8] = (char)('0' + day / 10);
    out[9] = (char)('0' + day % 10);
    out[10] = 0;
}

/* ISO 8601 week number. */
int iso_week(struct date d)
{
    struct date jan1 = { d.year, 1, 1 };
    int day_of_year = (int)(date_to_days(d) - date_to_days(jan1));
    int weekday = (int)date_weekday(d);
    int week = (day_of_year - weekday + 10) / 7;

    if (week < 1) {
        struct date dec31 = { d.year - 1, 12, 31 };
        return iso_week(dec31);
    }
    if (week == 53) {
        struct date next = { d.year + 1, 1, 1 };
        if (date_weekday(next) <= THURSDAY)
            return 1;
    }
    return week;
}

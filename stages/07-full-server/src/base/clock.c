#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

struct clock now;

static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
				   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static char *put_clock_time(char *to, const struct tm *tm)
{
	to = put_padded(to, tm->tm_hour, 2);
	*to++ = ':';
	to = put_padded(to, tm->tm_min, 2);
	*to++ = ':';
	return put_padded(to, tm->tm_sec, 2);
}

/* strftime is not used: it writes the names in the language of the locale, and HTTP needs
 * English names. */
char *put_http_date(char *to, time_t t)
{
	struct tm tm;

	gmtime_r(&t, &tm);
	to = put_str(to, (struct str){days[tm.tm_wday], 3});
	to = put_str(to, STR(", "));
	to = put_padded(to, tm.tm_mday, 2);
	*to++ = ' ';
	to = put_str(to, (struct str){months[tm.tm_mon], 3});
	*to++ = ' ';
	to = put_padded(to, tm.tm_year + 1900, 4);
	*to++ = ' ';
	to = put_clock_time(to, &tm);
	return put_str(to, STR(" GMT"));
}

static struct str print_log_local(char *text, size_t size, const struct tm *tm)
{
	long east = tm->tm_gmtoff / 60;
	int len = snprintf(text, size, "%02d/%s/%d:%02d:%02d:%02d %c%02ld%02ld", tm->tm_mday,
			   months[tm->tm_mon], tm->tm_year + 1900, tm->tm_hour, tm->tm_min,
			   tm->tm_sec, east < 0 ? '-' : '+', labs(east) / 60, labs(east) % 60);

	return (struct str){text, (size_t)len};
}

static struct str print_iso8601(char *text, size_t size, const struct tm *tm)
{
	long east = tm->tm_gmtoff / 60;
	int len = snprintf(text, size, "%04d-%02d-%02dT%02d:%02d:%02d%c%02ld:%02ld",
			   tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday, tm->tm_hour, tm->tm_min,
			   tm->tm_sec, east < 0 ? '-' : '+', labs(east) / 60, labs(east) % 60);

	return (struct str){text, (size_t)len};
}

static struct str print_error_time(char *text, size_t size, const struct tm *tm)
{
	int len = snprintf(text, size, "%04d/%02d/%02d %02d:%02d:%02d", tm->tm_year + 1900,
			   tm->tm_mon + 1, tm->tm_mday, tm->tm_hour, tm->tm_min, tm->tm_sec);

	return (struct str){text, (size_t)len};
}

static void texts_update(void)
{
	static char http_date[HTTP_DATE_LEN], log_local[64], iso8601[64], error_time[64];
	struct tm tm;

	put_http_date(http_date, now.second);
	now.http_date = (struct str){http_date, sizeof(http_date)};
	localtime_r(&now.second, &tm);
	now.log_local = print_log_local(log_local, sizeof(log_local), &tm);
	now.iso8601 = print_iso8601(iso8601, sizeof(iso8601), &tm);
	now.error_time = print_error_time(error_time, sizeof(error_time), &tm);
}

static int64_t read_ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void clock_update(void)
{
	time_t second;

	now.ms = read_ms(CLOCK_MONOTONIC);
	now.wall_ms = read_ms(CLOCK_REALTIME);
	second = (time_t)(now.wall_ms / 1000);
	if (second != now.second) {
		now.second = second;
		texts_update();
	}
}

static int month_of(const char *name)
{
	for (int i = 0; i < 12; i++)
		if (memcmp(months[i], name, 3) == 0)
			return i;
	return -1;
}

/* RFC 850 dates have two digits for the year. A year that is more than 50 years in the future
 * belongs to the past century. */
static int full_year(int year)
{
	struct tm tm;

	gmtime_r(&now.second, &tm);
	year += (tm.tm_year + 1900) / 100 * 100;
	return year > tm.tm_year + 1900 + 50 ? year - 100 : year;
}

/* Does the same as timegm, but timegm takes ten times as long. A year begins in March here, so
 * the day that only some years have (29 February) is its last day. Between 1 March of the year
 * 0 and 1 January 1970 there are 719468 days. */
static time_t seconds_of(const struct tm *tm)
{
	int64_t year = tm->tm_year + 1900 - (tm->tm_mon < 2), month = (tm->tm_mon + 10) % 12;
	int64_t leaps = year / 4 - year / 100 + year / 400;
	int64_t days = year * 365 + leaps + (month * 153 + 2) / 5 + tm->tm_mday - 1 - 719468;

	return (time_t)(((days * 24 + tm->tm_hour) * 60 + tm->tm_min) * 60 + tm->tm_sec);
}

static time_t time_from(struct tm *tm, const char *month)
{
	tm->tm_mon = month_of(month);
	tm->tm_year -= 1900;
	if (tm->tm_mon < 0 || tm->tm_mday < 1 || tm->tm_mday > 31 || tm->tm_hour > 23 ||
	    tm->tm_min > 59 || tm->tm_sec > 60)
		return -1;
	return seconds_of(tm);
}

/* Returns the number that two digits are, or -1 if they are not digits. */
static int two_digits(const char *at)
{
	return char_is_digit(at[0]) && char_is_digit(at[1]) ? (at[0] - '0') * 10 + at[1] - '0' : -1;
}

/* Reads the form that all senders use today, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
 * Most answers have such a date, and sscanf takes many times as long to read it. Returns false
 * if the date has another form. */
static bool read_fixed(const char *at, struct tm *tm)
{
	int century = two_digits(at + 12), year = two_digits(at + 14);

	tm->tm_mday = two_digits(at + 5);
	tm->tm_year = century * 100 + year;
	tm->tm_hour = two_digits(at + 17);
	tm->tm_min = two_digits(at + 20);
	tm->tm_sec = two_digits(at + 23);
	return memcmp(at + 3, ", ", 2) == 0 && at[7] == ' ' && at[11] == ' ' && at[16] == ' ' &&
	       at[19] == ':' && at[22] == ':' && memcmp(at + 25, " GMT", 4) == 0 && century >= 0 &&
	       year >= 0 && tm->tm_hour >= 0 && tm->tm_min >= 0 && tm->tm_sec >= 0;
}

time_t http_date_parse(struct str text)
{
	char line[48], month[4];
	struct tm tm = {0};
	int end = 0;

	if (text.len == HTTP_DATE_LEN && read_fixed(text.data, &tm))
		return time_from(&tm, text.data + 8);
	if (text.len >= sizeof(line))
		return -1;
	*put_str(line, text) = '\0';

	if (sscanf(line, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &tm.tm_mday, month,
		   &tm.tm_year, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &end) == 6 &&
	    end > 0)
		return line[end] == '\0' ? time_from(&tm, month) : -1;
	if (sscanf(line, "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n", &tm.tm_mday, month,
		   &tm.tm_year, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &end) == 6 &&
	    end > 0) {
		tm.tm_year = full_year(tm.tm_year);
		return line[end] == '\0' ? time_from(&tm, month) : -1;
	}
	if (sscanf(line, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n", month, &tm.tm_mday,
		   &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &tm.tm_year, &end) == 6 &&
	    end > 0)
		return line[end] == '\0' ? time_from(&tm, month) : -1;
	return -1;
}

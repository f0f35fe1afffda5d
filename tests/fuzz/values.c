/*
 * What stands in header lines and arguments: dates, numbers, lists, base64, escapes.
 */
#include <string.h>

#include "base/clock.h"
#include "fuzz.h"
#include "http/message/uri.h"

/* A date that was understood, written in our way, is the same date. */
static void check_date(struct str text)
{
	char written[64];
	time_t date = http_date_parse(text);

	if (date < 0 || date > 253402300799) /* the last second of four-digit years */
		return;
	HOLDS(http_date_parse(str_between(written, put_http_date(written, date))) == date);
}

static void check_number(struct str text)
{
	char digits[NUMBER_MAX];
	int64_t n = str_to_number(text);

	HOLDS(n >= -1);
	if (n >= 0)
		HOLDS(str_to_number(str_between(digits, put_number(digits, (uint64_t)n))) == n);
}

static void check_list(struct str text)
{
	struct str list = text, item;
	size_t items = 0;

	while (str_next_item(&list, ',', &item)) {
		HOLDS(item.len > 0 && item.data >= text.data);
		HOLDS(item.data + item.len <= text.data + text.len);
		HOLDS(++items <= text.len);
	}
}

static void check_base64(struct str text)
{
	char *room = malloc(text.len / 4 * 3 + 3);
	int64_t len = base64_decode(text, room);

	HOLDS(len >= -1 && len <= (int64_t)(text.len / 4 * 3 + 3));
	free(room);
}

/* Escaping what was read, and reading it again. */
static void check_escapes(struct str text)
{
	char *plain = malloc(text.len + 1), *escaped = malloc(3 * text.len + 1);
	char *again = malloc(3 * text.len + 1);
	size_t len = uri_unescape(text, plain);
	struct str written;

	HOLDS(len <= text.len);
	written = str_between(escaped, put_escaped(escaped, (struct str){plain, len}, URI_ARG));
	HOLDS(uri_unescape(written, again) == len && memcmp(plain, again, len) == 0);
	free(plain);
	free(escaped);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size}, value;

	if (now.second == 0)
		clock_update();
	check_date(text);
	check_number(text);
	check_list(text);
	check_base64(text);
	check_escapes(text);
	if (uri_arg(text, STR("a"), &value))
		HOLDS(value.data >= text.data && value.data + value.len <= text.data + size);
	return 0;
}

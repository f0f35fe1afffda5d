#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int times_asked;
unsigned long last_asked;

long step_size(void)
{
	return variant("STEP");
}

long largest(void)
{
	return variant("LARGEST");
}

long batch(void)
{
	return variant("BATCH");
}

struct program *puppet(void)
{
	apart_reset();
	return program_start("puppet", NULL);
}

long class_size(unsigned long n)
{
	return n == 0 ? step_size() : (long)((n - 1) / (unsigned long)step_size() + 1) * step_size();
}

/* ---- orders ------------------------------------------------------------------------------ */

static void unexpected(const char *line)
{
	if (strncmp(line, "damaged", 7) == 0) {
		should_have("all bytes of the block as they were left");
		but_it_was("%s", line);
	}
	should_have("no such line");
	but_it_was("%s", line);
}

void order(struct program *p, const char *format, ...)
{
	char command[128], *line;
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	step("%s", command);
	tell(p, "%s", command);
	while ((line = heard(p)))
		unexpected(line);
}

static unsigned long read_address(struct program *p)
{
	unsigned long at = 0;
	bool none = false;
	char *line;

	times_asked = 0;
	while ((line = heard(p))) {
		if (sscanf(line, "at 0x%lx", &at) == 1)
			continue;
		if (sscanf(line, "asked %lu", &last_asked) == 1)
			times_asked++;
		else if (strcmp(line, "none ENOMEM") == 0)
			none = true;
		else if (strncmp(line, "none", 4) == 0) {
			should_have("errno ENOMEM where there is no memory");
			but_it_was("errno: %s", line + 5);
		} else
			unexpected(line);
	}
	if (!at && !none)
		judge_broke("the puppet said neither an address nor none");
	return at;
}

unsigned long get(struct program *p, int id, unsigned long n)
{
	step("block %d: small_get(%lu)", id, n);
	tell(p, "get %d %lu", id, n);
	return read_address(p);
}

unsigned long piece(struct program *p, int id, int pool, unsigned long n)
{
	step("piece %d: pool_get(pool %d, %lu)", id, pool, n);
	tell(p, "piece %d %d %lu", id, pool, n);
	return read_address(p);
}

long trim(struct program *p)
{
	long n = -1;
	char *line;

	step("small_trim()");
	tell(p, "trim");
	while ((line = heard(p)))
		if (sscanf(line, "trimmed %ld", &n) != 1)
			unexpected(line);
	return n;
}

void read_numbers(struct program *p, struct numbers *to)
{
	long size, count;
	char *line;

	memset(to, 0, sizeof *to);
	tell(p, "numbers");
	while ((line = heard(p))) {
		if (strncmp(line, "wrong ", 6) == 0) {
			should_have("lists and a reserve inside the memory that is taken");
			but_it_was("%s", line + 6);
		}
		if (sscanf(line, "list %ld %ld", &size, &count) == 2)
			to->free[size / step_size() - 1] = count;
		else if (sscanf(line, "heap %ld", &to->heap) != 1 && sscanf(line, "reserve %ld", &to->reserve) != 1)
			unexpected(line);
	}
}

void read_system(struct program *p, struct system_state *to)
{
	char *line;

	tell(p, "system");
	while ((line = heard(p)))
		if (sscanf(line, "takes %ld", &to->takes) != 1 && sscanf(line, "refused %ld", &to->refused) != 1 &&
		    sscanf(line, "areas %ld", &to->areas) != 1 && sscanf(line, "bytes %ld", &to->bytes) != 1 &&
		    sscanf(line, "wrong %ld", &to->wrong) != 1)
			unexpected(line);
	if (to->wrong > 0) {
		should_have("system_give with an area that was taken, once");
		but_it_was("%ld times something else", to->wrong);
	}
}

/* ---- the rules --------------------------------------------------------------------------- */

void model_get(struct numbers *m, unsigned long n)
{
	long size = class_size(n), list = size / step_size() - 1, count;

	if ((long)n > largest())
		return;
	if (m->free[list] > 0) {
		m->free[list]--;
		return;
	}
	if (m->reserve < size) {
		if (m->reserve > 0)
			m->free[m->reserve / step_size() - 1]++;
		m->reserve = 2 * size * batch() + (m->heap / 16 + step_size() - 1) / step_size() * step_size();
		m->heap += m->reserve;
	}
	count = m->reserve / size < batch() ? m->reserve / size : batch();
	m->reserve -= count * size;
	m->free[list] += count - 1;
}

void model_put(struct numbers *m, unsigned long n)
{
	if ((long)n <= largest())
		m->free[class_size(n) / step_size() - 1]++;
}

void expect_numbers(struct program *p, const struct numbers *m)
{
	struct numbers is;
	char what[64];

	read_numbers(p, &is);
	expect_number("the heap (bytes)", m->heap, is.heap);
	expect_number("the reserve (bytes)", m->reserve, is.reserve);
	for (int i = 0; i < largest() / step_size(); i++) {
		snprintf(what, sizeof what, "free blocks of %ld bytes", (i + 1) * step_size());
		expect_number(what, m->free[i], is.free[i]);
	}
}

void expect_balance(struct program *p, long in_use)
{
	struct numbers is;
	long sum;

	read_numbers(p, &is);
	sum = in_use + is.reserve;
	for (int i = 0; i < largest() / step_size(); i++)
		sum += is.free[i] * (i + 1) * step_size();
	if (sum != is.heap) {
		should_have("a heap of %ld bytes: blocks in use + free blocks + reserve", sum);
		but_it_was("%ld", is.heap);
	}
}

/* ---- no two blocks overlap --------------------------------------------------------------- */

static struct {
	unsigned long at, n;
} *given;
static size_t given_count, given_room;

void apart_reset(void)
{
	given_count = 0;
}

void expect_apart(unsigned long at, unsigned long n, unsigned long align)
{
	if (at % align) {
		should_have("an address that is a multiple of %lu", align);
		but_it_was("0x%lx", at);
	}
	for (size_t i = 0; i < given_count; i++)
		if (at < given[i].at + given[i].n && given[i].at < at + n) {
			should_have("memory that is not in use");
			but_it_was("%lu bytes at 0x%lx, where %lu bytes at 0x%lx are in use", n, at, given[i].n, given[i].at);
		}
	if (given_count == given_room) {
		given_room = given_room * 2 + 256;
		given = realloc(given, given_room * sizeof *given);
		if (!given)
			judge_broke("no memory");
	}
	given[given_count].at = at;
	given[given_count++].n = n ? n : 1;
}

void apart_forget(unsigned long at)
{
	for (size_t i = 0; i < given_count; i++)
		if (given[i].at == at) {
			given[i] = given[--given_count];
			return;
		}
}

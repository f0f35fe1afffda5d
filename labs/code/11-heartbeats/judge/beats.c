#include "beats.h"

#include "kernel.h"

#include <stdio.h>
#include <string.h>

/* ---- the model --------------------------------------------------------------------------- */

long model_limit(const struct model *m)
{
	return m->period * m->missed;
}

long model_patience(const struct model *m)
{
	return model_limit(m) * m->percent / 100;
}

static void reset(struct model *m, long at)
{
	m->period = m->most;
	m->last = m->counted = at;
	m->rtt = -1;
	m->credit = m->burst * 1000;
	m->number = m->asked_at = 0;
	m->asked = m->open = false;
}

struct model begin(long at)
{
	struct model m = {
	    .puppet = program_start("beats", NULL),
	    .least = variant("LEAST_MS"),
	    .most = variant("MOST_MS"),
	    .missed = variant("MISSED"),
	    .percent = variant("PROBE_PERCENT"),
	    .rate = variant("RATE"),
	    .burst = variant("BURST"),
	};

	reset(&m, at);
	expect_answer(m.puppet, "", "begin %ld", at);
	return m;
}

void begin_with(struct model *m, long at)
{
	reset(m, at);
	expect_answer(m->puppet, "", "begin %ld %ld %ld %ld %ld %ld %ld", at, m->least, m->most,
		      m->missed, m->percent, m->rate, m->burst);
}

void hello(struct model *m, long wanted)
{
	char granted[32];

	m->period = wanted < m->least ? m->least : wanted > m->most ? m->most : wanted;
	snprintf(granted, sizeof granted, "%ld", m->period);
	expect_answer(m->puppet, granted, "hello %ld", wanted);
}

void packet(struct model *m, long at, const char *kind, long number)
{
	bool flood;

	m->last = at;
	m->asked = false;
	if (strcmp(kind, "pong") == 0 && m->open && number == m->number) {
		long ms = at - m->asked_at;

		m->rtt = m->rtt < 0 ? ms : (7 * m->rtt + ms) / 8;
		m->open = false;
	}
	m->credit += (at - m->counted) * m->rate;
	m->counted = at;
	if (m->credit > m->burst * 1000)
		m->credit = m->burst * 1000;
	flood = m->credit < 1000;
	if (!flood)
		m->credit -= 1000;
	expect_answer(m->puppet, flood ? "flood" : "alive", "packet %ld %s %ld", at, kind,
		      number);
}

const char *due(struct model *m, long at)
{
	static char answer[64];
	long silence = at - m->last;

	strcpy(answer, "alive");
	if (silence >= model_limit(m)) {
		strcpy(answer, "silent");
	} else if (!m->asked && silence >= model_patience(m)) {
		m->asked = m->open = true;
		m->asked_at = at;
		snprintf(answer, sizeof answer, "probe %ld", ++m->number);
	}
	expect_answer(m->puppet, answer, "due %ld", at);
	return answer;
}

void paused(struct model *m, long from, long to)
{
	long begins = from > m->last ? from : m->last;

	if (begins < to) {
		m->last += to - begins;
		m->open = false;
	}
	expect_answer(m->puppet, "", "paused %ld %ld", from, to);
}

void expect_rtt(struct model *m)
{
	char text[32];

	snprintf(text, sizeof text, "%ld", m->rtt);
	expect_answer(m->puppet, text, "rtt");
}

long next(struct model *m)
{
	long at = 0;
	char *line;

	tell(m->puppet, "next");
	while ((line = heard(m->puppet)))
		if (sscanf(line, "%ld", &at) == 1)
			step("next: %ld", at);
	return at;
}

/* ---- guests of the server ---------------------------------------------------------------- */

enum { GUESTS = 16 };
static struct {
	const struct peer *peer;
	int number;
} numbers[GUESTS];

struct program *server(void)
{
	return server_start("beats", "0", NULL);
}

int guest_number(const struct peer *p)
{
	for (int i = 0; i < GUESTS; i++)
		if (numbers[i].peer == p)
			return numbers[i].number;
	judge_broke("%s was not welcomed", p->name);
}

struct peer *guest(struct program *s, const char *name, long ms, long *limit_ms)
{
	struct peer *p = peer_connect(s, name);
	long wanted = ms / variant("MISSED"), granted = -1;
	char format[64], *line;
	int number = 0, i = 0;

	peer_say(p, "HELLO %ld\n", wanted);
	line = peer_line(p);
	snprintf(format, sizeof format, "%s %%d %%ld", variant_text("WELCOME"));
	if (sscanf(line, format, &number, &granted) != 2 || granted != wanted) {
		should_have("\"%s\", the number of %s, and %ld", variant_text("WELCOME"), name,
			    wanted);
		but_it_was("%s", shown(line, strlen(line)));
	}
	while (i < GUESTS - 1 && numbers[i].peer)
		i++;
	numbers[i].peer = p;
	numbers[i].number = number;
	*limit_ms = granted * variant("MISSED");
	return p;
}

char *guest_line(struct peer *p)
{
	const char *word = variant_text("PROBE");
	size_t n = strlen(word);
	char *line;

	while (strncmp(line = peer_line(p), word, n) == 0 && line[n] == ' ')
		peer_say(p, "PONG %s\n", line + n + 1);
	return line;
}

bool guest_ping(struct peer *p, int gone_number, const char *why)
{
	static long number;
	char pong[64], gone[64], *line;
	bool is_gone = false;

	number++;
	snprintf(gone, sizeof gone, "GONE %d %s", gone_number, why);
	snprintf(pong, sizeof pong, "PONG %ld", number);
	peer_say(p, "%s %ld\n", variant_text("PING"), number);
	while (strcmp(line = guest_line(p), pong) != 0) {
		if (strcmp(line, gone) != 0) {
			should_have("%s, or %s", pong, gone_number ? gone : "a probe");
			but_it_was("%s", shown(line, strlen(line)));
		}
		is_gone = true;
	}
	return is_gone;
}

double wait_gone(struct peer *p, int number, const char *why)
{
	double last = deadline();

	while (!guest_ping(p, number, why)) {
		if (now() > last)
			too_late("the server does not say that guest %d is gone", number);
		for (int i = 0; i < 30; i++)
			nap();
	}
	return now();
}

/* 2 ms: the server counts in ms. */
void at_least(double began, double ms, const char *what)
{
	double was = (now() - began) * 1000;

	if (was >= ms - 2)
		return;
	should_have("%s after %.0f ms or later", what, ms);
	but_it_was("after %.0f ms", was);
}

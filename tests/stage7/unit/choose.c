/* Which server is next: sequences, all states in all methods, shares of keys. */
#include "modules/upstream/choose.h"

#include <stdio.h>

#include "base/crc32.h"
#include "unit.h"

enum { MOST = 4, KEYS = 3000 };

static const char *const names[] = {"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:4"};
static struct backend servers[MOST];
static struct backend_state states[MOST];
static struct ring_point points[MOST * 10 * RING_POINTS];
static struct ring ring;
static uint64_t tried;
static uint32_t dice;
static struct choice c;

/* ---- a group from a text: "5 1c2 1b": weights; c max_conns, f max_fails, t fail_timeout, b backup, d down, p pool_max */

static uint32_t number(const char **at)
{
	return (uint32_t)strtoul(*at, (char **)at, 10);
}

static void add_server(const char **at)
{
	struct backend *s = &servers[c.count];

	*s = (struct backend){.max_fails = 1, .fail_timeout = 10000, .weight = number(at)};
	s->name = str_from(names[c.count]);
	while (**at != ' ' && **at != '\0')
		switch (*(*at)++) {
		case 'c': s->max_conns = number(at); break;
		case 'f': s->max_fails = number(at); break;
		case 't': s->fail_timeout = number(at); break;
		case 'p': c.pool_max = number(at); break;
		case 'b': s->backup = true; break;
		case 'd': s->down = true; break;
		}
	states[c.count] = (struct backend_state){.effective = s->weight};
	c.count++;
	c.primaries += !s->backup;
}

static void begin(enum balancing method, const char *group)
{
	ring = (struct ring){points, 0};
	tried = 0;
	dice = 4711;
	c = (struct choice){.method = method, .servers = servers, .states = states, .ring = &ring,
			    .tried = &tried, .dice = &dice, .now = 1000000, .key = STR("key")};
	while (*group != '\0') {
		add_server(&group);
		group += *group == ' ';
	}
	for (uint32_t i = 0; method == BALANCE_HASH_CONSISTENT && i < c.primaries; i++)
		ring_add(&ring, i, servers[i].name, servers[i].weight);
	ring_sort(&ring);
}

/* ---- what happens: a  a is chosen, and answers at once · A  it is chosen, and stays in use · -a  one use of a ends
 * !a  it fails · =a  it succeeds · ~a  the request has tried a · ^  another request · >100  ms later
 * ?  all are full · .  none is there */

static void chosen(const char *where, int wanted)
{
	int found = choose(&c);

	if (found != wanted) {
		printf("before \"%s\": chosen is %c, but it should be %c\n", where, found < 0 ? '.' : 'a' + found, wanted < 0 ? '.' : 'a' + wanted);
		exit(1);
	}
}

static void change(char what, uint32_t i)
{
	switch (what) {
	case '-': states[i].conns--; servers[i].busy--; break;
	case '!': backend_failed(&servers[i], &states[i], c.now); break;
	case '=': backend_succeeded(&states[i]); break;
	case '~': tried |= (uint64_t)1 << i; break;
	}
}

static void run(enum balancing method, const char *group, const char *script)
{
	begin(method, group);
	for (const char *at = script; *at != '\0'; at++) {
		if (*at >= 'a' && *at <= 'h') {
			chosen(at, *at - 'a');
		} else if (*at >= 'A' && *at <= 'H') {
			chosen(at, *at - 'A');
			states[*at - 'A'].conns++;
			servers[*at - 'A'].busy++;
		} else if (*at == '.' || *at == '?') {
			chosen(at, NO_SERVER);
			CHECK_NUMBER(*at == '?' ? FULL : UNFIT, choose_best_fitness(&c));
		} else if (*at == '^') {
			tried = 0;
		} else if (*at == '>') {
			at++;
			c.now += number(&at);
			at--;
		} else if (*at != ' ') {
			change(*at, (uint32_t)(at[1] - 'a'));
			at++;
		}
	}
}

static const struct {
	enum balancing method;
	const char *group, *script;
} table[] = {
	/* in turn, by weight */
	{BALANCE_ROUND_ROBIN, "1", "aaa"},
	{BALANCE_ROUND_ROBIN, "1 1 1", "abcabc"},
	{BALANCE_ROUND_ROBIN, "5 1 1", "aabacaa aabacaa"},
	{BALANCE_ROUND_ROBIN, "3 1", "aaba aaba"},
	{BALANCE_ROUND_ROBIN, "1 2", "babbab"},
	/* down, backup */
	{BALANCE_ROUND_ROBIN, "1d 1 1d", "bbb"},
	{BALANCE_ROUND_ROBIN, "1d", "."},
	{BALANCE_ROUND_ROBIN, "1 1 1b", "abab"},
	{BALANCE_ROUND_ROBIN, "1d 1b 1b", "bcbc"},
	{BALANCE_LEAST_CONN, "1d 1b 1b", "BCCB"},
	/* a request never has the same server twice */
	{BALANCE_ROUND_ROBIN, "1 1 1b", "a ~a b ~b c ~c . ^ b"},
	{BALANCE_ROUND_ROBIN, "1", "a ~a . ^ a"},
	/* failures: out for fail_timeout, then one attempt in each, until it answers */
	{BALANCE_ROUND_ROBIN, "1 1", "a !a bb >9999 b >1 b >1 bba bb >10000 b >1 ba"},
	{BALANCE_ROUND_ROBIN, "1 1", "a !a >10001 bba =a ba"},
	{BALANCE_ROUND_ROBIN, "1 1t500", "ab !b a >500 a >1 aab"},
	{BALANCE_ROUND_ROBIN, "1f2 1", "a !a ba !a bb"},
	{BALANCE_ROUND_ROBIN, "1f0 1", "a !a !a !a ba"},
	{BALANCE_ROUND_ROBIN, "1 1", "!a !b . >10001 ab ."},
	{BALANCE_ROUND_ROBIN, "1 1b", "!a b >10001 a =a a"},
	/* a success forgets failures, but only one that began after them */
	{BALANCE_ROUND_ROBIN, "1f3 1", "!a !a =a !a bbb"},
	{BALANCE_ROUND_ROBIN, "1f3t10 1", "!a !a >11 a =a !a !a ba"},
	/* the only server is asked although it failed */
	{BALANCE_ROUND_ROBIN, "1", "!a !a aa"},
	/* a failure costs weight, and each round gives 1 back */
	{BALANCE_ROUND_ROBIN, "6t10 6", "ab !a >11 bbba =a babab"},
	/* full: max_conns, pool_max */
	{BALANCE_ROUND_ROBIN, "1c1 1c2", "ABB ? -a A ? -b B"},
	{BALANCE_ROUND_ROBIN, "1c1 1d", "A ? !a ."},
	{BALANCE_ROUND_ROBIN, "1c1 1b", "A bb -a a"},
	{BALANCE_ROUND_ROBIN, "1c1 1c1b", "AB ? -b B"},
	{BALANCE_ROUND_ROBIN, "1p2 1", "ABAB ? -a A"},
	{BALANCE_ROUND_ROBIN, "1c1", "A ? ~a ."},
	/* least busy, for its weight; in turn among equals */
	{BALANCE_LEAST_CONN, "1 1 1", "ABCCBA -b B -c -c C"},
	{BALANCE_LEAST_CONN, "2 1", "ABA BAA"},
	{BALANCE_LEAST_CONN, "1 1 1", "abcabc"},
	{BALANCE_LEAST_CONN, "1 1 1", "A !b C CA"},
	{BALANCE_LEAST_CONN, "1c1 1c1", "AB ? -b B"},
};

/* ---- whatever the method and the states: one that is fit, if there is one */

enum { STATES = 5 };

static void put_into(uint32_t i, int state)
{
	servers[i].down = state == 1;
	tried |= (uint64_t)(state == 2) << i;
	states[i].fails = state == 3;
	states[i].checked = state == 3 ? c.now : 0;
	servers[i].max_conns = 1;
	states[i].conns = state == 4;
}

static void all_states(enum balancing method)
{
	for (int code = 0; code < STATES * STATES * STATES * STATES; code++) {
		int rest = code, found;
		bool any = false;

		begin(method, "1 2 1 3");
		for (uint32_t i = 0; i < 4; i++, rest /= STATES) {
			put_into(i, rest % STATES);
			any = any || rest % STATES == 0;
		}
		found = choose(&c);
		CHECK_NUMBER(any, found != NO_SERVER);
		CHECK(found == NO_SERVER || choose_fitness(&c, (uint32_t)found) == FIT);
	}
}

/* ---- each gets its share of the keys, and keeps its keys when another one goes */

static int of_key(int k)
{
	static char text[32];
	static unsigned char address[16];

	c.key = (struct str){text, (size_t)sprintf(text, "/page/%d.html", k)};
	if (c.method == BALANCE_IP_HASH) {
		for (int i = 0; i < 3; i++)
			address[i] = (unsigned char)(crc32_of(c.key) >> 8 * i);
		c.key = (struct str){(char *)address, 3};
	}
	return choose(&c);
}

static void shares(enum balancing method, const char *group, int tolerance)
{
	int had[MOST] = {0};
	int weights = 0;

	begin(method, group);
	for (int k = 0; k < KEYS; k++)
		had[of_key(k)]++;
	for (uint32_t i = 0; i < c.count; i++)
		weights += (int)servers[i].weight;
	for (uint32_t i = 0; i < c.count; i++) {
		int share = KEYS * (int)servers[i].weight / weights;

		if (had[i] < share * (100 - tolerance) / 100 || had[i] > share * (100 + tolerance) / 100) {
			printf("method %d: server %u of \"%s\" has %d keys, and its share is %d\n", method, i, group, had[i], share);
			exit(1);
		}
	}
}

static void keys_stay(enum balancing method)
{
	static int before[KEYS];

	begin(method, "1 1 2 1");
	for (int k = 0; k < KEYS; k++)
		before[k] = of_key(k);
	servers[1].down = true;
	for (int k = 0; k < KEYS; k++)
		CHECK(before[k] == 1 ? of_key(k) != 1 : of_key(k) == before[k]);
	servers[1].down = false;
	for (int k = 0; k < KEYS; k++)
		CHECK_NUMBER(before[k], of_key(k));
}

/* The same, when the server is no longer in the file: only a ring can do that. */
static void a_server_goes(void)
{
	static struct str before[KEYS];

	begin(BALANCE_HASH_CONSISTENT, "1 1 1 1");
	for (int k = 0; k < KEYS; k++)
		before[k] = servers[of_key(k)].name;
	begin(BALANCE_HASH_CONSISTENT, "1 1 1");
	for (int k = 0; k < KEYS; k++) {
		int found = of_key(k);

		CHECK(str_equal(before[k], STR("127.0.0.1:4")) || str_equal(before[k], servers[found].name));
	}
}

/* Two chances: where one server has many connections, the others are chosen. */
static void two_chances(void)
{
	int had[MOST] = {0};

	begin(BALANCE_RANDOM_TWO, "1 1 1");
	states[0].conns = 100;
	for (int k = 0; k < 3000; k++)
		had[choose(&c)]++;
	CHECK(had[0] < 30 && had[1] > 1200 && had[2] > 1200);
}

int main(void)
{
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		printf("\"%s\": %s\n", table[i].group, table[i].script);
		run(table[i].method, table[i].group, table[i].script);
	}
	for (enum balancing m = BALANCE_ROUND_ROBIN; m <= BALANCE_RANDOM_TWO; m++) {
		all_states(m);
		shares(m, "1 1 1", m == BALANCE_HASH_CONSISTENT ? 20 : 6);
		shares(m, "3 1", m == BALANCE_HASH_CONSISTENT ? 20 : 6);
	}
	keys_stay(BALANCE_IP_HASH);
	keys_stay(BALANCE_HASH);
	keys_stay(BALANCE_HASH_CONSISTENT);
	a_server_goes();
	two_chances();
	return 0;
}

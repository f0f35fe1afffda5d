/*
 * The puppet of lab 10: one ep and the sockets of sim.h. Try it: build/puppet, then
 *	pair
 *	add 0 IN|ET 7
 *	write 1 3
 *	wait 8 0
 */
#include "ep.h"
#include "puppet.h"
#include "sim.h"
#include "variant.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EVENTS = 64 };

static struct ep *ep;

/* ---- words ------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	uint32_t bit;
} names[] = {
    {"IN", EP_IN},   {"OUT", EP_OUT},         {"RDHUP", EP_RDHUP},
    {"HUP", EP_HUP}, {"ONESHOT", EP_ONESHOT}, {"ET", EP_ET},
};
enum { NAMES = sizeof names / sizeof *names };

/* "IN|ET"; "0" is no bit */
static uint32_t bits_of(char *text)
{
	uint32_t bits = 0;

	for (char *rest, *word = strtok_r(text, "|", &rest); word;
	     word = strtok_r(NULL, "|", &rest))
		for (int i = 0; i < NAMES; i++)
			if (strcmp(word, names[i].name) == 0)
				bits |= names[i].bit;
	return bits;
}

static const char *text_of(uint32_t bits)
{
	static char text[64];
	uint32_t unknown = bits;

	text[0] = '\0';
	for (int i = 0; i < NAMES; i++)
		if (bits & names[i].bit) {
			snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s",
				 *text ? "|" : "", names[i].name);
			unknown &= ~names[i].bit;
		}
	if (unknown || !*text)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s0x%x",
			 *text ? "|" : "", unknown);
	return text;
}

static const char *error_name(int number)
{
	switch (number) {
	case EBADF:
		return "EBADF";
	case EEXIST:
		return "EEXIST";
	case ENOENT:
		return "ENOENT";
	case EINVAL:
		return "EINVAL";
	}
	return strerror(number);
}

/* ---- commands ---------------------------------------------------------------------------- */

static void begin(const struct words *w)
{
	(void)w;
	if (ep)
		ep_close(ep);
	sim_reset();
	ep = ep_create();
}

static void pair(const struct words *w)
{
	int sockets[2];

	(void)w;
	sim_pair(sockets);
	say("sockets %d %d", sockets[0], sockets[1]);
}

static void control(const struct words *w, int op)
{
	struct ep_event wish = {0};

	if (w->count > 2)
		wish.events = bits_of(w->word[2]);
	wish.data = (uint64_t)number_of(w, 3);
	errno = 0;
	if (ep_ctl(ep, op, (int)number_of(w, 1), op == EP_DEL ? NULL : &wish) == 0)
		say("ok");
	else
		say("%s", error_name(errno));
}

static void add(const struct words *w)
{
	control(w, EP_ADD);
}

static void mod(const struct words *w)
{
	control(w, EP_MOD);
}

static void del(const struct words *w)
{
	control(w, EP_DEL);
}

static void strange(const struct words *w)
{
	control(w, 4);
}

static void wait_for(const struct words *w)
{
	struct ep_event events[EVENTS];
	int max = (int)number_of(w, 1), n;

	errno = 0;
	n = ep_wait(ep, events, max < EVENTS ? max : EVENTS, (int)number_of(w, 2));
	if (n < 0)
		say("%s", error_name(errno));
	for (int i = 0; i < n; i++)
		say("%llu:%s", (unsigned long long)events[i].data, text_of(events[i].events));
}

static void write_to(const struct words *w)
{
	sim_write((int)number_of(w, 1), number_of(w, 2));
}

static void fill(const struct words *w)
{
	sim_write((int)number_of(w, 1), CAPACITY);
}

static void read_from(const struct words *w)
{
	sim_read((int)number_of(w, 1), number_of(w, 2));
}

static void close_end(const struct words *w)
{
	sim_close((int)number_of(w, 1));
}

static void hooks(const struct words *w)
{
	say("%d", sim_hooks((int)number_of(w, 1)));
}

/* ---- another thread, and many sockets ---------------------------------------------------- */

static struct {
	int sock;
	long ms;
} later;

static void *write_later(void *unused)
{
	nanosleep(&(struct timespec){later.ms / 1000, later.ms % 1000 * 1000000}, NULL);
	sim_write(later.sock, 1);
	return unused;
}

static void write_by_thread(const struct words *w)
{
	pthread_t thread;

	later.sock = (int)number_of(w, 1);
	later.ms = number_of(w, 2);
	if (pthread_create(&thread, NULL, write_later, NULL) == 0)
		pthread_detach(thread);
}

/* N sockets are added and taken out again, TIMES times. The even ones of N pairs exist already.
 */
static void churn(const struct words *w)
{
	struct ep_event wish = {EP_IN, 1};
	int n = (int)number_of(w, 1);

	for (long t = number_of(w, 2); t > 0; t--) {
		for (int i = 0; i < n; i++)
			ep_ctl(ep, EP_ADD, 2 * i, &wish);
		for (int i = 0; i < n; i++)
			ep_ctl(ep, EP_DEL, 2 * i, NULL);
	}
}

static void pairs(const struct words *w)
{
	int sockets[2];

	for (long n = number_of(w, 1); n > 0; n--)
		sim_pair(sockets);
}

/* The even sockets below 2 * N are watched. */
static void watch(const struct words *w)
{
	struct ep_event wish = {EP_IN, 1};

	for (int i = 0; i < number_of(w, 1); i++)
		ep_ctl(ep, EP_ADD, 2 * i, &wish);
}

/* One byte to socket 0, one wait, and it is read: TIMES times. */
static void waits(const struct words *w)
{
	struct ep_event event;
	long n = 0;

	for (long t = number_of(w, 1); t > 0; t--) {
		sim_write(1, 1);
		n += ep_wait(ep, &event, 1, 0);
		sim_read(0, 1);
	}
	say("%ld", n);
}

static const struct command commands[] = {
    {"new", "new: ep_close, all sockets are gone, ep_create", begin},
    {"pair", "pair: two sockets, each the peer of the other", pair},
    {"add", "add SOCKET IN|OUT|RDHUP|ET|ONESHOT DATA", add},
    {"mod", "mod SOCKET EVENTS DATA", mod},
    {"del", "del SOCKET", del},
    {"strange", "strange SOCKET: ep_ctl with an operation that does not exist", strange},
    {"wait", "wait MAX MS: ep_wait, a line DATA:EVENTS an event", wait_for},
    {"write", "write SOCKET N: N bytes go to its peer", write_to},
    {"fill", "fill SOCKET: as many bytes as its peer has room for", fill},
    {"read", "read SOCKET N", read_from},
    {"close", "close SOCKET", close_end},
    {"hooks", "hooks SOCKET: how many it has", hooks},
    {"later", "later SOCKET MS: another thread writes a byte then", write_by_thread},
    {"pairs", "pairs N", pairs},
    {"watch", "watch N: the even sockets of the first N pairs", watch},
    {"churn", "churn N TIMES: N sockets are added and taken out", churn},
    {"waits", "waits TIMES: write, wait, read", waits},
    {NULL, NULL, NULL},
};

int main(void)
{
	int result;

	mallopt(M_PERTURB, 0xa5); /* memory that was freed holds junk */
	ep = ep_create();
	result = puppet_run(commands);
	if (ep)
		ep_close(ep);
	sim_reset();
	return result;
}

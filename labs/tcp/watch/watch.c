/*
 * watch: every connection of a port, both ends, as their states change.
 *
 *	watch [--plain] [--record FILE] [--poll] [--more] PORT ...
 *
 * As root it listens to the kernel's tracepoint, which misses no change, and asks sock_diag
 * for TIME_WAIT, which the tracepoint does not tell of. An ordinary user gets what a look at
 * the socket table each 2 ms shows: short states may be missed, times are that exact.
 * Only IPv4, and connections of which at least one end is on this machine.
 *
 * On a terminal it draws a live view, which q or Ctrl-C leaves; otherwise, or with --plain,
 * it prints a line for each change. --record FILE writes the same lines to FILE, a timeline:
 *
 *	# watch 1
 *	# how tracepoint				or: polling
 *	# start 2651.662864				CLOCK_MONOTONIC of time 0
 *	0.000035 127.0.0.1:58248 127.0.0.1:7777 - SYN_SENT
 *	0.000082 127.0.0.1:58248 127.0.0.1:7777 SYN_SENT ESTABLISHED
 *	...
 *
 * that is: seconds, this end's address, the other end's (0.0.0.0:0: none, it listens), the
 * state before ("-": the first that was seen), the state now. CLOSED says that the end is no
 * more; the same addresses may come again later, as a new end, with "-".
 *
 * With --more further ports may come on standard input, one a line; each is answered by
 * "watching PORT" on standard output when nothing of it will be missed from then on.
 */
#include "path.h"
#include "screen.h"
#include "trace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PORTS_MAX = 32, POLL_MS = 2, TRACE_DUMP_MS = 20, DRAW_MS = 100, KEEP_CLOSED_S = 10 };

static unsigned ports[PORTS_MAX];
static int nports;
static bool tracing, plain, more;
static FILE *record;
static double start;
static unsigned dump; /* the number of the present dump */
static double dump_time;
static volatile sig_atomic_t leaving;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static bool is_server(unsigned short port)
{
	for (int i = 0; i < nports; i++)
		if (ports[i] == port)
			return true;
	return false;
}

/* ---- telling ------------------------------------------------------------------------------
 */

/* From here on nothing is missed. */
static void write_head(FILE *out)
{
	fprintf(out, "# watch 1\n# how %s\n# start %.6f\n", tracing ? "tracepoint" : "polling",
		start);
	fflush(out);
}

static void write_step(FILE *out, const struct path *p, int old)
{
	fprintf(out, "%.6f %s %s %s %s\n", path_since(p) - start, path_address(&p->local),
		path_address(&p->peer), old ? state_name(old) : "-", state_name(path_state(p)));
	fflush(out);
}

static void tell_step(const struct path *p, int old)
{
	if (plain && !more)
		write_step(stdout, p, old);
	if (record)
		write_step(record, p, old);
}

/* ---- what the tracepoint tells ------------------------------------------------------------
 */

/* connect() is told of before the kernel has chosen our port: the moment is kept for the next
 * change of a client of the same server. */
static struct change early[64];
static int nearly;

static void keep_early(const struct change *c)
{
	if (nearly == (int)(sizeof(early) / sizeof(early[0])))
		memmove(early, early + 1, --nearly * sizeof(early[0]));
	early[nearly++] = *c;
}

static double take_early(const struct sockaddr_in *peer, double otherwise)
{
	for (int i = 0; i < nearly; i++)
		if (early[i].peer.sin_port == peer->sin_port &&
		    early[i].peer.sin_addr.s_addr == peer->sin_addr.s_addr) {
			otherwise = early[i].when;
			memmove(early + i, early + i + 1, (--nearly - i) * sizeof(early[0]));
			break;
		}
	return otherwise;
}

/* A socket that the kernel "closed" may live on as a small one, in TIME_WAIT or FIN_WAIT2. */
static int after_close(const struct path *p)
{
	struct diag d;

	return diag_find(&p->local, &p->peer, &d) == 0 ? d.state : STATE_CLOSED;
}

static void on_change(const struct change *c)
{
	struct path *p = path_find(&c->local, &c->peer);
	bool fresh = !p || path_state(p) == STATE_CLOSED || path_state(p) == 6 /* TIME_WAIT */;
	int new = c->new;

	if (c->local.sin_port == 0) {
		keep_early(c);
		return;
	}
	if (fresh && c->new == STATE_CLOSED && c->old != 2 /* SYN_SENT */)
		return; /* the end of one that we never saw alive */
	if (!p)
		p = path_create(&c->local, &c->peer);
	else if (fresh)
		p->steps = 0;
	p->traced = true;
	if (fresh && c->old == 2)
		path_step(p, take_early(&c->peer, c->when), c->old);
	if (new == STATE_CLOSED)
		new = after_close(p);
	if (p->steps == 0 || new != path_state(p))
		path_step(p, c->when, new);
}

/* False: there was nothing. */
static bool drain_trace(void)
{
	bool any = false;
	struct change c;

	for (; trace_next(&c); any = true)
		on_change(&c);
	return any;
}

/* ---- what a look at the table shows -------------------------------------------------------
 */

static struct diag table[1 << 14];
static int ntable;

static void on_entry(const struct diag *d, void *unused)
{
	(void)unused;
	if (ntable < (int)(sizeof(table) / sizeof(table[0])))
		table[ntable++] = *d;
}

static void apply_entry(const struct diag *d)
{
	struct path *p = path_find(&d->local, &d->peer);

	if (!p)
		p = path_create(&d->local, &d->peer);
	if (p->steps && path_state(p) == STATE_CLOSED && path_since(p) < dump_time) {
		p->steps = 0; /* the same addresses again, a new connection */
		p->traced = false;
	}
	if (p->steps == 0) {
		bool syn = d->state == 2;

		path_step(p, syn ? take_early(&d->peer, dump_time) : dump_time, d->state);
	} else if (path_state(p) != d->state && (!p->traced || d->state == 6)) {
		path_step(p, dump_time, d->state);
	}
	p->seen = dump;
}

/* An end that is no longer in the table is closed; but of what the tracepoint tells, only the
 * small sockets end unseen by it. */
static void close_missing(void)
{
	for (struct path *p = path_newest(); p; p = p->older) {
		int state = path_state(p);
		bool small = state == 6 || state == 5 /* FIN_WAIT2 */ || !p->traced;

		if (p->seen != dump && state != STATE_CLOSED && small &&
		    path_since(p) < dump_time)
			path_step(p, dump_time, STATE_CLOSED);
	}
}

static void look(void)
{
	double t = now();

	ntable = 0;
	for (int i = 0; i < nports; i++)
		if (diag_each(ports[i], on_entry, NULL) < 0)
			return;
	if (tracing)
		drain_trace(); /* what came before the look is known before its result is used
				*/
	dump++;
	dump_time = t;
	for (int i = 0; i < ntable; i++)
		apply_entry(&table[i]);
	close_missing();
	path_drop_closed(t - KEEP_CLOSED_S);
}

/* ---- ports --------------------------------------------------------------------------------
 */

static int add_port(const char *word)
{
	char *rest;
	long port = strtol(word, &rest, 10);

	if (rest == word || *rest || port < 1 || port > 65535) {
		fprintf(stderr, "watch: %s is no port: a number from 1 to 65535\n", word);
		return -1;
	}
	if (nports == PORTS_MAX) {
		fprintf(stderr, "watch: more than %d ports\n", PORTS_MAX);
		return -1;
	}
	ports[nports++] = (unsigned)port;
	return 0;
}

static void start_tracing(void)
{
	if (tracing && nports && !trace_ports(ports, nports)) {
		tracing = false;
		fprintf(stderr, "watch: %s; looking at the socket table instead\n", trace_why);
	}
}

/* A line of standard input; false at its end. */
static bool read_port(void)
{
	char line[32];

	if (!fgets(line, sizeof(line), stdin))
		return false;
	line[strcspn(line, "\n")] = '\0';
	if (add_port(line) == 0) {
		start_tracing();
		look();
	}
	printf("watching %s\n", line);
	fflush(stdout);
	return true;
}

/* ---- the loop -----------------------------------------------------------------------------
 */

static void on_signal(int n)
{
	leaving = n;
}

/* The next round: when there is something to read, or it is time to look. */
static void wait_for_news(const sigset_t *mask)
{
	struct timespec t = {0, (tracing ? TRACE_DUMP_MS : POLL_MS) * 1000000L};
	struct pollfd p[2] = {{.fd = more ? STDIN_FILENO : -1, .events = POLLIN},
			      {.fd = tracing ? trace_fd() : -1, .events = POLLIN}};

	if (ppoll(p, 2, &t, mask) > 0 && p[0].revents && !read_port())
		leaving = SIGTERM;
}

static void watch(const char *title, const sigset_t *mask, bool screen)
{
	double drawn = 0, looked = 0;

	while (!leaving) {
		double t = now();
		/* What moves one end often moves the small socket at the other: look at once.
		 */
		bool news = tracing && drain_trace();

		if (!tracing || (news && t - looked > 0.001) ||
		    t - looked > TRACE_DUMP_MS / 1000.0) {
			look();
			looked = t;
		}
		if (screen && t - drawn > DRAW_MS / 1000.0) {
			screen_draw(title, t, is_server);
			drawn = t;
		}
		if (screen && screen_wants_to_leave())
			break;
		wait_for_news(mask);
	}
	if (more)
		look(); /* the last word, for the record */
}

static int usage(FILE *out)
{
	fputs("usage: watch [--plain] [--record FILE] [--poll] PORT ...\n"
	      "shows every connection of PORT, both ends, as their states change\n"
	      "  --plain        a line for each change, no live view\n"
	      "  --record FILE  write a timeline to FILE\n"
	      "  --poll         look at the socket table, also as root\n"
	      "  --more         read further ports from standard input\n"
	      "q or Ctrl-C leaves\n",
	      out);
	return out == stdout ? 0 : 2;
}

static int options(int argc, char **argv, bool *poll_only)
{
	static const struct option names[] = {
	    {"plain", no_argument, NULL, 'p'}, {"record", required_argument, NULL, 'r'},
	    {"poll", no_argument, NULL, 'l'},  {"more", no_argument, NULL, 'm'},
	    {"help", no_argument, NULL, 'h'},  {NULL, 0, NULL, 0},
	};
	const char *file = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "hp", names, NULL)) != -1) {
		plain |= c == 'p';
		more |= c == 'm';
		*poll_only |= c == 'l';
		if (c == 'r')
			file = optarg;
		if (c == 'h')
			exit(usage(stdout));
		if (c == '?')
			return usage(stderr);
	}
	for (; optind < argc; optind++)
		if (add_port(argv[optind]) < 0)
			return 2;
	if (nports == 0 && !more)
		return usage(stderr);
	record = file ? fopen(file, "we") : NULL;
	if (file && !record) {
		fprintf(stderr, "watch: %s: %s\n", file, strerror(errno));
		return 1;
	}
	return 0;
}

static void catch_signals(sigset_t *mask)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
	enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };
	struct sigaction a = {.sa_handler = on_signal};
	sigset_t block;

	sigemptyset(&block);
	for (int i = 0; i < SIGNALS; i++) {
		sigaddset(&block, signals[i]);
		sigaction(signals[i], &a, NULL);
	}
	/* They come while we wait and at no other time, so that none is lost. */
	sigprocmask(SIG_BLOCK, &block, mask);
	for (int i = 0; i < SIGNALS; i++)
		sigdelset(mask, signals[i]);
}

int main(int argc, char **argv)
{
	bool poll_only = false, screen;
	char title[256];
	sigset_t mask;
	int status = options(argc, argv, &poll_only);

	if (status)
		return status;
	catch_signals(&mask);
	start = now();
	on_step = tell_step;
	tracing = !poll_only && trace_open();
	start_tracing();
	snprintf(title, sizeof(title), "port %u, %s   (q leaves)", ports[0],
		 tracing ? "every change, from the kernel's tracepoint"
			 : "a look at the socket table each 2 ms (root sees every change)");
	screen = !plain && !more && screen_open();
	plain = !screen;
	if (plain && !more)
		write_head(stdout);
	if (record)
		write_head(record);
	watch(title, &mask, screen);
	screen_close();
	trace_close();
	if (record && fclose(record) != 0) {
		fprintf(stderr, "watch: the record could not be written: %s\n",
			strerror(errno));
		return 1;
	}
	return 0;
}

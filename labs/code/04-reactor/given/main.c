/*
 * The puppet of lab 4: a reactor whose callbacks do what they were told before. Try it:
 *	pair 1
 *	watch 1 1 r
 *	write 1 hello
 *	turn 0
 *	do 1 "read 1" "end 1"
 *	turn 0
 * Pairs, watches, alarms and posts have numbers, which you choose. A callback says "called", then
 * it obeys the commands of "do", each once. "build/puppet serve PORT" is an HTTP server.
 */
#include "own.h"
#include "puppet.h"
#include "reactor.h"
#include "serve.h"
#include "wrap.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { MOST = 4096, ORDERS = 8 };

struct orders {
	char *text[ORDERS];
	int count;
};

static struct {
	int ours, theirs;
} pairs[MOST];
static struct watch *watches[MOST];
static struct alarm *alarms[MOST];
static struct orders of_watch[MOST], of_alarm[MOST], of_post[MOST], of_signal;
static struct reactor *reactor;

static void obey_text(char *text);

static size_t place(const struct words *w, int i)
{
	return (size_t)number_of(w, i) % MOST;
}

static void orders_set(struct orders *o, const struct words *w, int from)
{
	o->count = 0;
	for (int i = from; i < w->count && o->count < ORDERS; i++)
		o->text[o->count++] = strdup(w->word[i]);
}

static void orders_obey(struct orders *o)
{
	struct orders once = *o;

	o->count = 0;
	for (int i = 0; i < once.count; i++) {
		obey_text(once.text[i]);
		free(once.text[i]);
	}
}

/* ---- sockets ----------------------------------------------------------------------------- */

static int listener;
static struct sockaddr_in address = {.sin_family = AF_INET};

static void listener_open(void)
{
	socklen_t n = sizeof address;
	struct rlimit most;

	getrlimit(RLIMIT_NOFILE, &most);
	most.rlim_cur = most.rlim_max;
	setrlimit(RLIMIT_NOFILE, &most);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (void *)&address, sizeof address) < 0 || listen(listener, 1) < 0 ||
	    getsockname(listener, (void *)&address, &n) < 0)
		abort();
}

/* TCP, so that the peer can also reset. The peer's number is high: ours gets the lowest free one. */
static void pair(const struct words *w)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), id = (int)place(w, 1);

	pairs[id].theirs = fcntl(fd, F_DUPFD_CLOEXEC, 600);
	close(fd);
	if (pairs[id].theirs < 0 || connect(pairs[id].theirs, (void *)&address, sizeof address) < 0)
		abort();
	pairs[id].ours = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/* Of a pipe, epoll tells errors alone: nothing to read, and no peer any more. */
static void pipe_open(const struct words *w)
{
	int both[2], id = (int)place(w, 1);

	if (pipe2(both, O_CLOEXEC | O_NONBLOCK) < 0)
		abort();
	pairs[id].ours = both[0];
	pairs[id].theirs = both[1];
}

/* What the peer did has arrived at our socket, so the next turn can know it. */
static void settle(size_t id, short events)
{
	struct pollfd p = {.fd = pairs[id].ours, .events = events};

	poll(&p, 1, 2000);
}

static int unread(size_t id)
{
	int n = 0;

	return ioctl(pairs[id].ours, FIONREAD, &n) < 0 ? INT_MAX : n;
}

static void write_theirs(const struct words *w)
{
	size_t id = place(w, 1);
	int before = unread(id);
	ssize_t n = w->count > 2 ? write(pairs[id].theirs, w->word[2], w->length[2]) : 0;

	if (n < 0)
		say("write: %s", strerror(errno));
	for (int i = 0; n > 0 && unread(id) - before < n && i < 100000; i++)
		sched_yield();
}

static void leave(const struct words *w)
{
	close(pairs[place(w, 1)].theirs);
	settle(place(w, 1), POLLRDHUP);
}

static void reset(const struct words *w)
{
	struct linger now = {1, 0};

	setsockopt(pairs[place(w, 1)].theirs, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(pairs[place(w, 1)].theirs);
	settle(place(w, 1), 0);
}

static void read_ours(const struct words *w)
{
	char bytes[4096];
	ssize_t n = read(pairs[place(w, 1)].ours, bytes, sizeof bytes);

	if (n < 0)
		say("read %s", errno == EAGAIN ? "EAGAIN" : errno == ECONNRESET ? "ECONNRESET" : strerror(errno));
	else
		say("read %zd", n);
}

static void fill_ours(const struct words *w)
{
	static char bytes[65536];

	while (write(pairs[place(w, 1)].ours, bytes, sizeof bytes) > 0)
		continue;
}

static void drain_theirs(const struct words *w)
{
	static char bytes[65536];

	do {
		while (recv(pairs[place(w, 1)].theirs, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
			continue;
	} while (poll(&(struct pollfd){.fd = pairs[place(w, 1)].ours, .events = POLLOUT}, 1, 1) == 0);
}

static void close_ours(const struct words *w)
{
	close(pairs[place(w, 1)].ours);
}

static void number_of_ours(const struct words *w)
{
	say("descriptor %d", pairs[place(w, 1)].ours);
}

/* ---- watches ----------------------------------------------------------------------------- */

static unsigned bits(const struct words *w, int i)
{
	const char *text = i < w->count ? w->word[i] : "";

	return (strchr(text, 'r') ? READY_READ : 0) | (strchr(text, 'w') ? READY_WRITE : 0);
}

static const char *letters(unsigned ready)
{
	static const char *const names[] = {"nothing", "r", "w", "rw"};

	if (ready & ~(unsigned)READY)
		return "a bit that is neither READY_READ nor READY_WRITE";
	return names[(ready & READY_READ ? 1 : 0) + (ready & READY_WRITE ? 2 : 0)];
}

static void on_watch(void *arg, unsigned ready)
{
	long id = (struct watch **)arg - watches;

	say("called %ld %s", id, letters(ready));
	orders_obey(&of_watch[id]);
}

static void watch(const struct words *w)
{
	size_t id = place(w, 1);

	errno = 0;
	watches[id] = watch_start(reactor, pairs[place(w, 2)].ours, bits(w, 3), on_watch, &watches[id]);
	if (!watches[id])
		say("none %s", strerror(errno));
}

static void change(const struct words *w)
{
	if (watch_change(watches[place(w, 1)], bits(w, 2)) < 0)
		say("change: %s", strerror(errno));
}

static void end(const struct words *w)
{
	watch_end(watches[place(w, 1)]);
}

static void end_many(const struct words *w)
{
	for (long id = number_of(w, 1); id <= number_of(w, 2) && id < MOST; id++)
		watch_end(watches[id]);
}

static void orders(const struct words *w)
{
	orders_set(&of_watch[place(w, 1)], w, 2);
}

/* ---- alarms, posts, the signal ----------------------------------------------------------- */

static void on_alarm(void *arg)
{
	long id = (struct alarm **)arg - alarms;

	say("alarm %ld", id);
	alarms[id] = NULL;
	orders_obey(&of_alarm[id]);
}

static void alarm_set(const struct words *w)
{
	size_t id = place(w, 1);

	orders_set(&of_alarm[id], w, 3);
	alarms[id] = alarm_start(reactor, number_of(w, 2), on_alarm, &alarms[id]);
	if (!alarms[id])
		say("none %s", strerror(errno));
}

static void alarm_stop(const struct words *w)
{
	size_t id = place(w, 1);

	if (alarms[id])
		alarm_end(alarms[id]);
	alarms[id] = NULL;
}

static void on_post(void *arg)
{
	long id = (struct orders *)arg - of_post;

	say("later %ld", id);
	orders_obey(&of_post[id]);
}

static void later(const struct words *w)
{
	size_t id = place(w, 1);

	orders_set(&of_post[id], w, 2);
	reactor_later(reactor, on_post, &of_post[id]);
}

static void on_signal(void *arg)
{
	(void)arg;
	say("signal");
	orders_obey(&of_signal);
}

static void signal_watch(const struct words *w)
{
	orders_set(&of_signal, w, 1);
	if (reactor_on_signal(reactor, SIGNAL, on_signal, NULL) < 0)
		say("none %s", strerror(errno));
}

static void signal_raise(const struct words *w)
{
	(void)w;
	raise(SIGNAL);
}

static void on_storm(int signo)
{
	(void)signo;
}

/* It comes while the reactor works, and does not disturb the puppet itself. */
static void storm_lets_in(int how)
{
	sigset_t alarm;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigprocmask(how, &alarm, NULL);
}

static void storm(const struct words *w)
{
	struct sigaction interrupt = {.sa_handler = on_storm}; /* without SA_RESTART */
	struct itimerval every = {{0, 1000}, {0, 1000}};

	(void)w;
	storm_lets_in(SIG_BLOCK);
	sigaction(SIGALRM, &interrupt, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

/* ---- turns ------------------------------------------------------------------------------- */

static void turn(const struct words *w)
{
	storm_lets_in(SIG_UNBLOCK);
	if (reactor_turn(reactor, (int)number_of(w, 1)) < 0)
		say("turn: %s", strerror(errno));
	storm_lets_in(SIG_BLOCK);
}

static void turns(const struct words *w)
{
	for (long i = 0; i < number_of(w, 1); i++)
		if (reactor_turn(reactor, 0) < 0)
			say("turn: %s", strerror(errno));
}

static void run(const struct words *w)
{
	(void)w;
	storm_lets_in(SIG_UNBLOCK);
	reactor_run(reactor);
	storm_lets_in(SIG_BLOCK);
	say("run is over");
}

static void stop(const struct words *w)
{
	(void)w;
	reactor_stop(reactor);
}

static void fresh(const struct words *w)
{
	(void)w;
	reactor_destroy(reactor);
	reactor = reactor_create();
	if (!reactor)
		say("none %s", strerror(errno));
}

static void clock_fake(const struct words *w)
{
	if (w->count > 1)
		wrap_clock_move(number_of(w, 1));
	else
		wrap_fake_clock();
}

static void numbers(const struct words *w)
{
	(void)w;
	say("waits %ld", wrap_numbers.waits);
	say("ctls %ld", wrap_numbers.ctls);
	say("memory %zu", mallinfo2().uordblks); /* bytes that malloc has given out */
}

static const struct command commands[] = {
    {"pair", "P: two connected sockets, ours and the peer's", pair},
    {"pipe", "P: a pipe; we read, the peer writes", pipe_open},
    {"write", "P \"BYTES\": the peer writes", write_theirs},
    {"leave", "P: the peer closes", leave},
    {"reset", "P: the peer resets", reset},
    {"read", "P: read once from ours", read_ours},
    {"fill", "P: write to ours until it is full", fill_ours},
    {"drain", "P: the peer reads all", drain_theirs},
    {"close", "P: close ours", close_ours},
    {"number", "P: the number of our descriptor", number_of_ours},
    {"watch", "W P r|w|rw: watch_start", watch},
    {"change", "W r|w|rw|-: watch_change", change},
    {"end", "W: watch_end", end},
    {"end-many", "FROM TO: watch_end of all of them", end_many},
    {"do", "W \"COMMAND\" ...: what its callback does next time", orders},
    {"alarm", "A MS \"COMMAND\" ...: alarm_start, and what it does", alarm_set},
    {"alarm-end", "A: alarm_end", alarm_stop},
    {"later", "L \"COMMAND\" ...: reactor_later, and what it does", later},
    {"signal", "\"COMMAND\" ...: reactor_on_signal, and what it does", signal_watch},
    {"raise", "the signal", signal_raise},
    {"storm", "another signal, each millisecond", storm},
    {"turn", "MS: reactor_turn", turn},
    {"turns", "N: as many turns that do not wait", turns},
    {"run", "reactor_run", run},
    {"stop", "reactor_stop", stop},
    {"fresh", "reactor_destroy, and reactor_create", fresh},
    {"clock", "[MS]: a fake clock; it moves", clock_fake},
    {"numbers", "calls of the kernel so far", numbers},
    {0},
};

static void obey_text(char *text)
{
	struct words w;

	words_read(text, &w);
	for (const struct command *c = commands; c->name; c++)
		if (w.count > 0 && strcmp(c->name, w.word[0]) == 0)
			c->run(&w);
}

int main(int argc, char **argv)
{
	int status;

	mallopt(M_PERTURB, 0xa5); /* freed memory is junk, so that late use shows */
	if (argc > 2 && strcmp(argv[1], "serve") == 0)
		return serve(atoi(argv[2]));
	listener_open();
	reactor = reactor_create();
	if (!reactor)
		fprintf(stderr, "puppet: reactor_create: %s\n", strerror(errno));
	status = reactor ? puppet_run(commands) : 1;
	reactor_destroy(reactor);
	return status;
}

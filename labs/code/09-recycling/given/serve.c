/*
 * serve.c - a server on your table. One thread waits for clients and reads their lines. Others work for
 * them and answer by themselves, on descriptors that the first one may want to close.
 *
 *   PING         PONG
 *   WORK key     a thread pins the client, waits until the gate is open, and says DONE key
 *   LATER key    the same, but it pins the client when the gate is open, and not before
 *   OPEN key     opens this gate for ever: OPENED key
 *   STAT         how many slots and jobs are in which state
 *   BYE          the server closes
 *
 * A client that finds no free slot gets FULL, and the end.
 */
#include "serve.h"
#include "slots.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 16, SLOTS_MOST = 256, JOBS = 256, GATES = 1024, WORKERS_MOST = 16, KEY = 16, LINE = 64, TURN_MS = 10 };

static int epoll_fd, listener;
static volatile sig_atomic_t stopping;
static atomic_long opened, shut, closed, freed; /* slots, in all */

/* The loop's own: what a client has sent of its next line. */
static struct input {
	char bytes[LINE];
	size_t length;
} inputs[SLOTS_MOST];

static void say_to(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say_to(int fd, const char *format, ...)
{
	char text[LINE * 4];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	send(fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void serve_shutdown(int fd)
{
	shut++;
	epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	shutdown(fd, SHUT_RDWR);
}

void serve_close(int fd)
{
	closed++;
	close(fd);
}

/* ---- threads that work ------------------------------------------------------------------- */

struct job {
	uint64_t handle;
	bool later;
	char key[KEY];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* for all of these */
static pthread_cond_t news = PTHREAD_COND_INITIALIZER;
static struct job jobs[JOBS];
static unsigned jobs_in, jobs_out;
static char gates[GATES][KEY]; /* those that are open */
static int gates_open, pinned, unpinned; /* jobs that have a pin; that have none */
static bool over;

static bool gate_is_open(const char *key)
{
	for (int i = 0; i < gates_open; i++)
		if (strcmp(gates[i], key) == 0)
			return true;
	return false;
}

static void gate_open(const char *key)
{
	pthread_mutex_lock(&lock);
	if (gates_open < GATES)
		snprintf(gates[gates_open++], KEY, "%s", key);
	pthread_cond_broadcast(&news);
	pthread_mutex_unlock(&lock);
}

static void job_put(uint64_t handle, bool later, const char *key)
{
	pthread_mutex_lock(&lock);
	if (jobs_in - jobs_out < JOBS) {
		struct job *j = &jobs[jobs_in++ % JOBS];

		*j = (struct job){.handle = handle, .later = later};
		snprintf(j->key, KEY, "%s", key);
		unpinned++;
	}
	pthread_cond_broadcast(&news);
	pthread_mutex_unlock(&lock);
}

static bool job_take(struct job *j)
{
	bool is;

	pthread_mutex_lock(&lock);
	while (jobs_in == jobs_out && !over)
		pthread_cond_wait(&news, &lock);
	is = !over;
	if (is)
		*j = jobs[jobs_out++ % JOBS];
	pthread_mutex_unlock(&lock);
	return is;
}

static void count(int *what, int by)
{
	pthread_mutex_lock(&lock);
	*what += by;
	pthread_mutex_unlock(&lock);
}

static int pin(const struct job *j)
{
	int fd = slot_acquire(j->handle);

	count(&unpinned, -1);
	if (fd >= 0)
		count(&pinned, 1);
	return fd;
}

static void wait_at_gate(const char *key)
{
	pthread_mutex_lock(&lock);
	while (!gate_is_open(key) && !over)
		pthread_cond_wait(&news, &lock);
	pthread_mutex_unlock(&lock);
}

static void job_do(const struct job *j)
{
	int fd = -1;

	if (!j->later && (fd = pin(j)) < 0)
		return;
	wait_at_gate(j->key);
	if (j->later && (fd = pin(j)) < 0)
		return;
	say_to(fd, "DONE %s\n", j->key);
	slot_release(j->handle);
	count(&pinned, -1);
}

static void *worker(void *unused)
{
	struct job j;

	while (job_take(&j))
		job_do(&j);
	return unused;
}

/* ---- the loop ---------------------------------------------------------------------------- */

static void tell_numbers(int fd)
{
	pthread_mutex_lock(&lock);
	say_to(fd, "STAT open %ld closing %ld parked %ld pinned %d unpinned %d\n", opened - shut, shut - closed,
	       closed - freed, pinned, unpinned);
	pthread_mutex_unlock(&lock);
}

/* False: the client says good-bye. */
static bool line_do(uint64_t handle, int fd, char *line)
{
	char *key = strchr(line, ' ');

	if (key)
		*key++ = '\0';
	if (strcmp(line, "PING") == 0)
		say_to(fd, "PONG\n");
	else if (strcmp(line, "STAT") == 0)
		tell_numbers(fd);
	else if (strcmp(line, "BYE") == 0)
		return false;
	else if (key && strcmp(line, "OPEN") == 0) {
		gate_open(key);
		say_to(fd, "OPENED %s\n", key);
	} else if (key && (strcmp(line, "WORK") == 0 || strcmp(line, "LATER") == 0))
		job_put(handle, *line == 'L', key);
	else
		say_to(fd, "?\n");
	return true;
}

/* False: the connection is over. */
static bool input_read(uint64_t handle, int fd)
{
	struct input *in = &inputs[(uint32_t)handle];
	ssize_t n = recv(fd, in->bytes + in->length, LINE - 1 - in->length, MSG_DONTWAIT);
	char *end;

	if (n <= 0)
		return false;
	in->length += (size_t)n;
	in->bytes[in->length] = '\0';
	while ((end = strchr(in->bytes, '\n'))) {
		*end++ = '\0';
		if (!line_do(handle, fd, in->bytes))
			return false;
		in->length -= (size_t)(end - in->bytes);
		memmove(in->bytes, end, in->length + 1);
	}
	return in->length < LINE - 1;
}

static void on_client(uint64_t handle)
{
	int fd = slot_acquire(handle);

	if (fd < 0)
		return; /* it was closed, after epoll had told of it */
	if (!input_read(handle, fd))
		slot_close(handle);
	slot_release(handle);
}

static void on_accept(void)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	struct epoll_event e = {.events = EPOLLIN};

	if (fd < 0)
		return;
	e.data.u64 = slot_open(fd);
	if (e.data.u64 == 0) {
		say_to(fd, "FULL\n");
		close(fd);
		return;
	}
	opened++;
	inputs[(uint32_t)e.data.u64].length = 0;
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e);
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void loop_run(void)
{
	struct epoll_event events[EVENTS];

	while (!stopping) {
		int n = epoll_wait(epoll_fd, events, EVENTS, TURN_MS);

		freed += slots_tick(now_ms());
		for (int i = 0; i < n; i++)
			if (events[i].data.u64)
				on_client(events[i].data.u64);
			else
				on_accept();
	}
}

/* ---- beginning and end ------------------------------------------------------------------- */

static void on_term(int signo)
{
	(void)signo;
	stopping = 1;
}

static int listen_on(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof a;
	struct epoll_event e = {.events = EPOLLIN}; /* 0 is no handle: it means the listener */

	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	if (bind(listener, (void *)&a, sizeof a) < 0 || listen(listener, 511) < 0 ||
	    getsockname(listener, (void *)&a, &n) < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &e) < 0)
		return -1;
	return ntohs(a.sin_port);
}

static void workers_end(pthread_t *thread, int n)
{
	pthread_mutex_lock(&lock);
	over = true;
	pthread_cond_broadcast(&news);
	pthread_mutex_unlock(&lock);
	for (int i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
}

int serve(int port, int workers, unsigned slots, long park_ms)
{
	pthread_t thread[WORKERS_MOST];
	int n = 0;

	if (workers > WORKERS_MOST || slots > SLOTS_MOST || slots_init(slots, park_ms) < 0 ||
	    (port = listen_on(port)) < 0) {
		perror("serve");
		return 1;
	}
	signal(SIGTERM, on_term);
	while (n < workers && pthread_create(&thread[n], NULL, worker, NULL) == 0)
		n++;
	printf("listening on 127.0.0.1:%d\n", port);
	fflush(stdout);
	loop_run();
	workers_end(thread, n);
	close(listener);
	close(epoll_fd);
	return 0;
}

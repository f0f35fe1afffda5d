/*
 * A thread for each client. The main thread accepts. A thread of its own serves the client with
 * calls that may all wait, as stage 1 does, and then ends. All threads share one memory and one
 * table of descriptors, so whatever two of them may touch needs a lock.
 */
#include "server.h"

#include "conn.h"
#include "log.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct client {
	struct conn *conn;
	struct client *previous, *next;
};

/* Only the thread that holds the lock may use the variables below, and the clients in the ring.
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t one_has_left; /* on the monotonic clock */
static struct client ring = {.previous = &ring, .next = &ring};
static pthread_t last_to_leave;
static bool any_has_left;

/*
 * The connection is closed under the lock. Outside, its number could already be that of the
 * next client when server_run shuts down this one.
 */
static void leave(struct client *me)
{
	conn_close(me->conn);
	me->previous->next = me->next;
	me->next->previous = me->previous;
	free(me);
	pthread_cond_signal(&one_has_left);
}

/* A thread that has ended keeps its stack until another thread joins it. The next one that
 * leaves does that. */
static void *serve(void *arg)
{
	struct client *me = arg;
	pthread_t before_me;
	bool join;

	while (me->conn->want != WANT_CLOSE)
		conn_step(me->conn);

	pthread_mutex_lock(&lock);
	before_me = last_to_leave;
	join = any_has_left;
	last_to_leave = pthread_self();
	any_has_left = true;
	leave(me);
	pthread_mutex_unlock(&lock);
	if (join)
		pthread_join(before_me, NULL);
	return NULL;
}

/* Signals are for the main thread, whose accept they end: a new thread inherits the mask. */
static int start_thread(struct client *client)
{
	sigset_t all, before;
	pthread_t thread;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, NULL, serve, client);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

/* No descriptor is left. Without a pause, accept would fail again at once, and for ever. */
static void wait_for_one_to_leave(void)
{
	struct timespec soon;

	clock_gettime(CLOCK_MONOTONIC, &soon);
	soon.tv_sec++;
	pthread_mutex_lock(&lock);
	pthread_cond_timedwait(&one_has_left, &lock, &soon);
	pthread_mutex_unlock(&lock);
}

static void on_accept(int listener)
{
	int fd = accept(listener, NULL, NULL);
	struct client *client;
	struct conn *c;

	if (fd < 0) {
		if (errno == EINTR || errno == ECONNABORTED)
			return;
		log_errno("accept", listener);
		wait_for_one_to_leave();
		return;
	}
	c = conn_open(fd);
	if (!c)
		return;
	client = malloc(sizeof *client);
	if (!client) {
		log_errno("malloc", fd);
		conn_close(c);
		return;
	}
	pthread_mutex_lock(&lock);
	*client = (struct client){c, &ring, ring.next};
	client->previous->next = client->next->previous = client;
	errno = start_thread(client);
	if (errno) {
		log_errno("pthread_create", fd);
		leave(client);
	}
	pthread_mutex_unlock(&lock);
}

/* A thread that waits for its client can't see a flag. Shutting down its socket ends the wait:
 * read returns 0, send an error. */
static void end_all(void)
{
	pthread_mutex_lock(&lock);
	for (struct client *client = ring.next; client != &ring; client = client->next)
		shutdown(client->conn->fd, SHUT_RDWR);
	while (ring.next != &ring)
		pthread_cond_wait(&one_has_left, &lock);
	pthread_mutex_unlock(&lock);
	if (any_has_left)
		pthread_join(last_to_leave, NULL); /* which has joined all before it */
}

void server_run(int listener)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&one_has_left, &monotonic);
	while (!stopping)
		on_accept(listener);
	close(listener);
	end_all();
}

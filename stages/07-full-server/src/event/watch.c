#include "event/watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include "event/conn.h"

static void (*report)(int id, uint32_t what, struct str name);
static uint64_t handle;
static int fd = -1;

static void report_all(const char *at, const char *end)
{
	while (at < end) {
		const struct inotify_event *e = (const struct inotify_event *)at;

		if (e->mask & IN_Q_OVERFLOW)
			report(-1, 0, STR_NONE);
		else
			report(e->wd, e->mask, e->len > 0 ? str_from(e->name) : STR_NONE);
		at += sizeof(*e) + e->len;
	}
}

static void on_readable(struct conn *c)
{
	char notices[4096] __attribute__((aligned(8)));
	ssize_t got;

	while ((got = read(c->fd, notices, sizeof(notices))) > 0)
		report_all(notices, notices + got);
}

static const struct conn_calls calls = {.on_readable = on_readable};

int watch_init(void (*on_change)(int id, uint32_t what, struct str name))
{
	struct conn *c;

	report = on_change;
	fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (fd < 0)
		return -1;
	c = conn_open(fd, &calls, NULL);
	if (c != NULL && conn_watch(c) == 0) {
		handle = conn_handle(c);
		return 0;
	}
	if (c != NULL)
		conn_close(c); /* conn_close also closes the descriptor */
	else
		close(fd);
	fd = -1;
	return -1;
}

void watch_fini(void)
{
	struct conn *c = conn_from_handle(handle);

	if (c != NULL)
		conn_close(c);
	fd = -1;
}

int watch_add(const char *path, uint32_t what)
{
	return fd < 0 ? -1 : inotify_add_watch(fd, path, what);
}

void watch_remove(int id)
{
	if (fd >= 0)
		(void)inotify_rm_watch(fd, id);
}

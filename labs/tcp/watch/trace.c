#include "trace.h"

#include "diag.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const roots[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};

const char *trace_why = "";
static char instance[128]; /* "": there is none */
static int pipe_fd = -1;
static char text[1 << 16]; /* what was read and not yet taken apart */
static size_t len;

static bool no(const char *why)
{
	trace_why = why;
	trace_close();
	return false;
}

static bool put(const char *file, const char *what)
{
	char name[256];
	int fd;
	bool done;

	snprintf(name, sizeof(name), "%s/%s", instance, file);
	fd = open(name, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = write(fd, what, strlen(what)) == (ssize_t)strlen(what);
	close(fd);
	return done;
}

/* Where tracefs is mounted; if nowhere, we mount it where only this process sees it. */
static const char *find_root(void)
{
	char name[64];

	for (int i = 0; i < 2; i++) {
		snprintf(name, sizeof(name), "%s/instances", roots[i]);
		if (access(name, W_OK) == 0)
			return roots[i];
	}
	if (unshare(CLONE_NEWNS) == 0 &&
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("nodev", roots[0], "tracefs", 0, NULL) == 0)
		return roots[0];
	return NULL;
}

/* Instances of watches that were killed before they could tidy up. */
static void remove_stale(const char *root)
{
	char name[384];
	struct dirent *d;
	DIR *dir;

	snprintf(name, sizeof(name), "%s/instances", root);
	dir = opendir(name);
	while (dir && (d = readdir(dir))) {
		int pid = strncmp(d->d_name, "lab-watch-", 10) == 0 ? atoi(d->d_name + 10) : 0;

		if (pid <= 0 || kill(pid, 0) == 0 || errno != ESRCH)
			continue;
		snprintf(name, sizeof(name), "%s/instances/%s", root, d->d_name);
		rmdir(name);
	}
	if (dir)
		closedir(dir);
}

bool trace_open(void)
{
	const char *root;
	char name[192];

	if (geteuid() != 0)
		return no("not root");
	root = find_root();
	if (!root)
		return no("no tracefs");
	remove_stale(root);
	snprintf(instance, sizeof(instance), "%s/instances/lab-watch-%d", root, (int)getpid());
	if (mkdir(instance, 0700) < 0) {
		instance[0] = '\0';
		return no("no instance of tracefs could be made");
	}
	if (!put("trace_clock", "mono") || !put("buffer_size_kb", "4096"))
		return no("this tracefs has no monotonic clock");
	snprintf(name, sizeof(name), "%s/trace_pipe", instance);
	pipe_fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return pipe_fd >= 0 || no("no trace_pipe");
}

bool trace_ports(const unsigned *ports, int n)
{
	char filter[2048] = "";

	for (int i = 0; i < n; i++)
		snprintf(filter + strlen(filter), sizeof(filter) - strlen(filter),
			 "%ssport==%u||dport==%u", i ? "||" : "", ports[i], ports[i]);
	if (put("events/sock/inet_sock_set_state/filter", filter) &&
	    put("events/sock/inet_sock_set_state/enable", "1"))
		return true;
	return no("no tracepoint sock:inet_sock_set_state");
}

int trace_fd(void)
{
	return pipe_fd;
}

/* The value after KEY in a line, in static memory; "" when it is not there. */
static const char *value(const char *line, const char *key)
{
	static char word[64];
	const char *at = strstr(line, key);

	word[0] = '\0';
	if (at)
		sscanf(at + strlen(key), "%63s", word);
	return word;
}

static int state(const char *line, const char *key)
{
	const char *word = value(line, key);

	if (strncmp(word, "TCP_", 4) == 0)
		word += 4;
	return strcmp(word, "CLOSE") == 0 ? STATE_CLOSED : state_number(word);
}

/*   sock-16169 [001] ..s2. 2651.662959: inet_sock_set_state: family=AF_INET ... sport=7777 */
static bool parse(const char *line, struct change *c)
{
	const char *event = strstr(line, ": inet_sock_set_state: ");
	const char *time = event;

	if (!event || !strstr(event, "family=AF_INET ") || !strstr(event, "IPPROTO_TCP"))
		return false;
	while (time > line && time[-1] != ' ')
		time--;
	memset(c, 0, sizeof(*c));
	c->when = strtod(time, NULL);
	c->local.sin_family = c->peer.sin_family = AF_INET;
	c->local.sin_port = htons(atoi(value(event, " sport=")));
	c->peer.sin_port = htons(atoi(value(event, " dport=")));
	inet_pton(AF_INET, value(event, " saddr="), &c->local.sin_addr);
	inet_pton(AF_INET, value(event, " daddr="), &c->peer.sin_addr);
	c->old = state(event, " oldstate=");
	c->new = state(event, " newstate=");
	return c->old > 0 && c->new > 0;
}

bool trace_next(struct change *c)
{
	for (;;) {
		char *end = memchr(text, '\n', len);
		ssize_t n;
		bool good;

		if (end) {
			*end = '\0';
			good = parse(text, c);
			len -= end + 1 - text;
			memmove(text, end + 1, len);
			if (good)
				return true;
			continue;
		}
		if (len == sizeof(text) || pipe_fd < 0)
			return false;
		n = read(pipe_fd, text + len, sizeof(text) - len);
		if (n <= 0)
			return false;
		len += n;
	}
}

void trace_close(void)
{
	if (pipe_fd >= 0)
		close(pipe_fd);
	pipe_fd = -1;
	if (!instance[0])
		return;
	put("events/sock/inet_sock_set_state/enable", "0");
	rmdir(instance);
	instance[0] = '\0';
}

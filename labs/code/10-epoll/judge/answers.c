#include "answers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAIRS = 4, STEPS_MOST = 64, TEXT = 256 };
enum what { ADD, MOD, DEL, WRITE, READ, CLOSE, WAIT };

struct op {
	enum what what;
	int pair, n; /* n: bytes, or the wish */
	int data;
};

static const struct {
	const char *name;
	uint32_t bit;
} names[] = {
    {"IN", EPOLLIN},   {"OUT", EPOLLOUT},         {"RDHUP", EPOLLRDHUP},
    {"HUP", EPOLLHUP}, {"ONESHOT", EPOLLONESHOT}, {"ET", EPOLLET},
};

static const uint32_t wishes[] = {
    EPOLLIN,
    EPOLLIN | EPOLLET,
    EPOLLIN | EPOLLRDHUP,
    EPOLLOUT,
    EPOLLIN | EPOLLOUT,
    EPOLLIN | EPOLLONESHOT,
    EPOLLIN | EPOLLET | EPOLLONESHOT,
    EPOLLIN | EPOLLRDHUP | EPOLLET,
    0,
};
enum { WISHES = sizeof wishes / sizeof *wishes };

struct program *puppet(void)
{
	return program_start("puppet", NULL);
}

static const char *text_of(uint32_t bits)
{
	static char text[64];

	text[0] = '\0';
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (bits & names[i].bit)
			snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s",
				 *text ? "|" : "", names[i].name);
	return *text ? text : "0";
}

/* ---- the kernel -------------------------------------------------------------------------- */

static int epoll = -1, ends[PAIRS][2];

static void kernel_end(void)
{
	if (epoll < 0)
		return;
	close(epoll);
	for (int i = 0; i < PAIRS; i++) {
		close(ends[i][0]);
		if (ends[i][1] >= 0)
			close(ends[i][1]);
	}
}

static void kernel_begin(void)
{
	kernel_end();
	epoll = epoll_create1(0);
	for (int i = 0; i < PAIRS; i++)
		if (epoll < 0 ||
		    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends[i]) < 0)
			judge_broke("socketpair: %s", strerror(errno));
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The lines in the order of their data, and blanks between them. */
static void sort_lines(char lines[][TEXT / 4], int n, char *to)
{
	to[0] = '\0';
	qsort(lines, (size_t)n, TEXT / 4, by_text);
	for (int i = 0; i < n; i++)
		snprintf(to + strlen(to), TEXT - strlen(to), "%s%s", i ? " " : "", lines[i]);
}

static void kernel_wait(char *answer)
{
	struct epoll_event events[PAIRS];
	char lines[PAIRS][TEXT / 4];
	int n = epoll_wait(epoll, events, PAIRS, 0);

	for (int i = 0; i < n; i++)
		snprintf(lines[i], sizeof lines[i], "%d:%s", (int)events[i].data.u64,
			 text_of(events[i].events));
	sort_lines(lines, n, answer);
}

static void kernel_control(const struct op *o, char *answer)
{
	static const int ops[] = {EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL};
	struct epoll_event wish = {.events = wishes[o->n], .data.u64 = (uint64_t)o->data};

	strcpy(answer, "ok");
	if (epoll_ctl(epoll, ops[o->what], ends[o->pair][0], &wish) < 0)
		strcpy(answer, errno == EEXIST   ? "EEXIST"
			       : errno == ENOENT ? "ENOENT"
						 : strerror(errno));
}

static void kernel_do(const struct op *o, char *answer)
{
	char bytes[8] = {0};
	int *end = ends[o->pair];

	answer[0] = '\0';
	switch (o->what) {
	case ADD:
	case MOD:
	case DEL:
		kernel_control(o, answer);
		break;
	case WRITE:
		if (end[1] >= 0 && write(end[1], bytes, (size_t)o->n) != o->n)
			judge_broke("write: %s", strerror(errno));
		break;
	case READ:
		if (read(end[0], bytes, (size_t)o->n) < 0 && errno != EAGAIN)
			judge_broke("read: %s", strerror(errno));
		break;
	case CLOSE:
		if (end[1] >= 0)
			close(end[1]);
		end[1] = -1;
		break;
	case WAIT:
		kernel_wait(answer);
		break;
	}
}

/* ---- the puppet -------------------------------------------------------------------------- */

/* The same step as a command of the puppet; false: it is none, for the socket is closed. */
static bool command_of(const struct op *o, char *text)
{
	static const char *const verbs[] = {"add",  "mod",   "del", "write",
					    "read", "close", "wait"};
	int mine = 2 * o->pair, peer = mine + 1;

	if ((o->what == WRITE || o->what == CLOSE) && ends[o->pair][1] < 0)
		return false;
	switch (o->what) {
	case ADD:
	case MOD:
		snprintf(text, TEXT, "%s %d %s %d", verbs[o->what], mine, text_of(wishes[o->n]),
			 o->data);
		break;
	case DEL:
		snprintf(text, TEXT, "del %d", mine);
		break;
	case WRITE:
		snprintf(text, TEXT, "write %d %d", peer, o->n);
		break;
	case READ:
		snprintf(text, TEXT, "read %d %d", mine, o->n);
		break;
	case CLOSE:
		snprintf(text, TEXT, "close %d", peer);
		break;
	case WAIT:
		snprintf(text, TEXT, "wait 8 0");
		break;
	}
	return true;
}

static void puppet_do(struct program *p, const char *command, char *answer)
{
	char lines[16][TEXT / 4], *line;
	int n = 0;

	tell(p, "%s", command);
	while ((line = heard(p)))
		if (n < 16)
			snprintf(lines[n++], sizeof lines[0], "%s", line);
	sort_lines(lines, n, answer);
}

/* ---- scripts ----------------------------------------------------------------------------- */

/* How many steps were right. With SHOWS, each is a step of the check, and a wrong one ends it.
 */
static int run(struct program *p, const struct op *ops, int count, bool shows)
{
	char command[TEXT], right[TEXT], is[TEXT];
	int i = 0;

	kernel_begin();
	puppet_do(p, "new", is);
	for (int k = 0; k < PAIRS; k++)
		puppet_do(p, "pair", is);
	for (; i < count; i++) {
		if (!command_of(&ops[i], command))
			continue;
		if (shows)
			step("%s", command);
		kernel_do(&ops[i], right);
		puppet_do(p, command, is);
		if (strcmp(right, is) == 0)
			continue;
		if (!shows)
			break;
		should_have("%s, as the kernel says", *right ? right : "no event");
		but_it_was("%s", *is ? is : "no event");
	}
	return i;
}

/* Leaves out each step without which the script still goes wrong. */
static int shorten(struct program *p, struct op *ops, int count)
{
	for (int i = count - 1; i >= 0; i--) {
		struct op without[STEPS_MOST];
		int wrong;

		memcpy(without, ops, (size_t)i * sizeof *ops);
		memcpy(without + i, ops + i + 1, (size_t)(count - i - 1) * sizeof *ops);
		wrong = run(p, without, count - 1, false);
		if (wrong == count - 1)
			continue;
		count = wrong + 1;
		memcpy(ops, without, (size_t)count * sizeof *ops);
		if (i > count)
			i = count;
	}
	return count;
}

static struct op random_op(int number)
{
	struct op o = {.pair = (int)(dice() % PAIRS), .data = 100 + number};
	int what = (int)(dice() % 100);

	o.n = 1 + (int)(dice() % 4);
	o.what = what < 50 ? WRITE : what < 65 ? READ : what < 67 ? CLOSE : WAIT;
	if (what < 25) {
		o.what = (enum what)(dice() % 3);
		o.n = (int)(dice() % WISHES);
	}
	return o;
}

void scripts_check(int scripts, int least, int most)
{
	struct program *p = puppet();
	struct op ops[STEPS_MOST];

	for (int s = 1; s <= scripts; s++) {
		int count = least + (int)(dice() % (unsigned long)(most - least + 1)), right;

		for (int i = 0; i < count; i++)
			ops[i] = random_op(i);
		scene("random script %d", s);
		right = run(p, ops, count, false);
		if (right == count)
			continue;
		count = shorten(p, ops, right + 1);
		scene("random script %d, without what is not needed", s);
		run(p, ops, count, true);
		judge_broke("the script is right when it is told again");
	}
}

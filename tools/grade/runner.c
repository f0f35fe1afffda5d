/*
 * runner - runs the checks of a lab and writes down what each said.
 *
 *   runner [-v] [-1] [-j JUDGES] [-o ID,ID...] CHECKS.TSV JUDGE TREES >result
 *
 *   -v   visible checks only; the others are HIDDEN in the result
 *   -1   the checks of -o only, and without those on which they depend
 *
 * TREES holds a folder for each build of the submission: plain, other (another variant) and
 * clean (sanitizers). A file "failed" in it has the compiler's words: its checks FAIL with them.
 * A file "missing" says what this machine lacks: its checks are N.A.
 *
 * A check is a process of its own, `JUDGE ID`, in a session and a folder of its own. After the
 * check the judge reads a number from stdin, and its last line is "verdict WORD NUMBER": code
 * of the submission that ends the judge, or prints a verdict, does not know that number.
 * Several run side by side; a check with the flag "alone" has the machine for itself.
 *
 * The result is a line a check: id, points, max, status, visibility, milestone, seconds, title
 * and the message, with tabs between them. In the message \n is a line end and \\ a backslash.
 */
#include "runner.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int judges = 2;
static bool visible_only;
bool without_depends;
const char *judge, *trees;
double slow = 1;

_Noreturn void die(const char *what)
{
	fprintf(stderr, "runner: %s: %s\n", what, strerror(errno));
	exit(2);
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int running(void)
{
	int n = 0;

	for (int i = 0; i < count; i++)
		n += checks[i].state == RUNNING;
	return n;
}

static bool may_start(struct check *c)
{
	struct check *bad;
	bool alone = strstr(c->flags, "alone") != NULL;
	char text[256];

	if (c->state != WAITING)
		return false;
	if (!without_depends) {
		if ((c != &checks[0] && !is_over(&checks[0])) || each(c->depends, is_over))
			return false;
		bad = c != &checks[0] && !is_good(&checks[0]) ? &checks[0]
							     : each(c->depends, is_good);
		if (bad) {
			snprintf(text, sizeof text, "waits for: %s\n", bad->id);
			over(c, "BLOCKED", text);
			return false;
		}
	}
	for (int i = 0; i < count; i++)
		if (checks[i].state == RUNNING && strstr(checks[i].flags, "alone"))
			return false;
	return running() < (alone ? 1 : judges);
}

static void listen_to_judges(void)
{
	struct pollfd p[CHECKS];
	struct check *who[CHECKS];
	int n = 0;

	for (struct check *c = checks; c < checks + count; c++)
		if (c->state == RUNNING) {
			p[n] = (struct pollfd){.fd = c->out, .events = POLLIN};
			who[n++] = c;
		}
	if (poll(p, (nfds_t)n, 50) < 0 && errno != EINTR)
		die("poll");
	memory_watch();
	for (int i = 0; i < n; i++) {
		struct check *c = who[i];
		ssize_t got = 1;

		if (p[i].revents) {
			got = read(c->out, c->message + c->length,
				   sizeof c->message - 1024 - c->length);
			c->length += got > 0 ? (size_t)got : 0;
		}
		if (got <= 0)
			check_end(c, false);
		else if (now() - c->began > CHECK_LIMIT * slow)
			check_end(c, true);
	}
}

/* A deadline is for programs that hang, not for slow machines: how slow is this one, now? */
static double measure_slowness(void)
{
	const char *given = getenv("LAB_SLOW");
	volatile unsigned x = 1;
	double began = now(), took, load = 0;

	if (given)
		return atof(given) > 0 ? atof(given) : 1;
	for (int i = 0; i < 4000000; i++)
		x = x * 1664525 + 1013904223;
	took = (now() - began) / 0.010;
	if (getloadavg(&load, 1) == 1)
		load /= (double)sysconf(_SC_NPROCESSORS_ONLN);
	took = took > load ? took : load;
	return took < 1 ? 1 : took > 20 ? 20 : took;
}

int main(int argc, char **argv)
{
	char path[4096];
	int option;

	const char *only = NULL;

	while ((option = getopt(argc, argv, "v1j:o:")) != -1)
		switch (option) {
		case 'v': visible_only = true; break;
		case '1': without_depends = true; break;
		case 'j': judges = atoi(optarg); break;
		case 'o': only = optarg; break;
		default: return 2;
		}
	if (argc - optind != 3) {
		fprintf(stderr, "usage: runner [-v] [-1] [-j JUDGES] [-o ID,ID...] CHECKS.TSV JUDGE TREES\n");
		return 2;
	}
	table_read(argv[optind]);
	judge = realpath(argv[optind + 1], NULL);
	trees = realpath(argv[optind + 2], NULL);
	if (count == 0 || !judge || !trees)
		die(argv[optind + 1]);
	snprintf(path, sizeof path, "%s/run", trees);
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		die(path);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	slow = measure_slowness();
	if (only)
		each(only, choose);
	for (struct check *c = checks; c < checks + count; c++)
		if (visible_only && strcmp(c->visible, "visible") != 0)
			over(c, "HIDDEN", NULL);
		else if (only && !c->chosen)
			over(c, "SKIPPED", NULL);
	for (bool all_over = false; !all_over;) {
		all_over = true;
		for (struct check *c = checks; c < checks + count; c++) {
			if (may_start(c))
				check_start(c);
			all_over = all_over && c->state == OVER;
		}
		if (running())
			listen_to_judges();
	}
	for (int i = 0; i < count; i++)
		result_print(&checks[i]);
	return 0;
}

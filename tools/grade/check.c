/*
 * check.c - one check: a process of its own, `JUDGE ID`, in a session and a folder of its own. What it
 * leaves behind is ended with it.
 */
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

void over(struct check *c, const char *status, const char *message)
{
	c->state = OVER;
	c->status = status;
	if (message)
		snprintf(c->message, sizeof c->message, "%s", message);
}

/* The text of a file that the build left in this check's tree; false: there is none. */
static bool left_by_build(const struct check *c, const char *name, char *text, size_t size)
{
	char path[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof path, "%s/%s/%s", trees, c->build, name);
	f = fopen(path, "r");
	if (!f)
		return false;
	n = fread(text, 1, size - 1, f);
	text[n] = '\0';
	fclose(f);
	return true;
}

static void judge_run(const struct check *c, int in, int out)
{
	char path[4096], number[32];

	setsid();
	snprintf(path, sizeof path, "%s/run/%s", trees, c->id);
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		die(path);
	if (chdir(path) < 0)
		die(path);
	snprintf(path, sizeof path, "%s/%s", trees, c->build);
	setenv("LAB_TREE", path, 1);
	snprintf(number, sizeof number, "%.2f", slow);
	setenv("LAB_SLOW", number, 1);
	dup2(in, 0);
	dup2(out, 1);
	closefrom(3);
	execl(judge, judge, c->id, NULL);
	die(judge);
}

void check_start(struct check *c)
{
	int in[2], out[2];
	char number[16];

	if (left_by_build(c, "missing", c->message, sizeof c->message)) {
		over(c, "N.A.", NULL);
		return;
	}
	if (left_by_build(c, "failed", c->message, sizeof c->message)) {
		over(c, "FAIL", NULL);
		return;
	}
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		die("pipe");
	if (getrandom(&c->number, sizeof c->number, 0) < 0)
		die("getrandom");
	c->began = now();
	c->length = 0;
	c->state = RUNNING;
	fflush(stdout);
	c->pid = fork();
	if (c->pid < 0)
		die("fork");
	if (c->pid == 0)
		judge_run(c, in[0], out[1]);
	if (write(in[1], number, (size_t)snprintf(number, sizeof number, "%08x\n", c->number)) < 0)
		die("write");
	close(in[0]);
	close(in[1]);
	close(out[1]);
	c->out = out[0];
}

/* It has no points, and a person looks at why. */
static void is_suspect(struct check *c, const char *why)
{
	snprintf(c->suspect, sizeof c->suspect, "%s", why);
	over(c, "CRASH", NULL);
}

/* The last line of TEXT, which ends with a line end. */
static const char *last_line(const char *text)
{
	const char *p = text + strlen(text);

	while (p > text && p[-1] == '\n')
		p--;
	while (p > text && p[-1] != '\n')
		p--;
	return p;
}

/* The judge's last line tells the verdict; what stands before it is the message. */
static void verdict_read(struct check *c, int wait_status)
{
	static const char *const known[] = {"PASS", "FAIL", "TIMEOUT", "CRASH", "N.A.",
					    "GRADER-ERROR", "SUSPECT"};
	char wanted[64], *last;

	c->message[c->length] = '\0';
	for (unsigned i = 0; i < sizeof known / sizeof *known; i++) {
		snprintf(wanted, sizeof wanted, "verdict %s %08x\n", known[i], c->number);
		last = c->length >= strlen(wanted) ? c->message + c->length - strlen(wanted)
						   : NULL;
		if (last && strcmp(last, wanted) == 0) {
			*last = '\0';
			over(c, known[i], NULL);
			if (strcmp(known[i], "SUSPECT") == 0)
				is_suspect(c, last_line(c->message));
			return;
		}
	}
	if (WIFSIGNALED(wait_status))
		snprintf(c->message + c->length, sizeof c->message - c->length,
			 "the check was ended by signal %d (%s)\n", WTERMSIG(wait_status),
			 strsignal(WTERMSIG(wait_status)));
	else
		snprintf(c->message + c->length, sizeof c->message - c->length,
			 "the program ended with status %d before the check was over\n",
			 WEXITSTATUS(wait_status));
	is_suspect(c, "its judge has ended without a verdict");
}

/* What the check's processes left behind has become our child: see PR_SET_CHILD_SUBREAPER. */
static void orphans_kill(void)
{
	char path[64], list[4096] = "";
	FILE *f;

	snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
	f = fopen(path, "r");
	if (!f)
		return;
	list[fread(list, 1, sizeof list - 1, f)] = '\0';
	fclose(f);
	for (char *p = list, *rest; *p; p = rest) {
		pid_t pid = (pid_t)strtol(p, &rest, 10);
		bool ours = false;

		if (rest == p)
			break;
		for (int i = 0; i < count; i++)
			ours = ours || (checks[i].state == RUNNING && checks[i].pid == pid);
		if (!ours) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
	}
}

static bool machine_is_busy(void)
{
	double load = 0;

	return getloadavg(&load, 1) == 1 && load > 1.5 * (double)sysconf(_SC_NPROCESSORS_ONLN);
}

void check_end(struct check *c, bool late)
{
	int status = 0;
	char first[MESSAGE];

	if (late)
		kill(-c->pid, SIGKILL);
	waitpid(c->pid, &status, 0);
	close(c->out);
	c->seconds += now() - c->began;
	if (late) {
		c->message[c->length] = '\0';
		snprintf(c->message + c->length, sizeof c->message - c->length,
			 "the check was not over after %.0f s\n", CHECK_LIMIT * slow);
		over(c, "TIMEOUT", NULL);
	} else {
		verdict_read(c, status);
	}
	if (c->too_large) {
		c->length = strlen(c->message);
		snprintf(c->message + c->length, sizeof c->message - c->length,
			 "it took more than %s MB of memory, so it was ended\n", getenv("LAB_MEMORY"));
	}
	orphans_kill();
	if (c->again && is_good(c)) {
		snprintf(first, sizeof first, "%s", "it failed, and passed when it ran again: this machine is busy\n");
		over(c, c->status, first);
	}
	if (!is_good(c) && !c->again && getenv("LAB_AGAIN") && machine_is_busy()) {
		c->again = true;
		check_start(c);
	}
}

#include "kid.h"

#include "end.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct kid {
	char name[32];
	pid_t pid; /* 0: this place is free */
	FILE *to, *from;
} kids[32];
enum { KIDS = sizeof(kids) / sizeof(kids[0]) };

static struct kid *kid_find(const char *name)
{
	for (struct kid *k = kids; k < kids + KIDS; k++)
		if (k->pid && strcmp(k->name, name) == 0)
			return k;
	fail(ENOENT, "there is no process named %s", name);
	return NULL;
}

static struct kid *kid_place(const char *name)
{
	for (struct kid *k = kids; k < kids + KIDS; k++)
		if (k->pid && strcmp(k->name, name) == 0) {
			fail(EEXIST, "there is a process named %s already", name);
			return NULL;
		}
	for (struct kid *k = kids; k < kids + KIDS; k++)
		if (!k->pid)
			return k;
	fail(EAGAIN, "more than %d processes", (int)KIDS);
	return NULL;
}

/* The kid's answer becomes ours. */
static int kid_pass_on(const char *name, char *line, FILE *out)
{
	int code = 0, text = 0;
	struct words said;

	line[strcspn(line, "\n")] = '\0';
	if (strcmp(line, "ok") == 0)
		return 0;
	if (strncmp(line, "ok ", 3) == 0) { /* the rest is escaped: as if it were quoted */
		line[2] = '"';
		strcat(line, "\"");
		words_split(line + 2, &said);
		fwrite(said.word[0], 1, said.len[0], out);
		return 0;
	}
	sscanf(line, "error %*s %d %n", &code, &text);
	return fail(code, "%s: %s", name, line + text);
}

int kid_hear(const char *name, FILE *out)
{
	struct kid *k = kid_find(name);
	char *line = NULL;
	size_t size = 0;
	struct pollfd p;
	int r;

	if (!k)
		return -1;
	p = (struct pollfd){.fd = fileno(k->from), .events = POLLIN};
	if (poll(&p, 1, (int)(deadline * 1000) + 500) == 0)
		return fail(ETIME, "%s has not answered yet", name);
	if (getline(&line, &size, k->from) < 0 || !strchr(line, '\n'))
		r = fail(EPIPE, "%s is gone", name);
	else
		r = kid_pass_on(name, line, out);
	free(line);
	return r;
}

static void kid_live(int fd, pid_t parent)
{
	FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || !in || !out)
		_exit(1);
	fputs("ok\n", out); /* only now may our parent stop us, or die */
	fflush(out);
	converse(in, out);
	_exit(0);
}

int kid_fork(const char *name)
{
	struct kid *k = kid_place(name);
	pid_t parent = getpid();
	int pair[2];

	if (!k)
		return -1;
	if (strlen(name) >= sizeof(k->name))
		return fail(EINVAL, "%s is too long a name", name);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return fail_errno("socketpair");
	fflush(NULL);
	k->pid = fork();
	if (k->pid < 0) {
		k->pid = 0;
		return fail_errno("fork");
	}
	if (k->pid == 0)
		kid_live(pair[1], parent);
	close(pair[1]);
	strcpy(k->name, name);
	k->from = fdopen(pair[0], "r");
	k->to = fdopen(dup(pair[0]), "w");
	assert(k->from && k->to);
	return kid_hear(name, stderr);
}

/* A word as words_split reads it. */
static void say_word(FILE *to, const struct words *w, int i)
{
	fputs(w->quoted[i] ? " \"" : " ", to);
	if (w->quoted[i])
		text_escape(to, w->word[i], w->len[i]);
	else
		fputs(w->word[i], to);
	fputs(w->quoted[i] ? "\"" : "", to);
}

int kid_tell(struct words *w, int from)
{
	struct kid *k = kid_find(w->word[from]);

	if (!k)
		return -1;
	for (int i = from + 1; i < w->n; i++)
		say_word(k->to, w, i);
	fputc('\n', k->to);
	return fflush(k->to) == 0 ? 0 : fail_errno(k->name);
}

int kid_signal(const char *name, const char *signal)
{
	static const struct {
		const char *name;
		int number;
	} signals[] = {
	    {"KILL", SIGKILL}, {"TERM", SIGTERM}, {"STOP", SIGSTOP}, {"CONT", SIGCONT}};
	struct kid *k = kid_find(name);
	int n = 0;

	if (!k)
		return -1;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (strcmp(signal, signals[i].name) == 0)
			n = signals[i].number;
	if (!n)
		return fail(EINVAL, "%s: KILL, TERM, STOP or CONT", signal);
	kill(k->pid, n);
	if (n == SIGCONT)
		return 0;
	waitpid(k->pid, NULL, n == SIGSTOP ? WUNTRACED : 0);
	if (n == SIGSTOP)
		return 0;
	fclose(k->to);
	fclose(k->from);
	k->pid = 0;
	return 0;
}

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
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHECKS = 64, MESSAGE = 1 << 14, FIELDS = 8, CHECK_LIMIT = 20 };
enum state { WAITING, RUNNING, OVER };

struct check {
	const char *id, *visible, *depends, *milestone, *build, *flags, *title;
	int max;
	bool chosen, again;
	enum state state;
	const char *status;
	double began, seconds;
	pid_t pid;
	int out; /* the judge's stdout */
	unsigned number;
	size_t length;
	bool too_large; /* its programs took too much memory */
	char suspect[256];
	char message[MESSAGE];
};

static struct check checks[CHECKS];
static int count, judges = 2;
static bool visible_only, without_depends;
static const char *judge, *trees;
static double slow = 1;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "runner: %s: %s\n", what, strerror(errno));
	exit(2);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the table --------------------------------------------------------------------------- */

static struct check *check_find(const char *id, size_t n)
{
	for (struct check *c = checks; c < checks + count; c++)
		if (strlen(c->id) == n && memcmp(c->id, id, n) == 0)
			return c;
	return NULL;
}

/* id points visible depends milestone build flags title */
static void check_read(char *row)
{
	struct check *c = &checks[count];
	char *field[FIELDS];
	int n = 0;

	row[strcspn(row, "\n")] = '\0';
	for (char *f = row; f && n < FIELDS; n++) {
		field[n] = f;
		f = strchr(f, '\t');
		if (f)
			*f++ = '\0';
	}
	if (n < FIELDS || count == CHECKS) {
		fprintf(stderr, "runner: checks.tsv: %d fields, should be %d: %s\n", n, FIELDS,
			row);
		exit(2);
	}
	c->id = field[0];
	c->max = atoi(field[1]);
	c->visible = field[2];
	c->depends = field[3];
	c->milestone = field[4];
	c->build = field[5];
	c->flags = field[6];
	c->title = field[7];
	count++;
}

static void table_read(const char *path)
{
	FILE *f = fopen(path, "r");
	char *row = NULL;
	size_t size = 0;

	if (!f)
		die(path);
	while (getline(&row, &size, f) > 0)
		if (row[0] != '#' && row[0] != '\n')
			check_read(strdup(row));
	free(row);
	fclose(f);
}

/* A list of ids, with commas between them: the first check that FIT does not like, or NULL. */
static struct check *each(const char *list, bool (*fit)(struct check *))
{
	for (const char *id = list; *id && strcmp(list, "-") != 0;) {
		size_t n = strcspn(id, ",");
		struct check *c = check_find(id, n);

		if (!c) {
			fprintf(stderr, "runner: there is no check '%.*s' in checks.tsv\n",
				(int)n, id);
			exit(2);
		}
		if (!fit(c))
			return c;
		id += n + (id[n] == ',');
	}
	return NULL;
}

static bool is_over(struct check *c)
{
	return c->state == OVER;
}

static bool is_good(struct check *c)
{
	return strcmp(c->status, "PASS") == 0 || strcmp(c->status, "N.A.") == 0;
}

/* Every check depends on the first one, "starts": it is not repeated in the table. */
static bool choose(struct check *c)
{
	if (c->chosen)
		return true;
	c->chosen = true;
	if (!without_depends) {
		choose(&checks[0]);
		each(c->depends, choose);
	}
	return true;
}

/* ---- one check --------------------------------------------------------------------------- */

static void over(struct check *c, const char *status, const char *message)
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

static void check_start(struct check *c)
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

static void check_end(struct check *c, bool late)
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

/* ---- memory ------------------------------------------------------------------------------ */

struct process {
	pid_t pid, parent;
	long pages;
};

/* Processes that run now: what the kernel lists. */
static int processes(struct process *list, int most)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	char path[300], line[512], *after;
	int n = 0;

	while (d && n < most && (e = readdir(d))) {
		struct process *p = &list[n];
		FILE *f;

		p->pid = (pid_t)atoi(e->d_name);
		snprintf(path, sizeof path, "/proc/%s/stat", e->d_name);
		if (p->pid <= 0 || !(f = fopen(path, "r")))
			continue;
		/* the name, in parentheses, may have any bytes in it */
		if (fgets(line, sizeof line, f) && (after = strrchr(line, ')')) &&
		    sscanf(after, ") %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
				  "%*d %*d %*d %*u %*u %ld", &p->parent, &p->pages) == 2)
			n++;
		fclose(f);
	}
	if (d)
		closedir(d);
	return n;
}

static bool is_below(const struct process *list, int n, pid_t pid, pid_t above)
{
	for (int depth = 0; pid > 1 && depth < 64; depth++) {
		int i = 0;

		if (pid == above)
			return true;
		while (i < n && list[i].pid != pid)
			i++;
		if (i == n)
			return false;
		pid = list[i].parent;
	}
	return false;
}

/* LAB_MEMORY megabytes for all programs of a check together. They end, and the judge says so. */
static void memory_watch(void)
{
	enum { MOST = 4096 };
	static struct process list[MOST];
	static double last;
	long most = getenv("LAB_MEMORY") ? atol(getenv("LAB_MEMORY")) * 1024 * 1024 / sysconf(_SC_PAGESIZE) : 0;
	int n;

	if (most == 0 || now() - last < 0.05)
		return;
	last = now();
	n = processes(list, MOST);
	for (struct check *c = checks; c < checks + count; c++) {
		long sum = 0;

		if (c->state != RUNNING)
			continue;
		for (struct process *p = list; p < list + n; p++)
			if (p->pid != c->pid && is_below(list, n, p->pid, c->pid))
				sum += p->pages;
		if (sum <= most)
			continue;
		c->too_large = true;
		for (struct process *p = list; p < list + n; p++)
			if (p->pid != c->pid && is_below(list, n, p->pid, c->pid))
				kill(p->pid, SIGKILL);
	}
}

/* ---- all of them ------------------------------------------------------------------------- */

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

/* How many bytes are one good UTF-8 character; 0: none, so that the JSON is always good. */
static int utf8_length(const unsigned char *m)
{
	int n = *m < 0x80 ? 1 : *m >= 0xc2 && *m < 0xe0 ? 2 : (*m & 0xf0) == 0xe0 ? 3 : *m >= 0xf0 && *m < 0xf5 ? 4 : 0;

	for (int i = 1; i < n; i++)
		if ((m[i] & 0xc0) != 0x80)
			return 0;
	if ((*m == 0xe0 && m[1] < 0xa0) || (*m == 0xed && m[1] > 0x9f) || (*m == 0xf0 && m[1] < 0x90) ||
	    (*m == 0xf4 && m[1] > 0x8f))
		return 0;
	return n;
}

/* Characters that a terminal obeys, or that show text in another order than it stands there. */
static bool is_trick(const unsigned char *m, int n)
{
	unsigned c = n == 2 ? (m[0] & 31u) << 6 | (m[1] & 63u)
		   : n == 3 ? (m[0] & 15u) << 12 | (m[1] & 63u) << 6 | (m[2] & 63u) : ' ';

	return (c >= 0x80 && c < 0xa0) || (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static void message_print(const char *text)
{
	for (const unsigned char *m = (const unsigned char *)text; *m;) {
		int n = utf8_length(m);

		if (*m == '\n')
			fputs("\\n", stdout);
		else if (*m == '\\')
			fputs("\\\\", stdout);
		else if (n == 0 || *m < ' ' || *m == 0x7f || is_trick(m, n)) {
			printf("\\\\x%02x", *m);
			n = 1;
		} else
			fwrite(m, 1, (size_t)n, stdout);
		m += n ? n : 1;
	}
}

static void result_print(const struct check *c)
{
	if (*c->suspect) {
		printf("@reason\tthe check %s: ", c->id);
		message_print(c->suspect);
		putchar('\n');
	}
	printf("%s\t%d\t%d\t%s\t%s\t%s\t%.2f\t%s\t", c->id,
	       strcmp(c->status, "PASS") == 0 ? c->max : 0, c->max, c->status, c->visible,
	       c->milestone, c->seconds, c->title);
	message_print(c->message);
	putchar('\n');
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

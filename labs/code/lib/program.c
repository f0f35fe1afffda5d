#include "program.h"

#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROGRAMS = 64, ARGUMENTS = 40, LINE_MOST = 4 << 20, WAIT_S = 5, SCENE_S = 15 };

static struct program *programs[PROGRAMS];
static int count;

/* ---- start ------------------------------------------------------------------------------- */

/* LAB_SANDBOX is a command that runs what follows it, its words separated by spaces. */
static int sandbox_words(char **argv, char *text)
{
	int n = 0;

	for (char *word = strtok(text, " "); word && n < ARGUMENTS / 2; word = strtok(NULL, " "))
		argv[n++] = word;
	return n;
}

static bool may_trace(void)
{
	int status = 1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0);
	waitpid(pid, &status, 0);
	return status == 0;
}

/* The sanitizer looks for leaks with ptrace, and where that is refused it ends the program. */
static void leaks_where_possible(void)
{
	const char *build = strrchr(tree(), '/');

	if (build && strcmp(build, "/clean") == 0 && !may_trace())
		setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
}

static _Noreturn void become(struct program *p, int in, int out, char *path, char **rest)
{
	char *argv[ARGUMENTS + 2], *sandbox = getenv("LAB_SANDBOX");
	int n = sandbox ? sandbox_words(argv, strdup(sandbox)) : 0;
	int errors = open(p->errors, O_WRONLY | O_CREAT | O_APPEND, 0666);

	argv[n++] = path;
	while ((argv[n++] = *rest++))
		continue;
	setsid();
	dup2(in, 0);
	dup2(out, 1);
	dup2(errors, 2);
	closefrom(3);
	unsetenv("LAB_SANDBOX");
	if (!sandbox)
		unsetenv("LAB_TREE");
	execvp(argv[0], argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static struct program *program_make(const char *name, char **arguments)
{
	struct program *p = calloc(1, sizeof *p);
	size_t n;

	if (!p || count == PROGRAMS)
		judge_broke("start %s: too many programs", name);
	p->name = strdup(name);
	n = (size_t)snprintf(p->command, sizeof p->command, "%s", name);
	for (; *arguments && n < sizeof p->command; arguments++)
		n += (size_t)snprintf(p->command + n, sizeof p->command - n, " %s", *arguments);
	snprintf(p->errors, sizeof p->errors, "errors.%d", count);
	return programs[count++] = p;
}

static void fork_it(struct program *p, char **arguments)
{
	char path[4096];
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		judge_broke("start %s: %s", p->name, strerror(errno));
	snprintf(path, sizeof path, "%s/build/%s", tree(), p->name);
	leaks_where_possible();
	fflush(stdout);
	p->pid = fork();
	if (p->pid < 0)
		judge_broke("fork: %s", strerror(errno));
	if (p->pid == 0)
		become(p, in[0], out[1], path, arguments);
	signal(SIGPIPE, SIG_IGN);
	close(in[0]);
	close(out[1]);
	p->in = in[1];
	p->out = out[0];
}

/* make replay GDB=1 */
static void wait_for_debugger(const struct program *p)
{
	pid_t pid = program_pid(p);

	printf("%s is process %d: in another terminal, gdb -p %d; then Enter here\n", p->name, pid, pid);
	fflush(stdout);
	while (getchar() != '\n' && !feof(stdin))
		continue;
}

struct program *program_start(const char *name, ...)
{
	char *arguments[ARGUMENTS / 2], *stop = getenv("LAB_STOP");
	struct program *p;
	va_list args;
	int n = 0;

	va_start(args, name);
	while (n < ARGUMENTS / 2 - 1 && (arguments[n] = va_arg(args, char *)))
		n++;
	va_end(args);
	arguments[n] = NULL;
	p = program_make(name, arguments);
	fork_it(p, arguments);
	if (stop && *stop)
		wait_for_debugger(p);
	return p;
}

/* With bubblewrap in front, the submission is a grandchild. */
pid_t program_pid(const struct program *p)
{
	double last = deadline();

	while (getenv("LAB_SANDBOX") && now() < last) {
		for (pid_t pid = p->pid; pid > 0; pid = process_child(pid))
			if (process_runs(pid, p->name))
				return pid;
		nap();
	}
	return p->pid;
}

/* ---- the end ----------------------------------------------------------------------------- */

void programs_kill(void)
{
	pid_t pid;

	for (int i = 0; i < count; i++)
		if (programs[i]->pid > 0)
			kill(-programs[i]->pid, SIGKILL);
	while ((pid = process_child(getpid())) > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	count = 0;
}

/* The last lines that it wrote to stderr; with a sanitizer, from its report's beginning. */
static const char *last_words(const struct program *p)
{
	static char text[3000];
	FILE *f = fopen(p->errors, "r");
	char *report;
	size_t n;

	if (!f)
		return "";
	n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = '\0';
	report = strstr(text, "ERROR: ");
	if (!report)
		report = strstr(text, "runtime error: ");
	while (report && report > text && report[-1] != '\n')
		report--;
	return report ? report : text;
}

/* bubblewrap ends with 128 + the signal's number. */
static int signal_of(int status)
{
	if (WIFSIGNALED(status))
		return WTERMSIG(status);
	return getenv("LAB_SANDBOX") && WEXITSTATUS(status) > 128 ? WEXITSTATUS(status) - 128 : 0;
}

static _Noreturn void ended(const struct program *p, int status)
{
	const char *words = last_words(p);
	int signo = signal_of(status);

	if (signo)
		crashed("%s was ended by signal %d (%s)%s%s", p->name, signo, strsignal(signo),
			*words ? "; it wrote:\n" : "", words);
	crashed("%s ended with status %d%s%s", p->name, WEXITSTATUS(status),
		*words ? "; it wrote:\n" : "", words);
}

void program_look(struct program *p)
{
	int status;

	if (waitpid(p->pid, &status, WNOHANG) != p->pid)
		return;
	p->pid = -1;
	ended(p, status);
}

static void program_wait(struct program *p, const char *why)
{
	double last = deadline();
	int status;

	while (waitpid(p->pid, &status, WNOHANG) == 0) {
		if (now() > last)
			too_late("%s should end %s, but it still runs; it is in %s", p->name, why,
				 process_call(program_pid(p)));
		nap();
	}
	p->pid = -1;
	if (status != 0)
		ended(p, status);
}

void program_end(struct program *p)
{
	if (p->in >= 0)
		close(p->in);
	p->in = -1;
	program_wait(p, "at the end of its input");
}

void program_stop(struct program *p)
{
	step("sent SIGTERM to %s", p->name);
	kill(program_pid(p), SIGTERM);
	program_wait(p, "at SIGTERM");
}

/* ---- its lines --------------------------------------------------------------------------- */

/* No line can come any more: the program has closed its stdout, so it ends or has ended. */
static _Noreturn void silent_for_ever(struct program *p)
{
	double last = now() + 1;

	while (now() < last) {
		program_look(p);
		nap();
	}
	crashed("%s has closed its output", p->name);
}

static void more_lines(struct program *p, double last)
{
	struct pollfd f = {.fd = p->out, .events = POLLIN};
	ssize_t n;

	p->length -= p->used;
	if (p->length)
		memmove(p->bytes, p->bytes + p->used, p->length);
	p->used = 0;
	if (p->length == p->room) {
		p->room = p->room ? p->room * 2 : 1 << 16;
		p->bytes = p->room > LINE_MOST ? NULL : realloc(p->bytes, p->room);
		if (!p->bytes)
			crashed("%s wrote a line of more than %d bytes", p->name, LINE_MOST);
	}
	while (poll(&f, 1, 10) <= 0)
		if (now() > last)
			too_late("%s does not answer; it is in %s", p->name,
				 process_call(program_pid(p)));
	n = read(p->out, p->bytes + p->length, p->room - p->length);
	if (n <= 0)
		silent_for_ever(p);
	p->length += (size_t)n;
}

static char *program_line_within(struct program *p, double seconds)
{
	double last = now() + seconds * slowness();
	char *line, *end;

	while (p->length == p->used || !(end = memchr(p->bytes + p->used, '\n', p->length - p->used)))
		more_lines(p, last);
	line = p->bytes + p->used;
	*end = '\0';
	p->used = (size_t)(end + 1 - p->bytes);
	return line;
}

char *program_line(struct program *p)
{
	return program_line_within(p, WAIT_S);
}

/* ---- puppets ----------------------------------------------------------------------------- */

static FILE *kept_open(const char *name)
{
	FILE *f = fopen(name, "w");

	if (!f)
		judge_broke("%s: %s", name, strerror(errno));
	return f;
}

/* Every command is also kept in replay.in, and in replay.program the puppet to which it went first:
 * so `make replay` can say how to give the same commands by hand. */
static void keep(const struct program *p, const char *text)
{
	static FILE *f;

	if (!f) {
		f = kept_open("replay.program");
		fprintf(f, "%s\n", p->command);
		fclose(f);
		f = kept_open("replay.in");
	}
	fputs(text, f);
}

void tell(struct program *p, const char *format, ...)
{
	char *line = NULL;
	size_t n, sent = 0;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&line, format, args);
	va_end(args);
	if (length < 0 || !(line = realloc(line, (size_t)length + 2)))
		judge_broke("no memory");
	strcpy(line + length, "\n");
	n = (size_t)length + 1;
	keep(p, line);
	while (sent < n) {
		ssize_t w = write(p->in, line + sent, n - sent);

		if (w < 0)
			silent_for_ever(p);
		sent += (size_t)w;
	}
	free(line);
}

const char *quoted(const void *bytes, size_t n)
{
	static char *texts[16];
	static unsigned next;
	char **text = &texts[next++ % 16], *to;
	const unsigned char *b = bytes;

	free(*text);
	*text = to = malloc(n * 4 + 3);
	if (!to)
		judge_broke("no memory");
	*to++ = '"';
	for (size_t i = 0; i < n; i++)
		if (b[i] < ' ' || b[i] > '~' || b[i] == '"' || b[i] == '\\')
			to += sprintf(to, "\\x%02x", b[i]);
		else
			*to++ = (char)b[i];
	strcpy(to, "\"");
	return *text;
}

char *heard(struct program *p)
{
	char *line = program_line(p);

	if (strncmp(line, "puppet: ", 8) == 0)
		suspicious("our puppet knows this command, but the answer says: %.100s", line);
	return strcmp(line, ".") == 0 ? NULL : line;
}

void heard_nothing(struct program *p)
{
	char *line = heard(p);

	if (line) {
		should_have("no answer");
		but_it_was("%s", line);
	}
}

void expect_answer(struct program *p, const char *wanted, const char *command, ...)
{
	char text[256], is[1024] = "", *line;
	va_list args;

	va_start(args, command);
	vsnprintf(text, sizeof text, command, args);
	va_end(args);
	tell(p, "%s", text);
	while ((line = heard(p)))
		snprintf(is + strlen(is), sizeof is - strlen(is), "%s%s", *is ? " " : "", line);
	step("%s: %s", text, *is ? is : "(nothing)");
	if (wanted)
		expect_text(text, wanted, is);
}

/* ---- scenes ------------------------------------------------------------------------------ */

/* A scene lacks ptrace; without it a check is N.A., so the judge does not just believe it. */
static _Noreturn void lacks(const char *what)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(1);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(pid, &status, WUNTRACED);
	if (WIFSTOPPED(status))
		suspicious("the program says that this machine lacks %.100s; it does not", what);
	not_here("%s", what);
}

void scene_check(const char *name)
{
	struct program *p = program_start("scenes", name, NULL);
	char wanted[64], *line;

	snprintf(wanted, sizeof wanted, "good %08x", (unsigned)dice() ^ (unsigned)getpid());
	dprintf(p->in, "%s\n", wanted + 5);
	while (strcmp(line = program_line_within(p, SCENE_S), wanted) != 0) {
		if (strncmp(line, "note ", 5) == 0)
			step("%s", line + 5);
		else if (strncmp(line, "lacks ", 6) == 0)
			lacks(line + 6);
		else if (strncmp(line, "bad ", 4) == 0)
			failed("%s", line + 4);
		else if (strncmp(line, "good ", 5) == 0)
			suspicious("the program printed a verdict by itself");
	}
}

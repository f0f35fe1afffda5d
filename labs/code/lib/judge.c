#include "judge.h"

#include "program.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { STEPS_SHOWN = 24, WIDTH = 240, TEXTS = 16, WAIT_S = 5 };

static struct check *checks;
static const char *id;
static char steps[STEPS_SHOWN][WIDTH], headline[WIDTH], wanted[2048];
static long step_count;
static bool talks; /* each step is printed when it is taken, for `make replay` */

void check_add(struct check *c)
{
	c->next = checks;
	checks = c;
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double slowness(void)
{
	const char *slow = getenv("LAB_SLOW");

	return slow && atof(slow) > 0 ? atof(slow) : 1;
}

double deadline(void)
{
	return now() + WAIT_S * slowness();
}

const char *tree(void)
{
	const char *path = getenv("LAB_TREE");

	if (!path)
		judge_broke("LAB_TREE is not set; run checks with make grade");
	return path;
}

/* ---- the list of steps ------------------------------------------------------------------- */

void scene(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(headline, sizeof headline, format, args);
	va_end(args);
	step_count = 0;
	if (talks)
		printf("%s\n", headline);
}

void step(const char *format, ...)
{
	char *text = steps[step_count++ % STEPS_SHOWN];
	va_list args;

	va_start(args, format);
	vsnprintf(text, WIDTH, format, args);
	va_end(args);
	if (talks) {
		printf("  %4ld  %s\n", step_count, text);
		fflush(stdout);
	}
}

static void steps_print(void)
{
	long first = step_count > STEPS_SHOWN ? step_count - STEPS_SHOWN : 0;

	if (talks)
		return;
	if (*headline)
		printf("%s\n", headline);
	if (first > 0)
		printf("        (%ld steps before these)\n", first);
	for (long i = first; i < step_count; i++)
		printf("  %4ld  %s\n", i + 1, steps[i % STEPS_SHOWN]);
}

/* ---- how a check ends -------------------------------------------------------------------- */

/* The closing number comes from stdin only now: until here, nothing could have known it. A replay has
 * none, and its stdin is the student's keyboard. */
static _Noreturn void leave(const char *verdict)
{
	char number[64];

	programs_kill();
	if (talks || !fgets(number, sizeof number, stdin))
		number[0] = '\0';
	number[strcspn(number, "\n")] = '\0';
	printf("verdict %s %s\n", verdict, number);
	fflush(NULL);
	_exit(strcmp(verdict, "PASS") != 0);
}

static void say_all(const char *before, const char *format, va_list args)
{
	steps_print();
	fputs(before, stdout);
	vprintf(format, args);
	putchar('\n');
}

#define END(name, verdict, before)                                                             \
	void name(const char *format, ...)                                                     \
	{                                                                                      \
		va_list args;                                                                  \
                                                                                               \
		va_start(args, format);                                                        \
		say_all(before, format, args);                                                 \
		va_end(args);                                                                  \
		leave(verdict);                                                                \
	}

END(failed, "FAIL", "")
END(too_late, "TIMEOUT", "too late: ")
END(crashed, "CRASH", "")
END(suspicious, "SUSPECT", "")
END(not_here, "N.A.", "this machine lacks something: ")
END(judge_broke, "GRADER-ERROR", "the check itself has failed; please report this: ")

void should_have(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(wanted, sizeof wanted, format, args);
	va_end(args);
}

void but_it_was(const char *format, ...)
{
	va_list args;

	steps_print();
	printf("should have had   %s\nbut it was        ", wanted);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	leave("FAIL");
}

void expect_number(const char *what, long wanted_number, long was)
{
	if (was == wanted_number)
		return;
	should_have("%s %ld", what, wanted_number);
	but_it_was("%ld", was);
}

void expect_text(const char *what, const char *wanted_text, const char *was)
{
	if (strcmp(was, wanted_text) == 0)
		return;
	should_have("%s %s", what, shown(wanted_text, strlen(wanted_text)));
	but_it_was("%s", shown(was, strlen(was)));
}

/* ---- bytes and numbers ------------------------------------------------------------------- */

static size_t byte_show(char *to, unsigned char c)
{
	static const char special[] = "\r\n\t\"\\", letters[] = "rnt\"\\";
	const char *known = c ? strchr(special, c) : NULL;

	if (known)
		return (size_t)sprintf(to, "\\%c", letters[known - special]);
	if (c < ' ' || c > '~')
		return (size_t)sprintf(to, "\\x%02x", c);
	*to = (char)c;
	return 1;
}

const char *shown(const void *bytes, size_t n)
{
	enum { HEAD = 120, TAIL = 40, SIZE = (HEAD + TAIL) * 4 + 64 };
	static char texts[TEXTS][SIZE];
	static unsigned next;
	const unsigned char *b = bytes;
	char *text = texts[next++ % TEXTS], *p = text;

	*p++ = '"';
	for (size_t i = 0; i < n; i++) {
		if (n > HEAD + TAIL && i == HEAD) {
			p += sprintf(p, "\" ...%zu bytes... \"", n - HEAD - TAIL);
			i = n - TAIL;
		}
		p += byte_show(p, b[i]);
	}
	strcpy(p, "\"");
	return text;
}

/* The file "variant" of the tree: a name and its value a line. */
static const char *variant_file(void)
{
	static char text[8192];
	char path[4096];
	FILE *f;

	if (*text)
		return text;
	snprintf(path, sizeof path, "%s/variant", tree());
	f = fopen(path, "r");
	if (!f)
		judge_broke("%s: %s", path, strerror(errno));
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	return text;
}

/* The rest of the line that begins with NAME. */
static const char *variant_find(const char *name)
{
	const char *line = variant_file();
	size_t n = strlen(name);

	while (strncmp(line, name, n) != 0 || line[n] != ' ') {
		line = strchr(line, '\n');
		if (!line++)
			judge_broke("variant.awk has no %s", name);
	}
	return line + n + 1;
}

const char *variant_text(const char *name)
{
	static char texts[TEXTS][256];
	static unsigned next;
	char *text = texts[next++ % TEXTS];
	const char *value = variant_find(name);

	snprintf(text, sizeof texts[0], "%.*s", (int)strcspn(value, "\n"), value);
	return text;
}

long variant(const char *name)
{
	return strtol(variant_find(name), NULL, 0);
}

/* splitmix64, begun from the id of the check and the seed of the variant */
uint64_t dice(void)
{
	static uint64_t state;
	uint64_t z;

	if (!state) {
		state = 14695981039346656037u;
		for (const char *p = id; *p; p++)
			state = (state ^ (unsigned char)*p) * 1099511628211u;
		state ^= strtoull(variant_text("SEED"), NULL, 16);
	}
	z = state += 0x9e3779b97f4a7c15;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static bool is_called(const char *name, const char *wanted_id)
{
	for (; *name && (*name == *wanted_id || (*name == '_' && *wanted_id == '-')); name++)
		wanted_id++;
	return *name == *wanted_id;
}

void check_again(const char *wanted_id)
{
	for (struct check *c = checks; c; c = c->next)
		if (is_called(c->name, wanted_id)) {
			c->run();
			return;
		}
	judge_broke("the judge has no check '%s'", wanted_id);
}

int main(int argc, char **argv)
{
	id = argc > 1 ? argv[1] : "?";
	talks = getenv("LAB_TALK") != NULL;
	prctl(PR_SET_CHILD_SUBREAPER, 1); /* what a program leaves behind becomes our child */
	check_again(id);
	leave("PASS");
}

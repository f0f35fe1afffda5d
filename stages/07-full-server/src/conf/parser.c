#include "conf/conf.h"

#include <errno.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "io/file.h"

enum { ARGS_MAX = 1024, INCLUDE_DEPTH_MAX = 10, MESSAGE_MAX = 1024 };

static void report(struct conf *cf, const char *format, va_list args)
{
	char message[MESSAGE_MAX];
	/* stays 0 before the first file is open, because there is no file name for the message */
	int len = 0;

	if (cf->line > 0)
		len = snprintf(message, sizeof(message), "%.*s:%d: ", STR_ARGS(cf->file), cf->line);
	else if (cf->file.len > 0)
		len = snprintf(message, sizeof(message), "%.*s: ", STR_ARGS(cf->file));
	if (len >= 0 && (size_t)len < sizeof(message))
		vsnprintf(message + len, sizeof(message) - (size_t)len, format, args);
	cf->on_error(message);
}

int conf_fail(struct conf *cf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(cf, format, args);
	va_end(args);
	return -1;
}

void conf_warn(struct conf *cf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(cf, format, args);
	va_end(args);
}

int conf_no_memory(struct conf *cf)
{
	return conf_fail(cf, "out of memory");
}

static struct str path_below(struct conf *cf, struct str folder, struct str path)
{
	if (str_starts(path, STR("/")))
		return pool_str_z(cf->pool, path);
	return pool_print(cf->pool, "%.*s%.*s", STR_ARGS(folder), STR_ARGS(path));
}

struct str conf_path(struct conf *cf, struct str path)
{
	return path_below(cf, cf->prefix, path);
}

static bool has_arg_count(const struct directive *d, uint32_t count)
{
	if (d->where & ARGS_ANY)
		return true;
	if (d->where & ARGS_1_MORE && count >= 1)
		return true;
	if (d->where & ARGS_2_MORE && count >= 2)
		return true;
	return count <= 7 && d->where & (uint32_t)ARGS_0 << count;
}

static int check_form(struct conf *cf, const struct directive *d, enum token end)
{
	bool is_block = d->where & BLOCK;

	if (is_block && end != TOKEN_OPEN)
		return conf_fail(cf, "directive \"%s\" has no opening \"{\"", d->name);
	if (!is_block && end == TOKEN_OPEN)
		return conf_fail(cf, "directive \"%s\" is not terminated by \";\"", d->name);
	if (!has_arg_count(d, cf->arg_count - 1))
		return conf_fail(cf, "invalid number of arguments in \"%s\" directive", d->name);
	return 0;
}

static int run_directive(struct conf *cf, const struct module *m, const struct directive *d,
			 enum token end)
{
	void **sections = cf->scope->sections[d->level];

	if (check_form(cf, d, end) < 0)
		return -1;
	if (m != NULL)
		cf->asked[m->index] = true;
	return d->set(cf, d, m != NULL && sections != NULL ? sections[m->index] : NULL);
}

/* Several modules may have a directive with the same name, each for a different block. So all
 * tables are searched until the block fits. */
static int find_and_run(struct conf *cf, enum token end)
{
	struct str name = cf->args[0];
	bool known = false;

	if (str_equal(name, STR("include")))
		return run_directive(cf, NULL, &conf_include, end);
	for (uint32_t i = 0; i < cf->module_count; i++) {
		const struct directive *d = cf->modules[i]->directives;

		for (; d != NULL && d->name != NULL; d++) {
			if (!str_equal(name, str_from(d->name)))
				continue;
			known = true;
			if (d->where & cf->context)
				return run_directive(cf, cf->modules[i], d, end);
		}
	}
	if (known)
		return conf_fail(cf, "\"%.*s\" directive is not allowed here", STR_ARGS(name));
	return conf_fail(cf, "unknown directive \"%.*s\"", STR_ARGS(name));
}

static int run_line(struct conf *cf, enum token end)
{
	if (cf->on_entry == NULL || str_equal(cf->args[0], STR("include")))
		return find_and_run(cf, end);
	if (end == TOKEN_OPEN)
		return conf_fail(cf, "unexpected \"{\"");
	return cf->on_entry(cf, cf->entry_data);
}

static int add_arg(struct conf *cf, struct str *args)
{
	if (cf->arg_count == ARGS_MAX)
		return conf_fail(cf, "too many arguments");
	if (cf->arg_count == 0)
		cf->line = cf->lexer->word_line;
	args[cf->arg_count++] = cf->lexer->word;
	cf->arg_quoted = cf->lexer->quoted;
	return 0;
}

static int unexpected(struct conf *cf, enum token token)
{
	cf->line = cf->lexer->line;
	switch (token) {
	case TOKEN_NO_MEMORY:
		return conf_no_memory(cf);
	case TOKEN_BAD:
		cf->line = cf->lexer->word_line;
		return conf_fail(cf, "%s", cf->lexer->problem);
	case TOKEN_CLOSE:
		return conf_fail(cf, "unexpected \"}\"");
	case TOKEN_SEMICOLON:
		return conf_fail(cf, "unexpected \";\"");
	case TOKEN_OPEN:
		return conf_fail(cf, "unexpected \"{\"");
	default:
		return conf_fail(cf, "unexpected end of file, expecting \";\" or \"}\"");
	}
}

/* Reads the words up to ";" or "{". If there are no words, *end is TOKEN_CLOSE or TOKEN_END. */
static int read_line(struct conf *cf, struct str *args, enum token *end)
{
	cf->args = args;
	cf->arg_count = 0;
	for (;;) {
		*end = lexer_next(cf->lexer);
		if (*end == TOKEN_WORD) {
			if (add_arg(cf, args) < 0)
				return -1;
			continue;
		}
		if (cf->arg_count > 0 && (*end == TOKEN_SEMICOLON || *end == TOKEN_OPEN))
			return 0;
		if (cf->arg_count == 0 && (*end == TOKEN_CLOSE || *end == TOKEN_END))
			return 0;
		if (*end == TOKEN_CLOSE) {
			cf->line = cf->lexer->line;
			return conf_fail(cf, "directive \"%.*s\" is not terminated by \";\"",
					 STR_ARGS(cf->args[0]));
		}
		return unexpected(cf, *end);
	}
}

static int read_lines(struct conf *cf, enum token until)
{
	struct str *args = pool_array(cf->pool, ARGS_MAX, sizeof(*args));
	enum token end;

	if (args == NULL)
		return conf_no_memory(cf);
	for (;;) {
		if (read_line(cf, args, &end) < 0)
			return -1;
		if (cf->arg_count == 0)
			break;
		if (run_line(cf, end) < 0)
			return -1;
	}
	pool_free_large(cf->pool, args);
	return end == until ? 0 : unexpected(cf, end);
}

/* At the end of a block or of a file, the members of cf that it has changed get their old
 * values again. After an error they do not: the message has been written, and no more lines are
 * read. */
int conf_block(struct conf *cf, uint32_t context, struct scope *scope)
{
	struct conf before = *cf;
	int result;

	cf->context = context;
	cf->on_entry = NULL;
	if (scope != NULL)
		cf->scope = scope;
	result = read_lines(cf, TOKEN_CLOSE);
	if (result == 0)
		*cf = before;
	return result;
}

int conf_entries(struct conf *cf, int (*on_entry)(struct conf *cf, void *data), void *data)
{
	struct conf before = *cf;
	int result;

	cf->on_entry = on_entry;
	cf->entry_data = data;
	result = read_lines(cf, TOKEN_CLOSE);
	if (result == 0)
		*cf = before;
	return result;
}

static int read_named(struct conf *cf, struct str name, struct str text)
{
	struct conf before = *cf;
	struct lexer lexer;
	int result;

	lexer_init(&lexer, text, cf->pool);
	cf->file = name;
	cf->line = 1;
	cf->lexer = &lexer;
	result = read_lines(cf, TOKEN_END);
	if (result == 0)
		*cf = before;
	return result;
}

int conf_read_text(struct conf *cf, const char *name, struct str text)
{
	return read_named(cf, str_from(name), text);
}

static int load(struct conf *cf, struct str path, struct str *text)
{
	struct stat st;
	int fd = file_open(path.data, &st);
	char *bytes;
	ssize_t got;

	if (fd < 0)
		return conf_fail(cf, "open(\"%s\"): %s (%d)", path.data, strerror(errno), errno);
	if (!S_ISREG(st.st_mode)) {
		close(fd);
		return conf_fail(cf, "\"%s\" is not a regular file", path.data);
	}
	bytes = pool_bytes(cf->pool, (size_t)st.st_size + 1);
	got = bytes != NULL ? file_read_at(fd, bytes, (size_t)st.st_size, 0) : -1;
	close(fd);
	if (got < 0)
		return conf_fail(cf, "read(\"%s\"): %s (%d)", path.data, strerror(errno), errno);
	*text = (struct str){bytes, (size_t)got};
	return 0;
}

int conf_read_file(struct conf *cf, struct str path)
{
	struct str text;

	if (load(cf, path, &text) < 0)
		return -1;
	if (cf->on_file != NULL)
		cf->on_file(path, text);
	return read_named(cf, path, text);
}

static int include_one(struct conf *cf, struct str path)
{
	int result;

	if (cf->include_depth == INCLUDE_DEPTH_MAX)
		return conf_fail(cf, "includes are nested too deeply, or include themselves");
	cf->include_depth++;
	result = conf_read_file(cf, path);
	cf->include_depth--;
	return result;
}

static int include_glob(struct conf *cf, struct str pattern)
{
	int result = 0;
	glob_t found;

	if (glob(pattern.data, 0, NULL, &found) != 0)
		return 0; /* a pattern that matches no file is not an error */
	for (size_t i = 0; i < found.gl_pathc && result == 0; i++) {
		struct str path = pool_str_z(cf->pool, str_from(found.gl_pathv[i]));

		result = path.data != NULL ? include_one(cf, path) : conf_no_memory(cf);
	}
	globfree(&found);
	return result;
}

static int include(struct conf *cf, const struct directive *d, void *section)
{
	struct str path = path_below(cf, cf->folder, cf->args[1]);

	if (path.data == NULL)
		return conf_no_memory(cf);
	if (strpbrk(path.data, "*?[") != NULL)
		return include_glob(cf, path);
	return include_one(cf, path);
}

const struct directive conf_include = {"include", ARGS_1, include, LEVEL_MAIN};

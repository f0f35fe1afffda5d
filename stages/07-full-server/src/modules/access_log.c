/*
 * access_log: writes one line for each request.
 *
 *     log_format short '$remote_addr "$request" $status';
 *     access_log logs/access.log short buffer=32k flush=1s if=$loggable;
 *
 * Each write() contains only whole lines, so the lines of several processes never mix. Without
 * a buffer, one write contains the lines of one turn of the event loop. So a line is in the
 * file at the end of its turn. With a buffer, one write contains as many lines as fit.
 *
 * Text from the client is escaped. Otherwise a client could write a false line into the log, or
 * send commands to the terminal that shows the log.
 */
#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "conf/logfile.h"
#include "event/loop.h"
#include "event/timer.h"
#include "http/request/value.h"
#include "http/site/core.h"

extern struct module access_log_module;

enum escape { ESCAPE_DEFAULT, ESCAPE_JSON, ESCAPE_NONE };

struct format {
	struct str name;
	enum escape escape;
	struct template *text;
};

/* One buffer for each file, even if several locations log to the file. */
struct log_buffer {
	struct logfile *file;
	size_t size, used;
	char *bytes;
	int64_t flush_ms; /* 0 means that the buffer is written only when it is full */
	struct timer timer;
	struct log_buffer *next;
};

struct destination {
	struct logfile *file;
	struct format *format;
	/* NULL means that a line is written at the end of its turn */
	struct log_buffer *buffer;
	struct template *condition;
};

struct log_main {
	struct pool_list formats; /* struct format * */
	struct log_buffer *buffers;
	bool has_logs; /* there is at least one log */
};

struct log_location {
	struct pool_list *destinations; /* struct destination */
	bool off;
};

static const char combined[] = "$remote_addr - $remote_user [$time_local] \"$request\" $status "
			       "$body_bytes_sent \"$http_referer\" \"$http_user_agent\"";

static struct log_main *main_of(struct conf *cf)
{
	return http_of(cf)->main[access_log_module.index];
}

static int format_add(struct conf *cf, struct log_main *m, struct str name, struct str text,
		      enum escape escape)
{
	struct format **place = pool_list_add(cf->pool, &m->formats, sizeof(*place));
	struct format *f = pool_zalloc(cf->pool, sizeof(*f));

	if (place == NULL || f == NULL)
		return conf_no_memory(cf);
	*place = f;
	f->name = name;
	f->escape = escape;
	f->text = template_compile(cf, text);
	return f->text != NULL ? 0 : -1;
}

static struct format *format_find(const struct log_main *m, struct str name)
{
	for (size_t i = 0; i < m->formats.count; i++) {
		struct format *f = ((struct format **)m->formats.items)[i];

		if (str_equal(f->name, name))
			return f;
	}
	return NULL;
}

static struct str all_pieces(struct conf *cf, uint32_t first)
{
	struct str text = STR_NONE;

	for (uint32_t i = first; i < cf->arg_count; i++)
		text = pool_print(cf->pool, "%.*s%.*s", STR_ARGS(text), STR_ARGS(cf->args[i]));
	return text;
}

static bool take_escape(struct str arg, enum escape *escape)
{
	*escape = str_equal(arg, STR("escape=json"))   ? ESCAPE_JSON
		  : str_equal(arg, STR("escape=none")) ? ESCAPE_NONE
						       : ESCAPE_DEFAULT;
	return str_starts(arg, STR("escape="));
}

static int set_format(struct conf *cf, const struct directive *d, void *section)
{
	enum escape escape;
	uint32_t first = take_escape(cf->args[2], &escape) ? 3 : 2;

	if (format_find(section, cf->args[1]) != NULL || str_equal(cf->args[1], STR("combined")))
		return conf_fail(cf, "duplicate \"log_format\" name \"%.*s\"",
				 STR_ARGS(cf->args[1]));
	return format_add(cf, section, cf->args[1], all_pieces(cf, first), escape);
}

static int use_format(struct conf *cf, struct destination *to, struct str name)
{
	struct log_main *m = main_of(cf);

	to->format = format_find(m, name);
	if (to->format == NULL && str_equal(name, STR("combined"))) {
		if (format_add(cf, m, name, str_from(combined), ESCAPE_DEFAULT) < 0)
			return -1;
		to->format = format_find(m, name);
	}
	return to->format != NULL ? 0
				  : conf_fail(cf, "unknown log format \"%.*s\"", STR_ARGS(name));
}

static void buffer_flush(void *buffer);

static void on_flush_due(struct timer *t)
{
	buffer_flush(CONTAINER_OF(t, struct log_buffer, timer));
}

static struct log_buffer *buffer_get(struct conf *cf, struct logfile *file)
{
	struct log_main *m = main_of(cf);
	struct log_buffer *b;

	for (b = m->buffers; b != NULL; b = b->next)
		if (b->file == file)
			return b;
	b = pool_zalloc(cf->pool, sizeof(*b));
	if (b == NULL) {
		conf_no_memory(cf);
		return NULL;
	}
	b->file = file;
	file->before_reopen = buffer_flush;
	file->data = b;
	b->next = m->buffers;
	m->buffers = b;
	timer_init(&b->timer, on_flush_due);
	b->timer.holds_exit = false;
	return b;
}

static int set_buffer(struct conf *cf, struct destination *to, int64_t size, int64_t flush_ms)
{
	if (size == 0 && flush_ms == 0)
		return 0;
	if (size == 0)
		return conf_fail(cf, "no buffer is defined for access_log \"%.*s\"",
				 STR_ARGS(cf->args[1]));
	to->buffer = buffer_get(cf, to->file);
	if (to->buffer == NULL)
		return -1;
	if (to->buffer->bytes != NULL &&
	    (to->buffer->size != (size_t)size || to->buffer->flush_ms != flush_ms))
		return conf_fail(cf, "access_log \"%.*s\" already has other buffer parameters",
				 STR_ARGS(cf->args[1]));
	to->buffer->size = (size_t)size;
	to->buffer->flush_ms = flush_ms;
	to->buffer->bytes = pool_bytes(cf->pool, (size_t)size);
	return to->buffer->bytes != NULL ? 0 : conf_no_memory(cf);
}

static int parse_options(struct conf *cf, struct destination *to)
{
	int64_t size = 0, flush_ms = 0;

	for (uint32_t i = 3; i < cf->arg_count; i++) {
		struct str value;

		if (conf_param(cf->args[i], STR("buffer="), &value)) {
			if (!parse_size(value, &size) || size == 0)
				return conf_bad_value(cf, cf->args[i]);
		} else if (conf_param(cf->args[i], STR("flush="), &value)) {
			if (!parse_ms(value, &flush_ms) || flush_ms == 0)
				return conf_bad_value(cf, cf->args[i]);
		} else if (conf_param(cf->args[i], STR("if="), &value)) {
			to->condition = template_compile(cf, value);
			if (to->condition == NULL)
				return -1;
		} else {
			return conf_bad_param(cf, cf->args[i]);
		}
	}
	return set_buffer(cf, to, size, flush_ms);
}

static struct destination *destination_add(struct conf *cf, struct log_location *l)
{
	struct destination *to;

	if (l->destinations == NULL)
		l->destinations = pool_zalloc(cf->pool, sizeof(*l->destinations));
	to = l->destinations != NULL ? pool_list_add(cf->pool, l->destinations, sizeof(*to)) : NULL;
	if (to == NULL)
		conf_no_memory(cf);
	return to;
}

static int set_access_log(struct conf *cf, const struct directive *d, void *section)
{
	struct log_location *l = section;
	struct destination *to;

	if (str_equal(cf->args[1], STR("off"))) {
		l->off = true;
		return cf->arg_count == 2 ? 0 : conf_bad_value(cf, cf->args[2]);
	}
	if (memchr(cf->args[1].data, '$', cf->args[1].len) != NULL)
		return conf_fail(cf, "the path of \"access_log\" cannot have variables");
	to = destination_add(cf, l);
	if (to == NULL)
		return -1;
	to->file = logfile_get(cf, cf->args[1]);
	if (to->file == NULL)
		return -1;
	main_of(cf)->has_logs = true;
	if (use_format(cf, to, cf->arg_count > 2 ? cf->args[2] : STR("combined")) < 0)
		return -1;
	return parse_options(cf, to);
}

static int add_default(struct conf *cf, struct log_location *l)
{
	struct destination *to = destination_add(cf, l);

	if (to == NULL)
		return -1;
	main_of(cf)->has_logs = true;
	to->file = logfile_get(cf, STR("logs/access.log"));
	return to->file == NULL ? -1 : use_format(cf, to, STR("combined"));
}

static int merge_location(struct conf *cf, void *outer, void *inner)
{
	struct log_location *o = outer, *i = inner;

	if (i->off || i->destinations != NULL)
		return 0;
	i->off = o->off;
	i->destinations = o->destinations;
	return i->off || i->destinations != NULL ? 0 : add_default(cf, i);
}

/* ---- writing */

static void write_out(const struct logfile *file, const char *bytes, size_t len)
{
	static time_t last_complaint;

	if (write(file->file.fd, bytes, len) == (ssize_t)len)
		return;
	if (now.second - last_complaint < 60)
		return;
	last_complaint = now.second;
	log_errno(log_main, LOG_ALERT, "write(\"%.*s\")", STR_ARGS(file->file.path));
}

/* Lines of logs without a buffer that are not written yet. All these lines belong to the same
 * file, and to this turn of the loop. */
static struct {
	const struct logfile *file;
	size_t used;
	char bytes[16384];
} turn;

static void turn_end(void)
{
	if (turn.used > 0)
		write_out(turn.file, turn.bytes, turn.used);
	turn.used = 0;
}

static void turn_add(const struct logfile *file, struct str line)
{
	if (turn.file != file || line.len > sizeof(turn.bytes) - turn.used)
		turn_end();
	if (line.len > sizeof(turn.bytes)) {
		write_out(file, line.data, line.len);
		return;
	}
	turn.file = file;
	put_str(turn.bytes + turn.used, line);
	turn.used += line.len;
	if (!loop_has_more())
		turn_end();
}

static void buffer_flush(void *buffer)
{
	struct log_buffer *b = buffer;

	timer_stop(&b->timer);
	if (b->used > 0)
		write_out(b->file, b->bytes, b->used);
	b->used = 0;
}

static void buffer_add(struct log_buffer *b, struct str line)
{
	if (line.len > b->size - b->used)
		buffer_flush(b);
	if (line.len > b->size) {
		write_out(b->file, line.data, line.len);
		return;
	}
	put_str(b->bytes + b->used, line);
	b->used += line.len;
	if (b->flush_ms > 0 && !timer_is_running(&b->timer))
		timer_start(&b->timer, b->flush_ms);
}

static char *put_hex_byte(char *to, unsigned char c)
{
	*to++ = "0123456789ABCDEF"[c >> 4];
	*to++ = "0123456789ABCDEF"[c & 15];
	return to;
}

/* Bytes that are not escaped: the printable characters, except the quote and the backslash. */
static const bool plain[256] = {[' ' ... '!'] = true, ['#' ... '['] = true, [']' ... '~'] = true};

/* Nearly all bytes are not escaped, so a row of such bytes is copied at once. */
static char *put_default(char *to, struct str s)
{
	const char *at = s.data, *end = s.data + s.len;

	for (;;) {
		const char *from = at;

		while (at < end && plain[(unsigned char)*at])
			at++;
		to = put_str(to, str_between(from, at));
		if (at == end)
			return to;
		to = put_str(to, STR("\\x"));
		to = put_hex_byte(to, (unsigned char)*at++);
	}
}

static char *put_value(char *to, struct str value, enum escape escape)
{
	switch (escape) {
	case ESCAPE_JSON:
		return put_json(to, value);
	case ESCAPE_NONE:
		return put_str(to, value);
	case ESCAPE_DEFAULT:
		break;
	}
	return put_default(to, value);
}

/* The value of one part of the format for this request. */
struct piece {
	struct str value;
	bool found;
};

/* Evaluates all parts. Returns the room that the line needs at most. */
static size_t evaluate(struct request *r, const struct pool_list *parts, struct piece *pieces)
{
	size_t room = 1; /* one byte for the line break */

	for (size_t i = 0; i < parts->count; i++) {
		const struct template_part *part = &((struct template_part *)parts->items)[i];

		pieces[i].found = template_part_value(r, part, &pieces[i].value);
		room += part->variable == PART_TEXT ? pieces[i].value.len
						    : pieces[i].value.len * ESCAPED_MAX + 1;
	}
	return room;
}

static struct str make_line(struct request *r, const struct format *f)
{
	const struct pool_list *parts = &f->text->parts;
	struct piece *pieces = pool_alloc(r->pool, parts->count * sizeof(*pieces));
	char *line = pieces != NULL ? pool_bytes(r->pool, evaluate(r, parts, pieces)) : NULL;
	char *to = line;

	if (line == NULL)
		return STR_NONE;
	for (size_t i = 0; i < parts->count; i++) {
		if (((struct template_part *)parts->items)[i].variable == PART_TEXT)
			to = put_str(to, pieces[i].value);
		else if (pieces[i].found)
			to = put_value(to, pieces[i].value, f->escape);
		else if (f->escape == ESCAPE_DEFAULT)
			*to++ = '-';
	}
	*to++ = '\n';
	return str_between(line, to);
}

static enum phase_result log_request(struct request *r)
{
	const struct log_location *l = request_section(r, LEVEL_LOCATION, &access_log_module);

	for (size_t i = 0; !l->off && i < l->destinations->count; i++) {
		const struct destination *to = &((struct destination *)l->destinations->items)[i];
		struct str line;

		if (to->condition != NULL && !template_is_true(r, to->condition))
			continue;
		line = make_line(r, to->format);
		if (to->buffer != NULL)
			buffer_add(to->buffer, line);
		else
			turn_add(to->file, line);
	}
	return PHASE_NEXT;
}

static int before_wait(int wait)
{
	turn_end();
	return wait;
}

static int start(struct http *http)
{
	const struct log_main *m = http->main[access_log_module.index];
	static struct loop_hook hook = {.before_wait = before_wait};

	if (!m->has_logs)
		return 0;
	hook.all = (struct list){NULL, NULL};
	loop_add_hook(&hook);
	return 0;
}

static int setup(struct conf *cf)
{
	return phase_add(cf, PHASE_LOG, log_request);
}

static void stop(struct http *http)
{
	struct log_main *m = http->main[access_log_module.index];

	turn_end();
	for (struct log_buffer *b = m->buffers; b != NULL; b = b->next) {
		buffer_flush(b);
		timer_remove(&b->timer);
	}
}

static const struct directive directives[] = {
    {"log_format", IN_HTTP | ARGS_2_MORE, set_format, LEVEL_MAIN},
    {"access_log", IN_HTTP_ALL | IN_LOCATION_IF | IN_LIMIT_EXCEPT | ARGS_1_MORE, set_access_log,
     LEVEL_LOCATION},
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .main_size = sizeof(struct log_main),
    .location_size = sizeof(struct log_location),
    .merge_location = merge_location,
    .setup = setup,
    .start = start,
    .stop = stop,
};

struct module access_log_module = {
    .name = "access_log", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};

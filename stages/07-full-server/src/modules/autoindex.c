/*
 * autoindex: answers with a list of the files when a folder has no index file.
 *
 *     autoindex on;
 *     autoindex_format html;           html, json, jsonp, xml
 *     autoindex_exact_size on;         off: 12K instead of 12345 (html)
 *     autoindex_localtime off;         on: the server's time instead of UTC (html)
 *
 * Folders come first, then files. Both are sorted by the bytes of their names. Names are
 * escaped for the format of the list. The columns are counted in characters of UTF-8.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/escape.h"
#include "http/file/folder.h"
#include "http/message/uri.h"
#include "http/request/filter.h"
#include "http/request/path.h"
#include "http/site/core.h"

extern struct module autoindex_module;

enum { NAME_COLUMN = 50, CALLBACK_MAX = 128, LINE_ROOM = 192, PAGE_ROOM = 512 };

enum format { FORMAT_HTML, FORMAT_JSON, FORMAT_JSONP, FORMAT_XML };

struct autoindex_location {
	int on, format, exact_size, localtime;
};

/* The data for the functions of a format. */
struct listing {
	const struct autoindex_location *options;
	struct str uri, callback;
	const struct folder_entry *entries;
	size_t count;
};

/* ---- html */

/* Returns the number of bytes in the first `max` characters of a name. *count is the number of
 * all characters. */
static size_t utf8_measure(struct str name, size_t max, size_t *count)
{
	size_t bytes = name.len;

	*count = 0;
	for (size_t i = 0; i < name.len; i++) {
		if (((unsigned char)name.data[i] & 0xc0) == 0x80)
			continue; /* not the first byte of a character */
		if ((*count)++ == max)
			bytes = i;
	}
	return bytes;
}

static char *put_spaces(char *to, size_t count)
{
	return (char *)memset(to, ' ', count) + count;
}

static char *put_name_cell(char *to, const struct folder_entry *e)
{
	size_t width, bytes = utf8_measure(e->name, NAME_COLUMN - 3, &width);

	if (width > NAME_COLUMN) {
		to = put_html(to, (struct str){e->name.data, bytes});
		return put_str(to, STR("..&gt;</a>"));
	}
	to = put_html(to, e->name);
	if (e->kind == ENTRY_FOLDER && width < NAME_COLUMN) {
		*to++ = '/';
		width++;
	}
	to = put_str(to, STR("</a>"));
	return put_spaces(to, NAME_COLUMN - width);
}

static char *put_date_cell(char *to, time_t modified, bool local)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct tm tm;

	if ((local ? localtime_r(&modified, &tm) : gmtime_r(&modified, &tm)) == NULL)
		memset(&tm, 0, sizeof(tm));
	return to + sprintf(to, " %02d-%s-%d %02d:%02d ", tm.tm_mday, months[tm.tm_mon],
			    tm.tm_year + 1900, tm.tm_hour, tm.tm_min);
}

/* Writes a size in seven columns: up to 9999 in bytes, larger sizes rounded in K, M or G. */
static char *put_rounded(char *to, int64_t size)
{
	static const struct {
		int64_t from, unit;
		char letter;
	} scales[] = {{1 << 30, 1 << 30, 'G'}, {1 << 20, 1 << 20, 'M'}, {10000, 1 << 10, 'K'}};

	for (size_t i = 0; i < COUNT_OF(scales); i++)
		if (size >= scales[i].from)
			return to +
			       sprintf(to, "%6lld%c",
				       (long long)((size + scales[i].unit / 2) / scales[i].unit),
				       scales[i].letter);
	return to + sprintf(to, "%7lld", (long long)size);
}

static char *put_size_cell(char *to, const struct folder_entry *e, bool exact)
{
	if (e->kind == ENTRY_FOLDER)
		return to + sprintf(to, "%*s", exact ? 19 : 7, "-");
	return exact ? to + sprintf(to, "%19lld", (long long)e->size) : put_rounded(to, e->size);
}

static char *put_html_line(char *to, const struct listing *list, const struct folder_entry *e)
{
	to = put_str(to, STR("<a href=\""));
	to = put_escaped(to, e->name, URI_ARG);
	if (e->kind == ENTRY_FOLDER)
		*to++ = '/';
	to = put_str(to, STR("\">"));
	to = put_name_cell(to, e);
	to = put_date_cell(to, e->modified, list->options->localtime);
	to = put_size_cell(to, e, list->options->exact_size);
	return put_str(to, STR("\r\n"));
}

static char *put_html_page(char *to, const struct listing *list)
{
	to = put_str(to, STR("<html>\r\n<head><title>Index of "));
	to = put_html(to, list->uri);
	to = put_str(to, STR("</title></head>\r\n<body>\r\n<h1>Index of "));
	to = put_html(to, list->uri);
	to = put_str(to, STR("</h1><hr><pre><a href=\"../\">../</a>\r\n"));
	for (size_t i = 0; i < list->count; i++)
		to = put_html_line(to, list, &list->entries[i]);
	return put_str(to, STR("</pre><hr></body>\r\n</html>\r\n"));
}

/* ---- json, jsonp, xml */

static struct str kind_name(const struct folder_entry *e)
{
	return e->kind == ENTRY_FOLDER ? STR("directory")
	       : e->kind == ENTRY_FILE ? STR("file")
				       : STR("other");
}

static char *put_json_entry(char *to, const struct folder_entry *e)
{
	to = put_str(to, STR("{ \"name\":\""));
	to = put_json(to, e->name);
	to = put_str(to, STR("\", \"type\":\""));
	to = put_str(to, kind_name(e));
	to = put_str(to, STR("\", \"mtime\":\""));
	to = put_http_date(to, e->modified);
	*to++ = '"';
	if (e->kind == ENTRY_FILE)
		to += sprintf(to, ", \"size\":%lld", (long long)e->size);
	return put_str(to, STR(" }"));
}

static char *put_json_page(char *to, const struct listing *list)
{
	if (list->callback.len > 0) {
		/* The answer begins with a comment. Otherwise its first bytes would be a text
		 * that the client has chosen, and a browser could take it for another type of
		 * file. */
		to = put_str(to, STR("/* callback */\r\n"));
		to = put_str(to, list->callback);
		*to++ = '(';
	}
	*to++ = '[';
	for (size_t i = 0; i < list->count; i++) {
		to = put_str(to, i > 0 ? STR(",\r\n") : STR("\r\n"));
		to = put_json_entry(to, &list->entries[i]);
	}
	to = put_str(to, STR("\r\n]"));
	return list->callback.len > 0 ? put_str(to, STR(");")) : to;
}

static char *put_xml_entry(char *to, const struct folder_entry *e)
{
	struct str kind = kind_name(e);
	struct tm tm;

	if (gmtime_r(&e->modified, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	to +=
	    sprintf(to, "<%s mtime=\"%d-%02d-%02dT%02d:%02d:%02dZ\"", kind.data, tm.tm_year + 1900,
		    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	if (e->kind == ENTRY_FILE)
		to += sprintf(to, " size=\"%lld\"", (long long)e->size);
	*to++ = '>';
	to = put_html(to, e->name);
	return to + sprintf(to, "</%s>\r\n", kind.data);
}

static char *put_xml_page(char *to, const struct listing *list)
{
	to = put_str(to, STR("<?xml version=\"1.0\"?>\r\n<list>\r\n"));
	for (size_t i = 0; i < list->count; i++)
		to = put_xml_entry(to, &list->entries[i]);
	return put_str(to, STR("</list>\r\n"));
}

/* ---- the answer */

static const struct {
	struct str type, charset;
	char *(*put)(char *to, const struct listing *list);
} formats[] = {
    [FORMAT_HTML] = {{"text/html", 9}, {"", 0}, put_html_page},
    [FORMAT_JSON] = {{"application/json", 16}, {"", 0}, put_json_page},
    [FORMAT_JSONP] = {{"application/javascript", 22}, {"", 0}, put_json_page},
    [FORMAT_XML] = {{"text/xml", 8}, {"utf-8", 5}, put_xml_page},
};

static int by_kind_and_name(const void *a, const void *b)
{
	const struct folder_entry *x = a, *y = b;

	if ((x->kind == ENTRY_FOLDER) != (y->kind == ENTRY_FOLDER))
		return x->kind == ENTRY_FOLDER ? -1 : 1;
	return str_compare(x->name, y->name);
}

/* Only the characters of a function's name are allowed. Otherwise the client could choose what
 * the script does. */
static bool callback_is_good(struct str name)
{
	if (name.len > CALLBACK_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = char_lower(name.data[i]);

		if (!(c >= 'a' && c <= 'z') && !char_is_digit(c) && c != '_' && c != '.')
			return false;
	}
	return true;
}

static struct str write_page(struct request *r, const struct listing *list, enum format format)
{
	size_t room = PAGE_ROOM + 2 * ESCAPED_MAX * list->uri.len + list->callback.len;
	char *text;

	for (size_t i = 0; i < list->count; i++)
		room += LINE_ROOM + (3 + ESCAPED_MAX) * list->entries[i].name.len;
	text = pool_bytes(r->pool, room);
	return text != NULL ? str_between(text, formats[format].put(text, list))
			    : (struct str){NULL, 0};
}

static enum phase_result send_listing(struct request *r, struct listing *list)
{
	enum format format = (enum format)list->options->format;
	struct str page;

	if (format == FORMAT_JSONP && list->callback.len == 0)
		format = FORMAT_JSON;
	page = write_page(r, list, format);
	if (page.data == NULL)
		return request_refuse(r, 500);
	r->out.charset = formats[format].charset;
	return request_send_text(r, 200, formats[format].type, page);
}

static enum phase_result serve(struct request *r)
{
	const struct autoindex_location *l = request_section(r, LEVEL_LOCATION, &autoindex_module);
	struct listing list = {.options = l, .uri = r->uri, .callback = STR_NONE};
	struct pool_list entries = {.items = NULL};
	struct str path;
	int status;

	if (!l->on || r->uri.data[r->uri.len - 1] != '/' ||
	    !(r->method & (METHOD_GET | METHOD_HEAD)))
		return PHASE_NEXT;
	if (l->format == FORMAT_JSONP && uri_arg(r->args, STR("callback"), &list.callback) &&
	    !callback_is_good(list.callback))
		return request_refuse(r, 400);
	if (request_map_path(r, 0, &path) < 0)
		return request_refuse(r, 500);
	status = folder_read(r, path, &entries);
	if (status != 0)
		return request_refuse(r, status);
	if (entries.count > 0)
		qsort(entries.items, entries.count, sizeof(struct folder_entry), by_kind_and_name);
	list.entries = entries.items;
	list.count = entries.count;
	return send_listing(r, &list);
}

static int setup(struct conf *cf)
{
	return phase_add(cf, PHASE_CONTENT, serve);
}

static const struct conf_name format_names[] = {{"html", FORMAT_HTML},
						{"json", FORMAT_JSON},
						{"jsonp", FORMAT_JSONP},
						{"xml", FORMAT_XML},
						{NULL, 0}};

#define ROW(name, set, member, otherwise, names)                                                   \
	{                                                                                          \
		name, IN_HTTP_ALL | ARGS_1, set, LEVEL_LOCATION,                                   \
		    SETTING(struct autoindex_location, member, otherwise), .extra = names          \
	}

static const struct directive directives[] = {
    ROW("autoindex", conf_set_flag, on, 0, NULL),
    ROW("autoindex_format", conf_set_enum, format, FORMAT_HTML, format_names),
    ROW("autoindex_exact_size", conf_set_flag, exact_size, 1, NULL),
    ROW("autoindex_localtime", conf_set_flag, localtime, 0, NULL),
    {.name = NULL},
};

static const struct http_hooks hooks = {
    .location_size = sizeof(struct autoindex_location),
    .setup_if_asked = setup,
};

struct module autoindex_module = {
    .name = "autoindex", .kind = MODULE_HTTP, .directives = directives, .hooks = &hooks};

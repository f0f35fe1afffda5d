#include "http.h"

#include "http/request/request.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int root = -1;
static char root_name[PATH_MAX]; /* as it was given */
static char root_path[PATH_MAX]; /* no symbolic link in it, and no slash at its end */

static const struct {
	const char *extension, *name;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".txt", "text/plain; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".ico", "image/x-icon"},
    {".pdf", "application/pdf"},
    {"", "application/octet-stream"},
};

static const struct {
	int status;
	const char *text;
} reasons[] = {
    {200, "OK"},
    {301, "Moved Permanently"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {414, "URI Too Long"},
    {431, "Request Header Fields Too Large"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {500, "Internal Server Error"},
};

/* ---- the folder ---- */

int http_reopen_root(void)
{
	char path[PATH_MAX];
	int fd = open(root_name, O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return -1;
	if (access(root_name, X_OK) < 0 || !realpath(root_name, path)) {
		close(fd);
		return -1;
	}
	http_close_root();
	root = fd;
	strcpy(root_path, strcmp(path, "/") == 0 ? "" : path);
	return 0;
}

void http_open_root(const char *name)
{
	snprintf(root_name, sizeof root_name, "%s", name);
	if (http_reopen_root() < 0)
		die("cannot serve %s: %s", name, strerror(errno));
}

void http_close_root(void)
{
	if (root >= 0)
		close(root);
}

/* Does a name end here, at a slash or at the end of the path? */
static bool is_boundary(char c)
{
	return c == '/' || c == '\0';
}

/*
 * A symbolic link may lead out of the root, so we ask the kernel where the open file really is.
 * Asking before the open would be a race: the link can change between the check and the open.
 */
static bool inside_root(int fd)
{
	size_t length = strlen(root_path);
	char name[32], place[PATH_MAX];
	ssize_t n;

	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	n = readlink(name, place, sizeof place - 1);
	place[n > 0 ? n : 0] = '\0';
	return strncmp(place, root_path, length) == 0 && is_boundary(place[length]);
}

/* O_NONBLOCK: opening a FIFO would otherwise wait until a process opens it for writing. */
static int open_inside(const char *path)
{
	const char *name = path + strspn(path, "/");
	int fd = openat(root, *name ? name : ".", O_RDONLY | O_NONBLOCK | O_NOCTTY);

	if (fd >= 0 && !inside_root(fd)) {
		close(fd);
		errno = EACCES;
		return -1;
	}
	return fd;
}

static int status_of_errno(void)
{
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
		return 404;
	case EACCES:
	case ELOOP:
	case ENXIO: /* a socket in the file system */
		return 403;
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return 503;
	default:
		log_errno("openat", root);
		return 500;
	}
}

/* Is one of the segments ".."? Apart from symbolic links, only ".." leads out of the root. */
static bool climbs(const char *path)
{
	for (; (path = strstr(path, "/..")); path += 3)
		if (is_boundary(path[3]))
			return true;
	return false;
}

/* Returns 200 and opens the file, or returns the status that says why it can't. */
static int open_file(char *path, struct response *r)
{
	struct stat st;

	if (climbs(path))
		return 403;
	r->file = open_inside(path);
	if (r->file < 0 || fstat(r->file, &st) < 0)
		return status_of_errno();

	if (S_ISDIR(st.st_mode)) {
		/* The browser has to ask for "/docs/". After "/docs" it would resolve the
		 * links in docs/index.html from "/". */
		if (path[strlen(path) - 1] != '/')
			return 301;
		close(r->file);
		r->file = open_inside(strcat(path, "index.html"));
		if (r->file < 0 || fstat(r->file, &st) < 0)
			return status_of_errno();
	}
	r->length = st.st_size;
	return S_ISREG(st.st_mode) ? 200 : 403;
}

/* ---- the request ---- */

/* Decodes "/a%20b". False for an invalid escape, and for %00: a zero byte would end the string
 * too early. */
static bool decode_path(struct str from, char *to)
{
	for (size_t i = 0; i < from.len; i++) {
		if (from.data[i] != '%') {
			*to++ = from.data[i];
			continue;
		}
		int high = i + 2 < from.len ? char_hex(from.data[i + 1]) : -1;
		int low = high < 0 ? -1 : char_hex(from.data[i + 2]);

		if (low < 0 || high + low == 0)
			return false;
		*to++ = (char)(high * 16 + low);
		i += 2;
	}
	*to = '\0';
	return true;
}

/* Returns 200 and the path, decoded, or the status that refuses the request. */
static int check_request(const struct request *req, char *path)
{
	const struct request_line *line = &req->line;

	if (req->refusal != 0)
		return req->refusal;
	if (line->method == METHOD_OTHER)
		return 501;
	if (!(line->method & (METHOD_GET | METHOD_HEAD)))
		return 405;
	if (line->path.len + line->query.len >= PATH_MAX)
		return 414;
	return decode_path(line->path, path) ? 200 : 400;
}

/* ---- the answer ---- */

static const char *type_of(const char *path)
{
	const char *dot = strrchr(path, '.');
	size_t i = 0;

	while (*types[i].extension && (!dot || strcasecmp(dot, types[i].extension) != 0))
		i++;
	return types[i].name;
}

static const char *reason_of(int status)
{
	size_t i = 0;

	while (reasons[i].status != status)
		i++;
	return reasons[i].text;
}

/* Small files are read, and sent together with their heads. */
enum { SMALL_FILE = 4096 };

static int append(struct request *req, const char *text, size_t length)
{
	char *copy = pool_alloc(req->pool, length);

	if (copy == NULL)
		return -1;
	memcpy(copy, text, length);
	return chain_append(req->pool, &req->response.pending,
			    buf_memory(req->pool, (struct str){copy, length}));
}

static int append_file(struct request *req)
{
	struct response *r = &req->response;
	char bytes[SMALL_FILE];

	if (r->length > SMALL_FILE)
		return chain_append(req->pool, &r->pending,
				    buf_file(req->pool, r->file, 0, r->length));
	if (pread(r->file, bytes, (size_t)r->length, 0) != r->length)
		return -1; /* it has shrunk since we promised its length */
	return append(req, bytes, (size_t)r->length);
}

/* EXTRA is one more header line, or "". */
static int write_head(struct request *req, int status, const char *type, off_t length,
		      const char *extra)
{
	time_t now = time(NULL);
	char date[64], text[PATH_MAX + 512];
	int n;

	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&now));
	n = snprintf(text, sizeof text,
		     "HTTP/1.1 %d %s\r\n"
		     "Date: %s\r\n"
		     "Content-Type: %s\r\n"
		     "Content-Length: %jd\r\n"
		     "%s"
		     "Connection: %s\r\n"
		     "\r\n",
		     status, reason_of(status), date, type, (intmax_t)length, extra,
		     req->response.keepalive ? "keep-alive" : "close");
	return append(req, text, (size_t)n);
}

/* An answer without a file. Its body repeats the status, for people to read. */
static int answer_status(struct request *req, int status)
{
	char extra[PATH_MAX + 64] = "", body[64];
	int length = snprintf(body, sizeof body, "%d %s\n", status, reason_of(status));

	if (status == 405)
		strcpy(extra, "Allow: GET, HEAD\r\n");
	if (status == 301) {
		/* exactly one slash in front: "//name/" would be the address of another host */
		struct str path = req->line.path;

		for (; path.len > 0 && path.data[0] == '/'; path.len--)
			path.data++;
		snprintf(extra, sizeof extra, "Location: /%.*s/%.*s\r\n", STR_ARGS(path),
			 STR_ARGS(req->line.query));
	}
	if (write_head(req, status, "text/plain; charset=utf-8", length, extra) < 0)
		return -1;
	return req->line.method == METHOD_HEAD ? 0 : append(req, body, (size_t)length);
}

int http_answer(struct request *req)
{
	struct response *r = &req->response;
	char path[PATH_MAX + 16]; /* decoded: "/a b", with room for "index.html" */
	int status = check_request(req, path);

	if (status == 200)
		status = open_file(path, r);
	if (r->file >= 0 && pool_cleanup_fd(req->pool, r->file) < 0) {
		close(r->file);
		return -1;
	}
	if (status != 200)
		return answer_status(req, status);
	if (write_head(req, 200, type_of(path), r->length, "") < 0)
		return -1;
	return req->line.method == METHOD_HEAD ? 0 : append_file(req);
}

int http_answer_text(struct request *req, struct str text)
{
	off_t length = (off_t)text.len;

	if (write_head(req, 200, "text/plain; charset=utf-8", length, "") < 0)
		return -1;
	return append(req, text.data, text.len);
}

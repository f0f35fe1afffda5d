#include "http.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

const char *text_of(int file)
{
	static char text[128];
	int n = snprintf(text, sizeof text, "file %d ", file);

	memset(text + n, 'a' + file % 26, (size_t)(file % 37));
	text[n + file % 37] = '\n';
	text[n + file % 37 + 1] = '\0';
	return text;
}

static void file_make(const char *name, const char *text, off_t length)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || ftruncate(fd, length) < 0)
		judge_broke("no file %s", name);
	close(fd);
}

struct program *files_start_with(int keep_ms, int requests_most)
{
	char name[16], keep[16], most[16];

	mkdir("www", 0755);
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof name, "www/f%d", i);
		file_make(name, text_of(i), (off_t)strlen(text_of(i)));
	}
	file_make("www/big", "", BIG);
	snprintf(keep, sizeof keep, "%d", keep_ms);
	snprintf(most, sizeof most, "%d", requests_most);
	step("server 0 www %s %s (KEEP_MS, REQUESTS_MOST)", keep, most);
	return server_start("server", "0", "www", keep, most, NULL);
}

struct program *files_start(void)
{
	return files_start_with(100000, 100000);
}

/* ---- answers ----------------------------------------------------------------------------- */

/* The head of an answer; its Content-Length. */
static long head_read(struct peer *p, int status, const char *connection)
{
	char wanted[32], *line = peer_line(p);
	bool said = false;
	long length = -1;

	snprintf(wanted, sizeof wanted, "HTTP/1.1 %d ", status);
	should_have("an answer that begins with \"%s\" at %s", wanted, p->name);
	if (strncmp(line, wanted, strlen(wanted)) != 0)
		but_it_was("%s", shown(line, strlen(line)));
	while (*(line = peer_line(p))) {
		if (strncasecmp(line, "Content-Length:", 15) == 0)
			length = atol(line + 15);
		if (strncasecmp(line, "Connection:", 11) != 0)
			continue;
		should_have("\"Connection: %s\" in the answer", connection);
		if (strcasecmp(line + 11 + strspn(line + 11, " "), connection) != 0)
			but_it_was("%s", shown(line, strlen(line)));
		said = true;
	}
	if (length < 0 || !said) {
		should_have("a Content-Length and a Connection in the answer");
		but_it_was("not there");
	}
	return length;
}

static void body_expect(struct peer *p, const char *body, long length)
{
	expect_number("Content-Length:", (long)strlen(body), length);
	if (length == 0)
		return;
	peer_look(p, (size_t)length);
	if (memcmp(p->bytes, body, (size_t)length) != 0) {
		should_have("the body %s", shown(body, (size_t)length));
		but_it_was("%s", shown(p->bytes, (size_t)length));
	}
	peer_take(p, (size_t)length);
}

void expect_reply(struct peer *p, int status, const char *connection, const char *body)
{
	long length = head_read(p, status, connection);

	if (body)
		body_expect(p, body, length);
	else
		peer_read(p, NULL, (size_t)length);
	step("%s has had an answer %d, %s", p->name, status, connection);
}

void expect_file(struct peer *p, int file)
{
	expect_reply(p, 200, "keep-alive", text_of(file));
}

void expect_head(struct peer *p, long length)
{
	expect_number("Content-Length:", length, head_read(p, 200, "keep-alive"));
	step("%s has had a head", p->name);
}

void get_file(struct peer *p, int file)
{
	peer_say(p, "GET /f%d HTTP/1.1\r\nHost: x\r\n\r\n", file);
	expect_file(p, file);
}

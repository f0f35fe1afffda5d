/* http.h - what the checks of lab 8 share: a folder of files, requests, and answers that are
 * read. */
#pragma once

#include "kernel.h"
#include "wire.h"

enum { FILES = 100, BIG = 8 << 20 };

/* Files f0 ... f99 with different texts, and big; KEEP_MS is long enough for any check. */
struct program *files_start(void);
struct program *files_start_with(int keep_ms, int requests_most);
const char *text_of(int file);

/* Reads one answer: the status, and the text "close" or "keep-alive". BODY: NULL, or it must be
 * this one; without one, the body is read and thrown away. */
void expect_reply(struct peer *p, int status, const char *connection, const char *body);
void expect_file(struct peer *p, int file); /* 200, keep-alive, its text */
void expect_head(struct peer *p,
		 long length); /* 200 without a body; Content-Length says LENGTH */

/* P asks for the file and has it: the connection works. */
void get_file(struct peer *p, int file);

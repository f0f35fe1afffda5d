/*
 * The puppet of lab 1: a parser that is fed by hand. Try it: build/puppet, then
 *	new
 *	feed "GET / HTTP/1.1\r\nHo"
 *	feed "st: x\r\n\r\n"
 */
#include "own.h"
#include "parser.h"
#include "puppet.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct parser *parser;
static bool guarded;

static void on_part(void *arg, enum part part, const char *bytes, size_t n)
{
	static const char *const names[] = {"method", "target",   "version", "name",
					    "value",  "head-end", "body",    "end"};

	(void)arg;
	say_bytes(names[part], bytes ? bytes : "", n);
}

static void new(const struct words *w)
{
	(void)w;
	free(parser);
	parser = malloc(sizeof *parser);
	if (!parser)
		exit(1);
	memset(parser, 0xa5, sizeof *parser); /* so that a forgotten field shows */
	parser_init(parser, on_part, NULL);
}

/* The piece lies at the very end of its pages: no byte behind it can be read. After the call none
 * of it can be read either, until the next piece has been fed. */
static int feed_guarded(const char *bytes, size_t n)
{
	static char *before;
	static size_t before_size;
	size_t page = (size_t)sysconf(_SC_PAGESIZE), need = (n + page - 1) / page * page;
	char *pages = mmap(NULL, need + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *at = pages + need - n;
	int status;

	if (pages == MAP_FAILED)
		exit(1);
	memcpy(at, bytes, n);
	mprotect(pages + need, page, PROT_NONE);
	status = parser_feed(parser, at, n);
	mprotect(pages, need + page, PROT_NONE);
	if (before)
		munmap(before, before_size);
	before = pages;
	before_size = need + page;
	return status;
}

static void feed(const struct words *w)
{
	if (!parser)
		new (w);
	for (int i = 1; i < w->count; i++) {
		size_t n = w->length[i];
		char *piece = malloc(n + 1);
		int status;

		if (!piece)
			exit(1);
		memcpy(piece, w->word[i], n);
		status = guarded ? feed_guarded(piece, n) : parser_feed(parser, piece, n);
		memset(piece, '#', n); /* the piece is gone */
		free(piece);
		say("status %d", status);
	}
}

static void guard(const struct words *w)
{
	(void)w;
	guarded = true;
}

static void size(const struct words *w)
{
	(void)w;
	say("size %zu", sizeof *parser);
}

int main(void)
{
	static const struct command commands[] = {
	    {"new", "a new parser", new},
	    {"feed", "\"BYTES\" ...: each word is a piece", feed},
	    {"guard", "from now on, no byte behind a piece can be read", guard},
	    {"size", "of struct parser, in bytes", size},
	    {0},
	};
	int status = puppet_run(commands);

	free(parser);
	return status;
}

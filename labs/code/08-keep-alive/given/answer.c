#include "answer.h"

#include "head.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

int answer_count;

/* http.c says HTTP/1.0 and close; these two are changed. */
static void keep_open(struct response *r, bool keep)
{
	static const char closes[] = "Connection: close\r\n",
			  keeps[] = "Connection: keep-alive\r\n";
	char *field = strstr(r->text, closes), *rest;

	assert(field && memcmp(r->text, "HTTP/1.0", 8) == 0);
	r->text[7] = '1';
	if (!keep)
		return;
	rest = field + strlen(closes);
	memmove(field + strlen(keeps), rest, r->text_length - (size_t)(rest - r->text) + 1);
	memcpy(field, keeps, strlen(keeps));
	r->text_length += strlen(keeps) - strlen(closes);
}

void answer_make(struct response *r, const char *head, size_t length, bool keep)
{
	char copy[HEAD_MOST + 1]; /* http.c writes into it */

	assert(length <= HEAD_MOST);
	memcpy(copy, head, length);
	copy[length] = '\0';
	*r = (struct response){.file = -1};
	http_answer(r, copy, length);
	keep_open(r, keep);
	answer_count++;
}

void answer_error(struct response *r, int status)
{
	*r = (struct response){.file = -1};
	r->text_length = (size_t)sprintf(r->text,
					 "HTTP/1.1 %d Refused\r\n"
					 "Content-Length: 0\r\n"
					 "Connection: close\r\n"
					 "\r\n",
					 status);
	answer_count++;
}

#include "words.h"

#include "variant.h"

#include <string.h>

bool words_is_name(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz");

	return n > 0 && n <= NAME_MOST && text[n] == '\0';
}

/* Cuts at the first space; what is behind it, or an empty text. */
static char *rest_of(char *line)
{
	char *space = strchr(line, ' ');

	if (!space)
		return line + strlen(line);
	*space = '\0';
	return space + 1;
}

struct words words_read(char *line)
{
	char *rest = rest_of(line);
	struct words w = {.said = SAID_NOTHING};

	if (strcmp(line, WORD_NAME) == 0) {
		w.said = SAID_NAME;
		w.name = rest;
	} else if (strcmp(line, WORD_SAY) == 0) {
		w.said = SAID_SAY;
		w.text = rest;
	} else if (strcmp(line, WORD_TO) == 0) {
		w.said = SAID_TO;
		w.name = rest;
		w.text = rest_of(rest);
	} else if (strcmp(line, WORD_BYE) == 0) {
		w.said = SAID_BYE;
	}
	if (w.name && !words_is_name(w.name))
		w.name = NULL;
	return w;
}

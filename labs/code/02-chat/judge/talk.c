#include "talk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct words word;

struct program *chat_start(void)
{
	word = (struct words){strdup(variant_text("WORD_NAME")),    strdup(variant_text("WORD_SAY")),
			      strdup(variant_text("WORD_TO")),      strdup(variant_text("WORD_BYE")),
			      strdup(variant_text("WORD_WELCOME")), strdup(variant_text("SIGN_COMES")),
			      strdup(variant_text("SIGN_LEAVES"))};
	return server_start("chat", "0", NULL);
}

static struct peer *welcomed(struct peer *p)
{
	peer_say(p, "%s %s\n", word.name, p->name);
	peer_expect(p, "%s %s", word.welcome, p->name);
	return p;
}

struct peer *join(struct program *chat, const char *name)
{
	return welcomed(peer_connect(chat, name));
}

struct peer *join_small(struct program *chat, const char *name)
{
	return welcomed(peer_connect_small(chat, name, 4096));
}

struct peer *join_heard(struct program *chat, const char *name, ...)
{
	struct peer *p = join(chat, name), *other;
	va_list args;

	va_start(args, name);
	while ((other = va_arg(args, struct peer *)))
		peer_expect(other, "%s%s", word.comes, name);
	va_end(args);
	return p;
}

void say_heard(struct peer *from, const char *text, ...)
{
	struct peer *other;
	va_list args;

	peer_say(from, "%s %s\n", word.say, text);
	va_start(args, text);
	while ((other = va_arg(args, struct peer *)))
		peer_expect(other, "%s: %s", from->name, text);
	va_end(args);
}

const char *text_of(size_t n)
{
	static char text[4096];

	for (size_t i = 0; i < n; i++)
		text[i] = (char)('a' + i % 26);
	text[n] = '\0';
	return text;
}

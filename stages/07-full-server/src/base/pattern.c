#include "base/pattern.h"

#include <errno.h>
#include <stdlib.h>

enum { GROUPS_MAX = 10, SHORT_SUBJECT = 512 };

/* Returns the "]" that ends the "[...]" at `at`. If there is no "]", returns the end of the
 * pattern. */
static const char *bracket_end(const char *at)
{
	at += at[1] == '^' ? 2 : 1;
	if (*at == ']')
		at++;
	for (; *at != '\0' && *at != ']'; at++)
		if (at[0] == '[' && at[1] == ':' && strstr(at, ":]") != NULL)
			at = strstr(at, ":]") + 1;
	return at;
}

static bool is_one_of(char c, const char *list)
{
	return c != '\0' && strchr(list, c) != NULL;
}

/* "(?..." and "\d" have another meaning, or no meaning, in POSIX patterns. Such patterns are
 * refused, because they would match other texts than the author wanted. Returns the error
 * message, or NULL. */
static const char *find_pcre(const char *source)
{
	for (const char *at = source; *at != '\0'; at++) {
		if (at[0] == '(' && at[1] == '?')
			return "\"(?\" needs PCRE, this server has POSIX extended regular "
			       "expressions";
		if (is_one_of(at[0], "*+?}") && at[1] == '?' && at > source)
			return "a lazy quantifier needs PCRE, this server has POSIX extended "
			       "regular expressions";
		/* POSIX allows this. But for n such quantifiers the C library would need 2^n
		 * states. */
		if (is_one_of(at[0], "*+?}") && is_one_of(at[1], "*+{") && at > source)
			return "a quantifier behind a quantifier needs PCRE, this server has POSIX "
			       "extended regular expressions";
		if (at[0] == '[')
			at = bracket_end(at);
		else if (at[0] == '\\' && is_one_of(at[1], "dDhHvVRKAzZQEpPx"))
			return "a backslash before that letter needs PCRE; write [0-9] for \\d";
		else if (at[0] == '\\')
			at++;
		if (*at == '\0')
			break;
	}
	return NULL;
}

const char *pattern_compile(struct pattern *p, const char *source, bool ignore_case)
{
	static char message[128];
	const char *pcre = find_pcre(source);
	int error;

	if (pcre != NULL)
		return pcre;
	error = regcomp(&p->regex, source, REG_EXTENDED | (ignore_case ? REG_ICASE : 0));
	if (error == 0)
		return NULL;
	errno = error == REG_ESPACE ? ENOMEM : EINVAL;
	regerror(error, &p->regex, message, sizeof(message));
	return message;
}

void pattern_fini(struct pattern *p)
{
	regfree(&p->regex);
}

/*
 * regexec needs a NUL at the end of the string, so it gets a copy. Returns 1 when the pattern
 * matches and 0 when it does not. Returns -1 when there is no memory for the copy or inside
 * regexec. In this case glibc's regexec returns REG_NOMATCH and sets errno.
 */
static int match_copy(const struct pattern *p, struct str subject, regmatch_t *found)
{
	char text[SHORT_SUBJECT], *copy = text;
	int result;

	if (subject.len >= sizeof(text))
		copy = malloc(subject.len + 1);
	if (copy == NULL)
		return -1;
	*put_str(copy, subject) = '\0';
	errno = 0;
	result = regexec(&p->regex, copy, GROUPS_MAX, found, 0);
	if (copy != text)
		free(copy); /* free does not change errno */
	if (result == 0)
		return 1;
	return result == REG_NOMATCH && errno != ENOMEM ? 0 : -1;
}

int pattern_match(const struct pattern *p, struct str subject, struct str *captures, size_t max)
{
	regmatch_t found[GROUPS_MAX];
	size_t count = p->regex.re_nsub + 1;
	int result = match_copy(p, subject, found);

	if (count > GROUPS_MAX)
		count = GROUPS_MAX;
	if (count > max)
		count = max;
	if (result <= 0)
		return result;
	for (size_t i = 0; i < count; i++) {
		bool took_part = found[i].rm_so >= 0;

		captures[i] = took_part ? str_between(subject.data + found[i].rm_so,
						      subject.data + found[i].rm_eo)
					: STR_NONE;
	}
	return max > 0 ? (int)count : 1;
}

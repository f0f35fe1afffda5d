#include "base/pattern.h"

#include <ctype.h>

enum { GROUPS_MAX = 10 };

/* "(?..." and "\d" have other meanings or none in POSIX patterns; better no server than a wrong one. */
static const char *find_pcre(const char *source)
{
	for (const char *at = source; *at != '\0'; at++) {
		if (at[0] == '(' && at[1] == '?')
			return "\"(?\" needs PCRE, this server has POSIX extended regular expressions";
		if (strchr("*+?}", at[0]) && at[1] == '?' && at > source)
			return "a lazy quantifier needs PCRE, this server has POSIX extended regular expressions";
		if (at[0] != '\\')
			continue;
		if (strchr("dDhHvVRKAzZQEpPx", at[1]) != NULL && at[1] != '\0')
			return "a backslash before that letter needs PCRE; write [0-9] for \\d";
		if (*++at == '\0')
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
	regerror(error, &p->regex, message, sizeof(message));
	return message;
}

void pattern_fini(struct pattern *p)
{
	regfree(&p->regex);
}

size_t pattern_match(const struct pattern *p, struct str subject, struct str *captures, size_t max)
{
	regmatch_t found[GROUPS_MAX];
	size_t count = p->regex.re_nsub + 1;

	if (count > GROUPS_MAX)
		count = GROUPS_MAX;
	if (count > max)
		count = max;
	found[0] = (regmatch_t){.rm_so = 0, .rm_eo = (regoff_t)subject.len};
	if (regexec(&p->regex, subject.data, GROUPS_MAX, found, REG_STARTEND) != 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		bool took_part = found[i].rm_so >= 0;

		captures[i] = took_part ? str_between(subject.data + found[i].rm_so,
						      subject.data + found[i].rm_eo)
					: STR_NONE;
	}
	return max > 0 ? count : 1;
}

#include "base/escape.h"

static char *put_code(char *to, unsigned char c)
{
	to = put_str(to, STR("\\u00"));
	*to++ = "0123456789ABCDEF"[c >> 4];
	*to++ = "0123456789ABCDEF"[c & 15];
	return to;
}

char *put_json(char *to, struct str s)
{
	static const char named[] = "\bb\ff\nn\rr\tt\"\"\\\\";

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];
		const char *name = c != '\0' ? strchr(named, c) : NULL;

		if (c >= 32 && c != '"' && c != '\\') {
			*to++ = (char)c;
		} else if (name != NULL && (name - named) % 2 == 0) {
			*to++ = '\\';
			*to++ = name[1];
		} else {
			to = put_code(to, c);
		}
	}
	return to;
}

char *put_html(char *to, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		switch (s.data[i]) {
		case '<':
			to = put_str(to, STR("&lt;"));
			break;
		case '>':
			to = put_str(to, STR("&gt;"));
			break;
		case '&':
			to = put_str(to, STR("&amp;"));
			break;
		case '"':
			to = put_str(to, STR("&quot;"));
			break;
		default:
			*to++ = s.data[i];
		}
	}
	return to;
}

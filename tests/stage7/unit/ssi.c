/* ssi: a page cut anywhere, and in single bytes, is the same page. */
#include "modules/ssi/ssi_scan.h"

#include "unit.h"

struct result {
	char text[8192]; /* text as it is, commands as [command] */
	size_t len;
};

static void add(struct result *r, struct str s)
{
	memcpy(r->text + r->len, s.data, s.len);
	r->len += s.len;
	r->text[r->len] = '\0';
}

static void scan(struct ssi_scanner *s, struct str input, struct result *r)
{
	struct str piece;

	for (;;) {
		switch (ssi_scan(s, &input, &piece)) {
		case SSI_NOTHING:
			CHECK_NUMBER(0, input.len);
			return;
		case SSI_TEXT:
			CHECK(piece.len > 0);
			add(r, piece);
			break;
		case SSI_COMMAND:
			add(r, STR("["));
			add(r, piece);
			add(r, STR("]"));
			break;
		case SSI_TOO_LONG:
			add(r, STR("[too long]"));
			break;
		}
	}
}

/* In three pieces, each in memory of its own: a byte too far is seen. */
static void check_split(struct str page, size_t first, size_t second, const char *wanted)
{
	char command[SSI_COMMAND_MAX];
	struct ssi_scanner s = {.command = command};
	struct result r = {.len = 0};
	size_t from[] = {0, first, second, page.len};

	for (int i = 0; i < 3; i++) {
		size_t len = from[i + 1] - from[i];
		char *piece = malloc(len + 1);

		memcpy(piece, page.data + from[i], len);
		piece = realloc(piece, len > 0 ? len : 1);
		scan(&s, (struct str){piece, len}, &r);
		free(piece);
	}
	add(&r, ssi_rest(&s));
	CHECK_STR(wanted, str_from(r.text));
}

static void check(const char *text, const char *wanted)
{
	struct str page = str_from(text);

	for (size_t first = 0; first <= page.len; first++)
		for (size_t second = first; second <= page.len; second++)
			check_split(page, first, second, wanted);
}

static void test_pages(void)
{
	check("", "");
	check("text", "text");
	check("a<!--#x-->b", "a[x]b");
	check("<!--# x --><!--#y-->", "[ x ][y]");
	check("<<!--#x-->", "<[x]");
	check("<!--<!--#x-->", "<!--[x]");
	check("<!-<!--# -->", "<!-[ ]");
	check("<!-- a comment -->", "<!-- a comment -->");
	check("<!--#-->", "[]");
	check("<!--#--->-->", "[-]-->");
	check("end<!--", "end<!--");
	check("end<", "end<");
	check("a<!--#x", "a");
	check("<!--#e v=\"-->\" w='\"-->' -->b", "[e v=\"-->\" w='\"-->' ]b");
	check("<!--#e v=\"\\\"-->\"-->b", "[e v=\"\\\"-->\"]b");
	check("<!--#e v = \"-->\"-->b", "[e v = \"-->\"]b");
	check("<!--#it's-->b'-->", "[it's]b'-->");
	check("<!--#a->b-->", "[a->b]");
	check("<!--#a>b-->", "[a>b]");
}

static void test_too_long(void)
{
	char page[SSI_COMMAND_MAX + 32], command[SSI_COMMAND_MAX];
	struct ssi_scanner s = {.command = command};
	struct result r = {.len = 0};

	memset(page, 'x', sizeof(page));
	memcpy(page, "<!--#", 5);
	memcpy(page + sizeof(page) - 10, "<!--#y-->z", 10);
	scan(&s, (struct str){page, sizeof(page)}, &r);
	CHECK(strncmp(r.text, "[too long]x", 11) == 0);
	CHECK(strcmp(r.text + r.len - 5, "x[y]z") == 0);
}

static void test_commands(void)
{
	struct ssi_command c;

	CHECK(ssi_parse_command(STR(" include virtual=\"/a b\"\tx = 'y\"' "), &c));
	CHECK_STR("include", c.name);
	CHECK_NUMBER(2, c.count);
	CHECK_STR("/a b", *ssi_parameter(&c, STR("virtual")));
	CHECK_STR("y\"", *ssi_parameter(&c, STR("x")));
	CHECK(ssi_parameter(&c, STR("y")) == NULL);
	CHECK(ssi_parse_command(STR("e v=\"a\\\"b\\\\\""), &c));
	CHECK_STR("a\\\"b\\\\", *ssi_parameter(&c, STR("v")));
	CHECK(ssi_parse_command(STR("endif"), &c));
	CHECK(!ssi_parse_command(STR(""), &c));
	CHECK(!ssi_parse_command(STR("e v"), &c));
	CHECK(!ssi_parse_command(STR("e v="), &c));
	CHECK(!ssi_parse_command(STR("e v=a"), &c));
	CHECK(!ssi_parse_command(STR("e v=\"a"), &c));
	CHECK(!ssi_parse_command(STR("e v=\"a\\\""), &c));
	CHECK(!ssi_parse_command(STR("e a='' b='' c='' d='' e='' f='' g='' h='' i=''"), &c));
}

int main(void)
{
	test_pages();
	test_too_long();
	test_commands();
	return 0;
}

/* The lexer: words, quotes, escapes, where comments begin. */
#include "conf/lexer.h"

#include "conf/value.h"
#include "unit.h"

/* The tokens as one text: words in [], then ; { } . or ! */
static struct str tokens_of(const char *text)
{
	static char all[256];
	struct pool *p = pool_create(POOL_BLOCK);
	struct lexer l;

	all[0] = '\0';
	lexer_init(&l, str_from(text), p);
	for (;;) {
		switch (lexer_next(&l)) {
		case TOKEN_WORD:
			snprintf(all + strlen(all), sizeof(all) - strlen(all), "[%.*s]", STR_ARGS(l.word));
			continue;
		case TOKEN_SEMICOLON:
			strcat(all, ";");
			continue;
		case TOKEN_OPEN:
			strcat(all, "{");
			continue;
		case TOKEN_CLOSE:
			strcat(all, "}");
			continue;
		case TOKEN_END:
			strcat(all, ".");
			break;
		default:
			strcat(all, "!");
		}
		break;
	}
	pool_destroy(p);
	return str_from(all);
}

static void tokens(void)
{
	CHECK_STR("[a][b];.", tokens_of("a b;"));
	CHECK_STR("[a]{[b];}.", tokens_of("a{b;}"));
	CHECK_STR("[a#b];.", tokens_of("a#b; # c"));
	CHECK_STR("[a]{}.", tokens_of("# x\na { # y\n}\n#"));
	CHECK_STR("[a b][c \"d\"];.", tokens_of("'a b' \"c \\\"d\\\"\";"));
	CHECK_STR("[];.", tokens_of("'';"));
	CHECK_STR("[\\d\\.\\\t];.", tokens_of("\"\\d\\.\\\\\\t\";"));
	CHECK_STR("[a${b}c];.", tokens_of("a${b}c;"));
	CHECK_STR("[a$]{[b]}.", tokens_of("a$ {b}") .len ? tokens_of("a$ {b }") : STR_NONE);
	CHECK_STR("!", tokens_of("'abc"));
	CHECK_STR("!", tokens_of("'a'b"));
	CHECK_STR(".", tokens_of(""));
	CHECK_STR(".", tokens_of("  \n\t#"));
}

static void units(void)
{
	int64_t value;

	CHECK(parse_ms(STR("1h30m"), &value) && value == 5400000);
	CHECK(parse_ms(STR("1d 12h"), &value) && value == 36 * 3600000);
	CHECK(parse_ms(STR("15"), &value) && value == 15000);
	CHECK(parse_ms(STR("15ms"), &value) && value == 15);
	CHECK(parse_ms(STR("1M"), &value) && value == 30LL * 86400000);
	CHECK(!parse_ms(STR("1m1h"), &value));
	CHECK(!parse_ms(STR("1m1m"), &value));
	CHECK(!parse_ms(STR("ms"), &value));
	CHECK(!parse_ms(STR("99999999999999999y"), &value));
	CHECK(parse_seconds(STR("1m"), &value) && value == 60);
	CHECK(!parse_seconds(STR("100ms"), &value));
	CHECK(parse_size(STR("8k"), &value) && value == 8192);
	CHECK(!parse_size(STR("8g"), &value));
	CHECK(parse_offset(STR("8g"), &value) && value == 8LL << 30);
	CHECK(!parse_offset(STR("9999999999999g"), &value));
	CHECK(!parse_size(STR(""), &value));
	CHECK(!parse_size(STR("k"), &value));
}

int main(void)
{
	tokens();
	units();
	pool_release_kept();
	return 0;
}

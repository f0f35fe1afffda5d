/*
 * Pages with SSI commands: in one piece, and in pieces of the size that the first byte says.
 * Both ways the same text and the same commands; and whatever a command says, its parts lie
 * within it.
 */
#include <string.h>

#include "fuzz.h"
#include "modules/ssi/ssi_scan.h"

struct page {
	struct ssi_scanner scanner;
	char command[SSI_COMMAND_MAX];
	char *bytes; /* text as it is, commands between 1 and 2, which may be in the text as
			well */
	size_t len;
};

static void add(struct page *p, struct str piece)
{
	memcpy(p->bytes + p->len, piece.data, piece.len);
	p->len += piece.len;
}

static bool is_within(struct str part, struct str whole)
{
	return part.data >= whole.data && part.data + part.len <= whole.data + whole.len;
}

static void check_command(struct str text)
{
	char *exact = malloc(text.len);
	struct str copy = {exact, text.len};
	struct ssi_command c;

	memcpy(exact, text.data, text.len);
	if (ssi_parse_command(copy, &c)) {
		HOLDS(c.name.len > 0 && is_within(c.name, copy));
		HOLDS(c.count <= SSI_PARAMETERS_MAX);
		for (size_t i = 0; i < c.count; i++) {
			HOLDS(is_within(c.parameters[i].name, copy));
			HOLDS(is_within(c.parameters[i].value, copy));
			HOLDS(ssi_parameter(&c, c.parameters[i].name) != NULL);
		}
	}
	free(exact);
}

static void feed(struct page *p, struct str input)
{
	struct str piece, whole = input;
	enum ssi_found found;

	while ((found = ssi_scan(&p->scanner, &input, &piece)) != SSI_NOTHING) {
		HOLDS(input.data + input.len == whole.data + whole.len);
		HOLDS(found != SSI_TOO_LONG);
		if (found == SSI_TEXT) {
			HOLDS(piece.len > 0);
			add(p, piece);
			continue;
		}
		add(p, STR("\1"));
		add(p, piece);
		add(p, STR("\2"));
		check_command(piece);
	}
	HOLDS(input.len == 0);
}

static struct page *scan(const char *bytes, size_t size, size_t step)
{
	struct page *p = calloc(1, sizeof(*p));

	p->scanner.command = p->command;
	p->bytes = malloc(2 * size + 8);
	for (size_t at = 0; at < size; at += step) {
		size_t n = size - at < step ? size - at : step;
		char *exact = malloc(n); /* a step too far is seen */

		memcpy(exact, bytes + at, n);
		feed(p, (struct str){exact, n});
		free(exact);
	}
	add(p, ssi_rest(&p->scanner));
	return p;
}

static void page_free(struct page *p)
{
	free(p->bytes);
	free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct page *whole, *pieces;

	if (size < 2 || size > SSI_COMMAND_MAX)
		return 0;
	whole = scan((const char *)data + 1, size - 1, size - 1);
	pieces = scan((const char *)data + 1, size - 1, data[0] % 16 + 1);
	HOLDS(whole->len == pieces->len &&
	      memcmp(whole->bytes, pieces->bytes, whole->len) == 0);
	HOLDS(whole->scanner.in_command == pieces->scanner.in_command);
	page_free(whole);
	page_free(pieces);
	return 0;
}

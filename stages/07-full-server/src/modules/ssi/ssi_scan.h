/*
 * ssi_scan: finds the commands in a page. The page may come in pieces of any size.
 *
 *     <h1>Hello</h1><!--# include virtual="/menu.html" --><p>...
 *     `--- text ---'     `--------- command ---------'   `- text ->
 *
 * The scanner may stop after any byte and continue with the next piece. Bytes that are only the
 * beginning of "<!--#" are returned as text.
 */
#ifndef SSI_SCAN_H
#define SSI_SCAN_H

#include "base/str.h"

enum { SSI_COMMAND_MAX = 4096, SSI_PARAMETERS_MAX = 8 };

enum ssi_found {
	SSI_NOTHING, /* all input was used */
	SSI_TEXT,
	SSI_COMMAND,
	SSI_TOO_LONG, /* the command has more than SSI_COMMAND_MAX bytes */
};

struct ssi_scanner {
	/* the text between "<!--#" and "-->"; the owner provides SSI_COMMAND_MAX bytes */
	char *command;
	size_t len;
	size_t matched; /* the last piece ended with this number of bytes of "<!--#" */
	bool in_command;
	/* the quote at the start of the present value; 0 means outside of a value */
	char quote;
	bool escaped;  /* the last byte of the value was a backslash */
	char before;   /* the last character that was not a space */
	size_t dashes; /* the number of "-" directly before the present byte */
};

/* Takes bytes from the start of *input. Sets *piece to the text or the command that was
 * found. */
enum ssi_found ssi_scan(struct ssi_scanner *s, struct str *input, struct str *piece);

/* Called at the end of the page. Returns bytes that looked like the start of a command. */
struct str ssi_rest(const struct ssi_scanner *s);

struct ssi_command {
	struct str name;
	struct ssi_parameter {
		/* the value is the text between the quotes, unchanged */
		struct str name, value;
	} parameters[SSI_PARAMETERS_MAX];
	size_t count;
};

/* Returns false when the text is not a name with parameters of the form name="value". */
bool ssi_parse_command(struct str text, struct ssi_command *c);

/* Returns NULL when no parameter has this name. */
const struct str *ssi_parameter(const struct ssi_command *c, struct str name);

#endif

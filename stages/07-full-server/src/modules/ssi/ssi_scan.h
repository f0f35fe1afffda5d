/*
 * ssi: finds the commands in a page, however it is cut into pieces.
 *
 *     <h1>Hello</h1><!--# include virtual="/menu.html" --><p>...
 *     `--- text ---'     `--------- command ---------'   `- text ->
 *
 * The scanner may stop behind any byte and go on with the next piece. Bytes that began like
 * "<!--#" but were not are returned as text.
 */
#ifndef SSI_SCAN_H
#define SSI_SCAN_H

#include "base/str.h"

enum { SSI_COMMAND_MAX = 4096, SSI_PARAMETERS_MAX = 8 };

enum ssi_found {
	SSI_NOTHING, /* all input was used */
	SSI_TEXT,
	SSI_COMMAND,
	SSI_TOO_LONG, /* the command does not end within SSI_COMMAND_MAX bytes */
};

struct ssi_scanner {
	/* SSI_COMMAND_MAX bytes, of the owner: the text between "<!--#" and "-->" */
	char *command;
	size_t len;
	size_t matched; /* how many bytes of "<!--#" the last piece ended with */
	bool in_command;
	char quote;    /* the quote that began the present value; 0: not in a value */
	bool escaped;  /* a backslash came before, in a value */
	char before;   /* the last character that was not a space */
	size_t dashes; /* directly before */
};

/* Takes bytes from the front of *input. *piece: what they are. */
enum ssi_found ssi_scan(struct ssi_scanner *s, struct str *input, struct str *piece);

/* Call it at the end of the page: returns bytes that looked like the start of a command. */
struct str ssi_rest(const struct ssi_scanner *s);

struct ssi_command {
	struct str name;
	struct ssi_parameter {
		struct str name, value; /* as they are in the page, between the quotes */
	} parameters[SSI_PARAMETERS_MAX];
	size_t count;
};

/* False: the text is not name="value" ... */
bool ssi_parse_command(struct str text, struct ssi_command *c);

/* NULL: no parameter has this name. */
const struct str *ssi_parameter(const struct ssi_command *c, struct str name);

#endif

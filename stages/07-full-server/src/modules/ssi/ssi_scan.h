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
	SSI_NOTHING, /* the input is used up */
	SSI_TEXT,
	SSI_COMMAND,
	SSI_TOO_LONG, /* a command without an end */
};

struct ssi_scanner {
	char *command; /* room for SSI_COMMAND_MAX, the owner's; used between "<!--#" and "-->" */
	size_t len;
	size_t matched; /* of "<!--#" at the end of the last piece */
	bool in_command;
	char quote;    /* the value we are in began with this one; 0: in none */
	bool escaped;  /* behind a backslash in it */
	char before;   /* the last character that was no space */
	size_t dashes; /* directly before */
};

/* Takes from the front of *input; what it found is in *piece. */
enum ssi_found ssi_scan(struct ssi_scanner *s, struct str *input, struct str *piece);

/* At the end of the page: bytes that looked like the start of a command. */
struct str ssi_rest(const struct ssi_scanner *s);

struct ssi_command {
	struct str name;
	struct ssi_parameter {
		struct str name, value; /* as it stands between the quotes */
	} parameters[SSI_PARAMETERS_MAX];
	size_t count;
};

/* False: that is not name="value" ... */
bool ssi_parse_command(struct str text, struct ssi_command *c);

/* NULL: it has none of that name. */
const struct str *ssi_parameter(const struct ssi_command *c, struct str name);

#endif

/*
 * sock: sockets driven by a script, one system call a line.
 *
 *	sock [-v] FILE [ARGUMENT ...]     run FILE ("-": standard input); stop at the first
 *error sock -i                           a conversation: each line in is answered by one line
 *out
 *
 * A script stops at its first error with "FILE:LINE: what was to be done: why not" and exit
 * status 1; its output is what `read`, `find`, `drain`, `show`, `clock` and `print` say. With
 * -v each line is shown before it is done, and what the other verbs remark. In a conversation
 *the answer to a line is "ok", perhaps followed by what there is to say, in the escapes below,
 *or "error ERRNO NUMBER why"; a program can hold it over two pipes.
 *
 * THE LANGUAGE. A line is words; "quoted words" take the escapes \r \n \t \0 \\ \" \xHH; #
 *begins a comment; $1 ... $9 are the arguments. NAME is a name you give to a socket. All is
 *IPv4, without an address 127.0.0.1. Nothing waits longer than the deadline, 5 seconds at
 *first.
 *
 *   listen L                     a listening socket on a port that the kernel chooses
 *   listen L 8080 backlog=3      ... on this one; also 0, and 127.0.0.2:8080
 *   bind B 8080                  a bound socket, for `listen B` or `connect B ...` later
 *   connect C L                  a connection to L; also to 8080 or 127.0.0.1:8080
 *   connect C L nowait           begins to connect and goes on (see `wait C ESTABLISHED`)
 *   connect C L from=9000        from this port
 *   accept S L                   the next connection of L becomes S
 *   dup D S                      one more descriptor of the same socket
 *
 *   OPTIONS of those that open a socket, set before bind and listen, and of `set NAME OPTION
 *...`: reuseaddr reuseport nodelay rcvbuf=BYTES sndbuf=BYTES maxseg=BYTES defer-accept=SECONDS
 *   keepalive=IDLE,INTERVAL,COUNT (seconds) user-timeout=MILLISECONDS linger=SECONDS
 *
 *   send C "GET / HTTP/1.1\r\n"  all of the text, waiting as long as the kernel makes us wait
 *   send C 5000                  5000 bytes, abcdefgh...
 *   send C full                  until the kernel takes no more (EAGAIN); says how many bytes
 *   read S 5                     exactly 5 bytes;   read S all   up to the end of file
 *   find S "\r\n\r\n"            reads until this text has come, and not one byte more
 *   drain S 512 5                reads to the end of file, 512 bytes at a time with 5 ms
 *between (without numbers: as fast as it can); says how many bytes expect S "HTTP/1.1 200" the
 *next bytes are these expect S eof                 ... end of file;   expect S reset   a reset
 *(ECONNRESET) expect S closed              either of the two expect S nothing 0.5 nothing comes
 *for half a second (0.2 without a number)
 *
 *   shutdown C                   no more data from us: sends FIN; also shutdown C rd, rdwr
 *   close C                      closes the descriptor; the name is free again
 *   reset C                      close with SO_LINGER {1, 0}: sends RST
 *   mute C                       C no longer hears the network (a pulled cable); needs
 *                                CAP_NET_ADMIN on newer kernels
 *   heal C                       it hears again
 *
 *   wait C FIN_WAIT2             until C is in this state: ESTABLISHED SYN_SENT SYN_RECV
 *FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSED CLOSE_WAIT LAST_ACK LISTEN CLOSING; works on closed names
 *too: the kernel may still hold the socket wait C.peer SYN_RECV         the same for the other
 *end of C's connection (on this machine) wait C sent                  until the other kernel
 *has acknowledged all that C sent wait C read                  ... and the program there has
 *read all of it. What is sent now comes in a read of its own, so that no test needs to sleep.
 *   wait S readable              until there is something to read or to accept
 *   wait C TIME_WAIT 70          any of these with a deadline of its own
 *   show C                       state=ESTABLISHED recvq=0 sendq=0 local=... peer=... timer=...
 *   show C.peer                  the same of the other end
 *
 *   fork K                       a child process with copies of all descriptors
 *   in K close S                 K does this line, and we wait for it
 *   tell K send S 100000         K does this line, and we go on;  hear K  waits for its answer
 *   signal K KILL                also TERM, STOP, CONT
 *
 *   fails EADDRINUSE listen L2 8080     this line must fail, and in this way; `fails deadline`:
 *                                       because it was not done in time
 *   deadline 2                   seconds that anything may wait from now on
 *   pause 0.1                    does nothing for a while; `wait` is nearly always better
 *   clock start                  begins to measure;   clock   says the seconds since
 *   print WORD ...               says so
 *
 * The pieces: words.c takes lines apart, end.c knows the sockets by name, opening.c, talking.c
 * and verbs.c have a function for each verb, kid.c the child processes, and diag.c asks the
 * kernel for states.
 */
#include "end.h"
#include "kid.h"
#include "verbs.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char *error_name(int code)
{
	const char *name = code == ETIME ? "deadline" : strerrorname_np(code);

	return name ? name : "?";
}

/* Does LINE; what it says comes back in *said, to be freed, and how it is to be shown. */
static int do_line(char *line, char **said, size_t *len, enum speech *speech)
{
	FILE *out = open_memstream(said, len);
	struct words w;
	const char *wrong;
	int r = 0;

	if (!out)
		abort();
	wrong = words_split(line, &w);
	*speech = wrong ? REMARK : verb_speech(&w);
	if (wrong)
		r = fail(EINVAL, "%s", wrong);
	else if (w.n > 0)
		r = verb_run(&w, out);
	fclose(out);
	return r;
}

void converse(FILE *in, FILE *out)
{
	char *line = NULL, *said;
	size_t size = 0, len;
	enum speech speech;

	while (getline(&line, &size, in) > 0) {
		if (do_line(line, &said, &len, &speech) < 0) {
			fprintf(out, "error %s %d %s", error_name(failure.code), failure.code,
				failure.text);
		} else {
			fputs(len ? "ok " : "ok", out);
			text_escape(out, said, len);
		}
		free(said);
		fputc('\n', out);
		if (fflush(out) != 0)
			break;
	}
	free(line);
}

static int script_error(const char *file, int number, const char *line)
{
	int len = (int)strcspn(line, "\r\n");

	fprintf(stderr, "%s:%d: %.*s: %s\n", file, number, len, line, failure.text);
	return 1;
}

static int run_line(char *line, bool verbose)
{
	enum speech speech;
	char *said;
	size_t len;
	int r;

	if (verbose && line[strspn(line, " \t")])
		fprintf(stderr, "> %s\n", line);
	r = do_line(line, &said, &len, &speech);
	if (speech != REMARK)
		fwrite(said, 1, len, stdout);
	if (speech == LINE)
		putchar('\n');
	if (speech == REMARK && verbose && len)
		fprintf(stderr, "  %s\n", said);
	free(said);
	fflush(stdout);
	return r;
}

static int run_script(const char *name, char *const *args, bool verbose)
{
	FILE *in = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
	char *line = NULL, *expanded;
	size_t size = 0;
	int number = 0, status = 0;

	if (!in) {
		fprintf(stderr, "sock: %s: %s\n", name, strerror(errno));
		return 1;
	}
	while (status == 0 && getline(&line, &size, in) > 0) {
		number++;
		line[strcspn(line, "\r\n")] = '\0';
		expanded = words_expand(line, args);
		if (!expanded)
			fail(EINVAL, "this line needs more arguments than were given");
		if (!expanded || run_line(expanded, verbose) < 0)
			status = script_error(name, number, line);
		free(expanded);
	}
	free(line);
	if (in != stdin)
		fclose(in);
	return status;
}

static int usage(FILE *out)
{
	fputs("usage: sock [-v] FILE [ARGUMENT ...]    run a script (FILE -: standard input)\n"
	      "       sock -i                          answer each line with a line\n"
	      "The head of labs/tcp/sock/sock.c explains the language. A line is one of:\n",
	      out);
	verbs_help(out);
	return out == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
	bool verbose = false;
	int c;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	signal(SIGPIPE, SIG_IGN);
	while ((c = getopt(argc, argv, "+hiv")) != -1) {
		if (c == 'h')
			return usage(stdout);
		if (c == '?')
			return usage(stderr);
		if (c == 'i') {
			converse(stdin, stdout);
			return 0;
		}
		verbose = true;
	}
	if (optind == argc)
		return usage(stderr);
	return run_script(argv[optind], argv + optind + 1, verbose);
}

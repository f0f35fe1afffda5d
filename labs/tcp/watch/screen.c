#include "screen.h"

#include "path.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static bool is_open;

bool screen_open(void)
{
	struct termios t;

	if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &before) < 0)
		return false;
	t = before;
	t.c_lflag &= ~(ICANON | ECHO);
	t.c_cc[VMIN] = 0;
	t.c_cc[VTIME] = 0;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &t) < 0)
		return false;
	is_open = true;
	fputs("\033[?1049h\033[?25l", stdout); /* the other screen, no cursor */
	return true;
}

void screen_close(void)
{
	if (!is_open)
		return;
	is_open = false;
	fputs("\033[?25h\033[?1049l", stdout);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

bool screen_wants_to_leave(void)
{
	char c;

	while (read(STDIN_FILENO, &c, 1) == 1)
		if (c == 'q' || c == 'Q' || c == 4)
			return true;
	return false;
}

/* "SYN_SENT > ESTABLISHED > FIN_WAIT1", its end when there is little room */
static const char *trail(const struct path *p, size_t room)
{
	static char text[PATH_MAX_STEPS * 16];

	text[0] = '\0';
	for (int i = 0; i < p->steps; i++) {
		strcat(text, i ? " > " : "");
		strcat(text, state_name(p->step[i].state));
	}
	return strlen(text) > room ? text + strlen(text) - room : text;
}

static void draw_end(const struct path *p, const char *role, double now, int columns)
{
	bool gone = path_state(p) == STATE_CLOSED;
	int room = columns - 54;

	printf("%s%-6s %-21s %-11s %7.1f s  %s\033[0m\033[K\n", gone ? "\033[2m" : "", role,
	       path_address(&p->local), state_name(path_state(p)), now - path_since(p),
	       trail(p, room > 0 ? room : 0));
}

static int draw_connection(struct path *p, bool server, double now, int columns)
{
	struct path *other = path_find(&p->peer, &p->local);

	if (p->peer.sin_port == 0) {
		draw_end(p, "listen", now, columns);
		return 1;
	}
	draw_end(server && other ? other : p, server && !other ? "server" : "client", now,
		 columns);
	if (!other || other == p)
		return 1;
	draw_end(server ? p : other, "server", now, columns);
	return 2;
}

void screen_draw(const char *title, double now, bool (*is_server)(unsigned short port))
{
	struct winsize w = {.ws_row = 24, .ws_col = 80};
	int rows, left_out = 0;

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &w);
	rows = w.ws_row - 4;
	printf("\033[H\033[1m%.*s\033[0m\033[K\n\033[K\n", w.ws_col, title);
	printf("\033[2m%-6s %-21s %-11s %9s  %s\033[0m\033[K\n", "end", "address", "state",
	       "since", "path");
	for (struct path *p = path_newest(); p; p = p->older) {
		bool server = is_server(ntohs(p->local.sin_port));
		struct path *other = path_find(&p->peer, &p->local);

		if (other && other != p && server)
			continue; /* its client's turn draws both */
		if (rows < 2)
			left_out++;
		else
			rows -= draw_connection(p, server, now, w.ws_col);
	}
	if (left_out)
		printf("... and %d more\033[K", left_out);
	fputs("\033[J", stdout);
	fflush(stdout);
}

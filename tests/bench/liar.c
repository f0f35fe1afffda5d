/*
 * liar PORT ROOT - serves ROOT's files, a connection each, and is not to be trusted. LIE says how:
 *
 *   bytes   one byte of each answer is another          404     from the 900th request on
 *   late    one byte is, from the 900th request on      short   ten bytes, from the 900th on
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char body[1 << 20];

static size_t load(const char *root, const char *request)
{
	char path[512], name[128] = "";
	size_t n = 0;
	FILE *f;

	sscanf(request, "GET /%127s", name);
	snprintf(path, sizeof path, "%s/%s", root, name);
	f = fopen(path, "r");
	if (f) {
		n = fread(body, 1, sizeof body, f);
		fclose(f);
	}
	return n;
}

static void answer(int fd, const char *root, const char *lie, int late)
{
	char request[4096], head[256];
	ssize_t n = read(fd, request, sizeof request - 1);
	size_t length;
	int status = 200;

	if (n <= 0)
		return;
	request[n] = '\0';
	length = load(root, request);
	if (strcmp(lie, "bytes") == 0 || (strcmp(lie, "late") == 0 && late))
		body[length / 2] ^= 1;
	if (strcmp(lie, "404") == 0 && late)
		status = 404;
	if (strcmp(lie, "short") == 0 && late)
		length = 10;
	n = snprintf(head, sizeof head,
		     "HTTP/1.1 %d Well\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", status,
		     length);
	if (write(fd, head, (size_t)n) < 0 || write(fd, body, length) < 0)
		return;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	const char *lie = getenv("LIE");

	signal(SIGPIPE, SIG_IGN);
	if (argc < 3 || bind(listener, (struct sockaddr *)&address, size) < 0 ||
	    listen(listener, SOMAXCONN) < 0)
		return 1;
	getsockname(listener, (struct sockaddr *)&address, &size);
	printf("listening on http://127.0.0.1:%d/\n", ntohs(address.sin_port));
	fflush(stdout);
	for (int i = 0;; i++) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			return 1;
		answer(fd, argv[2], lie ? lie : "", i >= 900);
		close(fd);
	}
}

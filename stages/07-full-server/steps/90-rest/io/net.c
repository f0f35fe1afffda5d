#include "io/net.h"

#include <errno.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

enum io_result net_read(int fd, char *to, size_t n, size_t *got)
{
	ssize_t bytes;

	do
		bytes = recv(fd, to, n, 0);
	while (bytes < 0 && errno == EINTR);

	*got = bytes > 0 ? (size_t)bytes : 0;
	if (bytes > 0)
		return IO_OK;
	if (bytes == 0)
		return IO_EOF;
	return errno == EAGAIN ? IO_AGAIN : IO_ERROR;
}

enum io_result net_write(int fd, const char *bytes, size_t n, bool more, size_t *sent)
{
	ssize_t done;

	do
		done = send(fd, bytes, n, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
	while (done < 0 && errno == EINTR);

	*sent = done > 0 ? (size_t)done : 0;
	if (done >= 0)
		return IO_OK;
	return errno == EAGAIN ? IO_AGAIN : IO_ERROR;
}

enum io_result net_send_file(int fd, int file, off_t from, size_t n, size_t *sent)
{
	ssize_t done = sendfile(fd, file, &from, n);

	*sent = done > 0 ? (size_t)done : 0;
	if (done > 0)
		return IO_OK;
	return done < 0 && errno == EAGAIN ? IO_AGAIN : IO_ERROR;
}

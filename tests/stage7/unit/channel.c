/* The channel: files that arrive, junk that is told from the end, descriptors that never leak.
 */
#include "proc/channel.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "unit.h"

static int ends[2];

static int open_files(void)
{
	DIR *all = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(all) != NULL)
		count++;
	closedir(all);
	return count;
}

static void begin(void)
{
	CHECK_NUMBER(0, channel_open(ends));
}

static void end(void)
{
	close(ends[0]);
	close(ends[1]);
}

/* What a master of another version, or an unknown process, might send. */
static void send_bytes(const void *bytes, size_t length, const int *fds, size_t count)
{
	struct iovec part = {(void *)bytes, length};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(100 * sizeof(int))];
	} control = {.bytes = {0}};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	if (count > 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.header =
		    (struct cmsghdr){CMSG_LEN(count * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
	}
	CHECK(sendmsg(ends[0], &message, 0) >= 0);
}

static enum channel_result receive(struct channel_message *m, int *fd)
{
	*fd = -1;
	return channel_receive(ends[1], m, fd);
}

static void expect(enum channel_result wanted)
{
	struct channel_message m;
	int fd;

	CHECK_NUMBER(wanted, receive(&m, &fd));
	CHECK_NUMBER(-1, fd);
}

static void a_file_arrives_and_can_be_written(void)
{
	struct channel_message m;
	int file[2], fd;
	char text[3] = "";

	begin();
	expect(CHANNEL_EMPTY);
	CHECK_NUMBER(0, pipe(file));
	CHECK_NUMBER(0, channel_send(ends[0], CHANNEL_LOG, STR("/a/b.log"), file[1]));
	CHECK_NUMBER(0, channel_send(ends[0], CHANNEL_LOG, STR("c"), file[1]));
	close(file[1]);
	CHECK_NUMBER(CHANNEL_MESSAGE, receive(&m, &fd));
	CHECK_STR("/a/b.log", str_from(m.path));
	CHECK_NUMBER(FD_CLOEXEC, fcntl(fd, F_GETFD));
	CHECK_NUMBER(2, write(fd, "hi", 2));
	CHECK_NUMBER(2, read(file[0], text, sizeof(text)));
	CHECK_STR("hi", str_from(text));
	close(fd);
	CHECK_NUMBER(CHANNEL_MESSAGE, receive(&m, &fd));
	CHECK_STR("c", str_from(m.path));
	close(fd);
	close(file[0]);
	expect(CHANNEL_EMPTY);
	end();
}

static void a_word_needs_no_file(void)
{
	struct channel_message m;
	int fd;

	begin();
	CHECK_NUMBER(0, channel_send(ends[1], CHANNEL_SERVING, STR_NONE, -1));
	CHECK_NUMBER(CHANNEL_MESSAGE, channel_receive(ends[0], &m, &fd));
	CHECK_NUMBER(CHANNEL_SERVING, m.command);
	CHECK_NUMBER(-1, fd);
	end();
}

static void junk_is_told_and_leaves_nothing(void)
{
	static char bytes[2 * PATH_MAX] = {CHANNEL_LOG, 0, 0, 0};
	int fds[100], none = open_files();

	begin();
	for (int i = 0; i < 100; i++)
		fds[i] = ends[0];
	memset(bytes + 4, 'x', sizeof(bytes) - 4);
	send_bytes("", 0, NULL, 0);
	send_bytes("", 0, fds, 1);
	send_bytes(bytes, 3, fds, 1);            /* cut within the command */
	send_bytes(bytes, 4, fds, 1);            /* no path */
	send_bytes(bytes, 8, NULL, 0);           /* no file */
	send_bytes(bytes, 8, fds, 2);            /* two */
	send_bytes(bytes, 8, fds, 100);          /* more than we look at */
	send_bytes(bytes, PATH_MAX + 4, fds, 1); /* no room for the NUL */
	send_bytes(bytes, sizeof(bytes), fds, 1);
	bytes[5] = '\0';
	send_bytes(bytes, 8, fds, 1); /* a path that ends twice */
	bytes[0] = 77;
	send_bytes(bytes, 5, fds, 1); /* a command of another version */
	bytes[0] = CHANNEL_SERVING;
	send_bytes(bytes, 4, fds, 1);  /* a word with a file */
	send_bytes(bytes, 5, NULL, 0); /* a word with a path */
	for (int i = 0; i < 13; i++)
		expect(CHANNEL_JUNK);
	expect(CHANNEL_EMPTY);
	end();
	CHECK_NUMBER(none, open_files());
}

/* Two were sent, and we may have one more: what is left looks like a good message. */
static void half_of_the_files_is_junk(void)
{
	static const char bytes[8] = {CHANNEL_LOG, 0, 0, 0, 'p', 'a', 't', 'h'};
	struct rlimit all, one_more;
	int fds[2], none = open_files();

	begin();
	fds[0] = fds[1] = ends[0];
	send_bytes(bytes, sizeof(bytes), fds, 2);
	CHECK_NUMBER(0, getrlimit(RLIMIT_NOFILE, &all));
	one_more = (struct rlimit){(rlim_t)ends[1] + 2, all.rlim_max};
	CHECK_NUMBER(0, setrlimit(RLIMIT_NOFILE, &one_more));
	expect(CHANNEL_JUNK);
	CHECK_NUMBER(0, setrlimit(RLIMIT_NOFILE, &all));
	expect(CHANNEL_EMPTY);
	end();
	CHECK_NUMBER(none, open_files());
}

/* A worker that is stopped does not stop the master, and finds no half message later. */
static void a_full_line_refuses(void)
{
	struct channel_message m;
	int sent = 0, fd;

	begin();
	while (channel_send(ends[0], CHANNEL_LOG, STR("/var/log/some/access.log"), 2) == 0)
		sent++;
	CHECK(sent > 10);
	for (int i = 0; i < sent; i++) {
		CHECK_NUMBER(CHANNEL_MESSAGE, receive(&m, &fd));
		close(fd);
	}
	expect(CHANNEL_EMPTY);
	end();
}

static void the_end_is_seen_after_what_was_sent(void)
{
	struct channel_message m;
	int fd;

	begin();
	CHECK_NUMBER(0, channel_send(ends[0], CHANNEL_LOG, STR("x"), 2));
	close(ends[0]);
	CHECK_NUMBER(CHANNEL_MESSAGE, receive(&m, &fd));
	close(fd);
	expect(CHANNEL_CLOSED);
	CHECK_NUMBER(-1, channel_send(ends[1], CHANNEL_LOG, STR("x"), 2)); /* and no SIGPIPE */
	close(ends[1]);
	begin();
	CHECK_NUMBER(0, channel_send(ends[1], CHANNEL_LOG, STR("x"), 2));
	close(ends[0]); /* with a message that was not read: a reset */
	expect(CHANNEL_CLOSED);
	close(ends[1]);
}

int main(void)
{
	signal(SIGIO, SIG_IGN); /* that the master's end is woken is the master's business */
	a_file_arrives_and_can_be_written();
	a_word_needs_no_file();
	junk_is_told_and_leaves_nothing();
	half_of_the_files_is_junk();
	a_full_line_refuses();
	the_end_is_seen_after_what_was_sent();
	return 0;
}

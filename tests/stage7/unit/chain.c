/* Chains: consuming, and sending through a socket that takes little at a time. */
#include "io/chain_send.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "unit.h"

enum { FILE_SIZE = 300000 };

static void consume(void)
{
	struct pool *p = pool_create(POOL_BLOCK);
	struct chain *chain = NULL;
	char text[128];

	chain_append(p, &chain, buf_memory(p, STR("hello")));
	chain_append(p, &chain, buf_file(p, 7, 10, 20));
	chain_append(p, &chain, buf_mark(p));
	chain->next->next->buf->last_buf = true;
	CHECK_NUMBER(15, chain_size(chain));
	chain_dump(chain, text, sizeof(text));
	CHECK_STR("mem 5, file 7 [10,20), mem 0 last", str_from(text));
	chain = chain_consume(chain, 5);
	CHECK_NUMBER(10, chain_size(chain));
	chain = chain_consume(chain, 4);
	CHECK_NUMBER(14, chain->buf->file_pos);
	CHECK(chain_consume(chain, 6) == NULL);
	pool_destroy(p);
}

static unsigned char byte_at(size_t i)
{
	return (unsigned char)(i * 31 + i / 251);
}

static int make_file(void)
{
	char name[] = "/tmp/lab-chain.XXXXXX";
	static unsigned char bytes[FILE_SIZE];
	int fd = mkstemp(name);

	for (size_t i = 0; i < FILE_SIZE; i++)
		bytes[i] = byte_at(i);
	CHECK(fd >= 0 && unlink(name) == 0 && write(fd, bytes, FILE_SIZE) == FILE_SIZE);
	return fd;
}

static void read_all(int fd, unsigned char *to, size_t *got)
{
	ssize_t n;

	while ((n = read(fd, to + *got, 7000)) > 0)
		*got += (size_t)n;
}

/* head, memory, two neighbouring ranges of a file, memory; in portions of `limit` */
static void send_in_portions(int file, off_t limit)
{
	static unsigned char received[2 * FILE_SIZE];
	static char memory[50000];
	struct pool *p = pool_create(POOL_BLOCK);
	struct chain *chain = NULL;
	struct str head = STR("head");
	int pair[2], small = 4096;
	size_t got = 0;

	memset(memory, 'm', sizeof(memory));
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	for (size_t i = 0; i < 100; i++)
		chain_append(p, &chain, buf_memory(p, (struct str){memory + i * 500, 500}));
	chain_append(p, &chain, buf_file(p, file, 0, 1000));
	chain_append(p, &chain, buf_file(p, file, 1000, FILE_SIZE));
	chain_append(p, &chain, buf_memory(p, STR("tail")));
	while (chain != NULL || head.len > 0) {
		off_t sent;
		enum io_result result = chain_send(pair[0], &head, &chain, limit, &sent);

		CHECK(result == IO_OK || result == IO_AGAIN);
		CHECK(sent <= limit);
		read_all(pair[1], received, &got);
	}
	read_all(pair[1], received, &got);
	CHECK_NUMBER(4 + sizeof(memory) + FILE_SIZE + 4, got);
	CHECK(memcmp(received, "head", 4) == 0 && received[4] == 'm');
	for (size_t i = 0; i < FILE_SIZE; i++)
		CHECK(received[4 + sizeof(memory) + i] == byte_at(i));
	CHECK(memcmp(received + got - 4, "tail", 4) == 0);
	close(pair[0]);
	close(pair[1]);
	pool_destroy(p);
}

static void file_cut_short(int file)
{
	struct pool *p = pool_create(POOL_BLOCK);
	struct chain *chain = NULL;
	struct str head = STR_NONE;
	int pair[2];
	off_t sent;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
	chain_append(p, &chain, buf_file(p, file, FILE_SIZE, FILE_SIZE + 10));
	CHECK_NUMBER(IO_ERROR, chain_send(pair[0], &head, &chain, 1000, &sent));
	CHECK_NUMBER(0, errno);
	close(pair[0]);
	close(pair[1]);
	pool_destroy(p);
}

int main(void)
{
	int file = make_file();

	consume();
	send_in_portions(file, 1 << 20);
	send_in_portions(file, 777);
	send_in_portions(file, 40000);
	file_cut_short(file);
	pool_release_kept();
	close(file);
	return 0;
}

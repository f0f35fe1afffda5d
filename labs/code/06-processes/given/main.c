/* main.c - bank PORT [atomic|semaphore|file]: a master, its workers, and accounts that they share. */
#include "bank.h"
#include "master.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static struct bank *bank;
static int listener;

static void work(void)
{
	bank_serve(bank, listener);
}

static void listen_at(int port)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof address;
	int on = 1;

	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(listener, (struct sockaddr *)&address, size) < 0 ||
	    listen(listener, SOMAXCONN) < 0) {
		perror("listen");
		exit(1);
	}
	getsockname(listener, (struct sockaddr *)&address, &size);
	printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static const char *const kinds[] = {"atomic", "semaphore", "file"};
	FILE *file = tmpfile();
	int kind = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: bank PORT [atomic|semaphore|file]\n");
		return 2;
	}
	for (int i = 0; i < 3 && argc > 2; i++)
		if (strcmp(argv[2], kinds[i]) == 0)
			kind = i;
	bank =
	    mmap(NULL, sizeof *bank, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (bank == MAP_FAILED || !file) {
		perror("memory");
		return 1;
	}
	lock_init(&bank->lock, (enum lock_kind)kind, fileno(file));
	for (int i = 0; i < ACCOUNTS; i++)
		bank->ledger.balance[i] = FIRST;
	listen_at(atoi(argv[1]));
	master_run(&bank->lock, work);
	return 0;
}

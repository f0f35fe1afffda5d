/*
 * bank.c - a worker. A line is a command:
 *
 *	MOVE from to amount	OK
 *	SUM			SUM and the sum of all accounts
 *	STIR n			n random transfers, then OK
 *	HOLD			takes the lock, says HELD and the process, and waits for a line
 *
 * MOVE and SUM are words of the variant.
 */
#include "bank.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct bank *bank;

static void enter(void)
{
	if (lock_acquire(&bank->lock) == LOCK_ABANDONED)
		ledger_repair(&bank->ledger);
}

static void leave(void)
{
	lock_release(&bank->lock);
}

static void move(int from, int to, long amount)
{
	if (from < 0 || from >= ACCOUNTS || to < 0 || to >= ACCOUNTS)
		return;
	enter();
	ledger_transfer(&bank->ledger, from, to, amount);
	leave();
}

static long sum(void)
{
	long total = 0;

	enter();
	for (int i = 0; i < ACCOUNTS; i++)
		total += bank->ledger.balance[i];
	leave();
	return total;
}

static void stir(long n)
{
	unsigned seed = (unsigned)getpid();

	while (n-- > 0)
		move(rand_r(&seed) % ACCOUNTS, rand_r(&seed) % ACCOUNTS, rand_r(&seed) % 100);
}

static void hold(FILE *client)
{
	char line[16];

	enter();
	fprintf(client, "HELD %d\n", getpid());
	fflush(client);
	if (!fgets(line, sizeof line, client))
		line[0] = '\0';
	leave();
}

static void command(FILE *client, const char *line)
{
	char word[32] = "";
	long a = 0, b = 0, c = 0;

	sscanf(line, "%31s %ld %ld %ld", word, &a, &b, &c);
	if (strcmp(word, MOVE) == 0) {
		move((int)a, (int)b, c);
		fprintf(client, "OK\n");
	} else if (strcmp(word, SUM) == 0) {
		fprintf(client, "%s %ld\n", SUM, sum());
	} else if (strcmp(word, "STIR") == 0) {
		stir(a);
		fprintf(client, "OK\n");
	} else if (strcmp(word, "HOLD") == 0) {
		hold(client);
	} else {
		fprintf(client, "? %s\n", word);
	}
	fflush(client);
}

void bank_serve(struct bank *b, int listener)
{
	char line[128];

	bank = b;
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		FILE *client = fd < 0 ? NULL : fdopen(fd, "r+");

		while (client && fgets(line, sizeof line, client))
			command(client, line);
		if (client)
			fclose(client);
	}
}

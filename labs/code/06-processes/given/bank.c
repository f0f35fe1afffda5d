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

struct client {
	FILE *in, *out;
};

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

static void hold(struct client *c)
{
	char line[16];

	enter();
	fprintf(c->out, "HELD %d\n", getpid());
	fflush(c->out);
	if (!fgets(line, sizeof line, c->in))
		line[0] = '\0';
	leave();
}

static void command(struct client *c, const char *line)
{
	char word[32] = "";
	long from = 0, to = 0, amount = 0;

	sscanf(line, "%31s %ld %ld %ld", word, &from, &to, &amount);
	if (strcmp(word, MOVE) == 0) {
		move((int)from, (int)to, amount);
		fprintf(c->out, "OK\n");
	} else if (strcmp(word, SUM) == 0) {
		fprintf(c->out, "%s %ld\n", SUM, sum());
	} else if (strcmp(word, "STIR") == 0) {
		stir(from);
		fprintf(c->out, "OK\n");
	} else if (strcmp(word, "HOLD") == 0) {
		hold(c);
	} else {
		fprintf(c->out, "? %s (the words are " MOVE ", " SUM ", STIR and HOLD)\n", word);
	}
	fflush(c->out);
}

/* Two streams: one for both ways would have to seek between reading and writing, and a socket can't. */
static void serve(int fd)
{
	int copy = dup(fd);
	struct client c = {.in = fdopen(fd, "r"), .out = fdopen(copy, "w")};
	char line[128];

	while (c.in && c.out && fgets(line, sizeof line, c.in))
		command(&c, line);
	if (c.in)
		fclose(c.in);
	if (c.out)
		fclose(c.out);
}

void bank_serve(struct bank *b, int listener)
{
	bank = b;
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0)
			serve(fd);
	}
}

#include "bank.h"

#include "kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct program *bank(const char *kind)
{
	scene("a bank with the lock %s", kind);
	return server_start("bank", "0", kind, NULL);
}

int workers(struct program *p, pid_t *list)
{
	char path[64], text[512] = "", *at = text, *end;
	pid_t master = program_pid(p);
	int n = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", master, master);
	f = fopen(path, "r");
	if (!f)
		judge_broke("%s can't be read", path);
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	for (; n < 16; n++, at = end) {
		list[n] = (pid_t)strtol(at, &end, 10);
		if (end == at)
			break;
	}
	return n;
}

/* NSpid: its number outside, ..., its number as it knows it itself. */
static int number_inside(pid_t pid)
{
	char path[64], line[256], *last;
	int number = -1;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof line, f))
		if (strncmp(line, "NSpid:", 6) == 0 && (last = strrchr(line, '\t')))
			number = atoi(last);
	if (f)
		fclose(f);
	return number;
}

pid_t hold(struct program *p, struct peer *peer)
{
	pid_t list[16];
	int number = 0;

	peer_say(peer, "HOLD\n");
	if (sscanf(peer_line(peer), "HELD %d", &number) != 1)
		judge_broke("the bank does not hold");
	for (int i = 0, n = workers(p, list); i < n; i++)
		if (number_inside(list[i]) == number)
			return list[i];
	judge_broke("no worker knows itself as process %d", number);
}

static bool is_zombie(pid_t pid)
{
	char path[64], state = 'Z';
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (f && fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 'Z';
	if (f)
		fclose(f);
	return state == 'Z';
}

void expect_workers(struct program *p, const pid_t *dead, int count)
{
	double last = deadline();

	for (;;) {
		pid_t list[16];
		int n = workers(p, list), zombies = 0, old = 0;

		for (int i = 0; i < n; i++) {
			zombies += is_zombie(list[i]);
			for (int k = 0; k < count; k++)
				old += list[i] == dead[k];
		}
		if (n == WORKERS && zombies == 0 && old == 0)
			return;
		if (now() > last) {
			should_have("%d workers that run, none of them a zombie", WORKERS);
			but_it_was("%d, and %d zombies", n - zombies, zombies);
		}
		for (int i = 0; i < 5; i++)
			nap();
	}
}

void expect_sum(struct program *p, const char *name)
{
	struct peer *peer = peer_connect(p, name);

	peer_say(peer, "%s\n", variant_text("SUM"));
	peer_expect(peer, "%s %ld", variant_text("SUM"),
		    variant("ACCOUNTS") * variant("FIRST"));
	peer_close(peer);
}

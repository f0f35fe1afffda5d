/*
 * memory.c - a limit for all programs of a check together, which no limit of the kernel's is. Programs of a
 * check that takes too much are killed; its judge lives, and says what it saw.
 */
#include "runner.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct process {
	pid_t pid, parent;
	long pages;
};

/* Processes that run now: what the kernel lists. */
static int processes(struct process *list, int most)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	char path[300], line[512], *after;
	int n = 0;

	while (d && n < most && (e = readdir(d))) {
		struct process *p = &list[n];
		FILE *f;

		p->pid = (pid_t)atoi(e->d_name);
		snprintf(path, sizeof path, "/proc/%s/stat", e->d_name);
		if (p->pid <= 0 || !(f = fopen(path, "r")))
			continue;
		/* the name, in parentheses, may have any bytes in it */
		if (fgets(line, sizeof line, f) && (after = strrchr(line, ')')) &&
		    sscanf(after, ") %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
				  "%*d %*d %*d %*u %*u %ld", &p->parent, &p->pages) == 2)
			n++;
		fclose(f);
	}
	if (d)
		closedir(d);
	return n;
}

static bool is_below(const struct process *list, int n, pid_t pid, pid_t above)
{
	for (int depth = 0; pid > 1 && depth < 64; depth++) {
		int i = 0;

		if (pid == above)
			return true;
		while (i < n && list[i].pid != pid)
			i++;
		if (i == n)
			return false;
		pid = list[i].parent;
	}
	return false;
}

void memory_watch(void)
{
	enum { MOST = 4096 };
	static struct process list[MOST];
	static double last;
	long most = getenv("LAB_MEMORY") ? atol(getenv("LAB_MEMORY")) * 1024 * 1024 / sysconf(_SC_PAGESIZE) : 0;
	int n;

	if (most == 0 || now() - last < 0.05)
		return;
	last = now();
	n = processes(list, MOST);
	for (struct check *c = checks; c < checks + count; c++) {
		long sum = 0;

		if (c->state != RUNNING)
			continue;
		for (struct process *p = list; p < list + n; p++)
			if (p->pid != c->pid && is_below(list, n, p->pid, c->pid))
				sum += p->pages;
		if (sum <= most)
			continue;
		c->too_large = true;
		for (struct process *p = list; p < list + n; p++)
			if (p->pid != c->pid && is_below(list, n, p->pid, c->pid))
				kill(p->pid, SIGKILL);
	}
}

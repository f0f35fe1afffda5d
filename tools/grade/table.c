/* table.c - the checks of a lab, as checks.tsv has them. */
#include "runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 8 };

struct check checks[CHECKS];
int count;

static struct check *check_find(const char *id, size_t n)
{
	for (struct check *c = checks; c < checks + count; c++)
		if (strlen(c->id) == n && memcmp(c->id, id, n) == 0)
			return c;
	return NULL;
}

/* id points visible depends milestone build flags title */
static void check_read(char *row)
{
	struct check *c = &checks[count];
	char *field[FIELDS];
	int n = 0;

	row[strcspn(row, "\n")] = '\0';
	for (char *f = row; f && n < FIELDS; n++) {
		field[n] = f;
		f = strchr(f, '\t');
		if (f)
			*f++ = '\0';
	}
	if (n < FIELDS || count == CHECKS) {
		fprintf(stderr, "runner: checks.tsv: %d fields, should be %d: %s\n", n, FIELDS,
			row);
		exit(2);
	}
	c->id = field[0];
	c->max = atoi(field[1]);
	c->visible = field[2];
	c->depends = field[3];
	c->milestone = field[4];
	c->build = field[5];
	c->flags = field[6];
	c->title = field[7];
	count++;
}

void table_read(const char *path)
{
	FILE *f = fopen(path, "r");
	char *row = NULL;
	size_t size = 0;

	if (!f)
		die(path);
	while (getline(&row, &size, f) > 0)
		if (row[0] != '#' && row[0] != '\n')
			check_read(strdup(row));
	free(row);
	fclose(f);
}

struct check *each(const char *list, bool (*fit)(struct check *))
{
	for (const char *id = list; *id && strcmp(list, "-") != 0;) {
		size_t n = strcspn(id, ",");
		struct check *c = check_find(id, n);

		if (!c) {
			fprintf(stderr, "runner: there is no check '%.*s' in checks.tsv\n",
				(int)n, id);
			exit(2);
		}
		if (!fit(c))
			return c;
		id += n + (id[n] == ',');
	}
	return NULL;
}

bool is_over(struct check *c)
{
	return c->state == OVER;
}

bool is_good(struct check *c)
{
	return strcmp(c->status, "PASS") == 0 || strcmp(c->status, "N.A.") == 0;
}

/* Every check depends on the first one, "starts": it is not repeated in the table. */
bool choose(struct check *c)
{
	if (c->chosen)
		return true;
	c->chosen = true;
	if (!without_depends) {
		choose(&checks[0]);
		each(c->depends, choose);
	}
	return true;
}

#include "proc/pidfile.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int pidfile_write(struct str path)
{
	FILE *file = fopen(path.data, "we");
	int error;

	if (file == NULL)
		return -1;
	fprintf(file, "%d\n", (int)getpid());
	if (fclose(file) == 0)
		return 0;
	error = errno; /* the disk is full: an empty file would be a trap for -s */
	unlink(path.data);
	errno = error;
	return -1;
}

int pidfile_read(const char *path)
{
	FILE *file = fopen(path, "r");
	int pid = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%d", &pid) != 1 || pid < 0)
		pid = 0;
	fclose(file);
	return pid;
}

static const char *aside(struct str path)
{
	static char name[PATH_MAX];

	snprintf(name, sizeof(name), "%s.oldbin", path.data);
	return name;
}

/* Ours may be the one that was set aside. Somebody else's is not ours to remove. */
void pidfile_remove(struct str path)
{
	if (pidfile_read(path.data) == getpid())
		unlink(path.data);
	else if (pidfile_read(aside(path)) == getpid())
		unlink(aside(path));
}

int pidfile_set_aside(struct str path)
{
	return rename(path.data, aside(path));
}

int pidfile_take_back(struct str path)
{
	return rename(aside(path), path.data);
}

/*
 * killed: a server linked with this, --wrap=slab_unlock and --wrap=shmutex_unlock ends while it holds
 * a lock. The file $KILLED_IN says in which one: the name of a zone, or "accept mutex". The process
 * removes the file and kills itself when it is about to release that lock.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem/slab.h"

void __real_slab_unlock(struct slab *s);
void __wrap_slab_unlock(struct slab *s);
void __real_shmutex_unlock(struct shmutex *m);
void __wrap_shmutex_unlock(struct shmutex *m);

static bool is_meant(const char *path, const char *lock)
{
	char line[128] = "";
	FILE *file = path != NULL ? fopen(path, "r") : NULL;

	if (file == NULL)
		return false;
	if (fgets(line, sizeof(line), file) != NULL)
		line[strcspn(line, "\n")] = '\0';
	fclose(file);
	return strcmp(line, lock) == 0;
}

/* Of several processes, the one that removes the file. */
static void end_inside(const char *lock)
{
	const char *path = getenv("KILLED_IN");

	if (is_meant(path, lock) && unlink(path) == 0)
		raise(SIGKILL);
}

static bool in_slab; /* mem/slab.c calls shmutex_unlock, too */

void __wrap_slab_unlock(struct slab *s)
{
	end_inside(s->name);
	in_slab = true;
	__real_slab_unlock(s);
	in_slab = false;
}

void __wrap_shmutex_unlock(struct shmutex *m)
{
	if (!in_slab)
		end_inside("accept mutex");
	__real_shmutex_unlock(m);
}

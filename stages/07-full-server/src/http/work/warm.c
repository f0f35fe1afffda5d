#include "http/work/warm.h"

#include <sys/stat.h>

#include "http/answer/phases.h"
#include "http/file/file_rules.h"
#include "http/work/work.h"
#include "io/file.h"
#include "mem/alloc.h"

extern struct module warm_module;

struct warm {
	struct work work;
	struct request *request; /* valid as long as the connection exists */
	/* this struct holds a reference to the file, so the file is not freed while the thread
	 * runs */
	struct open_file *file;

	/* while the thread runs, only the thread uses the members from `fd` on */
	int fd;
	int64_t size;
	time_t modified;
	/* the thread has read the whole file, and the file did not change during the read */
	bool read;
	char bytes[];
};

/* Runs in a thread. */
static void run(struct work *w)
{
	struct warm *warm = CONTAINER_OF(w, struct warm, work);
	struct stat st;

	warm->read = fstat(warm->fd, &st) == 0 && st.st_size == warm->size &&
		     st.st_mtime == warm->modified && file_read_steady(warm->fd, warm->bytes, &st);
}

static void finish(struct request *main, struct work *w)
{
	struct warm *warm = CONTAINER_OF(w, struct warm, work);

	open_file_settle(warm->file, warm->read ? warm->bytes : NULL);
	open_file_put(warm->file);
	if (main != NULL)
		phase_run(warm->request);
	alloc_large_free(warm);
}

static struct warm *warm_create(struct request *r, struct open_file *f)
{
	struct warm *warm = alloc_large(sizeof(*warm) + (size_t)f->size);

	if (warm != NULL)
		*warm = (struct warm){.work = {.run = run, .finish = finish},
				      .request = r,
				      .file = f,
				      .fd = f->fd,
				      .size = f->size,
				      .modified = f->modified};
	return warm;
}

/*
 * Each request uses a thread at most once; the context marks this. Otherwise a file that
 * changes all the time would be read again and again. Such a file is sent from its descriptor.
 */
bool warm_begin(struct request *r, struct open_file *f)
{
	struct warm *warm;

	if (!f->cold || !f->cached || file_rules(r)->aio_pool == NULL ||
	    request_context(r, &warm_module) != NULL || request_set_context(r, &warm_module, f) < 0)
		return false;
	warm = warm_create(r, f);
	if (warm == NULL || work_start(r, file_rules(r)->aio_pool, &warm->work) < 0) {
		alloc_large_free(warm);
		return false;
	}
	open_file_hold(f);
	return true;
}

struct module warm_module = {.name = "warm", .kind = MODULE_CORE};

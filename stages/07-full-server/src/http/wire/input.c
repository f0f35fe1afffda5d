#include "http/wire/input.h"

#include "mem/alloc.h"

/* KEPT_SIZE means the size of nearly all inputs. KEPT_MAX means how many free inputs of this
 * size are kept. The next connections use them, and need not allocate. */
enum { KEPT_SIZE = 4096, KEPT_MAX = 32 };

static struct input *kept;
static int kept_count;

struct input *input_create(size_t size)
{
	struct input *in = kept;

	if (size == KEPT_SIZE && in != NULL) {
		kept = in->older;
		kept_count--;
	} else {
		in = alloc_large(sizeof(*in) + size);
		if (in == NULL)
			return NULL;
	}
	in->older = NULL;
	in->size = size;
	in->line = in->scan = in->last = in->bytes;
	in->end = in->bytes + size;
	return in;
}

void input_destroy(struct input *in)
{
#ifndef ALLOC_PASS_THROUGH
	if (in->size == KEPT_SIZE && kept_count < KEPT_MAX) {
		in->older = kept;
		kept = in;
		kept_count++;
		return;
	}
#endif
	alloc_large_free(in);
}

enum io_result input_read(struct input **newest, struct conn *conn, size_t size)
{
	struct input *in = *newest;
	size_t got;
	enum io_result result;

	if (in == NULL || in->last == in->end) {
		struct input *fresh = input_create(size);

		if (fresh == NULL)
			return IO_ERROR;
		fresh->older = in;
		*newest = in = fresh;
	}
	result = conn_read(conn, in->last, (size_t)(in->end - in->last), &got);
	in->last += got;
	return result;
}

void inputs_destroy(struct input **newest)
{
	while (*newest != NULL) {
		struct input *in = *newest;

		*newest = in->older;
		input_destroy(in);
	}
}

void inputs_keep_newest(struct input **newest)
{
	if (*newest != NULL)
		inputs_destroy(&(*newest)->older);
}

void inputs_release_kept(void)
{
	while (kept != NULL) {
		struct input *in = kept;

		kept = in->older;
		alloc_large_free(in);
	}
	kept_count = 0;
}

#include "http/client/client.h"
#include "mem/alloc.h"

/* Nearly all inputs have one size; a few of them are kept for the next client. */
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

void inputs_release_kept(void)
{
	while (kept != NULL) {
		struct input *in = kept;

		kept = in->older;
		alloc_large_free(in);
	}
	kept_count = 0;
}

#include "ring.h"

#include "log.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Headers from before Linux 6.1 lack these two, and the kernel may be newer than its headers.
 */
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)
#endif

enum { SUBMISSIONS = 256, COMPLETIONS = 4096 };

static int ring;
static struct io_uring_params shape;
static char *rings;                    /* both, in one mapping */
static struct io_uring_sqe *requests;  /* the submission ring's entries */
static struct io_uring_cqe *completed; /* the completion ring's */

/* A word of the rings. Its other user is the kernel, on another core maybe: a store-release
 * publishes all that was written before it, and a load-acquire sees it. */
static unsigned *word(unsigned offset)
{
	return (unsigned *)(rings + offset);
}

static unsigned load(unsigned offset)
{
	return __atomic_load_n(word(offset), __ATOMIC_ACQUIRE);
}

static void advance(unsigned offset)
{
	__atomic_store_n(word(offset), *word(offset) + 1, __ATOMIC_RELEASE);
}

static int setup(unsigned flags)
{
	shape = (struct io_uring_params){
	    .flags = IORING_SETUP_CQSIZE | flags,
	    .cq_entries = COMPLETIONS,
	};
	return (int)syscall(SYS_io_uring_setup, SUBMISSIONS, &shape);
}

static void *map(size_t size, off_t what)
{
	void *p =
	    mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, what);

	if (p == MAP_FAILED)
		die("io_uring: mmap: %s", strerror(errno));
	return p;
}

static size_t rings_size(void)
{
	size_t asked = shape.sq_off.array + shape.sq_entries * sizeof(unsigned);
	size_t done = shape.cq_off.cqes + shape.cq_entries * sizeof(struct io_uring_cqe);

	return asked > done ? asked : done;
}

void ring_open(void)
{
	/* One thread asks and waits, so the kernel need not interrupt it to finish a request:
	 * it does that while we wait. Linux 6.1 and later know how. */
	ring = setup(IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
	if (ring < 0 && errno == EINVAL)
		ring = setup(0);
	if (ring < 0 && errno == ENOSYS)
		die("io_uring: this kernel has none, or a sandbox hides it");
	if (ring < 0 && errno == EPERM)
		die("io_uring: not permitted; a sandbox such as a container's forbids it, or "
		    "sysctl kernel.io_uring_disabled is not 0");
	if (ring < 0)
		die("io_uring: %s", strerror(errno));
	if (!(shape.features & IORING_FEAT_EXT_ARG) || !(shape.features & IORING_FEAT_NODROP))
		die("io_uring: this kernel is too old; Linux 5.19 or later is needed");

	rings = map(rings_size(), IORING_OFF_SQ_RING);
	requests = map(shape.sq_entries * sizeof *requests, IORING_OFF_SQES);
	completed = (struct io_uring_cqe *)(rings + shape.cq_off.cqes);
	for (unsigned i = 0; i < shape.sq_entries; i++)
		word(shape.sq_off.array)[i] = i; /* entry i of the ring is request i, always */
}

void ring_close(void)
{
	munmap(requests, shape.sq_entries * sizeof *requests);
	munmap(rings, rings_size());
	close(ring);
}

/* Requests that the kernel has not read yet. */
static unsigned waiting(void)
{
	return *word(shape.sq_off.tail) - load(shape.sq_off.head);
}

static void enter(unsigned wait_for, struct io_uring_getevents_arg *how)
{
	long n = syscall(SYS_io_uring_enter, ring, waiting(), wait_for,
			 IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, how, sizeof *how);

	/* EBUSY, EAGAIN: completions come first, or memory is short. The requests stay where
	 * they are, and the next call submits them. */
	assert(n >= 0 || errno == EINTR || errno == ETIME || errno == EBUSY || errno == EAGAIN);
}

struct io_uring_sqe *ring_ask(void)
{
	struct io_uring_getevents_arg at_once = {0};
	struct io_uring_sqe *request;

	while (waiting() == shape.sq_entries)
		enter(0, &at_once);
	request = &requests[*word(shape.sq_off.tail) & *word(shape.sq_off.ring_mask)];
	memset(request, 0, sizeof *request);
	/* The kernel looks at it in `enter` and not before, so it may be counted already. */
	advance(shape.sq_off.tail);
	return request;
}

void ring_wait(int milliseconds)
{
	struct __kernel_timespec end = {milliseconds / 1000, milliseconds % 1000 * 1000000};
	struct io_uring_getevents_arg how = {
	    .ts = milliseconds < 0 ? 0 : (uintptr_t)&end,
	};

	enter(1, &how);
}

bool ring_take(struct io_uring_cqe *done)
{
	unsigned head = *word(shape.cq_off.head);

	if (head == load(shape.cq_off.tail))
		return false;
	*done = completed[head & *word(shape.cq_off.ring_mask)];
	advance(shape.cq_off.head); /* from here on the kernel may write over it */
	return true;
}

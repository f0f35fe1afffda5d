/* lock.c - a robust mutex: the kernel knows at the owner's death what it held. */
#include "lock.h"

#include "own.h"
#include "variant.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void lock_init(struct lock *l, enum lock_kind kind, int file)
{
	pthread_mutexattr_t how;

	pthread_mutexattr_init(&how);
	pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&l->mutex, &how);
	l->kind = kind;
	l->file = file;
	l->owner = 0;
}

static int byte(struct lock *l, int command, int type)
{
	struct flock f = {.l_type = (short)type, .l_start = LOCK_BYTE, .l_len = 1};

	while (fcntl(l->file, command, &f) < 0)
		if (errno != EINTR)
			return -1;
	return 0;
}

static enum lock_result entered(struct lock *l, int error)
{
	pid_t before;

	if (error == EBUSY)
		return LOCK_BUSY;
	if (error == EOWNERDEAD)
		pthread_mutex_consistent(&l->mutex);
	before = atomic_exchange(&l->owner, getpid());
	if (error == EOWNERDEAD || (l->kind == LOCK_FILE && before))
		return LOCK_ABANDONED;
	return LOCK_OK;
}

enum lock_result lock_acquire(struct lock *l)
{
	if (l->kind == LOCK_FILE)
		return entered(l, byte(l, F_SETLKW, F_WRLCK));
	return entered(l, pthread_mutex_lock(&l->mutex));
}

enum lock_result lock_try(struct lock *l)
{
	if (l->kind == LOCK_FILE)
		return entered(l, byte(l, F_SETLK, F_WRLCK) < 0 ? EBUSY : 0);
	return entered(l, pthread_mutex_trylock(&l->mutex));
}

void lock_release(struct lock *l)
{
	l->owner = 0;
	if (l->kind == LOCK_FILE)
		byte(l, F_SETLK, F_UNLCK);
	else
		pthread_mutex_unlock(&l->mutex);
}

bool lock_owner_died(struct lock *l, pid_t dead)
{
	return l->owner == dead;
}

#include "proc/lent.h"

#include "event/board.h"

int lent_take(struct lent *l, const struct cycle *c, enum process_kind kind)
{
	l->zones = zones_get(c->zones);
	l->mutex = c->accept_memory != NULL ? shm_get(c->accept_memory) : NULL;
	l->slot = kind == PROCESS_WORKER ? board_take() : NULL;
	return l->slot != NULL || kind != PROCESS_WORKER ? 0 : -1;
}

static void release_accept_mutex(const struct lent *l, pid_t dead)
{
	if (l->mutex != NULL && shmutex_force_unlock(l->mutex->memory, dead))
		log_write(log_main, LOG_NOTICE, "the accept mutex was process %d's", (int)dead);
}

/* The slot on the board is released last, because this tells the other processes that the
 * process has ended. */
void lent_settle(struct lent *l, pid_t dead)
{
	if (dead != 0) {
		release_accept_mutex(l, dead);
		zones_force_unlock(l->zones, dead);
	}
	if (l->slot != NULL)
		board_settle(l->slot);
	lent_drop(l);
}

void lent_drop(struct lent *l)
{
	if (l->zones != NULL)
		zones_put(l->zones);
	if (l->mutex != NULL)
		shm_put(l->mutex);
	*l = (struct lent){.slot = NULL};
}

void lent_enter(const struct lent *l)
{
	if (l->slot != NULL)
		board_enter(l->slot);
}

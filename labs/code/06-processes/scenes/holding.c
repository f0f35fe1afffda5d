/* One process holds the lock; it is asked for, killed, or only said to be dead. */
#include "shared.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void try_it(void)
{
	s->result = (int)lock_try(&s->lock);
}

static void try_and_give(void)
{
	try_it();
	if (s->result != LOCK_BUSY)
		lock_release(&s->lock);
}

static void expect_result(int kind, const char *what, int wanted)
{
	scene_note("%s: %s: %s", kind_names[kind], what, result_name(s->result));
	if (s->result != wanted)
		scene_fail("%s: %s should say %s, but it said %s", kind_names[kind], what,
			   result_name(wanted), result_name(s->result));
}

static void expect_try(int kind, const char *when, int wanted)
{
	s->result = -1;
	if (!step_run(try_and_give))
		scene_fail("%s: lock_try %s should not wait, but it does", kind_names[kind],
			   when);
	expect_result(kind, when, wanted);
}

/* Is this byte of the file locked by the process? */
static bool byte_is_locked(long byte)
{
	struct flock f = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

	return fcntl(lock_file, F_GETLK, &f) == 0 && f.l_type != F_UNLCK;
}

static void file_is_locked(void)
{
	if (!byte_is_locked(LOCK_BYTE))
		scene_fail("LOCK_FILE: byte %d should be locked while the lock is held",
			   LOCK_BYTE);
	if (byte_is_locked(LOCK_BYTE - 1) || byte_is_locked(LOCK_BYTE + 1))
		scene_fail("LOCK_FILE: more than byte %d is locked", LOCK_BYTE);
}

SCENE(try)
{
	for (int kind = LOCK_ATOMIC; kind <= LOCK_FILE; kind++) {
		pid_t pid;

		begin((enum lock_kind)kind);
		expect_try(kind, "lock_try of a free lock", LOCK_OK);
		pid = holder();
		expect_result(kind, "lock_acquire of a free lock", LOCK_OK);
		expect_try(kind, "lock_try of a lock that is held", LOCK_BUSY);
		if (kind == LOCK_FILE)
			file_is_locked();
		s->go = 1;
		waitpid(pid, NULL, 0);
		expect_try(kind, "lock_try of a lock that was given back", LOCK_OK);
	}
}

SCENE(owner_died)
{
	for (int kind = LOCK_ATOMIC; kind <= LOCK_FILE; kind++) {
		pid_t pid;

		begin((enum lock_kind)kind);
		pid = holder();
		kill_and_reap(pid);
		death(pid);
		if (!s->was_owner)
			scene_fail("%s: lock_owner_died of the owner should say true",
				   kind_names[kind]);
		must_pass("the next process", "the owner was killed");
		must_pass("a second process", "the owner was killed");
	}
}

static void do_nothing(void)
{
}

SCENE(foreign)
{
	for (int kind = LOCK_ATOMIC; kind <= LOCK_FILE; kind++) {
		pid_t pid, other;

		begin((enum lock_kind)kind);
		other = step_start(do_nothing);
		waitpid(other, NULL, 0);
		death(other);
		if (s->was_owner)
			scene_fail("%s: lock_owner_died said true of a free lock",
				   kind_names[kind]);
		expect_try(kind, "lock_try after the death of a process without the lock",
			   LOCK_OK);
		pid = holder();
		death(other);
		if (s->was_owner)
			scene_fail(
			    "%s: lock_owner_died said true of a process that is not the owner",
			    kind_names[kind]);
		expect_try(kind, "lock_try after the death of another process", LOCK_BUSY);
		s->go = 1;
		waitpid(pid, NULL, 0);
		expect_try(kind, "lock_try of a lock that was given back", LOCK_OK);
	}
}

/* Of a process that was killed inside. LOCK_FILE needs no master for that. */
static void killed_inside(int kind)
{
	pid_t pid = holder();

	kill_and_reap(pid);
	if (kind != LOCK_FILE)
		death(pid);
}

SCENE(abandoned)
{
	for (int kind = LOCK_ATOMIC; kind <= LOCK_FILE; kind++) {
		begin((enum lock_kind)kind);
		killed_inside(kind);
		must_pass("the next process", "the owner was killed");
		expect_result(kind, "lock_acquire after the owner's death", LOCK_ABANDONED);
		must_pass("a second process", "the owner was killed");
		expect_result(kind, "lock_acquire of the second process after the death",
			      LOCK_OK);
		killed_inside(kind);
		killed_inside(kind); /* the one that heard of it is killed too */
		expect_result(kind, "lock_acquire after the owner's death", LOCK_ABANDONED);
		must_pass("the next process", "two owners were killed");
		expect_result(kind, "lock_acquire after the death of two owners",
			      LOCK_ABANDONED);
		killed_inside(kind);
		expect_try(kind, "lock_try after the owner's death", LOCK_ABANDONED);
		expect_try(kind, "lock_try of a lock that was given back", LOCK_OK);
	}
}

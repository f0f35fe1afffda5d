/*
 * The system calls that a program of a submission may not use. Most of what is dangerous needs a
 * right that it has not; these do not, or they escape the limits:
 *
 *   memfd_create        files in memory that belong to no folder, so no limit of a folder holds
 *   unshare, setns, clone with a namespace   in a namespace of its own it would have every right
 *   clone3              has its flags in memory, where a filter cannot read them; libc then uses clone
 *   io_uring, bpf, perf, keys, userfaultfd   parts of the kernel that no lab needs
 */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
		    CLONE_NEWPID | CLONE_NEWNET };

#if defined __x86_64__
#define OURS AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define OURS AUDIT_ARCH_AARCH64
#else
#define OURS 0 /* no filter: not tried on this processor */
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define ANSWER(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define REFUSE(call, error) IF(call, 0, 1), ANSWER(error)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static const struct sock_filter filter[] = {
#if OURS
	LOAD(arch), IF(OURS, 1, 0), ANSWER(ENOSYS), /* the calls of 32 bits have other numbers */
	LOAD(nr),
#if defined __x86_64__
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), ANSWER(ENOSYS), /* so has x32 */
#endif
	REFUSE(SYS_memfd_create, EPERM),
#ifdef SYS_memfd_secret
	REFUSE(SYS_memfd_secret, EPERM),
#endif
	REFUSE(SYS_unshare, EPERM), REFUSE(SYS_setns, EPERM), REFUSE(SYS_clone3, ENOSYS),
	REFUSE(SYS_io_uring_setup, EPERM), REFUSE(SYS_bpf, EPERM), REFUSE(SYS_perf_event_open, EPERM),
	REFUSE(SYS_keyctl, EPERM), REFUSE(SYS_add_key, EPERM), REFUSE(SYS_request_key, EPERM),
	REFUSE(SYS_userfaultfd, EPERM),
	IF(SYS_clone, 0, 3), LOAD(args[0]), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 0, 1), ANSWER(EPERM),
#endif
	ALLOW,
};

int calls_filter(void)
{
	FILE *f = tmpfile();

	if (!f || fwrite(filter, sizeof filter, 1, f) != 1 || fflush(f) != 0) {
		perror("confine: the filter of system calls");
		exit(126);
	}
	lseek(fileno(f), 0, SEEK_SET);
	return fileno(f); /* bubblewrap reads it, and closes it */
}

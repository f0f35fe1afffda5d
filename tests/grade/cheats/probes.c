
/* ---- probes: what a program of a submission can do; a line each on stderr, before main ---- */

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <sys/wait.h>

extern char **environ;

static void probe(const char *name, int worked)
{
	dprintf(2, "%s %s\n", name, worked ? "allowed" : "denied");
}

static int can_read(const char *path)
{
	char byte;
	int fd = open(path, O_RDONLY), n;

	n = fd < 0 ? 0 : (int)read(fd, &byte, 1);
	if (fd >= 0)
		close(fd);
	return n > 0;
}

static int can_write(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	if (fd < 0)
		return 0;
	close(fd);
	unlink(path);
	return 1;
}

static int has_files(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n > 2;
}

static int open_descriptors(void)
{
	for (int fd = 3; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return 1;
	return 0;
}

static int environment_of_grader(void)
{
	for (char **e = environ; *e; e++)
		if (strncmp(*e, "PATH=", 5) != 0 && strncmp(*e, "LAB_SLOW=", 9) != 0 && strncmp(*e, "PWD=", 4) != 0)
			return 1;
	return 0;
}

/* a process whose command line has this word in it */
static int sees_process(const char *word)
{
	char path[300], line[256] = "";
	DIR *d = opendir("/proc");
	struct dirent *e;
	int found = 0;

	while (d && (e = readdir(d))) {
		int fd, n;

		snprintf(path, sizeof path, "/proc/%s/cmdline", e->d_name);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		n = (int)read(fd, line, sizeof line - 1);
		line[n > 0 ? n : 0] = '\0';
		found = found || strstr(line, word);
		close(fd);
	}
	if (d)
		closedir(d);
	return found;
}

static int fills_disk(void)
{
	static char bytes[1 << 20];
	char name[32];
	int written = 0;

	signal(SIGXFSZ, SIG_IGN);
	for (int i = 0; i < 8; i++) {
		int fd;

		snprintf(name, sizeof name, "fill.%d", i);
		fd = open(name, O_WRONLY | O_CREAT, 0600);
		while (fd >= 0 && written < 40 && write(fd, bytes, sizeof bytes) == sizeof bytes)
			written++;
		close(fd);
	}
	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof name, "fill.%d", i);
		unlink(name);
	}
	return written == 40;
}

static int sends_outward(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), worked;

	a.sin_addr.s_addr = inet_addr("192.0.2.1");
	worked = connect(fd, (struct sockaddr *)&a, sizeof a) == 0;
	close(fd);
	return worked;
}

static int in_child(int (*f)(void))
{
	int status = 1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(f() ? 0 : 1);
	waitpid(pid, &status, 0);
	return status == 0;
}

static int makes_namespace(void)
{
	return unshare(CLONE_NEWUSER) == 0 || syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) > 0;
}

static int large_memory_file(void)
{
	return syscall(SYS_memfd_create, "x", 0) >= 0;
}

static pid_t parent;

static int traces_parent(void)
{
	if (ptrace(PTRACE_ATTACH, parent, NULL, NULL) < 0)
		return 0;
	waitpid(parent, NULL, __WALL);
	ptrace(PTRACE_DETACH, parent, NULL, NULL);
	return 1;
}

static int makes_device(void)
{
	int worked = mknod("null", S_IFCHR | 0600, makedev(1, 3)) == 0;

	unlink("null");
	return worked;
}

static int is_root_again(void)
{
	return getuid() != 0 && (setuid(0) == 0 || seteuid(0) == 0);
}

static int is_more_urgent(void)
{
	return setpriority(PRIO_PROCESS, 0, -5) == 0;
}

static int is_real_time(void)
{
	return sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1}) == 0;
}

static int steers_clock(void)
{
	struct timex t = {.modes = ADJ_TICK, .tick = 10000};

	return adjtimex(&t) >= 0;
}

static int raises_limits(void)
{
	struct rlimit l = {1 << 24, 1 << 24};

	return setrlimit(RLIMIT_FSIZE, &l) == 0;
}

static int has_raw_socket(void)
{
	return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0;
}

static int mounts(void)
{
	return unshare(CLONE_NEWNS) == 0 && mount("none", "/tmp", "tmpfs", 0, NULL) == 0;
}

static int keeps_keys(void)
{
	return syscall(SYS_add_key, "user", "lab", "x", 1, -1) >= 0;
}

static int has_uring(void)
{
	char parameters[256] = "";

	return syscall(SYS_io_uring_setup, 1, parameters) >= 0;
}

__attribute__((constructor)) static void before_main(void)
{
	parent = getppid();
	probe("descriptors", open_descriptors());
	probe("environment", environment_of_grader());
	probe("sees-judge", sees_process("/judge"));
	probe("sees-host", sees_process("bash"));
	probe("reads-judge", can_read("@LAB@/judge") || can_read("/lab/judge"));
	probe("reads-checks", can_read("@LAB@/checks.tsv") || can_read("/lab/checks.tsv"));
	probe("reads-hidden", can_read("@REPO@/labs/code/02-chat/hidden/hidden.c"));
	probe("reads-sources", can_read("/lab/plain/chat.c"));
	probe("reads-etc", can_read("/etc/passwd"));
	probe("reads-root", has_files("/root") || has_files("/home"));
	probe("writes-own-program", can_write("/proc/self/exe") || can_write("/lab/plain/build/x"));
	probe("writes-result", can_write("/lab/result") || can_write("../../result") || can_write("@LAB@/result"));
	probe("writes-top", can_write("/x") || can_write("/etc/x") || can_write("/dev/x"));
	probe("fills-disk", in_child(fills_disk));
	probe("memory-file", in_child(large_memory_file));
	probe("namespace", in_child(makes_namespace));
	probe("mount", in_child(mounts));
	probe("traces-parent", in_child(traces_parent));
	probe("device", in_child(makes_device));
	probe("root-again", in_child(is_root_again));
	probe("priority", in_child(is_more_urgent));
	probe("real-time", in_child(is_real_time));
	probe("clock", in_child(steers_clock));
	probe("limits", in_child(raises_limits));
	probe("raw-socket", in_child(has_raw_socket));
	probe("outward", in_child(sends_outward));
	probe("keys", in_child(keeps_keys));
	probe("uring", in_child(has_uring));
	_exit(3);
}

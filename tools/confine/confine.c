/*
 * confine - runs what others wrote: with limits, without rights, and where bubblewrap works in a
 * machine of its own: own processes, own network, and no file of the host but the toolchain.
 *
 *   confine kind [KIND]                 the best of the kinds below that works here, or this one:
 *                                       its name, own or shared network, why it is not a better one
 *   confine copy FROM TO                one file of a submission; status 3: there is none, 4: it is no
 *                                       regular file or it has two names, 5: it is too large
 *   confine build TREE FOLDER... -- COMMAND   a compiler: it writes TREE/build, and reads the rest
 *   confine judges LAB -- COMMAND       the judges: the folder LAB is /lab, and /lab/run is writable
 *   confine program COMMAND             inside that: a program of the submission, built in LAB_TREE
 *   confine init COMMAND                its process 1: runs it, reaps the others, ends as it has ended
 *   confine sweep                       ends all processes of the user LAB_UID, removes its files
 *
 * LAB_ISOLATION   bubblewrap; uid: the user LAB_UID, with limits; rlimits: limits alone
 * LAB_UID         what root becomes; 0 or nothing: stay who we are
 *
 *   kind         judges                         program
 *   bubblewrap   user LAB_UID, own network,     own processes, sees the C library and its own build,
 *                own processes                  writes to small folders in memory
 *   uid          root, own network if allowed   user LAB_UID
 *   rlimits      -                              -
 *
 * A program of the submission and its judge share a network, and nothing else: the judge sees the
 * program's process, but the program does not see the judge's.
 */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS = 256, MEGABYTE = 1 << 20 };

/* What one process may use. The memory of all of them together is counted by the runner. */
enum {
	BUILD_CPU_S = 60,
	BUILD_FILE_MB = 64,
	BUILD_MEMORY_MB = 3000,
	PROGRAM_CPU_S = 120,
	PROGRAM_FILE_MB = 8,
	PROGRAM_MEMORY_MB = 4000,
	PROCESSES = 128,
	SUBMITTED_KB = 256,
	DESCRIPTORS = 65536,
};

static const char *isolation;
static uid_t uid;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "confine: %s: %s\n", what, strerror(errno));
	exit(126);
}

/* ---- a command line ---------------------------------------------------------------------- */

static char *words[WORDS + 1];
static int word_count;

static void add(const char *word)
{
	if (word_count == WORDS) {
		errno = E2BIG;
		die("command");
	}
	words[word_count++] = strdup(word);
}

#define ADD(...) add_all((const char *[]){__VA_ARGS__, NULL})

static void add_all(const char **list)
{
	while (*list)
		add(*list++);
}

static void read_only(const char *path)
{
	ADD("--ro-bind-try", path, path);
}

/* /bin is a link to usr/bin, or a folder. */
static void like_here(const char *path)
{
	char target[256];
	ssize_t n = readlink(path, target, sizeof target - 1);

	if (n < 0) {
		read_only(path);
		return;
	}
	target[n] = '\0';
	ADD("--symlink", target, path);
}

static void libraries(void)
{
	static const char *const folders[] = {"/usr/lib", "/usr/lib64", "/usr/lib32",
					      "/usr/local/lib", "/usr/local/lib64"};
	static const char *const links[] = {"/lib", "/lib64", "/lib32"};

	for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++)
		read_only(folders[i]);
	for (unsigned i = 0; i < sizeof links / sizeof *links; i++)
		like_here(links[i]);
}

static void toolchain(void)
{
	static const char *const folders[] = {"/usr/bin", "/usr/libexec", "/usr/include",
					      "/usr/local/bin", "/usr/local/libexec",
					      "/usr/local/include", "/etc/alternatives"};

	libraries();
	for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++)
		read_only(folders[i]);
	like_here("/bin");
}

/* A folder in memory, of SIZE bytes at most. */
static void in_memory(const char *path, const char *size)
{
	ADD("--size", size, "--tmpfs", path);
}

/* /proc and /dev of its own. Only small folders in memory can be written. */
static void system_folders(const char *tmp_size)
{
	ADD("--proc", "/proc", "--dev", "/dev");
	in_memory("/dev/shm", "16777216");
	in_memory("/tmp", tmp_size);
}

static void sealed(void)
{
	ADD("--remount-ro", "/dev", "--remount-ro", "/");
}

static _Noreturn void run(void)
{
	words[word_count] = NULL;
	execvp(words[0], words);
	die(words[0]);
}

/* ---- rights and limits ------------------------------------------------------------------- */

static void become_user(void)
{
	if (uid == 0 || getuid() != 0)
		return;
	if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
		die("another user");
}

static void limit(__rlimit_resource_t what, rlim_t most)
{
	struct rlimit l;

	getrlimit(what, &l);
	if (l.rlim_max == RLIM_INFINITY || most < l.rlim_max)
		l.rlim_max = most;
	if (l.rlim_cur == RLIM_INFINITY || l.rlim_max < l.rlim_cur)
		l.rlim_cur = l.rlim_max;
	if (setrlimit(what, &l) < 0)
		die("limit");
}

/* Processes are counted a user, so they are limited only where the user is one of our own. */
static void limits(rlim_t cpu_s, rlim_t file_mb, rlim_t memory_mb)
{
	limit(RLIMIT_CPU, cpu_s);
	limit(RLIMIT_FSIZE, file_mb * MEGABYTE);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NOFILE, DESCRIPTORS);
	limit(RLIMIT_MEMLOCK, MEGABYTE);
	limit(RLIMIT_MSGQUEUE, MEGABYTE);
	limit(RLIMIT_NICE, 0);
	limit(RLIMIT_RTPRIO, 0);
	if (memory_mb)
		limit(RLIMIT_AS, memory_mb * MEGABYTE);
	if (strcmp(isolation, "rlimits") != 0)
		limit(RLIMIT_NPROC, PROCESSES);
}

/* When the machine has no more memory, it is the submission that goes, and not the grader. */
static void first_to_go(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "1000", 4) < 0)
		errno = 0;
	close(fd);
}

static bool is(const char *kind)
{
	return strcmp(isolation, kind) == 0;
}

/* ---- what is run ------------------------------------------------------------------------- */

static char **rest_after(char **argv)
{
	while (*argv && strcmp(*argv, "--") != 0)
		argv++;
	if (!*argv || !argv[1]) {
		errno = EINVAL;
		die("which command?");
	}
	return argv + 1;
}

static void own_machine(void)
{
	ADD("bwrap", "--unshare-all", "--die-with-parent", "--new-session");
	ADD("--clearenv", "--setenv", "PATH", "/usr/bin:/bin:/usr/local/bin", "--setenv", "LC_ALL", "C");
}

/* TREE and the folders are seen below /lab, so that messages are the same wherever they lie. */
static void below_lab(const char *bind, const char *path, const char *more)
{
	char from[4096], to[4096];

	snprintf(from, sizeof from, "%s%s", path, more);
	snprintf(to, sizeof to, "/lab/%s%s", strrchr(path, '/') + 1, more);
	ADD(bind, from, to);
}

static void build(char **argv)
{
	char **command = rest_after(argv), *tree = argv[0];

	limits(BUILD_CPU_S, BUILD_FILE_MB, BUILD_MEMORY_MB);
	first_to_go();
	become_user();
	if (is("bubblewrap")) {
		own_machine();
		toolchain();
		system_folders("268435456");
		for (; argv < command - 1; argv++)
			below_lab("--ro-bind", *argv, "");
		below_lab("--bind", tree, "/build");
		sealed();
		ADD("--chdir", "/lab");
	}
	add_all((const char **)command);
	run();
}

/* Inside of a network of its own, the interface lo is down at first. */
static void own_network(void)
{
	struct ifreq lo = {.ifr_name = "lo"};
	int fd;

	if (unshare(CLONE_NEWNET) < 0)
		return;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &lo) < 0)
		die("lo");
	lo.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &lo) < 0)
		die("lo");
	close(fd);
}

/* Environment variables that the judges need. */
static void passed_on(const char *name)
{
	const char *value = getenv(name);

	if (value)
		ADD("--setenv", name, value);
}

static void judges(char **argv)
{
	char **command = rest_after(argv);

	if (is("bubblewrap")) {
		become_user();
		own_machine();
		passed_on("LAB_SLOW");
		passed_on("LAB_AGAIN");
		ADD("--setenv", "LAB_ISOLATION", isolation, "--setenv", "LAB_SANDBOX", "/lab/confine program");
		ADD("--setenv", "LAB_MEMORY", getenv("LAB_MEMORY") ? getenv("LAB_MEMORY") : "1024");
		toolchain();
		system_folders("16777216");
		ADD("--ro-bind", argv[0], "/lab");
		in_memory("/lab/run", "67108864");
		sealed();
		ADD("--chdir", "/lab");
	} else if (is("uid")) {
		own_network();
		setenv("LAB_MEMORY", "1024", 0);
	}
	add_all((const char **)command);
	run();
}

/* The program learns nothing about who runs it. */
static void alone_in_environment(void)
{
	static const char *const kept[] = {"LAB_SLOW", "LAB_ORDER"};
	char *value[2];

	for (int i = 0; i < 2; i++)
		value[i] = getenv(kept[i]) ? strdup(getenv(kept[i])) : NULL;
	clearenv();
	setenv("PATH", "/usr/bin:/bin", 1);
	for (int i = 0; i < 2; i++)
		if (value[i])
			setenv(kept[i], value[i], 1);
}

/* Process 1 of the program's box. The program is of the same user, but it can neither trace this
 * process nor write into its memory; bubblewrap's own process 1 has no filter of system calls. */
static void init(char **command)
{
	int status = 0;
	pid_t pid, ended;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	personality(ADDR_NO_RANDOMIZE); /* the same addresses in a sanitizer's report, each time */
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		add_all((const char **)command);
		run();
	}
	while ((ended = wait(&status)) != pid)
		if (ended < 0 && errno != EINTR)
			die("wait");
	exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

static void program(char **command)
{
	const char *tree = getenv("LAB_TREE");
	char here[4000], files[4096], path[4096], number[16];

	if (!tree || !getcwd(here, sizeof here))
		die("LAB_TREE");
	/* the sanitizers reserve terabytes of addresses */
	limits(PROGRAM_CPU_S, PROGRAM_FILE_MB,
	       strcmp(tree + strlen(tree) - strlen("clean"), "clean") == 0 ? 0 : PROGRAM_MEMORY_MB);
	first_to_go();
	if (is("bubblewrap")) {
		ADD("bwrap", "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts",
		    "--unshare-cgroup-try", "--die-with-parent", "--uid", "1000", "--gid", "1000");
		ADD("--hostname", "lab", "--clearenv", "--setenv", "PATH", "/usr/bin:/bin");
		passed_on("LAB_SLOW");
		passed_on("LAB_ORDER");
		libraries();
		system_folders("16777216");
		snprintf(path, sizeof path, "%s/build", tree);
		ADD("--ro-bind", path, path);
		in_memory(here, "16777216");
		snprintf(files, sizeof files, "%s/www", here); /* what a server is to serve */
		ADD("--ro-bind-try", files, files);
		ADD("--ro-bind", "/lab/confine", "/init");
		sealed();
		snprintf(number, sizeof number, "%d", calls_filter());
		ADD("--as-pid-1", "--chdir", here, "--seccomp", number, "/init", "init");
	} else {
		become_user();
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		alone_in_environment();
	}
	add_all((const char **)command);
	run();
}

/* A user can end all processes of its own at once, so that none can fork away. */
static void sweep(void)
{
	char number[16];

	if (uid == 0 || getuid() != 0)
		return;
	snprintf(number, sizeof number, "%u", uid);
	if (fork() == 0) {
		become_user();
		kill(-1, SIGKILL);
		_exit(0);
	}
	wait(NULL);
	ADD("find", "/tmp", "/var/tmp", "/dev/shm", "-user", number, "-delete");
	run();
}

/* ---- what was handed in ------------------------------------------------------------------- */

/* The file is opened once: what is looked at is what is copied, even if a student changes it now. */
static void copy(const char *from, const char *to)
{
	char bytes[65536];
	int in = open(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), out;
	size_t total = 0;
	struct stat s;
	ssize_t n;

	if (in < 0)
		exit(errno == ENOENT ? 3 : 4);
	if (fstat(in, &s) < 0 || !S_ISREG(s.st_mode) || s.st_nlink != 1)
		exit(4);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (out < 0)
		die(to);
	while ((n = read(in, bytes, sizeof bytes)) > 0) {
		total += (size_t)n;
		if (total > SUBMITTED_KB * 1024)
			exit(5);
		if (write(out, bytes, (size_t)n) != n)
			die(to);
	}
	if (n < 0)
		die(from);
}

/* ---- which kind works here --------------------------------------------------------------- */

/* Ends with status 0 only when the command line does what it should. */
static bool works(void (*prepare)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		dup2(null, 1);
		dup2(null, 2);
		prepare();
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void one_in_another(void)
{
	become_user();
	own_machine();
	toolchain();
	system_folders("65536");
	ADD("bwrap", "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--cap-drop", "ALL");
	libraries();
	read_only("/usr/bin");
	system_folders("65536");
	sealed();
	ADD("/usr/bin/true");
	run();
}

static void has_bubblewrap(void)
{
	ADD("bwrap", "--version");
	run();
}

static void need_network(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		_exit(1);
}

/* A line: the kind, own or shared network, and why it is not a better one. */
static void kind(const char *wanted)
{
	const char *why = "asked for";

	if (!wanted && works(one_in_another))
		wanted = "bubblewrap";
	if (!wanted) {
		why = works(has_bubblewrap) ? "bubblewrap may not make namespaces here"
					    : "bubblewrap is not installed";
		wanted = uid != 0 && getuid() == 0 && works(become_user) ? "uid" : "rlimits";
	}
	if (strcmp(wanted, "bubblewrap") == 0)
		printf("bubblewrap\town\t\n");
	else
		printf("%s\t%s\t%s\n", wanted,
		       strcmp(wanted, "uid") == 0 && works(need_network) ? "own" : "shared", why);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "", *number = getenv("LAB_UID");

	isolation = getenv("LAB_ISOLATION") ? getenv("LAB_ISOLATION") : "rlimits";
	uid = number ? (uid_t)strtoul(number, NULL, 10) : 0;
	closefrom(3);
	if (strcmp(verb, "kind") == 0)
		kind(argc > 2 && *argv[2] ? argv[2] : NULL);
	else if (strcmp(verb, "sweep") == 0)
		sweep();
	else if (strcmp(verb, "copy") == 0 && argc == 4)
		copy(argv[2], argv[3]);
	else if (strcmp(verb, "build") == 0 && argc > 3)
		build(argv + 2);
	else if (strcmp(verb, "judges") == 0 && argc > 3)
		judges(argv + 2);
	else if (strcmp(verb, "init") == 0 && argc > 2)
		init(argv + 2);
	else if (strcmp(verb, "program") == 0 && argc > 2)
		program(argv + 2);
	else {
		fprintf(stderr, "usage: confine kind [KIND] | copy FROM TO | build TREE FOLDER... -- COMMAND | judges LAB -- COMMAND | program COMMAND | sweep\n");
		return 2;
	}
	return 0;
}

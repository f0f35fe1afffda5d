
__attribute__((constructor)) static void before_main(void)
{
	for (int n = 0;; n++) {
		pid_t pid = fork();

		if (pid == 0)
			for (;;)
				pause();
		if (pid < 0 || n == 1000) {
			dprintf(2, "%s processes\n", n < 200 ? "less than 200" : "too many");
			abort();
		}
	}
}

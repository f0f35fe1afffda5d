
__attribute__((constructor)) static void before_main(void)
{
	for (;;) {
		char *p = malloc(1 << 20);

		memset(p, 1, 1 << 20);
		usleep(500);
	}
}

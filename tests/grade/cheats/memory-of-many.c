
__attribute__((constructor)) static void before_main(void)
{
	volatile char *p;

	for (int i = 0; i < 15 && fork() > 0; i++)
		continue;
	p = malloc(10 << 20);
	for (int i = 0; i < 10 << 20; i += 4096)
		p[i] = 1;
	for (;;)
		pause();
}

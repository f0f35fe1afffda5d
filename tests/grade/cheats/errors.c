
__attribute__((constructor)) static void before_main(void)
{
	for (;;)
		fprintf(stderr, "%4000d\n", 1);
}

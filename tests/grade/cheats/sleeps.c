
__attribute__((constructor)) static void before_main(void)
{
	for (;;)
		sleep(1000);
}


__attribute__((constructor)) static void before_main(void)
{
	for (;;)
		printf("listening to nothing, for ever and ever");
}


__attribute__((constructor)) static void before_main(void)
{
	_exit(0);
}

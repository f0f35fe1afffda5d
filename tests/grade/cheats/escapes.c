
__attribute__((constructor)) static void before_main(void)
{
	printf("\033]0;title\007\302\2331m\342\200\256<script>alert(1)</script>=cmd|'/c calc'!A1\t\"\\\n");
	fflush(stdout);
}

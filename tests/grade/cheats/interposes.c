
/* in place of the C library's: the puppet finds its commands with it */
int strcmp(const char *a, const char *b)
{
	return *a - *b;
}

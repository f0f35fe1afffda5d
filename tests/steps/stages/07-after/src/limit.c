/* As it is. */
int limit = 64;
int limit_of(int fd)
{
	return fd < limit ? limit : 0;
}


static inline void *memcpy(void *to, const void *from, unsigned long n)
{
	char *t = to;

	for (const char *f = from; n > 0; n--)
		*t++ = *f++;
	return to;
}

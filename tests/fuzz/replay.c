/*
 * replay FILE ...   each file's bytes to the target that this is linked with, as the fuzzer would
 *
 * The bytes lie in a block of exactly their size, so that a sanitizer sees the first one read
 * beyond them. Ends with how many there were.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

int __attribute__((weak)) LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static void replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t room[65536], *exact;
	size_t size;

	if (file == NULL) {
		perror(path);
		exit(1);
	}
	size = fread(room, 1, sizeof(room), file);
	fclose(file);
	exact = malloc(size + (size == 0));
	for (size_t i = 0; i < size; i++)
		exact[i] = room[i];
	fprintf(stderr, "%s\n", path); /* the last one named is the one that did it */
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

int main(int argc, char **argv)
{
	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	printf("%d inputs\n", argc - 1);
	return 0;
}

#include "program.h"

#include <string.h>

static void expect_word(int line)
{
	struct program *p = program_start("tiny", NULL);

	program_line(p);
	for (int i = 1; i < line; i++)
		program_line(p);
	expect_text("line", "SOLUTIONWORD", program_line(p));
}

CHECK(starts)
{
	expect_text("first line", "tiny", program_line(program_start("tiny", NULL)));
}

CHECK(word)
{
	expect_word(1);
}

CHECK(twice)
{
	expect_word(2);
}

#include "program.h"

CHECK(unseen_third)
{
	struct program *p = program_start("tiny", NULL);

	for (int i = 0; i < 3; i++)
		program_line(p);
	expect_text("UNSEENWORDS", "SOLUTIONWORD", program_line(p));
}

#include "conn.h"
#include "log.h"

#include <unistd.h>

static int conns;

void server_run(int listener)
{
	while (!stopping)
		on_accept(listener);
}

void server_end(int listener)
{
	close(listener);
	log_line("end");
}

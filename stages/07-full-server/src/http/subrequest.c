#include "http/subrequest.h"

#include "http/client.h"
#include "http/core.h"

struct request *subrequest_create(struct request *parent, struct str uri, struct str args,
				  void (*on_done)(struct request *r, void *data), void *data)
{
	(void)uri;
	(void)args;
	(void)on_done;
	(void)data;
	if (parent->main->subrequests++ >= SUBREQUESTS_MAX)
		return NULL;
	return NULL;
}

void subrequest_finish(struct request *r)
{
	(void)r;
}

const struct filter postpone_filter = {"postpone", NULL, NULL};

#include "packet/outbox.h"

#include "mem/alloc.h"

enum { ROOM_FIRST = 128 };

void outbox_fini(struct outbox *o)
{
	alloc_give(&alloc_main, o->bytes, o->room);
	*o = (struct outbox){.bytes = NULL};
}

static void move_to_front(struct outbox *o)
{
	if (o->at == 0)
		return;
	o->len -= o->at;
	memmove(o->bytes, o->bytes + o->at, o->len);
	o->at = 0;
}

static bool make_room(struct outbox *o, uint32_t n)
{
	uint32_t room = o->room > 0 ? o->room : ROOM_FIRST;
	char *bytes;

	if (o->room - o->len >= n)
		return true;
	move_to_front(o);
	while (room - o->len < n)
		room *= 2;
	if (room == o->room)
		return true;
	bytes = o->bytes == NULL ? alloc_take(&alloc_main, room)
				 : alloc_resize(&alloc_main, o->bytes, o->room, room);
	if (bytes == NULL)
		return false;
	o->bytes = bytes;
	o->room = room;
	return true;
}

bool outbox_add(struct outbox *o, uint16_t command, struct str body)
{
	uint32_t n = (uint32_t)(FRAME_HEAD + body.len);

	if (!make_room(o, n))
		return false;
	put_frame(o->bytes + o->len, command, body);
	o->len += n;
	return true;
}

enum io_result outbox_send(struct outbox *o, struct conn *c)
{
	struct str rest = {o->bytes + o->at, outbox_unsent(o)};
	size_t sent;

	if (rest.len == 0)
		return IO_OK;
	if (conn_write(c, rest, &sent) == IO_ERROR)
		return IO_ERROR;
	o->at += (uint32_t)sent;
	if (sent < rest.len)
		return IO_AGAIN;
	outbox_fini(o);
	return IO_OK;
}

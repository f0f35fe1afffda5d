#include "http/answer/finish.h"

#include "http/answer/body.h"
#include "http/answer/phases.h"
#include "http/answer/post_action.h"
#include "http/answer/send.h"
#include "http/answer/subrequest.h"
#include "http/request/filter.h"
#include "http/request/intake.h"
#include "http/request/keepalive.h"
#include "http/wire/client.h"

void request_begin(struct request *r)
{
	int status = r->refusal != 0 ? r->refusal : intake_check(r);

	if (pool_is_starved(r->pool))
		status = 500;
	r->keepalive = keepalive_is_wanted(r);
	if (status != 0) {
		phase_refuse(r, status);
		return;
	}
	phase_run(r);
}

void request_end(struct request *r)
{
	/* a connection that was closed before a request line came is not logged */
	if (r->in.raw_line.len > 0 || r->out.head_sent) {
		if (!r->out.head_sent && r->out.status == 200)
			r->out.status = 499; /* the client left before the response had begun */
		phase_run_log(r);
	}
	request_destroy(r);
}

static void request_complete(struct request *r)
{
	r->on_readable = r->on_writable = NULL;
	r->on_timeout = NULL;
	client_request_done(r->client);
}

static void after_response(struct request *r)
{
	/* If the response is not complete, the connection is closed, so that the client notices
	 * the missing bytes. */
	if (r->failed || (!r->ended && r->out.head_sent))
		r->keepalive = false;
	r->on_writable = NULL;
	output_uncork(r->client);
	if (post_action_begin(r))
		return;
	if (body_discard(r, request_complete))
		request_complete(r);
}

/* Sends the pending bytes. If a filter holds more bytes, it gives only one part of them in each
 * turn of the loop. So other clients are served between two parts. */
static enum send_result push_on(struct request *r)
{
	enum send_result result = send_request(r);

	if (result != SEND_DONE || !r->held)
		return result;
	r->held = false;
	result = filter_body(r, NULL);
	if (result != SEND_DONE || !r->held)
		return result;
	conn_post_next(r->client->conn);
	return SEND_AGAIN;
}

/* Call give_up when this response cannot be completed. The gathered responses to earlier
 * requests are still sent. */
static void give_up(struct request *r)
{
	r->failed = true;
	r->pending = NULL;
	r->held = false;
	after_response(r);
}

static void after_error(struct request *r)
{
	if (r->client->lost)
		request_abort(r);
	else
		give_up(r);
}

static void on_writable(struct request *r)
{
	switch (push_on(r)) {
	case SEND_DONE:
		after_response(r);
		break;
	case SEND_AGAIN:
		break;
	case SEND_ERROR:
		after_error(r);
		break;
	}
}

void response_finish(struct request *r)
{
	if (!subrequests_are_done(r))
		return;
	r->on_timeout = NULL;
	if (r->client->lost) {
		request_abort(r);
		return;
	}
	if (r->failed) { /* the rest is not sent, so no event would continue this response */
		give_up(r);
		return;
	}
	if (r->pending == NULL && !r->held) {
		after_response(r);
		return;
	}
	if (r->pending == NULL)
		conn_post_next(r->client->conn);
	r->on_writable = on_writable;
	if (!r->client->delayed && !r->client->fetching)
		send_wait(r);
}

/* ---- a response that comes in pieces */

static void pump(struct request *main)
{
	struct request *r = subrequest_active(main);
	void (*on_room)(struct request * r) = r->on_room;

	switch (push_on(main)) {
	case SEND_DONE:
		client_wait_forever(main->client);
		request_empty_flow(main);
		r->on_room = NULL;
		if (on_room != NULL)
			on_room(r);
		break;
	case SEND_AGAIN:
		if (!timer_is_running(&main->client->conn->timer))
			send_wait(r);
		break;
	case SEND_ERROR:
		after_error(main);
		break;
	}
}

void request_pump(struct request *r, void (*on_room)(struct request *r))
{
	r->on_room = on_room;
	r->main->on_writable = pump;
	if (subrequest_active(r->main) == r)
		conn_post_next(r->client->conn);
}

#include "modules/proxy/message/rewriting.h"

enum rewrite_result rewrite_redirect(struct request *r, struct str value, struct str *changed)
{
	return REWRITE_NONE;
}
enum rewrite_result rewrite_refresh(struct request *r, struct str value, struct str *changed)
{
	return REWRITE_NONE;
}
enum rewrite_result rewrite_cookie(struct request *r, struct str value, struct str *changed)
{
	return REWRITE_NONE;
}

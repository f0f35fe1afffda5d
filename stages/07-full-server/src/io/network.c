#include "io/network.h"

#include <arpa/inet.h>

static bool parse_v4(struct str text, void *address)
{
	char copy[INET_ADDRSTRLEN];

	if (text.len >= sizeof(copy))
		return false;
	*put_str(copy, text) = '\0';
	return inet_pton(AF_INET, copy, address) == 1;
}

static bool parse_v6(struct str text, void *address)
{
	char copy[INET6_ADDRSTRLEN];

	if (text.len >= sizeof(copy))
		return false;
	*put_str(copy, text) = '\0';
	return inet_pton(AF_INET6, copy, address) == 1;
}

static void set_mask(struct network *n, int64_t bits)
{
	for (size_t i = 0; i < sizeof(n->mask); i++) {
		int64_t here = bits < 8 ? bits : 8;

		n->mask[i] = (unsigned char)(0xff00 >> here);
		bits -= here;
	}
}

static bool apply_mask(struct network *n)
{
	bool cut = false;

	for (size_t i = 0; i < sizeof(n->mask); i++) {
		cut = cut || (n->address[i] & ~n->mask[i]) != 0;
		n->address[i] &= n->mask[i];
	}
	return cut;
}

bool network_parse(struct network *n, struct str text, bool *cut)
{
	const char *slash = memchr(text.data, '/', text.len), *end = text.data + text.len;
	struct str host = str_between(text.data, slash != NULL ? slash : end);
	int64_t most, bits;

	*n = (struct network){.kind = NETWORK_ALL};
	*cut = false;
	if (str_equal(text, STR("all")))
		return true;
	n->kind = NETWORK_UNIX;
	if (str_equal(text, STR("unix:")))
		return true;
	n->kind = NETWORK_V4;
	if (!parse_v4(host, n->address)) {
		n->kind = NETWORK_V6;
		if (!parse_v6(host, n->address))
			return false;
	}
	most = n->kind == NETWORK_V4 ? 32 : 128;
	bits = slash != NULL ? str_to_number(str_between(slash + 1, end)) : most;
	if (bits < 0 || bits > most)
		return false;
	set_mask(n, bits);
	*cut = apply_mask(n);
	return true;
}

/* Returns the bytes of the address, and sets *kind to the kind of the address. */
static const unsigned char *bytes_of(const struct sockaddr *a, enum network_kind *kind)
{
	const struct in6_addr *six = &((const struct sockaddr_in6 *)a)->sin6_addr;

	*kind = a->sa_family == AF_INET6 ? NETWORK_V6 : NETWORK_V4;
	if (a->sa_family == AF_INET)
		return (const unsigned char *)&((const struct sockaddr_in *)a)->sin_addr;
	if (!IN6_IS_ADDR_V4MAPPED(six))
		return six->s6_addr;
	*kind = NETWORK_V4;
	return six->s6_addr + 12;
}

bool network_has(const struct network *n, const struct sockaddr *a)
{
	const unsigned char *bytes;
	enum network_kind kind;

	if (n->kind == NETWORK_ALL)
		return true;
	if (a->sa_family != AF_INET && a->sa_family != AF_INET6)
		return n->kind == NETWORK_UNIX;
	bytes = bytes_of(a, &kind);
	if (n->kind != kind)
		return false;
	for (size_t i = 0; i < (kind == NETWORK_V4 ? 4 : 16); i++)
		if ((bytes[i] & n->mask[i]) != n->address[i])
			return false;
	return true;
}

/* Removes the port (":80") from the end of the text, and the brackets of "[::1]". Returns false
 * if the port is invalid. */
static bool split_port(struct str *text, int64_t *port)
{
	const char *end = text->data + text->len;
	const char *colon = memchr(text->data, ':', text->len);

	*port = 0;
	if (str_starts(*text, STR("["))) {
		const char *close = memchr(text->data, ']', text->len);

		if (close == NULL)
			return false;
		*text = str_between(text->data + 1, close);
		if (close + 1 == end)
			return true;
		colon = close + 1;
	} else if (colon == NULL || memchr(colon + 1, ':', (size_t)(end - colon - 1)) != NULL) {
		/* no colon: no port; several colons: an IPv6 address without a port */
		return true;
	} else {
		*text = str_between(text->data, colon);
	}
	*port = str_to_number(str_between(colon + 1, end));
	return *colon == ':' && *port >= 0 && *port <= 65535;
}

bool peer_parse(union peer *p, struct str text)
{
	int64_t port;

	memset(p, 0, sizeof(*p));
	if (!split_port(&text, &port))
		return false;
	if (parse_v4(text, &p->in.sin_addr)) {
		p->in.sin_family = AF_INET;
		p->in.sin_port = htons((uint16_t)port);
		return true;
	}
	p->in6.sin6_family = AF_INET6;
	p->in6.sin6_port = htons((uint16_t)port);
	return parse_v6(text, &p->in6.sin6_addr);
}

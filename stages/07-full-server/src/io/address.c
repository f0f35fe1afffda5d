#include "io/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

static const char *parse_unix(struct address *a, struct str path)
{
	if (path.len == 0 || path.len >= sizeof(a->un.sun_path))
		return "the path of a unix socket is empty or too long";
	a->un.sun_family = AF_UNIX;
	*put_str(a->un.sun_path, path) = '\0';
	a->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.len + 1);
	return NULL;
}

static const char *parse_ipv6(struct address *a, struct str host, int port)
{
	char text[INET6_ADDRSTRLEN];

	if (host.len >= sizeof(text))
		return "invalid IPv6 address";
	*put_str(text, host) = '\0';
	if (inet_pton(AF_INET6, text, &a->in6.sin6_addr) != 1)
		return "invalid IPv6 address";
	a->in6.sin6_family = AF_INET6;
	a->in6.sin6_port = htons((uint16_t)port);
	a->len = sizeof(a->in6);
	return NULL;
}

static const char *resolve(struct address *a, const char *name, int port)
{
	struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;

	if (getaddrinfo(name, NULL, &hints, &found) != 0)
		return "host not found";
	memcpy(&a->in, found->ai_addr, sizeof(a->in));
	freeaddrinfo(found);
	a->in.sin_port = htons((uint16_t)port);
	a->len = sizeof(a->in);
	return NULL;
}

static const char *parse_ipv4(struct address *a, struct str host, int port)
{
	char text[256];

	a->in.sin_family = AF_INET;
	a->in.sin_port = htons((uint16_t)port);
	a->len = sizeof(a->in);
	if (host.len == 0 || str_equal(host, STR("*"))) {
		a->in.sin_addr.s_addr = INADDR_ANY;
		return NULL;
	}
	if (host.len >= sizeof(text))
		return "host name too long";
	*put_str(text, host) = '\0';
	if (inet_pton(AF_INET, text, &a->in.sin_addr) == 1)
		return NULL;
	return resolve(a, text, port);
}

static bool parse_port(struct str digits, int *port)
{
	int64_t n = str_to_number(digits);

	if (n < 0 || n > 65535)
		return false;
	*port = (int)n;
	return true;
}

/* The two parts of "host:port". */
struct parts {
	struct str host;
	int port;
	bool bracketed; /* the host is in brackets, so it is an IPv6 address */
};

static const char *split(struct parts *p, struct str text, int port)
{
	const char *end = text.data + text.len;
	const char *colon = memrchr(text.data, ':', text.len);

	*p = (struct parts){text, port, text.len > 0 && text.data[0] == '['};
	if (p->bracketed) {
		const char *close = memchr(text.data, ']', text.len);

		if (close == NULL)
			return "a \"]\" is missing";
		p->host = str_between(text.data + 1, close);
		if (close + 1 == end)
			colon = NULL;
		else if (colon != close + 1)
			return "invalid port";
	} else if (colon == NULL && parse_port(text, &p->port)) {
		p->host = STR_NONE;
	} else if (colon != NULL) {
		p->host = str_between(text.data, colon);
	}
	if (colon != NULL && !parse_port(str_between(colon + 1, end), &p->port))
		return "invalid port";
	return NULL;
}

const char *address_parse(struct address *a, struct str text, int port)
{
	struct parts p;
	const char *problem;

	*a = (struct address){.len = 0};
	if (str_starts(text, STR("unix:")))
		return parse_unix(a, (struct str){text.data + 5, text.len - 5});
	problem = split(&p, text, port);
	if (problem != NULL)
		return problem;
	return p.bracketed ? parse_ipv6(a, p.host, p.port) : parse_ipv4(a, p.host, p.port);
}

static bool is_number(struct str host)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr address;

	if (host.len >= sizeof(text))
		return false;
	*put_str(text, host) = '\0';
	return host.len == 0 || str_equal(host, STR("*")) ||
	       inet_pton(AF_INET, text, &address) == 1;
}

bool address_is_numeric(struct str text)
{
	struct parts p;

	if (str_starts(text, STR("unix:")))
		return true;
	return split(&p, text, 0) == NULL && (p.bracketed || is_number(p.host));
}

static void take_found(struct address *a, const struct addrinfo *found, int port)
{
	*a = (struct address){.len = found->ai_addrlen};
	memcpy(&a->any, found->ai_addr, found->ai_addrlen);
	if (found->ai_family == AF_INET6)
		a->in6.sin6_port = htons((uint16_t)port);
	else
		a->in.sin_port = htons((uint16_t)port);
}

const char *address_find(struct address *all, size_t most, size_t *count, struct str text, int port)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found;
	struct parts p;
	char name[256];

	*count = 1;
	if (address_is_numeric(text) || split(&p, text, port) != NULL)
		return address_parse(all, text, port);
	if (p.host.len >= sizeof(name))
		return "host name too long";
	*put_str(name, p.host) = '\0';
	if (getaddrinfo(name, NULL, &hints, &found) != 0)
		return "host not found";
	*count = 0;
	for (const struct addrinfo *f = found; f != NULL && *count < most; f = f->ai_next)
		take_found(&all[(*count)++], f, p.port);
	freeaddrinfo(found);
	return NULL;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return a->len == b->len && memcmp(&a->any, &b->any, a->len) == 0;
}

bool address_is_wildcard(const struct address *a)
{
	if (a->any.sa_family == AF_INET)
		return a->in.sin_addr.s_addr == INADDR_ANY;
	if (a->any.sa_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&a->in6.sin6_addr);
	return false;
}

int address_port(const struct sockaddr *a)
{
	if (a->sa_family == AF_INET)
		return ntohs(((const struct sockaddr_in *)a)->sin_port);
	if (a->sa_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)a)->sin6_port);
	return 0;
}

/* Writes the address as text. The server writes IPv4 addresses very often, and this function is
 * faster than inet_ntop. */
static size_t print_ipv4(const struct in_addr *address, char *text)
{
	const unsigned char *byte = (const unsigned char *)address;
	char *to = text;

	for (int i = 0; i < 4; i++) {
		if (i > 0)
			*to++ = '.';
		to = put_number(to, byte[i]);
	}
	*to = '\0';
	return (size_t)(to - text);
}

size_t address_print(const struct sockaddr *a, char *text)
{
	if (a->sa_family == AF_INET)
		return print_ipv4(&((const struct sockaddr_in *)a)->sin_addr, text);
	if (a->sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)a)->sin6_addr, text,
			  ADDRESS_TEXT);
		return strlen(text);
	}
	return (size_t)sprintf(text, "unix:");
}

size_t address_print_port(const struct sockaddr *a, char *text)
{
	size_t len = 0;

	if (a->sa_family == AF_UNIX)
		return (size_t)sprintf(text, "unix:%s", ((const struct sockaddr_un *)a)->sun_path);
	if (a->sa_family == AF_INET6)
		text[len++] = '[';
	len += address_print(a, text + len);
	if (a->sa_family == AF_INET6)
		text[len++] = ']';
	return len + (size_t)sprintf(text + len, ":%d", address_port(a));
}

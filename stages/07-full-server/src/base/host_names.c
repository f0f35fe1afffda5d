#include "base/host_names.h"

void host_names_fini(struct host_names *n)
{
	hash_fini(&n->exact);
	hash_fini(&n->tails);
	hash_fini(&n->heads);
}

static struct str from(struct str s, size_t n)
{
	return (struct str){s.data + n, s.len - n};
}

struct hash *host_names_table(struct host_names *n, struct str name, struct str *key)
{
	*key = name;
	if (str_starts(name, STR("*."))) {
		*key = from(name, 2);
		return &n->tails;
	}
	if (str_ends(name, STR(".*"))) {
		key->len -= 2;
		return &n->heads;
	}
	return &n->exact;
}

/* For a.b.example.org: looks for "b.example.org", then for "example.org", then for "org". */
static struct hash_node *find_tail(const struct host_names *n, struct str host)
{
	for (size_t i = 0; i < host.len; i++) {
		struct hash_node *found;

		if (host.data[i] != '.')
			continue;
		found = hash_get(&n->tails, from(host, i + 1));
		if (found != NULL)
			return found;
	}
	return NULL;
}

static struct hash_node *find_head(const struct host_names *n, struct str host)
{
	for (size_t i = host.len; i > 0; i--) {
		struct hash_node *found;

		if (host.data[i - 1] != '.')
			continue;
		found = hash_get(&n->heads, (struct str){host.data, i - 1});
		if (found != NULL)
			return found;
	}
	return NULL;
}

struct hash_node *host_names_find(const struct host_names *n, struct str host)
{
	struct hash_node *found = hash_get(&n->exact, host);

	if (found == NULL && n->tails.count > 0)
		found = find_tail(n, host);
	if (found == NULL && n->heads.count > 0)
		found = find_head(n, host);
	return found;
}

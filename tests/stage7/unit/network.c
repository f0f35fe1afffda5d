/* network: sets of addresses, and addresses from headers. */
#include "io/network.h"
#include "unit.h"

static bool has(const char *network, const char *peer)
{
	struct network n;
	union peer p;
	bool cut;

	CHECK(network_parse(&n, str_from(network), &cut));
	CHECK(peer_parse(&p, str_from(peer)));
	return network_has(&n, &p.any);
}

static bool is_network(const char *text)
{
	struct network n;
	bool cut;

	return network_parse(&n, str_from(text), &cut);
}

static bool is_cut(const char *text)
{
	struct network n;
	bool cut;

	return network_parse(&n, str_from(text), &cut) && cut;
}

static int port_of(const char *text)
{
	union peer p;

	return peer_parse(&p, str_from(text)) ? address_port(&p.any) : -1;
}

static void test_networks(void)
{
	CHECK(has("10.0.0.0/8", "10.255.0.1") && !has("10.0.0.0/8", "11.0.0.1"));
	CHECK(has("10.1.2.3", "10.1.2.3") && !has("10.1.2.3", "10.1.2.4"));
	CHECK(has("10.1.2.0/23", "10.1.3.255") && !has("10.1.2.0/23", "10.1.4.0"));
	CHECK(has("0.0.0.0/0", "255.1.2.3") && !has("0.0.0.0/0", "2001:db8::1"));
	CHECK(has("2001:db8::/33", "2001:db8:7fff::1") && !has("2001:db8::/33", "2001:db8:8000::1"));
	CHECK(has("::/0", "2001:db8::1") && !has("::/0", "10.0.0.1"));
	CHECK(has("all", "10.0.0.1") && has("all", "::1") && !has("unix:", "::1"));
	CHECK(has("10.0.0.0/8", "::ffff:10.0.0.1") && !has("::/0", "::ffff:10.0.0.1"));
}

static void test_words(void)
{
	CHECK(is_network("10.0.0.1/32") && is_network("::/128") && is_network("unix:"));
	CHECK(!is_network("10.0.0.1/33") && !is_network("::/129") && !is_network("10.0.0.1/"));
	CHECK(!is_network("10.0.0.1/-1") && !is_network("10.0.0") && !is_network("") && !is_network("host"));
	CHECK(is_cut("10.0.0.1/8") && !is_cut("10.0.0.0/8") && is_cut("::1/64"));
}

static void test_peers(void)
{
	CHECK(port_of("10.0.0.1") == 0 && port_of("10.0.0.1:80") == 80 && port_of("[::1]:81") == 81);
	CHECK(port_of("::1") == 0 && port_of("[::1]") == 0);
	CHECK(port_of("10.0.0.1:") == -1 && port_of("10.0.0.1:x") == -1 && port_of("10.0.0.1:65536") == -1);
	CHECK(port_of("[::1") == -1 && port_of("[::1]80") == -1 && port_of("") == -1);
	CHECK(port_of("localhost") == -1 && port_of("10.0.0.1.5") == -1);
}

int main(void)
{
	test_networks();
	test_words();
	test_peers();
	return 0;
}

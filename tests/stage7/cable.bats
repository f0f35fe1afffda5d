# A client whose cable is pulled: the heartbeat notices, TCP does not.
load lib
load packets

# The server has a network of its own, the client another, and a cable joins them. Nothing of it is left
# when both are gone: $far lives until this shell ends.
plug_in() {
	exec {hold}> >(exec unshare -n cat >/dev/null 3>&- 4>&-)
	far=$!
	within 10 is_apart "$far"
	within 10 is_apart "$pid"
	in_network "$pid" ip link set lo up
	in_network "$pid" ip link add cable type veth peer name plug || skip "no veth here"
	in_network "$pid" ip link set plug netns "$far"
	in_network "$pid" ip addr add 10.9.0.1/24 dev cable
	in_network "$pid" ip link set cable up
	in_network "$far" ip addr add 10.9.0.2/24 dev plug
	in_network "$far" ip link set plug up
}
in_network() { nsenter -t "$1" -n "${@:2}" 3>&- 4>&-; }
is_apart() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }

# connections PID PORT   the states of those of a port, in that process's network: 01 is ESTABLISHED
connections() {
	awk -v port=":$(printf %04X "$2")$" '($2 ~ port || $3 ~ port) && $4 != "0A" { print $4 }' "/proc/$1/net/tcp" | xargs
}

noticed() { grep -q 'packet client 10.9.0.2: heartbeats missed' "$log"; }

@test "the heartbeat notices within its limit, and TCP still says ESTABLISHED" {
	{ [ "$(id -u)" = 0 ] && unshare -n true; } 2>/dev/null || skip "needs root, for networks of its own"
	command -v ip >/dev/null || skip "needs ip (iproute2)"
	IN='unshare -n' LISTEN=0.0.0.0:0 HTTP=0.0.0.0:0 packets 'heartbeat_interval 500ms; heartbeat_missed 3;'
	plug_in

	# the client: one connection of packets, that pings, and one of HTTP, that waits
	http_port=$(port_of http)
	export http_port
	cat >"$tmp/client.py" <<-'END'
		from packets import *
		web = socket.create_connection((HOST, int(os.environ["http_port"])))
		c = Client()
		while True:
		    c.send_packet(PING)
		    c.expect((PING, b""))
		    print("up", flush=True)
		    select.select([], [], [], 0.1)
	END
	packet_host=10.9.0.1 PYTHONPATH=$BATS_TEST_DIRNAME PYTHONDONTWRITEBYTECODE=1 \
		nsenter -t "$far" -n python3 "$tmp/client.py" >"$tmp/client" 3>&- 4>&- &
	local client=$! state last
	within 20 grep -q up "$tmp/client"
	[ "$(connections "$pid" "$packet_port")" = 01 ]
	[ "$(connections "$pid" "$http_port")" = 01 ]

	in_network "$far" ip link set plug down
	local pulled=$SECONDS
	while not noticed; do
		state=$(connections "$pid" "$packet_port")
		not noticed || break
		last=$state
		[ $((SECONDS - pulled)) -le 10 ]
		read -r -t 0.02 -u "$nap" || true
	done
	grep 'heartbeats missed' "$log"
	silent_for 1500

	# until then TCP knew of nothing, and what it still knows is as wrong as before
	echo "the packets' connection until it was dropped: $last"
	[ "$last" = 01 ]
	[ "$(connections "$pid" "$http_port")" = 01 ]
	[ "$(connections "$far" "$packet_port")" = 01 ]
	# the server's kernel has forgotten it, and does not wait for a FIN to be acknowledged
	[ -z "$(connections "$pid" "$packet_port")" ]
	# and others are served
	in_network "$pid" "$TOP/build/tools/packet" "$packet_port" ping 1
	kill "$client"
	wait "$client" || true
	stop
}

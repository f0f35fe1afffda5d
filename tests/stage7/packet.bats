# own network
# The packet server, over real sockets: what it answers, which clients it drops, and what it does when workers come and go.
load lib
load packets

workers() { pgrep -P "$pid" || true; }
workers_are() { [ "$(workers | wc -l)" -eq "$1" ]; }
descriptors() { ls "/proc/$1/fd" | wc -l; }
ended() { [ "$(grep -c "packet client 127.0.0.1: $1" "$log")" -eq "${2:-1}" ]; } # ended REASON [TIMES]

@test "ping, echo and say are answered, in the order of the packets" {
	packets ''
	py <<-'END'
		a, b = Client(), Client()
		assert b.is_alive() # both are accepted
		a.sendall(packet(PING, b"\x00\x00\x00\x01 and when") + packet(ECHO, b"hello") + packet(ECHO) + packet(SAY, b"to you"))
		a.expect((PING, b"\x00\x00\x00\x01 and when"), (ECHO, b"hello"), (ECHO, b""), (SAY, b"to you"))
		b.expect((SAY, b"to you"))
		large = bytes(range(256)) * 127
		a.send_packet(ECHO, large)
		a.expect((ECHO, large))
	END
	url=http://127.0.0.1:$(port_of http)
	counted() { answers 200 /status && grep -q '"packets": {"clients": 0, "received": [1-9]' "$body"; }
	within 10 counted
	stop
}

@test "a byte at a time, and two packets split at every place" {
	packets 'packet_rate 1000;'
	py <<-'END'
		c = Client()
		two = packet(ECHO, b"first") + packet(PING, b"2nd")
		for place in range(len(two)):
		    c.sendall(two[:place])
		    c.wait_until_read()
		    c.sendall(two[place:])
		    c.expect((ECHO, b"first"), (PING, b"2nd"))
		for i in range(len(two)):
		    c.sendall(two[i:i + 1])
		    c.wait_until_read()
		c.expect((ECHO, b"first"), (PING, b"2nd"))
	END
	stop
}

@test "who only pings stays, and who only sends data, and who only answers probes" {
	packets 'heartbeat_interval 1s; heartbeat_missed 2;'
	py <<-'END'
		pings, talks, listens = Client(), Client(), Client()
		until = time.monotonic() + 5
		while time.monotonic() < until:
		    pings.send_packet(PING)
		    pings.expect((PING, b""))
		    talks.send_packet(ECHO, b"x")
		    talks.expect((ECHO, b"x"))
		    if select.select([listens], [], [], 0.05)[0]:
		        listens.expect((PROBE, b""))
		        listens.send_packet(PROBE)
		assert pings.is_alive() and talks.is_alive() and listens.is_alive()
	END
	stop
}

@test "who is silent is asked after half the time, and dropped after all of it" {
	packets 'heartbeat_interval 600ms; heartbeat_missed 2;'
	py <<-'END'
		begun = time.monotonic()
		c = Client()
		c.expect((PROBE, b""))
		assert time.monotonic() - begun > 0.59
		c.expect((BYE, b"heartbeats missed"))
		assert time.monotonic() - begun > 1.19
		assert c.read() is None
	END
	silent_for 1200
	stop
}

@test "bytes that never become a packet do not count as life" {
	packets 'heartbeat_interval 100ms; heartbeat_missed 4;'
	py <<-'END'
		c = Client()
		c.sendall(packet(ECHO, bytes(4000))[:100])
		begun = time.monotonic()
		while time.monotonic() - begun < 5:
		    if select.select([c], [], [], 0.02)[0] and (came := c.read()) != (PROBE, b""):
		        assert came == (BYE, b"heartbeats missed"), came
		        break
		    c.sendall(b"x")
	END
	ended 'heartbeats missed'
	stop
}

@test "a malformed packet of each kind ends its connection, and no other; the log tells them apart" {
	packets 'packet_max 1k; heartbeat_interval 10s;'
	py <<-'END'
		other = Client()
		bad = {
		    "malformed: a length below 8": [packet(ECHO, length=0), packet(ECHO, length=7)],
		    "oversize: a length above packet_max": [packet(ECHO, length=1025), packet(ECHO, length=65535)],
		    "malformed: wrong CRC": [packet(ECHO, b"x", crc=0), packet(ECHO, crc=1)],
		    "malformed: unknown command": [packet(4), packet(5, b"x"), packet(65535)],
		}
		for why, kinds in bad.items():
		    for kind in kinds:
		        c = Client()
		        c.sendall(packet(ECHO, b"good") + kind + packet(ECHO, b"never answered"))
		        came, bye = c.until_end()
		        assert came == [(ECHO, b"good"), (BYE, why.encode())], (came, why)
		c = Client()
		c.sendall(packet(ECHO, bytes(1016))) # as long as may be
		c.expect((ECHO, bytes(1016)))
		assert other.is_alive()
	END
	ended 'malformed: a length below 8' 2
	ended 'oversize: a length above packet_max' 2
	ended 'malformed: wrong CRC' 2
	ended 'malformed: unknown command' 3
	ended 'it has left' 2
	stop
}

@test "a flood is dropped; who keeps to the rate is not" {
	packets 'packet_rate 50;'
	py <<-'END'
		good, bad = Client(), Client()
		for i in range(30):
		    good.send_packet(PING)
		    good.expect((PING, b""))
		bad.sendall(packet(PING) * 1000)
		came, bye = bad.until_end()
		assert bye == "flood: too many packets a second", bye
		assert came.count((PING, b"")) >= 100, came
		assert good.is_alive()
	END
	ended flood
	stop
}

@test "who does not read is not read from, and is dropped; who reads slowly gets all" {
	LISTEN='127.0.0.1:0 sndbuf=8k' packets 'heartbeat_interval 1s; packet_rate 10000;'
	py <<-'END'
		slow, deaf = Client(room=4096), Client(room=4096)
		one = packet(ECHO, bytes(30000))
		deaf.setblocking(False)
		sent = 0
		while True: # until the server reads no more, and no buffer has room
		    try:
		        sent += deaf.send(one[sent % len(one):])
		    except BlockingIOError:
		        if not select.select([], [deaf], [], 0.2)[1]:
		            break
		assert sent < 20000000, sent
		for i in range(20):
		    slow.sendall(one)
		    begun = len(slow.bytes)
		    while len(slow.bytes) < len(one): # a sip at a time
		        slow.bytes += slow.recv(2000)
		        select.select([], [], [], 0.005)
		    while (came := slow.read()) == (PROBE, b""):
		        pass
		    assert came == (ECHO, bytes(30000))
		poll = select.poll()
		poll.register(deaf, 0)
		assert poll.poll(20000), "it still stands"
	END
	ended 'it does not read'
	stop
}

@test "what others say to a client that does not read is kept up to packet_unsent" {
	LISTEN='127.0.0.1:0 sndbuf=8k' packets 'packet_max 8k; packet_unsent 32k; packet_rate 10000;'
	py <<-'END'
		deaf, talker = Client(room=4096), Client()
		assert deaf.is_alive()
		poll = select.poll()
		poll.register(deaf, 0)
		for said in range(2000):
		    talker.send_packet(SAY, bytes(8000))
		    talker.expect((SAY, bytes(8000)))
		    if poll.poll(0):
		        break
		else:
		    assert False, "it still stands"
		assert talker.is_alive()
	END
	ended 'it does not read'
	stop
}

@test "six hundred at once, all heard when the server has slept beyond their limit; none leaves anything behind" {
	CONNECTIONS=800 packets 'heartbeat_interval 1s;'
	local before
	py <<-'END'
		c = Client()
		assert c.is_alive()
	END
	within 10 ended 'it has left'
	before=$(descriptors "$pid")
	py <<-'END'
		import resource, signal
		resource.setrlimit(resource.RLIMIT_NOFILE, (2000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
		server = int(os.environ["pid"])
		clients = [Client() for i in range(600)]
		for c in clients:
		    c.send_packet(ECHO, b"here")
		    while c.read() == (PROBE, b""):
		        pass
		os.kill(server, signal.SIGSTOP)
		for c in clients:
		    c.send_packet(ECHO, b"still here")
		select.select([], [], [], 3.2)
		os.kill(server, signal.SIGCONT)
		for c in clients:
		    while (came := c.read()) == (PROBE, b""):
		        pass
		    assert came == (ECHO, b"still here"), came
	END
	within 10 ended 'it has left' 601
	[ "$(descriptors "$pid")" -eq "$before" ]
	stop
}

@test "no client of any kind leaves a descriptor behind" {
	packets 'heartbeat_interval 500ms;'
	local before
	client ping
	within 10 ended 'it has left'
	before=$(descriptors "$pid")
	for kind in 'ping 2' 'echo text' 'say text' silent flood 'malformed short' 'malformed long' 'malformed crc' 'malformed command'; do
		client $kind # words
	done
	client deaf
	back() { [ "$(descriptors "$pid")" -eq "$before" ]; }
	within 10 back
	stop
}

@test "tools/packet: what it prints, and when it fails" {
	packets 'heartbeat_interval 500ms;'
	client ping 2 >"$tmp/got"
	cat "$tmp/got"
	grep -qE '^ping 2: answered after [0-9.]+ ms$' "$tmp/got"
	grep -q '^2 of 2 answered' "$tmp/got"
	[ "$(client echo hello)" = 'echo: hello' ]
	[ "$(client say hello you)" = 'to all: hello you' ]
	client silent >"$tmp/got"
	grep -q 'asks whether we live' "$tmp/got"
	grep -q 'the server says bye: heartbeats missed' "$tmp/got"
	client stay -t 1 -e 50
	"$TOP/build/tools/packet" --help | grep -q '^usage: packet'
	for wrong in '' 'dance' 'ping x' 'echo' 'malformed odd' 'silent now'; do
		local code=0
		client $wrong 2>"$tmp/got" || code=$?
		[ "$code" -eq 2 ]
		grep -q '^usage: packet' "$tmp/got"
	done
	stop
	run "$TOP/build/tools/packet" "$packet_port" ping
	[ "$status" -eq 1 ]
	[[ $output == *'Connection refused'* ]]
}

@test "SIGQUIT: clients are told, what is under way is answered, and a second later they are gone" {
	packets ''
	py <<-'END'
		import signal
		polite, stubborn = Client(), Client()
		assert polite.is_alive() and stubborn.is_alive()
		os.kill(int(os.environ["pid"]), signal.SIGQUIT)
		polite.send_packet(ECHO, b"under way")
		assert {polite.read(), polite.read()} == {(BYE, b"the server leaves"), (ECHO, b"under way")}
		polite.close()
		stubborn.expect((BYE, b"the server leaves"))
		assert stubborn.read() is None
	END
	ends_well
	ended 'it has left'
	ended 'the server leaves'
}
gone() { ! [ -d "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"; }

@test "SIGTERM: clients hear a bye, and the end" {
	packets ''
	py <<-'END'
		import signal
		c = Client()
		c.sendall(packet(ECHO, b"half")[:9])
		c.wait_until_read()
		os.kill(int(os.environ["pid"]), signal.SIGTERM)
		assert c.until_end() == ([(BYE, b"the server leaves")], "the server leaves")
	END
	ends_well
}
ends_well() { # the server has had its signal
	local code=0
	within 10 gone "$pid"
	wait "$pid" || code=$?
	pid=
	[ "$code" -eq 0 ]
	not grep -E 'ERROR: (Address|Leak)Sanitizer|runtime error' "$log"
}

@test "a reload says bye to the clients of the old workers, and keeps the port: who comes again is served" {
	MASTER=on WORKERS=2 packets 'heartbeat_interval 10s;'
	local before
	before=$(workers)
	py <<-'END'
		import signal
		clients = [Client() for i in range(20)]
		assert all(c.is_alive() for c in clients)
		os.kill(int(os.environ["pid"]), signal.SIGHUP)
		for c in clients:
		    c.expect((BYE, b"the server leaves"))
		# no client is refused; one that comes at once may still meet another worker that leaves
		within(10, lambda: Client().is_alive())
		for c in clients:
		    assert c.read() is None
	END
	others() { workers_are 2 && [ -z "$(comm -12 <(sort <<<"$before") <(workers | sort))" ]; }
	within 10 others
	py <<-'END'
		assert all(c.is_alive() for c in [Client() for i in range(20)])
	END
	stop
}

@test "a worker that is killed: its clients see the end, and find the next one" {
	MASTER=on WORKERS=1 packets ''
	local victim
	within 10 workers_are 1
	victim=$(workers)
	export victim
	py <<-'END'
		import signal
		c = Client()
		assert c.is_alive()
		os.kill(int(os.environ["victim"]), signal.SIGKILL)
		assert c.read() is None
		assert Client().is_alive()
	END
	within 10 workers_are 1
	[ "$(workers)" != "$victim" ]
	stop
}

@test "an upgrade keeps the port of the packets, too" {
	MASTER=on WORKERS=1 packets ''
	local first=$pid
	kill -USR2 "$first"
	new_master() { [ -s "$tmp/server.pid" ] && [ "$(cat "$tmp/server.pid")" != "$first" ]; }
	within 20 new_master
	kill -QUIT "$first"
	within 20 gone "$first"
	client echo new
	wait "$first"
	pid=$(cat "$tmp/server.pid")
	kill "$pid"
	within 10 gone "$pid"
	pid=
}

@test "what is wrong in the configuration is said with its place" {
	config_error 'bad.conf:1: "heartbeat_interval" directive is not allowed here' 'heartbeat_interval 1s;'
	config_error 'bad.conf:1: "server" directive is not allowed here' 'packet { server {} }'
	config_error 'bad.conf:1: "heartbeat_interval" must be between 1ms and 1d' 'packet { heartbeat_interval 0; }'
	config_error 'bad.conf:1: "heartbeat_interval" must be between 1ms and 1d' 'packet { heartbeat_interval 2d; }'
	config_error 'bad.conf:1: "heartbeat_missed" must be between 1 and 1000' 'packet { heartbeat_missed 0; }'
	config_error 'bad.conf:1: "packet_max" must be between 8 and 65535' 'packet { packet_max 64k; }'
	config_error 'bad.conf:1: "packet_max" must be between 8 and 65535' 'packet { packet_max 7; }'
	config_error 'bad.conf:1: "packet_unsent" must be between two of "packet_max" and 1024m' 'packet { packet_unsent 32k; }'
	config_error 'bad.conf:1: invalid parameter "default_server"' 'packet { listen 7777 default_server; }'
	config_error 'bad.conf:1: "packet" directive is duplicate' 'packet { } packet { }'
	config_error 'bad.conf:1: invalid port' 'packet { listen 127.0.0.1:99999; }'
	config_error '127.0.0.1:7777 is listened on already' 'packet { listen 127.0.0.1:7777; } http { access_log off; server { listen 127.0.0.1:7777; } }'
	config_error 'bad.conf:1: unix:p.sock is listened on already' 'packet { listen unix:p.sock; listen unix:p.sock; }'
	config_good 'events {} packet { listen 127.0.0.1:0; listen 127.0.0.1:0; }'
	config_good 'events {} packet { listen 127.0.0.1:0 backlog=5 so_keepalive=on; heartbeat_interval 1m; packet_max 65535; }'
}

@test "packets over a unix socket" {
	LISTEN="127.0.0.1:0; listen unix:$tmp/p.sock" packets ''
	py <<-'END'
		c = socket.socket(socket.AF_UNIX)
		c.connect(os.path.join(os.environ["tmp"], "p.sock"))
		c.sendall(packet(ECHO, b"hello"))
		assert c.recv(100) == packet(ECHO, b"hello")
	END
	stop
	[ ! -e "$tmp/p.sock" ]
}

# Clients that leave while their request waits or is slowed down: their slots, and what limit_conn counted for them, are free again.
load lib

make_site() { echo page >"$site/page"; head -c 3000000 /dev/zero >"$site/large"; }

begin() {
	http "limit_req_zone everybody zone=slow:64k rate=1r/m; limit_conn_zone everybody zone=all:64k;
		server { listen LISTEN; root $site;
			location = /status { status; }
			location = /waits { limit_req zone=slow burst=1000; limit_conn all 100; alias $site/page; }
			location = /large { limit_rate 20; limit_conn all 100; }
			location = /count { limit_conn all 1; alias $site/page; } }"
}

# crowd PATH LEAVE   30 clients ask for it and leave: close, reset, or half (they send no more)
crowd() {
	python3 - "$port" "$1" "$2" <<'P'
import socket, struct, sys
port, path, leave = int(sys.argv[1]), sys.argv[2], sys.argv[3]
crowd = [socket.create_connection(("127.0.0.1", port)) for _ in range(30)]
for s in crowd:
    s.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
if path == "/large":
    for s in crowd: s.recv(10)
for s in crowd:
    if leave == "half": s.shutdown(socket.SHUT_WR)
    elif leave == "reset": s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if leave != "half": s.close()
if leave == "half":
    for s in crowd: s.recv(1)   # the end: the server has let it go
P
}

writing() { [ "$(curl -s "$url/status" | grep -o '"writing":[ ]*[0-9]*' | grep -o '[0-9]*$' | head -n 1)" -eq "$1" ]; }

@test "a delayed or slowed request whose client leaves: no slot, no count is left" {
	begin
	for path in /large /waits; do
		for leave in close reset half; do
			[ "$path $leave" != '/large half' ] || continue
			echo "$path $leave"
			crowd "$path" "$leave"
			within 10 writing 1 # the question itself
			within 10 answers 200 /count
		done
	done
	stop
}

@test "a client that has only finished sending still gets all of a slowed answer" {
	server 'location = /large { limit_rate 40m; }'
	got=$(python3 - "$port" <<'P'
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(b"GET /large HTTP/1.0\r\n\r\n")
s.shutdown(socket.SHUT_WR)
print(sum(len(b) for b in iter(lambda: s.recv(65536), b"")))
P
	)
	[ "$got" -gt 3000000 ]
	stop
}

# What the server tells of itself: stub_status, status, and the page that draws it.
load lib

make_site() {
	echo page >"$site/index.html"
}

@test "stub_status: the words that every tool reads" {
	server 'location = /s { stub_status; }'
	answers 200 /s
	[ "$(header Content-Type)" = text/plain ]
	answers 200 /
	answers 200 /
	answers 200 /s
	[ "$(cat "$body")" = $'Active connections: 1 \nserver accepts handled requests\n 4 4 4 \nReading: 0 Writing: 1 Waiting: 0 ' ]
	answers 405 -X POST /s
	answers 200 -I /s
	stop
}

@test "stub_status: who waits, and who is still talking" {
	server 'location = /s { stub_status; } location = /v { return 200 "$connections_active $connections_reading $connections_writing $connections_waiting"; }'
	exec {idle}<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' >&"$idle"
	exec {talking}<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET / HT' >&"$talking"
	is_so() {
		fetch /v && [ "$(cat "$body")" = '3 1 1 1' ]
	}
	within 10 is_so
	answers 200 /s
	grep -q 'Reading: 1 Writing: 1 Waiting: 1 ' "$body"
	exec {idle}>&- {talking}>&-
	is_alone() {
		fetch /v && [ "$(cat "$body")" = '1 0 1 0' ]
	}
	within 10 is_alone
	stop
}

# number PATH...   what is there in the JSON of the last answer
number() {
	python3 -c 'import json, sys
value = json.load(open(sys.argv[1]))
for name in sys.argv[2:]: value = value[name]
print(value)' "$body" "$@"
}

@test "status: JSON that is true" {
	server 'location = /status { status; }'
	answers 200 /
	answers 200 /status
	[ "$(header Content-Type)" = application/json ]
	[ "$(header Cache-Control)" = no-store ]
	[ "$(number pid)" = "$pid" ]
	[ "$(number requests)" = 2 ]
	[ "$(number connections accepted)" = 2 ]
	[ "$(number connections writing)" = 1 ]
	[ "$(number slots size)" = 256 ]
	[ "$(number uptime_ms)" -ge 0 ]
	[ "$(number pools alive)" -ge 1 ]
	[ "$(number allocator heap_bytes)" -ge 0 ]
	number allocator small_blocks 128
	number timers
	answers 405 -X PUT /status
	stop
}

@test "a port and a folder are enough: /status is there, and the page that draws it" {
	log=$tmp/quick.log
	mkfifo "$tmp/quick"
	"$BUILT/server" 0 "$TOP/www" >"$tmp/quick" 2>"$log" 3>&- 4>&- &
	pid=$!
	read -r -t 60 line <"$tmp/quick"
	url=${line#listening on } url=${url%/}
	answers 200 /status
	number connections waiting
	answers 200 /status.html
	[ "$(header Content-Type)" = text/html ]
	grep -q "fetch('status')" "$body"
	stop
}

@test "what is wrong in the configuration" {
	config_error '"status" directive is not allowed here' 'http { status; }'
	config_error '"stub_status" directive is not allowed here' 'http { stub_status; }'
	config_error 'invalid number of arguments' 'http { server { status on; } }'
}

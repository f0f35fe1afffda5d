# Bodies of requests: refused in time, dropped, and the connection closed so that the answer arrives.
load lib

make_site() {
	echo 'one' >"$site/one"
	head -c 20000000 /dev/zero >"$tmp/upload"
}

@test "413 reaches a client that sends all the same" {
	server 'client_max_body_size 1k; lingering_timeout 1s;'
	for _ in 1 2 3 4 5; do
		answers 413 -H 'Expect:' --data-binary "@$tmp/upload" /one
		[ "$(header Connection)" = close ]
	done
	stop
}

@test "405 to a large upload leaves the connection in step" {
	server 'client_max_body_size 0; client_body_buffer_size 8k;'
	for size in 1 4000 5000 100000; do
		bytes=$(printf "%${size}s" '' | tr ' ' b)
		raw "POST /one HTTP/1.1\r\nHost: x\r\nContent-Length: $size\r\n\r\n${bytes}GET /one HTTP/1.0\r\n\r\n"
		[ "$(statuses)" = '405 200' ]
	done
	stop
}

@test "a client that waits for 100 gets the answer instead" {
	server ''
	answers 405 -H 'Expect: 100-continue' --data-binary "@$tmp/server.conf" /one
	[ "$(header Connection)" = close ]
	stop
}

@test "a chunked body that is none" {
	server ''
	post='POST /one HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'
	for bad in 'x\r\n' '5\r\nhellox' 'fffffffffffffffff\r\n' '-1\r\n'; do
		raw "$post$bad" 3
		[ "$(statuses)" = 405 ]
	done
	stop
}

@test "the head does not take longer than client_header_timeout" {
	server 'client_header_timeout 300ms;'
	raw 'GET /one HTTP/1.1\r\nHo' 10
	[ "$status" = none ]
	raw '' 10
	[ "$status" = none ]
	stop
}

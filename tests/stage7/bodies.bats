# Bodies that a handler uses: in memory and in files. The server has a module more, which
# sends them back (modules/echo_body.c).
load lib

make_site() {
	head -c 100000 /dev/urandom >"$tmp/upload"
	build "$BUILT/server" "$BUILT/parts.a"
	with_module echo_body "$BATS_TEST_DIRNAME/modules/echo_body.c"
}

setup() { BUILT=$tmp/with-echo_body; }

seen='add_header X-Body $request_body; add_header X-File $request_body_file; add_header X-Length $request_length;'

# echoes SIZE [curl options]   what comes back is what was sent
echoes() {
	head -c "$1" "$tmp/upload" >"$tmp/sent"
	answers 200 --data-binary "@$tmp/sent" "${@:2}" /echo
	cmp "$body" "$tmp/sent"
}

files() { find "$tmp/client_body_temp" -type f 2>/dev/null | wc -l; }

@test "up to client_body_buffer_size in memory, a little more as well, and else in a file" {
	server "client_body_buffer_size 8k; location /echo { echo_body; $seen }"
	answers 200 -d 'hello=world' /echo
	[ "$(cat "$body")" = hello=world ]
	[ "$(header X-Body)" = hello=world ]
	[ -z "$(header X-File)" ]
	for size in 1 8191 8192 8193 10239; do
		echoes "$size"
		[ -z "$(header X-File)" ]
		echoes "$size" -H 'Expect:'
	done
	for size in 10240 16384 16385 99999; do
		echoes "$size"
		[[ $(header X-File) =~ ^"$tmp/client_body_temp/"[0-9]{10}$ ]]
		[ -z "$(header X-Body)" ]
		within 20 test "$(files)" = 0
	done
	# without a length nothing is known before
	echoes 8192 -H 'Transfer-Encoding: chunked'
	[ -z "$(header X-File)" ]
	echoes 8193 -H 'Transfer-Encoding: chunked'
	[ -n "$(header X-File)" ]
	answers 200 -X POST -H 'Content-Length: 0' /echo
	[ ! -s "$body" ]
	answers 200 /echo
	stop
}

@test "the file has all of the body for as long as the request lasts" {
	server "client_body_buffer_size 8k; location /echo { echo_body; limit_rate 10k; $seen }"
	head -c 20000 "$tmp/upload" >"$tmp/sent"
	curl -sS -o "$tmp/back" -D "$tmp/head" -H 'Expect:' --data-binary "@$tmp/sent" "$url/echo" 3>&- 4>&- &
	client=$!
	head=$tmp/head
	within 20 grep -qs '^X-File' "$head"
	cmp "$(header X-File)" "$tmp/sent"
	wait "$client"
	cmp "$tmp/back" "$tmp/sent"
	within 20 test ! -e "$(header X-File)"
	stop
}

@test "a body in single bytes, with the next request behind it" {
	server 'client_body_buffer_size 1k; location /echo { echo_body; }'
	raw 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhelloPOST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\nGET /echo HTTP/1.0\r\n\r\n'
	[ "$(statuses)" = '200 200 200' ]
	grep -q '^helloHTTP' "$answer"
	grep -q '^abcdeHTTP' "$answer"
	exec {slow}<>"/dev/tcp/127.0.0.1/$port"
	head=$'POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 12\r\n\r\n'
	bytes="${head}slow and good"
	bytes=${bytes:0:$((${#head} + 12))} # no more than was said
	for ((i = 0; i < ${#bytes}; i++)); do printf '%s' "${bytes:i:1}" >&"$slow"; done
	[ "$(timeout 20 tail -c 12 <&"$slow")" = 'slow and goo' ]
	exec {slow}>&-
	stop
}

@test "Expect: 100-continue is answered when the body is wanted" {
	server 'location /echo { echo_body; client_max_body_size 10; }'
	raw 'POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n' 1
	[ "$status" = 100 ]
	raw 'POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n'
	[ "$status" = 413 ]
	answers 200 -H 'Expect: 100-continue' -d hello /echo
	[ "$(cat "$body")" = hello ]
	# how long a chunked body will be is not known before it is too long
	answers 413 -H 'Transfer-Encoding: chunked' -d 'hello hello' /echo
	answers 200 -H 'Transfer-Encoding: chunked' -d 'hello hell' /echo
	stop
}

@test "client_body_in_file_only: small ones, too; on leaves them there" {
	server "location /echo { echo_body; client_body_in_file_only clean; $seen }
		location /kept { echo_body; client_body_in_file_only on; $seen }"
	echoes 5
	[ -n "$(header X-File)" ]
	[ -z "$(header X-Body)" ]
	within 20 test "$(files)" = 0
	for size in 5 20000; do
		head -c "$size" "$tmp/upload" >"$tmp/sent"
		answers 200 --data-binary "@$tmp/sent" /kept
		cmp "$body" "$tmp/sent"
		cmp "$(header X-File)" "$tmp/sent"
		[ "$(stat -c %a "$(header X-File)")" = 600 ]
	done
	[ "$(files)" = 2 ]
	stop
	[ "$(files)" = 2 ]
	rm -r "$tmp/client_body_temp"
}

@test "client_body_temp_path: levels; made at the start, or when they are needed" {
	server "client_body_temp_path bodies 1 2 3; location /echo { echo_body; client_body_in_file_only on; $seen }
		location /deep { client_body_temp_path $tmp/no/such/folder; client_body_in_file_only on; echo_body; }" && false
	grep -q "mkdir(\"$tmp/no/such/folder\"): No such file" "$log"
	wait "$pid" || true
	server "client_body_temp_path bodies 1 2 3; location /echo { echo_body; client_body_in_file_only on; $seen }"
	[ -d "$tmp/bodies" ]
	echoes 5
	file=$(header X-File)
	[[ $file =~ ^"$tmp/bodies/"([0-9])/([0-9]{2})/([0-9]{3})/([0-9]{10})$ ]]
	[[ $file =~ /(.)/(..)/(...)/....(...)(..)(.)$ ]]
	[ "${BASH_REMATCH[*]:1:3}" = "${BASH_REMATCH[6]} ${BASH_REMATCH[5]} ${BASH_REMATCH[4]}" ]
	cmp "$file" "$tmp/sent"
	chmod 0 "$tmp/bodies"
	if [ "$(id -u)" != 0 ]; then
		answers 500 -d x /echo
		grep -q 'a temporary file in' "$log"
	fi
	chmod 700 "$tmp/bodies"
	stop
	config_error 'invalid value "4" in "client_body_temp_path"' 'events {} http { client_body_temp_path x 1 4; }'
	[ ! -e "$tmp/x" ]
}

@test "a body that stops: 408 after client_body_timeout, and nothing is left of it" {
	server 'client_body_timeout 300ms; client_body_buffer_size 1k; location /echo { echo_body; }'
	raw "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n$(head -c 2000 /dev/zero | tr '\0' x)"
	[ "$status" = 408 ]
	within 20 test "$(files)" = 0
	raw "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX"
	[ "$status" = 400 ]
	stop
}

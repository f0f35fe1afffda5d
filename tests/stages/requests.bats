# One request, one answer: methods, statuses, and heads that are wrong.
load lib

# repeat N CHARACTER
repeat() {
	printf "%*s" "$1" '' | tr ' ' "$2"
}

get_and_head() {
	serve
	gets / "$site/index.html"
	[ "$(header Connection)" = close ]
	[[ $(header Date) =~ ^(Mon|Tue|Wed|Thu|Fri|Sat|Sun),\ [0-9]{2}\ [A-Z][a-z]{2}\ 20[0-9]{2}\ [0-9:]{8}\ GMT$ ]]
	gets /plain.txt "$site/plain.txt"
	gets '/plain.txt?query=%zz&/../..' "$site/plain.txt"

	ask 'HEAD /plain.txt HTTP/1.1'
	[ "$status" = 200 ]
	[ "$(header Content-Length)" = 6 ]
	[ -z "$(body)" ]
	ask 'HEAD /nothing HTTP/1.1'
	[ "$status" = 404 ]
	[ -z "$(body)" ]
	stop
}
@test "GET gives the file, HEAD its head alone" {
	each_stage get_and_head
}

by_curl() {
	serve
	[ "$(curl -sS --fail-with-body "http://127.0.0.1:$port/")" = 'the front page' ]
	curl -sS -o "$tmp/copy" "http://127.0.0.1:$port/big"
	cmp "$tmp/copy" "$site/big"
	curl -sSI "http://127.0.0.1:$port/big" | grep -q '^Content-Length: 4800008'
	stop
}
@test "curl is content" {
	each_stage by_curl
}

missing() {
	serve
	answers 404 'GET /nothing HTTP/1.0'
	[ "$(body)" = '404 Not Found' ]
	answers 404 'GET /plain.txt/ HTTP/1.0'
	answers 404 'GET /plain.txt/below HTTP/1.0'
	answers 404 'GET /no/where HTTP/1.0'
	answers 404 'GET /bare/ HTTP/1.0' # a folder without index.html
	answers 404 "GET /$(repeat 300 n) HTTP/1.0"
	stop
}
@test "404: there is no such file" {
	each_stage missing
}

methods() {
	serve
	for method in POST PUT DELETE PATCH OPTIONS TRACE CONNECT; do
		answers 405 "$method / HTTP/1.1"
		[ "$(header Allow)" = 'GET, HEAD' ]
	done
	answers 405 'OPTIONS * HTTP/1.1'
	answers 501 'BREW / HTTP/1.1'
	answers 501 'get / HTTP/1.1'
	answers 501 'GETS / HTTP/1.1'
	[ -z "$(header Allow)" ]
	stop
}
@test "405 names the methods there are, 501 is for unknown methods" {
	each_stage methods
}

wrong() {
	serve
	answers 400 'GET'
	answers 400 'GET /'
	answers 400 'GET / '
	answers 400 'GET  / HTTP/1.1'
	answers 400 'GET / HTTP/1.1 '
	answers 400 'GET /two words.txt HTTP/1.1'
	answers 400 'GET / HTTP/2.0'
	answers 400 'GET / HTTP/1.10'
	answers 400 'GET / http/1.1'
	answers 400 'GET / FTP/1.1'
	answers 400 'GET plain.txt HTTP/1.1'
	answers 400 'GET * HTTP/1.1'
	for escape in % %4 %zz %g0 %0g %-1 %+1 '% 1' %00 a%00b plain.txt%00.png; do
		answers 400 "GET /$escape HTTP/1.1"
	done
	answers 400 'GET /\x00 HTTP/1.1'
	raw '\x16\x03\x01\x02\n\n' # TLS at the wrong door
	[ "$status" = 400 ]
	stop
}
@test "400: what is no request" {
	each_stage wrong
}

too_long() {
	serve
	answers 404 "GET /$(repeat 240 n)/$(repeat 240 n) HTTP/1.1"
	answers 414 "GET /$(repeat 5000 n) HTTP/1.1"
	answers 414 "GET /$(repeat 8180 n) HTTP/1.1"
	answers 414 "GET /$(repeat 20000 n) HTTP/1.1"
	answers 431 "GET / HTTP/1.1\r\nX: $(repeat 8191 n)"
	answers 431 "GET / HTTP/1.1\r\nX: $(repeat 100000 n)"
	raw "GET / HTTP/1.1\r\n$(for n in {1..900}; do echo "X$n: $n\r"; done)\r\n\r\n"
	[ "$status" = 431 ]
	# the longest that fits: 8191 bytes with its empty line
	answers 200 "GET / HTTP/1.1\r\nX: $(repeat 8156 n)"
	answers 431 "GET / HTTP/1.1\r\nX: $(repeat 8157 n)"
	stop
}
@test "414 and 431: a target or a head beyond all measure" {
	each_stage too_long
}

line_ends() {
	serve
	raw 'GET / HTTP/1.0\n\n'
	[ "$status" = 200 ]
	raw 'GET / HTTP/1.0\r\n\r\n'
	[ "$status" = 200 ]
	raw '\r\nGET / HTTP/1.0\r\n\r\n' # some clients send one after a form
	[ "$status" = 200 ]
	raw 'GET / HTTP/1.1\nHost: here\r\n\n'
	[ "$status" = 200 ]
	stop
}
@test "lines end in CR LF or LF" {
	each_stage line_ends
}

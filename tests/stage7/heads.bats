# Heads that are wrong, and those that only look so (RFC 9112).
load lib

make_site() {
	echo 'one' >"$site/one"
}

@test "request lines" {
	server ''
	rest='\r\nHost: x\r\nConnection: close\r\n\r\n'
	refuses 200 "GET /one HTTP/1.1$rest"
	refuses 200 "\r\n\r\nGET /one HTTP/1.1$rest"
	refuses 200 "GET /one HTTP/1.1\nHost: x\nConnection: close\n\n"
	refuses 200 "GET http://x/one HTTP/1.1$rest"
	refuses 200 "GET http://x/one?a HTTP/1.1$rest"
	for target in '/one#' '/one#a' '/one?a#b' 'http://x/one#a' 'http://x#a' '#' '*#'; do refuses 400 "GET $target HTTP/1.1$rest"; done
	for scheme in . + - 1 .evil.com; do refuses 400 "GET $scheme://x/one HTTP/1.1$rest"; done
	refuses 200 "GET /one HTTP/1.7$rest"
	refuses 400 "get /one HTTP/1.1$rest"
	refuses 400 "GET one HTTP/1.1$rest"
	refuses 400 "GET  /one HTTP/1.1$rest"
	refuses 400 "GET /o ne HTTP/1.1$rest"
	refuses 400 "GET /one HTTP/1.1 $rest"
	refuses 400 "GET /one HTTP/0.8$rest"
	refuses 400 "GET /one HTTP/1.x$rest"
	refuses 505 "GET /one HTTP/2.0$rest"
	refuses 400 "GET /one\x01 HTTP/1.1$rest"
	refuses 405 "TRACE /one HTTP/1.1$rest"
	refuses 405 "CONNECT x:80 HTTP/1.1$rest"
	refuses 405 "BREW /one HTTP/1.1$rest"
	refuses 400 '\x16\x03\x01'
	stop
}

@test "header lines" {
	server ''
	line='GET /one HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
	refuses 200 "${line}A:\r\nB: \t b \t\r\nC:c:c\r\n\r\n"
	refuses 200 "${line}Odd_name: dropped\r\n\r\n"
	refuses 400 "${line}A : b\r\n\r\n"
	refuses 400 "${line}A: b\r\n folded\r\n\r\n"
	refuses 400 "${line}no colon\r\n\r\n"
	refuses 400 "${line}A: b\rc\r\n\r\n"
	refuses 400 "${line}A: \0000\r\n\r\n"
	refuses 400 "${line}: b\r\n\r\n"
	stop
}

@test "Host" {
	server ''
	refuses 400 'GET /one HTTP/1.1\r\n\r\n'
	refuses 200 'GET /one HTTP/1.0\r\n\r\n'
	refuses 400 'GET /one HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n'
	refuses 400 'GET /one HTTP/1.1\r\nHost: a/b\r\n\r\n'
	for bad in '' a..b a.. . .. .a ..:80 'a b' x:99999 x:y '[::1' '::1]' ::1 a[b 'a]' '[]' '[zz]' '[::1]x' '[::1].' '[1.2.3.4]' \
		'[v.x]' '[v1.]' '[v1]' '[vg.x]' '[v1.x y]' '[v1.x/y]' '[v1.[x]]' '[::1%251]'; do
		refuses 400 "GET /one HTTP/1.1\r\nHost: $bad\r\n\r\n"
		refuses 400 "GET http://$bad/one HTTP/1.1\r\nHost: x\r\n\r\n"
	done
	for good in x. a.b. X:80 '[::1]:80' x: '[::FFFF:1.2.3.4]' '[v1.x]' '[v1.x]:80' '[vAf.x:$y-(z)]'; do
		refuses 200 "GET /one HTTP/1.1\r\nHost: $good\r\nConnection: close\r\n\r\n"
		refuses 200 "GET http://$good/one HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	done
	stop
}

@test "framing that two servers could read in two ways" {
	server ''
	post='POST /one HTTP/1.1\r\nHost: x\r\n'
	refuses 400 "${post}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
	refuses 400 "${post}Content-Length: 1\r\nContent-Length: 1\r\n\r\na"
	refuses 400 "${post}Content-Length: -1\r\n\r\n"
	refuses 400 "${post}Content-Length: 1a\r\n\r\n"
	refuses 400 "${post}Content-Length: 99999999999999999999\r\n\r\n"
	refuses 501 "${post}Transfer-Encoding: gzip, chunked\r\n\r\n"
	refuses 400 'POST /one HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
	stop
}

@test "limits of lines and heads" {
	server ''
	long() { printf "%$1s" '' | tr ' ' a; }
	line='GET /one HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
	refuses 414 "GET /$(long 9000) HTTP/1.1\r\n\r\n"
	refuses 400 "${line}A: $(long 9000)\r\n\r\n"
	refuses 200 "${line}A: $(long 7000)\r\nB: $(long 7000)\r\nC: $(long 7000)\r\n\r\n"
	refuses 400 "${line}A: $(long 7000)\r\nB: $(long 7000)\r\nC: $(long 7000)\r\nD: $(long 7000)\r\nE: $(long 7000)\r\nF: $(long 7000)\r\n\r\n"
	stop
}

@test "one byte at a time is as good as all at once" {
	server ''
	exec {socket}<>"/dev/tcp/127.0.0.1/$port"
	request=$'GET /one HTTP/1.1\r\nHost: x\r\nA: b\r\nConnection: close\r\n\r\n'
	for ((i = 0; i < ${#request}; i++)); do printf '%s' "${request:i:1}" >&"$socket"; done
	timeout 20 cat <&"$socket" >"$tmp/answer"
	exec {socket}>&-
	grep -q '^HTTP/1.1 200' "$tmp/answer"
	stop
}

# What is served: names, types, folders, sizes, and files that change while they are sent.
load lib

folders() {
	serve
	gets /docs/ "$site/docs/index.html"
	answers 301 'GET /docs HTTP/1.1'
	[ "$(header Location)" = /docs/ ]
	answers 301 'GET /docs/deep?a=b&c HTTP/1.1'
	[ "$(header Location)" = '/docs/deep/?a=b&c' ]
	answers 301 'HEAD /docs HTTP/1.1'
	[ "$(header Location)" = /docs/ ]
	gets //docs/// "$site/docs/index.html"
	gets /./docs/./index.html "$site/docs/index.html"
	[ "$(curl -sSL "http://127.0.0.1:$port/docs")" = 'the docs' ]
	stop
}
@test "a folder serves its index.html, and without its slash is moved there" {
	each_stage folders
}

types() {
	while read -r extension type; do
		echo x >"$site/name.$extension"
	done <<<"$known"
	echo x >"$site/dot.html/file"
	echo x >"$site/dot.html/README"
	serve
	while read -r extension type; do
		ask "HEAD /name.$extension HTTP/1.0"
		echo "$extension: $(header Content-Type)"
		[ "$(header Content-Type)" = "$type" ]
	done <<<"$known"
	for path in / /docs/; do # index.html
		ask "HEAD $path HTTP/1.0"
		[ "$(header Content-Type)" = 'text/html; charset=utf-8' ]
	done
	for path in /name.unknown /dot.html/file /name.; do
		ask "HEAD $path HTTP/1.0"
		[ "$(header Content-Type)" = application/octet-stream ]
	done
	ask 'HEAD /nothing.png HTTP/1.0'
	[ "$(header Content-Type)" = 'text/plain; charset=utf-8' ]
	stop
}
@test "the name's end says the type" {
	known='html text/html; charset=utf-8
		HTML text/html; charset=utf-8
		css text/css; charset=utf-8
		js text/javascript; charset=utf-8
		txt text/plain; charset=utf-8
		json application/json
		svg image/svg+xml
		png image/png
		tar.jpg image/jpeg
		ico image/x-icon
		pdf application/pdf'
	mkdir -p "$site/dot.html"
	echo x >"$site/name.unknown"
	echo x >"$site/name."
	each_stage types
}

names() {
	serve
	gets /中文.html "$site/中文.html" # as it is
	gets /%E4%B8%AD%E6%96%87.html "$site/中文.html"
	gets /%e4%b8%ad%E6%96%87%2ehtml "$site/中文.html"
	gets '/two%20words.txt' "$site/two words.txt"
	gets /100%25.txt "$site/100%.txt"
	gets /what%3F.txt "$site/what?.txt"
	gets /plain%2Etxt "$site/plain.txt"
	gets /docs%2Findex.html "$site/docs/index.html"
	gets /a+b.txt "$site/a+b.txt"
	# decoded once, not twice
	answers 404 'GET /plain%252Etxt HTTP/1.1'
	[ "$(curl -sS "http://127.0.0.1:$port/中文.html")" = Chinese ]
	stop
}
@test "names are decoded: Chinese, blanks, signs" {
	echo percent >"$site/100%.txt"
	echo question >"$site/what?.txt"
	echo plus >"$site/a+b.txt"
	each_stage names
}

empty() {
	serve
	gets /empty.txt "$site/empty.txt"
	stop
}
@test "an empty file" {
	each_stage empty
}

# Twice as much memory as before would not show in a small file; 300 MB would in any way.
constant_memory() {
	serve
	sum=$(curl -sS -m 60 "http://127.0.0.1:$port/huge" | wc -c)
	[ "$sum" = 314572800 ]
	for process in $(family); do
		peak=$(awk '/^VmHWM/ { print $2 }' "/proc/$process/status")
		echo "process $process: $peak kB at most"
		[ "$peak" -lt 8192 ]
	done
	stop
}
@test "300 MB in constant memory" {
	truncate -s 300M "$site/huge"
	each_stage constant_memory
}

# More than 4 GB: no length is cut to 32 bits.
beyond_4g() {
	serve
	ask 'HEAD /vast HTTP/1.0'
	[ "$(header Content-Length)" = 5000000000 ]
	[ "$(curl -sS -m 20 "http://127.0.0.1:$port/vast" | head -c 1000000 | wc -c)" = 1000000 ]
	gets / "$site/index.html"
	stop
}
@test "a length beyond 4 GB" {
	truncate -s 5000000000 "$site/vast"
	each_stage beyond_4g
}

# The client reads the head and stops; the server has sent what fits into the two buffers, some
# megabytes at most, and waits. Then 60 of 64 MB are cut off.
shrinks() {
	local head got
	truncate -s 64M "$site/melting"
	serve
	exec {client}<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET /melting HTTP/1.0\r\n\r\n' >&"$client"
	head=
	while read -r -t 20 line <&"$client" && [ "$line" != $'\r' ]; do head+=$line; done
	[[ $head == *'Content-Length: 67108864'* ]]
	truncate -s 32M "$site/melting"
	timeout 20 cat <&"$client" >"$tmp/rest" # 124, and red, when the end does not come
	exec {client}>&-
	got=$(stat -c %s "$tmp/rest")
	echo "promised 67108864, got $got"
	[ "$got" -gt 1000000 ]
	[ "$got" -le 33554432 ]
	gets / "$site/index.html"
	stop
}
@test "a file that shrinks while it is sent ends the connection early" {
	each_stage shrinks
}

# It grows: what was promised is what comes.
grows() {
	printf '%08388608d' 7 >"$site/growing"
	serve
	exec {client}<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET /growing HTTP/1.0\r\n\r\n' >&"$client"
	while read -r -t 20 line <&"$client" && [ "$line" != $'\r' ]; do :; done
	printf '%08388608d' 8 >>"$site/growing"
	timeout 20 cat <&"$client" >"$tmp/rest"
	[ "$(stat -c %s "$tmp/rest")" = 8388608 ]
	exec {client}>&-
	stop
}
@test "a file that grows while it is sent is as long as promised" {
	each_stage grows
}

# gzip_static, and gzip in a server that is built with zlib.
load lib

make_site() {
	export ZLIB=$BUILT
	if echo '#include <zlib.h>' | "${CC:-cc}" -E - >/dev/null 2>&1; then
		ZLIB=$OURS/stage7-zlib
		BUILT=$ZLIB build WITH=zlib
	fi
	mkdir -p "$site/two"
	echo plain >"$site/two/page.html"
	echo compressed | gzip -n >"$site/two/page.html.gz"
	echo alone >"$site/two/alone.html"
	echo only | gzip -n >"$site/two/only.html.gz"
	seq 3 >"$site/short.html"
	seq 20000 >"$site/long.html"
	seq 20000 >"$site/long.txt"
	cat "$STAGE"/src/http/*/*.c >"$site/text.html"
	seq 3000000 >"$site/huge.html"
	head -c 3000000 /dev/urandom >"$site/noise.html"
	seq 1000 >"$site/sheet.css"
}

with_zlib() {
	[ "$ZLIB" != "$BUILT" ] || skip 'there is no zlib here'
	BUILT=$ZLIB
}

says() { # says PATH TEXT [curl options]
	fetch "${@:3}" "$1"
	[ "$(cat "$body")" = "$2" ]
}

packed() { # packed PATH FILE [curl options]: its body is FILE, compressed
	fetch "${@:3}" -H 'Accept-Encoding: gzip' "$1"
	[ "$status" = 200 ]
	[ "$(header Content-Encoding)" = gzip ]
	gunzip -c <"$body" | cmp - "$2"
}

plain() { # plain PATH [curl options]
	answers 200 "${@:2}" "$1"
	[ -z "$(header Content-Encoding)" ]
}

@test "gzip_static: the file beside it, for those who accept it" {
	server 'gzip_static on;'
	plain /two/page.html
	[ "$(header Vary)" = Accept-Encoding ]
	tag=$(header ETag)
	packed /two/page.html <(echo compressed)
	[ "$(header Content-Type)" = text/html ]
	[ "$(header Content-Length)" = "$(wc -c <"$site/two/page.html.gz")" ]
	[ "$(header Vary)" = Accept-Encoding ]
	packed_tag=$(header ETag)
	[[ $packed_tag =~ ^'"'[0-9a-f]+-[0-9a-f]+-gz'"'$ ]]
	[ "$packed_tag" != "$tag" ]
	answers 304 -H 'Accept-Encoding: gzip' -H "If-None-Match: $packed_tag" /two/page.html
	[ -z "$(header Content-Encoding)" ]
	[ "$(header Vary)" = Accept-Encoding ]
	answers 200 -H 'Accept-Encoding: gzip' -H "If-None-Match: $tag" /two/page.html
	answers 206 -H 'Accept-Encoding: gzip' -H 'Range: bytes=0-1' /two/page.html
	[ "$(od -An -tx1 <"$body" | tr -d ' ')" = 1f8b ]
	answers 200 -I -H 'Accept-Encoding: gzip' /two/page.html
	[ "$(header Content-Encoding)" = gzip ]
	answers 405 -X POST -H 'Accept-Encoding: gzip' /two/page.html
	plain /two/alone.html -H 'Accept-Encoding: gzip'
	[ -z "$(header Vary)" ]
	packed /two/only.html <(echo only)
	answers 404 /two/only.html
	stop
	server 'gzip_static always;'
	fetch /two/page.html
	[ "$(header Content-Encoding)" = gzip ]
	[ -z "$(header Vary)" ]
	stop
	server 'gzip_static on; gzip_vary off; location /two/alone.html { gzip_static off; }'
	packed /two/page.html <(echo compressed)
	[ -z "$(header Vary)" ]
	plain /two/page.html
	[ -z "$(header Vary)" ]
	stop
}

@test "Accept-Encoding" {
	server 'gzip_static on;'
	while read -r result value; do
		says /two/page.html "$result" --compressed -H "Accept-Encoding: $value"
	done <<-'END'
		compressed gzip
		compressed GZip
		compressed x-gzip
		compressed deflate, gzip;q=1.0, *;q=0.5
		compressed gzip;q=0.001
		compressed gzip ; q=0.5
		compressed *
		compressed br;q=1, *;q=0.1
		compressed identity;q=0.5, gzip;q=1.0
		plain deflate
		plain gzipped
		plain gzip;q=0
		plain gzip;q=0.000
		plain gzip;Q=0
		plain gzip;q=0, *
		plain *;q=0
		plain gzip;q=x
		plain gzip;q=2
		plain gzip;q=0.0001
		plain identity
		plain identity;q=1, gzip;q=0.5
		plain deflate;q=0.5, identity
	END
	says /two/page.html plain -H 'Accept-Encoding;'
	says /two/page.html compressed --compressed -H 'Accept-Encoding: br' -H 'Accept-Encoding: gzip'
	stop
}

@test "gzip: what is compressed" {
	with_zlib
	server '
		gzip on; gzip_types text/css application/x-made;
		location /all { alias '"$site"'; gzip_types *; }
		location /none { alias '"$site"'; gzip off; }
		location /coded { alias '"$site"'; add_header Content-Encoding br; }
		location /error { return 404; }
		location /made { default_type application/x-made; return 200 "a text that is long enough to be compressed"; }
		location /tiny { default_type text/html; return 200 "nineteen characters"; }
		location /just { default_type text/html; return 200 "twenty characters it"; }'
	packed /long.html "$site/long.html"
	[ -z "$(header Content-Length)" ]
	[ -z "$(header Accept-Ranges)" ]
	[ "$(header Transfer-Encoding)" = chunked ]
	[ "$(header Vary)" = Accept-Encoding ]
	[[ $(header ETag) == W/* ]]
	tag=$(header ETag)
	answers 304 -H 'Accept-Encoding: gzip' -H "If-None-Match: $tag" /long.html
	answers 200 -I -H 'Accept-Encoding: gzip' /long.html
	[ "$(header Content-Encoding)" = gzip ]
	[ "$(header ETag)" = "$tag" ]
	answers 200 -H 'Accept-Encoding: gzip' -H 'Range: bytes=0-1' /long.html
	plain /long.html
	[ "$(header Vary)" = Accept-Encoding ]
	[ "$(header Content-Length)" = "$(wc -c <"$site/long.html")" ]
	plain /long.html --http1.0 -H 'Accept-Encoding: gzip'
	plain /long.html -H 'Accept-Encoding: gzip' -H 'Via: 1.1 proxy'
	plain /long.txt -H 'Accept-Encoding: gzip'
	[ -z "$(header Vary)" ]
	packed /all/long.txt "$site/long.txt"
	packed /sheet.css "$site/sheet.css"
	plain /none/long.html -H 'Accept-Encoding: gzip'
	plain /short.html -H 'Accept-Encoding: gzip'
	plain /tiny -H 'Accept-Encoding: gzip'
	packed /just <(printf 'twenty characters it')
	packed /made <(printf 'a text that is long enough to be compressed')
	fetch -H 'Accept-Encoding: gzip' /coded/long.html
	[ "$(header Content-Encoding)" = br ]
	fetch -H 'Accept-Encoding: gzip' /error
	[ "$status" = 404 ]
	gunzip -c <"$body" | grep -q 'Not Found'
	stop
	server 'gzip on; gzip_comp_level 9; gzip_min_length 1000;'
	packed /text.html "$site/text.html"
	best=$(wc -c <"$body")
	plain /short.html -H 'Accept-Encoding: gzip'
	stop
	server 'gzip on; gzip_comp_level 1;'
	packed /text.html "$site/text.html"
	[ "$best" -lt "$(wc -c <"$body")" ]
	stop
}

@test "gzip: a large file, without keeping it in memory" {
	with_zlib
	server 'gzip on; sendfile_max_chunk 16k;'
	packed /huge.html "$site/huge.html"
	packed /noise.html "$site/noise.html"
	packed /huge.html "$site/huge.html" --limit-rate 20M
	# the connection stays
	curl -s --compressed "$url/huge.html" "$url/long.html" | cmp - <(cat "$site/huge.html" "$site/long.html")
	[ "$(curl -s -o /dev/null --compressed -w '%{num_connects} ' "$url/noise.html" -o /dev/null "$url/long.html")" = '1 0 ' ]
	stop
}

@test "gzip: a client that reads slowly" {
	with_zlib
	server 'gzip on;'
	exec {socket}<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET /noise.html HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n' >&"$socket"
	# others are served meanwhile
	packed /long.html "$site/long.html"
	cat <&"$socket" >"$tmp/slow"
	exec {socket}>&-
	[ "$(wc -c <"$tmp/slow")" -gt 3000000 ]
	[ "$(tail -c 5 "$tmp/slow" | od -An -c | tr -d ' ')" = '0\r\n\r\n' ]
	stop
}

@test "gzip without zlib: a warning, and no compression" {
	config_good 'events {} http { access_log off; gzip on; gzip_types text/css; gzip_min_length 1k; gzip_comp_level 5; gzip_vary on; }' >"$tmp/warned" 2>&1
	grep -q 'good.conf:1: "gzip" compresses nothing' "$tmp/warned"
	server 'gzip on;'
	plain /long.html -H 'Accept-Encoding: gzip'
	stop
}

@test "gzip: what is wrong" {
	config_error 'bad.conf:2: invalid value "maybe" in "gzip_static" directive' 'http {
		gzip_static maybe; }'
	config_error 'bad.conf:1: "gzip_comp_level" must be between 1 and 9' 'http { gzip_comp_level 10; }'
	config_error 'bad.conf:1: invalid value "x" in "gzip" directive' 'http { gzip x; }'
	config_error 'bad.conf:1: "gzip_types" directive is duplicate' 'http { gzip_types a; gzip_types b; }'
	config_error 'bad.conf:1: invalid value "-1" in "gzip_min_length" directive' 'http { gzip_min_length -1; }'
}

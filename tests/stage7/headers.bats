# add_header, add_trailer, expires.
load lib

make_site() {
	printf 'a' >"$site/a.html"
	touch -d 'Sun, 06 Nov 1994 08:49:37 GMT' "$site/a.html"
}

@test "add_header: statuses, inheritance, variables" {
	server '
		add_header X-Outer outer;
		add_header X-Always always always;
		add_header X-Uri $uri;
		add_header X-Empty $arg_none;
		add_header X-Line $arg_x;
		location /own { add_header X-Own own; return 200; }
		location /more { expires 1h; return 200; }
		location /moved { return 301 /x; }
		location /error { return 403; }'
	fetch /a.html
	[ "$(header X-Outer)" = outer ]
	[ "$(header X-Always)" = always ]
	[ "$(header X-Uri)" = /a.html ]
	not grep -qi '^X-Empty' "$head"
	fetch /own
	[ "$(header X-Own)" = own ]
	[ -z "$(header X-Outer)$(header X-Always)" ]
	fetch /more
	[ "$(header X-Outer)" = outer ]
	fetch /moved
	[ "$(header X-Outer)" = outer ]
	fetch /error
	[ -z "$(header X-Outer)" ]
	[ "$(header X-Always)" = always ]
	answers 304 -H 'If-None-Match: *' /a.html
	[ "$(header X-Outer)" = outer ]
	answers 206 -H 'Range: bytes=0-0' /a.html
	[ "$(header X-Outer)" = outer ]
	answers 404 /missing
	[ "$(header X-Always)" = always ]
	[ "$(grep -ci '^X-Always' "$head")" = 1 ]
	stop
}

@test "add_trailer" {
	server 'ssi on; location /plain { ssi off; alias '"$site"'/; } add_trailer X-Sent $sent_http_content_type; add_trailer X-Size $bytes_sent;'
	raw 'GET /a.html HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
	grep -q $'^X-Sent: text/html\r$' "$answer"
	[ "$(sed -n '/^0\r$/,$p' "$answer" | grep -c '^X-')" = 2 ]
	# what has a length is sent in chunks for it
	raw 'GET /plain/a.html HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
	grep -q $'^Transfer-Encoding: chunked\r$' "$answer"
	not grep -q '^Content-Length' "$answer"
	[ "$(sed -n '/^0\r$/,$p' "$answer" | grep -c '^X-')" = 2 ]
	# so is a part of it, but not where there cannot be chunks, or for a status that it does not go with
	raw 'GET /plain/a.html HTTP/1.1\r\nHost: a\r\nRange: bytes=0-0\r\nConnection: close\r\n\r\n'
	grep -q $'^Content-Range: bytes 0-0/1\r$' "$answer"
	[ "$(sed -n '/^0\r$/,$p' "$answer" | grep -c '^X-')" = 2 ]
	for request in 'GET /plain/a.html HTTP/1.0' 'GET /plain/none HTTP/1.1\r\nHost: a\r\nConnection: close' \
		'GET /plain/a.html HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\nConnection: close'; do
		raw "$request\r\n\r\n"
		not grep -q -e X-Sent -e chunked "$answer"
	done
	stop
}

# An answer's line: sends PATH NAME VALUE [curl options]; an empty value: it has none.
sends() {
	fetch "${@:4}" "$1"
	[ "$(header "$2")" = "$3" ]
}

@test "add_header: Last-Modified and ETag are replaced or taken away, for conditions on them too" {
	server '
		location /no-date/ { alias '"$site"'/; add_header Last-Modified ""; }
		location /no-tag/ { alias '"$site"'/; add_header ETag ""; }
		location /date/ { alias '"$site"'/; add_header Last-Modified "Mon, 07 Nov 1994 08:49:37 GMT"; }
		location /tag/ { alias '"$site"'/; add_header ETag "\"mine\""; }
		location /arg/ { alias '"$site"'/; add_header last-modified $arg_d; add_header etag $arg_t; }
		location /own/ { add_header Last-Modified $arg_d; return 200 own; }
		location /always/ { add_header Last-Modified "" always; add_header ETag "\"mine\"" always; return 404; }'
	old='Sun, 06 Nov 1994 08:49:37 GMT' new='Mon, 07 Nov 1994 08:49:37 GMT'
	sends /no-date/a.html Last-Modified ''
	[ -n "$(header ETag)" ]
	tag=$(header ETag)
	sends /no-tag/a.html ETag ''
	[ "$(header Last-Modified)" = "$old" ]
	sends /date/a.html Last-Modified "$new"
	[ "$(grep -ci '^Last-Modified' "$head")" = 1 ]
	sends /tag/a.html ETag '"mine"'
	sends /own/ Last-Modified ''
	sends "/own/?d=Mon,%2007" Last-Modified 'Mon,%2007' # no date, but what was asked for
	sends /always/ ETag '"mine"'
	sends /arg/a.html Last-Modified ''
	[ -z "$(header ETag)" ]
	part='Range: bytes=0-0'
	answers 200 -H "$part" -H "If-Range: $old" /no-date/a.html
	answers 206 -H "$part" -H "If-Range: $tag" /no-date/a.html
	answers 206 -H "$part" -H "If-Range: $new" /date/a.html
	answers 200 -H "$part" -H "If-Range: $old" /date/a.html
	answers 206 -H "$part" -H 'If-Range: "mine"' /tag/a.html
	answers 200 -H "$part" -H "If-Range: $tag" /tag/a.html
	answers 200 -H "$part" -H "If-Range: $tag" /no-tag/a.html
	stop
}

@test "Last-Modified is never later than Date" {
	echo new >"$site/future.html"
	touch -d '+1 day' "$site/future.html"
	server 'location /given/ { add_header Last-Modified "Sun, 06 Nov 2094 08:49:37 GMT"; return 200 x; } location /zip/ { alias '"$site"'/; gzip_static on; }'
	gzip -k "$site/future.html"
	same() { [ "$(header Last-Modified)" = "$(header Date)" ]; }
	for path in /future.html /future.html /given/ /zip/future.html; do
		fetch -H 'Accept-Encoding: gzip' "$path"
		same
	done
	# that is no strong validator: the file may change, and the date would still be now
	answers 200 -H 'Range: bytes=0-0' -H "If-Range: $(header Last-Modified)" /future.html
	stop
}

@test "charset: a variable" {
	http 'server { listen LISTEN; root '"$site"'; charset $arg_c;
		location ~ ^/(.*)/a.html { alias '"$site"'/a.html; charset $1; }
		location /off/ { alias '"$site"'/; charset off; }
		location /sent { add_header X-Type $sent_http_content_type; return 200 x; } }'
	sends '/a.html?c=utf-8' Content-Type 'text/html; charset=utf-8'
	sends '/a.html?c=koi8-r' Content-Type 'text/html; charset=koi8-r'
	sends /a.html Content-Type text/html
	sends '/a.html?c=a%22b' Content-Type 'text/html; charset=a%22b'
	sends '/a.html?c=a;b="c"' Content-Type text/html
	sends '/a.html?c=off' Content-Type 'text/html; charset=off' # only the configuration says off
	sends '/x%0d%0aX:%20y/a.html' Content-Type text/html
	[ -z "$(header X)" ]
	sends '/sent?c=utf-8' X-Type 'text/plain; charset=utf-8'
	printf 'abc' >"$site/abc.html"
	sends '/off/abc.html?c=utf-8' Content-Type text/html
	sends '/abc.html?c=utf-8' Content-Type 'text/html; charset=utf-8'
	fetch -H 'Range: bytes=0-0,2-2' '/abc.html?c=utf-8'
	[[ $(header Content-Type) =~ ^'multipart/byteranges; boundary='[0-9]+$ ]]
	[ "$(grep -c $'^Content-Type: text/html; charset=utf-8\r$' "$body")" = 2 ]
	stop
}

@test "charset: behind the types that are text, unless they say it themselves" {
	echo x >"$site/x.html"
	echo x >"$site/x.css"
	echo x >"$site/x.js"
	server '
		charset utf-8;
		location /x.js { charset koi8-r; }
		location /own { default_type "text/html; charset=latin1"; return 200 x; }
		location /css { alias '"$site"'; charset_types text/css; }
		location /text { default_type text/plain; add_header X-Type $sent_http_content_type; return 200 x; }
		location /off { charset off; return 404; }'
	types() { # types PATH TYPE
		fetch "$1"
		[ "$(header Content-Type)" = "$2" ]
	}
	types /x.html 'text/html; charset=utf-8'
	types /x.css text/css
	types /x.js 'application/javascript; charset=koi8-r'
	types /own 'text/html; charset=latin1'
	types /css/x.css 'text/css; charset=utf-8'
	types /css/x.html 'text/html; charset=utf-8'
	types /missing 'text/html; charset=utf-8'
	types /off text/html
	types /text 'text/plain; charset=utf-8'
	[ "$(header X-Type)" = 'text/plain; charset=utf-8' ]
	stop
}

@test "expires" {
	server '
		location /hour/ { alias '"$site"'/; expires 1h; }
		location /zero/ { alias '"$site"'/; expires 0; }
		location /minus/ { alias '"$site"'/; expires -1; }
		location /epoch/ { alias '"$site"'/; expires epoch; }
		location /max/ { alias '"$site"'/; expires max; }
		location /off/ { alias '"$site"'/; expires off; }
		location /old/ { alias '"$site"'/; expires modified 1d; }
		location /new/ { alias '"$site"'/; expires modified +100y; }
		location /day/ { alias '"$site"'/; expires @23h59m; }
		location /undated/a.html { expires modified 1h; return 200 x; }
		location /undated-past/a.html { expires modified -1h; return 200 x; }
		location /error/ { expires 1h; return 403; }'
	says() { # says PATH CACHE-CONTROL [EXPIRES]
		fetch "/$1/a.html"
		[ "$(header Cache-Control)" = "$2" ]
		[ -z "${3:-}" ] || [ "$(header Expires)" = "$3" ]
	}
	says hour max-age=3600
	[ $(($(date -d "$(header Expires)" +%s) - $(date -d "$(header Date)" +%s))) -eq 3600 ]
	says zero max-age=0
	[ "$(header Expires)" = "$(header Date)" ]
	says minus no-cache
	[ $(($(date -d "$(header Date)" +%s) - $(date -d "$(header Expires)" +%s))) -eq 1 ]
	says epoch no-cache 'Thu, 01 Jan 1970 00:00:01 GMT'
	says max max-age=315360000 'Thu, 31 Dec 2037 23:55:55 GMT'
	says off ''
	[ -z "$(header Expires)" ]
	says old no-cache 'Mon, 07 Nov 1994 08:49:37 GMT'
	says undated max-age=3600
	says undated-past no-cache
	fetch /new/a.html
	[[ $(header Cache-Control) =~ ^max-age=[0-9]+$ ]]
	fetch /day/a.html
	age=$(header Cache-Control)
	age=${age#max-age=}
	[ "$age" -gt 0 ] && [ "$age" -le 86400 ]
	fetch /error/a.html
	[ -z "$(header Cache-Control)$(header Expires)" ]
	stop
}

@test "headers: what is wrong" {
	wrong() {
		config_error "bad.conf:2: $1" "events {} http {
			$2 }"
	}
	wrong 'invalid number of arguments in "add_header" directive' 'add_header x;'
	wrong 'invalid value "sometimes" in "add_header" directive' 'add_header x y sometimes;'
	wrong 'invalid value "soon" in "expires" directive' 'expires soon;'
	wrong 'invalid value "modify" in "expires" directive' 'expires modify 1d;'
	wrong 'invalid value "@25h" in "expires" directive' 'expires @25h;'
	wrong '"expires" directive is duplicate' 'expires 1d; expires 1d;'
}

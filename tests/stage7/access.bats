# Who may ask: allow and deny, satisfy, limit_except, internal, and realip before them.
load lib

make_site() {
	echo page >"$site/page.html"
	echo index >"$site/index.html"
}

from() { # from ADDRESS STATUS PATH
	answers "$2" --interface "$1" "$3"
}

named() { # named ADDRESS STATUS PATH   a trusted proxy says that it asks for ADDRESS
	answers "$2" -H "X-Real-IP: $1" "$3"
}

@test "the first rule that fits decides" {
	server 'location / { deny 127.0.0.2; allow 127.0.0.0/29; deny all; }
		location /open.html { allow all; deny all; return 200 open; }'
	from 127.0.0.1 200 /page.html
	from 127.0.0.2 403 /page.html
	from 127.0.0.7 200 /page.html
	from 127.0.0.8 403 /page.html
	from 127.0.0.8 200 /open.html
	grep -q 'access forbidden by rule, client: 127.0.0.8' "$log"
	stop
}

@test "a block with rules of its own has only those" {
	server 'deny all; location /in { try_files /page.html =404; } location /own { allow 127.0.0.1; try_files /page.html =404; }'
	answers 403 /in
	answers 200 /own
	stop
}

@test "IPv6, and IPv4 within it" {
	server 'set_real_ip_from 127.0.0.1; allow 2001:db8::/32; allow 10.0.0.0/8; deny all;'
	named 2001:db8:7::1 200 /page.html
	named 2001:db9::1 403 /page.html
	named ::ffff:10.9.8.7 200 /page.html
	named 10.9.8.7 200 /page.html
	named ::ffff:11.9.8.7 403 /page.html
	stop
}

@test "a unix socket" {
	server "listen unix:$tmp/socket; allow unix:; deny all;"
	answers 403 /page.html
	url=http://localhost
	answers 200 --unix-socket "$tmp/socket" /page.html
	stop
}

@test "satisfy" {
	server 'location /all { satisfy all; allow 127.0.0.1; deny all; try_files /page.html =404; }
		location /any { satisfy any; allow 127.0.0.1; deny all; try_files /page.html =404; }'
	for way in all any; do
		from 127.0.0.1 200 /$way
		from 127.0.0.2 403 /$way
	done
	stop
}

@test "limit_except" {
	server 'location / { limit_except GET { deny all; } }
		location = /numbers { stub_status; limit_except GET { allow 127.0.0.1; deny all; } }
		location /some { limit_except GET POST { allow 127.0.0.1; deny all; } try_files /page.html =404; }'
	answers 200 /page.html
	answers 200 -I /page.html
	answers 403 -X POST /page.html
	answers 403 -X DELETE /page.html
	answers 403 -X SOMETHING /page.html
	answers 200 /some
	answers 405 -X DELETE /some
	from 127.0.0.2 200 /some
	answers 405 -X PUT /numbers # stub_status answers for those who are let in
	grep -q 'Allow: GET, HEAD' "$head"
	answers 403 --interface 127.0.0.2 -X PUT /numbers
	answers 403 --interface 127.0.0.2 -X DELETE /some
	stop
}

@test "internal: from inside only" {
	server 'location /secret { internal; return 200 secret; }
		location /way { try_files /nothing /secret; }
		location /error { error_page 404 = /secret; }
		location /after { internal; limit_except GET { deny all; } }'
	answers 404 /secret
	answers 404 /after
	answers 200 /way
	[ "$(cat "$body")" = secret ]
	answers 200 /error
	[ "$(cat "$body")" = secret ]
	stop
}

SAY='return 200 "$remote_addr $remote_port $realip_remote_addr";'

@test "realip: whose word counts" {
	server "set_real_ip_from 127.0.0.1; $SAY"
	says() { # says TEXT [curl options]
		fetch "${@:2}" /
		[ "$(cat "$body")" = "$1" ] || { cat "$body"; false; }
	}
	says '192.0.2.1 0 127.0.0.1' -H 'X-Real-IP: 192.0.2.1'
	says '192.0.2.1 99 127.0.0.1' -H 'X-Real-IP: 192.0.2.1:99'
	says '2001:db8::1 99 127.0.0.1' -H 'X-Real-IP: [2001:db8::1]:99'
	fetch --interface 127.0.0.2 -H 'X-Real-IP: 192.0.2.1' /
	[[ $(cat "$body") =~ ^127\.0\.0\.2\ [1-9][0-9]*\ 127\.0\.0\.2$ ]]
	for odd in host 1.2.3 1.2.3.4:x '' '[::1'; do
		fetch -H "X-Real-IP: $odd" /
		[[ $(cat "$body") =~ ^127\.0\.0\.1\ [1-9] ]]
	done
	stop
}

@test "realip: the last of a list, or the first that is not trusted" {
	server "set_real_ip_from 127.0.0.1; set_real_ip_from 10.0.0.0/8; set_real_ip_from unix:;
		real_ip_header X-Forwarded-For; $SAY"
	says() { # says ADDRESS PATH HEADERS...
		local list=() one
		for one in "${@:3}"; do list+=(-H "$one"); done
		fetch "${list[@]}" "$2"
		[ "$(cut -d ' ' -f 1 "$body")" = "$1" ] || { cat "$body"; false; }
	}
	says 10.0.0.9 / 'X-Forwarded-For: 192.0.2.1, 192.0.2.2, 10.0.0.9'
	says 192.0.2.2 / 'X-Forwarded-For: 192.0.2.1, 192.0.2.2 ,'
	says 192.0.2.3 / 'X-Forwarded-For: 192.0.2.1' 'X-Forwarded-For: 192.0.2.3'
	stop
	server "listen unix:$tmp/back; set_real_ip_from 127.0.0.1; set_real_ip_from 10.0.0.0/8; set_real_ip_from unix:;
		real_ip_header X-Forwarded-For; real_ip_recursive on; $SAY"
	says 192.0.2.2 / 'X-Forwarded-For: 192.0.2.1, 192.0.2.2, 10.0.0.9'
	says 192.0.2.2 / 'X-Forwarded-For: 192.0.2.1, 192.0.2.2' 'X-Forwarded-For: 10.0.0.8, 10.0.0.9'
	says 10.0.0.8 / 'X-Forwarded-For: 10.0.0.8, 10.0.0.9'
	says 10.0.0.9 / 'X-Forwarded-For: 192.0.2.1, unknown, 10.0.0.9'
	url=http://localhost
	fetch --unix-socket "$tmp/back" -H 'X-Forwarded-For: 192.0.2.7' /
	[ "$(cat "$body")" = '192.0.2.7 0 unix:' ]
	stop
}

@test "realip: a name to the letter, all lines of a list, else the first; an empty line names no client" {
	for header in X-Real-IP X-Forwarded-For X-Custom; do
		for lets in 'underscores_in_headers on;' 'ignore_invalid_headers off;'; do
			server "$lets set_real_ip_from 127.0.0.0/8; set_real_ip_from 10.0.0.0/8; real_ip_header $header;
				location / { allow 10.9.9.1; deny all; } location /say { $SAY }
				location /back { real_ip_recursive on; $SAY } error_page 404 /index.html;"
			# a proxy replaces the line that it knows; what looks like it comes from the client
			for other in "${header//-/_}" "${header/-/_}" "_$header"; do
				answers 403 -H "$header: 6.6.6.6" -H "$other: 10.9.9.1" /
				answers 403 -H "$other: 10.9.9.1" -H "$header: 6.6.6.6" /
				answers 403 -H "$other: 10.9.9.1" /
			done
			answers 404 -H "${header,,}: 10.9.9.1" /none
			stop
		done
	done
	says() { # says ADDRESS PATH VALUE... of the lines
		local list=() one
		for one in "${@:3}"; do list+=(-H "$header: $one"); done
		[ -n "${!#}" ] || list[-1]="$header;" # so curl sends an empty one
		fetch "${list[@]}" "$2"
		[ "$(cut -d ' ' -f 1 "$body")" = "$1" ] || { cat "$body"; false; }
	}
	for header in X-Real-IP X-Custom X-Forwarded-For; do
		server "set_real_ip_from 127.0.0.1; set_real_ip_from 10.0.0.0/8; real_ip_header $header;
			location /say { $SAY } location /back { real_ip_recursive on; $SAY }"
		for path in /say /back; do
			says 127.0.0.1 "$path" ''
			says 192.0.2.1 "$path" 192.0.2.1
			if [ "$header" = X-Forwarded-For ]; then
				says 192.0.2.2 "$path" 192.0.2.1 192.0.2.2
				says 127.0.0.1 "$path" 192.0.2.1 ''
				says 127.0.0.1 "$path" 192.0.2.1 unknown
			else
				says 192.0.2.1 "$path" 192.0.2.1 192.0.2.2
				says 192.0.2.1 "$path" 192.0.2.1 ''
			fi
		done
		stop
	done
	server "set_real_ip_from 127.0.0.1; set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For; real_ip_recursive on; $SAY"
	says 192.0.2.1 / 192.0.2.1 10.0.0.9
	says 10.0.0.9 / 192.0.2.1 unknown 10.0.0.9
	says 10.0.0.8 / '192.0.2.1, 10.0.0.8;' '10.0.0.8, 10.0.0.9'
	stop
}

@test "realip: for one request, also behind a redirect; the log has it too" {
	http "log_format plain '\$remote_addr \$realip_remote_addr \$uri';
		server { listen LISTEN; root $site; access_log $tmp/access.log plain;
		location / { set_real_ip_from 127.0.0.1; } location = /far.html { set_real_ip_from 192.0.2.0/24; } }"
	raw 'GET / HTTP/1.1\r\nHost: x\r\nX-Real-IP: 192.0.2.1\r\n\r\nGET /page.html HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
	[ "$(statuses)" = '200 200' ]
	stop
	[ "$(cat "$tmp/access.log")" = $'192.0.2.1 127.0.0.1 /index.html\n127.0.0.1 127.0.0.1 /page.html' ]
}

@test "what is wrong in the configuration" {
	in_http() { config_error "$1" "http { $2 }"; }
	in_http 'allow' 'allow 10.0.0.0/33;'
	in_http 'deny' 'deny somebody;'
	in_http 'set_real_ip_from' 'set_real_ip_from all;'
	in_http 'proxy_protocol' 'real_ip_header proxy_protocol;'
	in_http 'duplicate' 'real_ip_header A; real_ip_header B;'
	in_http 'invalid method "GRAB"' 'server { location / { limit_except GRAB { deny all; } } }'
	in_http 'duplicate' 'server { location / { limit_except GET { deny all; } limit_except PUT { deny all; } } }'
	in_http 'not allowed here' 'server { location / { limit_except GET { root /; } } }'
	in_http 'satisfy' 'satisfy some;'
	config_good 'http { allow 10.0.0.1/8; }' 2>&1 | grep -q 'low address bits of 10.0.0.1/8 are meaningless'
}

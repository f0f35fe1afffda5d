# Which location a URI means.
load lib

@test "exact, longest prefix, patterns in order, ^~, nested, named" {
	server '
		location = / { return 200 exact; }
		location / { return 200 root; }
		location /a/ { return 200 a; location /a/b/ { return 200 ab; location ~ "\.x$" { return 200 abx; } } }
		location ^~ /img/ { return 200 img; }
		location ~ "\.gif$" { return 200 gif; }
		location ~* "\.(jpg|jpeg)$" { return 200 "jpg $1"; }
		location ~ "\.jpg$" { return 200 never; }
		location /e { error_page 404 = @named; return 404; }
		location @named { return 200 "named $uri"; }
		location /in { internal; return 200 in; }
		location =/eq { return 200 eq; }'
	is() {
		fetch "$1"
		[ "$(cat "$body")" = "$2" ]
	}
	is / exact
	is /x root
	is //x root
	is /a/x a
	is /a/b/x ab
	is /a/./c/../b/%78 ab
	is /a/b/c.x abx
	is /img/c.gif img
	is /x/c.gif gif
	is /a/c.gif gif
	is /x/c.JPG 'jpg JPG'
	is /e 'named /e'
	is /eq eq
	is /eqq 'named /eqq'
	answers 404 /in
	stop
}

@test "names of servers" {
	http '
		server { listen LISTEN; server_name _; return 200 default; }'
	answers 200 /
	stop
	http '
		server { listen unix:'"$tmp"'/s; server_name exact.org www.*; return 200 "$server_name"; }
		server { listen unix:'"$tmp"'/s; server_name *.exact.org; return 200 tail; }
		server { listen unix:'"$tmp"'/s; server_name .dot.org ""; return 200 dot; }
		server { listen unix:'"$tmp"'/s; server_name ~^([a-z]+)[.]re$; return 200 "re $1"; }' || true
	is() { # is HOST CONTENT
		within 10 test -S "$tmp/s"
		[ "$(curl -s --unix-socket "$tmp/s" -H "Host: $1" http://x/)" = "$2" ]
	}
	is exact.org exact.org
	is EXACT.org:80 exact.org
	is www.a.b exact.org
	is a.exact.org tail
	is a.b.exact.org tail
	is dot.org dot
	is x.dot.org dot
	is abc.re 're abc'
	is other exact.org
	stop
}

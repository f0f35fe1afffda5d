# rewrite, set, if, break, return: the steps of a server and of a location.
load lib

make_site() {
	mkdir -p "$site/files" "$site/dir"
	echo file >"$site/files/a.txt"
	echo new >"$site/new"
	printf '#!/bin/sh\n' >"$site/run"
	chmod 755 "$site/run"
	echo secret >"$tmp/secret"
}

is() { # is PATH BODY [curl options]
	fetch "${@:3}" "$1"
	[ "$(cat "$body")" = "$2" ] || { cat "$body"; false; }
}

leads() { # leads PATH STATUS LOCATION [curl options]; "~" stands for the server
	fetch "${@:4}" "$1"
	header Location
	[ "$status" = "$2" ] && [ "$(header Location)" = "${3/#\~/${url%/}}" ]
}

@test "rewrite: flags" {
	server '
		location /last/ { rewrite ^/last/(.*)$ /to/$1 last; return 200 "not reached"; }
		location /plain/ { rewrite ^/plain/(.*)$ /to/$1; set $seen "$seen+"; rewrite ^/to/(.*)$ /to/x$1; }
		location /break/ { rewrite ^/break/(.*)$ /files/$1 break; return 200 "not reached"; }
		location /moved/ { rewrite ^/moved/(.*)$ /to/$1 redirect; }
		location /gone/ { rewrite ^/gone/(.*)$ /to/$1 permanent; }
		location /away/ { rewrite ^/away/(.*)$ http://example.org/$1; }
		location /scheme/ { rewrite ^/scheme/(.*)$ $scheme://example.org/$1 permanent; }
		location /case/ { rewrite ^/CASE/ /to/wrong last; return 200 "case $uri"; }
		location /none/ { rewrite ^/none/(x)?(y)?$ /to/[$1][$2] last; }
		location /to/ { return 200 "to $uri$seen"; }'
	is /last/a 'to /to/a'
	is /plain/a 'to /to/xa+'
	is /break/a.txt file
	leads /moved/a 302 '~/to/a'
	leads /gone/a 301 '~/to/a'
	leads /away/a 302 http://example.org/a
	leads /scheme/a 301 http://example.org/a
	is /case/x 'case /case/x'
	is /none/y 'to /to/[][y]'
	stop
	grep -q 'using uninitialized "seen" variable' "$log"
}

@test "rewrite: the query" {
	server '
		location /keep/ { rewrite ^/keep/(.*)$ /to/$1 last; }
		location /add/ { rewrite ^/add/(.*)$ /to/?p=$1&z last; }
		location /drop/ { rewrite ^/drop/(.*)$ /to/$1? last; }
		location /only/ { rewrite ^/only/(.*)$ /to/?p=$1? last; }
		location /moved/ { rewrite ^/moved/(.*)$ /to/$1?n=$1 redirect; }
		location /bare/ { rewrite ^/bare/(.*)$ /to/$1? permanent; }
		location /value/ { rewrite ^/value/ /to/$is_args$arg_a; }
		location /to/ { return 200 "$uri ($args)"; }'
	is '/keep/a?b=c' '/to/a (b=c)'
	is '/keep/a' '/to/a ()'
	is '/add/a?b=c' '/to/ (p=a&z&b=c)'
	is '/add/a/b:c' '/to/ (p=a/b:c&z)'
	is '/add/a%26b%2Bc%20d' '/to/ (p=a%26b%2Bc%20d&z)'
	is '/drop/a?b=c' '/to/a ()'
	is '/only/a?b=c' '/to/ (p=a)'
	is '/keep/a%3Fb' '/to/a?b ()'
	is '/value/?a=1' '/to/?1 (a=1)'
	leads '/moved/a%20b?c=d' 302 '~/to/a%20b?n=a%20b&c=d'
	leads '/moved/x/y' 302 '~/to/x/y?n=x/y'
	leads '/bare/a?b=c' 301 '~/to/a'
	stop
}

@test "rewrite: in a server, once, before the location" {
	server '
		set $n 1;
		rewrite ^/one/(.*)$ /two/$1;
		rewrite ^/two/(.*)$ /three/$1 last;
		rewrite ^/three/ /never;
		rewrite ^/b/ /two/b break;
		rewrite ^/(two|three)/ /never;
		location / { return 200 "$uri $n"; }
		location /loop { rewrite ^/loop$ /x last; }'
	is /one/a '/three/a 1'
	is /b/ '/two/b 1'
	is /loop '/x 1'
	stop
}

@test "rewrite: ten times at most" {
	server '
		location /turn { rewrite ^ /turn last; }
		location /n { rewrite ^/n(x*)$ /n${1}x; if ($uri = /nxxxxxxxxxx) { return 200 ten; } }
		location /m { rewrite ^/m(x*)$ /m${1}x; if ($uri = /mxxxxxxxxxxx) { return 200 eleven; } }
		location /e { rewrite ^/e(.*)$ $1 last; }
		location / { return 200 root; }'
	answers 500 /turn
	is /n ten
	is /m eleven
	answers 500 /e
	stop
	grep -q 'rewrite or internal redirection cycle' "$log"
	grep -q 'the rewritten URI has a zero length' "$log"
}

@test "a rewritten URI does not leave the root" {
	mkdir -p "$site-b"
	echo b >"$site-b/x"
	server '
		location /get { rewrite ^ /files/$arg_name break; }
		location /bare { rewrite ^ $arg_name break; }
		location /try { try_files $arg_name =404; }'
	is '/get?name=a.txt' file
	answers 500 '/get?name=../../secret'
	answers 500 '/get?name=x/../../../secret'
	answers 500 '/bare?name=-b/x'
	answers 404 '/try?name=/../secret'
	is '/try?name=/files/a.txt' file
	stop
}

@test "if: a variable, texts, patterns" {
	server '
		default_type text/x;
		location /v { if ($arg_a) { return 200 yes; } return 200 no; }
		location /eq { if ($arg_a = b) { return 200 yes; } return 200 no; }
		location /ne { if ($arg_a != "b c") { return 200 yes; } return 200 no; }
		location /args { if ($args = "a=b c") { return 200 yes; } return 200 no; }
		location /vars { if ( $arg_a = $arg_b ) { return 200 yes; } return 200 no; }
		location /empty { if ($arg_a = "") { return 200 yes; } return 200 no; }
		location /re { if ($http_x ~ ^([a-z]+)-([0-9]+)$) { return 200 "$2 $1"; } return 200 no; }
		location /nre { if ($http_x !~ b) { return 200 yes; } return 200 no; }
		location /rei { if ($http_x ~* "^(B{1,2})(c)?$") { return 200 "$1 $2"; } return 200 no; }
		location /nrei { if ($http_x !~* b) { return 200 yes; } return 200 no; }'
	is '/v?a=1' yes
	is '/v?a=0' no
	is '/v?a=' no
	is '/v' no
	is '/v?a=00' yes
	is '/eq?a=b' yes
	is '/eq?a=B' no
	is '/ne?a=b' yes
	is '/vars?a=x&b=x' yes
	is '/vars?a=x&b=y' no
	is '/empty' yes
	is '/empty?a=1' no
	is /re '12 ab' -H 'X: ab-12'
	is /re no -H 'X: AB-12'
	is /re no
	is /nre yes -H 'X: aB'
	is /nre no -H 'X: ab'
	is /rei 'bB ' -H 'X: bB'
	is /rei 'b C' -H 'X: bC'
	is /nrei no -H 'X: aB'
	is /nrei yes -H 'X: a'
	stop
}

@test "if: files" {
	server '
		location / {
			set $x "";
			if (-f $document_root$uri) { set $x "${x}f"; }
			if (!-f $document_root$uri) { set $x "${x}F"; }
			if (-d $document_root$uri) { set $x "${x}d"; }
			if (!-d $document_root$uri) { set $x "${x}D"; }
			if (-e $document_root$uri) { set $x "${x}e"; }
			if (!-e $document_root$uri) { set $x "${x}E"; }
			if (-x $document_root$uri) { set $x "${x}x"; }
			if (!-x $document_root$uri) { set $x "${x}X"; }
			return 200 $x;
		}
		location /rel { if (-f secret) { return 200 yes; } return 200 no; }'
	is /new fDeX
	is /run fDex
	is /dir Fdex
	is /nothing FDEX
	is /rel yes
	stop
}

@test "if: its directives count, those around it too" {
	server '
		default_type text/outer;
		location /in {
			set $a 1;
			add_header X-Outer "$a";
			if ($arg_x) { set $a "${a}2"; add_header X-Inner "$a"; root '"$site"'/files; charset koi8-r; }
			if ($arg_y) { set $a "${a}3"; break; }
			set $a "${a}4";
			rewrite ^/in$ /a.txt break;
		}
		location /err { error_page 404 = /to; if ($arg_x) { set $b 1; } }
		location /to { return 200 "to $b"; }'
	is '/in?x=1' file
	[ "$(header X-Inner)" = 124 ]
	[ -z "$(header X-Outer)" ]
	[ "$(header Content-Type)" = 'text/plain; charset=koi8-r' ]
	answers 404 '/in'
	is '/err?x=1' 'to 1'
	is '/err' 'to '
	stop
}

@test "if: the handler of the location around it answers" {
	server 'location = /state { stub_status; if ($arg_x) { set $y 1; } }'
	fetch /state
	grep -q '^Active connections' "$body"
	fetch '/state?x=1'
	grep -q '^Active connections' "$body"
	stop
}

@test "if in a server" {
	server '
		set $word out;
		if ($http_x = set) { set $word in; }
		if ($http_x = go) { rewrite ^ /there last; }
		if ($http_x = end) { return 403 "ended"; }
		if ($http_x = stop) { break; }
		set $word "$word!";
		location / { return 200 "$uri $word"; }'
	is / '/ out!'
	is / '/ in!' -H 'X: set'
	is / '/there out' -H 'X: go'
	is / ended -H 'X: end'
	[ "$status" = 403 ]
	is / '/ out' -H 'X: stop'
	stop
}

@test "return: all forms" {
	server '
		default_type text/x;
		error_page 404 /new;
		location /code { return 403; }
		location /page { return 404; }
		location /text { return 404 "text $uri"; }
		location /ok { return 200; }
		location /none { return 204; }
		location /odd { return 418; }
		location /moved { return 301 /to?$args; }
		location /url { return http://example.org$uri; }
		location /scheme { return $scheme://example.org/; }
		location /see { return 303 rel; }
		location /silent { return 444; }
		location /split { return 302 /x$uri; }
		location /html/ { return 200 "<p>"; }'
	answers 403 /code
	answers 404 /page
	[ "$(cat "$body")" = new ]
	is /text 'text /text'
	[ "$status" = 404 ]
	[ "$(header Content-Type)" = text/x ]
	is /ok ''
	[ "$status" = 200 ]
	[ "$(header Content-Length)" = 0 ]
	answers 204 /none
	answers 418 /odd
	leads '/moved?a=b' 301 '~/to?a=b'
	leads /url 302 http://example.org/url
	leads /scheme 302 http://example.org/
	leads /see 303 rel
	leads '/split%0d%0aX:%20y' 302 '~/x/split%0D%0AX:%20y'
	[ -z "$(header X)" ]
	raw 'GET /silent HTTP/1.1\r\nHost: a\r\n\r\n'
	[ ! -s "$answer" ]
	is /html/x.html '<p>'
	[ "$(header Content-Type)" = text/html ]
	stop
}

@test "set: what variables are" {
	server '
		log_not_found off;
		location /own { set $args "a=1"; return 200 "$args $arg_a $query_string"; }
		location /late { set $copy $later; set $later 1; return 200 "[$copy]"; }
		location /q { set $x "${arg_a}b"; return 200 $x; }
		location /quiet { uninitialized_variable_warn off; return 200 "[$later]"; }'
	is '/own?b=2' 'a=1 1 a=1'
	is /late '[]'
	is '/q?a=a' ab
	is /quiet '[]'
	stop
	[ "$(grep -c 'using uninitialized "later"' "$log")" = 1 ]
}

@test "rewrite_log" {
	server 'rewrite_log on; location / { rewrite ^/a(.*)$ /b$1?x last; rewrite ^/c /d redirect; }'
	answers 404 /ac
	answers 302 /c
	stop
	grep -qF '"^/a(.*)$" matches "/ac"' "$log"
	grep -qF '"^/a(.*)$" does not match "/bc"' "$log"
	grep -qF 'rewritten data: "/bc", args: "x"' "$log"
	grep -qF 'rewritten redirect: "/d"' "$log"
}

@test "what is wrong" {
	in_location() { # in_location TEXT DIRECTIVE
		config_error "bad.conf:3: $1" "events {} http { server {
			location / {
			$2 } } }"
	}
	in_location 'invalid number of arguments in "rewrite" directive' 'rewrite a;'
	in_location 'invalid value "lasst" in "rewrite" directive' 'rewrite a b lasst;'
	in_location '"(": ' 'rewrite "(" b;'
	in_location '"^/(\d+)": a backslash before that letter needs PCRE' 'rewrite ^/(\d+) b;'
	in_location 'unknown "nothing" variable' 'rewrite a /$nothing;'
	in_location 'unknown "nothing" variable' 'if ($nothing) { return 200; }'
	in_location 'invalid variable name "x"' 'set x y;'
	in_location 'the duplicate "uri" variable' 'set $uri y;'
	in_location 'invalid return code "1000"' 'return 1000;'
	in_location 'invalid return code "abc"' 'return abc;'
	in_location 'directive "if" has no opening "{"' 'if ($args);'
	for condition in '$args' '(x = y)' '($args' '($args = )' '()' '(-f)' '(-q x)' '($args == x)' '($args < x)' '($args = x y)'; do
		in_location 'invalid condition in "if" directive' "if $condition { return 200; }"
	done
	in_location '"if" directive is not allowed here' 'if ($args) { if ($args) { return 200; } }'
	in_location '"listen" directive is not allowed here' 'if ($args) { listen 80; }'
	config_error '"add_header" directive is not allowed here' 'events {} http { server { if ($args) { add_header a b; } } }'
	config_error '"rewrite" directive is not allowed here' 'events {} http { rewrite a b; }'
}

@test "request_uri is the path and the query, whatever the form of the target" {
	http "log_format uri '\$request_uri'; server { listen LISTEN; access_log $tmp/uri.log uri;
		error_page 400 405 =302 https://www.example.org\$request_uri; return 301 https://www.example.org\$request_uri; }"
	leads() { # leads TARGET-WITH-METHOD LOCATION
		raw "$1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
		[ "$(sed -n 's/^Location: \(.*\)\r$/\1/p' "$answer")" = "$2" ] || { cat "$answer"; false; }
	}
	leads 'GET /ru?a=b' 'https://www.example.org/ru?a=b'
	leads 'GET //ru' 'https://www.example.org//ru'
	leads 'GET http://x/ru?a=b' 'https://www.example.org/ru?a=b'
	leads 'GET http://www.example.org/r%2fu' 'https://www.example.org/r%2fu'
	leads 'GET http://x' 'https://www.example.org/'
	leads 'GET http://x?a=b' 'https://www.example.org/?a=b'
	leads 'GET .evil.com://x/ru' 'https://www.example.org'
	leads 'OPTIONS *' 'https://www.example.org'
	leads 'CONNECT .evil.com:443' 'https://www.example.org'
	stop
	[ "$(sed -n '3p;7,$p' "$tmp/uri.log" | xargs)" = '/ru?a=b - - -' ]
}

@test "set: a variable of a family is what it is where it is not set, whatever is mentioned first" {
	for order in 'location = /set { set $http_x mine; set $arg_y own; set $cookie_z sweet; return 200 "$http_x $arg_y $cookie_z"; }
			location /other { return 200 "$http_x $arg_y $cookie_z"; }' \
		'location /other { return 200 "$http_x $arg_y $cookie_z"; }
			location = /set { set $http_x mine; set $arg_y own; set $cookie_z sweet; return 200 "$http_x $arg_y $cookie_z"; }'; do
		server "$order"
		for path in /set /other; do
			fetch -H 'X: theirs' -H 'Cookie: z=c' "$path?y=arg"
			echo "$(cat "$body")" >>"$tmp/said"
		done
		[ "$(tail -n 2 "$tmp/said" | xargs)" = 'mine own sweet theirs arg c' ]
		fetch /other
		[ "$(cat "$body")" = '  ' ]
		stop
	done
}

@test "request_id: one for a request, its subrequests and its line in the log; set is seen by them" {
	echo '<!--# include virtual="/id" --> <!--# echo var="request_id" --> <!--# include virtual="/tag" -->' >"$site/ids.html"
	http "log_format ids '\$request_id'; server { listen LISTEN; root $site; access_log $tmp/ids.log ids;
		location = /ids.html { ssi on; set \$tag main; add_header X-Id \$request_id; post_action /id; }
		location = /id { return 200 \$request_id; } location = /tag { return 200 \$tag; } }"
	fetch /ids.html
	id=$(header X-Id)
	[[ $id =~ ^[0-9a-f]{32}$ ]]
	[ "$(cat "$body")" = "$id $id main" ]
	fetch /ids.html
	[ "$(header X-Id)" != "$id" ]
	stop
	[ "$(head -n 1 "$tmp/ids.log")" = "$id" ]
}

@test "pipe: of a request that had come before the answer to the last was given" {
	server 'location / { return 200 "[$pipe]"; } location = /sub { ssi on; default_type text/html; return 200 "<!--# include virtual=\"/\" -->"; }'
	get='GET / HTTP/1.1\r\nHost: x\r\n\r\n' post='POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc'
	# in one write, which a shell's printf is not
	printf '%b' "$get$post$get${get/\/ /\/sub }GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" >"$tmp/requests"
	answer=$tmp/answer
	exec {socket}<>"/dev/tcp/127.0.0.1/$port"
	cat "$tmp/requests" >&"$socket"
	timeout 20 cat <&"$socket" >"$answer"
	exec {socket}>&-
	[ "$(grep -ao '\[[p.]\]' "$answer" | tr -d '\n')" = '[.][p][p][p][p]' ]
	# one after the other
	curl -s "$url/" "$url/" >"$tmp/two"
	[ "$(cat "$tmp/two")" = '[.][.]' ]
	stop
}

@test "rewrite to a URL that came as an argument; a line break in it stays encoded" {
	server 'absolute_redirect off; rewrite ^/to$ $arg_r? redirect; rewrite ^/more$ $arg_r permanent; rewrite ^/(.*)/cap$ /c/$1? redirect; rewrite ^/in$ $arg_r? last; location / { return 200 "$uri"; }'
	leads() { # leads PATH LOCATION
		fetch "$1"
		[ "$(header Location)" = "$2" ]
		not grep -q '^X' "$head"
	}
	leads '/to?r=http%3A%2F%2Fexample.org%2Fx%3Fa%3Db%2Fc' 'http://example.org/x?a%3Db%2Fc'
	leads '/to?r=http%3a%2f%2fexample.org%2f%7euser' 'http://example.org/~user'
	leads '/to?r=%2Fa%0d%0aX:%20y%20%22%25%23%00%7f%e4' '/a%0d%0aX:%20y%20%22%25%23%00%7f%e4'
	leads '/to?r=/a%' '/a%'
	leads '/to?r=/a%4' '/a%4'
	leads '/to?r=/a%4g%zz' '/a%4g%zz'
	leads '/more?r=%2Fa' '/a?r=%2Fa'
	leads '/a%3Fb%2525%0a/cap' '/c/a%3Fb%2525%0A'
	stop
}

@test "msie_refresh: the URL in the page is one" {
	server 'msie_refresh on; rewrite ^/to/(.*)$ http://example.org/$1? redirect; location / { return 302 $uri; }'
	refreshes() { # refreshes PATH URL
		answers 200 -A 'Mozilla/4.0 (compatible; MSIE 6.0)' "$1"
		grep -qF "content=\"0; URL=$2\"" "$body" || { cat "$body"; false; }
	}
	refreshes '/a%22%3e%3cb%3e%0d%0a%20x' '/a&quot;&gt;&lt;b&gt;%0D%0A%20x'
	refreshes '/to/%22%26%25' 'http://example.org/%22&amp;%25'
	refreshes '/%e4%7f' '/%E4%7F'
	stop
}

@test "a folder whose name begins with two slashes is no host" {
	mkdir -p "$site/evil.example"
	server 'merge_slashes off; absolute_redirect off;'
	fetch '//evil.example?a=b'
	[ "$(header Location)" = '/.//evil.example/?a=b' ]
	fetch '/evil.example'
	[ "$(header Location)" = '/evil.example/' ]
	stop
}

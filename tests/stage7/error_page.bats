# error_page and try_files in all their forms.
load lib

make_site() {
	mkdir -p "$site/dir" "$site/folder"
	printf 'sorry' >"$site/sorry.html"
	printf 'gif' >"$site/empty.gif"
	printf 'a' >"$site/a.txt"
	printf 'index' >"$site/dir/index.html"
}

is() { # is STATUS BODY [curl options] PATH
	fetch "${@:3}"
	[ "$status" = "$1" ] && [ "$(cat "$body")" = "$2" ] || { cat "$body"; false; }
}

@test "error_page: a page, other statuses, names, redirects" {
	server '
		error_page 404 /sorry.html;
		error_page 403 =200 /empty.gif;
		location /find/ { error_page 404 = /found; }
		location /same/ { error_page 404 = @named; return 404; }
		location /named/ { error_page 404 500 @named; }
		location /fixed/ { error_page 404 =410 @named; }
		location /out/ { error_page 404 https://example.org$uri; }
		location /moved/ { error_page 404 =301 http://example.org/; }
		location /vars/ { error_page 404 /page?of=$uri&$args; }
		location /none/ { error_page 500 /sorry.html; }
		location = /found { return 201 found; }
		location = /page { return 200 "$uri $args"; }
		location @named { return 200 "named $uri $request_method"; }
		location /forbidden { return 403; }'
	is 404 sorry /missing
	[ -z "$(header Last-Modified)$(header Accept-Ranges)" ]
	is 404 sorry -H 'Range: bytes=0-0' /missing
	is 404 sorry -H 'If-None-Match: *' /missing
	fetch -I /missing
	[ "$status" = 404 ]
	[ "$(header Content-Length)" = 5 ]
	is 200 gif /forbidden
	is 304 '' -H 'If-None-Match: *' /forbidden # a 200 like others
	is 201 found /find/x
	is 200 'named /same/x POST' -X POST -d body /same/x
	is 404 'named /named/x GET' /named/x
	is 410 'named /fixed/x GET' /fixed/x
	answers 302 /out/x
	[ "$(header Location)" = https://example.org/out/x ]
	answers 301 /moved/x
	[ "$(header Location)" = http://example.org/ ]
	is 404 '/page of=/vars/x&b=c' '/vars/x?b=c'
	fetch /none/x
	[ "$status" = 404 ]
	grep -q '404 Not Found' "$body"
	stop
}

@test "error_page: the page fails, too" {
	server '
		recursive_error_pages off;
		error_page 403 =200 /missing.html;
		error_page 404 /sorry.html;
		error_page 410 @gone;
		location /forbidden { return 403; }
		location /deep { recursive_error_pages on; error_page 403 /deeper/missing; return 403; }
		location /deeper { recursive_error_pages on; }
		location /loop { recursive_error_pages on; error_page 404 /loop/again; }
		location /gone { return 410; }
		location /posted { return 404; }
		location /lost { error_page 404 @nowhere; }
		location @gone { return 503; }'
	fetch /forbidden
	[ "$status" = 404 ]
	grep -q '404 Not Found' "$body"
	is 404 sorry /deep
	answers 500 /loop/x
	answers 503 /gone
	answers 500 /lost
	# a POST becomes a GET for the page
	is 404 sorry -X POST -d body /posted
	stop
}

@test "try_files" {
	server '
		location / { try_files $uri $uri/ /sorry.html; }
		location /folder { try_files $uri =404; }
		location /code/ { try_files /nothing =410; }
		location /named/ { try_files /nothing @named; }
		location /args/ { try_files /nothing /last?was=$uri&$args; }
		location /drop/ { try_files /nothing /last; }
		location /last { return 200 "$uri $args"; }
		location /here { default_type text/here; try_files /a.x /a.txt =404; types { } }
		location /files/ { alias '"$site"'/; try_files $uri =404; }
		location /al/ { alias '"$site"'/dir/; try_files $uri $arg_f /index.html =404; }
		location /loop/ { try_files /nothing /loop/x; }
		location @named { return 200 "named $uri $args"; }'
	is 200 a /a.txt
	is 200 index /dir/
	answers 301 '/dir?a=b'
	[ "$(header Location)" = "$url/dir/?a=b" ]
	is 200 sorry /nothing
	# a folder is no file
	answers 404 /folder
	answers 410 /code/x
	is 200 'named /named/x a=b' '/named/x?a=b'
	is 200 '/last was=/args/x&a=b' '/args/x?a=b'
	is 200 '/last ' '/drop/x?a=b'
	is 200 a /here
	[ "$(header Content-Type)" = text/here ]
	is 200 a /files/a.txt
	answers 404 /files/b.txt
	is 200 index /al/nothing # behind the alias, not behind the prefix
	is 200 index "/al/nothing?f=/index.html"
	! grep -q "leads out" "$log"
	answers 500 /loop/x
	stop
}

@test "error_page and try_files: what is wrong" {
	wrong() {
		config_error "bad.conf:2: $1" "events {} http { server {
			$2 } }"
	}
	wrong 'invalid number of arguments in "error_page" directive' 'error_page 404;'
	wrong 'value "299" must be between 300 and 599 and not 499' 'error_page 299 /x;'
	wrong 'value "499" must be between 300 and 599 and not 499' 'error_page 499 /x;'
	wrong 'invalid value "=x" in "error_page" directive' 'error_page 404 =x /x;'
	wrong 'invalid value "=200" in "error_page" directive' 'error_page =200 /x;'
	wrong 'unknown "x" variable' 'error_page 404 /$x;'
	wrong 'invalid number of arguments in "try_files" directive' 'try_files $uri;'
	wrong 'invalid value "=x" in "try_files" directive' 'try_files $uri =x;'
	wrong '"try_files" directive is duplicate' 'try_files a b; try_files a b;'
}

@test "the status of an error is what its page says and has, whatever makes the page" {
	server '
		error_page 404 /json; location = /json { return 200 "{\"code\":$status}"; }
		location /as/ { error_page 404 =206 /json; return 404; }
		location /of/ { error_page 404 = /json; return 404; }
		location /args/ { error_page 404 /echo?code=$status; return 404; } location = /echo { return 200 $args; }
		location /args206/ { error_page 404 =206 /echo?code=$status; return 404; }
		location /named/ { error_page 404 @gone; return 404; } location @gone { return 410 "gone $status"; }
		location /named206/ { error_page 404 =206 @gone; return 404; }
		location /named-of/ { error_page 404 = @gone; return 404; }
		location /none/ { error_page 404 /nothing; return 404; } location = /nothing { return 204; }
		location /empty/ { error_page 404 /done; return 404; } location = /done { return 200; }
		location /moves/ { error_page 404 =206 /moved; return 404; } location = /moved { return 301 /x?$status; }
		location /fails/ { error_page 404 =206 /denied; return 404; } location = /denied { return 403; }
		location /busy { return 503 "code $status"; } location /teapot { return 418 "$status"; } location /good { return 201 "$status"; }'
	is 404 '{"code":404}' /x
	is 206 '{"code":206}' /as/x
	is 200 '{"code":200}' /of/x
	is 404 code=404 /args/x
	is 206 code=206 /args206/x
	is 404 'gone 404' /named/x
	is 206 'gone 206' /named206/x
	is 410 'gone 410' /named-of/x
	is 404 '' /none/x
	[ "$(header Content-Length)" = 0 ]
	is 404 '' /empty/x
	answers 301 /moves/x
	[[ $(header Location) = */x?206 ]]
	answers 403 /fails/x
	is 503 'code 503' /busy
	is 418 418 /teapot
	is 201 201 /good
	stop
}

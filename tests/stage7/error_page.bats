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

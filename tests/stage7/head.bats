# HEAD is GET without the body (RFC 9110, 9.3.2), whatever makes the answer: head.py has the table.
load lib

make_site() {
	mkdir -p "$site"/{sub,listed,random,ssi,unlisted}
	for name in file page.html sub/index.html random/only error.html ssi/part.html; do echo "this is $name" >"$site/$name"; done
	echo 'before <!--# include virtual="/ssi/part.html" --> behind' >"$site/ssi/page.html"
	seq 1000 >"$site/large.txt"
	gzip -k "$site/large.txt"
	truncate -s 64M "$site/huge"
	: >"$site/empty"
	find "$site" -exec touch -d '2020-02-02 02:02:02Z' {} +
}

returns() { # returns STATUS /target ['text']
	echo "location = $2 { return $1 ${3:+'$3'}; }"
}

all_kinds() {
	cat <<-END
		location /listed/ { autoindex on; }
		location /listed.json/ { alias $site/listed/; autoindex on; autoindex_format json; }
		location /random/ { random_index on; }
		location = /refresh { msie_refresh on; return 302 /elsewhere#part; }
		location = /internal { internal; }
		location = /denied { deny all; }
		location = /only-post { limit_except POST { deny all; } }
		location = /rewritten { rewrite ^ /elsewhere permanent; }
		location /round { rewrite ^/round(.*) /round\$1x; }
		location = /tried { try_files /missing =404; }
		location = /tried-named { try_files /missing @named; }
		location @named { return 404; }
		location @gone { return 410 gone; }
		location = /page404 { error_page 404 /error.html; return 404; }
		location = /page200 { error_page 404 =200 /error.html; return 404; }
		location = /page-of { error_page 404 = /created; return 404; }
		location = /page-named { error_page 404 = @gone; return 404; }
		location = /page-away { error_page 404 http://example.org/; return 404; }
		location = /page-lost { error_page 403 /missing; return 403; }
		location /page-loop { recursive_error_pages on; error_page 404 /page-loop; }
		location /ssi/ { ssi on; }
		location /gzip/ { alias $site/; gzip on; gzip_types *; gzip_min_length 1; }
		location /static/ { alias $site/; gzip_static on; }
		location = /limited { limit_req zone=rate; }
		location = /crowded { limit_conn together 1; }
		location = /held { alias $site/huge; limit_conn together 1; }
		location = /status { status; }
		location = /stub { stub_status; }
		location = /slow { demo_slow 10ms; }
		location = /long { return 413; }
		location = /trailer { alias $site/file; add_trailer X-Trailer yes; }
		location = /expires { alias $site/file; expires 1h; add_header X-Added yes; }
		location = /acted { alias $site/file; post_action /text; }
	END
	for pair in 301:moved 302:found 303:other 307:temporary 308:permanent; do returns "${pair%:*}" "/${pair#*:}" /elsewhere; done
	for pair in 400:bad 403:deny 418:teapot 500:broken 503:later; do
		returns "${pair%:*}" "/${pair#*:}"
		returns "${pair%:*}" "/${pair#*:}-text" 'a text'
	done
	returns 200 /none
	returns 200 /text 'some text'
	returns 201 /created created
	returns 204 /nothing
	returns 304 /unchanged
	returns 410 /gone-text gone
}

same_heads() { # same_heads VERSION
	http "limit_req_zone all zone=rate:32k rate=1r/m; limit_conn_zone all zone=together:32k;
		server { listen LISTEN; root $site; $(all_kinds) }"
	answers 404 /limited # the bucket is full
	exec {held}<>"/dev/tcp/127.0.0.1/$port" # and the place is taken
	printf 'GET /held HTTP/1.1\r\nHost: x\r\n\r\n' >&"$held"
	within 20 answers 503 /crowded
	PYTHONDONTWRITEBYTECODE=1 timeout 100 python3 "$BATS_TEST_DIRNAME/head.py" "$port" "$1" 3>&- 4>&-
	exec {held}>&-
	stop
}

@test "HEAD: the head of GET, and nothing behind it" { same_heads 1.1; }
@test "HEAD in HTTP/1.0 on a connection that stays" { same_heads 1.0; }

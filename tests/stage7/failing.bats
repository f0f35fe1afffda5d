# One call of the server fails: the first malloc of a request, the second, ...; the same for each system
# call, over a table of kinds of requests. See failing.py.
#
#   FAILING_ALL=1      all errors, calls that go on failing, and every server of the table below
#   FAILING_ONLY=...   one of them again
load lib

make_site() {
	printf 'a small file\n' >"$site/small.txt"
	head -c 300000 /dev/urandom | base64 -w 76 >"$site/large.txt"
	mkdir -p "$site/folder" "$site/list/in" "$site/gz"
	echo 'the index' >"$site/folder/index.html"
	touch -d '2026-01-02 03:04:05' "$site/list/in" "$site/list/"{one,two}.txt
	echo 'included' >"$site/part.txt"
	echo '<!--#set var="a" value="b" --><!--#include virtual="/part.txt" --><!--#if expr="$a = /^(b|c)+$/" -->yes<!--#else -->no<!--#endif --><!--#include virtual="/redirected" --><!--#echo var="a" -->' >"$site/page.shtml"
	seq 3000 >"$site/long.txt"
	gzip -k -n "$site/long.txt"
	mv "$site/long.txt.gz" "$site/gz/long.txt.gz"
	cp "$site/long.txt" "$site/gz/long.txt"
	tool_of_failing
}

tool_of_failing() {
	"${CC:-cc}" -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE -shared -fPIC -o "$tmp/failing.so" "$BATS_TEST_DIRNAME/failing.c"
	build "$BUILT/parts.a"
	with_module echo_body "$BATS_TEST_DIRNAME/modules/echo_body.c"
}

kinds() {
	cat <<-'END'
		small 200
		GET /small.txt HTTP/1.1

		small-head 200
		HEAD /small.txt HTTP/1.1

		small-uncached 200
		GET /uncached/small.txt HTTP/1.1

		small-close 200 close
		GET /small.txt HTTP/1.0

		large 200
		GET /large.txt HTTP/1.1

		large-uncached 200
		GET /uncached/large.txt HTTP/1.1

		large-copied 200
		GET /copied/large.txt HTTP/1.1

		large-close 200 close
		GET /large.txt HTTP/1.0

		long-head 200
		GET /small.txt HTTP/1.1
		X-Long: LONG
		X-Other: LONG

		not-found 404
		GET /nothing HTTP/1.1

		not-modified 304
		GET /small.txt HTTP/1.1
		If-None-Match: *

		range 206
		GET /large.txt HTTP/1.1
		Range: bytes=100-200000

		ranges 206
		GET /large.txt HTTP/1.1
		Range: bytes=0-10,100-110,100000-300000

		ranges-uncached 206
		GET /uncached/small.txt HTTP/1.1
		Range: bytes=0-1,5-6

		no-range 416
		GET /small.txt HTTP/1.1
		Range: bytes=1000-

		index 200
		GET /folder/ HTTP/1.1

		index-uncached 200
		GET /uncached/folder/ HTTP/1.1

		folder-redirect 301
		GET /folder HTTP/1.1

		list 200
		GET /list/ HTTP/1.1

		list-json 200
		GET /list-json/ HTTP/1.1

		random 200
		GET /random/ HTTP/1.1

		ssi 200
		GET /page.shtml HTTP/1.1

		ssi-close 200 close
		GET /page.shtml HTTP/1.0

		ssi-post 200
		GET /page.shtml?a=%20b HTTP/1.1
		Accept-Encoding: gzip

		gzip-static 200 plain
		GET /gz/long.txt HTTP/1.1
		Accept-Encoding: gzip

		text 200
		GET /text?x=y HTTP/1.1

		redirect 302
		GET /redirect HTTP/1.1

		error-page 404
		GET /error-page/nothing HTTP/1.1

		try-files 200
		GET /try/nothing HTTP/1.1

		rewrite 200
		GET /rewrite/small.txt HTTP/1.1

		rewritten-away 200
		GET /away/small.txt HTTP/1.1

		denied 403
		GET /denied/small.txt HTTP/1.1

		denied-pattern 403
		GET /small.secret HTTP/1.1

		denied-condition 403
		GET /condition?x=abab HTTP/1.1

		denied-address 403
		GET /address HTTP/1.1
		X-Real-IP: 10.9.9.9

		denied-any 403
		GET /any/small.txt HTTP/1.1

		denied-server 403 unix
		GET /small.txt HTTP/1.1
		Host: admin7.example

		denied-except 403
		POST /except/small.txt HTTP/1.1
		Content-Length: 0

		denied-map 403
		GET /map HTTP/1.1
		User-Agent: the evil one

		rewritten-user-agent 403
		GET /agent HTTP/1.1
		User-Agent: evil

		limited 200
		GET /limited/small.txt HTTP/1.1

		body-small 200
		POST /echo HTTP/1.1
		Content-Length: 100
		body 100

		body-large 200
		POST /echo HTTP/1.1
		Content-Length: 100000
		body 100000

		body-file 200
		POST /echo-file HTTP/1.1
		Content-Length: 100000
		body 100000

		body-dropped 200
		POST /text HTTP/1.1
		Content-Length: 100000
		body 100000

		body-refused 413 close
		POST /echo HTTP/1.1
		Content-Length: 10000000
		Connection: close
	END
}

configuration() {
	cat <<-END
		log_format all '\$remote_addr \$request_id \$status \$bytes_sent \$http_user_agent \$host \$request_length \$pipe';
		access_log $tmp/access.log all;
		limit_req_zone \$binary_remote_addr zone=r:64k rate=1000000r/s;
		limit_conn_zone \$binary_remote_addr zone=c:64k;
		map \$http_user_agent \$evil { default 0; ~evil 1; }
		keepalive_timeout 60s; send_timeout 60s; client_header_timeout 60s; client_body_timeout 60s;
		large_client_header_buffers 4 8k;
		client_body_temp_path $tmp/body;
		server {
			listen LISTEN;
			listen unix:$tmp/socket default_server;
			root $site;
			location = /sentinel { return 200 'the sentinel'; }
			location = /status { status; }
			location / { }
			location /uncached/ { alias $site/; open_file_cache off; }
			location /copied/ { alias $site/; open_file_cache off; sendfile off; }
			location /list/ { autoindex on; open_file_cache off; }
			location /list-json/ { alias $site/list/; autoindex on; autoindex_format json; }
			location /random/ { alias $site/folder/; random_index on; }
			location ~ [.]shtml\$ { ssi on; }
			location = /redirected { rewrite ^ /part.txt last; }
			location /gz/ { gzip_static on; open_file_cache off; }
			location = /text { add_header X-Args "\$arg_x" always; expires 1h; charset utf-8; return 200 "text \$arg_x \$uri \$remote_addr\\n"; }
			location = /redirect { return 302 /folder/\$host; }
			location /error-page/ { error_page 404 /part.txt; }
			location /try/ { try_files /a \$uri/ /small.txt =404; }
			location /rewrite/ { rewrite ^/rewrite/(.*)\$ /\$1 break; }
			location /away/ { set \$there /uncached; rewrite ^/away/(.*)\$ \$there/\$1?y last; }
			location /denied/ { alias $site/; deny 127.0.0.0/8; allow all; }
			location ~ ^/(small|large)+[.]secret\$ { deny all; return 403; }
			location = /condition { if (\$arg_x ~ ^(a|b|ab)+\$) { return 403; } return 200 'let in'; }
			location = /address { set_real_ip_from 127.0.0.1; real_ip_header X-Real-IP; deny 10.9.9.9; allow all; alias $site/small.txt; }
			location /any/ { alias $site/; satisfy any; deny 127.0.0.1; deny all; }
			location /except/ { alias $site/; limit_except GET { deny all; } }
			location = /map { if (\$evil) { return 403; } return 200 'let in'; }
			location = /agent { if (\$http_user_agent ~* EVIL) { return 403; } return 200 'let in'; }
			location /limited/ { alias $site/; limit_req zone=r burst=100 nodelay; limit_conn c 100; limit_rate 100m; }
			location = /echo { echo_body; client_body_buffer_size 16k; client_max_body_size 1m; }
			location = /echo-file { echo_body; client_body_in_file_only clean; }
		}
		server { listen unix:$tmp/socket; server_name ~^admin[0-9]+[.]example\$; deny all; root $site; }
	END
}

# failing SERVER [CALL ...]
failing() {
	BUILT=$1
	configuration >"$tmp/http.conf"
	PRELOAD=$tmp/failing.so
	truncate -s 4096 "$tmp/order"
	export FAILING=$tmp/order
	EVENTS='accept_mutex_delay 20ms;' http "$(cat "$tmp/http.conf")"
	kinds | sed "s/LONG/$(printf '%03000d' 7)/" >"$tmp/kinds"
	unset FAILING
	ulimit -c 0
	timeout "${FAILING_TIME:-600}" python3 -u "$BATS_TEST_DIRNAME/failing.py" "$port" "$pid" "$tmp" "${@:2}" 3>&- 4>&- >"$tmp/said" || { cat "$tmp/said"; false; }
	cat "$tmp/said"
	stop
}

@test "an allocation fails: no crash, no wrong answer, nothing lost, the next client served" {
	failing "$tmp/with-echo_body" malloc
}

@test "a system call fails, or moves one byte: the same" {
	failing "$tmp/with-echo_body"
}

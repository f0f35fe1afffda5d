# Access logs: formats, escapes, conditions, buffers. Error logs: levels and places.
load lib

make_site() {
	echo page >"$site/page"
	mkdir -p "$site/in"
	echo page >"$site/in/page"
}

# logged 'ACCESS_LOG ARGUMENTS' ['DIRECTIVES of the server']   with a format "short" that has $arg_x in it
logged() {
	lines=$tmp/access.log
	rm -f "$lines"
	http "log_format short '\$request_method \$uri \$status [\$arg_x]'; log_format json escape=json '\$arg_x';
		log_format none escape=none '\$arg_x\$http_x'; server { listen LISTEN; root $site; access_log $lines $1; ${2:-} }"
}

has_lines() { # has_lines COUNT
	[ "$(wc -l <"$lines")" = "$1" ]
}

@test "a line for each request, with what it was and became" {
	logged short
	answers 200 /page
	answers 404 /nothing
	answers 405 -X POST '/page?x=1'
	refuses 400 'GET / HTTP/1.1\r\n\r\n'
	within 10 has_lines 4
	[ "$(head -n 3 "$lines")" = $'GET /page 200 [-]\nGET /nothing 404 [-]\nPOST /page 405 [1]' ]
	stop
	logged combined
	answers 200 -A agent -e 'from"here' /page
	within 10 has_lines 1
	grep -Eq '^127\.0\.0\.1 - - \[[0-3][0-9]/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [+-][0-9]{4}\] "GET /page HTTP/1\.1" 200 5 "from\\x22here" "agent"$' "$lines"
	stop
}

@test "what a client sends cannot forge a line" {
	logged none
	answers 200 -H 'X: plain "x"' /page
	within 10 has_lines 1
	[ "$(cat "$lines")" = 'plain "x"' ]
	stop
	logged json
	answers 200 '/page?x="\\'
	within 10 has_lines 1
	[ "$(cat "$lines")" = '\"\\\\' ]
	stop
	logged short
	raw 'GET /page?x=\0001\0377"\\ HTTP/1.0\r\n\r\n'
	answers 200 '/page?x=é"'
	within 10 grep -qF '[\xC3\xA9\x22]' "$lines"
	stop
}

# A control character in a name would begin a line, or be obeyed by the reader's terminal.
@test "what a client sends cannot forge a line of the error log" {
	http "server { listen LISTEN; root $site; error_log $tmp/forged info; location /deny { deny all; } }"
	local forged='2026/11/28%2002:00:00%20%5Bemerg%5D%201:%20forged'
	answers 404 "/x%0a$forged"
	answers 403 "/deny%0d%0a$forged"
	answers 404 '/%1b%5b2J%07%08%7f%09%01%1f'
	answers 404 '/%c2%9b31m%c2%80%c2%9f'
	answers 404 '/%c3%a9%e2%82%ac-%c2%a0-%ff%9b'
	answers 404 "/long$(printf '%%0a%.0s' {1..2000})"
	stop
	cat -v "$tmp/forged"
	[ "$(wc -l <"$tmp/forged")" -eq 6 ]
	[ "$(grep -c '^[0-9/]\{10\} [0-9:]\{8\} \[error\] [0-9]*: \*[0-9]* ' "$tmp/forged")" -eq 6 ]
	grep -qF 'x\x0A2026/11/28 02:00:00 [emerg] 1: forged"' "$tmp/forged"
	grep -qF 'deny\x0D\x0A2026/11/28' "$tmp/forged" || grep -qF 'access forbidden by rule' "$tmp/forged"
	grep -qF '/\x1B[2J\x07\x08\x7F\x09\x01\x1F"' "$tmp/forged"
	[ "$(LC_ALL=C tr -d '\n -~\200-\377' <"$tmp/forged" | wc -c)" -eq 0 ]
	LC_ALL=C grep -qF $'/\xc2\\x9B31m\xc2\\x80\xc2\\x9F"' "$tmp/forged"
	LC_ALL=C grep -qF $'/\xc3\xa9\xe2\x82\xac-\xc2\xa0-\xff\x9b"' "$tmp/forged" # text stays text
}

@test "if= is false for nothing and for 0" {
	logged 'short if=$arg_log'
	answers 200 /page
	answers 200 '/page?log='
	answers 200 '/page?log=0'
	answers 200 '/page?log=00&x=a'
	answers 200 '/page?log=1&x=b'
	stop
	[ "$(cat "$lines")" = $'GET /page 200 [a]\nGET /page 200 [b]' ]
}

@test "off, several files, and a location of its own" {
	logged short "access_log $tmp/second.log short; location /in/ { access_log $tmp/third.log short; } location = /in/off { access_log off; }"
	answers 200 /page
	answers 200 /in/page
	answers 404 /in/off
	stop
	[ "$(cat "$lines")" = 'GET /page 200 [-]' ]
	cmp "$lines" "$tmp/second.log"
	[ "$(cat "$tmp/third.log")" = 'GET /in/page 200 [-]' ]
}

@test "buffer=: whole lines, when it is full and at the end" {
	logged 'short buffer=1k'
	answers 200 /page
	answers 200 /page
	[ ! -s "$lines" ]
	for i in {1..40}; do answers 200 "/page?x=$i-$(printf '%50s' | tr ' ' .)"; done
	[ -s "$lines" ]
	[ -z "$(tail -c 1 "$lines")" ]
	not has_lines 42
	answers 200 "/page?x=$(printf '%1500s' | tr ' ' l)"
	within 10 grep -q 'llll' "$lines"
	stop
	has_lines 43
	[ "$(sed -n 's/.*\[\([0-9][0-9]*\)-\.*\]$/\1/p' "$lines" | tr '\n' ' ')" = "$(echo {1..40}) " ]
}

@test "flush=: not later than that" {
	logged 'short buffer=64k flush=100ms' "location /in/ { access_log $tmp/access.log short buffer=64k flush=100ms; }"
	answers 200 /page
	answers 200 /in/page
	within 10 has_lines 2
	answers 200 /page
	within 10 has_lines 3
	stop
}

@test "SIGUSR1: what is buffered goes to the old file" {
	logged 'short buffer=64k'
	answers 200 /page
	mv "$lines" "$lines.old"
	kill -USR1 "$pid"
	within 10 test -e "$lines"
	[ "$(cat "$lines.old")" = 'GET /page 200 [-]' ]
	answers 200 /in/page
	stop
	[ "$(cat "$lines")" = 'GET /in/page 200 [-]' ]
}

@test "error_log: a level and all that are worse, and a file for a place" {
	http "server { listen LISTEN; root $site; error_log $tmp/error crit; error_log $tmp/all info;
		location /in/ { error_log $tmp/in; allow 192.0.2.1; deny all; }
		location /quiet/ { log_not_found off; } }"
	answers 404 /nothing
	answers 403 /in/page
	answers 404 /quiet/nothing
	stop
	[ ! -s "$tmp/error" ]
	grep -Eq '^[0-9/]{10} [0-9:]{8} \[error\] [0-9]+: \*1 open\("'"$site"'/nothing"\): No such file or directory \(2\), client: 127\.0\.0\.1, server: , request: "GET /nothing", host: "127\.0\.0\.1"' "$tmp/all"
	[ "$(wc -l <"$tmp/all")" = 1 ]
	grep -q 'access forbidden by rule' "$tmp/in"
	not grep -q 'access forbidden' "$log"
}

@test "error_log: each level has its name" {
	for level in emerg alert crit error warn notice info debug; do
		config_good "http { access_log off; error_log stderr $level; }"
	done
}

@test "what is wrong in the configuration" {
	in_http() { config_error "$1" "http { $2 }"; }
	in_http 'unknown log format "some"' 'access_log x some;'
	in_http 'no buffer is defined' 'access_log x combined flush=1s;'
	in_http 'invalid value "buffer=0"' 'access_log x combined buffer=0;'
	in_http 'invalid value "flush=soon"' 'access_log x combined buffer=1k flush=soon;'
	in_http 'invalid parameter "bufer=1k"' 'access_log x combined bufer=1k;'
	in_http 'already has other buffer parameters' 'access_log x combined buffer=1k; access_log x combined buffer=2k;'
	in_http 'unknown "nothing" variable' 'access_log x combined if=$nothing;'
	in_http 'unknown "nothing" variable' 'log_format a $nothing;'
	in_http 'duplicate "log_format" name' 'log_format a b; log_format a c;'
	in_http 'invalid value "now"' 'access_log off now;'
	in_http 'invalid log level "loud"' 'error_log x loud;'
}

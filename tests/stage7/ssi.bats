# Pages that are put together while they are served; subrequests through them.
load lib

make_site() {
	mkdir -p "$site/dir/sub" "$site/off"
	printf '[part]' >"$site/part.html"
	printf '[text]' >"$site/part.txt"
	printf '[dir <!--#include virtual="sub/x.html"-->]' >"$site/dir/part.html"
	printf '[x <!--#echo var="uri"-->]' >"$site/dir/sub/x.html"
	printf '<!--#include virtual="/part.html"-->' >"$site/off/plain.html"
	: >"$site/empty.html"
}

page() { # page NAME CONTENT
	printf '%s' "$2" >"$site/$1"
}

shows() { # shows CONTENT WANTED [curl options]: a page with that content
	page page.html "$1"
	fetch "${@:3}" "/page.html${query:-}"
	[ "$(cat "$body")" = "$2" ] || { printf '%s\n' "$1 should be $2 and is:"; cat "$body"; false; }
}

error='[an error occurred while processing the directive]'

@test "include: in the order of the page" {
	server 'ssi on; location /off/ { ssi off; }'
	shows 'a<!--#include virtual="/part.html"-->b<!--# include file="part.txt" -->c' 'a[part]b[text]c'
	[ -z "$(header Content-Length)$(header ETag)$(header Last-Modified)$(header Accept-Ranges)" ]
	[ "$(header Transfer-Encoding)" = chunked ]
	shows '<!--#include virtual="/part.html"-->' '[part]'
	shows '<!--#include virtual="dir/part.html"-->' '[dir [x /dir/sub/x.html]]'
	# the second is done before what the first includes is begun
	shows '1<!--#include virtual="dir/part.html"-->2<!--#include virtual="/part.html"-->3' '1[dir [x /dir/sub/x.html]]2[part]3'
	shows '<!--#include virtual="/dir/../dir/./part%2Ehtml"-->!' '[dir [x /dir/sub/x.html]]!'
	shows '<!--#include virtual="/off/plain.html"-->' '<!--#include virtual="/part.html"-->'
	shows '<!--#include virtual="/empty.html"--><!--#include virtual="/part.html"-->' '[part]'
	shows 'plain' plain
	shows '' ''
	fetch -I /page.html
	[ "$status" = 200 ]
	page page.html 'a<!--#include virtual="/part.html"-->'
	fetch -I /page.html
	[ -z "$(header Content-Length)$(header ETag)$(header Last-Modified)" ]
	[ "$(curl -s --http1.0 "$url/page.html")" = 'a[part]' ]
	answers 200 -H 'If-None-Match: "x"' -H 'If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT' -H 'Range: bytes=0-0' /page.html
	# the connection stays
	[ "$(curl -s "$url/page.html" "$url/part.txt")" = 'a[part][text]' ]
	stop
}

@test "include: what it may be" {
	server '
		ssi on;
		location /args { default_type text/html; return 200 "[$args]"; }
		location = /folder/ { index /dir/part.html; }
		location = /moved { rewrite ^ /part.html last; }
		location = /inner { internal; default_type text/html; return 200 "inner of $uri"; }
		location = /made { default_type text/html; return 200 "<!--#include virtual=\"/part.html\"-->!"; }'
	query='?for=me&x=y'
	shows '<!--#include virtual="/args?a=$arg_for"-->' '[a=me]'
	shows '<!--#include virtual="/args"-->' '[]'
	query=
	shows '<!--#include virtual="/folder/"-->' '[dir [x /dir/sub/x.html]]'
	shows '<!--#include virtual="/moved"-->' '[part]'
	shows '<!--#include virtual="/inner"-->' 'inner of /inner'
	shows '<!--#include virtual="/made"-->' '[part]!'
	answers 404 /inner
	shows '<!--#include virtual="/../x"-->' "$error"
	shows '<!--#include virtual="/%00"-->' "$error"
	shows '<!--#include file="../x"-->' "$error"
	shows '<!--#include file="a/../part.html"-->' "$error"
	shows '<!--#include virtual=""-->' "$error"
	shows '<!--#include file="x" virtual="y"-->' "$error"
	shows '<!--#include-->' "$error"
	page page.html '<!--#include virtual="/missing"-->after'
	fetch /page.html
	[ "$status" = 200 ]
	grep -q '404 Not Found' "$body"
	grep -q 'after$' "$body"
	stop
}

@test "include: loops end" {
	server 'ssi on;'
	page self.html '.<!--#include virtual="self.html"-->'
	fetch /self.html
	[ "$(cat "$body")" = "$(printf '.%.0s' {0..50})$error" ]
	page twice.html '.<!--#include virtual="twice.html"--><!--#include virtual="twice.html"-->'
	fetch /twice.html
	[ "$(tr -cd . <"$body" | wc -c)" -eq 1001 ]
	# many beside each other are no loop
	page many.html "$(for i in {1..200}; do printf '%s<!--#include virtual="/part.html"-->' "$i"; done)"
	fetch /many.html
	[ "$(cat "$body")" = "$(for i in {1..200}; do printf '%s[part]' "$i"; done)" ]
	stop
	grep -q 'subrequests cycle' "$log"
}

@test "pages that are cut: large files, with commands everywhere" {
	server 'ssi on; open_file_cache off;'
	for offset in 0 1 2 3 4 5 20 38 39 40; do
		{
			head -c $((32768 - offset)) /dev/zero | tr '\0' x
			printf '<!--#include virtual="/part.html"-->'
			head -c 50000 /dev/zero | tr '\0' y
			printf '<!-'
		} >"$site/page.html"
		fetch /page.html
		cmp "$body" <(head -c $((32768 - offset)) /dev/zero | tr '\0' x; printf '[part]'; head -c 50000 /dev/zero | tr '\0' y; printf '<!-')
	done
	seq 100000 >"$site/numbers.html"
	page page.html '<!--#include virtual="/numbers.html"-->-<!--#include virtual="/numbers.html"-->-<!--#include virtual="/part.html"-->'
	fetch /page.html
	cmp "$body" <(cat "$site/numbers.html"; printf -; cat "$site/numbers.html"; printf -; printf '[part]')
	# a client that reads slowly
	exec {socket}<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET /page.html HTTP/1.0\r\n\r\n' >&"$socket"
	answers 200 /part.html
	[ "$(sed '1,/^\r$/d' <&"$socket" | wc -c)" -eq $((2 * $(wc -c <"$site/numbers.html") + 8)) ]
	exec {socket}>&-
	stop
}

@test "set and echo" {
	server 'ssi on; set $mine "of the server"; location /none { return 200; }'
	shows '<!--#set var="a" value="x"--><!--#echo var="a"-->' x
	shows '<!--#set var="a" value="x"--><!--#set var="a" value="${a}y$a\$a"--><!--#echo var="a"-->' 'xyx$a'
	shows '<!--#echo var="nothing"-->' '(none)'
	shows '<!--#echo var="nothing" default="-"-->' -
	shows '<!--#echo var="mine"-->' 'of the server'
	shows '<!--#echo var="http_x"-->' '&lt;&quot;&amp;&gt;' -H 'X: <"&>'
	shows '<!--#echo var="http_x" encoding="none"-->' '<b>' -H 'X: <b>'
	shows '<!--#echo var="http_x" encoding="url"-->' 'a%20%3Cb' -H 'X: a <b'
	shows '<!--#echo var="http_x" encoding="rot13"-->' "$error" -H 'X: a'
	shows '<!--#echo-->' "$error"
	shows '<!--#set var="a"-->' "$error"
	shows '<!--#set var="a" value="${b"-->' "$error"
	# what is included knows it
	page inner.html '(<!--#echo var="a"-->)'
	shows '<!--#set var="a" value="1"--><!--#include virtual="inner.html"-->' '(1)'
	stop
}

@test "include wait: what follows is read when it is done" {
	server 'ssi on;'
	page inner.html '(<!--#set var="a" value="in"-->)'
	shows '<!--#include virtual="inner.html" wait="yes"--><!--#echo var="a"-->!' '()in!'
	shows '<!--#include virtual="inner.html" wait="no"--><!--#echo var="a"-->!' '()(none)!'
	shows '<!--#include virtual="inner.html" wait="perhaps"-->!' "$error!"
	# inside each other, beside each other, and in the middle of a file that is read in pieces
	page outer.html '[<!--#include virtual="inner.html" wait="yes"--><!--#echo var="a"-->]'
	shows '1<!--#include virtual="/part.html"-->2<!--#include virtual="outer.html" wait="yes"-->3<!--#include virtual="outer.html"-->4' '1[part]2[()in]3[()in]4'
	many=$(for i in {1..100}; do printf '%s<!--#include virtual="/part.html" wait="yes"-->' "$i"; done)
	shows "$many" "$(for i in {1..100}; do printf '%s[part]' "$i"; done)"
	{
		head -c 70000 /dev/zero | tr '\0' x
		printf '<!--#include virtual="inner.html" wait="yes"--><!--#echo var="a"-->'
		head -c 70000 /dev/zero | tr '\0' y
	} >"$site/page.html"
	fetch /page.html
	cmp "$body" <(head -c 70000 /dev/zero | tr '\0' x; printf '()in'; head -c 70000 /dev/zero | tr '\0' y)
	[ "$(curl -s "$url/page.html" "$url/part.txt" | tail -c 7)" = 'y[text]' ]
	stop
}

@test "include set: not shown, but a variable" {
	server 'ssi on; subrequest_output_buffer_size 100; location /not { return 403; }'
	shows '<!--#include virtual="/part.html" set="a"-->a: <!--#echo var="a"-->' 'a: [part]'
	shows '<!--#include virtual="/empty.html" set="a"-->a: <!--#echo var="a"-->' 'a: '
	shows '<!--#include virtual="/not" set="a"-->a: <!--#echo var="a"-->' 'a: '
	page inner.html '(<!--#echo var="uri"-->)'
	shows '<!--#include virtual="inner.html" set="a"--><!--#if expr="$a = /inner/"-->yes<!--#endif-->' yes
	# what is too large is nothing
	head -c 100 /dev/zero | tr '\0' x >"$site/100.html"
	head -c 101 /dev/zero | tr '\0' x >"$site/101.html"
	shows '<!--#include virtual="100.html" set="a"--><!--#echo var="a"-->' "$(cat "$site/100.html")"
	shows '<!--#include virtual="101.html" set="a"-->a: <!--#echo var="a"-->' 'a: '
	grep -q 'larger than 100 bytes' "$log"
	# nor can it be made of several
	page inner.html '(<!--#include virtual="/part.html"-->)'
	shows '<!--#include virtual="inner.html" set="a"-->a: <!--#echo var="a" encoding="none"-->' "a: ($error)"
	stop
}

@test "include stub: the block, when there is nothing else to show" {
	server '
		ssi on;
		location /not { return 403; }
		location /mended { error_page 404 = /part.html; }
		location /large { ssi off; alias '"$site"'; }'
	block='<!--#block name="none"-->nothing <!--#echo var="uri"-->!<!--#endblock-->'
	shows "$block." .
	shows "$block<!--#include virtual=\"/not\" stub=\"none\"-->." 'nothing /page.html!.'
	shows "$block<!--#include virtual=\"/missing\" stub=\"none\"-->.<!--#include virtual=\"/empty.html\" stub=\"none\"-->" 'nothing /page.html!.nothing /page.html!'
	shows "$block<!--#include virtual=\"/part.html\" stub=\"none\"-->." '[part].'
	shows "$block<!--#include virtual=\"/mended\" stub=\"none\"-->." '[part].'
	# two of a name: the last one; an empty one hides the error
	shows "$block<!--#block name=\"none\"--><!--#endblock--><!--#include virtual=\"/not\" stub=\"none\"-->." .
	# in a page that is included, behind one that takes its time
	page inner.html "$block<!--#include virtual=\"/not\" stub=\"none\" wait=\"yes\"-->+"
	seq 100000 >"$site/numbers.html"
	page page.html '<!--#include virtual="/large/numbers.html"--><!--#include virtual="inner.html"-->.'
	fetch /page.html
	cmp "$body" <(cat "$site/numbers.html"; printf 'nothing /inner.html!+.')
	shows '<!--#include virtual="/not" stub="what"-->.' "$error."
	shows "$block<!--#include virtual=\"/not\" stub=\"none\" set=\"a\"-->." "$error."
	shows '<!--#block-->a<!--#endblock-->b' "${error}a${error}b"
	shows '<!--#block name="a"-->b<!--#include virtual="/part.html"--><!--#endblock-->c<!--#include virtual="/not" stub="a"-->' "cb$error"
	stop
}

@test "error_page for what is included" {
	server 'ssi on; error_page 404 /part.html; location /here { error_page 404 =200 /part.txt; } location = /part.txt { default_type text/html; }'
	shows 'a<!--#include virtual="/missing"-->b<!--#include virtual="/here/missing"-->c' 'a[part]b[text]c'
	answers 404 /missing
	stop
}

@test "config" {
	server 'ssi on;'
	shows '<!--#config errmsg="sorry"--><!--#what-->' sorry
	shows '<!--#config errmsg=""--><!--#what-->.' .
	shows '<!--#config timefmt="%Y"--><!--#echo var="date_gmt"-->' "$(date -u +%Y)"
	page page.html '<!--#config timefmt="%s"--><!--#echo var="date_local"-->'
	fetch /page.html
	[ $(($(date +%s) - $(cat "$body"))) -le 5 ]
	shows '<!--#config timefmt="a%%b"--><!--#echo var="date_local"-->' 'a%b'
	stop
}

@test "if, elif, else, endif" {
	server 'ssi on;'
	query='?a=b&n=12'
	for true in '$arg_a' '$arg_a = b' '$arg_a=b' '$arg_a != c' '$arg_a = $arg_a' '$arg_n = /^[0-9]+$/' '$arg_n != /x/' '${arg_a} = b' '$arg_z = '; do
		shows "<!--#if expr=\"$true\"-->yes<!--#else-->no<!--#endif-->!" 'yes!'
	done
	for false in '$arg_z' '$arg_a = c' '$arg_a != b' '$arg_n = /^[a-z]+$/'; do
		shows "<!--#if expr='$false'-->yes<!--#else-->no<!--#endif-->!" 'no!'
	done
	for bad in '' '$' '$arg_a < b' '$arg_a = /(/'; do
		shows "<!--#if expr='$bad'-->yes<!--#endif-->!" "$error!"
	done
	for n in 1 2 3 4; do
		query="?n=$n"
		shows '<!--#if expr="$arg_n = 1"-->one<!--#elif expr="$arg_n = 2"-->two<!--#elif expr="$arg_n = 3"-->three<!--#else-->more<!--#endif-->' \
			"$(set -- one two three more; echo "${!n}")"
	done
	query='?a=1'
	shows '<!--#if expr="$arg_a"-->(<!--#if expr="$arg_b"-->no<!--#else-->in<!--#endif-->)<!--#else-->no<!--#if expr="$arg_a"-->no<!--#endif-->no<!--#endif-->' '(in)'
	# what is not shown is not done
	shows '<!--#if expr="$arg_b"--><!--#set var="x" value="1"--><!--#include virtual="/part.html"--><!--#what--><!--#endif--><!--#echo var="x"-->' '(none)'
	shows '<!--#else-->' "$error"
	shows '<!--#elif expr="$a"-->' "$error"
	shows '<!--#endif-->' "$error"
	shows 'a<!--#if expr="$arg_b"-->b' a
	stop
}

@test "what is wrong in a page" {
	server 'ssi on; location /silent/ { ssi_silent_errors on; }'
	shows 'a<!--#what-->b<!--#-->c<!--#echo var=-->d' "a${error}b${error}c${error}d"
	shows 'a<!--#echo var="' "a$error"
	shows 'a<!--' 'a<!--'
	mkdir -p "$site/silent"
	page silent/page.html 'a<!--#what-->b'
	fetch /silent/page.html
	[ "$(cat "$body")" = ab ]
	stop
}

@test "which pages" {
	server 'ssi on; location /types/ { alias '"$site"'/; ssi_types text/plain; } location /all/ { alias '"$site"'/; ssi_types *; }'
	for type in html txt css; do page "x.$type" '<!--#set var="a" value="1"-->.'; done
	is() {
		fetch "$1"
		[ "$(cat "$body")" = "$2" ]
	}
	is /x.html .
	is /x.txt '<!--#set var="a" value="1"-->.'
	[ -n "$(header ETag)" ]
	is /types/x.txt .
	is /types/x.html .
	is /types/x.css '<!--#set var="a" value="1"-->.'
	is /all/x.css .
	stop
	config_error 'bad.conf:1: "ssi_types" directive is duplicate' 'http { ssi_types a; ssi_types b; }'
	config_error 'bad.conf:2: invalid value "x" in "ssi" directive' 'http {
		ssi x; }'
}

@test "conditions: text and variables on both sides" {
	server 'ssi on;'
	holds() { # holds yes|no EXPRESSION
		shows "<!--#set var=\"v\" value=\"text\"--><!--#if expr=\"$2\"-->yes<!--#else-->no<!--#endif-->" "$1"
	}
	holds no 'text != $v'
	holds yes 'text = $v'
	holds yes 'other != $v'
	holds no 'other = $v'
	holds yes 'text=$v'
	holds yes 'text!=a$v'
	holds yes '$v = $v'
	holds yes 'a$v = atext'
	holds yes '${v}x = textx'
	holds yes 'text = /^t/'
	holds no 'text != /^t/'
	holds yes 'text'
	holds no '$none'
	holds yes '$none = '
	holds no '= text'
	stop
}

# Folders without an index file: autoindex in its four formats, random_index.
load lib

make_site() {
	mkdir -p "$site/list/b-folder" "$site/empty" "$site/shut" "$site/dice" "$site/fronted" "$site/odd/<i>"
	printf 123 >"$site/list/a.txt"
	printf x >"$site/list/<a&\"b>.txt"
	printf x >"$site/list/per%cent #?:.txt"
	printf x >"$site/list/$(printf '中%.0s' {1..60})"
	printf x >"$site/list/$(printf 'n%.0s' {1..51})"
	printf x >"$site/list/back\\slash"$'\t'
	truncate -s 12345 "$site/list/big"
	: >"$site/list/.hidden"
	ln -s nowhere "$site/list/dangling"
	mkfifo "$site/list/pipe"
	find "$site/list" -mindepth 1 -exec touch -h -d '2020-01-02 03:04:05 UTC' {} +
	for i in one two three; do echo "$i" >"$site/dice/$i"; done
	mkdir "$site/dice/folder"
	: >"$site/dice/.hidden"
	echo front >"$site/fronted/index.html"
}

# the line of that name: everything behind its link
line_of() {
	grep -aF "<a href=\"$1\">" "$body" | tr -d '\r'
}

@test "html: names, dates and sizes in columns" {
	server 'autoindex on;'
	answers 200 /list/
	[ "$(header Content-Type)" = text/html ]
	grep -qF '<h1>Index of /list/</h1><hr><pre><a href="../">../</a>' "$body"
	[ "$(line_of a.txt)" = '<a href="a.txt">a.txt</a>'"$(printf '%45s' '')"' 02-Jan-2020 03:04                   3' ]
	[ "$(line_of b-folder/)" = '<a href="b-folder/">b-folder/</a>'"$(printf '%41s' '')"' 02-Jan-2020 03:04                   -' ]
	line_of dangling
	not grep -q hidden "$body"
	[ "$(tail -n 2 "$body" | tr -d '\r')" = $'</pre><hr></body>\n</html>' ]
	answers 200 /empty/
	[ "$(grep -c 'a href' "$body")" = 1 ]
	stop
}

@test "html: folders first, then the order of the bytes" {
	server 'autoindex on;'
	answers 200 /list/
	[ "$(sed -n 's/^<a href="\([^"]*\)".*/\1/p' "$body" | head -n 2 | tail -n 1)" = %3Ca%26%22b%3E.txt ]
	[ "$(sed -n 's/^<a href="\([^"]*\)".*/\1/p' "$body" | head -n 1)" = b-folder/ ]
	stop
}

@test "html: names are escaped where they stand" {
	server 'autoindex on;'
	answers 200 /list/
	line_of '%3Ca%26%22b%3E.txt' | grep -qF '>&lt;a&amp;&quot;b&gt;.txt</a>'
	line_of 'per%25cent%20%23%3F%3A.txt' | grep -qF '>per%cent #?:.txt</a>'
	answers 200 '/list/%3Ca%26%22b%3E.txt'
	answers 200 '/list/per%25cent%20%23%3F%3A.txt'
	answers 200 '/odd/%3Ci%3E/'
	grep -qF '<title>Index of /odd/&lt;i&gt;/</title>' "$body"
	stop
}

@test "html: long names are cut between characters" {
	server 'autoindex on;'
	answers 200 /list/
	grep -aqF ">$(printf 'n%.0s' {1..47})..&gt;</a> 02-Jan-2020" "$body"
	grep -aqF ">$(printf '中%.0s' {1..47})..&gt;</a> 02-Jan-2020" "$body"
	stop
}

@test "html: rounded sizes, local time" {
	export TZ=UTC-2
	server 'autoindex on; autoindex_exact_size off; autoindex_localtime on;'
	answers 200 /list/
	line_of big | grep -q '</a> *02-Jan-2020 05:04     12K$'
	line_of a.txt | grep -q '</a> *02-Jan-2020 05:04       3$'
	line_of b-folder/ | grep -q '</a> *02-Jan-2020 05:04       -$'
	stop
}

@test "json is JSON" {
	server 'autoindex on; autoindex_format json;'
	answers 200 /list/
	[ "$(header Content-Type)" = application/json ]
	grep -qF '{ "name":"b-folder", "type":"directory", "mtime":"Thu, 02 Jan 2020 03:04:05 GMT" },' "$body"
	grep -qF '{ "name":"a.txt", "type":"file", "mtime":"Thu, 02 Jan 2020 03:04:05 GMT", "size":3 },' "$body"
	grep -qF '{ "name":"pipe", "type":"other", ' "$body"
	grep -qF '"name":"back\\slash\t"' "$body"
	grep -qF '"name":"<a&\"b>.txt"' "$body"
	answers 200 /empty/
	[ "$(tr -d '\r\n' <"$body")" = '[]' ]
	stop
}

@test "jsonp: a function's name, and no more than that" {
	server 'autoindex on; autoindex_format jsonp;'
	answers 200 '/empty/?callback=a.b_1'
	[ "$(header Content-Type)" = application/javascript ]
	[ "$(tr -d '\r\n' <"$body")" = '/* callback */a.b_1([]);' ]
	answers 200 /empty/
	[ "$(header Content-Type)" = application/json ]
	answers 400 '/empty/?callback=alert(1)'
	answers 200 "/empty/?callback=$(printf 'n%.0s' {1..128})"
	answers 400 "/empty/?callback=$(printf 'n%.0s' {1..129})"
	stop
}

@test "xml" {
	server 'autoindex on; autoindex_format xml;'
	answers 200 /list/
	[ "$(header Content-Type)" = 'text/xml; charset=utf-8' ]
	grep -qF '<directory mtime="2020-01-02T03:04:05Z">b-folder</directory>' "$body"
	grep -qF '<file mtime="2020-01-02T03:04:05Z" size="3">a.txt</file>' "$body"
	grep -qF '>&lt;a&amp;&quot;b&gt;.txt</file>' "$body"
	stop
}

@test "an index file comes first; a missing folder is 404" {
	server 'location / { autoindex on; } location /plain/ { alias '"$site"'/; index none.html /a.txt; } location = /a.txt { return 200 fell; }'
	answers 200 /fronted/
	cmp "$body" "$site/fronted/index.html"
	answers 404 /missing/
	answers 404 /list/a.txt/
	answers 405 -X POST /list/a.txt
	answers 200 /plain/list/
	[ "$(cat "$body")" = fell ]
	answers 404 /plain/missing/
	answers 404 /plain/list/a.txt/
	stop
	server ''
	answers 403 /list/
	answers 404 /missing/
	stop
}

@test "a folder that may not be read is 403" {
	[ "$(id -u)" -ne 0 ] || skip 'root may read everything'
	chmod 000 "$site/shut"
	server 'autoindex on;'
	answers 403 /shut/
	chmod 755 "$site/shut"
	stop
}

@test "random_index: each file in its turn, no folder, nothing hidden" {
	server 'location / { random_index on; autoindex on; }'
	seen=
	for i in {1..60}; do
		answers 200 /dice/ >/dev/null
		seen+="$(cat "$body") "
	done
	[ "$(tr ' ' '\n' <<<"$seen" | sed '/^$/d' | sort -u | tr '\n' ' ')" = 'one three two ' ]
	answers 404 /missing/
	answers 200 /empty/
	grep -q 'Index of /empty/' "$body"
	stop
}

@test "what is wrong in the configuration" {
	config_error 'autoindex_format' 'http { autoindex_format yaml; }'
	config_error 'autoindex' 'http { autoindex maybe; }'
	config_error 'random_index' 'http { random_index on; }'
}

# map: a variable whose value depends on another text. What nginx makes of the same table is in nginx.bats.
load lib

make_site() {
	mkdir -p "$site/fruit" "$tmp/ours"
	echo page >"$site/fruit/page.html"
}

@test "the text itself, a domain, a beginning, a pattern, the default: in that order" {
	# not off: that would count for the other logs of this level, too
	ACCESS_LOG=$tmp/unread.log http "$(sed "s|ADDRESS|LISTEN|; s|SITE|$site|g; s|LOGS|$tmp/ours|" "$BATS_TEST_DIRNAME/nginx/maps.conf")"
	: >"$tmp/wrong"
	while IFS='|' read -r request expected; do
		read -r -a words <<<"$request"
		fetch "${words[@]}"
		found=$(tr -d '\n' <"$body")
		case $status in 30?) found=$(header Location) ;; esac
		[ "$found" = "$expected" ] || echo "$request: '$found' and not '$expected'" >>"$tmp/wrong"
	done <<-'END'
		/kind|empty
		/kind?of=apple|fruit
		/kind?of=APPLE|fruit
		/kind?of=pear|default of pear
		/kind?of=default|the-word-default
		/kind?of=~tilde|the-word-tilde
		/kind?of=a.example.org|default of a.example.org
		/kind?of=/img/a|picture
		/kind?of=/IMG/a|large-picture
		/kind?of=/dOC/a|document a
		/kind?of=/doc/secret|document secret
		/kind?of=plum|close
		-H Upgrade:websocket /kind?of=plum|upgrade
		/kind?of=chain|a other chain
		-H Host:www.example.org. /host|exact
		-H Host:example.org /host|domain
		-H Host:a.b.example.org /host|domain
		-H Host:a.sub.example.org /host|longer
		-H Host:xexample.org /host|other
		-H Host:mail.test /host|begins
		-H Host:mail.net.test /host|begins-longer
		-H Host:mail.example.org /host|domain
		-H Host:www7.test /host|numbered
		-H Host:www7.example.com /host|com
		/joined|both
		-X POST -d x /joined|only-uri
		/volatile|counted 1, counted 2
		/kept|[] 7
		/blog/2020/a%20page|/posts/a%20page-2020
		/root?of=apple|page
	END
	cat "$tmp/wrong"
	[ ! -s "$tmp/wrong" ]
	stop
	grep -q '^/kind?of=pear other \[yes\] close$' "$tmp/ours/maps.log"
	grep -q '^/kind?of=plum other \[\] close$' "$tmp/ours/maps.log"
	# only what `set` has made of $loggable is no "0"
	[ "$(cat "$tmp/ours/errors.log")" = '/kept other [] close' ]
}

@test "a variable that needs itself has no value, and the log says so" {
	http 'map $arg_a $one { default "1$two"; } map $arg_a $two { volatile; default "2$one"; } map $uri $kept { default kept; }
		server { listen LISTEN; root $three; location = /round { return 200 "$one $kept"; } location / { } }
		map $document_root $three { default /x$document_root; }'
	answers 200 /round
	[ "$(cat "$body")" = '12 kept' ]
	grep -q 'cycle while evaluating variable "one"' "$log"
	answers 404 /any
	grep -q 'cycle while evaluating variable' "$log"
	stop
}

@test "what is wrong in a map" {
	in_map() { config_error "$1" "http { map \$uri \$x { $2 } server { listen 127.0.0.1:0; } }"; }
	in_map 'invalid number of the map parameters' 'a b c;'
	in_map 'invalid number of the map parameters' 'a;'
	in_map 'conflicting parameter "A"' 'a 1; A 2;'
	in_map 'conflicting parameter ".b.c"' 'hostnames; b.c 1; .b.c 2;'
	in_map 'conflicting parameter "*.b.c"' 'hostnames; .b.c 1; *.b.c 2;'
	in_map 'duplicate default map parameter' 'default 1; default 2;'
	in_map 'PCRE' '~\d+ 1;'
	in_map 'PCRE' '~(?<name>a) 1;'
	in_map 'unknown "nothing" variable' 'a $nothing;'
	in_map 'unexpected "{"' 'a {'
	config_error 'unknown "nothing" variable' 'http { map $nothing $x { } server { listen 127.0.0.1:0; } }'
	config_error 'invalid variable name "x"' 'http { map $uri x { } }'
	config_error 'the duplicate "host" variable' 'http { map $uri $host { } }'
	config_error 'directive is not allowed here' 'http { server { map $uri $x { } } }'
	echo 'a 1; b 2;' >"$tmp/table"
	config_good 'http { access_log off; map $uri $x { include table; } map $uri $x { default later; } server { listen 127.0.0.1:0; set $x 3; } }'
}

# The module that src/README.md shows is one: it builds, and answers.
load lib

make_site() {
	build "$BUILT/server" "$BUILT/parts.a"
	{
		printf '#include "%s"\n' http/request/filter.h http/request/value.h http/site/core.h
		awk '/^```c$/ { on = 1; next } /^```/ { on = 0 } on' "$STAGE/src/README.md"
	} >"$tmp/hello.c"
	with_module hello "$tmp/hello.c"
}

@test "hello: text with variables, inherited" {
	BUILT=$tmp/with-hello
	server 'location / { hello "for $uri"; location /here { hello here; } location /there { } }'
	fetch /any
	[ "$(cat "$body")" = 'for /any' ]
	[ "$(header Content-Type)" = text/plain ]
	fetch /here/x
	[ "$(cat "$body")" = here ]
	fetch /there
	[ "$(cat "$body")" = 'for /there' ]
	stop
	config_error 'invalid number of arguments in "hello" directive' 'events {} http { server { location / { hello; } } }'
}

# Files as they are: contents, types, folders, what is not there.
load lib

make_site() {
	mkdir -p "$site/docs" "$site/bare"
	echo 'the front page' >"$site/index.html"
	echo 'the docs' >"$site/docs/index.html"
	echo 'body {}' >"$site/style.css"
	echo 'Chinese' >"$site/中文.html"
	echo 'spaced' >"$site/two words.txt"
	: >"$site/empty.txt"
	seq 1000000 1600000 >"$site/big"
	mkfifo "$site/pipe"
}

@test "GET gives the file, HEAD its head alone" {
	server ''
	answers 200 /
	cmp "$body" "$site/index.html"
	[ "$(header Content-Type)" = text/html ]
	[ "$(header Content-Length)" = 15 ]
	[ "$(header Connection)" = keep-alive ]
	[ "$(header Accept-Ranges)" = bytes ]
	[[ $(header ETag) =~ ^\"[0-9a-f]+-f\"$ ]]
	answers 200 /style.css
	[ "$(header Content-Type)" = text/css ]
	answers 200 -I /style.css
	[ "$(header Content-Length)" = 8 ]
	answers 200 /empty.txt
	[ "$(header Content-Length)" = 0 ]
	answers 200 /%E4%B8%AD%E6%96%87.html
	answers 200 /two%20words.txt
	answers 200 /big
	cmp "$body" "$site/big"
	stop
}

@test "a folder without its slash is a redirect, with its arguments" {
	server ''
	answers 301 '/docs?a=b'
	[ "$(header Location)" = "$url/docs/?a=b" ]
	answers 200 /docs/
	cmp "$body" "$site/docs/index.html"
	answers 403 /bare/
	stop
}

@test "what is no file is not found, and the server does not wait for a FIFO" {
	server ''
	answers 404 /nothing
	answers 404 /style.css/below
	answers 404 /pipe
	answers 404 "/$(printf '%300s' | tr ' ' n)"
	answers 405 -X POST /style.css
	[ "$(header Allow)" = 'GET, HEAD' ]
	stop
}

@test "a way out of the root is none" {
	server ''
	answers 400 /../etc/passwd
	answers 400 /%2e%2e/etc/passwd
	answers 400 /docs/../../etc/passwd
	answers 200 /docs/../style.css
	answers 400 /%00
	answers 400 /%zz
	stop
}

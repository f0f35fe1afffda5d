# No way out of the root, and nothing in it but plain files is served.
load lib

no_secret() { # no_secret STATUS 'REQUEST LINE'
	answers "$1" "$2"
	not grep -q 'not for you' "$answer"
	not grep -q 'root:' "$answer"
}

dots() {
	serve
	for path in /../secret /docs/../../secret /docs/deep/../../../secret /.. /../ /docs/.. \
		/%2e%2e/secret /%2E./secret /.%2e/secret /docs/%2e%2e/%2e%2e/secret \
		/..%2fsecret /%2e%2e%2fsecret //../secret /./../secret /docs//../..//secret \
		'/..?x' /docs/../plain.txt /../site/plain.txt; do
		no_secret 403 "GET $path HTTP/1.0"
	done
	# no climb: only the look of one
	for path in /... /..secret /secret.. /docs/..x /%252e%252e/secret '/..\secret' \
		"$tmp/secret" "/$tmp/secret" /etc/passwd //etc/passwd ///etc/passwd /%2fetc/passwd; do
		no_secret 404 "GET $path HTTP/1.0"
	done
	for path in /..%00/secret /%00/../secret '/plain.txt%00/../../secret'; do
		no_secret 400 "GET $path HTTP/1.0"
	done
	for target in ../secret secret ..; do
		no_secret 400 "GET $target HTTP/1.0"
	done
	gets '/plain.txt?/../../secret' "$site/plain.txt"
	stop
}
@test "no climbing: .. and its disguises" {
	each_stage dots
}

open_redirect() {
	serve
	for path in //docs ///docs; do
		answers 301 "GET $path HTTP/1.1"
		[ "$(header Location)" = /docs/ ]
	done
	# a folder of such a name, so that the way is open
	answers 301 'GET //example.org HTTP/1.1'
	[ "$(header Location)" = /example.org/ ]
	answers 301 'GET //example.org?//example.com HTTP/1.1'
	[ "$(header Location)" = '/example.org/?//example.com' ]
	for path in '/%0d%0aSet-Cookie:%20a=b' '/%2f%2fexample.org' /%5cexample.org '/\example.org' \
		'//example.org/.'; do
		ask "GET $path HTTP/1.1"
		location=$(header Location)
		echo "$path: $status, Location: $location"
		[[ $location != //* && $location != '/\'* && -z $(header Set-Cookie) ]]
	done
	stop
}
@test "a redirect stays here, whatever the path" {
	mkdir -p "$site/example.org"
	each_stage open_redirect
}

links() {
	serve
	gets /inside.txt "$site/plain.txt"
	gets /docs/up.txt "$site/plain.txt"
	gets /absolute.txt "$site/plain.txt"
	gets /docs2/index.html "$site/docs/index.html"
	gets /docs2/ "$site/docs/index.html"
	for path in /out.txt /out-relative.txt /out-folder/secret /out-folder/ /out-index/ /out-index/index.html \
		/twin /twin-folder/file /slash/etc/passwd; do
		no_secret 403 "GET $path HTTP/1.0"
	done
	no_secret 403 'GET /loop HTTP/1.0'
	no_secret 404 'GET /dangling HTTP/1.0'
	# a folder outside: no 301 either, which would tell that it exists
	no_secret 403 'GET /out-folder HTTP/1.0'
	stop
}
@test "a symbolic link that leads out is refused, one that stays is served" {
	ln -s plain.txt "$site/inside.txt"
	ln -s ../plain.txt "$site/docs/up.txt"
	ln -s "$site/plain.txt" "$site/absolute.txt"
	ln -s docs "$site/docs2"
	ln -s "$tmp/secret" "$site/out.txt"
	ln -s ../secret "$site/out-relative.txt"
	ln -s .. "$site/out-folder"
	ln -s / "$site/slash"
	mkdir "$site/out-index"
	ln -s ../../secret "$site/out-index/index.html"
	ln -s loop "$site/loop"
	ln -s ../gone "$site/dangling"
	# whose path begins with the root's: site, site2
	mkdir "$tmp/site2"
	echo 'not for you' >"$tmp/site2/file"
	ln -s ../site2/file "$site/twin"
	ln -s ../site2 "$site/twin-folder"
	each_stage links
}

link_as_root() {
	serve "$tmp/link-to-site"
	gets /plain.txt "$site/plain.txt"
	no_secret 403 'GET /../secret HTTP/1.0'
	no_secret 403 'GET /link-out HTTP/1.0'
	# where the link leads later is none of our business: the root is open
	ln -sfn "$tmp" "$tmp/link-to-site"
	gets /plain.txt "$site/plain.txt"
	no_secret 404 'GET /secret HTTP/1.0'
	ln -sfn "$site" "$tmp/link-to-site"
	stop
}
@test "a root that is itself a link" {
	ln -sfn "$site" "$tmp/link-to-site"
	ln -sf ../secret "$site/link-out"
	each_stage link_as_root
}

# Everything is inside "/".
slash_as_root() {
	serve /
	gets "$site/plain.txt" "$site/plain.txt"
	gets "$tmp/secret" "$tmp/secret"
	answers 403 'GET /../etc/passwd HTTP/1.0'
	stop
}
@test "the root may be /" {
	each_stage slash_as_root
}

relative_root() {
	cd "$site/docs"
	serve ..
	gets /plain.txt "$site/plain.txt"
	stop
	serve ./deep/../
	gets / "$site/docs/index.html"
	no_secret 403 'GET /link-out HTTP/1.0'
	stop
}
@test "a relative root, with slashes and dots" {
	ln -sf ../../secret "$site/docs/link-out"
	each_stage relative_root
}

# Opening a FIFO waits until a process writes; the file of a socket can't be opened.
special() {
	serve
	for path in /fifo /socket /fifo-index/ /folder-index/; do
		no_secret 403 "GET $path HTTP/1.0"
	done
	gets / "$site/index.html"
	stop
}
@test "a FIFO, a socket's file, a folder called index.html: 403, at once" {
	mkdir -p "$site/fifo-index" "$site/folder-index/index.html"
	mkfifo "$site/fifo" "$site/fifo-index/index.html"
	tool unixsocket
	"$OURS/unixsocket" "$site/socket"
	[ -S "$site/socket" ]
	each_stage special
}

as_user=()
become_ordinary() { # as root, who may read everything, these would prove nothing
	if [ "$(id -u)" = 0 ]; then
		as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
		cp -r "$OURS" "$tmp/ours"
		OURS=$tmp/ours
		"${as_user[@]}" test -x "$OURS" -a -r "$site" || skip "user 65534 can't reach $tmp"
	fi
	wrap=("${as_user[@]}")
}

unreadable() {
	serve
	for path in /closed.txt /closed/ /closed/index.html /closed-index/ /unlistable/; do
		no_secret 403 "GET $path HTTP/1.0"
	done
	gets /plain.txt "$site/plain.txt"
	stop
}
@test "403: what the server may not read" {
	become_ordinary
	mkdir "$site/closed" "$site/closed-index" "$site/unlistable"
	echo 'not for you' | tee "$site/closed.txt" "$site/closed/index.html" "$site/closed-index/index.html"
	chmod 000 "$site/closed.txt" "$site/closed-index/index.html"
	chmod 000 "$site/closed" "$site/unlistable"
	each_stage unreadable
	chmod 700 "$site/closed" "$site/unlistable"
}

# How many system calls a request costs. No clock is needed to see that one too many was added.
load lib

setup_file() {
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/lab-stage7.XXXXXX")
	export tmp site=$tmp/site
	mkdir -p "$site"
	head -c 1024 /dev/zero | tr '\0' x >"$site/1k"
	head -c 102400 /dev/zero | tr '\0' x >"$site/100k"
	BUILT=$OURS/stage7 SANITIZE='' build
}

setup() {
	BUILT=$OURS/stage7
	get='GET /1k HTTP/1.1\r\nHost: x\r\n'
	export traced='epoll_wait,epoll_ctl,accept4,recvfrom,sendto,sendmsg,sendfile,openat,close,newfstatat,clock_gettime,shutdown,setsockopt'
}

# connect; talk 'bytes' SIZE: sends them, and waits for an answer of so many bytes
connect() { exec {socket}<>"/dev/tcp/127.0.0.1/$port"; }
talk() {
	printf '%b' "$1" >"$tmp/request"
	cat "$tmp/request" >&"$socket" # in one piece, which printf would not be
	[ "$(head -c "$2" <&"$socket" | wc -c)" -eq "$2" ]
}

# watch COMMAND ...   the calls meanwhile, in order, in $calls. Other people's files in /tmp wake the
# server as well, for it watches the folders above its own: several waits in a row count as one.
watch() {
	strace -q -p "$pid" -e "trace=$traced" -o "$tmp/trace" 3>&- 4>&- &
	tracer=$!
	within 20 grep -qs TracerPid:.*[1-9] "/proc/$pid/status"
	within 20 grep -qs epoll_wait "$tmp/trace"
	"$@"
	within 20 resting
	kill "$tracer"
	wait "$tracer" || true
	# the first line is the wait that was interrupted by attaching
	calls=$(sed -n '2,$s/(.*//p' "$tmp/trace" | uniq | sed '1{/^epoll_wait/d}; ${/^epoll_wait/d}' | xargs)
	echo "calls: $calls"
}

resting() { [ "$(wc -l <"$tmp/trace")" -gt 1 ] && tail -n 1 "$tmp/trace" | grep -q '^epoll_wait'; }

size_of() { # of an answer to this request
	raw "$1Connection: close\r\n\r\n"
	# "keep-alive" is longer
	size=$(($(stat -c %s "$answer") + 5))
}

whole_connection() {
	connect
	talk "${get}Connection: close\r\n\r\n" $((size - 5))
	exec {socket}>&-
}

two() { talk "$get\r\n" "$size"; talk "$get\r\n" "$size"; }

@test "a request on a connection that stays: wait, read, send" {
	server ''
	size_of "$get"
	connect
	talk "$get\r\n" "$size"
	watch two
	[ "$calls" = 'recvfrom sendto epoll_wait recvfrom sendto' ]
	stop
}

@test "sixteen in one piece: one read, one send" {
	server ''
	size_of "$get"
	connect
	talk "$get\r\n" "$size"
	sixteen=
	for _ in $(seq 16); do sixteen+="$get\r\n"; done
	watch talk "$sixteen" $((16 * size))
	[ "$calls" = 'recvfrom sendto' ]
	stop
}

@test "one request a connection: accept, read, send, close" {
	server ''
	size_of "$get"
	# the request may come after the connection or with it
	watch whole_connection
	[[ " $calls " =~ ^' accept4 recvfrom '(epoll_ctl epoll_wait recvfrom )?'sendto close '$ ]]
	stop
}

@test "a large file goes from the page cache: the head, then sendfile" {
	server ''
	large='GET /100k HTTP/1.1\r\nHost: x\r\n'
	size_of "$large"
	connect
	talk "$large\r\n" "$size"
	watch talk "$large\r\n" "$size"
	[[ "$calls" =~ ^'recvfrom sendmsg sendfile'( epoll_ctl| epoll_wait| sendfile)*$ ]]
	stop
}

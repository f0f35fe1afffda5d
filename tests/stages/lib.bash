# shellcheck shell=bash
# What the tests of stages 1 to 6, and of the roads (labs/roads), share. A file says `load lib`, and has then:
#
#   each_stage NAME       the function NAME once for each stage and road, with $stage set ("03-poll", "fork")
#   serve [ROOT [WORKERS]]  starts this stage's server: $pid, $port; what it logs is in $log
#   stop [SIGNAL]         ends it: exit code 0, and no process of it left
#   restart ...           both
#   ask 'GET / HTTP/1.0'  one request, in printf's escapes: $status, and $answer is a file
#   raw 'bytes'           the same for bytes that are no head yet
#   play NAME [ARG ...]   a script for labs/tcp's sock on standard input; $1 there is the port
#   talk, say, hush        the same, line by line
#   within S COMMAND ...  tries until it succeeds; fails after S seconds
#   not COMMAND ...       succeeds when it fails (a plain `!` would never end a test)
#
# $site is a folder to serve, $tmp a folder of this file of tests; both are gone at its end.
# STAGES="01-blocking 03-poll" in the environment tests these alone.
#
# A server is the leader of a session, so that all its processes can be counted and ended.
# Descriptors 3 and 4 are bats' own, and a server that kept them would hang it.

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
: "${STAGES:=$(cd "$TOP/stages" && echo 0[1-6]-*) fork thread handoff uring}"
OURS=$TOP/build/tests
wrap=() # put before the server's command: (prlimit --nofile=64)
variant=

setup_files() {
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/lab-stages.XXXXXX")
	chmod 755 "$tmp"
	export tmp site=$tmp/site
	make_site
	for stage in $STAGES; do build_stage "$stage"; done
	if [[ " $STAGES " == *' uring '* ]] && ! has_io_uring; then
		export STAGES=${STAGES/uring/}
	fi
}

setup_file() {
	setup_files
}

teardown_file() {
	rm -rf "$tmp"
}

helpers=() # other processes of a test
teardown() {
	for helper in "${helpers[@]}"; do
		kill -KILL "$helper" 2>/dev/null || true
		wait "$helper" 2>/dev/null || true
	done
	if [ -n "${pid:-}" ]; then
		kill -KILL -- "-$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	fi
	if [ -s "${log:-}" ]; then sed 's/^/log: /' "$log" | tail -20; fi
}

# ---- what is built, once for all files of tests

locked() {
	mkdir -p "$OURS"
	flock "$OURS/lock" "$@"
}

# build_stage STAGE [VARIANT [MAKE ARGUMENT ...]]
build_stage() {
	local build=$OURS/$1${2:+-$2}
	locked env -u MAKEFLAGS -u MFLAGS make -s -C "$(folder_of "$1")" BUILD="$build" "${@:3}"
}

folder_of() {
	case $1 in
	0*) echo "$TOP/stages/$1" ;;
	*) echo "$TOP/labs/roads/$1" ;;
	esac
}

# Where this kernel, or a sandbox around us, refuses io_uring, its road is not tested; and
# uring.bats tests that the road says so.
has_io_uring() {
	local code=0
	timeout -k 5 1 "$OURS/uring/server" 0 / >/dev/null 2>&1 3>&- 4>&- || code=$?
	[ "$code" != 1 ]
}

# tool NAME   builds tests/tools/NAME.c: $OURS/NAME; a preload library if its name says so
tool() {
	local flags=()
	case $1 in *.so) flags=(-shared -fPIC) ;; esac
	[ "$OURS/$1" -nt "$TOP/tests/tools/${1%.so}.c" ] ||
		locked "${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror "${flags[@]}" \
			"$TOP/tests/tools/${1%.so}.c" -o "$OURS/$1" -ldl
}

make_site() {
	mkdir -p "$site/docs/deep" "$site/bare"
	echo 'the front page' >"$site/index.html"
	echo 'the docs' >"$site/docs/index.html"
	echo 'plain' >"$site/plain.txt"
	echo 'spaced' >"$site/two words.txt"
	echo 'Chinese' >"$site/中文.html"
	: >"$site/empty.txt"
	# no two lines alike, so that a piece that is lost, doubled or moved shows
	seq 1000000 1600000 >"$site/big"
	echo 'not for you' >"$tmp/secret"
}

# ---- the server

serve() {
	local arguments=(0 "${1:-$site}") line=
	if has_workers && [[ -n ${2:-} ]]; then arguments+=("$2"); fi
	log=$tmp/$BATS_TEST_NUMBER.log
	rm -f "$tmp/out"
	mkfifo "$tmp/out"
	server=$OURS/$stage${variant:+-$variant}/server
	setsid "${wrap[@]}" "$server" "${arguments[@]}" >"$tmp/out" 2>"$log" 3>&- 4>&- &
	pid=$!
	read -r -t 60 line <"$tmp/out" || true
	port=${line#listening on http://127.0.0.1:}
	port=${port%/}
	[[ $line =~ ^'listening on http://127.0.0.1:'[1-9][0-9]*'/'$ ]]
	# epoll and the workers come a moment after this line
	case $stage in
	04-* | 05-*) within 20 has_epoll "$pid" ;;
	06-* | handoff) within 20 workers_wait ;;
	esac
}

has_workers() {
	[[ $stage == 06-* || $stage == handoff ]]
}

has_epoll() { # or has ended already
	[ -n "$(find "/proc/$1/fd" -lname '*eventpoll*' 2>/dev/null)" ] || not alive "$1"
}

workers() {
	pgrep -P "$pid"
}

workers_wait() {
	local worker
	# all are born when the master sleeps
	[[ $(ps -o stat= -p "$pid") == S* && -n $(workers) ]] || return 1
	for worker in $(workers); do
		has_epoll "$worker" || return 1
	done
}

alive() { # and no zombie: bash may take its time to reap one
	local line
	{ read -r line <"/proc/$1/stat"; } 2>/dev/null && [[ ${line##*) } != Z* ]]
}

family() { # the processes of the server, zombies left out
	ps -o pid=,stat= -s "$pid" | awk '$2 !~ /^Z/ { print $1 }'
}

nobody_left() {
	[ -z "$(family)" ]
}

stop() {
	kill -s "${1:-TERM}" "$pid"
	ended
}

# The server ends now, as it should.
ended() {
	local code=0
	within 20 not alive "$pid" || { ps -o pid,stat,wchan:20,cputime,args -s "$pid"; return 1; }
	wait "$pid" || code=$?
	echo "exit code $code"
	[ "$code" -eq "${1:-0}" ]
	within 5 nobody_left
	pid=
}

restart() {
	stop
	serve "$@"
}

each_stage() {
	for stage in $STAGES; do
		echo "--- stage $stage"
		"$@"
	done
}

# only 5 6 uring   those of the stages and roads that are tested
only() {
	local wanted
	for wanted; do
		for stage in $STAGES; do
			[[ $stage != 0$wanted-* && $stage != "$wanted" ]] || echo "$stage"
		done
	done
}

# ---- waiting

. "$BATS_TEST_DIRNAME/../wait.bash"

# ---- the client

# $status is "none" when no answer came
raw() {
	local socket
	answer=$tmp/answer
	exec {socket}<>"/dev/tcp/127.0.0.1/$port"
	(printf '%b' "$1" >&"$socket") 2>/dev/null || true # a subshell: SIGPIPE would end the test
	# a reset is no matter, but an answer that does not end (124) is
	timeout 20 cat <&"$socket" >"$answer" 2>/dev/null || [ $? != 124 ]
	exec {socket}>&-
	status=none
	if [[ $(head -n 1 "$answer" | tr -d '\0') =~ ^HTTP/1\.[01]\ ([0-9]{3})\  ]]; then
		status=${BASH_REMATCH[1]}
	fi
}

ask() {
	raw "$1\r\nHost: here\r\n\r\n"
}

# answers STATUS 'REQUEST LINE'
answers() {
	ask "$2"
	echo "${2:0:60}: $status"
	[ "$status" = "$1" ]
}

header() { # header NAME   its value in the last answer
	sed -n "/^\r$/q; s/^$1: \(.*\)\r$/\1/p" "$answer"
}

body() {
	sed '1,/^\r$/d' "$answer"
}

# gets PATH FILE   the answer's body is this file, byte by byte
gets() {
	ask "GET $1 HTTP/1.0"
	[ "$status" = 200 ]
	[ "$(header Content-Length)" = "$(stat -c %s "$2")" ]
	body | cmp - "$2"
}

need_sock() {
	if [ -n "${SOCK:-}" ]; then return; fi
	[ -f "$TOP/labs/tcp/Makefile" ] || skip "labs/tcp, whose sock drives the clients, is not here"
	locked make -s -C "$TOP/labs/tcp" BUILD="$OURS/tcp"
	export SOCK=$OURS/tcp/sock
}

play() {
	{ echo 'deadline 30'; cat; } | "$SOCK" - "$port" "$@"
}

# The same in pieces, with looks at the server between them: talk, say LINE ..., hush.
talk() {
	rm -f "$tmp/said"
	: >"$tmp/heard" # now: an answer of the last talk must not be taken for one of this
	exec {talk}> >(exec 3>&- 4>&-; play "$@" >>"$tmp/heard" && : >"$tmp/said")
}

say() {
	printf '%s\n' "$@" >&"$talk"
}

hush() { # all was said, and went as it should
	exec {talk}>&-
	within 60 test -f "$tmp/said"
}

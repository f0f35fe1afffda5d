# shellcheck shell=bash
# What the tests of stage 7 share. A file says `load lib`, and has then:
#
#   http 'DIRECTIVES'      starts the server with these inside http {}: $pid, $port, $url
#                          LISTEN in them stands for an address with a free port
#   server 'DIRECTIVES'    the same inside a server {} of that; $site is its root
#   stop                   ends it: exit code 0, and the sanitizers have found nothing
#   fetch [curl options] PATH   the answer: $status, $head and $body are files
#   header NAME            its value in the last answer
#   raw 'bytes'            these bytes in printf's escapes; what comes until the end is in $answer
#   config_error 'TEXT' 'DIRECTIVES'   these directives (outermost level) are refused, with that text
#   within S COMMAND ...   tries until it succeeds; fails after S seconds
#
# With PRELOAD=library.so the server runs with that. It is built with AddressSanitizer and UBSan; PLAIN=1 tests one without them.
# $tmp is a folder of this file of tests, $site a folder in it to serve.

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
STAGE=$TOP/stages/07-full-server
OURS=$TOP/build/tests
if [ -n "${PLAIN:-}" ]; then BUILT=$OURS/stage7 SANITIZE=
else BUILT=$OURS/stage7-sanitized SANITIZE=address,undefined; fi

locked() {
	mkdir -p "$OURS"
	flock "$OURS/stage7.lock" "$@"
}

build() {
	# as `make stage 7` compiles it, so that this needs no compiler of its own
	local optimized='-O2 -g'
	[ -z "$SANITIZE" ] || optimized='-O1 -g'
	locked env -u MAKEFLAGS -u MFLAGS make -s -j2 -C "$STAGE" BUILD="$BUILT" SAN="$SANITIZE" CFLAGS="$optimized" "$@" >&2
}

setup_file() {
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/lab-stage7.XXXXXX")
	chmod 755 "$tmp"
	export tmp site=$tmp/site
	mkdir -p "$site"
	build
	if declare -F make_site >/dev/null; then make_site; fi
}

teardown_file() {
	rm -rf "$tmp"
}

teardown() {
	local left
	for left in ${pid:-} ${holder:-}; do
		kill -KILL "$left" 2>/dev/null || true
		wait "$left" 2>/dev/null || true
	done
	if [ -s "${log:-}" ]; then sed 's/^/log: /' "$log" | tail -40; fi
}

start_with() { # the whole configuration is in $tmp/server.conf
	local line=
	log=$tmp/$BATS_TEST_NUMBER.log
	rm -f "$tmp/out"
	mkfifo "$tmp/out"
	env ${PRELOAD:+LD_PRELOAD="$PRELOAD" ASAN_OPTIONS=verify_asan_link_order=0} \
		"$BUILT/server" -p "$tmp" -c server.conf >"$tmp/out" 2>"$log" 3>&- 4>&- &
	pid=$!
	read -r -t 60 line <"$tmp/out" || true
	url=${line#listening on }
	url=${url%/}
	port=${url##*:}
	[[ $line =~ ^'listening on http://127.0.0.1:'[1-9][0-9]*'/'$ ]]
}

http() {
	cat >"$tmp/server.conf" <<-END
		daemon off; master_process off; pid server.pid; error_log stderr info;
		${OUTSIDE:-}
		events { worker_connections ${CONNECTIONS:-256}; ${EVENTS:-} }
		http {
			access_log ${ACCESS_LOG:-off};
			include $STAGE/conf/mime.types;
			${1//LISTEN/127.0.0.1:0}
		}
	END
	start_with
}

server() {
	http "server { listen LISTEN; root $site; $1 }"
}

stop() {
	local code=0
	kill -s "${1:-TERM}" "$pid"
	within 20 not kill -0 "$pid" 2>/dev/null
	wait "$pid" || code=$?
	pid=
	echo "exit code $code"
	[ "$code" -eq 0 ]
	not grep -E '(ERROR|WARNING): (Address|Leak|Thread)Sanitizer|runtime error' "$log"
}

. "$BATS_TEST_DIRNAME/../wait.bash"

fetch() {
	local path=${*: -1}
	head=$tmp/head body=$tmp/body
	: >"$body"
	status=$(curl -sS --path-as-is -m 20 -D "$head" -o "$body" -w '%{http_code}' "${@:1:$#-1}" "$url$path") || true
	echo "$path: $status"
}

answers() { # answers STATUS [curl options] PATH
	fetch "${@:2}"
	[ "$status" = "$1" ]
}

header() {
	sed -n "s/^$1: \(.*\)\r$/\1/Ip" "$head"
}

raw() {
	local socket
	answer=$tmp/answer
	exec {socket}<>"/dev/tcp/127.0.0.1/$port"
	(printf '%b' "$1" >&"$socket") 2>/dev/null || true
	timeout "${2:-20}" cat <&"$socket" >"$answer" 2>/dev/null || true
	exec {socket}>&-
	status=none
	if [[ $(head -n 1 "$answer" | tr -d '\0') =~ ^HTTP/1\.1\ ([0-9]{3})\  ]]; then
		status=${BASH_REMATCH[1]}
	fi
}

# refuses STATUS 'bytes'
refuses() {
	raw "$2"
	printf '%s: %s\n' "$status" "${2:0:70}"
	[ "$status" = "$1" ]
}

statuses() { # of all the answers in $answer
	LC_ALL=C grep -a -o 'HTTP/1\.1 [0-9]* ' "$answer" | cut -d ' ' -f 2 | tr '\n' ' ' | sed 's/ $//'
}

config_error() {
	local code=0
	printf '%s\n' "$2" >"$tmp/bad.conf"
	"$BUILT/server" -p "$tmp" -c bad.conf -t >"$tmp/said" 2>&1 3>&- || code=$?
	cat "$tmp/said"
	[ "$code" -eq 1 ]
	grep -qF -- "$1" "$tmp/said"
}

config_good() {
	printf '%s\n' "error_log stderr; $1" >"$tmp/good.conf"
	"$BUILT/server" -p "$tmp" -c good.conf -t 3>&-
}

# with_module NAME FILE   a server that has that module, too, in $tmp/with-NAME
with_module() {
	local at=$tmp/with-$1
	mkdir -p "$at"
	sed "s/M(static)/M($1) M(static)/" "$STAGE/src/modules.c" >"$at/modules.c"
	"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -g -O1 -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers -Werror -I"$STAGE/src" -DALLOC_PASS_THROUGH \
		-fsanitize=address,undefined "$at/modules.c" "$2" "$OURS/stage7-sanitized/main.o" \
		"$OURS/stage7-sanitized/parts.a" -lpthread -o "$at/server"
}

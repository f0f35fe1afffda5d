# shellcheck shell=sh disable=SC2034,SC3045
# What the properties share. A property is a script that judges one server:
#
#	tests/ladder/NAME SERVER [ADAPTER]
#
# It prints one line, a verdict, a tab, and what was measured that makes it so:
#
#	holds	20 requests answered in 0.01 s while one client was silent
#	breaks	...
#	n.a.	...		the question has no meaning for this server
#	n.a.	this machine: ...	it can't be asked here
#	9	...		a figure
#	error	...		neither: the server did what no stage is known to do
#
# The second line of a property says in a few words what it is about. With SHOW=1 it
# tells on stderr what it does, as it does it: that is `make flaw`.
#
# ADAPTER is a file that says how a server is started and what it has settings for. It is looked
# for in tests/ladder/adapter/, by the name of the server's folder; `plain` is for servers without
# any. It sets `can`, the words it knows, and start(), which becomes the server: on port 0, with
# ROOT, on stdout the line "listening on http://127.0.0.1:PORT/". A property sets before `serve`,
# and a server that can't do it leaves it alone:
#
#	ROOT		the folder to serve
#	WORKERS		how many processes serve (1)			can: workers
#	IDLE		seconds after which an idle client is let go	can: idle
#	BODY_MAX	bytes of a request's body, 413 beyond		can: body
#	SLOW		seconds that an answer to /slow?NAME takes a thread; it says "for NAME"
#							can: late-result
#	COMPRESS	not empty: a file FILE.gz may be sent in place of FILE
#	LIMIT		not empty: a client may ask once a second, with a reserve of two
#	DENY		not empty: /private.html is for 127.0.0.2 alone
#	INCLUDE		not empty: a page may include others (SSI)
#	REWRITE		not empty: /old/NAME is /NAME now
#	DESCRIPTORS	how many it may have; ours to set, no server needs to know
#
# With `children` in `can`, each client has a process of its own, with `threads` a thread. `spread` says
# why a request's system calls are not those of one process.
#
# With `reload` in `can`, reload() has the running server, $pid, take on what these words say now;
# with `upgrade`, upgrade() has another process, $heir, with the file that is now at $server, take
# over from $pid, which ends.

server=${1:?usage: $0 SERVER [ADAPTER]}
case $server in /*) ;; *) server=$PWD/$server ;; esac
cd "$(dirname "$0")/../.." || exit 2
PATH=$PWD/build/tools:$PATH
[ -x build/tools/hold ] && [ -x build/tools/wire ] && [ -x build/tools/look ] ||
	make -s -f tools/helpers.mk build/tools/hold build/tools/wire build/tools/look >&2 || exit 2
. tools/measure.sh
adapter=tests/ladder/adapter/plain
for file in tests/ladder/adapter/*; do
	# a build may have a name behind the folder's: 06-multiprocess-clang
	case $(basename "$(dirname "$server")") in "${file##*/}" | "${file##*/}"[-.]*) adapter=$file ;; esac
done
adapter=${2:-$adapter}

can=
case $adapter in /*) ;; *) adapter=./$adapter ;; esac
# shellcheck source=/dev/null
. "$adapter"

scratch=$(mktemp -d "${TMPDIR:-/tmp}/ladder.XXXXXX")
ROOT=$scratch/www WORKERS=1 IDLE='' BODY_MAX='' SLOW='' COMPRESS='' LIMIT='' DENY='' INCLUDE='' REWRITE='' DESCRIPTORS=''
export server ROOT WORKERS IDLE BODY_MAX SLOW COMPRESS LIMIT DENY INCLUDE REWRITE DESCRIPTORS
servers='' others='' holding='' heir=''
mkdir "$ROOT"
printf 'The answer of a server under test.\n' >"$ROOT/index.html"

# Is it a child of ours? The kernel gives the number of a child that has ended to another process.
ours() { [ "$(awk '/^PPid:/ { print $2 }' "/proc/$1/status" 2>/dev/null)" = "$$" ]; }

end() {
	[ -z "$holding" ] || exec 8>&-
	exec 6>&- 7>&-
	# shellcheck disable=SC2046  # words on purpose
	for process in $servers; do
		ours "$process" || continue
		kill -KILL $(look cpu "$process" | cut -d ' ' -f 1) 2>/dev/null
	done
	# a process that was reparented is not our child; but no other process writes into our log
	# shellcheck disable=SC2046
	case ${heir:+$(readlink "/proc/$heir/fd/2")} in
	"$scratch"/*) kill -KILL $(look cpu "$heir" | cut -d ' ' -f 1) 2>/dev/null ;;
	esac
	for process in $others $holding; do
		ours "$process" && kill "$process" 2>/dev/null
	done
	wait 2>/dev/null
	rm -rf "$scratch"
}
trap end EXIT
trap 'exit 143' TERM INT HUP

can() { case " $can " in *" $1 "*) ;; *) return 1 ;; esac; }

# verdict WORD EVIDENCE
verdict() {
	tell "$1" "$2"
	printf '%s\t%s\n' "$1" "$2"
	exit 0
}

# ---- telling it live ----

say() { [ -z "${SHOW:-}" ] || printf '\n  # %s\n' "$*" | folded >&2; }
tell() { [ -z "${SHOW:-}" ] || printf '\n  => %s: %s\n' "$1" "$2" | folded >&2; }
folded() { fold -s -w 90 | sed '3,$s/^/     /'; }
command_line() { [ -z "${SHOW:-}" ] || printf '  $ %s\n' "$*" >&2; }
output() { [ -z "${SHOW:-}" ] || sed 's/^/    /' "$1" >&2; }

# ---- servers ----

listens() { grep -qs '^listening on http://' "$log.out"; }
listens_or_ended() { listens || ! kill -0 "$pid" 2>/dev/null; }

# Starts one more: pid, port, and its messages in $log.
serve() {
	log=$scratch/log.$((served = ${served:-0} + 1))
	(
		ulimit -c 0
		[ -z "$DESCRIPTORS" ] || ulimit -n "$DESCRIPTORS" || exit 1
		start
	) >"$log.out" 2>"$log" 3>&- 4>&- 8>&- </dev/null &
	pid=$!
	servers="$servers $pid"
	within 10 listens_or_ended
	listens || verdict error "the server did not start: $(head -n 1 "$log")"
	# the server may say it, and its adapter, too
	port=$(sed -n 's|^listening on http://127.0.0.1:\([0-9]*\)/.*|\1|p' "$log.out" | head -n 1)
	command_line "server 0 www &"
	output "$log.out"
}

has_workers() { [ "$(processes | wc -l)" -gt "$WORKERS" ]; }

processes() { look cpu "$pid" | cut -d ' ' -f 1; }

# In which call each of its processes is now, a line each, into $calls. Not in a subshell: many
# systems (Ubuntu: kernel.yama.ptrace_scope = 1) answer a process's forebears alone.
calls=$scratch/calls
see_calls() {
	processes >"$scratch/processes"
	: >"$calls"
	while read -r process; do
		call=unknown
		{ read -r call </proc/"$process"/syscall; } 2>/dev/null
		# shellcheck disable=SC2086
		look call ${call:-unknown} >>"$calls"
	done <"$scratch/processes"
}

# It sleeps in a call that is about one client alone, while others wait at the door.
stuck() {
	queue=$(look queue "$port")
	see_calls
	where=$(grep -E '^(read|recv|send|write)' "$calls" | head -n 1)
	if [ -z "$where" ] && ! grep -qv unknown "$calls"; then
		# this kernel won't say; but one that has work and does nothing is stuck as well
		before=$(cpu_of "$pid")
		sleep 0.3
		[ "$(cpu_of "$pid")" = "$before" ] && where="a call that we may not see"
	fi
	[ "$queue" -gt 0 ] && [ -n "$where" ]
}

# ---- clients ----

# ask [PATH]   one request, now; its answer's words in $reply
ask() {
	command_line "wire get $port ${1:-/}"
	wire get "$port" "${1:-/}" >"$scratch/reply"
	asked=$?
	reply=$(cat "$scratch/reply")
	output "$scratch/reply"
	return "$asked"
}

# Twenty, one after the other, in the background.
ask_many() {
	command_line "wire load $port 20"
	rm -f "$scratch/many"
	{
		wire load -t 20 "$port" 20 >"$scratch/many.now"
		mv "$scratch/many.now" "$scratch/many"
	} 8>&- 2>/dev/null &
	others="$others $!"
}

many_done() { [ -f "$scratch/many" ]; }

# Are they served, whatever else goes on? 0: yes. 1: no, the server is stuck ($where, and $queue
# in line). 2: no, for another reason. $reply has it in words.
others_served() {
	ask_many
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		within 1 many_done && break
		stuck && break
	done
	if many_done; then
		output "$scratch/many"
		reply=$(tail -n 1 "$scratch/many")
		case $reply in *answered*) return 0 ;; *) return 2 ;; esac
	fi
	[ -n "${where:-}" ] || verdict error "no answer in 16 s, and the server is not stuck in any call"
	reply="the server is in $where, with $queue in the listening socket's queue"
	say "No answer for a second, so we ask the kernel where the server is:"
	if [ -n "${SHOW:-}" ]; then
		command_line "cat /proc/$pid/syscall; look queue $port"
		printf '    %s\n    clients waiting in its queue: %s\n' "$where" "$queue" >&2
	fi
	return 1
}

# They have been let go: were they all answered? Then nothing else had kept them.
then_served() {
	if ! within 20 many_done || ! grep -q answered "$scratch/many"; then
		verdict error "$reply; but the others get no answer afterwards either"
	fi
	output "$scratch/many"
}

# hold_open [OPTION...] COUNT   idle connections, until hold_close; what hold said in $held
hold_open() {
	hold_words=''
	while [ $# -gt 1 ]; do
		case $1 in *' '*) hold_words="$hold_words '$1'" ;; *) hold_words="$hold_words $1" ;; esac
		shift
	done
	command_line "hold$hold_words $port $1 &"
	rm -f "$scratch/hold" "$scratch/held"
	mkfifo "$scratch/hold"
	eval "hold $hold_words $port $1 <'$scratch/hold' >'$scratch/held' &"
	holding=$!
	exec 8>"$scratch/hold"
	within 140 test -s "$scratch/held" || verdict error "$1 connections did not stand in 140 s"
	held=$(cat "$scratch/held")
	output "$scratch/held"
}

# load_begin   two clients that make a connection for each request, two that keep theirs, without
# end; one request that fails ends all of a kind. And one who is in the middle of a download.
load_begin() {
	mkfifo "$scratch/enough"
	loads=''
	for kind in fresh kept; do
		keep=''
		[ "$kind" = fresh ] || keep='-k '
		command_line "wire load ${keep}-c 2 $port 0 &"
		# shellcheck disable=SC2086
		wire load $keep-t 10 -d 2 -c 2 "$port" 0 <"$scratch/enough" >"$scratch/$kind" &
		loads="$loads $!"
	done
	others="$others $loads"
	exec 7>"$scratch/enough"
	within 20 under_way || verdict error "no load: $(cat "$scratch/fresh" "$scratch/kept")"
	command_line "wire talk $port 'GET /large...' &"
	truncate -s 67108864 "$ROOT/large" || verdict error "no room for a file of 64 MiB with a hole in it"
	mkfifo "$scratch/go-on"
	wire talk -t 30 "$port" 'send:GET /large HTTP/1.0\r\nHost: localhost\r\n\r\n' turn read <"$scratch/go-on" >"$scratch/download" 7>&- &
	download=$!
	others="$others $download"
	exec 6>"$scratch/go-on"
	within 20 downloading || verdict error "no download: $(cat "$scratch/download")"
}

downloading() { [ "$(look pending "$port")" -gt 100000 ]; }
# it may read on now
download_end() { exec 6>&-; }

under_way() { grep -qs '^under way' "$scratch/fresh" && grep -qs '^under way' "$scratch/kept"; }

# load_end   each asks once more; false, with $reply, when a request was lost
load_end() {
	download_end
	exec 7>&-
	# shellcheck disable=SC2086
	wait $loads $download
	output "$scratch/download"
	for kind in fresh kept; do
		sed -i '/^under way/d' "$scratch/$kind"
		output "$scratch/$kind"
	done
	fresh=$(tail -n 1 "$scratch/fresh") kept=$(tail -n 1 "$scratch/kept")
	case $fresh in failed*) reply="a request on a connection of its own ${fresh}"; return 1 ;; esac
	case $kept in failed*) reply="a request on a kept connection ${kept}"; return 1 ;; esac
	case $(tail -n 1 "$scratch/download") in
	'read: 200 OK, 67108864 bytes'*) ;;
	*) reply="a download was $(sed -n '$s/read: //p' "$scratch/download")"; return 1 ;;
	esac
	counts=$(cat "$scratch/fresh" "$scratch/kept" | awk '{ n += $1 } END { print n }')
}

# Another page, so that a client that gets it knows that the new configuration is in force. $size, $new_size
new_page() {
	size=$(($(wc -c <"$ROOT/index.html")))
	ROOT=$scratch/new
	mkdir "$ROOT"
	echo 'A longer page, in another folder: only the new configuration knows of it.' >"$ROOT/index.html"
	new_size=$(($(wc -c <"$ROOT/index.html")))
}

is_new() { wire get -t 20 "$port" / | grep -q "^200 OK, $new_size bytes"; }

# none of those in the file before serves any more
all_left() { ! look cpu "${1:-$pid}" | cut -d ' ' -f 1 | grep -qxF -f "$scratch/before"; }

# Both kinds of clients have had both pages.
both_pages() {
	for said in "$fresh" "$kept"; do
		case $said in *" of $size bytes, "*" of $new_size bytes") ;; *) return 1 ;; esac
	done
}

# How many are open: "1020 open, 480 closed by the server"
hold_count() {
	lines=$(wc -l <"$scratch/held")
	echo >&8
	within 10 more_lines "$lines"
	held=$(tail -n 1 "$scratch/held")
}

more_lines() { [ "$(wc -l <"$scratch/held")" -gt "$1" ]; }

hold_close() {
	command_line "kill %hold"
	exec 8>&-
	wait "$holding"
	holding=''
}

# ---- what this machine lacks ----

# need_descriptors COUNT
need_descriptors() {
	most=$(ulimit -H -n)
	[ "$most" = unlimited ] || [ "$most" -ge "$1" ] ||
		verdict n.a. "this machine: a process may have $most descriptors (ulimit -Hn), and this needs $1"
	# the server and the clients raise their own; a shell's soft limit does not matter
}

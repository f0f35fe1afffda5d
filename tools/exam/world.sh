# shellcheck shell=sh disable=SC2034,SC2154,SC2317
# What a question's verify() is made of. Servers are started and measured as the ladder does it
# (tests/ladder/lib.sh), clients are sockets that `sock` opens, one call a line (labs/tcp/sock).
#
#	use_stage N		that server from now on; WORKERS= is for stages 6 and 7
#	changed FILE SED	the server is built with this change (sed) of one of its files
#	traced [OPTION ...]	the server runs under strace with these options
#	configured <<END	stage 7 runs with this in its `http { server { ... } }`
#	serve			starts it: $pid, $port, $ROOT
#	asleep			waits until all processes of the server sleep
#	trace_of		ends the server; the lines of strace, without those of the start
#	sock LINE		does LINE, which must work: the answer is in $reply
#	try LINE		does LINE, which may fail
#	field NAME		of the last `show`
#	number_sent NAME	of the last answer, the number of bytes
#	within S COMMAND	until it succeeds, or S seconds
#	skip WHY		this machine can't show it
#
# Every wait has a deadline, generous, so that a busy machine changes nothing.

skip() { echo "skip $*"; exit 0; }
impossible() { echo "fail $*"; exit 0; }

# on_its_own ARGUMENT ...   starts this again with descriptors 0 to 2 alone and in a network of its own: nothing that is
# asked here may depend on what the caller has open, or on other connections of this machine.
on_its_own() {
	[ -z "${EXAM_ALONE:-}" ] || return 0
	export EXAM_ALONE=yes
	if command -v bash >/dev/null 2>&1; then
		# sh can't close descriptors from 10 on
		# shellcheck disable=SC2016
		set -- bash -c 'for fd in /proc/self/fd/*; do fd=${fd##*/}; [ "$fd" -le 2 ] || eval "exec $fd>&-"; done; exec "$0" "$@"' "$0" "$@"
	else set -- "$0" "$@"; fi
	for unshare in 'unshare -n' 'unshare -Urn'; do
		$unshare sh -c 'ip link set lo up || ifconfig lo up' 2>/dev/null || continue
		# shellcheck disable=SC2016
		exec $unshare sh -c '{ ip link set lo up || ifconfig lo up; } 2>/dev/null; exec "$@"' sh "$@"
	done
	exec "$@"
}

use_ladder() {
	set -- "$1"
	# shellcheck source=tests/ladder/lib.sh
	. tests/ladder/lib.sh
	verdict() { case $1 in n.a.) skip "$2" ;; *) impossible "$2" ;; esac; }
}

use_stage() {
	rm -rf "$scratch"
	built=$(tools/stage build "$1") || impossible "stage $1 does not build"
	stage_folder=$(tools/stage folder "$1")
	use_ladder "$built"
}

# The stage's files, one of them changed. Only its object is compiled again where ccache is.
changed() {
	mkdir "$scratch/source"
	cp "$stage_folder"/*.[ch] "$stage_folder/Makefile" "$scratch/source/"
	sed "$2" "$stage_folder/$1" >"$scratch/source/$1"
	! cmp -s "$stage_folder/$1" "$scratch/source/$1" || impossible "'$2' changes nothing in $1"
	make -s -C "$scratch/source" BUILD="$scratch/build" CFLAGS='-O1 -w' >&2 || impossible "with '$2' $1 does not build"
	server=$scratch/build/server
}

traced() {
	command -v strace >/dev/null 2>&1 || skip "no strace here"
	strace -o /dev/null true 2>/dev/null || skip "strace may not look at processes here"
	mv_server=$server
	server=$scratch/traced
	{
		echo '#!/bin/sh'
		printf 'exec strace -ff -qq -o "%s" ' "$scratch/trace"
		[ $# = 0 ] || printf "'%s' " "$@"
		printf '"%s" "$@"\n' "$mv_server"
	} >"$server"
	chmod +x "$server"
}

# The lines of strace since the server began to listen. They are whole when the server has ended.
trace_of() {
	# shellcheck disable=SC2046
	kill -TERM $(processes | grep -vx "$pid") 2>/dev/null
	within 60 ended || impossible "the server did not end"
	cat "$scratch"/trace.* | awk 'started { print } /listening on/ { started = 1 }'
}
ended() { [ ! -e "/proc/$pid/fd/0" ]; }

configured() {
	cat >"$scratch/within.conf"
	start() {
		cat >"$scratch/server.conf" <<-END
			daemon off;
			worker_processes $WORKERS;
			error_log stderr;
			pid $scratch/server.pid;
			events { worker_connections 1024; }
			http { access_log off; server { listen 127.0.0.1:0; root $ROOT; $(cat "$scratch/within.conf") } }
		END
		exec "$server" -p "$scratch" -c server.conf
	}
}

asleep() { within 60 all_asleep || impossible "the server does not come to rest"; }
all_asleep() {
	for process in $(processes); do
		case $(sed 's/.*) //' "/proc/$process/stat" 2>/dev/null) in S*) ;; *) return 1 ;; esac
	done
}

# ---- sockets -------------------------------------------------------------------------------

talking=
open_sock() {
	make -s -C labs/tcp >&2 || impossible "labs/tcp does not build"
	mkfifo "$scratch/to" "$scratch/from"
	labs/tcp/build/sock -i <"$scratch/to" >"$scratch/from" &
	others="$others $!"
	exec 4>"$scratch/to" 5<"$scratch/from"
	talking=yes
	try deadline 60
}
try() {
	[ -n "$talking" ] || open_sock
	printf '%s\n' "$*" >&4
	IFS= read -r reply <&5 || reply='error: sock has ended'
}
sock() {
	try "$@"
	case $reply in ok*) ;; *) impossible "sock: $*: $reply" ;; esac
}
field() { printf '%s\n' "$reply" | tr ' ' '\n' | sed -n "s/^$1=//p"; }
number_sent() { printf '%s\n' "$reply" | awk '{ for (i = 2; i <= NF; i++) if ($i ~ /^bytes/) { print $(i - 1); exit } }'; }

# state NAME   the state of this end, as the kernel says it; CLOSED when there is none
state() { sock show "$1"; field state; }
settled() { sock wait "$1" "$2"; }

# spends   what the server does with its time when no client asks for anything: it sleeps, or it spins
spends() {
	looks=0
	while [ $((looks += 1)) -le 40 ]; do
		before=$(cpu_of "$pid")
		sleep 0.05
		if [ $((before + 100000)) -ge "$(cpu_of "$pid")" ]; then
			# no CPU time in a while: it waits for a core, or it sleeps
			see_calls
			case $(sed 's/.*) //' "/proc/$pid/stat") in S*) slept=$((${slept:-0} + 1)) ;; esac
		else spun=$((${spun:-0} + 1)); fi
		if [ "${slept:-0}" -ge 5 ]; then echo sleeps; return; fi
		if [ "${spun:-0}" -ge 5 ]; then echo spins; return; fi
	done
	impossible "neither asleep nor spinning"
}

# last_poll   of the last call of poll, which the end of the server interrupted, the number of entries
last_poll() { trace_of | sed -n 's/^p*poll(\[.*\], \([0-9]*\), .*/\1/p' | tail -n 1; }

# shellcheck shell=sh
# lib.sh: what the `run` of every observation shares. A run reads like a lab script:
#
#	rule_ID() { ...; }	how the truth of question ID is read from its evidence (stdin)
#	ask ID 'question' CHOICE ...		before anything happens
#	begin					opens the conversation with `sock -i`
#	step 'prose'				the next screen; waits for Enter first
#	go_on 'prose'				a step that does not wait for Enter
#	note 'prose'				explains
#	sock LINE				does LINE (see sock/sock.c); it must work
#	try LINE				does LINE; it may fail: the answer is in $reply
#	lines [NAME=STATE ...]			waits for these states, then prints what netstat shows
#						of our own sockets, the ends named; it is in $seen
#	claim 'what is so' COMMAND ...		prints it, and checks it: COMMAND must succeed
#	found ID EVIDENCE			what the kernel did, for question ID
#	finish
#
# Set before lib.sh is read, needs=private asks for a network namespace of our own, needs=mute
# for the right to mute a socket; needs=maybe takes a namespace if it can be had: see `private`.
#
# What is told and what is checked is the same `claim`, so that they cannot drift apart.
# The conversation is held over two pipes on descriptors 8 and 9.

set -u
needs=${needs:-}
# A check or a quiz uses a private network, where it may: no other connections disturb it there. A told
# observation uses the ordinary loopback, so that a second terminal can look as well, unless
# LAB_ALONE is set.
case " $* " in *' --check '* | *' --truths '* | *' --quiz '*) needs=${needs:-maybe} ;; esac
[ -z "${LAB_ALONE:-}" ] || needs=${needs:-maybe}
case $needs in ?*)
	# an ordinary user may be root of a private network, where no other program is disturbed
	if [ -z "${LAB_PRIVATE:-}" ] && [ -z "${LAB_NO_NAMESPACE:-}" ]; then
		for unshare in 'unshare -n' 'unshare -Urn'; do
			$unshare sh -c 'ip link set lo up || ifconfig lo up' 2>/dev/null || continue
			# shellcheck disable=SC2016,SC2093
			LAB_PRIVATE=yes exec $unshare sh -c '{ ip link set lo up || ifconfig lo up; } 2>/dev/null; exec "$0" "$@"' "$0" "$@"
		done
	fi ;;
esac

lab=$(cd "$(dirname "$0")" && pwd)
name=$(basename "$lab")
labs=$(dirname "$lab")
sock_program=$labs/build/sock

mode=tell	# tell, check, quiz, truths, verify
pauses=yes
record=
sheet=
tool=${LAB_TOOL:-}
student=${LAB_STUDENT:-}

usage() {
	sed -n '2s/^# //p' "$0"
	cat <<-E

	usage: $0 [-y] [--record FILE]     tell it step by step, Enter goes on; -y does not wait
	       $0 --check                  only the claims, each "ok" or "not ok"; exit 1 if one is not
	       $0 --quiz [SHEET]           predict first; writes an answer sheet ($name.sheet)
	       $0 --verify SHEET ...       regrade sheets from what they recorded, and from this kernel

	  -y, --yes          do not wait for Enter
	  -v, --verbose      with --check: the commands and the socket lines too
	  --tool TOOL        netstat, ss or proc: where the socket lines come from (or LAB_TOOL=)
	  --name NAME        the student's name on the sheet (or LAB_STUDENT=)
	  --record FILE      also write a timeline of all state changes (see tools/watch)
	E
}

die() {
	echo "$name: $*" >&2
	exit 2
}

verbose=
while [ $# -gt 0 ]; do
	case $1 in
	-h | --help) usage; exit 0 ;;
	-y | --yes) pauses= ;;
	-v | --verbose) verbose=yes ;;
	--check) mode=check ;;
	--truths) mode=truths ;;
	--quiz)
		mode=quiz
		case ${2:--} in -*) ;; *) sheet=$2; shift ;; esac ;;
	--verify) mode=verify; shift; break ;;
	--tool | --name | --record)
		[ $# -ge 2 ] || die "$1 needs a value; see $0 --help"
		case $1 in
		--tool) tool=$2 ;;
		--name) student=$2 ;;
		*) record=$2 ;;
		esac
		shift ;;
	*) die "there is no option $1; see $0 --help" ;;
	esac
	shift
done
[ "$mode" != verify ] || [ $# -gt 0 ] || die "verify which sheets? $0 --verify SHEET ..."
case $mode in check | truths | verify) pauses= ;; esac
case $mode in check | truths) [ "$verbose" ] && loud=yes || loud= ;; *) loud=yes ;; esac

case $tool in
'')
	if command -v netstat >/dev/null 2>&1; then tool=netstat
	elif command -v ss >/dev/null 2>&1; then tool=ss
	else tool=proc; fi ;;
netstat | ss) command -v "$tool" >/dev/null 2>&1 || die "$tool is not installed; there is --tool proc" ;;
proc) ;;
*) die "$tool: --tool takes netstat, ss or proc" ;;
esac

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
	bold=$(printf '\033[1m') dim=$(printf '\033[2m') green=$(printf '\033[32m')
	red=$(printf '\033[31m') plain=$(printf '\033[0m')
else
	bold='' dim='' green='' red='' plain=''
fi

# ---- start and end ---------------------------------------------------------------------

tmp=$(mktemp -d "${TMPDIR:-/tmp}/lab-tcp.XXXXXX") || exit 1
sock_pid=
watch_pid=
reply='' seen=''	# the last answer of sock; the last lines
printf '%s\n' "$@" >"$tmp/sheets"
: >"$tmp/names"; : >"$tmp/questions"; : >"$tmp/answers"; : >"$tmp/evidence"; : >"$tmp/truths"

leave() {
	status=$?
	trap '' INT TERM HUP
	trap - EXIT
	exec 8>&- 9<&-
	exec 5>&- 6<&-
	# shellcheck disable=SC2086  # empty, or a process id
	if [ "$sock_pid$watch_pid" ]; then kill $sock_pid $watch_pid 2>/dev/null; wait; fi
	rm -rf "$tmp"
	exit "$status"
}
trap leave EXIT
trap 'echo; exit 130' INT
trap 'exit 143' TERM HUP

build() {
	# one at a time: two observations may start together
	if command -v flock >/dev/null 2>&1 && [ -w "$labs" ]; then
		flock "$labs/Makefile" make -s -C "$labs" >"$tmp/build" 2>&1
	else
		make -s -C "$labs" >"$tmp/build" 2>&1
	fi || { cat "$tmp/build" >&2; die "could not build labs/tcp; it needs make and a C compiler"; }
}

open_sock() {
	mkfifo "$tmp/to" "$tmp/from" || exit 1
	"$sock_program" -i <"$tmp/to" >"$tmp/from" 8>&- 9<&- &
	sock_pid=$!
	exec 8>"$tmp/to" 9<"$tmp/from"
}

# A mute socket can be had by root, a network of one's own where namespaces are allowed.
# When thousands of others are in TIME_WAIT the kernel makes no more of them.
room_for_time_wait() {
	now=$(awk '$1 == "TCP:" { for (i = 2; i < NF; i++) if ($i == "tw") print $(i + 1) }' /proc/net/sockstat 2>/dev/null)
	most=$(cat /proc/sys/net/ipv4/tcp_max_tw_buckets 2>/dev/null || echo 100000)
	[ "${now:-0}" -lt $((most * 9 / 10)) ] ||
		skip "$now sockets of this machine are in TIME_WAIT, and the kernel keeps $most (tcp_max_tw_buckets); wait a minute, or set LAB_ALONE=yes for a network of your own"
}

private() { [ -n "${LAB_PRIVATE:-}" ]; }

check_needs() {
	[ -z "${LAB_PRIVATE:-}" ] || return 0
	case $needs in
	'' | maybe) return ;;
	mute) [ "$(id -u)" != 0 ] || return 0 ;;
	esac
	skip "this needs a network namespace of its own, and this system refuses one" \
		"(try 'unshare -Urn true'); sudo helps"
}

begin() {
	[ "$mode" = verify ] && verify_all
	[ "$mode" = quiz ] && ask_all
	check_needs
	room_for_time_wait
	build
	open_sock
	trap 'exit 141' PIPE
	if [ "$mode" = tell ]; then
		printf '%s%s%s\n' "$bold" "$(sed -n '2s/^# //p' "$0")" "$plain"
		echo "$dim  sock>  one socket call of the helper in labs/tcp/sock, and after -> its answer
  *      a claim, checked a moment before it is printed
  End    the last column: which end a line belongs to; X.peer is the end that X is connected to$plain"
		show_questions
	fi
	if [ "$loud" ] && [ "$tool" != netstat ]; then
		command -v netstat >/dev/null 2>&1 ||
			echo "(netstat is not installed; what it would show comes from $tool)"
	fi
}

# skip WHY   the observation cannot be made here
skip() {
	if [ "$mode" = check ]; then echo "1..0 # skipped: $*"; else echo "skipped: $*"; fi
	exit 77
}

# ---- telling ------------------------------------------------------------------------------

first_step=yes
step_number=0

wait_for_enter() {
	[ "$pauses" ] || return 0
	printf '%s[Enter] %s' "$dim" "$plain"
	IFS= read -r _ || { pauses=; echo; }
}

prose() {
	printf '%s\n' "$*" | fold -s -w 78 | sed 's/ *$//'
}

step() {
	[ "$loud" ] || return 0
	[ "$first_step" ] || [ "$mode" = check ] || wait_for_enter
	go_on "$@"
}

# go_on 'prose'   a step that cannot wait for the student, because the kernel does not either
go_on() {
	[ "$loud" ] || return 0
	first_step=
	step_number=$((step_number + 1))
	echo
	[ -z "${LAB_MARKS:-}" ] || echo "@ $step_number"
	printf '%s' "$bold"; prose "$*"; printf '%s' "$plain"
}

note() {
	[ "$loud" ] && [ "$mode" != check ] || return 0
	prose "$*"
}

# ---- doing --------------------------------------------------------------------------------

# The answers of listen, connect and accept tell the addresses: "NAME local peer" to names.
learn() {
	case $1 in in | fails | tell) return ;; esac
	case $reply in
	'ok local='*)
		local_=${reply#*local=} peer_=${reply#*peer=}
		[ "$peer_" != "$reply" ] || peer_="- ${reply#*inode=}"
		echo "$2 ${local_%% *} $peer_" | tee -a "$tmp/all-names" >>"$tmp/names"
		case $record,$1 in ?*,listen | ?*,bind) watch_port "${local_%% *}" ;; esac ;;
	esac
	return 0
}

# ask_sock LINE   one line to sock; its answer comes in $reply
ask_sock() {
	if ! { printf '%s\n' "$*" >&8 && IFS= read -r reply <&9; }; then die "sock ended at: $*"; fi
}

try() {
	ask_sock "$*"
	# shellcheck disable=SC2048,SC2086  # the line's words
	learn $*
	[ "$loud" ] || return 0
	case $reply in
	ok) said= ;;
	'ok local='* | 'ok after'*) said= ;;
	*) said="   -> $(printf '%s\n' "$reply" | sed 's/^ok //; s/^error \([A-Za-z]*\) [0-9]* /\1: /; s/local=[^ ]* peer=[^ ]* //
		s/retries=0 //; s/^\([^=]\{60\}\).\{20,\}$/\1.../')" ;;
	esac
	printf '    %ssock>%s %s%s\n' "$dim" "$plain" "$*" "$said"
}

sock() {
	try "$@"
	case $reply in error*) die "this was not to fail: $*: $reply" ;; esac
}

# field KEY   of the answer of `show`: field sendq
field() {
	printf '%s\n' "$reply" | tr ' ' '\n' | sed -n "s/^$1=//p"
}

# forget NAME ...   their lines are no longer shown
forget() {
	for old; do
		awk -v n="$old" '$1 != n' "$tmp/names" >"$tmp/rest"
		mv "$tmp/rest" "$tmp/names"
	done
}

port_of() {
	awk -v n="$1" '$1 == n { sub(/.*:/, "", $2); p = $2 } END { print p }' "$tmp/names"
}

# ---- recording ----------------------------------------------------------------------------

# watch_port ADDRESS:PORT   watch, beside us, records what becomes of it
watch_port() {
	if [ -z "$watch_pid" ]; then
		mkfifo "$tmp/watch-to" "$tmp/watch-from" || exit 1
		"$labs/build/watch" --more --record "$tmp/timeline" \
			<"$tmp/watch-to" >"$tmp/watch-from" 2>/dev/null 8>&- 9<&- &
		watch_pid=$!
		exec 5>"$tmp/watch-to" 6<"$tmp/watch-from"
	fi
	echo "${1##*:}" >&5
	IFS= read -r _ <&6 || die "watch ended"
}

# The timeline of watch (see watch/watch.c), with a line "# end NAME LOCAL PEER" for each name.
write_record() {
	exec 5>&- 6<&-
	[ -z "$watch_pid" ] || wait "$watch_pid" 2>/dev/null
	watch_pid=
	[ -s "$tmp/timeline" ] || die "nothing was recorded"
	{
		grep '^#' "$tmp/timeline"
		echo "# observation $name"
		sed 's/^\([^ ]* [^ ]*\) - .*/\1 0.0.0.0:0/; s/^/# end /' "$tmp/all-names"
		grep -v '^#' "$tmp/timeline" | sort -s -n -k 1,1
	} >"$record" || die "could not write $record"
}

# ---- seeing -------------------------------------------------------------------------------

raw_lines() {
	case $tool in
	netstat) netstat -tane ;;
	ss) ss -tane ;;
	proc) cat /proc/net/tcp ;;
	esac 2>/dev/null
}

look() {
	seen=$(raw_lines | awk -v tool="$tool" -v names="$tmp/names" -f "$labs/lines.awk")
}

# state NAME   as the last lines show it
state() {
	printf '%s\n' "$seen" | awk -v n="$1" '$NF == n { print $6; found = 1; exit } END { if (!found) print "CLOSED" }'
}

queue() {	# queue recv|send NAME: bytes, as the last lines show them
	printf '%s\n' "$seen" | awk -v n="$2" -v f="$([ "$1" = recv ] && echo 2 || echo 3)" '$NF == n { print $f; exit }'
}

shows_all() {
	for want; do
		[ "$(state "${want%%=*}")" = "${want#*=}" ] || return 1
	done
}

lines() {
	for want; do
		case $want in *[0-9A-Za-z]=*) ask_sock "wait ${want%%=*} ${want#*=}" ;; esac
	done
	tries=0
	look
	# a line may be missing for a moment: the table is read while it changes
	while ! shows_all "$@" && [ $tries -lt 20 ]; do
		tries=$((tries + 1))
		look
	done
	[ "$loud" ] || return 0
	printf '    %s%s%s\n' "$dim" 'Proto Recv-Q Send-Q Local Address         Foreign Address       State       End' "$plain"
	printf '%s\n' "${seen:-(no line)}" | sed 's/^/    /'
}

in_state() { [ "$(state "$1")" = "$2" ]; }
gone() { in_state "$1" CLOSED; }
is() { test "$@"; }
failed() { case $reply in "error $1 "*) ;; *) return 1 ;; esac; }	# the last try, with this errno
not() { ! "$@"; }
worked() { case $reply in ok*) ;; *) return 1 ;; esac; }
said() { case $reply in *"$*"*) ;; *) return 1 ;; esac; }
# poll SECONDS COMMAND ...   until it succeeds, looking twenty times a second
poll() {
	left=$(($1 * 20))
	shift
	until "$@"; do
		left=$((left - 1))
		[ $left -gt 0 ] || return 1
		ask_sock pause 0.05
	done
}
has_timer() { ask_sock "show $1"; [ "$(field timer)" = "$2" ]; }	# has_timer NAME retransmit
less() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a + 0 < b + 0) }'; }	# also for fractions
between() { less "$(($1 - 1))" "$2" && ! less "$3" "$2"; }

claims=0
wrong=0

claim() {
	text=$1
	shift
	claims=$((claims + 1))
	if "$@"; then
		case $mode in
		check) echo "ok $claims - $text" ;;
		truths) ;;
		*) prose "$green*$plain $text" ;;
		esac
		return 0
	fi
	wrong=$((wrong + 1))
	if [ "$mode" = check ]; then
		echo "not ok $claims - $text"
		printf '%s\n' "checked: $*" "last answer of sock: $reply" "$tool:" "$seen" | sed 's/^/# /'
	else
		prose "${red}NOT SO HERE:$plain $text" >&2
	fi
}

finish() {
	[ -z "$record" ] || write_record
	[ "$(wc -l <"$tmp/questions")" = "$(wc -l <"$tmp/truths")" ] || die "a question was never answered"
	case $mode in
	check) echo "1..$claims" ;;
	truths) cat "$tmp/truths" ;;
	quiz) grade ;;
	tell)
		echo
		echo "Read on in labs/tcp/$name/README.md; test yourself: labs/tcp/$name/run --quiz" ;;
	esac
	[ "$wrong" = 0 ] || exit 1
	exit 0
}

# shellcheck source=labs/tcp/quiz.sh
. "$labs/quiz.sh"

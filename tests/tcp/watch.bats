# watch: records, the live view, and what it leaves behind
# own network
load helper

setup_file() { build; }

# What a client and a server do on $port, each step when watch has recorded the one before:
# on a busy machine one who only looks now and then looks seldom.
act() {
	rm -f "$BATS_TEST_TMPDIR/lines"
	mkfifo "$BATS_TEST_TMPDIR/lines"
	"$sock" - <"$BATS_TEST_TMPDIR/lines" 3>&- &
	exec 8>"$BATS_TEST_TMPDIR/lines"
	act_until "0.0.0.0:0 .* LISTEN" "listen L $port reuseaddr"
	act_until "^[0-9.]* 127.0.0.1:$port 127.* ESTABLISHED" 'connect c L' 'accept s L'
	act_until ' FIN_WAIT2' 'close c'
	act_until ' CLOSE_WAIT'
	act_until ' TIME_WAIT' 'close s'
	act_until "^[0-9.]* 127.0.0.1:$port 127.* CLOSED"
	act_until 'LISTEN CLOSED' 'close L'
	exec 8>&-
}

act_until() {	# act_until RECORDED LINE ...
	local recorded=$1
	shift
	printf '%s\n' "$@" >&8
	until_true 15 grep -q -e "$recorded\$" "$BATS_TEST_TMPDIR/record"
}

free_port() { port=$(printf '%s\n' 'listen L' 'show L' | "$sock" - | sed 's/.*local=127.0.0.1:\([0-9]*\).*/\1/'); }

start_watch() {	# start_watch OPTION ...   until it is ready
	env "$mark" "$watch" --record "$BATS_TEST_TMPDIR/record" "$@" "$port" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	pid=$!
	until_true 10 grep -q '^# start' "$BATS_TEST_TMPDIR/out"
}

stop_watch() {
	kill -"${1:-TERM}" "$pid"
	wait "$pid"
}

# The states an end went through: path LOCAL-PATTERN PEER-PATTERN
path() { awk -v l="$1" -v p="$2" '!/^#/ && $2 ~ l && $3 ~ p { s = s " " $5 } END { print substr(s, 2) }' "$BATS_TEST_TMPDIR/record"; }

instances() { find /sys/kernel/tracing/instances -maxdepth 1 -name "lab-watch-$pid" 2>/dev/null; }

trace_works() { [ "$(id -u)" = 0 ] && grep -q '^# how tracepoint' "$BATS_TEST_TMPDIR/out"; }

@test "the tracepoint: every change of both ends" {
	free_port
	start_watch --plain
	trace_works || { stop_watch; skip "the tracepoint needs root and tracefs"; }
	act
	stop_watch
	cat "$BATS_TEST_TMPDIR/record"
	[ "$(path ":$port$" ":0$")" = "LISTEN CLOSED" ]
	[ "$(path "^127" ":$port$")" = "SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT" ]
	[ "$(path ":$port$" ":[1-9]")" = "SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED" ]
	[ -z "$(instances)" ]
}

@test "polling, as an ordinary user must: what lasts" {
	free_port
	start_watch --plain --poll
	act
	stop_watch
	cat "$BATS_TEST_TMPDIR/record"
	[[ "$(path ":$port$" ":0$")" == "LISTEN CLOSED" ]]
	[[ "$(path "^127" ":$port$")" == *"ESTABLISHED"*"FIN_WAIT2 TIME_WAIT" ]]
	[[ "$(path ":$port$" ":[1-9]")" == *"ESTABLISHED CLOSE_WAIT"*CLOSED ]]
}

@test "the record's form: each change follows from the one before" {
	free_port
	start_watch --plain
	act
	stop_watch
	awk '
		NR == 1 && $0 != "# watch 1" { bad = 1 }
		NR == 2 && $0 !~ /^# how (tracepoint|polling)$/ { bad = 1 }
		NR == 3 && $0 !~ /^# start [0-9.]+$/ { bad = 1 }
		/^#/ { next }
		NF != 5 || $1 !~ /^[0-9]+\.[0-9]+$/ { bad = 1 }
		{ end = $2 " " $3; if (was[end] != "" && $4 != was[end] && !(was[end] == "CLOSED" && $4 == "-")) bad = 1; was[end] = $5; n++ }
		END { exit bad || n < 8 }' "$BATS_TEST_TMPDIR/record"
}

@test "Ctrl-C, TERM and HUP end it well; nothing is left behind" {
	free_port
	for signal in INT TERM HUP; do
		env --default-signal=INT "$watch" --record "$BATS_TEST_TMPDIR/record" --plain "$port" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
		pid=$!
		until_true 10 grep -q '^# start' "$BATS_TEST_TMPDIR/out"
		stop_watch $signal
		[ -z "$(instances)" ]
	done
}

@test "the instance of a watch that was killed is removed by the next one" {
	free_port
	start_watch --plain
	trace_works || { stop_watch; skip "the tracepoint needs root and tracefs"; }
	[ -d /sys/kernel/tracing/instances ] || { stop_watch; skip "tracefs is mounted for watch alone"; }
	kill -KILL "$pid"
	wait "$pid" || true
	killed=$pid
	[ -d "/sys/kernel/tracing/instances/lab-watch-$killed" ]
	start_watch --plain
	[ ! -d "/sys/kernel/tracing/instances/lab-watch-$killed" ]
	stop_watch
}

@test "the live view shows both ends, and gives the terminal back" {
	command -v script >/dev/null || skip "script(1) is not installed"
	free_port
	mkfifo "$BATS_TEST_TMPDIR/keys"
	cat >"$BATS_TEST_TMPDIR/session" <<-SESSION
		stty cols 120 rows 30
		stty -g >"$BATS_TEST_TMPDIR/before"
		"$watch" --record "$BATS_TEST_TMPDIR/record" $port
		echo \$? >"$BATS_TEST_TMPDIR/status"
		stty -g >"$BATS_TEST_TMPDIR/after"
	SESSION
	for leave in q '\003'; do
		rm -f "$BATS_TEST_TMPDIR/after" "$BATS_TEST_TMPDIR/screen" "$BATS_TEST_TMPDIR/record"
		env --default-signal=INT script -qfc "trap : INT; . $BATS_TEST_TMPDIR/session" "$BATS_TEST_TMPDIR/screen" \
			<"$BATS_TEST_TMPDIR/keys" >/dev/null 2>&1 3>&- &
		pid=$!
		exec 7>"$BATS_TEST_TMPDIR/keys"
		until_true 10 grep -q "port $port" "$BATS_TEST_TMPDIR/screen"
		act
		until_true 10 grep -q 'client.*TIME_WAIT' "$BATS_TEST_TMPDIR/screen"
		until_true 10 grep -q 'server.*CLOSE_WAIT' "$BATS_TEST_TMPDIR/screen"
		# shellcheck disable=SC2059  # an octal escape
		printf "$leave" >&7
		until_true 10 test -s "$BATS_TEST_TMPDIR/after"
		exec 7>&-
		end_script
		cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
		grep -q $'\033\[?25h\033\[?1049l' "$BATS_TEST_TMPDIR/screen"
		[ "$(cat "$BATS_TEST_TMPDIR/status")" = 0 ]
	done
}

@test "make watch: a port is needed, and must be one" {
	run make -C "$labs/../.." watch 3>&-
	[ "$status" = 2 ]
	[[ $output == *"which port? for example: make watch 8080"* ]]
	run make -C "$labs/../.." watch http 3>&-
	[ "$status" = 2 ]
	[[ $output == *"http is no port: a number from 1 to 65535"* ]]
}

@test "an observation records its timeline, with the names of the ends" {
	run "$labs/time-wait/run" --check --record "$BATS_TEST_TMPDIR/record" 3>&-
	echo "$output"
	[ "$status" = 0 ]
	cat "$BATS_TEST_TMPDIR/record"
	grep -qx '# observation time-wait' "$BATS_TEST_TMPDIR/record"
	ends=$(sed -n 's/^# end client //p' "$BATS_TEST_TMPDIR/record")
	[[ "$(path "^${ends% *}$" "^${ends#* }$")" == *"ESTABLISHED"*"FIN_WAIT2 TIME_WAIT" ]]
	sort -c -s -n -k 1,1 <(grep -v '^#' "$BATS_TEST_TMPDIR/record")
}

@test "an ordinary user's observation is recorded by polling" {
	dir=$(mktemp -d "${TMPDIR:-/tmp}/lab-rec.XXXXXX")
	echo "$dir" >>"$BATS_TEST_TMPDIR/paths"
	chmod 777 "$dir"
	checks as_nobody "$labs/states/run" --check --record "$dir/record"
	grep -qx '# how polling' "$dir/record"
	grep -q ' CLOSING$' "$dir/record"
}

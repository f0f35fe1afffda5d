# sock, the language that drives sockets
load helper

setup_file() { build; }

script() { printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/s"; run "$sock" "$BATS_TEST_TMPDIR/s" 3>&-; echo "$output"; }
error_is() { [ "$status" = 1 ] && [ "$output" = "$BATS_TEST_TMPDIR/s:$1" ]; }

@test "a connection, text both ways, end of file" {
	script 'listen L' 'connect c L' 'accept s L' 'send c "GET / HTTP/1.0\r\n\r\n"' 'find s "\r\n\r\n"' \
		'send s "200\0\x41"' 'close s' 'expect c "200\0A"' 'expect c eof'
	[ "$status" = 0 ]
	[ "$output" = $'GET / HTTP/1.0\r\n\r' ]
}

@test "find leaves what follows the text" {
	script 'listen L' 'connect c L' 'accept s L' 'send c "one\ntwo"' 'find s "\n"' 'expect s "two"'
	[ "$status" = 0 ]
}

@test "options are set, and inherited from the listener" {
	script 'listen L 0 rcvbuf=2048 reuseaddr backlog=3' 'connect c L sndbuf=4096 nodelay' 'accept s L' \
		'send c full' 'show c' 'show L'
	[ "$status" = 0 ]
	[[ $output == *"state=ESTABLISHED recvq=0 sendq="[1-9]* ]]
	[[ $output == *"state=LISTEN recvq=0 sendq=3 "* ]]
}

@test "wait read: what is sent afterwards comes in a read of its own" {
	script 'listen L' 'connect c L' 'accept s L' 'send c "one"' \
		'fails deadline wait c read 0.1' 'read s 3' 'wait c read' 'wait c sent'
	[ "$status" = 0 ]
}

@test "the states of closed names and of the other end" {
	script 'listen L' 'connect c L' 'wait c.peer ESTABLISHED' 'accept s L' 'close c' 'wait c FIN_WAIT2' \
		'wait c.peer CLOSE_WAIT' 'close s' 'wait c TIME_WAIT' 'wait s CLOSED' 'show s'
	[ "$status" = 0 ]
	[[ $output == "state=CLOSED "* ]]
}

@test "a child has copies of the descriptors" {
	script 'listen L' 'connect c L' 'accept s L' 'fork k' 'close s' 'expect c nothing' \
		'in k send s "from the \"child\"\n"' 'expect c "from the \"child\"\n"' 'tell k close s' 'hear k' \
		'expect c eof' 'signal k KILL' 'fork k' 'in k print "a\tb"'
	[ "$status" = 0 ]
	[ "$output" = $'a\tb' ]
}

@test "the child dies with its parent" {
	printf '%s\n' 'fork k' 'signal k STOP' | env "$mark" "$sock" - 3>&-
	until_true 5 none_marked
}

@test "reset, and errors that are expected" {
	script 'listen L' 'connect c L' 'accept s L' 'reset s' 'fails ECONNRESET read c 1' 'fails EPIPE send c "x"' \
		'connect d L' 'accept t L' 'reset t' 'expect d reset'
	[ "$status" = 0 ]
}

@test "a line that was to fail and does not, is an error" {
	script 'listen L' 'fails EADDRINUSE listen M'
	error_is '2: fails EADDRINUSE listen M: listen succeeded; it was to fail with EADDRINUSE'
}

@test "arguments" {
	printf '%s\n' 'print "$2 and $1"' >"$BATS_TEST_TMPDIR/s"
	run "$sock" "$BATS_TEST_TMPDIR/s" one two
	[ "$output" = "two and one" ]
	script 'print $1'
	error_is '1: print $1: this line needs more arguments than were given'
}

@test "errors name file, line, and what was wrong: words" {
	script '# nothing' '' 'listne L'
	error_is '3: listne L: unknown word listne; sock --help lists those there are'
	script 'send c "abc'
	error_is '1: send c "abc: this text has no closing quote'
	script 'print "\q"'
	[[ $output == *'unknown escape; there are'* ]]
	script 'accept s'
	error_is '1: accept s: usage: accept NAME LISTENER'
}

@test "errors name file, line, and what was wrong: names" {
	script 'read c 1'
	error_is '1: read c 1: there is no socket named c'
	script 'listen L' 'listen L'
	[ "$status" = 0 ]	# a new backlog is no mistake
	script 'listen L' 'connect c L' 'connect c L'
	[[ $output == *":3: connect c L: connect: Transport endpoint is already connected" ]]
	script 'listen L' 'close L' 'accept s L'
	error_is '3: accept s L: L is closed'
	script 'listen 1'
	error_is '1: listen 1: 1 is no name for a socket: letters, digits, _ and -'
}

@test "errors name file, line, and what was wrong: values" {
	script 'listen L 99999'
	error_is '1: listen L 99999: 99999: a number from 0 to 65535 belongs here'
	script 'listen L 0 rcvbuf=x'
	error_is '1: listen L 0 rcvbuf=x: rcvbuf=x: a whole number belongs there'
	script 'listen L 0 bogus'
	[[ $output == *"no option is called bogus; there are: reuseaddr"* ]]
	script 'listen L' 'connect c L' 'wait c FINWAIT'
	[[ $output == *":3: wait c FINWAIT: wait for what? a state"* ]]
}

@test "expect says what came instead" {
	script 'listen L' 'connect c L' 'accept s L' 'send s "HTTP/1.1 404 Not Found\r\n"' 'expect c "HTTP/1.1 200"'
	error_is '5: expect c "HTTP/1.1 200": expected "HTTP/1.1 200", but got "HTTP/1.1 404 Not Found\r\n"'
	script 'listen L' 'connect c L' 'accept s L' 'close s' 'expect c "x"'
	[[ $output == *'expected "x", but got ""' ]]
	script 'listen L' 'connect c L' 'accept s L' 'send s "data"' 'expect c eof'
	[[ $output == *'expected "eof", but got "data"' ]]
}

@test "nothing waits longer than the deadline" {
	script 'deadline 0.2' 'listen L' 'accept s L'
	error_is '3: accept s L: accept: not done after 0.2 s'
	script 'deadline 0.2' 'listen L' 'connect c L' 'wait c CLOSE_WAIT'
	error_is '4: wait c CLOSE_WAIT: c is in ESTABLISHED and not in CLOSE_WAIT after 0.2 s'
}

@test "no process listens" {
	script 'bind B 0' 'connect c B'
	error_is '2: connect c B: connect: Connection refused'
}

@test "a conversation: a line in, a line out" {
	run "$sock" -i <<<$'listen L\nnonsense\n\nconnect c L\naccept s L\nsend s "a\\r\\n"\nread c 3\nfails EADDRINUSE print x'
	echo "$output"
	[[ ${lines[0]} == "ok local=127.0.0.1:"* ]]
	[[ ${lines[1]} == "error EINVAL 22 unknown word nonsense"* ]]
	[ "${lines[2]}" = ok ]
	[ "${lines[5]}" = ok ]
	[ "${lines[6]}" = 'ok a\r\n' ]
	[[ ${lines[7]} == "error EPROTO"* ]]
	[ ${#lines[@]} = 8 ]
}

@test "--help, a missing file" {
	run "$sock" --help
	[ "$status" = 0 ]
	[[ $output == *"wait NAME[.peer] STATE"* ]]
	run "$sock" /nowhere
	[ "$status" = 1 ]
	[ "$output" = "sock: /nowhere: No such file or directory" ]
	run "$sock"
	[ "$status" = 2 ]
}

# The judges are judged: a fix or a flaw that is planted in a server changes their verdict, and
# they say why.
# long: it begins early
load judges.bash

@test "worker-crash: a master that does not look after its workers" {
	planted 06-multiprocess 's/w->due <= now()/w->started == 0/' master.c
	judge worker-crash breaks "no process replaces"
}

@test "all-cores: one worker, however many were asked for" {
	planted 06-multiprocess 's/workers = parse_number/workers = 1 + 0 * parse_number/' main.c
	judge all-cores breaks "1 process did all"
}

@test "keep-alive and pipelining: a refusal is no answer" {
	planted 03-poll 's/status = open_file(&req, r);/status = 404;/' http.c
	judge keep-alive error "404"
	judge answers-get breaks "404"
	judge pipelining error
}

@test "syscalls: one call more is counted" {
	planted 03-poll 's/c->in_length += (size_t)n;/&\n\tgetppid();/' conn.c
	before=$(tests/ladder/syscalls "$(tools/stage build 3)" | cut -f 1)
	case $before in n.a.) skip "no strace that may trace" ;; esac
	judge syscalls "$((before + 1))" getppid
}

@test "a server that does not start is an error, with what it said" {
	printf '#!/bin/sh\necho "no, thank you" >&2\nexit 1\n' >"$BATS_TEST_TMPDIR/server"
	chmod +x "$BATS_TEST_TMPDIR/server"
	server=$BATS_TEST_TMPDIR/server
	judge answers-get error "no, thank you"
}

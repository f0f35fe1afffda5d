# The judges are judged: a fix or a flaw that is planted in a server changes their verdict, and
# they say why.

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export TOP=$PWD SHOW='' P='' SERVER=''
	sh -c '. tools/lib.sh; helper hold wire look'
}

setup() { cd "$TOP"; }

# planted STAGE SED-SCRIPT FILE   the server with that change, in $server
planted() {
	folder=$BATS_TEST_TMPDIR/$1
	mkdir -p "$folder"
	cp "stages/$1"/*.[ch] "stages/$1/Makefile" "$folder/"
	cp "$folder/$3" "$BATS_TEST_TMPDIR/before"
	sed -i "$2" "$folder/$3"
	! cmp -s "$folder/$3" "$BATS_TEST_TMPDIR/before" || { echo "the change did not take"; return 1; }
	make -s -C "$folder" BUILD="$folder" CFLAGS='-O1 -w'
	server=$folder/server
}

# judge PROPERTY VERDICT WORDS...   of $server
judge() {
	property=$1 verdict=$2
	shift 2
	run "tests/ladder/$property" "$server" 3>&- 4>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${output%%	*}" = "$verdict" ]
	for words; do [[ $output == *"$words"* ]]; done
}

@test "silent-client: a select server that reads from whom it accepts is stuck in read" {
	planted 02-select 's/^static void on_accept/static void on_event(struct conn *c);\n&/; s/conns\[fd\] = conn_open(fd);/conns[fd] = conn_open(fd); on_event(conns[fd]);/' server.c
	judge silent-client breaks "in read(fd" "when it leaves, all are answered"
}

@test "silent-client: a server that closes silent clients lets nobody wait" {
	# SO_RCVTIMEO: stage 1's read gives up after a tenth of a second
	planted 01-blocking 's/c = conn_open(fd);/{ struct { long s, us; } t = {0, 100000}; setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, \&t, sizeof t); } c = conn_open(fd);/' server.c
	judge silent-client holds
}

@test "many-connections: a server that closes from the hundredth on" {
	planted 03-poll 's/if (count == room \&\& /if (count > 100 || count == room \&\& /' server.c
	judge many-connections breaks "closed by the server"
}

@test "slow-reader: stage 5 with sockets that block" {
	# with a share so small as its own, epoll alone would keep it from waiting
	planted 05-epoll-et-nonblock 's/n = sendfile(/fcntl(c->fd, 4, 0); n = sendfile(/; s/256 \* 1024/1 << 30/; 1i #include <fcntl.h>' conn.c
	judge slow-reader breaks "in sendfile(fd"
}

@test "flat-cost: an epoll server that walks over all its clients in each turn" {
	planted 04-epoll-lt 's/int n = epoll_wait/for (struct event *e = ring.next; e != \&ring; e = e->next) { struct stat st; fstat(e->fd, \&st); } int n = epoll_wait/; 1i #include <sys/stat.h>' server.c
	export CLIENTS=2000 ROUNDS=3
	judge flat-cost breaks "times the CPU time a request"
}

@test "no-descriptors: a server that tries again at once is seen running" {
	planted 05-epoll-et-nonblock 's/paused ? 1000 : -1/paused ? 0 : -1/' server.c
	judge no-descriptors breaks "of 20 looks"
}

@test "worker-crash: a master that does not look after its workers" {
	planted 06-multiprocess 's/w->due <= now()/w->born == 0/' master.c
	judge worker-crash breaks "nobody takes the place"
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

@test "make ladder is red when a flaw no longer shows, and when a fix no longer works" {
	lab=$BATS_TEST_TMPDIR/lab
	mkdir "$lab"
	cp -r Makefile tools tests www "$lab/"
	mkdir "$lab/stages"
	cp -r stages/04-epoll-lt "$lab/stages/"
	cp -r stages/05-epoll-et-nonblock "$lab/stages/"
	rm -rf "$lab"/stages/*/build
	cp "$lab"/stages/05-*/*.[ch] "$lab"/stages/04-*/
	run env -u MAKEFLAGS P=slow-reader make -C "$lab" ladder 3>&- 4>&-
	echo "$output"
	[ "$status" -ne 0 ]
	[[ $output == *"stage 4, slow-reader: expected breaks, is holds:"* ]]

	cp stages/04-epoll-lt/*.[ch] "$lab"/stages/04-*/
	cp stages/04-epoll-lt/*.[ch] "$lab"/stages/05-*/
	run env -u MAKEFLAGS P=slow-reader make -C "$lab" ladder 3>&- 4>&-
	echo "$output"
	[ "$status" -ne 0 ]
	[[ $output == *"stage 5, slow-reader: expected holds, is breaks:"* ]]
	[ ! -e "$lab/build/ladder.tsv" ]	# part of a ladder is not written
}

@test "what this machine can't do is n.a. with the reason, and not red" {
	run bash -c 'ulimit -n 1000 && P=many-connections tools/ladder 2 3' 3>&- 4>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"3 poll  "*"n.a."*"this machine: a process may have 1000 descriptors (ulimit -Hn)"* ]]
}

@test "a server of one's own is judged, and expected nothing of" {
	SERVER=$(tools/stage build 1) P='silent-client answers-get' run tools/ladder 3>&- 4>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"silent-client"*"breaks"* ]]
}

@test "unknown property, unknown stage, no such server: one line that says what to do" {
	P=nonsense run tools/ladder
	[ "$status" -eq 2 ] && [[ $output == *"there is no property 'nonsense'; there are: answers-get "* ]]
	run tools/ladder 9
	[ "$status" -eq 2 ] && [[ $output == *"there is no stage '9'"* ]]
	SERVER=/nonsense run tools/ladder
	[ "$status" -eq 2 ] && [[ $output == *"SERVER=/nonsense is not a program"* ]]
}

@test "gawk, mawk and busybox awk draw the same table" {
	printf '3\tpoll\n4\tepoll-lt\n' >"$BATS_TEST_TMPDIR/names"
	printf 'slow-reader\ta client that asks for a large file and does not read it keeps nobody waiting at all, never, ever\n' >"$BATS_TEST_TMPDIR/meanings"
	printf 'answers-get\tit answers\n' >>"$BATS_TEST_TMPDIR/meanings"
	printf 'stage\tproperty\tverdict\tevidence\n' >"$BATS_TEST_TMPDIR/tsv"
	printf '3\tslow-reader\tbreaks\ta\n3\tanswers-get\tbreaks\tµ\n4\tslow-reader\tn.a.\tthis machine: no\n4\tanswers-get\tholds\tb\n' >>"$BATS_TEST_TMPDIR/tsv"
	for awk in awk gawk mawk "busybox awk"; do
		command -v "${awk%% *}" >/dev/null || continue
		for colour in 0 1; do
			$awk -v colour=$colour -v seconds=3 -f tools/ladder.awk "$BATS_TEST_TMPDIR/names" "$BATS_TEST_TMPDIR/meanings" \
				tests/ladder/expected.tsv "$BATS_TEST_TMPDIR/tsv" && return 1
		done >"$BATS_TEST_TMPDIR/table.${awk%% *}"
		cmp "$BATS_TEST_TMPDIR/table.awk" "$BATS_TEST_TMPDIR/table.${awk%% *}"
	done
	cat "$BATS_TEST_TMPDIR/table.awk"
	grep -q 'stage 3, answers-get: expected holds, is breaks: µ' "$BATS_TEST_TMPDIR/table.awk"
	grep -q '^\* slow-reader: this machine: no' "$BATS_TEST_TMPDIR/table.awk"
}

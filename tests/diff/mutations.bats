# Code and notes that have drifted apart: each must fail, and name the place.
load helper

@test "notes that explain every line pass" {
	check 1 2
	[ "$status" -eq 0 ]
	[ "${lines[1]}" = "stages/02-second: 34 changed lines, 6 notes, every line explained" ]
}

@test "an unexplained line: an old header that is gone" {
	change $second/server.c '/stdio.h/d'
	check
	says "$first/server.c:3: " 'a changed line has no note, from `-#include <stdio.h>`'
}

@test "an unexplained line: in the middle of what a note quotes" {
	change $second/server.c '/errno.h/d'
	check
	says "$second/DIFF.md:9: " 'here comes `-#include <errno.h>`, stages/01-first/server.c:2'
	says "$first/server.c:1: " '3 changed lines have no note'
}

@test "an unexplained line: new, between the notes" {
	change $second/server.c 's/^	close(c->fd);/	if (c->fd >= 0)\n		&/'
	check
	says "$first/server.c:13: in conn_close, " '3 changed lines have no note, from `-close(c->fd);`'
}

@test "a removed line that a note quotes" {
	change $second/server.c '/^	nfds--;/d'
	check
	says "$second/DIFF.md:32: " 'nothing changed in `conn_close`'
}

@test "a removed line between the quoted ones" {
	change $second/server.c '/events = POLLIN/d'
	check
	says "$second/DIFF.md:22: " 'the code of this note is not what it was (#'
}

@test "a renamed function" {
	change $second/server.c 's/watch(/observe(/'
	check
	says "$second/DIFF.md:22: " 'nothing changed in `watch`'
	says "$second/DIFF.md:22: " 'changed are struct conn, observe'
}

@test "a renamed function, old and new, seen from the quote's side" {
	change $second/DIFF.md 's/^```diff server.c watch/```diff server.c/'
	change $second/server.c 's/static int watch(/static int observe(/'
	check
	says "$second/DIFF.md:22: " 'the code of this note is not what it was'
}

@test "a moved function" {
	awk '/Let a connection go/ { keep = 1 } keep { held = held $0 "\n" } !keep { print } keep && /^}/ { keep = 0 } END { printf "\n%s", held }' \
		$second/server.c >moved && mv moved $second/server.c
	check
	says "$second/server.c:47: in conn_close, " '5 changed lines have no note'
}

@test "a moved function of the first stage" {
	awk '/^static void on_accept/ { keep = 1 } keep { held = held $0 "\n" } !keep { print } keep && /^}/ { keep = 0 } END { printf "\n%s", held }' \
		$first/server.c >moved && mv moved $first/server.c
	check
	says "$first/server.c:18: in server_run, " '5 changed lines have no note'
	says "$second/server.c:44: in server_run, " '9 changed lines have no note'
}

@test "a line edited inside a note" {
	change $second/server.c 's/nfds++;/++nfds;/'
	check
	says "$second/DIFF.md:22: " "$second/server.c:15 to $second/server.c:24; re-read the prose, then run \`make bless 2\`"
}

@test "a line added inside a note" {
	change $second/server.c 's/^	nfds++;/&\n	count++;/'
	check
	says "$second/DIFF.md:22: " 'is not what it was'
}

@test "a quoted line edited: the nearest is named" {
	change $second/server.c 's/^	nfds--;/	nfds -= 1;/'
	check
	says "$second/DIFF.md:33: " "nearest is $second/server.c:31 \`+nfds -= 1;\`"
}

@test "a quoted line edited: what stands there is named" {
	change $second/server.c 's/int fd = accept(listener, NULL, NULL);/int fd = accept4(listener, NULL, NULL, 0);/'
	check
	says "$second/DIFF.md:42: " 'here comes `+int fd = accept4(listener, NULL, NULL, 0);`'
}

@test "an overlapping quote" {
	printf '```diff server.c on_accept\n+	if (fd < 0)\n```\n\nTwice.\n' >>$second/DIFF.md
	check
	says "$second/DIFF.md:66: " "overlaps the note of line 40, at $second/server.c:38 \`+if (fd < 0)\`"
}

@test "a duplicate quote" {
	change $second/server.c 's/^	watch(listener);/&\n	nfds--;/'
	change $second/DIFF.md 's/^```diff server.c conn_close/```diff server.c/'
	check
	says "$second/DIFF.md:32: " "the quote fits 2 places, $second/server.c:31 and $second/server.c:47 among them"
}

@test "a quote of a line that did not change says so" {
	change $second/DIFF.md 's/^+	nfds--;/+	c->fd = -1;/'
	check
	says "$second/DIFF.md:33: " "that line is in both, $second/server.c:30"
}

@test "quotes out of order" {
	change $second/DIFF.md '/^+#include <poll.h>/{h;d;}; /^+static int nfds;/G'
	check
	says "$second/DIFF.md:" 'stands between two quoted lines'
}

@test "a note for a file that did not change" {
	change $second/DIFF.md 's/^```diff server.c conn_close/```diff Makefile/'
	check
	says "$second/DIFF.md:32: " 'no change in a file `Makefile`; changed are server.c'
}

@test "a changed Makefile is a change" {
	echo 'clean:' >>$second/Makefile
	check
	says "$second/Makefile:3: " '`+clean:`'
}

@test "a new file is a change" {
	echo 'int x;' >$second/log.h
	check
	says "$second/log.h:1: " '`+int x;`'
}

@test "a note without prose, or with a stub's TODO" {
	change $second/DIFF.md 's/^One fewer\.$/TODO/'
	check
	says "$second/DIFF.md:32: " 'no prose'
	change $second/DIFF.md '/^TODO$/d'
	check
	says "$second/DIFF.md:32: " 'no prose'
}

@test "a note without a checksum" {
	change $second/DIFF.md 's/ #[0-9a-f]*$//'
	check
	says "$second/DIFF.md:7: " 'no checksum; read the prose beside the code, then run `make bless 2`'
}

@test "a note that covers more than 60 lines" {
	awk '{ print } /^	nfds--;/ { for (i = 0; i < 60; i++) print "\tx(" i ");" }' $second/server.c >long
	mv long $second/server.c
	change $second/DIFF.md 's/^+	nfds--;/&\n...\n+	x(59);/'
	check
	says "$second/DIFF.md:32: " 'covers 61 changed lines'
}

@test "no notes at all" {
	rm $second/DIFF.md
	check
	says "$second/DIFF.md: " 'not written yet'
}

@test "white space inside a line, and blank lines around a note, do not matter" {
	change $second/server.c 's/^	nfds--;/	nfds--;  /; s/^	fds\[nfds\].fd = fd;/		fds[nfds].fd  =  fd;/; s/^static int nfds;/&\n/'
	check
	echo "$output"
	[ "$status" -eq 0 ]
}

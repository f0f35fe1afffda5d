# make ladder: what it draws, and what it says when something is not as expected.
load judges.bash

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
	printf 'slow-reader\ta client that asks for a large file and does not read it keeps no other client waiting at all, never, ever\n' >"$BATS_TEST_TMPDIR/meanings"
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

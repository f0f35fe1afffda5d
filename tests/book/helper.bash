# What the tests of the book share.

need_node() {
	command -v node >/dev/null && command -v npm >/dev/null || skip "no node and npm here: sudo apt-get install nodejs npm"
	[ "$(node -p 'parseInt(process.versions.node)')" -ge 18 ] || skip "node is older than 18"
}

# The command finds nothing. ("! command" alone would not fail a test.)
nothing() {
	if "$@"; then return 1; fi
}

# The book, made once for all the files of a run of tests/run (OUT), or for one file: in $BOOK,
# and beside it what was said. Its ladder and its plots are drawn from numbers made up here.
build_book() {
	[ -d "${OUT:-}" ] || local OUT=$BATS_FILE_TMPDIR
	export BOOK=$OUT/book/site
	mkdir -p "$OUT/book"
	(
		flock 9
		[ ! -f "$BOOK.said" ] || exit 0
		make_up "$OUT/book"
		export BOOK_LADDER=$OUT/book/ladder.tsv BOOK_BENCH=$OUT/book/bench
		code=0
		BOOK_OUTPUTS_AS_THEY_ARE=1 tools/book/book build "$BOOK" >"$BOOK.said" 2>&1 9>&- || code=$?
		echo "status $code" >>"$BOOK.said"
	) 9>"$OUT/book/lock"
}

# A ladder as if it had been measured, long words and all; and measurements, over numbers of clients and not.
make_up() {
	awk -F '\t' '/^property/ { n = NF; print "stage\tproperty\tverdict\tevidence"; next }
		!/^#/ && n { for (i = 2; i <= n; i++) print i - 1 "\t" $1 "\t" $i "\twhat was seen: the server is in sendfile(fd 5), with 1 in the queue" }' \
		tests/ladder/expected.tsv >"$1/ladder.tsv"
	mkdir -p "$1/bench"
	for file in load:rps idle:cpu_us slow:longest_us; do
		awk -v measure="${file#*:}" -v words="${file%%:*}" 'BEGIN { print "# what " words " costs\n# on a test\ncase,server,measure,median,low,high,runs,note"
			n = split(words == "slow" ? "no slow reader,one slow reader" : "1,10,100,1000", at, ",")
			for (i = 1; i <= n; i++) for (s = 1; s <= 7; s++) print at[i] "," (s > 6 ? "nginx" : s) "," measure "," i * s * 1000 / (s > 3 ? 97 : 1) ",1,1,1," }' >"$1/bench/${file%%:*}.csv"
	done
}

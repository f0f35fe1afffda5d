# A handler whose answer comes a piece at a time: all of it arrives, in order, and no piece waits behind another.
load lib

make_site() {
	build "$BUILT/server" "$BUILT/parts.a"
	with_module trickle "$BATS_TEST_DIRNAME/modules/trickle.c"
	mkdir -p "$tmp/www"
	echo '<!--# include virtual="/a.trickle" -->|<!--# include virtual="/b.trickle" -->' >"$tmp/www/page.shtml"
	SERVER=$tmp/with-trickle/server
}

size=$((400 * 32768))

pieces() { tr -d '\n|' | sed 's/most 0//g' | fold -w 32768 | cut -c 1 | tr -d '\n'; }
expected() { for i in $(seq 0 399); do printf "\\$(printf %o $((97 + i % 26)))"; done; }

@test "400 pieces, for a quick client and for a slow one, on one connection" {
	serve 'location / { root www; ssi on; }'
	curl -sS -o "$BATS_TEST_TMPDIR/quick" "$url/x.trickle" --next -sS --limit-rate 8M -o "$BATS_TEST_TMPDIR/slow" "$url/x.trickle"
	for file in quick slow; do
		[ "$(tail -n 1 "$BATS_TEST_TMPDIR/$file" | tail -c 7)" = 'most 0' ]
		[ "$(pieces <"$BATS_TEST_TMPDIR/$file")" = "$(expected)" ]
	done
}

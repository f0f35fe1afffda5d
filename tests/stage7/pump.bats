# A handler whose answer comes a piece at a time: all of it arrives, in order, and no piece waits behind another.
load lib

make_site() {
	build "$BUILT/server" "$BUILT/parts.a"
	with_module trickle "$BATS_TEST_DIRNAME/modules/trickle.c"
	echo '<!--# include virtual="/a.trickle" -->|<!--# include virtual="/b.trickle" -->' >"$site/page.shtml"
}

setup() { BUILT=$tmp/with-trickle; }

pieces() { tr -d '\n|' | sed 's/most 0//g' | fold -w 32768 | cut -c 1 | tr -d '\n'; }
expected() { for i in $(seq 0 399); do printf "\\$(printf %o $((97 + i % 26)))"; done; }

@test "400 pieces, for a quick client and for a slow one, on one connection" {
	server 'location / { ssi on; }'
	curl -sS -o "$BATS_TEST_TMPDIR/quick" "$url/x.trickle" --next -sS --limit-rate 8M -o "$BATS_TEST_TMPDIR/slow" "$url/x.trickle"
	for file in quick slow; do
		[ "$(tail -n 1 "$BATS_TEST_TMPDIR/$file" | tail -c 7)" = 'most 0' ]
		[ "$(pieces <"$BATS_TEST_TMPDIR/$file")" = "$(expected)" ]
	done
}

@test "of two that a page includes, the second waits until the first has given all" {
	server 'location / { ssi on; ssi_types *; }'
	answers 200 --limit-rate 16M /page.shtml
	[ "$(grep -c '^.*most 0$' "$body")" -eq 2 ]
	[ "$(pieces <"$body")" = "$(expected)$(expected)" ]
}

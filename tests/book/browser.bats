# The book in a real browser: Debian's chromium, without a window.
# long: it begins early
load helper
load ../browser

setup_file() {
	# The tests below take milliseconds, and bats 1.8 may then lose the clock of a timeout and wait
	# for it at the end. What can hang here has a timeout of its own.
	unset BATS_TEST_TIMEOUT
	repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	cd "$repo" || return
	export SEEN="$BATS_FILE_TMPDIR/seen"
	missing=$(browser_missing)
	[ -z "$missing" ] || { echo "skip: $missing" >"$SEEN"; return 0; }
	build_book
	planted=$BATS_FILE_TMPDIR/planted
	cp -r "$BOOK" "$planted" || { cat "$BOOK.said" >&2; return 1; }
	sed -i 's|</main>|<p style="color:#999">faint</p><div style="width:1400px">wide</div><a href="nowhere.html">x</a><a href="#nothing">y</a><button></button><p id="main"></p><img src="http://127.0.0.2:9/x.png" alt=""><script>undefined_thing()</script></main>|' "$planted/index.html"
	timeout 600 node tests/book/browser.mjs "$BOOK" "$planted" >"$SEEN" 2>&1 || echo "driver: it ended with $?" >>"$SEEN"
}

setup() { cd "$BATS_TEST_DIRNAME/../.." || return; ! grep -q '^skip:' "$SEEN" || skip "$(sed 's/^skip: //' "$SEEN")"; }

# No finding of the kinds $2, and the look at $1 was taken.
none() {
	looked=$1; shift
	grep -q -x "done: $looked" "$SEEN" || { echo "never looked at: $looked"; tail -n 20 "$SEEN"; return 1; }
	for kind; do
		if grep "^$kind: " "$SEEN"; then return 1; fi
	done
}

@test "every page loads without an error, and no request leaves the site" { none pages console request driver; }
@test "no link is broken" { none pages link; }
@test "each page has a title, one heading, named controls, and no id twice" { none pages structure; }
@test "no page scrolls sideways, from 320 to 1280 pixels" { none pages width; }
@test "every text stands out 4.5 to 1, by day and by night, before and after" { none pages contrast; }
@test "before, changes and after: by mouse, by letter, by arrow keys" { none views toggle; }
@test "light and dark: chosen, remembered, and as the system says" { none "light and dark" toggle; }
@test "the keys lead from note to note and from page to page" { none keys keys; }
@test "the search finds, leads there, and works from the disk" { none search search; }
@test "it can be read without JavaScript" { none "without JavaScript" plain; }
@test "it can be printed" { none print print; }

@test "and such faults are seen: planted ones are all found" {
	none planted driver
	output=$(grep '^planted ' "$SEEN")
	echo "$output"
	[[ "$output" == *"contrast: index.html: light: "*'"faint"'* ]]
	[[ "$output" == *"width: index.html: "*"of 390"* ]]
	[[ "$output" == *"link: index.html: nowhere.html"* ]]
	[[ "$output" == *"link: index.html: #nothing"* ]]
	[[ "$output" == *"structure: index.html: ids twice: main"* ]]
	[[ "$output" == *"1 controls without a name"* ]]
	[[ "$output" == *"request: index.html: http://127.0.0.2:9/x.png leaves the site"* ]]
	[[ "$output" == *"console: index.html: undefined_thing is not defined"* ]]
}

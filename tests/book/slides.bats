# The slides: cut out of the texts, whole without JavaScript, and nothing that they load is somewhere else.
load helper

# Two stages are enough: making those of stage 7 takes the whole minute that its steps need.
setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	some='2 5'
	[ -z "${FULL:-}" ] || some=
	# shellcheck disable=SC2086  # words
	tools/book/book slides "$BATS_FILE_TMPDIR/slides" $some >"$BATS_FILE_TMPDIR/said" 2>&1
	echo "status $?" >>"$BATS_FILE_TMPDIR/said"
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	slides=$BATS_FILE_TMPDIR/slides
	need_node
	cat "$BATS_FILE_TMPDIR/said"
	grep -qx 'status 0' "$BATS_FILE_TMPDIR/said"
}

@test "slides: a problem, an idea, a drawing, code, and what is still wrong" {
	for kind in title problem idea figure code ask; do
		grep -q "<section class=\"slide $kind\"" "$slides/stage-2.html"
	done
	grep -q 'What is still wrong' "$slides/stage-2.html"
	grep -q 'A silent client stops all others' "$slides/stage-2.html"
}

@test "slides: every question of the notes is asked, with its answer" {
	for n in 2 5; do
		asked=$(cat stages/0$n-*/DIFF.md | grep -c '^\*\*Predict:\*\*')
		[ "$asked" -ge 3 ]
		[ "$(grep -c '<section class="slide ask"' "$slides/stage-$n.html")" = "$asked" ]
		[ "$(grep -c '<details class="answer"><summary>Answer</summary><p>' "$slides/stage-$n.html")" = "$asked" ]
	done
}

@test "slides: no link leads out of the folder, and nothing that is loaded lies elsewhere" {
	cat "$slides"/*.html | grep -oE '(src|href)="[^"#]+' | sed 's/.*="//' | sort -u | while IFS= read -r file; do
		case $file in https://man7.org/*) continue ;; esac
		[ -f "$slides/$file" ] || { echo "no $file"; return 1; }
	done
	nothing grep -E '@import|url\(["'"'"']?(https?:)?//' "$slides"/*.css
}

@test "slides: in a browser the keys turn them, and paper has one a page" {
	[ -n "${FULL:-}" ] || skip "it starts a browser: FULL=1 runs it"
	load ../browser
	missing=$(browser_missing)
	[ -z "$missing" ] || skip "$missing"
	timeout 100 node tests/book/slides.mjs "$slides/stage-2.html"
}

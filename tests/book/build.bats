# Making the book: with what is there, and clear about what is not. How long it takes is printed and not
# judged: that says more of the machine than of the book.
load helper

# Built once for all the tests below.
setup_file() {
	export BATS_TEST_TIMEOUT=400 # some of them build it again
	cd "$BATS_TEST_DIRNAME/../.." || return
	build_book
}

setup() {
	repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	book=$BOOK
	cd "$repo" || return
}

built() {
	need_node
	cat "$BOOK.said"
	grep -qx 'status 0' "$BOOK.said"
}

@test "it says what it made, and in which time" {
	built
	grep -q '/index.html: .* pages, the heaviest ' "$BOOK.said"
	for stage in stages/0[1-6]-*; do
		number=${stage#stages/0}
		[ -s "$book/stage-${number%%-*}.html" ]
	done
}

@test "no page weighs more than 400 KiB, the fonts not more than 400 KiB together" {
	built
	find "$book" -name '*.html' -size +400k | (! grep .)
	[ "$(du -sk "$book/fonts" | cut -f1)" -le 400 ]
}

@test "every note of the stages stands on its page, beside code" {
	built
	for stage in stages/0[1-6]-*; do
		[ -f "$stage/DIFF.md" ] || continue
		number=${stage#stages/0} page=$book/stage-${number%%-*}.html
		notes=$(grep -c '^```diff ' "$stage/DIFF.md")
		[ "$(grep -o '<section class="step"' "$page" | wc -l)" -eq "$notes" ]
		nothing grep 'class="lost"' "$page"
	done
}

@test "nothing that it loads is somewhere else" {
	built
	cat "$book"/*.html | grep -c '<script src="book.js"'
	nothing grep -h -E '<(script|img|iframe|source|use|link)[^>]*(src|href)="(https?:)?//' "$book"/*.html
	nothing grep -E '@import|url\(["'"'"']?(https?:)?//' "$book/book.css"
}

@test "without a measured ladder, its page says how to make one; with one, it shows it" {
	[ -n "${FULL:-}" ] || skip "it makes the book twice: FULL=1 runs it"
	need_node
	mkdir -p "$BATS_TEST_TMPDIR/lab/build"
	for part in stages tests tools www; do ln -s "$repo/$part" "$BATS_TEST_TMPDIR/lab/$part"; done
	cd "$BATS_TEST_TMPDIR/lab"
	[ -d "$repo/tools/book/node_modules" ] || skip "its npm packages are not installed"
	node tools/book/build.mjs out
	grep -q 'make ladder' out/ladder.html
	printf 'stage\tproperty\tverdict\tevidence\n1\tsilent-client\tbreaks\tno client is served\n2\tsilent-client\tholds\tall are\n1\tsyscalls\t13\tread, write\n' >build/ladder.tsv
	node tools/book/build.mjs out
	grep -q 'no client is served' out/ladder.html
	grep -q '<td class="figure">13</td>' out/ladder.html
	[ "$(grep -o '<td class="no">' out/ladder.html | wc -l)" -eq 1 ]
}

@test "an observation lights the path that was recorded, with what was too quick to see" {
	need_node
	[ -d tools/book/node_modules ] || skip "its npm packages are not installed"
	run node -e "
		import('$repo/tools/book/tcp.mjs').then(tcp => {
			const ends = tcp.timeline('# watch 1\n0 127.0.0.1:80 0.0.0.0:0 - LISTEN\n0.1 127.0.0.1:80 127.0.0.1:5 - ESTABLISHED\n0.1 127.0.0.1:5 127.0.0.1:80 - ESTABLISHED\n0.2 127.0.0.1:5 127.0.0.1:80 ESTABLISHED FIN_WAIT2\n0.3 127.0.0.1:5 127.0.0.1:80 FIN_WAIT2 TIME_WAIT\n');
			const svg = tcp.diagram('x', ends);
			const lit = [...svg.matchAll(/<g class=\"node( on [a-z]+)?\">.*?>(\w+)<\/text>/g)].filter(m => m[1]).map(m => m[2]);
			console.log(ends[0].who, lit.join(' '));
		})"
	echo "$output"
	[[ "$output" == "client 127.0.0.1:5 "*SYN_RECV*FIN_WAIT1* ]]
	[[ "$output" == *TIME_WAIT* ]]
	[[ "$output" != *CLOSE_WAIT* ]]
}

@test "the drawings' files make sense, and a line that does not is named" {
	need_node
	[ -d tools/book/node_modules ] || skip "its npm packages are not installed"
	for figure in tools/book/figures/*.seq; do
		node -e "import('$repo/tools/book/seq.mjs').then(s => s.draw(require('fs').readFileSync('$figure', 'utf8'), 'x'))"
	done
	run node -e "import('$repo/tools/book/seq.mjs').then(s => s.draw('lanes a, b\na -> c hello', 'x'))"
	[ "$status" -ne 0 ]
	[[ "$output" == *"makes no sense: a -> c hello"* ]]
}

@test "without node: one line that says what to install" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	for tool in sh dirname sed cat; do ln -s "$(command -v $tool)" "$BATS_TEST_TMPDIR/bin/$tool"; done
	PATH=$BATS_TEST_TMPDIR/bin run tools/book/book build
	[ "$status" -eq 1 ]
	[[ "$output" == *"sudo apt-get install nodejs npm"* ]]
}

@test "the lock files name no registry" {
	nothing grep -n '"resolved"' tools/book/package-lock.json tests/book/package-lock.json
	nothing grep -n -i 'registry' tools/book/package-lock.json tests/book/package-lock.json
	grep -q '"integrity"' tools/book/package-lock.json
}

# What one request of a stage costs was recorded with its descriptors: accept(4) = 5.
@test "the drawings of stages 1 to 4 name the descriptors that the servers really use" {
	for n in 1 2 3 4; do
		first=$(sed -n 's/^accept.* = //p' "tools/book/data/bench/calls-$n.txt")
		drawn=$(grep -o '\(descriptor: \|accept(listener): \)[0-9]*' "tools/book/figures/0$n.seq" | grep -o '[0-9]*$')
		echo "stage $n: accept gives $first, drawn is $drawn"
		[ "$first" = "$drawn" ]
	done
}

@test "answers to predictions are folded, three or more a stage; each stage page ends with challenges" {
	built
	for n in 1 2 3 4 5 6; do
		[ "$(grep -o '<details class="answer">' "$book/stage-$n.html" | wc -l)" -ge 3 ]
		[ "$(grep -o '<strong>Predict:</strong>' "$book/stage-$n.html" | wc -l)" = "$(grep -o '<details class="answer">' "$book/stage-$n.html" | wc -l)" ]
		grep -o '<h2[^>]*id="[a-z-]*"' "$book/stage-$n.html" | tail -n 1 | grep -q 'id="challenges"'
	done
}

@test "each step of stage 7 has a page, and they are turned from stage 6 to stage 7" {
	built
	page=stage-6.html
	for step in $(tools/steps/step list | cut -f 1); do
		next=step-7-${step#7.}.html
		grep -q "rel=\"next\" href=\"$next\"" "$book/$page"
		page=$next
		notes=$(printf 'stages/07-full-server/steps/%02d' "${step#7.}")
		! grep -q '^```new' "$notes"-*.md || grep -q '^<!-- rest' "$notes"-*.md || grep -q 'files that come whole</figcaption><ul class="files">' "$book/$page"
		run grep -c 'was not found; <code>make diffs-check' "$book/$page"
		[ "$output" = 0 ]
	done
	grep -q 'rel="next" href="stage-7.html"' "$book/$page"
}

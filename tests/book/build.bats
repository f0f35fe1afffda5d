# Making the book: fast, with what is there, and clear about what is not.
load helper

setup() {
	repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	cd "$repo" || return
}

build() {
	need_node
	BOOK_OUTPUTS_AS_THEY_ARE=1 run tools/book/book build "$BATS_TEST_TMPDIR/book"
	echo "$output"
}

@test "it takes less than 20 seconds, and says what it made" {
	began=$(date +%s)
	build
	[ "$status" -eq 0 ]
	[ $(($(date +%s) - began)) -lt 20 ]
	[[ "$output" == *"/index.html: "*" pages, the heaviest "* ]]
	for stage in stages/0[1-6]-*; do
		number=${stage#stages/0}
		[ -s "$BATS_TEST_TMPDIR/book/stage-${number%%-*}.html" ]
	done
}

@test "no page weighs more than 400 KiB, the fonts not more than 400 KiB together" {
	build
	find "$BATS_TEST_TMPDIR/book" -name '*.html' -size +400k | (! grep .)
	[ "$(du -sk "$BATS_TEST_TMPDIR/book/fonts" | cut -f1)" -le 400 ]
}

@test "every note of the stages stands on its page, beside code" {
	build
	for stage in stages/0[1-6]-*; do
		[ -f "$stage/DIFF.md" ] || continue
		number=${stage#stages/0} page=$BATS_TEST_TMPDIR/book/stage-${number%%-*}.html
		notes=$(grep -c '^```diff ' "$stage/DIFF.md")
		[ "$(grep -o '<section class="step"' "$page" | wc -l)" -eq "$notes" ]
		! grep -q 'class="lost"' "$page"
	done
}

@test "nothing that it loads is somewhere else" {
	build
	! grep -E '(src|href)="(https?:)?//' "$BATS_TEST_TMPDIR"/book/*.html | grep -v -E 'href="https?://[^"]*"' | grep .
	! grep -E '@import|url\(["'"'"']?(https?:)?//' "$BATS_TEST_TMPDIR/book/book.css"
}

@test "without a measured ladder, its page says how to make one; with one, it shows it" {
	need_node
	mkdir -p "$BATS_TEST_TMPDIR/lab/build"
	for part in stages tests tools www; do ln -s "$repo/$part" "$BATS_TEST_TMPDIR/lab/$part"; done
	cd "$BATS_TEST_TMPDIR/lab"
	[ -d "$repo/tools/book/node_modules" ] || skip "its npm packages are not installed"
	node tools/book/build.mjs out
	grep -q 'make ladder' out/ladder.html
	printf 'stage\tproperty\tverdict\tevidence\n1\tsilent-client\tbreaks\tnobody is served\n2\tsilent-client\tholds\tall are\n1\tsyscalls\t13\tread, write\n' >build/ladder.tsv
	node tools/book/build.mjs out
	grep -q 'nobody is served' out/ladder.html
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
	! grep -n '"resolved"' tools/book/package-lock.json tests/book/package-lock.json
	! grep -n -i 'registry' tools/book/package-lock.json tests/book/package-lock.json
	grep -q '"integrity"' tools/book/package-lock.json
}

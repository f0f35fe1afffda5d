# From runs to medians, from medians to tables, bars and plots.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	export LC_ALL=C.UTF-8
	cat >"$BATS_TEST_TMPDIR/names" <<-'END'
	1,1 blocking
	3,3 poll
	6,6 multiprocess
	nginx,nginx
	END
}

# each awk that is here, as a command
awks() {
	for candidate in gawk mawk "busybox awk" "original-awk"; do
		if command -v "${candidate%% *}" >/dev/null; then echo "$candidate"; fi
	done
}

summary() {
	printf '%s\n' 128,1,1,rps,9000 128,1,1,load_busy,0.99 128,1,1,server_busy,0.5 \
		128,1,2,rps,7000 128,1,2,load_busy,0.98 128,1,2,server_busy,0.4 \
		128,1,3,rps,10000 128,1,3,load_busy,0.99 128,1,3,server_busy,0.6 \
		128,3,2,rps,12 128,3,1,none,'the server answers nobody' | $1 -f tools/bench/summary.awk
}

@test "the median, the lowest and the highest; the load as the limit; a reason" {
	while read -r awk; do
		summary "$awk" >"$BATS_TEST_TMPDIR/out"
		cat "$BATS_TEST_TMPDIR/out"
		grep -qx '128,1,rps,9000,7000,10000,3,load' "$BATS_TEST_TMPDIR/out"
		grep -qx '128,1,load_busy,0.99,0.98,0.99,3,' "$BATS_TEST_TMPDIR/out"
		grep -qx '128,3,none,,,,1,the server answers nobody' "$BATS_TEST_TMPDIR/out"
		! grep -q '^128,3,rps' "$BATS_TEST_TMPDIR/out"
	done < <(awks)
}

# a CSV with every question's measures, five cases, and figures of all sizes
sample() {
	echo case,server,measure,median,low,high,runs,note
	for case in 0 500 1000 4000 8000; do
		for server in 1 3 6 nginx; do
			for measure in rps cpu_us p50_us p99_us longest_us due answered bytes requests_per_call instructions; do
				echo "$case,$server,$measure,${1:-123456.789},1000.5,250000,3,load"
			done
		done
	done
	for server in 1 3 nginx; do echo "8000,$server,workers,8,8,8,1,"; done
	echo "8000,7,none,,,,1,$(printf 'a reason that is very long %.0s' 1 2 3 4 5 6)"
}

@test "tables and bars are 80 columns wide at most, and plain without colour" {
	sample >"$BATS_TEST_TMPDIR/a.csv"
	sample 0.0123 >"$BATS_TEST_TMPDIR/b.csv"
	while read -r awk; do
		for question in load idle slow workers requests people sizes proxy memory calls instructions roads kept; do
			for file in a b; do
				$awk -v question="$question" -v about="$(. tools/bench/questions.sh; about "$question")" -v colour=0 -v block='#' \
					-f tools/bench/show.awk "$BATS_TEST_TMPDIR/names" "$BATS_TEST_TMPDIR/$file.csv" >"$BATS_TEST_TMPDIR/shown"
				[ -s "$BATS_TEST_TMPDIR/shown" ]
				! grep -q "$(printf '\033')" "$BATS_TEST_TMPDIR/shown"
				while IFS= read -r line; do
					[ "${#line}" -le 80 ] || { echo "$awk, $question: ${#line}: $line"; return 1; }
				done <"$BATS_TEST_TMPDIR/shown"
			done
		done
	done < <(awks)
}

@test "memory: which clients are shared by how many workers" {
	printf '%s\n' case,server,measure,median,low,high,runs,note 10000,6,bytes,200,,,1, 10000,6,workers,1,,,1, \
		50000,6,bytes,200,,,1, 50000,6,workers,3,,,1, 50000,nginx,bytes,900,,,1, 50000,nginx,workers,4,,,1, >"$BATS_TEST_TMPDIR/m.csv"
	while read -r awk; do
		$awk -v question=memory -v about=x -v colour=0 -v block='#' -f tools/bench/show.awk "$BATS_TEST_TMPDIR/names" "$BATS_TEST_TMPDIR/m.csv" >"$BATS_TEST_TMPDIR/shown"
		cat "$BATS_TEST_TMPDIR/shown"
		[ "$(grep -c 'shared by' "$BATS_TEST_TMPDIR/shown")" -eq 1 ]
		grep -qx '  50000 clients are shared by 3 workers of 6 multiprocess, 4 of nginx,' "$BATS_TEST_TMPDIR/shown"
	done < <(awks)
}

@test "the longest bar is the largest figure, and the others are to its scale" {
	printf '%s\n' case,server,measure,median,low,high,runs,note 8000,1,cpu_us,10,10,10,1, 8000,3,cpu_us,40,40,40,1, >"$BATS_TEST_TMPDIR/c.csv"
	awk -v question=idle -v about=x -v colour=0 -v block='#' -f tools/bench/show.awk "$BATS_TEST_TMPDIR/names" "$BATS_TEST_TMPDIR/c.csv" >"$BATS_TEST_TMPDIR/shown"
	cat "$BATS_TEST_TMPDIR/shown"
	short=$(grep '1 blocking  *#' "$BATS_TEST_TMPDIR/shown" | tr -cd '#' | wc -c)
	long=$(grep '3 poll  *#' "$BATS_TEST_TMPDIR/shown" | tr -cd '#' | wc -c)
	[ "$long" -eq 30 ] && [ "$short" -eq 8 ]
	grep -q '3 poll .*40.0 µs  4.00× 1 blocking' "$BATS_TEST_TMPDIR/shown"
}

@test "the book's plots are well-formed SVG that names its lines" {
	command -v node >/dev/null || skip "no node here: sudo apt-get install nodejs"
	cat >"$BATS_TEST_TMPDIR/check.mjs" <<-END
	import {bars, lines} from '$PWD/tools/book/plots.mjs';
	const check = (svg, names) => {
		const open = [];
		for (const [tag, end, name, attributes, empty] of svg.matchAll(/<(\/?)([a-z]+)((?:\s[\w:-]+="[^"<]*")*)\s*(\/?)>/g))
			if (end) { if (open.pop() !== name) throw new Error('closes ' + name + ' that was not open: ' + tag); }
			else if (!empty) open.push(name);
		if (open.length) throw new Error('left open: ' + open);
		const rest = svg.replace(/<(\/?)([a-z]+)((?:\s[\w:-]+="[^"<]*")*)\s*(\/?)>/g, '');
		if (/[<>]|&(?!amp;|lt;|gt;|quot;)/.test(rest)) throw new Error('not text: ' + rest);
		if (/NaN|undefined|Infinity/.test(svg)) throw new Error('a number that is none');
		for (const name of names) if (!rest.includes(name)) throw new Error('no label ' + name);
	};
	for (const log of [false, true])
		check(lines({label: 'a <b> & "c"', xs: ['0', '500', '8,000'], xTitle: 'x', yTitle: 'y', log, series: [
			{name: '2 select', cls: 'c2', values: [1, 1.2, null], end: 'stops here'},
			{name: '3 poll', cls: 'c3', values: [1, 9, 60]}, {name: '4 epoll', cls: 'c4', values: [1, 1, 1]}, {name: 'none', cls: 'c5', values: [null, null, null]}]}),
			['2 select stops here', '3 poll', '4 epoll']);
	check(bars({label: 'x', unit: '×', groups: [{name: 'a & b', bars: [{name: '7 full', cls: 'c7', value: .2}, {name: 'nginx', cls: 'p1', value: 1}, {name: 'h2o', cls: 'p4', value: null, note: 'not possible'}]}]}),
		['7 full', 'nginx', 'not possible', '0.2×']);
	END
	node "$BATS_TEST_TMPDIR/check.mjs"
}

@test "what the book shows was measured in full, and is about each stage that is here" {
	for question in load idle slow workers requests sizes memory calls; do
		csv=tools/book/data/bench/$question.csv
		grep -qx 'case,server,measure,median,low,high,runs,note' "$csv"
		grep -q '^# date: .*; machine: .*; kernel: ' "$csv"
		! grep -q QUICK "$csv"
	done
	for stage in stages/0*/; do
		number=$(basename "$stage" | sed 's/^0*//; s/-.*//')
		grep -q "^1,$number,rps," tools/book/data/bench/load.csv
		[ -s "tools/book/data/bench/calls-$number.txt" ]
	done
}

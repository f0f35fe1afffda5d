# Every cell of the ladder, from a fresh run, against what expected.tsv expects.
# alone: it measures what a request costs
bats_require_minimum_version 1.5.0

setup_file() {
	export BATS_TEST_TIMEOUT=600
	cd "$BATS_TEST_DIRNAME/../.."
	export TOP=$PWD run=$BATS_FILE_TMPDIR/run
	mkdir "$BATS_FILE_TMPDIR/scratch"
	TMPDIR=$BATS_FILE_TMPDIR/scratch NO_COLOR=1 P='' SERVER='' tools/ladder >"$run" 2>&1 3>&- 4>&- || echo "ended with $?" >>"$run"
	cp build/ladder.tsv "$run.tsv"
}

setup() { cd "$TOP"; }

# row PROPERTY   its cells are as expected; skipped where this machine can't ask
row() {
	awk -F '\t' -v property="$1" '
		FNR == 1 { file++ }
		file == 1 && /^property/ { for (i = 2; i <= NF; i++) stage[i] = $i }
		file == 1 && $1 == property { for (i = 2; i <= NF; i++) expected[stage[i]] = $i }
		file == 2 && $2 == property {
			answered[$1]
			if ($4 ~ /^this machine: /) { lacking = $4; next }
			if ($3 != expected[$1]) { print "stage " $1 ": expected " expected[$1] ", is " $3 ": " $4; wrong = 1 }
			else print "stage " $1 ": " $3 ": " $4
		}
		END {
			for (s in expected) if (!(s in answered)) { print "stage " s ": no answer"; wrong = 1 }
			for (s in expected) n++
			if (!n) { print "not in expected.tsv"; wrong = 1 }
			if (wrong) exit 1
			if (lacking != "") { print lacking; exit 77 }
		}' tests/ladder/expected.tsv "$run.tsv" >"$BATS_TEST_TMPDIR/row" && status=0 || status=$?
	cat "$BATS_TEST_TMPDIR/row"
	if [ "$status" -eq 77 ]; then skip "$(tail -n 1 "$BATS_TEST_TMPDIR/row")"; fi
	return "$status"
}

@test "answers-get" { row answers-get; }
@test "silent-client" { row silent-client; }
@test "byte-by-byte" { row byte-by-byte; }
@test "many-connections" { row many-connections; }
@test "flat-cost" { row flat-cost; }
@test "slow-reader" { row slow-reader; }
@test "no-descriptors" { row no-descriptors; }
@test "told-once" { row told-once; }
@test "worker-crash" { row worker-crash; }
@test "all-cores" { row all-cores; }
@test "idle-dropped" { row idle-dropped; }
@test "keep-alive" { row keep-alive; }
@test "pipelining" { row pipelining; }
@test "unread-body" { row unread-body; }
@test "late-result" { row late-result; }
@test "reload" { row reload; }
@test "upgrade" { row upgrade; }
@test "syscalls" { row syscalls; }

@test "the table says the same, in at most 100 columns" {
	cat "$run"
	grep -q '[0-9] answers in [0-9]* s, all as expected' "$run"
	[ "$(grep -c '^ended with' "$run")" -eq 0 ]
	[ "$(awk '{ gsub(/[^ -~]+/, "x") } length($0) > longest { longest = length($0) } END { print longest }' "$run")" -le 120 ]
	grep -qE '^slow-reader +breaks +breaks +breaks +breaks +holds +holds +holds' "$run"
}

@test "each property has a script, a row, a test here and a line that says what it means" {
	for script in tests/ladder/*; do
		[ -f "$script" ] && [ -x "$script" ] || continue
		name=${script##*/}
		echo "$name"
		grep -q "^$name	" tests/ladder/expected.tsv tests/ladder/steps.tsv
		grep -q "row $name;" tests/ladder/ladder.bats || grep -q "^$name	" tests/ladder/steps.tsv
		sed -n 2p "$script" | grep -q '^# .'
	done
	[ "$(grep -vc -e '^#' -e '^property' tests/ladder/expected.tsv)" -eq "$(grep -c '^@test .*{ row ' tests/ladder/ladder.bats)" ]
}

@test "nothing is left behind: no scratch folder, no process that serves one" {
	find "$BATS_FILE_TMPDIR/scratch" -mindepth 1
	[ -z "$(find "$BATS_FILE_TMPDIR/scratch" -mindepth 1)" ]
	[ -z "$(pgrep -f "$BATS_FILE_TMPDIR/scratch")" ]
}

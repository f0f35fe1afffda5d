# The logic of single floors, in C, under the sanitizers and under valgrind.
# long: it begins early
load lib

setup_file() {
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/lab-stage7.XXXXXX")
	export tmp
	build "$BUILT/parts.a"
	BUILT=$OURS/stage7 SANITIZE='' build "$OURS/stage7/parts.a"
}

# unit NAME [ARGUMENT]   twice: with sanitizers and the pass-through allocator, and as it is, in
# valgrind, with the argument: it is slow. Where the server's own allocators and shared memory are
# not the subject, valgrind is for FULL=1: it has never found what the sanitizers had not.
unit() {
	local flags=(-std=gnu11 -D_GNU_SOURCE -g -Wall -Wextra -Werror -I"$STAGE/src" -I"$BATS_TEST_DIRNAME/unit")
	"${CC:-cc}" "${flags[@]}" -fsanitize=address,undefined -DALLOC_PASS_THROUGH "$BATS_TEST_DIRNAME/unit/$1.c" \
		"$OURS/stage7-sanitized/parts.a" -o "$tmp/$1-sanitized"
	"$tmp/$1-sanitized"
	case ${FULL:-}$1 in 1* | alloc | pool | shmutex | slab | zone | chain | conn | recycle | upstream) ;; *) return ;; esac
	"${CC:-cc}" "${flags[@]}" -O1 "$BATS_TEST_DIRNAME/unit/$1.c" "$OURS/stage7/parts.a" -o "$tmp/$1"
	valgrind -q --error-exitcode=9 --leak-check=full "$tmp/$1" "${@:2}"
}

@test "alloc: two levels, and what happens without memory" { unit alloc; }
@test "pool: sizes, cleanups, nothing left" { unit pool; }
@test "timer: as a naive model says" { unit timer; }
@test "shmutex: of each kind, with holders and waiters that are killed" { unit shmutex slow; }
@test "slab: against a shadow, without room, after a killed holder" { unit slab; }
@test "zone: what a reload keeps, and for how long" { unit zone; }
@test "network: sets of addresses, and addresses from headers" { unit network; }
@test "chain: whole, whatever the socket takes at a time" { unit chain; }
@test "channel: files arrive, junk does not matter, nothing leaks" { unit channel; }
@test "conn: stale events reach no connection" { unit conn; }
@test "connect: how each attempt ends, and what the owner hears" { unit connect; }
@test "accept: who may, in which order, and what a full table does" { unit accept; }
@test "recycle: a slot that a thread may know is not given to another connection" { unit recycle; }
@test "thread: every task comes back once" { unit thread; }
@test "parse: split everywhere, no byte too far" { unit parse; }
@test "lexer: words, quotes, units" { unit lexer; }
@test "choose: which server is next, in each method and state" { unit choose; }
@test "count: all workers together, whichever is killed" { unit count; }
@test "upstream: who gets a connection, who waits, what is kept, and nothing is left" { unit upstream slow; }
@test "ssi: a page cut anywhere is the same page" { unit ssi; }
@test "frame: packets split everywhere, damaged everywhere; known sums" { unit frame; }
@test "reply: the head of another server's answer, split everywhere, and what is refused" { unit reply; }
@test "guest: who lives and who is dropped, to the millisecond" { unit guest; }
@test "cache_rules: what is stored, how long it is fresh, what a request gets" { unit cache_rules; }
@test "cache_stored: the head of a file, cut and damaged everywhere" { unit cache_stored; }
@test "cache_index: counts, order, who fetches, and a process that is killed anywhere" { unit cache_index; }

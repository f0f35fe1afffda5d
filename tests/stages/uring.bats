# The road uring where io_uring is not allowed, and what is its own where it is.
load lib
STAGES=uring

setup_file() {
	setup_files
	tool refuse
}

refused() {
	local code=0
	timeout 20 "$OURS/refuse" "$1" "$OURS/uring/server" 0 "$site" >"$tmp/stdout" 2>"$tmp/stderr" 3>&- 4>&- || code=$?
	echo "$1: exit $code: $(cat "$tmp/stderr")"
	[ "$code" != 3 ] || skip 'no seccomp filter here'
	[ "$code" = 1 ]
	[ ! -s "$tmp/stdout" ]
	[ "$(wc -l <"$tmp/stderr")" = 1 ]
	grep -qxF "server: io_uring: $2" "$tmp/stderr"
}
@test "a kernel or a sandbox that refuses io_uring: one line that says so, exit 1, no port taken" {
	refused EPERM 'not permitted; a sandbox such as a container'"'"'s forbids it, or sysctl kernel.io_uring_disabled is not 0'
	refused ENOSYS 'this kernel has none, or a sandbox hides it'
}

# A client is between two completions nearly always, so at the end the kernel has a request for each.
@test "SIGTERM while the kernel has a request for each of 500 clients, in AddressSanitizer's eyes" {
	has_io_uring || skip 'this kernel, or a sandbox, refuses io_uring'
	need_sock
	stage=uring
	build_stage uring san SAN=address,undefined
	variant=san
	serve
	(
		ulimit -n 2000
		for n in {1..500}; do printf 'connect C%d $1 rcvbuf=4096\nsend C%d "GET /big HTTP/1.0\\r\\n\\r\\n"\n' "$n" "$n"; done
		printf 'connect X $1\nprint there\npause 100\n'
	) >"$tmp/crowd"
	(
		ulimit -n 2000
		play <"$tmp/crowd" >"$tmp/heard" 2>&1
	) 3>&- 4>&- &
	helpers+=($!)
	within 60 grep -qx there "$tmp/heard"
	stop
	not grep -E 'ERROR|runtime error|SUMMARY' "$log"
}

# A request costs no system call of its own: many of them cross together.
@test "with 64 clients at once, a request costs less than half an io_uring_enter" {
	has_io_uring || skip 'this kernel, or a sandbox, refuses io_uring'
	command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null || skip 'strace may not look at processes here'
	make -s -C "$TOP" -f tools/helpers.mk build/tools/wire
	stage=uring
	wrap=(strace -f -qq -c -e trace=io_uring_enter -o "$tmp/count")
	serve
	"$TOP/build/tools/wire" load -t 60 -c 64 "$port" 4000 /plain.txt
	kill "$(pgrep -P "$pid")"
	ended
	calls=$(awk '$NF == "io_uring_enter" { print $4 }' "$tmp/count")
	echo "$calls calls for 4000 requests"
	[ "$calls" -gt 0 ]
	[ "$calls" -lt 2000 ]
}

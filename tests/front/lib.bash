# shellcheck shell=bash
# The front door is tried in a copy of the repository, $copy, so that what it builds and removes
# is nobody else's.
#
#   front WORD ...     make WORD ...: $code, and what it said in $out and $err
#   running WORD ...   the same for what runs until Ctrl-C: $pid, and its $url once it listens
#   press_ctrl_c       the signal to all in the foreground, as a terminal sends it

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
unset MAKEFLAGS MFLAGS MAKELEVEL PORT ROOT N CC SAN WORKERS T

setup_file() {
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/lab-front.XXXXXX")
	export tmp copy=$tmp/lab
	mkdir "$copy"
	tar -C "$TOP" --exclude=./build --exclude=./work --exclude=./.git --exclude=node_modules -cf - . | tar -C "$copy" -xf -
	rm -rf "$copy"/stages/*/build
}

teardown_file() {
	rm -rf "$tmp"
}

setup() {
	cd "$copy" || return
	out=$tmp/out err=$tmp/err
}

teardown() {
	if [ -n "${pid:-}" ]; then
		kill -KILL -- "-$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	fi
	# one that went its own way, as a daemon, has left its number
	if [ -s "$tmp/packets.pid" ]; then kill "$(cat "$tmp/packets.pid")" 2>/dev/null || true; fi
	for file in "$out" "$err"; do
		if [ -s "$file" ]; then sed "s|^|${file##*/}: |" "$file" | tail -20; fi
	done
}

. "$BATS_TEST_DIRNAME/../wait.bash"

front() {
	code=0
	timeout 100 make "$@" >"$out" 2>"$err" 3>&- 4>&- </dev/null || code=$?
}

# bash has its background jobs ignore SIGINT; a command in a terminal does not.
running() {
	: >"$out"
	setsid env --default-signal=INT,QUIT make "$@" >"$out" 2>"$err" 3>&- 4>&- </dev/null &
	pid=$!
	within 100 listens_or_ended
	url=$(sed -n 's/^listening on //p' "$out")
	[ -n "$url" ]
}

listens_or_ended() {
	grep -q '^listening on ' "$out" || not kill -0 "$pid" 2>/dev/null
}

nobody_left() {
	[ -z "$(ps -o pid=,stat= -s "$pid" | awk '$2 !~ /^Z/')" ]
}

press_ctrl_c() {
	kill -s "${1:-INT}" -- "-$pid"
	within 20 nobody_left
	code=0
	wait "$pid" || code=$?
	pid=
}

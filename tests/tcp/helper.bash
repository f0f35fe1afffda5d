# What the tests of labs/tcp share.
labs=$BATS_TEST_DIRNAME/../../labs/tcp
sock=$labs/build/sock
watch=$labs/build/watch
export LAB_ALONE=yes	# the connections of others are no part of a test
mark=LAB_TEST=$$-$RANDOM

# Several files of tests run at the same time, and only one of them may build.
build() { flock "$labs/Makefile" make -s -C "$labs"; }

until_true() {	# until_true SECONDS COMMAND ...
	local end=$(($(date +%s%N) + $1 * 1000000000))
	shift
	until "$@"; do
		[ "$(date +%s%N)" -lt "$end" ] || { echo "not in time: $*" >&2; return 1; }
		sleep 0.02
	done
}

# The processes that were started with $mark in their environment and are still there.
marked() { grep -lzFx "$mark" /proc/[0-9]*/environ 2>/dev/null || true; }
none_marked() { [ -z "$(marked)" ]; }

as_nobody() {	# as_nobody COMMAND ...; an ordinary user stays who he is
	if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi
}

# Where nobody else's connections are, if root may make such a place; then as_nobody.
alone_as_nobody() {
	if [ "$(id -u)" = 0 ] && unshare -n ip link set lo up 2>/dev/null; then
		unshare -n sh -c 'ip link set lo up; exec "$@"' sh setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		as_nobody "$@"
	fi
}

# A folder for PATH in which all commands are found but those named.
path_without() {
	local dir from file
	dir=$(mktemp -d "${TMPDIR:-/tmp}/lab-path.XXXXXX")
	chmod 755 "$dir"
	echo "$dir" >>"$BATS_TEST_TMPDIR/paths"
	for from in /usr/local/bin /usr/bin /bin /usr/sbin /sbin; do
		find "$from/" -maxdepth 1 ! -type d -exec ln -s -t "$dir" {} + 2>/dev/null || true
	done
	for file; do rm -f "$dir/$file"; done
	echo "$dir"
}

teardown() {
	[ ! -f "$BATS_TEST_TMPDIR/paths" ] || xargs rm -rf <"$BATS_TEST_TMPDIR/paths"
}

# A script(1) whose session is over does not always notice.
end_script() {
	until_true 2 eval '! kill -0 $pid 2>/dev/null' || kill "$pid" || true
	wait "$pid" || true
}

# 0, or skipped with the reason the observation gave.
checks() {
	run "$@" 3>&-	# but skip speaks on descriptor 3
	[ "$status" != 77 ] || skip "${output#*skipped: }"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"1.."* ]]
	[[ $output != *"not ok"* ]]
}

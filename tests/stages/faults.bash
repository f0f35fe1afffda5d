# shellcheck shell=bash
# Calls that fail: the first one, the second one, ... Every error is that of one connection, and the
# server lives on: it loses no descriptor, ends when it is told to, and does not spin.

setup_file() {
	export BATS_TEST_DIRNAME
	setup_files
	tool faults.so
	head -c 600000 "$site/big" >"$site/middle"
}

wanted=('200 0' '200 0' '301 0' '200 0' '404 0')

# How many of five requests get their whole answer (0: curl has nothing to say against it).
count_answers() {
	local url=http://127.0.0.1:$port out=(-o /dev/null) n
	mapfile -t got < <(curl -s -m 10 -w '%{http_code} %{exitcode}\n' "${out[@]}" "$url/plain.txt" \
		"${out[@]}" "$url/middle" "${out[@]}" "$url/docs" "${out[@]}" "$url/docs/" "${out[@]}" "$url/no")
	answered=0
	for n in "${!wanted[@]}"; do
		[ "${got[n]:-}" != "${wanted[n]}" ] || answered=$((answered + 1))
	done
}

count_descriptors() {
	ls "/proc/${served_by:-$pid}/fd" | wc -l
}

settled() {
	[ "$(count_descriptors)" = "$before" ]
}

# once CALL K WHAT   true: it happened
once() {
	rm -f "$tmp/mark"
	wrap=(env "LD_PRELOAD=$OURS/faults.so" "FAULT=$1 $2 $3" "FAULT_MARK=$tmp/mark")
	echo "FAULT='$1 $2 $3'"
	serve "$site" 1
}

# fails CALL WHAT ...   the first of CALL, the second, ... and so on while there are more
fails() {
	local call=$1 k
	for what in "${@:2}"; do
		for ((k = 1; k <= 5; k++)); do
			once "$call" "$k" "$what"
			! has_workers || served_by=$(workers)
			before=$(count_descriptors)
			count_answers
			echo "answered: $answered of 5 (${got[*]})"
			[ "$answered" -ge 4 ]
			within 10 settled
			stop
			[ "$(wc -l <"$log")" -le 2 ]
			[ -e "$tmp/mark" ] || break
			case $what:$call in short:* | EINTR:*) [ "$answered" = 5 ] ;; esac # nobody may notice
		done
		[ "$k" -gt 1 ] # or nothing was proven
	done
}

# shellcheck shell=bash
# One scenario through as much of a server as there is, for valgrind and the sanitizers.

# scenario FILE   writes it there: a script for sock
write_scenario() {
	local request
	for request in 'GET / HTTP/1.0' 'HEAD /plain.txt HTTP/1.1' 'GET /docs HTTP/1.1' 'GET /docs/?a=b HTTP/1.1' \
		'GET /nothing HTTP/1.0' 'GET /bare/ HTTP/1.0' 'GET /../x HTTP/1.0' 'GET /out HTTP/1.0' \
		'GET /fifo HTTP/1.0' 'GET /empty.txt HTTP/1.0' 'GET /%E4%B8%AD%E6%96%87.html HTTP/1.0' \
		'GET /%zz HTTP/1.0' 'GET /% HTTP/1.0' 'GET /%0 HTTP/1.0' 'GET' '' 'BREW / HTTP/1.0' 'PUT / HTTP/1.0' \
		"GET /$(printf '%05000d' 0) HTTP/1.0" "GET /$(printf '%04070d' 0) HTTP/1.0" \
		"GET //docs?$(printf '%04050d' 0) HTTP/1.0" "GET /$(printf '%0200d/' {1..20}) HTTP/1.0"; do
		printf 'connect C $1\nsend C "%s\\r\\nHost: x\\r\\n\\r\\n"\nread C all\nclose C\n' "$request"
	done
	cat <<-'END'
		connect C $1
		send C 8191
		expect C "HTTP/1.0 414"
		reset C
		connect C $1
		send C "GET / HTTP/1.0\r\n"
		send C 9000
		expect C "HTTP/1.0 431"
		reset C
		connect C $1
		send C "GET /\x00 HTTP/1.0\r\n\r\n\x00"
		read C all
		close C
		connect C $1
		send C "GE"
		wait C read
		send C "T /plain.txt HTTP/1.0\r\n"
		wait C read
		send C "\r\n"
		read C all
		close C
		connect C $1
		shutdown C
		expect C eof
		close C
		connect C $1
		send C "GET"
		wait C read
		reset C
		connect C $1 rcvbuf=16384
		send C "GET /big HTTP/1.0\r\n\r\n"
		find C "\r\n\r\n"
		read C 100000
		reset C
		connect C $1 rcvbuf=65536
		send C "GET /big HTTP/1.0\r\n\r\n"
		shutdown C
		read C all
		close C
	END
}

# What is open when the signal comes. In stage 1 the first has the server for itself.
write_ending() {
	cat <<-'END'
		connect A $1 rcvbuf=16384
		send A "GET /big HTTP/1.0\r\n\r\n"
		find A "\r\n\r\n"
		connect B $1
		connect D $1
		send D "GET /pl"
		print
		print there
	END
}

prepare_scenario() {
	ln -sf ../secret "$site/out"
	[ -p "$site/fifo" ] || mkfifo "$site/fifo"
	write_scenario >"$tmp/scenario"
	write_ending >"$tmp/ending"
}

run_scenario() {
	play <"$tmp/scenario" >"$tmp/got"
	play <"$tmp/scenario" >"$tmp/got"
	talk
	say "$(cat "$tmp/ending")"
	within 60 grep -qx there "$tmp/heard"
}

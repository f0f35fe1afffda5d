# Clients that leave, that reset, that are slow, and many of them one after the other.
load lib

descriptors() { # of all processes of the server
	for process in $(family); do
		echo "$process: $(find "/proc/$process/fd" -mindepth 1 2>/dev/null | wc -l)"
	done
}

settled() { # as many descriptors as before there were clients
	[ "$(descriptors)" = "$before" ]
}

remember() {
	gets / "$site/index.html"
	before=$(descriptors)
	echo "$before"
}

leavers() {
	serve "$site" 2
	remember
	play <"$tmp/leavers"
	within 10 settled
	gets /plain.txt "$site/plain.txt"
	within 10 settled
	stop
}
@test "clients that leave or reset at any moment: the server lives on, no descriptor is lost" {
	need_sock
	for end in close reset; do
		cat <<-END
			connect A \$1
			$end A
			connect B \$1
			send B "GET /bi"
			wait B read
			$end B
			connect C \$1
			send C "GET /big HTTP/1.0\\r\\n\\r\\n"
			$end C
			connect D \$1
			send D "GET /big HTTP/1.0\\r\\n\\r\\n"
			read D 5
			$end D
			connect E \$1 rcvbuf=4096
			send E "GET /big HTTP/1.0\\r\\n\\r\\n"
			read E 300000
			$end E
			connect F \$1
			send F "GET /docs HTTP/1.0\\r\\n\\r\\n"
			$end F
			connect G \$1
			send G "BREW / HTTP/1.0\\r\\n\\r\\nand more"
			$end G
			connect H \$1 rcvbuf=4096
			send H "GET /big HTTP/1.0\\r\\n\\r\\n"
			wait H readable
			shutdown H
			$end H
			connect I \$1
			send I "GET /big HTTP/1.0\\r\\n\\r\\n"
			shutdown I rd
			$end I
		END
	done >"$tmp/once"
	for _ in {1..10}; do cat "$tmp/once"; done >"$tmp/leavers"
	each_stage leavers
}

slow() {
	serve
	play >"$tmp/got" <<-'END'
		connect C $1 rcvbuf=16384
		send C "GET /big HTTP/1.0\r\n\r\n"
		read C 1
		pause 0.1
		read C 4000
		pause 0.1
		read C 100000
		pause 0.1
		read C 1234567
		pause 0.1
		read C all
	END
	sed '1,/^\r$/d' "$tmp/got" | cmp - "$site/big"
	stop
}
@test "a slow reader gets everything, and right" {
	need_sock
	each_stage slow
}

# One in the middle of its download while another is served. Before the fifth stage the first
# would make the second wait: that is those stages' flaw, and the ladder shows it.
interleaved() {
	serve
	play >"$tmp/got" <<-'END'
		connect A $1 rcvbuf=16384
		connect B $1 rcvbuf=16384
		connect C $1
		send A "GET /big HTTP/1.0\r\n\r\n"
		send B "GET /big HTTP/1.0\r\n\r\n"
		send C "GET /plain.txt HTTP/1.0\r\n\r\n"
		read C all
		find A "\r\n\r\n"
		find B "\r\n\r\n"
		read A 1000000
		read B 2000000
		read A all
		read B all
	END
	# what is left without the three heads
	sed '/^HTTP/,/^\r$/d' "$tmp/got" | cmp - "$tmp/wanted"
	stop
}
@test "stages 5 and 6, and all roads: downloads in turns, each right" {
	need_sock
	{
		cat "$site/plain.txt"
		head -c 1000000 "$site/big"
		head -c 2000000 "$site/big"
		tail -c +1000001 "$site/big"
		tail -c +2000001 "$site/big"
	} >"$tmp/wanted"
	STAGES=$(only 5 6 fork thread handoff uring) each_stage interleaved
}

big_ones() { # $1 clients at once
	serve
	for n in $(seq "$1"); do
		curl -sS --limit-rate 20M -o "$tmp/copy$n" "http://127.0.0.1:$port/big" 3>&- &
		clients[n]=$!
	done
	for n in $(seq "$1"); do
		wait "${clients[n]}"
		cmp "$tmp/copy$n" "$site/big"
	done
	stop
}
@test "eight downloads at once, each right" {
	each_stage big_ones 8
}

many() {
	serve "$site" 2
	remember
	play <"$tmp/many" >"$tmp/got"
	[ "$(grep -c '^HTTP/1.0 200 OK' "$tmp/got")" = 1000 ]
	[ "$(grep -c '^plain' "$tmp/got")" = 1000 ]
	within 10 settled
	[ ! -s "$log" ]
	stop
}
@test "1,000 requests one after the other" {
	need_sock
	for _ in {1..1000}; do
		printf 'connect C $1\nsend C "GET /plain.txt HTTP/1.0\\r\\n\\r\\n"\nread C all\nclose C\n'
	done >"$tmp/many"
	each_stage many
}

# The same bytes, however they come: in pieces, one by one, with others behind them.
load lib

# 'GET /\r\n' -> pieces=(G E T ' ' / '\r' '\n')
split_text() {
	local text=$1 n
	pieces=()
	while [ -n "$text" ]; do
		case $text in
		\\x*) n=4 ;;
		\\*) n=2 ;;
		*) n=1 ;;
		esac
		pieces+=("${text:0:n}")
		text=${text:n}
	done
}

join() {
	local IFS=
	echo "$*"
}

# A script: for every place where the text can be cut, a connection that sends it in two.
cut_everywhere() { # cut_everywhere STATUS 'TEXT'
	local i
	split_text "$2"
	for ((i = 1; i < ${#pieces[@]}; i++)); do
		echo "connect C \$1"
		echo "send C \"$(join "${pieces[@]:0:i}")\""
		echo 'wait C read'
		echo "send C \"$(join "${pieces[@]:i}")\""
		echo "expect C \"HTTP/1.0 $1 \""
		echo 'close C'
	done
}

two_pieces() {
	serve
	play <"$tmp/cuts"
	stop
}
@test "a request in two pieces, cut at every position" {
	need_sock
	{
		cut_everywhere 200 'GET /docs/?a HTTP/1.1\r\nHost: b\r\n\r\n'
		cut_everywhere 200 '\r\nGET / HTTP/1.0\n\n'
		cut_everywhere 404 'HEAD /%E4%B8%AD HTTP/1.0\r\n\r\n'
		cut_everywhere 400 'GET /\x00 HTTP/1.0\r\n\r\n'
		cut_everywhere 405 'PUT / HTTP/1.0\n\r\n'
	} >"$tmp/cuts"
	each_stage two_pieces
}

# The answer may not depend on how many bytes one read happens to give.
empty_lines_first() {
	serve
	play <"$tmp/cuts"
	stop
}
@test "empty lines before a request, cut at every position: the same answer" {
	need_sock
	{
		printf 'connect C $1\nsend C "\\r\\n\\r\\nGET / HTTP/1.0\\r\\n\\r\\n"\nexpect C "HTTP/1.0 200 "\nclose C\n'
		cut_everywhere 200 '\r\n\r\nGET / HTTP/1.0\r\n\r\n'
		cut_everywhere 200 '\n\nGET / HTTP/1.0\n\n'
	} >"$tmp/cuts"
	each_stage empty_lines_first
}

one_by_one() {
	serve
	play <"$tmp/steps" >"$tmp/got"
	sed '1,/^\r$/d' "$tmp/got" | cmp - "$site/plain.txt"
	stop
}
@test "a request in steps of one byte" {
	need_sock
	split_text 'GET /plain.txt HTTP/1.1\r\nHost: here\r\nX: y\r\n\r\n'
	{
		echo "connect C \$1 nodelay"
		for piece in "${pieces[@]}"; do
			printf 'send C "%s"\nwait C read\n' "$piece"
		done
		echo 'read C all'
	} >"$tmp/steps"
	each_stage one_by_one
}

half_closed() {
	serve
	play >"$tmp/got" <<-'END'
		connect C $1
		send C "GET /big HTTP/1.0\r\n\r\n"
		shutdown C
		read C all
	END
	sed '1,/^\r$/d' "$tmp/got" | cmp - "$site/big"
	# closed for writing before the server has even looked
	for _ in 1 2 3; do
		play >"$tmp/got" <<-'END'
			connect A $1
			connect B $1
			send B "GET /plain.txt HTTP/1.0\r\n\r\n"
			shutdown B
			close A
			read B all
		END
		sed '1,/^\r$/d' "$tmp/got" | cmp - "$site/plain.txt"
	done
	stop
}
@test "a client that has closed its half gets its whole answer" {
	need_sock
	each_stage half_closed
}

cut_short() {
	serve
	play <<-'END'
		connect A $1
		shutdown A
		expect A eof
		connect B $1
		send B "GET /plain.txt HT"
		shutdown B
		expect B eof
		connect C $1
		send C "GET /plain.txt HTTP/1.0\r\nHost: x\r\n"
		wait C read
		shutdown C
		expect C eof
	END
	stop
}
@test "a head that ends before its end gets no answer" {
	need_sock
	each_stage cut_short
}

# They come in one piece with the head, as a client sends them that doesn't wait for its answer.
# (Those that come later are the seventh stage's matter: a close with bytes unread is a reset.)
bytes_behind() {
	serve
	for behind in 'x' '\r\n' 'GET /secret HTTP/1.0\r\n\r\n' 'GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n' \
		'\n\r\n' '\xff\xfe\xfd' '%00%00'; do
		play "$behind" >"$tmp/got" <<-'END'
			connect C $1
			send C "GET /big HTTP/1.1\r\nHost: here\r\n\r\n$2"
			read C all
		END
		sed '1,/^\r$/d' "$tmp/got" | cmp - "$site/big"
	done
	stop
}
@test "bytes behind the head do no harm" {
	need_sock
	each_stage bytes_behind
}

zeros_behind() {
	serve
	play <<-'END'
		connect C $1
		send C "GET /plain.txt HTTP/1.1\r\n\r\n\x00\x01\x00"
		expect C "HTTP/1.0 200 "
		connect D $1
		send D "PUT /plain.txt HTTP/1.1\r\nContent-Length: 4\r\n\r\n\x00\x01\x02\x03"
		expect D "HTTP/1.0 405 "
	END
	stop
}
@test "nor do zeros behind the head" {
	need_sock
	each_stage zeros_behind
}

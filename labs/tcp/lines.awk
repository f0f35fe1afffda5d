# lines.awk: of all the socket lines, ours, in the columns of `netstat -tan`, with the name
# of the end at the right. -v tool=netstat|ss|proc says who wrote the input; -v names=FILE
# has a line "NAME local foreign" for each end we know; "NAME local - inode" for a listening
# one, since several may share their address. The other end of a connection, while it has no
# name of its own, is NAME.peer. They come in the order in which the names were given.

BEGIN {
	while ((getline line < names) > 0) {
		split(line, f, " ")
		place[f[1]] = ++places; place[f[1] ".peer"] = ++places
		if (f[3] == "-") { name[f[2], f[4]] = f[1]; continue }
		if (!((f[3], f[2]) in name)) name[f[3], f[2]] = f[1] ".peer"
		name[f[2], f[3]] = f[1]
	}
	split("ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSED CLOSE_WAIT LAST_ACK LISTEN CLOSING", states, " ")
}

function hex(s,   i, v) {
	v = 0
	s = tolower(s)
	for (i = 1; i <= length(s); i++) v = v * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
	return v
}

# 0100007F:1F90, the address in the machine's order of bytes
function address(s) {
	return hex(substr(s, 7, 2)) "." hex(substr(s, 5, 2)) "." hex(substr(s, 3, 2)) "." hex(substr(s, 1, 2)) ":" hex(substr(s, 10))
}

function ss_state(s) {
	gsub("-", "_", s)
	if (s == "ESTAB") return "ESTABLISHED"
	sub("FIN_WAIT_", "FIN_WAIT", s)
	return s
}

function show(recvq, sendq, here, there, state, inode) {
	if (state == "LISTEN") key = here SUBSEP inode
	else key = here SUBSEP there
	if (!(key in name)) return
	text[place[name[key]]] = sprintf("tcp   %6d %6d %-21s %-21s %-11s %s", recvq, sendq, here, state == "LISTEN" ? "0.0.0.0:*" : there, state, name[key])
}

# netstat -tane, ss -tane, /proc/net/tcp
tool == "netstat" && $1 == "tcp" { show($2, $3, $4, $5, $6, $8) }
tool == "ss" && NR > 1 {
	inode = ""
	for (i = 6; i <= NF; i++) if ($i ~ /^ino:/) inode = substr($i, 5)
	show($2, $1 == "LISTEN" ? 0 : $3, $4, $5, ss_state($1), inode)
}
tool == "proc" && NR > 1 {
	split($5, q, ":")
	show(hex(q[2]), hex(q[1]), address($2), address($3), states[hex($4)], $10)
}

END { for (i = 1; i <= places; i++) if (i in text) print text[i] }

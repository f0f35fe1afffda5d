# What strace wrote about a process that serves one request after the other, cut where a client
# is accepted: of the cycles the shortest, with its calls in short. Stage 7 is woken up as well by
# files that anybody makes in a folder above the one it serves; that is no part of the request.
#
# A wait at the end of a cycle is the one that the next client ends, so it goes to the front.
#
# With kept=1 it is cut at the waits, for requests that come on one connection.

function short(line, name, arguments, result, first) {
	name = line; sub(/\(.*/, "", name)
	arguments = line; sub(/^[a-z0-9_]*\(/, "", arguments)
	result = line; sub(/.*\) += /, "", result); sub(/ \(.*/, "", result); sub(/ E/, ":E", result)
	sub(/^-1:/, "", result)
	first = arguments; sub(/[,)].*/, "", first)
	sub(/^pselect6$/, "select", name); sub(/^ppoll$/, "poll", name)
	sub(/^newfstatat$/, "fstat", name)
	sub(/^sendto$/, "send", name); sub(/^recvfrom$/, "recv", name)
	if (name ~ /^(select|poll|epoll_wait|epoll_pwait)$/) return name " = " result " ready"
	if (name == "epoll_ctl") {
		sub(/.*EPOLL_CTL_/, "", arguments); sub(/, *[{].*/, "", arguments); sub(/, NULL.*/, "", arguments); sub(/,/, "", arguments)
		return name "(" arguments ")"
	}
	if (match(arguments, /"[^"]*"/) && name ~ /^(open|readlink|stat)/)
		first = substr(arguments, RSTART, RLENGTH)
	return name "(" first ")" (result == "0" ? "" : " = " result)
}

function is_wait(line) { return line ~ /^(pselect6|select|p?poll|epoll_p?wait2?)\(/ }

/^(---|\+\+\+)/ { next }
/^inotify_init/ { watcher = $0; sub(/.*= /, "", watcher); next }
watcher != "" && index($0, "read(" watcher ",") == 1 { next }
is_wait($0) && n && count[n] && is_wait(calls[n, count[n]]) { next } # it was for those alone
kept ? is_wait($0) : /^accept4?\(.*= [0-9]+$/ { n++; count[n] = 0 }
n { calls[n, ++count[n]] = $0 }

END {
	# the last one is cut off by the server's end, the first warms it up
	for (c = 2; c < n; c++) {
		sends = 0
		for (i = 1; i <= count[c]; i++) sends += calls[c, i] ~ /^(send|write)/
		if ((sends || !kept) && (!chosen || count[c] < count[chosen])) chosen = c
	}
	if (!chosen) exit
	last = count[chosen]
	if (!kept && is_wait(calls[chosen, last])) { print short(calls[chosen, last]); last-- }
	for (i = 1; i <= last; i++) print short(calls[chosen, i])
}

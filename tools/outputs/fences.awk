# fences.awk - turn each ```console fence of a Markdown file into a script to play.
# LINE.play holds it: "at LINE 'command'" for each "$ command".

/^<!-- run: .* -->[ \t]*$/ && !fence {	# a command that the reader does not see
	command = $0
	sub(/^<!-- run: /, "", command)
	sub(/ -->[ \t]*$/, "", command)
	script = sprintf("%s/%06d.play", work, FNR)
	print "quiet " FNR " " quoted(to_free(command)) >script
	close(script)
	next
}
/^```/ {
	if (!fence && /^```console([ \t]|$)/) {
		fence = 2
		script = sprintf("%s/%06d.play", work, FNR)
	} else if (!fence)
		fence = 1
	else if (/^```[ \t]*$/) {
		if (fence == 2)
			close(script)
		fence = 0
	}
	next
}
fence == 2 && more {
	sub(/^> /, "")
	command = command "\n" $0
	if (!(more = /\\$/))
		play()
	next
}
fence == 2 && /^\$ / {
	line = FNR
	command = substr($0, 3)
	if (!(more = /\\$/))
		play()
}

function play() { print "at " line " " quoted(to_free(command)) >script }

function quoted(s,    out, i) {
	while (i = index(s, "'")) {
		out = out substr(s, 1, i - 1) "'\\''"
		s = substr(s, i + 1)
	}
	return "'" out s "'"
}

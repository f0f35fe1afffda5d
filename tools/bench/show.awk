# names, then QUESTION.csv -> tables and bars of at most 80 columns. A figure is the median, the
# spread beside it half of what lies between the lowest and the highest of the runs.
BEGIN { FS = "," }
FNR == NR { title[$1] = $2; next }
/^#/ || /^case,/ { next }
{
	if (!($1 in cases_seen)) { cases_seen[$1]; cases[++n_cases] = $1 }
	if (!($2 in servers_seen)) { servers_seen[$2]; servers[++n_servers] = $2 }
	if ($3 == "none") { none[$1, $2] = $8; next }
	median[$1, $2, $3] = $4
	spread[$1, $2, $3] = $7 > 1 && $4 > 0 ? int(50 * ($6 - $5) / $4 + 0.5) : -1
	if ($8 != "") limit[$1, $2, $3] = $8
}

function bold(text) { return colour ? "\033[1m" text "\033[0m" : text }
function dim(text) { return colour ? "\033[2m" text "\033[0m" : text }
function hue(n, text) { return colour ? "\033[" (31 + n % 6) "m" text "\033[0m" : text }
function name(s) { return substr(s in title ? title[s] : s, 1, 14) }

# three digits that mean something, and commas where there are more
function figure(x, text) {
	if (x >= 1000000) return sprintf("%.2fM", x / 1000000)
	if (x >= 100000) return sprintf("%.0fk", x / 1000)
	if (x >= 1000) { text = sprintf("%.0f", x); return substr(text, 1, length(text) - 3) "," substr(text, length(text) - 2) }
	return sprintf(x >= 100 ? "%.0f" : x >= 10 ? "%.1f" : "%.2f", x)
}

function wide(n) { return n < 0 ? "     " : dim(n > 99 ? " >99%" : " ±" sprintf("%-3s", n "%")) }

function table(measure, heading, i, j, c, s, text, width, lacks, limited) {
	printf "%s\n", bold(heading)
	width = n_cases > 4 ? 12 : 15
	text = sprintf("  %-15s", "")
	for (j = 1; j <= n_cases; j++) text = text sprintf("%" (width - 5) "s     ", substr(cases[j], 1, width - 1 < 16 ? width - 1 : 16))
	sub(/ +$/, "", text)
	print text
	for (i = 1; i <= n_servers; i++) {
		s = servers[i]
		printf "  %-15s", name(s)
		for (j = 1; j <= n_cases; j++) {
			c = cases[j]
			if ((c, s, measure) in median) {
				text = figure(median[c, s, measure]) ((c, s, measure) in limit ? "*" : "")
				limited = limited || (c, s, measure) in limit
				printf "%" (width - 5) "s", text
				printf "%s", wide(spread[c, s, measure])
			} else {
				printf "%" (width - 5) "s     ", "-"
				lacks = lacks || (c, s) in none
			}
		}
		print ""
	}
	if (limited) print "  * the load was the limit here, not the server: its core had no pause"
	if (measure == "bytes") shared()
	if (lacks) reasons()
	print ""
}

function shared(j, i, s, c, text) {
	for (j = 1; j <= n_cases; j++) {
		c = cases[j]
		text = ""
		for (i = 1; i <= n_servers; i++) {
			s = servers[i]
			if (median[c, s, "workers"] > 1)
				text = text (text == "" ? "" : ", ") sprintf("%d%s of %s", median[c, s, "workers"], text == "" ? " workers" : "", name(s))
		}
		if (text != "") printf "  %s clients are shared by %s,\n  for here one process may not have so many descriptors (ulimit -Hn)\n", c, text
	}
}

function reasons(i, j, s, c, same) {
	if (reasons_told++) return
	for (i = 1; i <= n_servers; i++)
		for (j = 1; j <= n_cases; j++) {
			s = servers[i]; c = cases[j]
			if ((c, s) in none) printf "  - %.76s\n", name(s) ", " c ": " none[c, s]
		}
}

# A row for each case, where there are many; the last column is stage 7 beside the best of its peers.
function rows(measure, heading, i, j, c, s, best) {
	print bold(heading)
	printf "  %-14s", ""
	for (i = 1; i <= n_servers; i++) printf "%11.10s", name(servers[i])
	printf "  to best\n"
	for (j = 1; j <= n_cases; j++) {
		c = cases[j]
		best = ""
		printf "  %-14.14s", c
		for (i = 1; i <= n_servers; i++) {
			s = servers[i]
			if (!((c, s, measure) in median)) { printf "%11s", "-     "; continue }
			printf "%6s%s", figure(median[c, s, measure]), wide(spread[c, s, measure])
			if (s != "7" && s !~ /^bare-/ && (best == "" || median[c, s, measure] < best)) best = median[c, s, measure]
		}
		printf "%9s\n", ((c, "7", measure) in median && best != "" ? sprintf("%.2f", median[c, "7", measure] / best) : "-")
	}
	reasons()
	print ""
}

# A bar for each server; BASE is the one that the others are compared with.
function chart(measure, c, heading, unit, base, i, s, most, width, bar, k, first) {
	for (i = 1; i <= n_servers; i++) {
		s = servers[i]
		if (!((c, s, measure) in median)) continue
		if (median[c, s, measure] > most) most = median[c, s, measure]
		if (first == "") first = s
	}
	if (most == 0) return
	if (!((c, base, measure) in median)) base = first
	print bold(heading)
	for (i = 1; i <= n_servers; i++) {
		s = servers[i]
		if (!((c, s, measure) in median)) { printf "  %-15s%s\n", name(s), dim((c, s) in none ? substr(none[c, s], 1, 62) : "-"); continue }
		width = int(30 * median[c, s, measure] / most + 0.5)
		bar = ""
		for (k = 0; k < (width > 0 ? width : 1); k++) bar = bar block
		printf "  %-15s%s %s%s%s\n", name(s), hue(i, bar), figure(median[c, s, measure]), unit == "" ? "" : " " unit, \
			s == base ? "" : sprintf("  %s× %s", figure(median[c, s, measure] / median[c, base, measure]), name(base))
	}
	print ""
}

function slow(i, s, c, part, shown) {
	shown = n_cases < 2 ? 1 : 2
	printf "%s\n", bold("A visitor every 5 ms: how long they wait, in ms")
	printf "  %-15s", ""
	for (part = 1; part < shown; part++) printf "%20s  ", cases[part]
	printf "%25s\n  %-15s", cases[shown], ""
	for (part = 1; part < shown; part++) printf "%10s%10s  ", "median", "99 %"
	printf "%10s%10s%10s%10s\n", "median", "99 %", "longest", "answered"
	for (i = 1; i <= n_servers; i++) {
		s = servers[i]
		printf "  %-15s", name(s)
		for (part = 1; part <= shown; part++) {
			c = cases[part]
			printf "%10s%10s", ms(c, s, "p50_us"), ms(c, s, "p99_us")
			if (part < shown) printf "  "
			else printf "%10s%9.0f%%\n", ms(c, s, "longest_us"), share(c, s)
		}
	}
	print "  who has no answer at the end has waited until then, and counts so\n"
}

function share(c, s) { return median[c, s, "due"] ? 100 * median[c, s, "answered"] / median[c, s, "due"] : 0 }
function ms(c, s, m) { return figure(median[c, s, m] / 1000) }

END {
	print bold("── " question ": " about) "\n"
	if (!n_servers) { print "  no server to measure\n"; exit }
	last = cases[n_cases]
	if (question == "slow") { slow(); exit }
	if (question == "memory") {
		table("bytes", "Bytes of user memory for each idle keep-alive client, by how many there are")
		chart("bytes", last, last " clients, bytes each", "", "nginx")
		exit
	}
	if (question == "calls") {
		table("requests_per_call", "Requests for each system call of the server's: more is better")
		chart("requests_per_call", last, last ", requests a call", "", "nginx")
		exit
	}
	if (question == "instructions") {
		table("instructions", "Instructions of the server's code for a request of 1 KiB: less is better")
		chart("instructions", cases[1], "Instructions a request, " cases[1], "", "nginx")
		exit
	}
	if (question ~ /^(people|proxy)$/) { rows("cpu_us", "Server's CPU time a request, in µs: less is better"); exit }
	if (question == "roads")
		table("bytes", "Bytes of memory for each idle client, user and kernel, by how many there are")
	by = question == "idle" ? ", by idle clients" : question ~ /^(load|roads|kept)$/ ? ", by clients at once" : question == "workers" ? ", by workers" : ""
	table("rps", "Requests a second" by)
	table("cpu_us", "Server's CPU time a request, in µs" by)
	base = question ~ /^(requests|sizes)$/ ? "nginx" : ""
	what = question == "idle" ? " idle clients" : question ~ /^(load|roads|kept)$/ ? " clients at once" : question == "workers" ? " workers" : ""
	if (question == "workers") { chart("rps", last, "Requests a second with " last what, "/s"); exit }
	for (j = question ~ /^(requests|sizes)$/ ? 1 : n_cases; j <= n_cases; j++)
		chart("cpu_us", cases[j], "CPU time a request, " cases[j] what, "µs", base)
}

# names, meanings, expected.tsv, ladder.tsv -> the ladder's table; or, for one stage or one
# property, each answer with what was measured. Exit 1 when an answer is not as expected.
BEGIN { FS = "\t" }
FNR == 1 { file++ }

file == 1 { name[$1] = $2; next }
file == 2 { meaning[$1] = $2; next }
file == 3 && $1 == "property" { for (i = 2; i <= NF; i++) stage_of[i] = $i; next }
file == 3 && !/^#/ { for (i = 2; i <= NF; i++) expected[stage_of[i], $1] = $i; next }
file == 4 && FNR > 1 {
	if (!($1 in seen)) { seen[$1]; stages[++n_stages] = $1 }
	if (!($2 in known)) { known[$2]; properties[++n_properties] = $2 }
	verdict[$1, $2] = $3
	evidence[$1, $2] = $4
}

function lacking(s, p) { return evidence[s, p] ~ /^this machine: / }

# Of a server of your own, only what the stage named by EXPECT= can do is required.
function required(p) { return expect != "" && expected[expect, p] == "holds" }
function asked(p) { return required(p) && !lacking("own", p) }

function wrong(s, p) {
	if (s == "own") return asked(p) && verdict[s, p] != "holds"
	return !lacking(s, p) && verdict[s, p] != expected[s, p]
}

function paint(text, v, is_wrong) {
	if (!colour) return text
	if (is_wrong) return "\033[7;31m" text "\033[0m"
	if (v == "holds") return "\033[32m" text "\033[0m"
	if (v == "breaks" || v == "error") return "\033[31m" text "\033[0m"
	if (v == "n.a.") return "\033[2m" text "\033[0m"
	return text
}

function bold(text) { return colour ? "\033[1m" text "\033[0m" : text }

function spaces(n) { return sprintf("%" n "s", "") }

# TEXT in lines of at most WIDTH, all but the first behind INDENT blanks
function wrap(text, indent, width, words, n, i, line, out) {
	n = split(text, words, " ")
	line = words[1]
	for (i = 2; i <= n; i++)
		if (length(line) + 1 + length(words[i]) > width - indent) {
			out = out line "\n" spaces(indent)
			line = words[i]
		} else line = line " " words[i]
	return out line
}

function title(s) { return s ~ /^[a-z]/ && s != "own" ? s " " name[s] : s == "own" ? "your server" : s " " name[s] }

function table(i, j, s, p, text, lacks, names) {
	printf "%-18s", ""
	for (j = 1; j <= n_stages; j++) printf "%s", bold(sprintf("%-8s", stages[j]))
	print ""
	for (i = 1; i <= n_properties; i++) {
		p = properties[i]
		printf "%-18s", p
		for (j = 1; j <= n_stages; j++) {
			s = stages[j]
			text = verdict[s, p] (wrong(s, p) ? "!" : lacking(s, p) ? "*" : "")
			lacks = lacks || lacking(s, p)
			printf "%s", paint(text, verdict[s, p], wrong(s, p)) spaces(8 - length(text))
		}
		print ""
	}
	print ""
	for (j = 1; j <= n_stages; j++) names = names (j > 1 ? " · " : "") title(stages[j])
	print names
	print ""
	for (i = 1; i <= n_properties; i++) printf "%-18s%s\n", properties[i], wrap(meaning[properties[i]], 18, 96)
	if (lacks) {
		print ""
		for (i = 1; i <= n_properties; i++)
			for (j = 1; j <= n_stages; j++)
				if (lacking(stages[j], properties[i])) {
					print "* " properties[i] ": " wrap(evidence[stages[j], properties[i]], 2, 96)
					break
				}
	}
}

# An answer to a line, under the heading that they have in common.
function list(heading, by_stage, i, j, s, p, label, text) {
	print bold(heading) "\n"
	for (i = 1; i <= n_properties; i++)
		for (j = 1; j <= n_stages; j++) {
			s = stages[j]; p = properties[i]
			label = by_stage ? title(s) : p
			text = verdict[s, p] (wrong(s, p) ? "!" : "")
			printf "%-22s%s%s\n", label, paint(text, verdict[s, p], wrong(s, p)) spaces(8 - length(text)), wrap(evidence[s, p], 30, 100)
		}
}

function text_of(string) {	# as JSON has it
	gsub(/\\/, "\\\\", string)
	gsub(/"/, "\\\"", string)
	gsub(/[\001-\037]/, " ", string)
	return "\"" string "\""
}

function write_json(i, p) {
	print "{" >json
	print "  \"schema\": \"ladder/1\"," >json
	print "  \"server\": " text_of(command) "," >json
	print "  \"expect\": " (expect == "" ? "null" : expect) "," >json
	print "  \"score\": " (expect == "" ? "null" : score) "," >json
	print "  \"max\": " (expect == "" ? "null" : most) "," >json
	print "  \"properties\": [" >json
	for (i = 1; i <= n_properties; i++) {
		p = properties[i]
		printf "    {\"name\": %s, \"meaning\": %s, \"required\": %s, \"asked\": %s, \"verdict\": %s, \"evidence\": %s}%s\n", \
			text_of(p), text_of(meaning[p]), required(p) ? "true" : "false", lacking("own", p) ? "false" : "true", \
			text_of(verdict["own", p]), text_of(evidence["own", p]), i < n_properties ? "," : "" >json
	}
	print "  ]" >json
	print "}" >json
}

# What an own server must do, what it lacks, and the score.
function judge_own(i, p) {
	for (i = 1; i <= n_properties; i++) {
		p = properties[i]
		if (!required(p)) continue
		if (lacking("own", p)) { print "not counted: " p ": " evidence["own", p]; continue }
		most++
		if (verdict["own", p] == "holds") score++
	}
	if (json != "") write_json()
	if (expect == "") return
	printf "\n%d of %d properties that stage %s has", score, most, expect
	print (score < most ? "; what is missing is marked with !" : ": all of them")
	differ = most - score
}

END {
	score = most = 0
	if (n_stages == 1) list(stages[1] == "own" ? title("own") : (stages[1] ~ /^[a-z]/ ? "Road " : "Stage ") title(stages[1]), 0)
	else if (n_properties == 1) list(properties[1] ": " meaning[properties[1]], 1)
	else table()
	if (stages[1] == "own") judge_own()
	for (j = 1; j <= n_stages; j++)
		for (i = 1; i <= n_properties; i++) {
			s = stages[j]; p = properties[i]
			if (s == "own" || !wrong(s, p)) continue
			if (!differ++) print "\nnot as expected (" ARGV[3] "):"
			print "  stage " s ", " p ": expected " ((s, p) in expected ? expected[s, p] : "nothing") ", is " wrap(verdict[s, p] ": " evidence[s, p], 4, 100)
		}
	printf "\n%d answers in %d s%s\n", n_stages * n_properties, seconds, \
		stages[1] == "own" ? "" : differ ? ", " differ " not as expected" : ", all as expected"
	if (n_stages > 1 && n_properties > 1)
		print "make ladder 3 shows one stage with what was measured, make ladder P=slow-reader one property, make flaw 3 shows it live"
	exit differ > 0
}

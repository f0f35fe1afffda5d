# variant.awk - read before a lab's own variant.awk: awk -v seed=HEX -f this -f that
# A variant is lines "NAME VALUE". The same seed gives the same variant on every awk.
#   number("LINE_MOST", pick(200, 900))      word("EXTRA", choose("PUT PATCH"))
function hex(text,   i, n) {
	for (i = 1; i <= length(text); i++) n = (n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1) % 2147483647
	return n
}
function pick(from, to) { state = (state * 16807) % 2147483647; return from + state % (to - from + 1) }
function choose(words,   list, n) { n = split(words, list, " "); return list[pick(1, n)] }
function number(name, value) { printf "%s %d\n", name, value }
function word(name, value) { printf "%s %s\n", name, value }
BEGIN { state = hex(seed) + 1; pick(1, 2); pick(1, 2); print "SEED " seed }

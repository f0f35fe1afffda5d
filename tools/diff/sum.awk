# sum.awk - the checksum of the lines that a note owns.

function blank(c) { return length(KEY[c]) == 1 || KEY[c] ~ /^. $/ }

# Two rolling hashes over the covered lines, blank ones aside; 16 bits of each are shown.
# The products stay below 2^53, so every awk computes them exactly.
function checksum(t,    c, i, n, s, a, b) {
	if (!("a" in BYTE))
		for (i = 1; i < 256; i++)
			BYTE[sprintf("%c", i)] = i
	a = 1
	b = 7
	for (c = FIRST[t]; c <= LAST[t]; c++) {
		if (blank(c) || OWNER[c] != t)
			continue
		s = KEY[c] "\n"
		n = length(s)
		for (i = 1; i <= n; i++) {
			a = (a * 257 + BYTE[substr(s, i, 1)]) % 2147483647
			b = (b * 263 + BYTE[substr(s, i, 1)]) % 2147483629
		}
	}
	return sprintf("%04x%04x", a % 65536, b % 65536)
}

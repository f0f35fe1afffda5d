# bless.awk - new checksums, for who has read the prose beside the code again.

# The notes again, word for word but for their checksums; what changed goes to stderr.
function bless(    t, k, line, sum, at) {
	for (t = 1; t <= notes; t++)
		at[NOTELINE[t]] = t
	for (k = 1; k <= mdlines; k++) {
		line = MD[k]
		if ((k in at) && FIRST[at[k]]) {
			t = at[k]
			sum = checksum(t)
			if (SUM[t] != sum) {
				print md ":" k ": #" (SUM[t] == "" ? "none" : SUM[t]) " is now #" sum > "/dev/stderr"
				sub(/[ \t]+#[^ \t]*[ \t]*$/, "", line)
				sub(/[ \t]+$/, "", line)
				line = line " #" sum
			}
		}
		print line
	}
}

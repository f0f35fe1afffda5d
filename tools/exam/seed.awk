# seed_number(text)   a number from 1 to 2147483646 that depends on the text, in every awk the same: no
# product here is larger than 2^53.
function seed_number(text, i, h) {
	h = 7
	for (i = 1; i <= length(text); i++)
		h = (h * 131 + index(" -0123456789abcdefghijklmnopqrstuvwxyz", substr(text, i, 1))) % 2147483647
	for (i = 0; i < 3; i++) h = h * 16807 % 2147483647
	return h ? h : 1
}

# The functions of a trace (tools/trace.c) in the order in which they were entered, then their sum.
# names: what addr2line -f says of each address; addresses: which they are; folder: what paths begin with.
function short(path) {
	if (index(path, folder "/") == 1) path = substr(path, length(folder) + 2)
	sub(/ \(discriminator.*/, "", path)
	return path
}
BEGIN {
	while ((getline address <addresses) > 0) {
		getline name <names; getline place <names
		function_of[address] = name; place_of[address] = short(place)
	}
}
$1 == "X" { if (depth[$2] > 0) depth[$2]--; next }
{
	if (began == "") began = $3
	file = place_of[$4]; sub(/:[0-9?]+$/, "", file)
	if (!summary) {
		text = sprintf("%*s%s", 2 * depth[$2], "", function_of[$4])
		printf "%9.1f  %-58s %s\n", ($3 - began) / 1000, text, place_of[$4]
	}
	depth[$2]++
	calls++
	if (!(($4) in seen)) { seen[$4]; functions++ }
	if (file != last) {
		if (file in visited) returns++
		else { visited[file]; files++ }
		last = file
	}
}
END {
	if (calls == 0) { print "nothing was entered" >"/dev/stderr"; exit 1 }
	printf "%s%d functions in %d files, %d calls; %d returns to a file already left\n", summary ? "" : "\n",
		functions, files, calls, returns
}

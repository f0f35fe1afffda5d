# runs.csv: case,server,round,measure,value -> case,server,measure,median,low,high,runs,note,
# in the order in which they first came. A "none" has no figures, of any round, and its reason is the note. Where
# the load worked without a pause and the server did not, rps says more about the load: "load".
BEGIN { FS = "," }
{
	key = $1 "," $2 "," $4
	if ($4 == "none") never[$1 "," $2]
	if (!(key in runs)) keys[++n] = key
	value[key, ++runs[key]] = $5
}

function sorted(key, i, j, t) {
	if (key ~ /,none$/) return
	for (i = 2; i <= runs[key]; i++)
		for (j = i; j > 1 && value[key, j] + 0 < value[key, j - 1] + 0; j--) {
			t = value[key, j]; value[key, j] = value[key, j - 1]; value[key, j - 1] = t
		}
}

function middle(key) { return value[key, int((runs[key] + 1) / 2)] }

END {
	for (k = 1; k <= n; k++) sorted(keys[k])
	for (k = 1; k <= n; k++) {
		key = keys[k]
		if (key ~ /,none$/) { printf "%s,,,,%d,%s\n", key, runs[key], value[key, 1]; continue }
		split(key, part, ",")
		if ((part[1] "," part[2]) in never) continue
		limit = ""
		if (sub(/,rps$/, "", key)) {
			if (middle(key ",load_busy") > 0.93 && middle(key ",server_busy") < 0.9) limit = "load"
			key = key ",rps"
		}
		printf "%s,%s,%s,%s,%d,%s\n", key, middle(key), value[key, 1], value[key, runs[key]], runs[key], limit
	}
}

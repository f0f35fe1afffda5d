# The result as JSON, schema lab-result/1 (tools/grade/result.schema.json).
function text(s,   out, i, c) {
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	return "\"" s "\""
}
# in the table \n is a line end already; \\ and the rest of it are JSON's escapes as well
function message(s) { gsub(/"/, "\\\"", s); return "\"" s "\"" }
BEGIN { print "{"; print "\"schema\": \"lab-result/1\"," }
$1 == "@lab" || $1 == "@score" || $1 == "@max" { printf "%s: %d,\n", text(substr($1, 2)), $2; next }
/^@/ { printf "%s: %s,\n", text(substr($1, 2)), text($2); next }
{
	printf "%s{\"id\": %s, \"points\": %d, \"max\": %d, \"status\": %s, \"visibility\": %s, \"milestone\": %d, \"seconds\": %.2f, \"title\": %s, \"message\": %s}", \
		n++ ? ",\n" : "\"checks\": [\n", text($1), $2, $3, text($4), text($5), $6, $7, text($8), message($9)
}
END { print "\n]\n}" }

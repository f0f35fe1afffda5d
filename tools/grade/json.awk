# The result as JSON, schema lab-result/2 (tools/grade/result.schema.json).
function text(s) {
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	return "\"" s "\""
}
# in the table \n is a line end already; \\ and the rest of it are JSON's escapes as well
function message(s) { gsub(/"/, "\\\"", s); return "\"" s "\"" }
function key(name, value) { printf "\"%s\": %s,\n", name, value }
function about_all() {
	print "{"
	key("schema", text("lab-result/2"))
	key("lab", about["lab"] + 0)
	key("name", text(about["name"]))
	key("version", text(about["version"]))
	key("seed", text(about["seed"]))
	key("verdict", text(about["verdict"]))
	key("reasons", "[" reasons "]")
	key("score", about["score"] == "-" ? "null" : about["score"] + 0)
	key("judged", about["judged"] + 0)
	key("max", about["max"] + 0)
	key("submitted", "{\"sha256\": " text(about["submitted"]) ", \"files\": [" files "]}")
	key("isolation", "{\"kind\": " text(about["isolation"]) ", \"network\": " text(about["network"]) ", \"note\": " text(about["note"]) "}")
	key("seconds", sprintf("%.2f", about["seconds"]))
	printf "\"checks\": [\n"
}
$1 == "@reason" { reasons = reasons (reasons ? ", " : "") message($2); next }
$1 == "@file" {
	files = files (files ? ", " : "") "{\"name\": " text($2) ", \"bytes\": " $3 + 0 ", \"sha256\": " text($4) "}"
	next
}
/^@/ { about[substr($1, 2)] = $2; next }
{
	if (!n++) about_all()
	else print ","
	printf "{\"id\": %s, \"points\": %d, \"max\": %d, \"status\": %s, \"visibility\": %s, \"milestone\": %d, \"seconds\": %.2f, \"title\": %s, \"message\": %s}", \
		text($1), $2, $3, text($4), text($5), $6, $7, text($8), message($9)
}
END { print "\n]\n}" }

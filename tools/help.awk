# The list that `make` prints: "goal :: what it does", a line without "::" is a heading.
BEGIN { print "From accept() to a full web server, in seven servers to run, break and compare." }
NF == 1 { printf "\n%s\n", $1; next }
{ printf "  %-20s %s\n", $1, $2 }

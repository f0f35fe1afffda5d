# starter.awk: solution -> starter. What stands from LAB-BEGIN to LAB-ELSE is left out; what
# stands from LAB-ELSE to LAB-END is a comment in the solution and code in the starter.
# With -v solution=1 it is the other way round: the solution without its markers.
function bad(why) { printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"; failed = 1; exit 1 }
/LAB-BEGIN/ { if (state) bad("LAB-BEGIN inside a LAB-BEGIN"); state = 1; if (!solution) { sub(/LAB-BEGIN/, "TODO"); print } next }
/LAB-ELSE/  { if (state != 1) bad("LAB-ELSE without LAB-BEGIN"); state = 2; next }
/LAB-END/   { if (state != 2) bad("LAB-END without LAB-ELSE"); state = 0; next }
state != (solution ? 2 : 1) { print }
END { if (!failed && state) bad("no LAB-END at the end of the file") }

BEGIN {
	number("TICKS_PER_MS", choose("20 50 250 1000 4000"))
	number("LATE_STATUS", choose("408 503"))
}

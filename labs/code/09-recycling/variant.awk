BEGIN {
	number("SLOTS", pick(5, 12))
	number("PARK_MS", pick(50, 300))
	number("GENERATION_MOST", pick(200, 1200))
}

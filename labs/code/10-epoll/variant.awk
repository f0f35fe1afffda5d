# The bits of the events are shuffled: each one lies STEP places after the one before, of 12.
BEGIN {
	n = split("EP_IN EP_OUT EP_RDHUP EP_HUP", names)
	place = pick(0, 11)
	step = choose("1 5 7 11")
	for (i = 1; i <= n; i++) {
		number(names[i], 2 ^ place)
		place = (place + step) % 12
	}
	number("EP_ONESHOT", 2 ^ pick(16, 22))
	number("EP_ET", 2 ^ pick(23, 30))
	number("CAPACITY", pick(1000, 8000))
}

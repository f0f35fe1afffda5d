BEGIN {
	number("LEAST_MS", pick(40, 100))
	number("MOST_MS", pick(5000, 20000))
	number("MISSED", pick(2, 5))
	number("PROBE_PERCENT", pick(50, 70))
	number("RATE", pick(50, 90))
	number("BURST", pick(20, 40))
	word("PING", choose("PING BEAT TICK"))
	word("PROBE", choose("PROBE ASK THERE ALIVE KNOCK"))
	word("WELCOME", choose("WELCOME GRANTED YES ENTER"))
	word("SAID", choose("SAID TOLD FROM HEARD SPOKE"))
}

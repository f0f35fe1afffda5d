BEGIN {
	step = choose("8 16")
	largest = choose("128 192 256")
	number("STEP", step)
	number("LARGEST", largest)
	number("BATCH", pick(12, 32))
	number("TRIES", pick(2, 5))
	number("POOL_BLOCK", choose("1024 2048 4096"))
}

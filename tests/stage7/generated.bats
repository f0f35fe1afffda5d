# Configurations and requests made by chance: an answer does not depend on how the bytes of the requests arrive.
# Where nginx is installed, it gives the same answers, but for what the README's table lists.
# GENERATED=300 tries more of them, SEED=1000 others.
load lib

@test "alone, in one piece, in pieces: the same answers, and each sentinel in its place" {
	NGINX=$(command -v nginx || true) timeout 600 python3 "$BATS_TEST_DIRNAME/generated.py" "$BUILT/server" "$tmp" "${SEED:-1}" "${GENERATED:-12}" 3>&- 4>&-
}

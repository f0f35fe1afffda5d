# Calls that fail, of those that move bytes and open files.
# long: it begins early
load lib
load faults
# uring asks the kernel for its reads and writes in another way
named="1 2 3 4 5 6 fork thread handoff"

@test "read fails, or gives one byte" {
	# shellcheck disable=SC2086 # words
	STAGES=$(only $named) each_stage fails read ECONNRESET short
}

@test "send fails, or takes one byte" {
	# shellcheck disable=SC2086 # words
	STAGES=$(only $named) each_stage fails send EPIPE short
}

@test "sendfile fails, or takes one byte" {
	# shellcheck disable=SC2086 # words
	STAGES=$(only $named) each_stage fails sendfile EIO short
}

@test "openat, fstat, readlink fail" {
	each_stage fails openat EMFILE
	each_stage fails fstat EIO
	each_stage fails readlink ENOMEM
}

# In the fifth and sixth stage signals come while epoll_pwait waits, and at no other time.
@test "stages 1 to 4: a read, a send or a sendfile that a signal cuts short is tried again" {
	STAGES=$(only 1 2 3 4)
	each_stage fails read EINTR
	each_stage fails send EINTR
	each_stage fails sendfile EINTR
}

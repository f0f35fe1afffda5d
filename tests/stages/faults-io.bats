# Calls that fail, of those that move bytes and open files.
load lib
load faults

@test "read fails, or gives one byte" {
	each_stage fails read ECONNRESET EIO short
}

@test "send fails, or takes one byte" {
	each_stage fails send EPIPE short
}

@test "sendfile fails, or takes one byte" {
	each_stage fails sendfile EIO short
}

@test "openat, fstat, readlink fail" {
	each_stage fails openat EMFILE
	each_stage fails fstat EIO
	each_stage fails readlink ENOMEM
}

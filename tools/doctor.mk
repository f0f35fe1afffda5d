## make doctor :: what this machine has and lacks, and the one command to get it
## make compdb :: compile_commands.json, for editors
## make clean :: remove all that was built
.PHONY: doctor compdb
doctor:
	@tools/doctor
compdb:
	@tools/compdb

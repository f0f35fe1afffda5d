# The judges are judged: a fix or a flaw that is planted in a server changes their verdict, and
# they say why. Here: stage 7.
load judges.bash

@test "reload: workers that end at once, in the middle of what they do" {
	planted_7 's/if (state == RUNNING) {/state = ENDED; if (0) {/' proc/worker.c
	judge reload breaks "while the configuration changed, a request on a"
}

@test "reload: the old workers are not told, and go on with the old configuration" {
	planted_7 '/"reloaded"/,/cycle_destroy/s/let_all_go(SIGQUIT);//' proc/master.c
	judge reload breaks "still a worker with the old configuration"
}

@test "upgrade: a new binary that is not given the sockets" {
	planted_7 's/setenv(variable, text, 1)/setenv(variable, "", 1)/' proc/upgrade.c
	judge upgrade breaks "while the binary changed, a request on a"
}

@test "upgrade: a new binary that can't be run" {
	planted_7 's/execvp(arguments\[0\], arguments)/execvp("\/nonsense", arguments)/' proc/upgrade.c
	judge upgrade breaks "no new process took over" nonsense
}

@test "keep-alive, idle-dropped: stage 7 that closes after each answer, and never lets anybody go" {
	planted_7 's/timer_start(&c->conn->timer, all_leave/if (all_leave) timer_start(\&c->conn->timer, all_leave/; s/if (!r->keepalive) {/if (1) {/' http/client.c
	judge keep-alive breaks "Connection: close"
	judge idle-dropped breaks "for ever"
}

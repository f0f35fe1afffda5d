# The judges are judged: a fix or a flaw that is planted in a server changes their verdict, and
# they say why. Here: many clients, and slow ones.
load judges.bash

@test "silent-client: a select server that reads from a client as soon as it accepts it is stuck in read" {
	planted 02-select 's/^static void on_accept/static void on_event(struct conn *c);\n&/; s/conns\[fd\] = conn_open(fd);/conns[fd] = conn_open(fd); on_event(conns[fd]);/' server.c
	judge silent-client breaks "in read(fd" "when it leaves, all are answered"
}

@test "silent-client: a server that closes silent clients keeps no other client waiting" {
	# SO_RCVTIMEO: stage 1's read gives up after a tenth of a second
	planted 01-blocking 's/c = conn_open(fd);/{ struct { long s, us; } t = {0, 100000}; setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, \&t, sizeof t); } c = conn_open(fd);/' server.c
	judge silent-client holds
}

@test "many-connections: a server that closes from the hundredth on" {
	planted 03-poll 's/if (count == room \&\& /if (count > 100 || count == room \&\& /' server.c
	judge many-connections breaks "closed by the server"
}

@test "slow-reader: stage 5 with sockets that block" {
	# with a share so small as its own, epoll alone would keep it from waiting
	planted 05-epoll-et-nonblock 's/n = sendfile(/fcntl(c->fd, 4, 0); n = sendfile(/; s/256 \* 1024/1 << 30/; 1i #include <fcntl.h>' conn.c
	judge slow-reader breaks "in sendfile(fd"
}

@test "flat-cost: an epoll server that walks over all its clients in each turn" {
	planted 04-epoll-lt 's/int n = epoll_wait/for (struct event *e = ring.next; e != \&ring; e = e->next) { struct stat st; fstat(e->fd, \&st); } int n = epoll_wait/; 1i #include <sys/stat.h>' server.c
	export CLIENTS=2000 ROUNDS=3
	judge flat-cost breaks "times the CPU time a request"
}

@test "no-descriptors: a server that tries again at once is seen running" {
	planted 05-epoll-et-nonblock 's/paused ? 1000 : -1/paused ? 0 : -1/' server.c
	judge no-descriptors breaks "of 20 looks"
}

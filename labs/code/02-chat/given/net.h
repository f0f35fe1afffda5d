/* net.h - sockets: listening. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

int net_listen(int port); /* on 127.0.0.1; ends the program when it can't */
int net_port(int fd);

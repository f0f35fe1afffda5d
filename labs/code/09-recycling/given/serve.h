#pragma once

/* Serves on 127.0.0.1:PORT until SIGTERM, with so many threads that work, and a table of so many slots. */
int serve(int port, int workers, unsigned slots, long park_ms);

/* What io_shutdown and io_close are here. Any thread calls them. */
void serve_shutdown(int fd);
void serve_close(int fd);

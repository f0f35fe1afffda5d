/* conn.h - one connection. */
void conn_step(int fd);

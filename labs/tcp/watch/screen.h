/*
 * screen: the connections in a terminal, drawn again as they change.
 *
 * It draws on the terminal's alternate screen and gives the terminal back as it was, also
 * after a signal: screen_close is safe to call at any time, once or more.
 */
#pragma once

#include <stdbool.h>

bool screen_open(void); /* false: standard output or input is no terminal */
void screen_draw(const char *title, double now, bool (*is_server)(unsigned short port));
void screen_close(void);
bool screen_wants_to_leave(void); /* q was pressed */

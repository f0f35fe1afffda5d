/* play.h - "server puppet": deadlines that you set and take by hand. */
#pragma once

int play(void);

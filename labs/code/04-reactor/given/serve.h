/* serve.h - a small HTTP server on your reactor: every request gets one page. */
#pragma once

int serve(int port); /* until SIGTERM; exit status */

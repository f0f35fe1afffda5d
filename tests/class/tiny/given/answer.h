#pragma once

const char *answer(int line);

#include "io/temp_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>

enum { DIGITS = 10, TRIES = 100 };

/* Each process starts with a random number, so two processes seldom try the same name. */
static uint32_t next_number(bool collided)
{
	static uint32_t number;

	if ((number == 0 || collided) && getrandom(&number, sizeof(number), GRND_NONBLOCK) < 0)
		number += 1000;
	return ++number;
}

/* Writes the part of the path after the folder: one subfolder per level, then the name. */
static char *put_name(char *to, const struct temp_folder *folder, const char digits[DIGITS])
{
	const char *at = digits + DIGITS;

	for (int i = 0; i < TEMP_LEVELS && folder->levels[i] > 0; i++) {
		at -= folder->levels[i];
		*to++ = '/';
		to = put_str(to, (struct str){at, (size_t)folder->levels[i]});
	}
	*to++ = '/';
	return put_str(to, (struct str){digits, DIGITS});
}

static struct str path_of(struct pool *p, const struct temp_folder *folder, uint32_t number)
{
	enum { ROOM = 3 * (TEMP_LEVELS + 1) + DIGITS + 1 };
	char *text = pool_bytes(p, folder->path.len + ROOM), *to = text;
	char digits[DIGITS];

	if (text == NULL)
		return (struct str){NULL, 0};
	for (int i = DIGITS; i-- > 0; number /= 10)
		digits[i] = (char)('0' + number % 10);
	to = put_str(to, folder->path);
	to = put_name(to, folder, digits);
	*to = '\0';
	return str_between(text, to);
}

int folders_make(struct str path, size_t from)
{
	char *text = (char *)path.data;

	for (size_t i = from; i < path.len; i++) {
		int made;

		if (text[i] != '/')
			continue;
		text[i] = '\0';
		made = mkdir(text, 0700);
		text[i] = '/';
		if (made < 0 && errno != EEXIST)
			return -1;
	}
	return 0;
}

static int create(const struct temp_folder *folder, struct str path)
{
	enum { HOW = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC };
	int fd = open(path.data, HOW, 0600);

	if (fd < 0 && errno == ENOENT && folders_make(path, folder->path.len) == 0)
		fd = open(path.data, HOW, 0600);
	return fd;
}

int temp_file_create(struct pool *p, const struct temp_folder *folder, struct str *path)
{
	int fd = -1;

	for (int i = 0; i < TRIES && fd < 0 && (i == 0 || errno == EEXIST); i++) {
		*path = path_of(p, folder, next_number(i > 0));
		if (path->data == NULL)
			return -1;
		fd = create(folder, *path);
	}
	return fd;
}

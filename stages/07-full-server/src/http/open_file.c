#include "http/open_file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/core.h"
#include "io/file.h"
#include "mem/alloc.h"

/* Up to this size a file is read whole when it is opened, and no descriptor stays open for it. */
enum { SMALL_FILE = 65536 };

static void make_etag(struct open_file *f)
{
	char *to = f->etag_text;

	*to++ = '"';
	to = put_hex(to, (uint64_t)f->modified);
	*to++ = '-';
	to = put_hex(to, (uint64_t)f->size);
	*to++ = '"';
	f->etag = str_between(f->etag_text, to);
}

/* A small file that changes while it is read is sent from its descriptor, as a large one is. */
static void read_small(struct open_file *f, const struct stat *st)
{
	char *bytes;

	if (st->st_size > SMALL_FILE)
		return;
	bytes = alloc_large((size_t)st->st_size + 1);
	if (bytes == NULL || !file_read_steady(f->fd, bytes, st)) {
		alloc_large_free(bytes);
		return;
	}
	f->bytes = bytes;
	close(f->fd);
	f->fd = -1;
}

static void look_up(struct open_file *f, const char *path)
{
	struct stat st;

	f->fd = file_open(path, &st);
	if (f->fd < 0) {
		f->error = errno;
		return;
	}
	f->size = st.st_size;
	f->modified = st.st_mtime;
	f->inode = st.st_ino;
	f->device = st.st_dev;
	f->kind = S_ISREG(st.st_mode) ? FILE_REGULAR : S_ISDIR(st.st_mode) ? FILE_FOLDER : FILE_SPECIAL;
	if (f->kind == FILE_REGULAR) {
		make_etag(f);
		read_small(f, &st);
	} else {
		close(f->fd);
		f->fd = -1;
	}
}

static void file_destroy(struct open_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	alloc_large_free(f->bytes);
	alloc_large_free((char *)f->prepared.data);
	alloc_large_free(f);
}

static void release(void *data)
{
	struct open_file *f = data;

	if (--f->holders == 0)
		file_destroy(f);
}

static struct open_file *file_create(struct str path)
{
	struct open_file *f = alloc_large(sizeof(*f) + path.len + 1);
	char *key;

	if (f == NULL)
		return NULL;
	*f = (struct open_file){.fd = -1, .kind = FILE_MISSING};
	key = (char *)(f + 1);
	*put_str(key, path) = '\0';
	f->node.key = (struct str){key, path.len};
	look_up(f, key);
	return f;
}

struct open_file *open_file_get(struct request *r, struct str path)
{
	struct pool_cleanup *hold = pool_cleanup_add(r->pool, NULL);
	struct open_file *f = hold != NULL ? file_create(path) : NULL;

	if (f == NULL)
		return NULL;
	f->holders++;
	hold->data = f;
	hold->run = release;
	return f;
}

int open_file_status(struct request *r, const struct open_file *f, struct str path)
{
	enum log_level level = LOG_ERROR;
	int status;

	switch (f->error) {
	case 0: /* a socket, a device: nothing to be served */
		return 404;
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
		status = 404;
		break;
	case EACCES:
	case EPERM:
	case ELOOP:
		status = 403;
		break;
	case ENXIO: /* a socket, a FIFO without a reader */
		status = 404;
		break;
	default:
		status = 500;
		level = LOG_CRIT;
	}
	if (status != 404 || r->core->log_not_found) {
		errno = f->error;
		request_log_errno(r, level, "open(\"%.*s\")", STR_ARGS(path));
	}
	return status;
}

struct buf *open_file_buf(struct request *r, const struct open_file *f, int64_t from, int64_t to)
{
	struct buf *b;

	if (f->bytes == NULL)
		return buf_file(r->pool, f->fd, from, to);
	b = buf_memory(r->pool, str_between(f->bytes + from, f->bytes + to));
	return b;
}

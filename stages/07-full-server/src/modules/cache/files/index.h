/*
 * index: what is in a cache, in memory that all processes share: the names of the files, their
 * sizes, when each was used last, and which of them are being fetched.
 *
 * The disk is the truth, and the index only counts. A file that is missing here is still found
 * on the disk. A name whose file was removed by hand is dropped when a request looks for it. So
 * the index may be lost at any moment. It is lost when a process is killed in the middle of a
 * change: then it starts again, empty (mem/slab.h), and the manager reads the folder once more.
 *
 * No process keeps a pointer into it. The index notes the pid of the process that stores a
 * file. When that process has ended, other requests may store the file.
 */
#ifndef CACHE_INDEX_H
#define CACHE_INDEX_H

#include "conf/zone.h"
#include "modules/cache/rules/md5.h"

struct cache_name {
	unsigned char bytes[MD5_SIZE];
};

struct index_look {
	uint32_t uses;  /* with this one */
	bool on_disk;   /* there is a file, as far as the index knows */
	bool is_filled; /* a request is fetching it */
	/* the last answer could not be stored, so requests need not wait for the next */
	bool passes;
	/* The index was full: the caller must remove this file, because no name in the index
	 * leads to it. */
	bool evicted;
	struct cache_name evicted_name;
};

enum { INDEX_DROPPED = -1, INDEX_NOT_STORABLE = -2, INDEX_PASS = 2000 /* ms */ };

/* Counts a request for this name. False: there is no room for it, even after an eviction. */
bool index_use(struct zone *z, const struct cache_name *name, struct index_look *look);

/* The same for a request that was counted before, and waits. False: the name is not known any
 * more. */
bool index_look(struct zone *z, const struct cache_name *name, struct index_look *look);

/* Asks to store the answer. Returns a number > 0 for index_end_fill. 0: another request does
 * it, since less than `age` ms; or the name is not known. */
uint32_t index_begin_fill(struct zone *z, const struct cache_name *name, int64_t age);

/* Ends it. `size`: the file is in its place and has that many bytes. INDEX_DROPPED: it was not
 * stored, and another request may try. INDEX_NOT_STORABLE: for INDEX_PASS ms no request waits
 * for it. */
void index_end_fill(struct zone *z, const struct cache_name *name, uint32_t fill, int64_t size);

/* The manager found a file on the disk. False: there is no room for its name. */
bool index_found(struct zone *z, const struct cache_name *name, int64_t size);
void index_drop(struct zone *z, const struct cache_name *name); /* the file was removed */

/* Removes the name of the file that was used longest ago, if that was before `used_before`.
 * False: there is no such file. The caller must remove the file. */
bool index_take_oldest(struct zone *z, int64_t used_before, struct cache_name *name);

struct index_totals {
	int64_t bytes;
	uint32_t files, names;
	bool loaded; /* all files of the folder have been counted since the index was empty */
};

void index_totals(struct zone *z, struct index_totals *t);

/* The manager has read all of the folder. `resets`: the slab's number when it began. If the
 * slab was emptied meanwhile, the index is not loaded. */
void index_set_loaded(struct zone *z, uint32_t resets);

#endif

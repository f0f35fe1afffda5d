/*
 * index: a list of the files in a cache, in memory that all processes share. It contains the
 * name and the size of each file, the time of its last use, and whether a request is storing
 * it.
 *
 * The disk decides which files exist, and the index only counts them. If a name is missing in
 * the index, a request still finds the file on the disk. If a file was removed by hand, the
 * next request for it removes its size from the index. So the index may be lost at any moment.
 * This happens when a process is killed while it changes the index. Then the index is empty
 * again (mem/slab.h), and the manager reads the folder again.
 *
 * No process keeps a pointer into the index. For each answer that is being stored, the index
 * contains the pid of the process. When this process has ended, other requests may store the
 * answer.
 */
#ifndef CACHE_INDEX_H
#define CACHE_INDEX_H

#include "conf/zone.h"
#include "modules/cache/rules/md5.h"

struct cache_name {
	unsigned char bytes[MD5_SIZE];
};

struct index_look {
	uint32_t uses;  /* the number of requests for this name, with this request */
	bool on_disk;   /* there is a file, as far as the index knows */
	bool is_filled; /* a request is storing the answer */
	/* the last answer could not be stored, so requests should not wait for the next one */
	bool passes;
	/* The index was full and has lost the name evicted_name. The caller must remove the
	 * file with this name, because the index does not count it any more. */
	bool evicted;
	struct cache_name evicted_name;
};

enum { INDEX_DROPPED = -1, INDEX_NOT_STORABLE = -2, INDEX_PASS = 2000 /* ms */ };

/* Counts a request for this name. Returns false when there is no room for the name, even after
 * an eviction. */
bool index_use(struct zone *z, const struct cache_name *name, struct index_look *look);

/* Looks at the name again without counting the request, for a request that waits. Returns false
 * when the name is not in the index any more. */
bool index_look(struct zone *z, const struct cache_name *name, struct index_look *look);

/* Asks for the right to store the answer. Returns a number > 0 for index_end_fill. Returns 0
 * when another request has had this right for less than `age` ms, or when the name is
 * unknown. */
uint32_t index_begin_fill(struct zone *z, const struct cache_name *name, int64_t age);

/* Gives the right back. `size` is the size of the stored file. INDEX_DROPPED means that nothing
 * was stored, and another request may try. INDEX_NOT_STORABLE means that the answer cannot be
 * stored, so for INDEX_PASS ms no request waits for it. */
void index_end_fill(struct zone *z, const struct cache_name *name, uint32_t fill, int64_t size);

/* Notes the size of a file that is on the disk: it was found there, or stored now. Returns
 * false when there is no room for its name. */
bool index_found(struct zone *z, const struct cache_name *name, int64_t size);
void index_drop(struct zone *z, const struct cache_name *name); /* the file was removed */

/* Removes the name of the least recently used file, if its last use was before `used_before`.
 * Returns false when there is no such file. The caller must remove the file. */
bool index_take_oldest(struct zone *z, int64_t used_before, struct cache_name *name);

struct index_totals {
	int64_t bytes;
	uint32_t files, names;
	bool loaded; /* the index contains all files of the folder */
};

void index_totals(struct zone *z, struct index_totals *t);

/* Call this function when the manager has read the whole folder. `resets` is the number of the
 * slab's resets when the manager began. If the slab was emptied in the meantime, the index does
 * not count as loaded. */
void index_set_loaded(struct zone *z, uint32_t resets);

#endif

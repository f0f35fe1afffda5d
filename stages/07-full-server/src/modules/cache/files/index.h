/*
 * index: what is in a cache, in the memory that all processes share: the names of the files,
 * their sizes, when each was used last, and which of them is being fetched.
 *
 * The disk is the truth and the index only counts: a file that is missing here is found on
 * the disk all the same, and a name whose file was removed by hand is dropped when somebody
 * looks. So the index may be lost at any moment, and it is: when a process is killed in the
 * middle of a change, it begins again, empty (mem/slab.h), and the manager reads the folder
 * once more.
 *
 * No process keeps a pointer into it. What a killed process was about to store is noted with
 * its pid, and free again when that process is gone.
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
	bool on_disk;   /* as far as is known */
	bool is_filled; /* a request is fetching it */
	bool passes;    /* the last answer must not be stored: nobody needs to wait for the next */
	/* The index was full: this file must be removed, because nothing knows it any more. */
	bool evicted;
	struct cache_name evicted_name;
};

enum { INDEX_DROPPED = -1, INDEX_NOT_STORABLE = -2, INDEX_PASS = 2000 /* ms */ };

/* A request wants it. False: there is no room for it, even after an eviction. */
bool index_use(struct zone *z, const struct cache_name *name, struct index_look *look);

/* The same for a request that has been counted, and waits. False: it is not known any more. */
bool index_look(struct zone *z, const struct cache_name *name, struct index_look *look);

/* Who stores it? Returns a number > 0 for index_end_fill, or 0: another request does, for less
 * than `age` ms; or the name is not known. */
uint32_t index_begin_fill(struct zone *z, const struct cache_name *name, int64_t age);

/* The file is in its place, with that many bytes; or it was not stored: INDEX_DROPPED, and the
 * next one may try; INDEX_NOT_STORABLE: for INDEX_PASS ms nobody waits. */
void index_end_fill(struct zone *z, const struct cache_name *name, uint32_t fill, int64_t size);

/* A file was found on the disk; false: no room for its name. */
bool index_found(struct zone *z, const struct cache_name *name, int64_t size);
void index_drop(struct zone *z, const struct cache_name *name); /* its file is gone */

/* Removes the file that was used longest ago from the index, if that was before `used_before`.
 * False: there is none. The caller removes it from the disk. */
bool index_take_oldest(struct zone *z, int64_t used_before, struct cache_name *name);

struct index_totals {
	int64_t bytes;
	uint32_t files, names;
	bool loaded; /* all files of the folder have been counted since it was empty */
};

void index_totals(struct zone *z, struct index_totals *t);

/* All files were found. `resets`: the slab's, from before: if it was emptied meanwhile, it is not
 * loaded. */
void index_set_loaded(struct zone *z, uint32_t resets);

#endif

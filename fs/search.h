/* A search for descriptors: which processes have files of some mounts open. It goes by what /proc
 * says of them; the mounts themselves are asked nothing, since they may be dead, or ours. */
#ifndef FS_SEARCH_H
#define FS_SEARCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A descriptor of a file that may be one of locks/. */
struct finding {
	int32_t pid;
	uint64_t inode;
	const char *spec; /* its name in locks/; NULL: that cannot be told */
	int dir;          /* of the descriptors of a thread that has it … */
	const char *fd;   /* … under this number */
};

/* Why a process may have descriptors that are not seen. */
enum hiding {
	HIDING_CLOSED, /* we may not look into it */
	HIDING_PASSED, /* some are on their way to it through a socket */
};

/* What is looked for, and whom to tell. */
struct search {
	bool (*wanted)(void *context, dev_t device); /* whether files there are */
	void (*found)(void *context, const struct finding *finding);
	void (*hidden)(void *context, int32_t pid, enum hiding hiding);
	void *context;
};

/* Looks at one process, as all threads of it see its descriptors. */
void search_process(const struct search *search, int32_t pid);

/* Whether what was found is there still; only while it is told of. */
bool search_still(const struct finding *finding);

/* Whether /proc shows all processes, and numbers them as we do. */
bool search_sees(void);

/* Looks at all processes. False: not every one may have been seen. */
bool search_all(const struct search *search);

#endif

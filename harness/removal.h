/* What is to be removed, as text: words of a command line, or what ipcmk printed. */
#ifndef REMOVAL_H
#define REMOVAL_H

#include "jsonread.h"
#include "resource_text.h"

struct doomed {
	struct resource r;
	bool by_key;			/* named by its key: the id is to be found out */
	struct doomed *next;
};

struct removals {
	struct doomed *first, **end;
	struct arena arena;
};

void removals_open(struct removals *all);
void removals_free(struct removals *all);
/* "msg:5", "shm:key=0x11", "posix-mq:/jobs", "dir:spool". False with what is wrong in p. */
bool removals_word(struct removals *all, const char *word, struct problem *p);
/* The output of ipcmk, plain or JSON, several of them one after the other. */
bool removals_text(struct removals *all, const char *text, size_t len, struct problem *p);

#endif

/* The accounts of a system: who could make a call, and names for ids. */
#ifndef ACCOUNTS_H
#define ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

struct account {
	const char *name;		/* as the system has it: may hold any byte but NUL */
	uint32_t uid, gid;
	size_t ngroups;
	uint32_t *groups;		/* supplementary, in order */
};

struct groupname { const char *name; uint32_t gid; };

struct accounts {
	size_t n, ngroups;
	struct account *v;		/* in order of uid, then of name */
	struct groupname *group;
	struct arena arena;
};

/*
 * Reads the system's accounts, or with dir the files passwd and group in it. False with a sentence in err.
 */
bool accounts_load(struct accounts *a, const char *dir, char *err, size_t errsize);
void accounts_free(struct accounts *a);
/* NULL when there is none of that name, id; the first in order when there are several. */
const struct account *account_named(const struct accounts *a, const char *name, size_t len);
const struct account *account_of(const struct accounts *a, uint32_t uid);
const struct groupname *group_named(const struct accounts *a, const char *name, size_t len);

#endif

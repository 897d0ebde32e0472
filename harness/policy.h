/* Which objects may be in an IPC namespace: an allow-list that people write and commit. */
#ifndef POLICY_H
#define POLICY_H

#include "accounts.h"
#include "inventory.h"

struct wanted { bool given; int64_t v; };

/*
 * "allow msg key=0x11 owner=alice:team mode=0660", or require for what must be there. What is not said may be
 * anything, and so may *.
 */
struct policy_line {
	int line;			/* in the file */
	bool required;
	enum family family;		/* NFAMILIES: any */
	struct wanted uid, gid, cuid, cgid, key, mode;
	bool most;			/* mode<=: no other bits than these */
};

struct policy {
	size_t n, cap;
	struct policy_line *v;
	struct arena arena;
};

/* False with "file:line:column: found ..., expected ..." in err. */
bool policy_read(struct policy *p, const char *path, const struct accounts *a, char *err, size_t errsize);
void policy_free(struct policy *p);
/* The first line that allows the object, or NULL; then near is the one that differs in least, or NULL. */
const struct policy_line *policy_allows(const struct policy *p, const struct objview *o,
					const struct policy_line **near);
bool policy_matches(const struct policy_line *l, const struct objview *o);
/* The name of a field in which the object differs from the line, one after the other; NULL past the last. */
const char *policy_difference(const struct policy_line *l, const struct objview *o, int i);

#endif

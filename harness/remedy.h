/* The smallest changes that would allow a call: tried on the model, never concluded. */
#ifndef REMEDY_H
#define REMEDY_H

#include "scene.h"

struct change {
	enum { SET_MODE, SET_UID, SET_GID, JOIN_GROUP, BECOME, HOLD_CAP } what;
	int64_t value;
};

struct remedy {
	int n;				/* changes that it takes, 1 or 2 */
	struct change change[2];
	bool file;			/* it is about a file */
	bool initial_user;		/* the capability must be held in the initial user namespace */
	size_t nadmitted;		/* accounts that it would admit besides, and */
	const struct account **admitted;	/* them, in order */
	bool anybody;			/* it would admit a user without any relation to the object */
};

struct remedies { size_t n, cap; struct remedy *v; };

/*
 * Fills list with every single change that lets the caller of the scene's question go on, or where there is
 * none with every pair of changes. The scene's caller and object are as before afterwards. False when out of
 * memory. Accounts in remedies belong to a, lists of them to the arena of the scene.
 */
bool remedies_find(struct remedies *list, struct scene *s, const struct caller *c, const struct question *q,
		   const struct accounts *a);
void remedies_free(struct remedies *list);
/* "set the mode to 0660" */
void remedy_print(struct json *t, const struct remedy *r);
void remedy_json(struct json *j, const struct remedy *r);

#endif

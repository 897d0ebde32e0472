/* Creates all that was ordered, or nothing. */
#ifndef CREATE_H
#define CREATE_H

#include "order.h"

/*
 * Who creates: the kernel, or a model that only foresees. As resource_create and so on; find gives the id of
 * the System V object with the key of r, or -1.
 */
struct maker {
	bool (*create)(void *ctx, struct resource *r, struct failure *f);
	bool (*take)(void *ctx, struct resource *r, struct failure *f);
	int64_t (*find)(void *ctx, const struct resource *r, struct failure *f);
	bool (*remove)(void *ctx, const struct resource *r, struct failure *f);
	void *ctx;
};
extern const struct maker kernel_maker;

struct creation {
	size_t n;
	struct resource made[NRESOURCES];	/* in order of creation */
	bool existed[NRESOURCES];		/* it was there before */
};

/* False after a complaint; what had been created is then removed. */
bool create_all(struct order *o, const struct maker *m, struct creation *c);
/* Removes what was created; complains about what cannot be removed. */
void create_undo(struct order *o, const struct maker *m, struct creation *c);

#endif

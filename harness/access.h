/* What people may do with an object. Each answer is the model's. */
#ifndef ACCESS_H
#define ACCESS_H

#include "inventory.h"
#include "scene.h"

enum deed { DEED_READ, DEED_WRITE, DEED_CONTROL, DEED_EXEC, NDEEDS };
/* "send to it"; NULL where a family does not have the deed. */
extern const char *const deed_words[NFAMILIES][NDEEDS];

enum { OPSMAX = 24 };

/* Every question that is asked, read once. */
struct menu {
	struct question deed[NFAMILIES][NDEEDS];
	int nops[NFAMILIES];
	struct question op[NFAMILIES][OPSMAX];	/* every operation, and variants that ask for other bits */
};
bool menu_read(struct menu *m, struct arena *a);	/* false when out of memory */

/* One object, and who is asked about it. */
struct desk {
	const struct menu *menu;
	const struct objview *object;
	struct scene scene;
	struct arena arena;
};
/* False when out of memory. */
bool desk_open(struct desk *d, const struct menu *m, const struct objview *o, const struct limits *limits);
void desk_close(struct desk *d);
bool desk_may(struct desk *d, const struct caller *c, enum deed deed);
/* By what; as model_grounds on Linux. */
void desk_grounds(struct desk *d, const struct caller *c, enum deed deed, struct grounds *g);
/* The set of operations, by position in the menu. */
uint32_t desk_ops(struct desk *d, const struct caller *c);

/* People who stand for a relation to the object and have no other. */
enum relation { REL_OWNER, REL_CREATOR, REL_GROUP, REL_CREATOR_GROUP, REL_STRANGER, NRELATIONS };
void relation_caller(struct caller *c, const struct objview *o, enum relation r);

#endif

/*
 * One object and one caller, as a world of the model and as calls on a kernel. Whatever is said about access
 * is asked here.
 */
#ifndef SCENE_H
#define SCENE_H

#include "caller.h"
#include "model.h"
#include "object.h"

/* A call on the object; where it is named there is a reference to be resolved. */
struct question {
	struct op op;
	bool names_key;			/* it is a get call: the object is named by its key */
	char text[200];			/* in canonical spelling, the object as id or key */
};

/*
 * Reads "msgrcv", with arguments that ask for the permission and nothing else, or "shmat(id, 0, SHM_RDONLY)"
 * in the notation of cases, where id is the object, in a get call key. False with "found ..., expected ..."
 * in err.
 */
bool question_parse(struct question *q, const char *text, struct arena *a, char *err, size_t errsize);
/* The operations that can be asked about, one after the other; false past the last. */
bool question_at(int i, enum opcode *code);
/* The question about an operation with its usual arguments. */
bool question_usual(struct question *q, enum opcode code, struct arena *a);
/*
 * The same about files: "connect", or "open(dir_node, O_RDONLY)" in full, about an object of type *type, an
 * enum cellkind, or if that is -1 of what the operation is about most often, which is stored there.
 */
bool question_file(struct question *q, const char *text, int *type, struct arena *a, char *err,
		   size_t errsize);
/* Is it a call that file access permissions decide? */
bool question_about_file(const char *text);

enum { SCENE_MAKER, SCENE_CALLER, ACTORS };
enum { SETUPMAX = 6 };

struct scene {
	struct world *world;
	struct facts facts;
	struct objview object;		/* as asked for */
	struct record rec;		/* of the one in the world */
	struct op setup[SETUPMAX];	/* how the maker makes it; the first gives its id */
	int nsetup;
	int64_t id;
	struct arena *arena;
};

/*
 * The object without its size, unless the operation looks at it: a large segment cannot be made everywhere,
 * and a small one can be locked.
 */
struct objview object_sized(const struct objview *o, enum opcode code);
/* limits may be NULL: those of a new namespace. False when there can be no such object. */
bool scene_open(struct scene *s, const struct objview *o, const struct limits *limits, bool initial_user,
		struct arena *a, char *err, size_t errsize);
void scene_close(struct scene *s);
/* Changes owner, group and mode of the object, and who calls. */
void scene_object(struct scene *s, const struct objview *o);
void scene_caller(struct scene *s, const struct cred *c);
/* The call as the model takes it. */
struct op scene_call(const struct scene *s, const struct question *q);

/* What the model says under a profile. */
void scene_judge(const struct scene *s, const struct question *q, const struct profile *p, struct verdict *v);
bool scene_allows(const struct scene *s, const struct question *q);	/* on Linux */

/* Who makes the object, and a call of setup with the object's id put in. */
struct cred scene_maker(const struct objview *o);
struct op scene_step(struct op op, int64_t id);

/* ---- verify.c: on a kernel ------------------------------------------------------------------------- */

/* What a kernel said. */
struct trial_answer {
	enum { NOT_TRIED, AGREES, DISAGREES } word;
	char why[300];			/* of NOT_TRIED; else what the kernel answered */
	bool renamed;			/* with other ids, as these cannot be had */
};
/*
 * Makes object and caller in a box and lets the caller call. Where ids or capabilities cannot be had there,
 * others stand in for them, as long as that makes no difference to the model.
 */
void scene_verify(const struct scene *s, const struct question *q, struct trial_answer *to);

#endif

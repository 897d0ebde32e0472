/* What an auditor should know of an IPC namespace. */
#ifndef AUDIT_H
#define AUDIT_H

#include "access.h"
#include "inventory.h"
#include "policy.h"

enum level { LEVEL_NOTE, LEVEL_WARNING, LEVEL_ERROR, NLEVELS };
extern const char *const level_name[NLEVELS];		/* as SARIF has it */

enum audit_rule {
#define OBJECT_RULE(name, ...) AUDIT_##name,
#define SPACE_RULE(name, ...) AUDIT_##name,
#include "audit.def"
#undef OBJECT_RULE
#undef SPACE_RULE
	NAUDITS
};
struct auditinfo { const char *id; enum level level; const char *title, *why, *remedy; };
extern const struct auditinfo auditinfo[NAUDITS];

struct finding_of {
	enum audit_rule rule;
	const struct objview *object;	/* NULL: of the namespace */
	const char *reason;		/* a sentence; safe to print */
	const char *remedy;
	int line;			/* of the policy that it is about, or 0 */
};

struct audit {
	const struct inventory *inv;
	const struct policy *policy;	/* or NULL */
	int64_t near;			/* percent of a limit that are near it */
	struct menu menu;
	size_t n, cap;
	struct finding_of *v;		/* in order of object, then of rule; those of the namespace last */
	bool failed;			/* out of memory */
	struct arena arena;
};

/* False when out of memory. */
bool audit_run(struct audit *a, const struct inventory *inv, const struct policy *policy, int64_t near);
void audit_free(struct audit *a);
/* How many findings are of each level. */
void audit_count(const struct audit *a, size_t count[NLEVELS]);

void audit_print(struct json *t, const struct audit *a);
void audit_json(struct json *j, const struct audit *a);
void audit_sarif(struct json *j, const struct audit *a, const char *policy_path);
/* "segment 5, key 0x.., owner alice:team, ..." */
void object_named(struct json *t, const struct objview *o, const struct accounts *a);

/* ---- for rules ------------------------------------------------------------------------------- */

/* Adds a finding; reason is taken over. remedy NULL: that of the rule. Returns it, or NULL without memory. */
struct finding_of *audit_add(struct audit *a, enum audit_rule rule, const struct objview *o,
			     struct json *reason, const char *remedy);
const char *audit_text(struct audit *a, const struct json *text);	/* a copy in the arena */
/* "alice (1000)", or the number alone */
void user_named(struct json *t, uint32_t uid, const struct accounts *a);
void group_of_name(struct json *t, uint32_t gid, const struct accounts *a);

#define OBJECT_RULE(name, ...) void rule_##name(struct audit *a, struct desk *d);
#define SPACE_RULE(name, ...) void rule_##name(struct audit *a);
#include "audit.def"
#undef OBJECT_RULE
#undef SPACE_RULE

#endif

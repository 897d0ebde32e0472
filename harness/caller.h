/* Who makes a call, as text, as an account or as a process. */
#ifndef CALLER_H
#define CALLER_H

#include "accounts.h"
#include "json.h"
#include "real.h"
#include "vocab.h"

struct caller {
	char label[120];		/* "alice", "process 7"; safe to print. "" for ids alone */
	struct cred cred;		/* without supplementary groups */
	const uint32_t *groups;		/* which belong to whoever gave them */
	size_t ngroups;
	bool initial_user;		/* its capabilities are held in the initial user namespace */
};

/*
 * "1000:1000:5,27+CAP_IPC_OWNER", with names of accounts or numbers; or an account's name or uid alone, which
 * stands for all its groups, and for every capability when it is root's. False with what was found and
 * expected in err.
 */
bool caller_parse(struct caller *c, const char *text, const struct accounts *a, struct arena *arena,
		  char *err, size_t errsize);
void caller_account(struct caller *c, const struct account *a);
/* w must outlive c. */
void caller_process(struct caller *c, pid_t pid, const struct whois *w);
/* A user without any relation to the object. */
void caller_stranger(struct caller *c, const struct objview *o);
/* As the model and the kernel take it. Of too many groups those that matter for o. */
struct cred caller_cred(const struct caller *c, const struct objview *o);
/* "alice: uid 1000 gid 1000 groups 5,27 +CAP_IPC_OWNER" */
void caller_print(struct json *t, const struct caller *c);
void caller_json(struct json *j, const char *key, const struct caller *c);

#endif

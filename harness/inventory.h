/*
 * All that is known of an IPC namespace at one time: its objects and limits, the accounts, and who lives. It
 * can be kept as a file and read back.
 */
#ifndef INVENTORY_H
#define INVENTORY_H

#include "accounts.h"
#include "json.h"
#include "real.h"

struct inventory {
	struct nsfiles files;
	struct accounts accounts;
	char date[32];			/* when, "2026-01-31T12:00:00Z" */
	int64_t page;			/* bytes */
	bool processes_seen;		/* those of all users could be looked at */
	size_t npids, nuids;
	int64_t *pids;			/* that objects name and that live, in order */
	uint32_t *uids;			/* that objects name and that have a process, in order */
	struct arena arena;
};

/* That of process pid, 0 for the caller's; accounts as in accounts_load. False with a sentence in err. */
bool inventory_take(struct inventory *v, pid_t pid, const char *accounts, char *err, size_t errsize);
/* From a regular file. False with "file:line:column: found ..., expected ..." in err. */
bool inventory_read(struct inventory *v, const char *path, char *err, size_t errsize);
void inventory_free(struct inventory *v);
/* As inventory_read takes it; the same inventory gives the same text. */
void inventory_json(struct json *j, const struct inventory *v);

bool inventory_lives(const struct inventory *v, int64_t pid);
bool inventory_user_lives(const struct inventory *v, uint32_t uid);
/* NULL when there is none. */
const struct objview *inventory_find(const struct inventory *v, enum family f, int64_t id);

#endif

#include <string.h>

#include "prose.h"
#include "resource_text.h"

const struct resourceinfo resourceinfo[NRESOURCES] = {
	[RES_SHM] = { "shm", " shmem segment ", "Shared memory id", "create share memory failed",
		      "shared memory segment", NAMED_BY_ID },
	[RES_POSIX_SHM] = { "posix-shm", " posix-shmem ", "POSIX shared memory name",
			    "create POSIX shared memory failed", "POSIX shared memory", NAMED_BY_SLASH },
	[RES_MSG] = { "msg", " queue message ", "Message queue id", "create message queue failed",
		      "message queue", NAMED_BY_ID },
	[RES_POSIX_MQ] = { "posix-mq", " posix-mqueue posixmq mq ", "POSIX message queue name",
			   "create POSIX message queue failed", "POSIX message queue", NAMED_BY_SLASH },
	[RES_SEM] = { "sem", " semaphore ", "Semaphore id", "create semaphore failed", "semaphore set",
		      NAMED_BY_ID },
	[RES_POSIX_SEM] = { "posix-sem", " posix-semaphore ", "POSIX semaphore name",
			    "create POSIX semaphore failed", "POSIX semaphore", NAMED_BY_SLASH },
	[RES_DIR] = { "dir", " directory ", "Directory path", "create directory failed", "directory",
		      NAMED_BY_PATH },
	[RES_FIFO] = { "fifo", " ", "FIFO path", "create FIFO failed", "FIFO", NAMED_BY_PATH },
	[RES_SOCKET] = { "socket", " ", "Socket path", "create socket failed", "socket", NAMED_BY_PATH },
};

static bool among(const char *word, size_t len, const char *list)
{
	for (const char *at = list + 1; *at; at += strcspn(at, " ") + 1)
		if (strcspn(at, " ") == len && !strncmp(at, word, len))
			return true;
	return false;
}

enum resource_type resource_type_of(const char *word, size_t len)
{
	for (int i = 0; i < NRESOURCES; i++) {
		const struct resourceinfo *info = &resourceinfo[i];

		if ((strlen(info->word) == len && !strncmp(info->word, word, len))
		    || among(word, len, info->aliases))
			return (enum resource_type)i;
	}
	return NRESOURCES;
}

bool resource_name_ok(const char *name)
{
	if (!*name)
		return false;
	for (; *name; name++)
		if ((unsigned char)*name < ' ' || *name == '\x7f')
			return false;
	return true;
}

void resource_line(struct json *t, const struct resource *r)
{
	const struct resourceinfo *info = &resourceinfo[r->type];

	if (info->named == NAMED_BY_ID)
		prose(t, "%s: %lld\n", info->line, (long long)r->id);
	else
		prose(t, "%s: %s\n", info->line, r->name);
}

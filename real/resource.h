/*
 * The resources by which processes communicate, System V or other: created, taken and removed by system
 * calls. System V objects are created by ipcmk().
 */
#ifndef RESOURCE_H
#define RESOURCE_H

#include <sys/types.h>

#include "vocab.h"

/* In the order in which several are created. */
enum resource_type {
	RES_SHM, RES_POSIX_SHM, RES_MSG, RES_POSIX_MQ, RES_SEM, RES_POSIX_SEM,
	RES_DIR, RES_FIFO, RES_SOCKET,
	NRESOURCES
};

/* The family of a System V type; NFAMILIES for others. */
enum family resource_family(enum resource_type type);

struct resource {
	enum resource_type type;
	int32_t key;			/* System V */
	int64_t id;			/* System V: set by creation */
	const char *name;		/* of others: a path, or the name of a POSIX object, "/name" */
	uint64_t size;			/* segments: bytes. Sets: semaphores */
	uint64_t capacity;		/* queues: bytes (System V), messages (POSIX); 0: the usual */
	int64_t mode;			/* low nine bits; less the umask where there is a name */
	int64_t uid, gid;		/* who is to own it, -1: whoever creates it */
	const char *label;		/* SELinux context of what has a name; NULL: the usual one */
	dev_t dev;			/* files: set by creation */
	ino_t ino;
};

/* Why something was not done: the call that failed and its errno value. */
struct failure { const char *call; int err; };

/*
 * Creates it, or fails with EEXIST when there is one. What was created before a later step failed is
 * removed. Sets id, or dev and ino.
 */
bool resource_create(struct resource *r, struct failure *f);
/*
 * The same, but takes what exists: a System V object as its get call decides; another if it is of the type,
 * and a segment of the size. Owner, mode and capacity of what exists are left alone.
 */
bool resource_take(struct resource *r, struct failure *f);
/* Removes that of this id or name, if it is of the type; a directory only if it is empty. */
bool resource_remove(const struct resource *r, struct failure *f);
/* The id of the System V object with the key of r, or -1. Needs no right to it. */
int64_t resource_id(const struct resource *r, struct failure *f);

/*
 * What has the name of a resource that has one, and the directory that the name lies in; of a queue there is
 * none to be seen. Changes nothing. seen is false, with why, when it cannot be told whether anything has it.
 */
struct whereabouts {
	bool seen, there, has_folder;
	bool hidden;			/* there, but not who owns it and its mode: it may not be read */
	const char *why;
	uint32_t uid, gid, mode;	/* of what is there, type included */
	uint64_t size;			/* of what is there; of a queue 0 */
	uint32_t folder_uid, folder_gid, folder_mode;
};
void resource_look(const struct resource *r, struct whereabouts *w);

/* What bounds the queues of POSIX in this namespace and of this process. */
struct queue_limits {
	int64_t queues, messages;	/* at most, without CAP_SYS_RESOURCE; messages of a queue */
	int64_t usual_messages, usual_bytes;	/* of a queue about which nothing is said; bytes of each */
	int64_t bytes;			/* of all queues of the user, RLIMIT_MSGQUEUE */
};
/* False when the kernel does not tell. */
bool resource_queue_limits(struct queue_limits *l);

/* Does the kernel have SELinux? */
bool selinux_here(void);
/*
 * The label of what has a name and is created from now on, where the file system takes it from there. Fails
 * for a context of which the kernel does not think as it is written: its policy has none such, or there is
 * none.
 */
bool selinux_label(const char *context, struct failure *f);

#endif

/* What resources are called by commands: to be printed, and to be read. */
#ifndef RESOURCE_TEXT_H
#define RESOURCE_TEXT_H

#include "json.h"
#include "resource.h"

struct resourceinfo {
	const char *word;		/* "posix-mq", as in posix-mq:/name */
	const char *aliases;		/* further words, each between blanks */
	const char *line;		/* "Message queue id", as ipcmk tells of what it created */
	const char *failed;		/* "create message queue failed" */
	const char *what;		/* "message queue" */
	enum { NAMED_BY_ID, NAMED_BY_SLASH, NAMED_BY_PATH } named;
};
extern const struct resourceinfo resourceinfo[NRESOURCES];

/* The type that a word of len characters stands for, or NRESOURCES. */
enum resource_type resource_type_of(const char *word, size_t len);
/* Can this be the name of a resource? One with a control character could pass for several in a list. */
bool resource_name_ok(const char *name);
/* "Message queue id: 5" */
void resource_line(struct json *t, const struct resource *r);

#endif

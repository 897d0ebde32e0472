/* An object whose access is asked about, as text; its fields are those of a status record. */
#ifndef OBJECT_H
#define OBJECT_H

#include "accounts.h"
#include "json.h"
#include "vocab.h"

/*
 * Puts "owner=1000:1000", "creator=...", "mode=0640", "key=...", "nsems=..." or "size=..." into o; ids may be
 * names of accounts. A field that was put in before is an error. False with "found ..., expected ..." in err.
 */
bool object_word(struct objview *o, const char *word, const struct accounts *a, char *err, size_t errsize);
/* Is o what the word says, "fifo", "posix-shm", ...? Of family NODES the type is an enum cellkind. */
bool object_type(struct objview *o, const char *word, char *err, size_t errsize);
/* What was left out: the creator is the owner, the mode 0600. False when there is no owner. */
bool object_complete(struct objview *o, char *err, size_t errsize);
/* Puts "mode=0640,uid=1000,gid=..,cuid=..,cgid=.." into o, over what is there. */
bool object_change(struct objview *o, const char *text, const struct accounts *a, char *err, size_t errsize);
/* "message queue", "FIFO" */
const char *object_kind_of(const struct objview *o);
/* "message queue 7, key 0x11, owner 0:0, creator 0:0, mode 0640" */
void object_print(struct json *t, const struct objview *o);
/* The members of its record, all of them. */
void object_json(struct json *j, const struct objview *o);
extern const char *const object_kind[NFAMILIES];	/* "message queue" */
extern const char *const family_name[NFAMILIES];	/* "msg" */

/* ---- numbers and names ----------------------------------------------------------------------- */

/* Decimal, 0octal or 0xhex with a sign, all of text, from lo to hi. */
bool number_of(const char *text, int64_t lo, int64_t hi, int64_t *v);
/* A number from 0 to 4294967294 or the name of an account, group: len characters. */
bool uid_of(const char *text, size_t len, const struct accounts *a, uint32_t *id);
bool gid_of(const char *text, size_t len, const struct accounts *a, uint32_t *id);

#endif

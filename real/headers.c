/*
 * What the C library's headers define. Members that are missing do not compile, nor do types, but where
 * others of no size are put in their place; of a macro that is missing the row is left out.
 */
#include <errno.h>

#include "internal.h"

#ifdef __dietlibc__
#include "dietlibc.h"
#else
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/types.h>
#endif

static const struct definition { bool known; long size; } definitions[NDEFINITIONS] = {
#define CONSTANT(name, value, clause)
#define TYPE(name, type, size, clause) [H_##name] = { sizeof(type) > 0, sizeof(type) },
#define MEMBER(structure, member, size, clause) \
	[H_##structure##_##member] = { true, sizeof(((struct structure *)0)->member) },
#include "headers.def"
#undef CONSTANT
#undef TYPE
#undef MEMBER
#define DEFINED(name) [H_##name] = { true, 0 },
#include "macros.def"
#undef DEFINED
};

/* Not every macro is a constant: SHMLBA may ask the system. */
static long value_of(enum header name)
{
	switch (name) {
#define DEFINED(name) case H_##name: return (long)(name);
#include "macros.def"
#undef DEFINED
	default: return definitions[name].size;
	}
}

long header_value(enum header name, int *err)
{
	if (definitions[name].known)
		return value_of(name);
	*err = ENOENT;
	return -1;
}

/* System calls without a C library. A failure is a negative value, -errno. */
#ifndef BARE_H
#define BARE_H

#include <asm/unistd.h>

#ifdef __x86_64__
static inline long bare5(long nr, long a, long b, long c, long d, long e)
{
	register long fourth __asm__("r10") = d;
	register long fifth __asm__("r8") = e;
	long ret;

	__asm__ volatile("syscall" : "=a"(ret) : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth)
			 : "rcx", "r11", "memory");
	return ret;
}

static inline long bare(long nr, long a, long b, long c, long d)
{
	return bare5(nr, a, b, c, d, 0);
}
#else
#error "bare calls of this processor are missing here"
#endif

#endif

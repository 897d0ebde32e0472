/*
 * Calls through functions of a C library. One that reads or stores the caller's memory itself may raise a
 * signal where the kernel would fail with EFAULT, so that each call is made with handlers for them.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>

#include "internal.h"

static _Thread_local sigjmp_buf *in_call;

/* Outside of a call the signal comes again, and has its usual effect. */
static void on_fault(int sig)
{
	if (in_call)
		siglongjmp(*in_call, sig);
	signal(sig, SIG_DFL);
}

bool libc_has(enum opcode code)
{
	return libc_function(code);
}

void libc_call(struct slot *s)
{
	const struct sigaction sa = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	sigjmp_buf place;

	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	in_call = &place;
	s->sig = sigsetjmp(place, 0);
	if (!s->sig) {
		s->ret = libc_function(s->op.code)(s);
		s->err = errno;
	}
	in_call = NULL;
}

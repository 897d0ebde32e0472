#include <signal.h>
#include <stddef.h>

#include "interrupt.h"

volatile int interrupted;

static void keep(int signo)
{
	interrupted = signo;
}

void interrupts_keep(void)
{
	const struct sigaction sa = { .sa_handler = keep };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
}

const char *interrupt_name(int signo)
{
	switch (signo) {
	case 0: return NULL;
	case SIGINT: return "SIGINT";
	case SIGTERM: return "SIGTERM";
	default: return "SIGHUP";
	}
}

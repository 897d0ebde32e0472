/* ---- threads, which share their process but have credentials of their own ----------------------------- */

#include <pthread.h>

static void *live(void *arg)
{
	const int actor = (int)(long)arg;

	__atomic_store_n(&shared->tid[actor], (pid_t)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
	serve(actor);
	return NULL;
}

/* By the C library, so that the thread has an errno of its own. */
TOOL long threaded(int actor)
{
	pthread_t thread;

	shared->pid[actor] = shared->pid[me];
	errno = pthread_create(&thread, NULL, live, (void *)(long)actor);
	while (!errno && !__atomic_load_n(&shared->tid[actor], __ATOMIC_SEQ_CST))
		sched_yield();
	return errno ? -1 : shared->tid[actor];
}

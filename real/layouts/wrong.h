/* A C library whose msgctl stores too little and too much, and whose shmctl has no size and sets no mode. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/msg.h>
#include <sys/shm.h>

static int wrong_msgctl(int id, int cmd, struct msqid_ds *buf)
{
	msgqnum_t before = cmd == IPC_STAT ? buf->msg_qnum : 0;
	int ret = msgctl(id, cmd, buf);

	if (cmd == IPC_STAT) {
		buf->msg_qnum = before;
		memset(buf + 1, 0, 1);
	}
	return ret;
}

static int wrong_shmctl(int id, int cmd, struct shmid_ds *buf)
{
	int ret = cmd == IPC_SET ? 0 : shmctl(id, cmd, buf);

	if (cmd == IPC_STAT)
		buf->shm_segsz = 0;
	return ret;
}

#define msgctl wrong_msgctl
#define shmctl wrong_shmctl

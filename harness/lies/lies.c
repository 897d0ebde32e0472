/*
 * A library to be preloaded that falsifies one behaviour of the kernel, named by LIE, so that it can
 * be shown that a case notices. LIE=list prints all names. It stands between program and kernel in the
 * C library's syscall() function, through which every raw call of the real side goes, and in some others.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ipc.h>
#include <linux/msg.h>
#include <linux/sem.h>
#include <linux/shm.h>
#include <sched.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct call { long nr, a[6]; };

static long (*next)(long nr, ...);

/* Lies about functions of the C library go by these numbers; the arguments are theirs. */
enum { FTOK = -2, LIBRARY_SEMCTL = -3, LIBRARY_MSGCTL = -4, LIBRARY_SHMAT = -5 };
static key_t (*next_ftok)(const char *path, int id);
static int (*next_semctl)(int id, int num, int cmd, ...);
static int (*next_msgctl)(int id, int cmd, void *buf);
static void *(*next_shmat)(int id, const void *addr, int flags);

static long truth(const struct call *c)
{
	if (c->nr == FTOK)
		return next_ftok((const char *)c->a[0], (int)c->a[1]);
	if (c->nr == LIBRARY_SEMCTL)
		return next_semctl((int)c->a[0], (int)c->a[1], (int)c->a[2], c->a[3]);
	if (c->nr == LIBRARY_MSGCTL)
		return next_msgctl((int)c->a[0], (int)c->a[1], (void *)c->a[2]);
	if (c->nr == LIBRARY_SHMAT)
		return (long)next_shmat((int)c->a[0], (const void *)c->a[1], (int)c->a[2]);
	return next(c->nr, c->a[0], c->a[1], c->a[2], c->a[3], c->a[4], c->a[5]);
}

static long fails(int err)
{
	errno = err;
	return -1;
}

/* The truth, but one errno value is told as another. */
static long renamed(const struct call *c, int from, int to)
{
	long r = truth(c);

	return r == -1 && errno == from ? fails(to) : r;
}

/* The truth, but a flag in argument i is not seen by the kernel. */
static long without_flag(struct call *c, int i, long flag)
{
	c->a[i] &= ~flag;
	return truth(c);
}

/* The truth, but a failure with err gives way to that of another call, if it fails too. */
static long gives_way(const struct call *c, int err, const struct call *other)
{
	long r = truth(c);

	if (r != -1 || errno != err)
		return r;
	return truth(other) == -1 ? -1 : fails(err);
}

/* A call that looks at the object of c, as somebody who may read it. */
static struct call look(const struct call *c, long nr)
{
	static char status[512];

	return nr == SYS_semctl ? (struct call){ nr, { c->a[0], 0, IPC_STAT, (long)status } }
				: (struct call){ nr, { c->a[0], IPC_STAT, (long)status } };
}

static long returned_plus(const struct call *c, long n)
{
	long r = truth(c);

	return r < 0 ? r : r + n;
}

static int is_stat(const struct call *c, int cmd, int index, int any)
{
	return c->a[1] == cmd || c->a[1] == index || c->a[1] == any;
}

static int msg_stat(const struct call *c)
{
	return is_stat(c, IPC_STAT, MSG_STAT, MSG_STAT_ANY);
}

static int shm_stat(const struct call *c)
{
	return is_stat(c, IPC_STAT, SHM_STAT, SHM_STAT_ANY);
}

static int sem_stat(const struct call *c)
{
	return c->a[2] == IPC_STAT || c->a[2] == SEM_STAT || c->a[2] == SEM_STAT_ANY;
}

/* The truth, but a call that a signal interrupts is made again. */
static long restarted(const struct call *c)
{
	long r = truth(c);

	while (r == -1 && errno == EINTR)
		r = truth(c);
	return r;
}

/* The truth, but one failure is told as success. */
static long succeeds_after(const struct call *c, int err)
{
	long r = truth(c);

	return r == -1 && errno == err ? 0 : r;
}

/* ---- lies: each looks at the call, and tells the truth about all others ---------------------------- */

/* A lie about one system call. All lie side by side in a section of their own, which serves as the table. */
struct lie { const char *name; long nr; long (*tell)(struct call *c); };
extern const struct lie *const __start_lies[], *const __stop_lies[];
#define LIE(name, number) \
	static long name(struct call *c); \
	static const struct lie name##_lie = { #name, number, name }; \
	static const struct lie *const name##_row __attribute__((section("lies"), used)) = &name##_lie; \
	static long name(struct call *c)

static long at_most_one(const struct call *c, int cmd)
{
	long r = truth(c);

	return c->a[2] == cmd && r > 1 ? 1 : r;
}

LIE(queue_created_with_execute_bits_lost, SYS_msgget) { return without_flag(c, 1, 0111); }
LIE(queue_excl_ignored, SYS_msgget) { return without_flag(c, 1, IPC_EXCL); }
LIE(queue_creat_assumed, SYS_msgget) { c->a[1] |= IPC_CREAT; return truth(c); }
LIE(queue_private_key_is_a_key, SYS_msgget)
{
	c->a[0] = c->a[0] ? c->a[0] : 0x7357;
	c->a[1] |= IPC_CREAT;
	return truth(c);
}
LIE(queue_enoent_is_einval, SYS_msgget) { return renamed(c, ENOENT, EINVAL); }
LIE(queue_eexist_is_eacces, SYS_msgget) { return renamed(c, EEXIST, EACCES); }
LIE(queue_flag_asks_for_nothing, SYS_msgget) { return without_flag(c, 1, c->a[1] & IPC_CREAT ? 0 : 0777); }
LIE(queue_id_off_by_one, SYS_msgget) { return returned_plus(c, 1); }
LIE(queue_enospc_is_enomem, SYS_msgget) { return renamed(c, ENOSPC, ENOMEM); }
LIE(send_nowait_ignored_when_full, SYS_msgsnd) { return renamed(c, EAGAIN, ENOMSG); }
LIE(send_fails_now_and_then, SYS_msgsnd)
{
	static unsigned n;

	return n++ % 3 ? truth(c) : fails(EINVAL);
}
LIE(send_eacces_is_eperm, SYS_msgsnd) { return renamed(c, EACCES, EPERM); }
LIE(send_eidrm_is_einval, SYS_msgsnd) { return renamed(c, EIDRM, EINVAL); }
LIE(send_eintr_is_eagain, SYS_msgsnd) { return renamed(c, EINTR, EAGAIN); }
LIE(send_efault_is_einval, SYS_msgsnd) { return renamed(c, EFAULT, EINVAL); }
LIE(send_loses_the_last_byte, SYS_msgsnd) { c->a[2] -= c->a[2] > 0 && c->a[2] < 8192; return truth(c); }
LIE(send_drops_empty_messages, SYS_msgsnd) { return c->a[2] ? truth(c) : 0; }
LIE(send_never_waits, SYS_msgsnd) { c->a[3] |= IPC_NOWAIT; return truth(c); }
LIE(receive_takes_the_first_of_any_type, SYS_msgrcv)
{
	c->a[3] = c->a[4] & MSG_COPY ? c->a[3] : 0;
	return truth(c);
}
LIE(receive_negative_as_positive, SYS_msgrcv) { c->a[3] = c->a[3] < 0 ? -c->a[3] : c->a[3]; return truth(c); }
LIE(receive_noerror_ignored, SYS_msgrcv) { return without_flag(c, 4, MSG_NOERROR); }
LIE(receive_noerror_assumed, SYS_msgrcv) { c->a[4] |= c->a[4] & MSG_COPY ? 0 : MSG_NOERROR; return truth(c); }
LIE(receive_except_ignored, SYS_msgrcv) { return without_flag(c, 4, MSG_EXCEPT); }
LIE(receive_enomsg_is_eagain, SYS_msgrcv) { return renamed(c, ENOMSG, EAGAIN); }
LIE(receive_e2big_is_einval, SYS_msgrcv) { return renamed(c, E2BIG, EINVAL); }
LIE(receive_eidrm_is_einval, SYS_msgrcv) { return renamed(c, EIDRM, EINVAL); }
LIE(receive_eintr_is_enomsg, SYS_msgrcv) { return renamed(c, EINTR, ENOMSG); }
LIE(receive_copy_takes, SYS_msgrcv)
{
	if (c->a[4] & MSG_COPY && !c->a[3]) c->a[4] &= ~MSG_COPY;
	return truth(c);
}
LIE(send_size_of_32_bits, SYS_msgsnd) { c->a[2] = (int32_t)c->a[2]; return truth(c); }
LIE(send_unknown_flags_mean_nowait, SYS_msgsnd)
{
	c->a[3] |= c->a[3] & ~07777L ? IPC_NOWAIT : 0;
	return truth(c);
}
LIE(send_restarts_after_a_signal, SYS_msgsnd) { return restarted(c); }
LIE(send_interrupted_succeeds, SYS_msgsnd) { return succeeds_after(c, EINTR); }
LIE(send_eacces_after_a_sleep_succeeds, SYS_msgsnd)
{
	return c->a[3] & IPC_NOWAIT ? truth(c) : succeeds_after(c, EACCES);
}
LIE(receive_room_of_32_bits, SYS_msgrcv) { c->a[2] = (int32_t)c->a[2]; return truth(c); }
LIE(receive_type_of_32_bits, SYS_msgrcv) { c->a[3] = (int32_t)c->a[3]; return truth(c); }
LIE(receive_restarts_after_a_signal, SYS_msgrcv) { return restarted(c); }
LIE(receive_eacces_is_eintr, SYS_msgrcv) { return renamed(c, EACCES, EINTR); }
LIE(receive_room_plus_one, SYS_msgrcv)
{
	c->a[2] += c->a[2] >= 0 && c->a[2] < 8192 && !(c->a[4] & (MSG_NOERROR | MSG_COPY));
	return truth(c);
}
LIE(receive_negative_below_its_absolute, SYS_msgrcv)
{
	c->a[3] += c->a[3] < -1 && !(c->a[4] & MSG_COPY);
	return truth(c);
}
LIE(receive_stores_the_room, SYS_msgrcv)
{
	long r = truth(c);

	return r > 0 && c->a[4] & MSG_NOERROR && r < c->a[2] ? c->a[2] : r;
}
LIE(queue_bad_command_succeeds, SYS_msgctl) { return c->a[1] > MSG_STAT_ANY ? 0 : truth(c); }
/* As a system that keeps objects by their ids has nothing else to tell. */
LIE(queue_stat_any_tells_no_id, SYS_msgctl)
{
	long r = truth(c);

	return c->a[1] == MSG_STAT_ANY && r > 0 ? 0 : r;
}
LIE(queue_removal_is_refused_with_eacces, SYS_msgctl) { return renamed(c, EPERM, EACCES); }
LIE(queue_removal_does_nothing, SYS_msgctl) { return c->a[1] == IPC_RMID ? 0 : truth(c); }
LIE(set_value_out_of_range_is_einval, SYS_semctl) { return renamed(c, ERANGE, EINVAL); }
LIE(set_number_is_efbig, SYS_semctl) { return c->a[2] == GETVAL ? renamed(c, EINVAL, EFBIG) : truth(c); }
LIE(set_value_off_by_one, SYS_semctl) { c->a[3] += c->a[2] == SETVAL && c->a[3] < 100; return truth(c); }
LIE(set_ncnt_is_zcnt, SYS_semctl) { c->a[2] = c->a[2] == GETNCNT ? GETZCNT : c->a[2]; return truth(c); }
LIE(set_zcnt_is_ncnt, SYS_semctl) { c->a[2] = c->a[2] == GETZCNT ? GETNCNT : c->a[2]; return truth(c); }
LIE(set_removal_does_nothing, SYS_semctl) { return c->a[2] == IPC_RMID ? 0 : truth(c); }
LIE(set_pid_is_own, SYS_semctl) { long r = truth(c); return c->a[2] == GETPID && r > 0 ? getpid() : r; }
LIE(set_ncnt_at_most_one, SYS_semctl) { return at_most_one(c, GETNCNT); }
LIE(set_zcnt_at_most_one, SYS_semctl) { return at_most_one(c, GETZCNT); }
LIE(set_value_of_the_first, SYS_semctl) { c->a[1] -= c->a[2] == SETVAL && c->a[1] == 1; return truth(c); }
LIE(set_pid_of_the_first, SYS_semctl) { c->a[1] -= c->a[2] == GETPID && c->a[1] == 1; return truth(c); }
LIE(set_info_counts_one_more, SYS_semctl)
{
	long r = truth(c);

	if (r >= 0 && c->a[2] == SEM_INFO)
		((struct seminfo *)c->a[3])->semaem++;
	return r;
}
LIE(set_created_too_large, SYS_semget) { c->a[1] += c->a[1] > 0 && c->a[2] & IPC_CREAT; return truth(c); }
LIE(set_size_not_checked, SYS_semget)
{
	c->a[1] = c->a[2] & IPC_CREAT || !c->a[0] ? c->a[1] : 0;
	return truth(c);
}
LIE(set_excl_ignored, SYS_semget) { return without_flag(c, 2, IPC_EXCL); }
LIE(segment_size_rounded, SYS_shmget)
{
	c->a[1] = c->a[1] > 0 && !c->a[0] ? (c->a[1] + 4095) & -4096L : c->a[1];
	return truth(c);
}
LIE(segment_size_not_checked, SYS_shmget)
{
	c->a[1] = c->a[2] & IPC_CREAT || !c->a[0] ? c->a[1] : 0;
	return truth(c);
}
LIE(segment_excl_ignored, SYS_shmget) { return without_flag(c, 2, IPC_EXCL); }
LIE(segment_einval_is_enomem, SYS_shmget) { return renamed(c, EINVAL, ENOMEM); }
LIE(attach_readonly_ignored, SYS_shmat) { return without_flag(c, 2, SHM_RDONLY); }
LIE(attach_readonly_assumed, SYS_shmat) { c->a[2] |= SHM_RDONLY; return truth(c); }
LIE(attach_round_ignored, SYS_shmat) { return without_flag(c, 2, SHM_RND); }
LIE(attach_replaces, SYS_shmat) { c->a[2] |= c->a[1] ? SHM_REMAP : 0; return truth(c); }
LIE(attach_eacces_is_eperm, SYS_shmat) { return renamed(c, EACCES, EPERM); }
LIE(attach_elsewhere, SYS_shmat) { c->a[1] = 0; return truth(c); }
LIE(detach_does_nothing, SYS_shmdt) { return c->a[0] % 4096 ? truth(c) : 0; }
LIE(detach_rounds_down, SYS_shmdt) { c->a[0] &= -4096L; return truth(c); }
LIE(attach_eagain_is_enomem, SYS_shmat) { return renamed(c, EAGAIN, ENOMEM); }
LIE(attach_enomem_is_einval, SYS_shmat) { return renamed(c, ENOMEM, EINVAL); }
LIE(attach_exec_ignored, SYS_shmat) { return without_flag(c, 2, SHM_EXEC); }
LIE(unmap_does_nothing, SYS_munmap) { return c->a[0] % 4096 || !c->a[1] ? truth(c) : 0; }
LIE(unmap_rounds_down, SYS_munmap) { c->a[0] &= -4096L; return truth(c); }
LIE(unmap_loses_the_last_page, SYS_munmap) { c->a[1] -= c->a[1] > 4096 ? 4096 : 0; return truth(c); }
LIE(protect_does_nothing, SYS_mprotect) { return c->a[0] % 4096 ? truth(c) : 0; }
LIE(protect_rounds_down, SYS_mprotect) { c->a[0] &= -4096L; return truth(c); }
LIE(protect_eacces_is_eperm, SYS_mprotect) { return renamed(c, EACCES, EPERM); }
LIE(protect_enomem_is_einval, SYS_mprotect) { return renamed(c, ENOMEM, EINVAL); }
LIE(protect_reads_assumed, SYS_mprotect) { c->a[2] |= c->a[2] ? 0 : PROT_READ; return truth(c); }
LIE(protect_exec_ignored, SYS_mprotect) { return without_flag(c, 2, PROT_EXEC); }
LIE(move_keeps_the_old_place, SYS_mremap)
{
	c->a[1] = c->a[3] & MREMAP_FIXED && c->a[1] == c->a[2] ? 0 : c->a[1];
	return truth(c);
}
LIE(move_elsewhere, SYS_mremap) { return without_flag(c, 3, MREMAP_FIXED); }
LIE(move_never_grows, SYS_mremap)
{
	c->a[2] = c->a[2] > c->a[1] && c->a[1] ? c->a[1] : c->a[2];
	return truth(c);
}
LIE(move_never_shrinks, SYS_mremap)
{
	c->a[2] = c->a[2] && c->a[2] < c->a[1] ? c->a[1] : c->a[2];
	return truth(c);
}
LIE(move_efault_is_einval, SYS_mremap) { return renamed(c, EFAULT, EINVAL); }
LIE(move_einval_is_efault, SYS_mremap) { return renamed(c, EINVAL, EFAULT); }
LIE(move_eagain_is_enomem, SYS_mremap) { return renamed(c, EAGAIN, ENOMEM); }
LIE(dontfork_does_nothing, SYS_madvise) { return c->a[0] % 4096 ? truth(c) : 0; }
LIE(dontfork_enomem_is_success, SYS_madvise)
{
	long r = truth(c);

	return r == -1 && errno == ENOMEM ? 0 : r;
}
LIE(lock_of_the_future_does_nothing, SYS_mlockall) { (void)c; return 0; }
LIE(lock_of_the_future_eperm_is_enomem, SYS_mlockall) { return renamed(c, EPERM, ENOMEM); }
LIE(resource_limit_does_nothing, SYS_prlimit64) { return c->a[2] ? 0 : truth(c); }
LIE(segment_removal_does_nothing, SYS_shmctl) { return c->a[1] == IPC_RMID ? 0 : truth(c); }
LIE(lock_without_a_limit_is_enomem, SYS_shmctl)
{
	return c->a[1] == SHM_LOCK ? renamed(c, EPERM, ENOMEM) : truth(c);
}
LIE(lock_does_nothing, SYS_shmctl) { return c->a[1] == SHM_LOCK ? 0 : truth(c); }
LIE(lock_eperm_is_eacces, SYS_shmctl) { return c->a[1] == SHM_LOCK ? renamed(c, EPERM, EACCES) : truth(c); }

/* Lies about a member of a status record. */
#define RECORD(name, number, asks, type, at, lie) LIE(name, number) \
{ \
	long r = truth(c); \
	struct type *s = (struct type *)c->a[at]; \
	if (r >= 0 && asks(c)) { lie; } \
	return r; \
}
RECORD(queue_qnum_off_by_one, SYS_msgctl, msg_stat, msqid64_ds, 2, s->msg_qnum++)
RECORD(queue_cbytes_kept, SYS_msgctl, msg_stat, msqid64_ds, 2, s->msg_cbytes = 0)
RECORD(queue_lspid_is_lrpid, SYS_msgctl, msg_stat, msqid64_ds, 2, s->msg_lspid = s->msg_lrpid)
RECORD(queue_stime_never_set, SYS_msgctl, msg_stat, msqid64_ds, 2, s->msg_stime = 0)
RECORD(queue_rtime_set_at_birth, SYS_msgctl, msg_stat, msqid64_ds, 2, s->msg_rtime = s->msg_ctime)
RECORD(queue_mode_keeps_a_bit, SYS_msgctl, msg_stat, msqid64_ds, 2, s->msg_perm.mode |= 01)
RECORD(queue_creator_is_owner, SYS_msgctl, msg_stat, msqid64_ds, 2, s->msg_perm.cuid = s->msg_perm.uid)
RECORD(queue_gid_is_uid, SYS_msgctl, msg_stat, msqid64_ds, 2, s->msg_perm.gid = s->msg_perm.uid)
RECORD(queue_key_hidden, SYS_msgctl, msg_stat, msqid64_ds, 2, s->msg_perm.key = 0)
RECORD(queue_qbytes_halved, SYS_msgctl, msg_stat, msqid64_ds, 2, s->msg_qbytes /= 2)
RECORD(queue_qbytes_depends_on_mode, SYS_msgctl, msg_stat, msqid64_ds, 2,
       s->msg_qbytes += s->msg_perm.mode & 040 ? 100 : 0)
RECORD(queue_reserved_word_not_zero, SYS_msgctl, msg_stat, msqid64_ds, 2, s->__unused5 = 1)
RECORD(queue_uid_of_16_bits, SYS_msgctl, msg_stat, msqid64_ds, 2, s->msg_perm.uid &= 0xffff)
RECORD(queue_cgid_of_16_bits, SYS_msgctl, msg_stat, msqid64_ds, 2, s->msg_perm.cgid &= 0xffff)
RECORD(queue_rtime_is_stime, SYS_msgctl, msg_stat, msqid64_ds, 2, s->msg_rtime = s->msg_stime)
RECORD(queue_ctime_is_stime, SYS_msgctl, msg_stat, msqid64_ds, 2,
       s->msg_ctime = s->msg_stime ? s->msg_stime : s->msg_ctime)
RECORD(set_gid_of_16_bits, SYS_semctl, sem_stat, semid64_ds, 3, s->sem_perm.gid &= 0xffff)
RECORD(set_ctime_is_otime, SYS_semctl, sem_stat, semid64_ds, 3,
       s->sem_ctime = s->sem_otime ? s->sem_otime : s->sem_ctime)
RECORD(segment_cuid_of_16_bits, SYS_shmctl, shm_stat, shmid64_ds, 2, s->shm_perm.cuid &= 0xffff)
RECORD(set_otime_set_at_birth, SYS_semctl, sem_stat, semid64_ds, 3, s->sem_otime = s->sem_ctime)
RECORD(set_otime_never_set, SYS_semctl, sem_stat, semid64_ds, 3, s->sem_otime = 0)
RECORD(set_nsems_off_by_one, SYS_semctl, sem_stat, semid64_ds, 3, s->sem_nsems++)
RECORD(segment_nattch_off_by_one, SYS_shmctl, shm_stat, shmid64_ds, 2, s->shm_nattch++)
RECORD(segment_lpid_is_cpid, SYS_shmctl, shm_stat, shmid64_ds, 2, s->shm_lpid = s->shm_cpid)
RECORD(segment_dtime_never_set, SYS_shmctl, shm_stat, shmid64_ds, 2, s->shm_dtime = 0)
RECORD(segment_dest_hidden, SYS_shmctl, shm_stat, shmid64_ds, 2, s->shm_perm.mode &= ~01000U)
RECORD(segment_locked_hidden, SYS_shmctl, shm_stat, shmid64_ds, 2, s->shm_perm.mode &= ~02000U)

/* Can the operations be read? A call on no set says so, and does nothing. */
static int can_be_read(const struct call *c)
{
	return next(SYS_semop, -1L, c->a[1], c->a[2]) == -1 && errno != EFAULT;
}

/* semop reaches the kernel as semop or semtimedop: these lies change a copy of the operations. */
static long changed_sops(struct call *c, void (*change)(struct sembuf *s))
{
	struct sembuf copy[16];
	size_t n = (size_t)c->a[2];

	if (n < 1 || n > 16 || !can_be_read(c))
		return truth(c);
	memcpy(copy, (void *)c->a[1], n * sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		change(&copy[i]);
	c->a[1] = (long)copy;
	return truth(c);
}

static void no_undo(struct sembuf *s) { s->sem_flg &= ~SEM_UNDO; }
static void always_undo(struct sembuf *s) { s->sem_flg |= SEM_UNDO; }
static void never_wait(struct sembuf *s) { s->sem_flg |= IPC_NOWAIT; }
static void twice(struct sembuf *s) { s->sem_op = (short)(s->sem_op * 2); }

static void zero_waits_not(struct sembuf *s) { s->sem_flg |= s->sem_op ? 0 : IPC_NOWAIT; }
static void unknown_means_undo(struct sembuf *s) { s->sem_flg |= s->sem_flg & 0x7ff ? SEM_UNDO : 0; }
static void eight_bits(struct sembuf *s) { s->sem_op = (signed char)s->sem_op; }
static void number_of_6_bits(struct sembuf *s) { s->sem_num &= 63; }

/* All operations have the flags of one. */
static long flags_of_one(struct call *c, size_t which)
{
	struct sembuf copy[16];
	size_t n = (size_t)c->a[2];

	if (n < 2 || n > 16 || !can_be_read(c))
		return truth(c);
	memcpy(copy, (void *)c->a[1], n * sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		copy[i].sem_flg = copy[which].sem_flg;
	c->a[1] = (long)copy;
	return truth(c);
}

LIE(semop_undo_forgotten, SYS_semop) { return changed_sops(c, no_undo); }
LIE(semop_undo_assumed, SYS_semop) { return changed_sops(c, always_undo); }
LIE(semop_never_waits, SYS_semop) { return changed_sops(c, never_wait); }
LIE(semop_counts_double, SYS_semop) { return changed_sops(c, twice); }
LIE(semop_efbig_is_einval, SYS_semop) { return renamed(c, EFBIG, EINVAL); }
LIE(semop_e2big_is_einval, SYS_semop) { return renamed(c, E2BIG, EINVAL); }
LIE(semop_eidrm_is_einval, SYS_semop) { return renamed(c, EIDRM, EINVAL); }
LIE(semop_erange_is_eagain, SYS_semop) { return renamed(c, ERANGE, EAGAIN); }
LIE(semop_forgets_the_rest, SYS_semop)
{
	c->a[2] = c->a[2] > 1 && c->a[2] < 500 ? 1 : c->a[2];
	return truth(c);
}
LIE(semop_no_operation_succeeds, SYS_semop) { return c->a[2] ? truth(c) : 0; }
LIE(semop_restarts_after_a_signal, SYS_semop) { return restarted(c); }
LIE(semop_interrupted_succeeds, SYS_semop) { return succeeds_after(c, EINTR); }
LIE(semop_first_flags_count, SYS_semop) { return flags_of_one(c, 0); }
LIE(semop_last_flags_count, SYS_semop) { return flags_of_one(c, (size_t)c->a[2] - 1); }
LIE(semop_zero_waits_not, SYS_semop) { return changed_sops(c, zero_waits_not); }
LIE(semop_unknown_flags_mean_undo, SYS_semop) { return changed_sops(c, unknown_means_undo); }
LIE(semop_operation_of_8_bits, SYS_semop) { return changed_sops(c, eight_bits); }
LIE(semop_number_of_6_bits, SYS_semop) { return changed_sops(c, number_of_6_bits); }
LIE(semop_eagain_after_a_sleep_is_eintr, SYS_semop) { return renamed(c, EAGAIN, EINTR); }
LIE(semtimedop_restarts_after_a_signal, SYS_semtimedop) { return restarted(c); }
LIE(semtimedop_never_waits, SYS_semtimedop) { return changed_sops(c, never_wait); }
LIE(semtimedop_bad_time_is_none, SYS_semtimedop)
{
	long r = truth(c);

	if (r == -1 && errno == EINVAL && c->a[3]) {
		c->a[3] = 0;
		r = truth(c);
	}
	return r;
}
LIE(semtimedop_waits_for_ever, SYS_semtimedop) { c->a[3] = 0; return truth(c); }
LIE(semtimedop_eagain_is_etimedout, SYS_semtimedop) { return renamed(c, EAGAIN, ETIMEDOUT); }

LIE(semop_counts_all_of_nsops, SYS_semop) { return (uint64_t)c->a[2] >> 32 ? fails(E2BIG) : truth(c); }
LIE(semop_wants_aligned_operations, SYS_semop) { return c->a[1] & 1 ? fails(EFAULT) : truth(c); }
LIE(stat_wants_an_aligned_record, SYS_msgctl) { return c->a[2] & 1 ? fails(EFAULT) : truth(c); }
LIE(ftok_ignores_the_id, FTOK) { c->a[1] = 1; return truth(c); }
LIE(ftok_takes_more_of_the_id, FTOK) { return truth(c) ^ (c->a[1] >> 8 & 0xff); }
LIE(ftok_enotdir_is_enoent, FTOK) { return renamed(c, ENOTDIR, ENOENT); }
LIE(ftok_tells_names_apart, FTOK)
{
	long r = truth(c);

	return r != -1 && ((const char *)c->a[0])[0] == 'h' ? r + 1 : r;
}

LIE(clone_shares_no_undo, SYS_clone) { return without_flag(c, 0, CLONE_SYSVSEM); }
LIE(fork_shares_undo, SYS_clone)
{
	c->a[0] |= c->a[0] & CLONE_NEWIPC ? 0 : CLONE_SYSVSEM;
	return truth(c);
}
LIE(unshare_keeps_undo, SYS_unshare) { return c->a[0] == CLONE_SYSVSEM ? 0 : truth(c); }
LIE(unshare_of_undo_is_einval, SYS_unshare) { return c->a[0] == CLONE_SYSVSEM ? fails(EINVAL) : truth(c); }
LIE(exec_gives_undo_up, SYS_execveat)
{
	next(SYS_unshare, (long)CLONE_SYSVSEM);
	return truth(c);
}

/* Namespaces. */
LIE(unshare_stays_where_it_is, SYS_unshare) { return c->a[0] == CLONE_NEWIPC ? 0 : truth(c); }
LIE(unshare_eperm_is_einval, SYS_unshare) { return renamed(c, EPERM, EINVAL); }
LIE(unshare_of_users_is_eperm, SYS_unshare) { return c->a[0] == CLONE_NEWUSER ? fails(EPERM) : truth(c); }
LIE(setns_eperm_is_einval, SYS_setns) { return renamed(c, EPERM, EINVAL); }
/* Boxes are not lied about: only actors make others for their parent. */
LIE(clone_into_new_ipc_stays, SYS_clone)
{
	return c->a[0] & CLONE_PARENT ? without_flag(c, 0, CLONE_NEWIPC) : truth(c);
}
LIE(clone_into_new_pid_stays, SYS_clone)
{
	return c->a[0] & CLONE_PARENT ? without_flag(c, 0, CLONE_NEWPID) : truth(c);
}
LIE(clone_shares_undo_across_namespaces, SYS_clone)
{
	return c->a[0] & CLONE_NEWIPC ? without_flag(c, 0, CLONE_SYSVSEM) : truth(c);
}
LIE(ids_without_a_map_are_taken, SYS_semctl)
{
	long r = truth(c);

	return r == -1 && errno == EINVAL && c->a[2] == IPC_SET ? 0 : r;
}
LIE(pid_of_nobody_is_the_callers, SYS_semctl)
{
	long r = truth(c);

	return c->a[2] == GETPID && !r && getpid() == 1 ? 1 : r;
}
RECORD(queue_owner_is_shown_everywhere, SYS_msgctl, msg_stat, msqid64_ds, 2,
       s->msg_perm.uid = s->msg_perm.uid == 65534 ? 1000 : s->msg_perm.uid)
RECORD(queue_pid_is_shown_everywhere, SYS_msgctl, msg_stat, msqid64_ds, 2,
       s->msg_lspid = s->msg_lspid || !s->msg_stime ? s->msg_lspid : 1)
RECORD(set_creator_is_shown_everywhere, SYS_semctl, sem_stat, semid64_ds, 3,
       s->sem_perm.cuid = s->sem_perm.cuid == 65534 ? 1000 : s->sem_perm.cuid)
RECORD(segment_group_is_shown_everywhere, SYS_shmctl, shm_stat, shmid64_ds, 2,
       s->shm_perm.cgid = s->shm_perm.cgid == 65534 ? 1000 : s->shm_perm.cgid)
RECORD(segment_maker_is_shown_everywhere, SYS_shmctl, shm_stat, shmid64_ds, 2,
       s->shm_cpid = s->shm_cpid ? s->shm_cpid : 1)
/* What an actor reads of /proc/sysvipc. */
LIE(rows_have_no_sign, SYS_read)
{
	long r = truth(c);

	for (long i = 0; i < r; i++)
		if (((char *)c->a[1])[i] == '-')
			((char *)c->a[1])[i] = ' ';
	return r;
}
LIE(files_have_no_rows, SYS_read)
{
	long r = truth(c);
	char *head = r > 0 ? memchr((char *)c->a[1], '\n', (size_t)r) : NULL;

	return head ? head + 1 - (char *)c->a[1] : r;
}
LIE(files_hide_what_may_not_be_read, SYS_read) { return geteuid() == 1001 ? 0 : truth(c); }
/* ---- lies about permissions: of one relation, one bit of the mode, one call ------------------------- */

LIE(queue_status_refused_to_supplementary_groups, SYS_msgctl)
{
	return c->a[1] == IPC_STAT && next(SYS_getgroups, 0L, 0L) > 0 ? fails(EACCES) : truth(c);
}

LIE(set_group_read_bit_lost, SYS_semctl)
{
	struct semid64_ds copy;

	if (c->a[2] != IPC_SET || c->a[3] < 4096)
		return truth(c);
	memcpy(&copy, (void *)c->a[3], sizeof(copy));
	copy.sem_perm.mode &= ~040U;
	c->a[3] = (long)&copy;
	return truth(c);
}

LIE(set_getncnt_needs_no_permission, SYS_semctl)
{
	long r = truth(c);

	return c->a[2] == GETNCNT && r == -1 && errno == EACCES ? 0 : r;
}

LIE(segment_creator_may_not_remove, SYS_shmctl)
{
	struct shmid64_ds s;
	long me = next(SYS_geteuid);

	if (c->a[1] == IPC_RMID && next(SYS_shmctl, c->a[0] % 32768, (long)SHM_STAT_ANY, &s) >= 0
	    && (long)s.shm_perm.cuid == me && (long)s.shm_perm.uid != me)
		return fails(EPERM);
	return truth(c);
}

LIE(queue_status_fails_now_and_then, SYS_msgctl)
{
	static unsigned n;

	return c->a[1] == IPC_STAT && n++ % 3 == 0 ? fails(EINVAL) : truth(c);
}

/* Who owns the queue and asks for nothing but to write finds it with another mode afterwards. */
LIE(lookup_for_write_changes_the_mode, SYS_msgget)
{
	struct msqid64_ds s;
	long id = truth(c);

	if (id < 0 || c->a[1] != 0200 || next(SYS_msgctl, id % 32768, (long)MSG_STAT_ANY, &s) < 0)
		return id;
	s.msg_perm.mode ^= 01;
	next(SYS_msgctl, id, (long)IPC_SET, &s);
	return id;
}

LIE(queue_sending_needs_no_permission, SYS_msgsnd)
{
	long r = truth(c);

	return r == -1 && errno == EACCES ? 0 : r;
}

static const struct lie *chosen;

/* ---- lies about files ---------------------------------------------------------------------------- */

/* Owner, group and mode, whatever those of the caller are. */
static int look_at_file(const struct call *c, struct statx *st)
{
	return !next(SYS_statx, (long)AT_FDCWD, c->a[1], (long)AT_SYMLINK_NOFOLLOW, (long)STATX_BASIC_STATS,
		     st);
}

LIE(owner_of_file_gets_bits_of_others, SYS_openat)
{
	struct statx st;
	long r = truth(c);

	if (r == -1 && errno == EACCES && look_at_file(c, &st) && st.stx_mode & 4
	    && (long)st.stx_uid == next(SYS_geteuid))
		return next(SYS_openat, (long)AT_FDCWD, ".", (long)O_RDONLY);
	return r;
}
LIE(queue_opens_for_all, SYS_mq_open)
{
	long r = truth(c);

	return r == -1 && errno == EACCES ? next(SYS_openat, (long)AT_FDCWD, ".", (long)O_RDONLY) : r;
}
LIE(queue_eacces_is_eperm, SYS_mq_open) { return renamed(c, EACCES, EPERM); }
LIE(umask_is_not_taken, SYS_umask) { c->a[0] = 0; return truth(c); }
LIE(queue_ignores_excl, SYS_mq_open) { return without_flag(c, 1, O_EXCL); }
LIE(queue_opens_read_only_to_send, SYS_mq_open)
{
	if ((c->a[1] & O_ACCMODE) == O_WRONLY)
		c->a[1] = (c->a[1] & ~O_ACCMODE) | O_RDWR;
	return truth(c);
}
LIE(queue_removal_by_strangers_is_eacces, SYS_mq_unlink) { return renamed(c, EPERM, EACCES); }
LIE(sticky_is_eacces, SYS_unlinkat) { return renamed(c, EPERM, EACCES); }
LIE(sticky_means_nothing, SYS_unlinkat)
{
	long r = truth(c);

	return r == -1 && errno == EPERM ? 0 : r;
}
LIE(chmod_by_anyone, SYS_fchmodat)
{
	long r = truth(c);

	return r == -1 && errno == EPERM ? 0 : r;
}
LIE(chmod_drops_sticky, SYS_fchmodat) { c->a[2] &= 0777; return truth(c); }
LIE(chown_gives_group_away, SYS_fchownat)
{
	long r = truth(c);

	return r == -1 && errno == EPERM && (int32_t)c->a[2] == -1 ? 0 : r;
}
LIE(connect_needs_no_permission, SYS_connect) { return renamed(c, EACCES, ECONNREFUSED); }
LIE(directory_taken_is_eacces, SYS_mkdirat) { return renamed(c, EEXIST, EACCES); }
LIE(file_stat_shows_group_as_owner, SYS_statx)
{
	struct statx *st = (struct statx *)c->a[4];
	long r = truth(c);

	if (!r)
		st->stx_uid = st->stx_gid;
	return r;
}
LIE(file_refused_to_supplementary_groups, SYS_openat)
{
	uint32_t group[32];
	long n = next(SYS_getgroups, 32L, group);
	struct statx st;

	if (n <= 0 || !look_at_file(c, &st) || (st.stx_mode & S_IFMT) != S_IFIFO)
		return truth(c);
	while (n > 0 && group[n - 1] != st.stx_gid)
		n--;
	return n ? fails(EACCES) : truth(c);
}
LIE(file_mode_keeps_a_bit, SYS_fchmodat) { c->a[2] |= 0001; return truth(c); }
LIE(directory_takes_names_without_permission, SYS_mknodat)
{
	long r = truth(c);

	return r == -1 && errno == EACCES ? 0 : r;
}
LIE(missing_folder_is_enotdir, SYS_openat) { return renamed(c, ENOENT, ENOTDIR); }

/* ---- lies about order: two things are wrong, and the other is told --------------------------------- */

LIE(send_object_before_buffer, SYS_msgsnd)
{
	const struct call other = look(c, SYS_msgctl);

	return gives_way(c, EFAULT, &other);
}
LIE(set_key_before_size, SYS_semget)
{
	const struct call other = { SYS_semget, { c->a[0], 0, c->a[2] } };

	return gives_way(c, EINVAL, &other);
}
LIE(semop_object_before_buffer, SYS_semop)
{
	const struct call other = look(c, SYS_semctl);

	return gives_way(c, EFAULT, &other);
}
LIE(semop_object_before_number, SYS_semop)
{
	const struct call other = look(c, SYS_semctl);

	return gives_way(c, E2BIG, &other);
}
LIE(set_value_access_before_range, SYS_semctl)
{
	const struct call other = look(c, SYS_semctl);

	return gives_way(c, ERANGE, &other);
}
LIE(attach_access_before_alignment, SYS_shmat)
{
	const struct call other = look(c, SYS_shmctl);

	return gives_way(c, EINVAL, &other);
}

/* The library's semctl knows only commands up to this one as such that take an argument. */
static long semctl_up_to(struct call *c, int cmd)
{
	if (c->a[2] > cmd)
		c->a[3] = 0;
	return truth(c);
}
LIE(library_semctl_forgets_the_buffer_of_stat_any, LIBRARY_SEMCTL) { return semctl_up_to(c, SEM_INFO); }
LIE(library_semctl_forgets_the_value, LIBRARY_SEMCTL)
{
	if (c->a[2] == SETVAL)
		c->a[3] = 0;
	return truth(c);
}
LIE(library_msgctl_leaves_a_member_unwritten, LIBRARY_MSGCTL)
{
	unsigned char *qnum = (unsigned char *)c->a[2] + offsetof(struct msqid64_ds, msg_qnum);
	unsigned char before[2] = { 0 };
	long r;

	if (c->a[1] != IPC_STAT)
		return truth(c);
	if (c->a[2])
		memcpy(before, qnum, sizeof(before));
	r = truth(c);
	if (!r)
		memcpy(qnum, before, sizeof(before));
	return r;
}
LIE(library_msgctl_stores_too_much, LIBRARY_MSGCTL)
{
	long r = truth(c);

	if (!r && c->a[1] == IPC_STAT)
		((unsigned char *)c->a[2])[-1] = 0;
	return r;
}
LIE(library_msgctl_swaps_members, LIBRARY_MSGCTL)
{
	struct msqid64_ds *ds = (struct msqid64_ds *)c->a[2];
	long r = truth(c);

	if (!r && c->a[1] == IPC_STAT) {
		__typeof__(ds->msg_qnum) qnum = ds->msg_qnum;

		ds->msg_qnum = ds->msg_cbytes;
		ds->msg_cbytes = qnum;
	}
	return r;
}
LIE(library_msgctl_reads_the_buffer_itself, LIBRARY_MSGCTL)
{
	const volatile unsigned char *buf = (const volatile unsigned char *)c->a[2];

	return c->a[1] != IPC_SET || *buf + 1 ? truth(c) : -1;
}
LIE(library_shmat_fails_with_null, LIBRARY_SHMAT)
{
	long r = truth(c);

	return r == -1 ? 0 : r;
}

__attribute__((constructor)) static void choose(void)
{
	const char *name = getenv("LIE");

	next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	next_ftok = (key_t (*)(const char *, int))dlsym(RTLD_NEXT, "ftok");
	next_semctl = (int (*)(int, int, int, ...))dlsym(RTLD_NEXT, "semctl");
	next_msgctl = (int (*)(int, int, void *))dlsym(RTLD_NEXT, "msgctl");
	next_shmat = (void *(*)(int, const void *, int))dlsym(RTLD_NEXT, "shmat");
	for (const struct lie *const *l = __start_lies; name && l != __stop_lies; l++) {
		if (!strcmp(name, "list"))
			puts((*l)->name);
		if (!strcmp(name, (*l)->name))
			chosen = *l;
	}
	if (name && !strcmp(name, "list"))
		exit(0);
	if (name && !chosen) {
		fprintf(stderr, "lies: found LIE=%s, expected a name that LIE=list prints\n", name);
		exit(2);
	}
}

static long told(struct call *c)
{
	return chosen && chosen->nr == c->nr ? chosen->tell(c) : truth(c);
}

long syscall(long nr, ...)
{
	struct call c = { .nr = nr };
	va_list ap;

	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		c.a[i] = va_arg(ap, long);
	va_end(ap);
	return told(&c);
}

key_t ftok(const char *path, int id);
int semctl(int id, int num, int cmd, ...);
int msgctl(int id, int cmd, void *buf);
void *shmat(int id, const void *addr, int flags);

key_t ftok(const char *path, int id)
{
	return (key_t)told(&(struct call){ .nr = FTOK, .a = { (long)path, id } });
}

/* Without a fourth argument there is something at its place too, which then means nothing. */
int semctl(int id, int num, int cmd, ...)
{
	struct call c = { .nr = LIBRARY_SEMCTL, .a = { id, num, cmd } };
	va_list ap;

	va_start(ap, cmd);
	c.a[3] = va_arg(ap, long);
	va_end(ap);
	return (int)told(&c);
}

int msgctl(int id, int cmd, void *buf)
{
	return (int)told(&(struct call){ .nr = LIBRARY_MSGCTL, .a = { id, cmd, (long)buf } });
}

void *shmat(int id, const void *addr, int flags)
{
	return (void *)told(&(struct call){ .nr = LIBRARY_SHMAT, .a = { id, (long)addr, flags } });
}

/* How members of a structure become the cells of its layout: for the files that declare such structures. */
#ifndef CELLS_H
#define CELLS_H

#define CELL_AS(type, member, what, high) \
	{ offsetof(struct type, member), sizeof(((struct type *)0)->member), what, \
	  !((__typeof__(((struct type *)0)->member))-1 > 0), high },
#define CELL(type, member) CELL_AS(type, member, F_##member, false)
/* Its value is not told. */
#define SILENT(type, member) CELL_AS(type, member, NFIELDS, false)
/* Two members, the low and the high half. */
#define HALVES(type, member) CELL(type, member) CELL_AS(type, member##_high, F_##member, true)
/* A member whose name begins with a prefix. */
#define NAMED(type, prefix, field) CELL_AS(type, prefix##field, F_##field, false)
/* The structure perm in it, whose members key and seq have names of their own in some headers. */
#define OWNER(type, perm, KEY, SEQ) \
	CELL_AS(type, perm.KEY, F_key, false) CELL_AS(type, perm.uid, F_uid, false) \
	CELL_AS(type, perm.gid, F_gid, false) CELL_AS(type, perm.cuid, F_cuid, false) \
	CELL_AS(type, perm.cgid, F_cgid, false) CELL_AS(type, perm.mode, F_mode, false) \
	CELL_AS(type, perm.SEQ, F_seq, false)
/*
 * Status and info structures have the same members in the headers of the kernel and of C libraries. TIME is
 * how one that holds seconds lies there: NAMED, or a macro with the same parameters.
 */
#define QUEUE(type, KEY, SEQ, TIME) \
	OWNER(type, msg_perm, KEY, SEQ) \
	TIME(type, msg_, stime) TIME(type, msg_, rtime) TIME(type, msg_, ctime) \
	NAMED(type, msg_, cbytes) NAMED(type, msg_, qnum) NAMED(type, msg_, qbytes) \
	NAMED(type, msg_, lspid) NAMED(type, msg_, lrpid)
#define SET(type, KEY, SEQ, TIME) \
	OWNER(type, sem_perm, KEY, SEQ) \
	TIME(type, sem_, otime) TIME(type, sem_, ctime) NAMED(type, sem_, nsems)
#define SEGMENT(type, KEY, SEQ, TIME) \
	OWNER(type, shm_perm, KEY, SEQ) NAMED(type, shm_, segsz) \
	TIME(type, shm_, atime) TIME(type, shm_, dtime) TIME(type, shm_, ctime) \
	NAMED(type, shm_, cpid) NAMED(type, shm_, lpid) NAMED(type, shm_, nattch)
#define QUEUE_INFO(type) \
	CELL(type, msgpool) CELL(type, msgmap) CELL(type, msgmax) CELL(type, msgmnb) \
	CELL(type, msgmni) CELL(type, msgssz) CELL(type, msgtql) CELL(type, msgseg)
#define SET_INFO(type) \
	CELL(type, semmap) CELL(type, semmni) CELL(type, semmns) CELL(type, semmnu) CELL(type, semmsl) \
	CELL(type, semopm) CELL(type, semume) CELL(type, semusz) CELL(type, semvmx) CELL(type, semaem)
#define SEGMENT_INFO(type) \
	CELL(type, shmmax) CELL(type, shmmin) CELL(type, shmmni) CELL(type, shmseg) CELL(type, shmall)
/* Resident and swapped pages follow the memory pressure of the moment. */
#define SEGMENT_USAGE(type) \
	CELL(type, used_ids) CELL(type, shm_tot) SILENT(type, shm_rss) SILENT(type, shm_swp)
/* Of struct type, whose cells are the table type_cells. */
#define LAYOUT(type) { sizeof(struct type), sizeof(type##_cells) / sizeof(*type##_cells), type##_cells }

#endif
